/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_train_augment - lives of a clip: bounded, repeatable, with the name where it is
 * said to be; and the tools they are made with.
 */
#include "unit/cmocka_all.h"

#include <math.h>
#include <string.h>

#include "train/augment.h"
#include "train/decoy.h"
#include "train/tempo.h"

enum { SECOND = AUDIO_HZ, DRAWS = 300 };

static const double TWO_PI = 6.283185307179586;

static void make_tone(struct sound *sound, double hz, size_t begin, size_t end)
{
	sound_clear(sound, sound->room);
	for (size_t i = begin; i < end; i++)
		sound->samples[i] =
			(float)(0.3 * sin(TWO_PI * hz * (double)i / AUDIO_HZ));
}

/* Crossings of zero from below in a second: the pitch of a tone. */
static double pitch_of(const struct sound *sound)
{
	size_t crossings = 0;

	for (size_t i = SECOND / 10; i + SECOND / 10 < sound->count; i++)
		crossings += sound->samples[i] < 0 && sound->samples[i + 1] >= 0;
	return (double)crossings * AUDIO_HZ / ((double)sound->count - SECOND / 5.0);
}

static void test_tempo(void **state)
{
	struct sound from = {.samples = NULL};
	struct sound to = {.samples = NULL};

	(void)state;
	assert_int_equal(sound_init(&from, SECOND), OK);
	assert_int_equal(sound_init(&to, 2 * SECOND), OK);
	make_tone(&from, 400, 0, SECOND);
	tempo_resample(&from, 1.25, &to);
	assert_int_equal(to.count, SECOND * 4 / 5);
	assert_true(fabs(pitch_of(&to) - 500) < 5);
	tempo_stretch(&from, 1.25, &to);
	assert_int_equal(to.count, SECOND * 4 / 5);
	assert_true(fabs(pitch_of(&to) - 400) < 5);
	assert_true(fabs(sound_db(sound_power(to.samples, to.count)) -
			 sound_db(sound_power(from.samples, from.count))) < 1);
	sound_finish(&from);
	sound_finish(&to);
}

static double through(enum filter_band band, double hz)
{
	struct sound sound = {.samples = NULL};
	double before;
	double after;

	assert_int_equal(sound_init(&sound, SECOND), OK);
	make_tone(&sound, hz, 0, SECOND);
	before = sound_power(sound.samples, sound.count);
	filter_run(&sound, band);
	after = sound_power(sound.samples, sound.count);
	sound_finish(&sound);
	return sound_db(after) - sound_db(before);
}

static void test_filters(void **state)
{
	(void)state;
	assert_true(through(FILTER_TELEPHONE, 1000) > -1);
	assert_true(through(FILTER_TELEPHONE, 100) < -12);
	assert_true(through(FILTER_TELEPHONE, 6500) < -15);
	assert_true(through(FILTER_SMALL_SPEAKER, 100) < -10);
	assert_true(through(FILTER_SMALL_SPEAKER, 2800) > 3);
	assert_true(through(FILTER_MUFFLED, 6000) < -10);
	assert_true(fabs(through(FILTER_NONE, 3000)) < 1e-9);
}

static void test_convolution(void **state)
{
	static float taps[CONVOLVE_TAPS_MAX];
	struct convolve *convolve = NULL;
	struct sound sound = {.samples = NULL};

	(void)state;
	taps[0] = 1;
	taps[CONVOLVE_TAPS_MAX - 1] = -0.5F;
	assert_int_equal(convolve_create(&convolve), OK);
	assert_int_equal(sound_init(&sound, 2 * SECOND), OK);
	sound_clear(&sound, sound.room);
	sound.samples[100] = 0.5F;
	sound.samples[20000] = 0.25F; /* in another block */
	convolve_run(convolve, taps, CONVOLVE_TAPS_MAX, &sound);
	for (size_t i = 0; i < sound.count; i++) {
		float want = i == 100                         ? 0.5F
			     : i == 20000                     ? 0.25F
			     : i == 99 + CONVOLVE_TAPS_MAX    ? -0.25F
			     : i == 19999 + CONVOLVE_TAPS_MAX ? -0.125F
							      : 0;

		assert_true(fabsf(sound.samples[i] - want) < 1e-4F);
	}
	sound_finish(&sound);
	convolve_destroy(convolve);
}

static void test_word(void **state)
{
	struct sound sound = {.samples = NULL};
	struct err_note note = {""};
	struct word_span span;

	(void)state;
	assert_int_equal(sound_init(&sound, 2 * SECOND), OK);
	make_tone(&sound, 300, SECOND / 2, SECOND);
	assert_int_equal(word_find(&sound, &span, &note), OK);
	assert_in_range(span.begin, SECOND / 2 - 320, SECOND / 2 + 160);
	assert_in_range(span.end, SECOND - 160, SECOND + 320);
	sound_scale(&sound, 1e-4F);
	assert_int_equal(word_find(&sound, &span, &note), ERR_MISSING);
	assert_non_null(strstr(note.text, "too quiet"));
	make_tone(&sound, 300, SECOND, SECOND + 400);
	note.text[0] = '\0';
	assert_int_equal(word_find(&sound, &span, &note), ERR_RANGE);
	sound_finish(&sound);
}

struct scene {
	struct surroundings *around;
	struct augment *augment;
	struct sound clip;
	struct sound to;
	struct word_span span;
};

