/* SPDX-License-Identifier: Apache-2.0 */
/* Which frames the searches of an utterance are given, and with what mean taken away. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/hearing.h"
#include "adapter/share.h"
#include "base/str.h"
#include "unit/cmocka_all.h"

#define MODEL "/usr/share/pocketsphinx/model/en-us/en-us"

enum {
	HZ = 16000,
	SECONDS = 4,
	SAMPLES = SECONDS * HZ,
	STEP = 320,
	LONG_SECONDS = 80,
	SOFT = 4, /* noise that is none, and noise */
	LOUD = 1500,
};

struct stage {
	struct sphinx_search *search;
	struct cleaner *cleaner;
	struct hearing *with;
	struct hearing *without; /* a cleaner */
	int16_t sound[SAMPLES];
	struct sphinx_cep frames[HEARING_FRAMES_MAX];
	struct sphinx_cep other[HEARING_FRAMES_MAX];
};

static int open_stage(void **state)
{
	static struct stage stage;
	char path[4096];

	assert_int_equal(sphinx_grammar_create(MODEL, false, &stage.search, NULL), OK);
	assert_int_equal(share_find("models", "en-us.cleaner", path, sizeof(path), NULL),
			 OK);
	assert_int_equal(cleaner_load(path, &stage.cleaner, NULL), OK);
	assert_int_equal(hearing_create(stage.search, stage.cleaner, &stage.with), OK);
	assert_int_equal(hearing_create(stage.search, NULL, &stage.without), OK);
	*state = &stage;
	return 0;
}

static int close_stage(void **state)
{
	struct stage *stage = *state;

	hearing_destroy(stage->with);
	hearing_destroy(stage->without);
	hearing_destroy(NULL);
	cleaner_destroy(stage->cleaner);
	sphinx_search_destroy(stage->search);
	return 0;
}

/* Something like a voice in the second and third second, in noise of that loudness. */
static void make_sound(struct stage *stage, int noise)
{
	uint32_t luck = 1;

	for (size_t i = 0; i < SAMPLES; i++) {
		const bool voice = i >= HZ && i < 3 * (size_t)HZ;
		/* 125 pulses a second, four syllables */
		const double tone = 9000 * (1 - (double)(i % 128) / 64) *
				    fabs(sin((double)i * 3.14159 / 8000));

		luck = luck * 1664525 + 1013904223;
		stage->sound[i] = (int16_t)((voice ? tone : 0) +
					    noise * ((double)(luck >> 16) / 32768 - 1));
	}
}

static void hear(struct stage *stage, struct hearing *hearing, int noise)
{
	make_sound(stage, noise);
	hearing_begin(hearing);
	for (size_t i = 0; i + STEP <= SAMPLES; i += STEP)
		hearing_feed(hearing, stage->sound + i, STEP);
}

static double mean_of(const struct sphinx_cep *frames, size_t count, size_t k)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += (double)frames[i].value[k];
	return sum / (double)count;
}

/* Every frame at once, whether there is a cleaner or not, once a voice stands far above
 * the room; the mean is of all, also of the quiet before. */
static void in_quiet_as_the_library_gives_it(void **state)
{
	struct stage *stage = *state;
	struct hearing_way way;
	size_t count;

	hear(stage, stage->with, SOFT);
	way = hearing_way(stage->with);
	assert_false(way.in_noise);
	count = hearing_count(stage->with);
	assert_int_equal(hearing_read(stage->with, &way, 0, stage->frames,
				      HEARING_FRAMES_MAX),
			 count);
	assert_in_range(count, 220, 400);
	assert_true(mean_of(stage->frames, count, 0) > 1);
	hear(stage, stage->without, SOFT);
	way = hearing_way(stage->without);
	assert_int_equal(hearing_count(stage->without), count);
	assert_int_equal(hearing_read(stage->without, &way, 0, stage->other,
				      HEARING_FRAMES_MAX),
			 count);
	assert_memory_equal(stage->frames, stage->other, count * sizeof(*stage->frames));
}

/* The frames near the voice alone, cleaned, the newest a little later. */
static void in_noise_near_the_voice_and_cleaned(void **state)
{
	struct stage *stage = *state;
	struct hearing_way way;
	size_t count;
	double moved = 0;

	hear(stage, stage->with, LOUD);
	way = hearing_way(stage->with);
	assert_true(way.in_noise);
	count = hearing_read(stage->with, &way, 0, stage->frames, HEARING_FRAMES_MAX);
	assert_in_range(count, 200, 200 + 30 + 25 + 10);
	/* The mean is that of cleaned frames of the voice, so what is left is near it. */
	assert_true(fabs(mean_of(stage->frames, count, 0)) < 4);
	hear(stage, stage->without, LOUD);
	way = hearing_way(stage->without);
	assert_true(way.in_noise);
	assert_in_range(hearing_count(stage->without), count, count + CLEANER_AFTER);
	count = hearing_read(stage->without, &way, 0, stage->other, count);
	for (size_t i = 0; i < count; i++)
		moved += fabs(
			(double)(stage->frames[i].value[1] - stage->other[i].value[1]));
	assert_true(moved / (double)count > 0.1);
}

/* Cleaned ones wait for the sound after them; at the end for nothing. */
static void the_end_waits_for_nothing(void **state)
{
	struct stage *stage = *state;
	struct hearing_way way;

	make_sound(stage, LOUD);
	hearing_begin(stage->with);
	for (size_t i = 0; i + STEP <= 2 * (size_t)HZ; i += STEP)
		hearing_feed(stage->with, stage->sound + i, STEP);
	way = hearing_way(stage->with);
	assert_true(way.in_noise);
	assert_in_range(hearing_count(stage->with) - hearing_read(stage->with, &way, 0,
								  stage->frames,
								  HEARING_FRAMES_MAX),
			1, CLEANER_AFTER);
	hearing_end(stage->with);
	assert_int_equal(hearing_read(stage->with, &way, 0, stage->frames,
				      HEARING_FRAMES_MAX),
			 hearing_count(stage->with));
}

static void a_fixed_way_stands(void **state)
{
	struct stage *stage = *state;
	struct hearing_way fixed;
	struct hearing_way now;

	make_sound(stage, SOFT);
	hearing_begin(stage->with);
	for (size_t i = 0; i + STEP <= 2 * (size_t)HZ; i += STEP)
		hearing_feed(stage->with, stage->sound + i, STEP);
	fixed = hearing_way(stage->with);
	hearing_fix(stage->with);
	for (size_t i = 0; i + STEP <= HZ; i += STEP)
		hearing_feed(stage->with, stage->sound + i, STEP);
	now = hearing_way(stage->with);
	assert_memory_equal(now.mean, fixed.mean, sizeof(now.mean));
	hearing_unfix(stage->with);
	now = hearing_way(stage->with);
	assert_true(fabs(now.mean[0] - fixed.mean[0]) > 0.5);
}

/* The sound again and again, to the end; returns how many frames can be read. */
static size_t hear_for_long(struct stage *stage, struct hearing *hearing, int noise)
{
	struct hearing_way way;

	hear(stage, hearing, noise);
	for (size_t n = 0; n < LONG_SECONDS / SECONDS; n++)
		for (size_t i = 0; i + STEP <= SAMPLES; i += STEP)
			hearing_feed(hearing, stage->sound + i, STEP);
	hearing_end(hearing);
	way = hearing_way(hearing);
	return hearing_read(hearing, &way, 0, stage->frames, HEARING_FRAMES_MAX);
}

/* Longer than anybody speaks: no frame too many, and the next utterance is heard. */
static void what_is_too_long_is_not_heard(void **state)
{
	struct stage *stage = *state;

	for (int noise = SOFT; noise <= LOUD; noise += LOUD - SOFT) {
		assert_in_range(hear_for_long(stage, stage->with, noise), 1000,
				HEARING_FRAMES_MAX);
		assert_int_equal(hear_for_long(stage, stage->without, noise),
				 HEARING_FRAMES_MAX);
		assert_int_equal(hearing_count(stage->without), HEARING_FRAMES_MAX);
	}
	hear(stage, stage->with, SOFT);
	assert_in_range(hearing_count(stage->with), 200, SECONDS * 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_quiet_as_the_library_gives_it),
		cmocka_unit_test(in_noise_near_the_voice_and_cleaned),
		cmocka_unit_test(the_end_waits_for_nothing),
		cmocka_unit_test(a_fixed_way_stands),
		cmocka_unit_test(what_is_too_long_is_not_heard),
	};

	return cmocka_run_group_tests(tests, open_stage, close_stage);
}