static void open_scene(struct scene *scene)
{
	struct sound talk = {.samples = NULL};
	static const struct sound nothing;

	assert_int_equal(sound_init(&talk, 3 * SECOND), OK);
	make_tone(&talk, 700, 0, 3 * SECOND);
	assert_int_equal(surroundings_create(5, &nothing, &talk, &scene->around), OK);
	assert_int_equal(augment_create(scene->around, &scene->augment), OK);
	assert_int_equal(sound_init(&scene->clip, SECOND), OK);
	assert_int_equal(sound_init(&scene->to, AUGMENT_SAMPLES_MAX), OK);
	make_tone(&scene->clip, 300, SECOND / 4, SECOND * 3 / 4);
	scene->span = (struct word_span){SECOND / 4, SECOND * 3 / 4};
	sound_finish(&talk);
}

static void close_scene(struct scene *scene)
{
	augment_destroy(scene->augment);
	surroundings_destroy(scene->around);
	sound_finish(&scene->clip);
	sound_finish(&scene->to);
}

static void test_lives_are_bounded(void **state)
{
	struct scene scene;

	(void)state;
	open_scene(&scene);
	for (size_t copy = 0; copy < DRAWS; copy++) {
		struct random random = random_stream(8, 1, copy);
		struct augment_plan plan = augment_draw_name(&random, copy);
		size_t lead = AUDIO_HZ / 1000 * AUGMENT_LEAD_MS;
		double size = SECOND / 2.0 + SECOND / 20.0;
		size_t end;
		float peak = 0;

		augment_name(scene.augment, &plan, &random, &scene.clip, scene.span,
			     &scene.to, &end);
		assert_in_range(end, lead + (size_t)(size / 1.23),
				lead + (size_t)(size / 0.81) + AUDIO_HZ / 1000 * 80);
		assert_int_equal(scene.to.count,
				 end + AUDIO_HZ / 1000 * AUGMENT_AFTER_MS);
		for (size_t i = 0; i < scene.to.count; i++) {
			assert_true(isfinite(scene.to.samples[i]));
			peak = fmaxf(peak, fabsf(scene.to.samples[i]));
		}
		assert_true(peak <= 1 && peak > 0.001F);
	}
	close_scene(&scene);
}

static void test_lives_repeat(void **state)
{
	static float first[AUGMENT_SAMPLES_MAX];
	struct scene scene;
	size_t end[2];

	(void)state;
	open_scene(&scene);
	for (int round = 0; round < 2; round++) {
		struct random random = random_stream(8, 1, 77);
		struct augment_plan plan = augment_draw_name(&random, 77);

		augment_name(scene.augment, &plan, &random, &scene.clip, scene.span,
			     &scene.to, &end[round]);
		if (round == 0)
			memcpy(first, scene.to.samples, scene.to.count * sizeof(*first));
	}
	assert_int_equal(end[0], end[1]);
	assert_memory_equal(first, scene.to.samples, scene.to.count * sizeof(*first));
	close_scene(&scene);
}

/* Noise of a plan is as loud as the plan says. */
static void test_noise_ratio(void **state)
{
	struct scene scene;
	struct random random = random_stream(8, 1, 0);
	struct augment_plan plan = augment_draw_name(&random, 0);
	size_t end;
	double before;
	double within;

	(void)state;
	open_scene(&scene);
	plan.noise = NOISE_WHITE;
	plan.noise_db = 10;
	augment_name(scene.augment, &plan, &random, &scene.clip, scene.span, &scene.to,
		     &end);
	before = sound_power(scene.to.samples, SECOND);
	within = sound_power(scene.to.samples + end - SECOND * 4 / 10, SECOND * 3 / 10);
	assert_true(fabs(sound_db(within - before) - sound_db(before) - 10) < 1.5);
	close_scene(&scene);
}

/* As it was: nothing is laid over it; and of the changed lives some have zeros around them,
 * as files have. */
static void test_some_lives_are_still(void **state)
{
	enum { LIVES = 2000 };
	struct scene scene;
	struct random random = random_stream(9, 1, 0);
	struct augment_plan plan = augment_draw_name(&random, 0);
	size_t still = 0;
	size_t end;

	(void)state;
	open_scene(&scene);
	augment_name(scene.augment, &plan, &random, &scene.clip, scene.span, &scene.to,
		     &end);
	assert_true(sound_power(scene.to.samples, SECOND) <= 0);
	close_scene(&scene);
	for (size_t copy = 1; copy <= LIVES; copy++)
		still += isinf(augment_draw_name(&random, copy).noise_db) != 0;
	assert_in_range(still, LIVES / 10, LIVES / 5);
}

/* As long as a name each, loud enough to be something, and none where nobody talks. */
static void test_decoys(void **state)
{
	struct scene scene;
	struct surroundings quiet = {.talk = {.count = 0}};
	struct example name = {.span = {SECOND / 4, SECOND * 3 / 4}};
	const struct examples names = {.all = &name, .count = 1};
	struct examples decoys = {.count = 0};

	(void)state;
	open_scene(&scene);
	assert_int_equal(decoys_cut(scene.around, 1, &names, &decoys), OK);
	assert_int_equal(decoys.count, DECOYS);
	for (size_t i = 0; i < decoys.count; i++) {
		const struct example *decoy = &decoys.all[i];

		assert_int_equal(decoy->sound.count, SECOND / 2);
		assert_int_equal(decoy->span.begin, 0);
		assert_int_equal(decoy->span.end, SECOND / 2);
		assert_true(sound_power(decoy->sound.samples, SECOND / 2) > 1e-6);
	}
	examples_finish(&decoys);
	assert_int_equal(decoys_cut(&quiet, 1, &names, &decoys), OK);
	assert_int_equal(decoys.count, 0);
	examples_finish(&decoys);
	close_scene(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tempo),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_convolution),
		cmocka_unit_test(test_word),
		cmocka_unit_test(test_lives_are_bounded),
		cmocka_unit_test(test_lives_repeat),
		cmocka_unit_test(test_noise_ratio),
		cmocka_unit_test(test_some_lives_are_still),
		cmocka_unit_test(test_decoys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
