/* SPDX-License-Identifier: Apache-2.0 */
/* test_audible - delay and audible: found when it is there, never out of nothing. */
#include "unit/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/room_sound.h"
#include "listen/audible.h"
#include "listen/delay.h"

enum { SECONDS = 5, COUNT = SECONDS * AUDIO_HZ, PROMPT = 3 * AUDIO_HZ };

struct stage {
	uint64_t state;
	struct audible *audible;
	struct delay *delay;
	int16_t prompt[PROMPT];
	float heard[COUNT];
};

static int set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	assert_non_null(stage);
	stage->state = 42;
	assert_int_equal(audible_create(&stage->audible), OK);
	assert_int_equal(delay_create(&stage->delay), OK);
	room_sound_speech(&stage->state, 3000, stage->prompt, PROMPT);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	audible_destroy(stage->audible);
	delay_destroy(stage->delay);
	free(stage);
	return 0;
}

/* The prompt as the room gives it back, at that level, over noise. */
static void play(struct stage *stage, double delay_ms, double level, double noise)
{
	const struct simulated_room_settings settings = {.seed = 7,
							 .delay_ms = delay_ms,
							 .drift_ppm = 60.0,
							 .distortion = 0.1};
	struct simulated_room *room = NULL;

	memset(stage->heard, 0, sizeof(stage->heard));
	assert_int_equal(simulated_room_create(&settings, &room), OK);
	assert_int_equal(simulated_room_play(room,
					     (struct audio_span){stage->prompt, PROMPT},
					     level / 3000.0, stage->heard, COUNT),
			 OK);
	room_sound_add_noise(&stage->state, noise, stage->heard, COUNT);
	simulated_room_destroy(room);
}

/* early: so much earlier than it is said to the sound left. */
static struct audible_measured measure(struct stage *stage, long early)
{
	audible_begin(stage->audible);
	delay_reset(stage->delay);
	for (long at = 0; at + AUDIO_FRAME_SAMPLES <= COUNT; at += AUDIO_FRAME_SAMPLES) {
		const struct audio_frame heard =
			room_sound_frame(stage->heard, COUNT, at);
		const struct audio_frame left =
			room_sound_frame_s16(stage->prompt, PROMPT, at - early);

		audible_feed(stage->audible, &heard, &left);
		(void)delay_feed(stage->delay, &heard, &left);
	}
	return audible_result(stage->audible);
}

static void test_heard_at_any_delay(void **state)
{
	struct stage *stage = *state;
	static const double DELAYS_MS[] = {20.0, 100.0, 200.0, 350.0};

	for (size_t i = 0; i < 4; i++) {
		for (long early = -4800; early <= 4800; early += 4800) {
			const double expected = DELAYS_MS[i] * 16.0 - (double)early;
			struct audible_measured measured;

			if (expected < -4000)
				continue;
			play(stage, DELAYS_MS[i], 2000.0, 200.0);
			measured = measure(stage, early);
			assert_true(measured.heard);
			assert_true(measured.correlation > 0.4);
			assert_true(measured.delay_samples > expected - 32);
			assert_true(measured.delay_samples < expected + 400);
			assert_true(delay_get(stage->delay).known);
			assert_int_equal(delay_get(stage->delay).samples,
					 measured.delay_samples);
		}
	}
}

static void test_the_level_follows_the_noise(void **state)
{
	struct stage *stage = *state;
	double before_db = 100.0;

	for (double noise = 50.0; noise < 2500.0; noise *= 3.0) {
		struct audible_measured measured;

		play(stage, 80.0, 2000.0, noise);
		measured = measure(stage, 0);
		assert_true(measured.level_db < before_db);
		before_db = measured.level_db;
	}
	play(stage, 80.0, 100.0, 3000.0); /* 30 dB below the noise */
	assert_false(measure(stage, 0).heard);
}

static void test_nothing_played_is_not_heard(void **state)
{
	struct stage *stage = *state;

	play(stage, 80.0, 2000.0, 200.0);
	memset(stage->prompt, 0, sizeof(stage->prompt)); /* volume 0 */
	assert_false(measure(stage, 0).heard);
	assert_false(delay_get(stage->delay).known);
}

static void test_nothing_heard(void **state)
{
	struct stage *stage = *state;

	memset(stage->heard, 0, sizeof(stage->heard)); /* a dead microphone */
	assert_false(measure(stage, 0).heard);
	room_sound_add_noise(&stage->state, 500.0, stage->heard, COUNT); /* unplugged */
	assert_false(measure(stage, 0).heard);
	assert_false(measure(stage, 0).found);
}

static void test_another_prompt_is_not_ours(void **state)
{
	struct stage *stage = *state;

	play(stage, 80.0, 2000.0, 200.0);
	room_sound_speech(&stage->state, 3000, stage->prompt, PROMPT);
	assert_false(measure(stage, 0).heard);
	room_sound_music(&stage->state, 3000, stage->prompt, PROMPT);
	assert_false(measure(stage, 0).heard);
}

/* What a broken device gives. */
static void test_never_out_of_nothing(void **state)
{
	struct stage *stage = *state;

	for (size_t i = 0; i < COUNT; i++)
		stage->heard[i] = 12000.0F; /* a constant */
	assert_false(measure(stage, 0).heard);
	for (size_t i = 0; i < COUNT; i++)
		stage->heard[i] = i / 80 % 2 == 0 ? 32767.0F : -32768.0F; /* clipped */
	assert_false(measure(stage, 0).heard);
	memset(stage->heard, 0, sizeof(stage->heard));
	stage->heard[COUNT / 3] = 30000.0F; /* one click */
	assert_false(measure(stage, 0).heard);
	memset(stage->heard, 0, sizeof(stage->heard));
	room_sound_add_noise(&stage->state, 800.0, stage->heard, COUNT);
	for (size_t at = AUDIO_FRAME_SAMPLES; at < COUNT; at += AUDIO_FRAME_SAMPLES)
		memcpy(stage->heard + at, stage->heard,
		       AUDIO_FRAME_SAMPLES * sizeof(float)); /* one frame, for ever */
	assert_false(measure(stage, 0).heard);
}

/* The same prompt with frames lost, doubled and moved by a jump of the clock. */
static void test_faults_on_the_way(void **state)
{
	struct stage *stage = *state;
	const size_t gone = 2 * AUDIO_FRAME_SAMPLES;

	play(stage, 80.0, 2000.0, 100.0);
	memmove(stage->heard + AUDIO_HZ * 2, stage->heard + AUDIO_HZ * 2 + gone,
		(COUNT - AUDIO_HZ * 2 - gone) * sizeof(float));
	assert_true(measure(stage, 0).heard);
	for (size_t i = 0; i < COUNT; i++)
		stage->heard[i] = fmaxf(-900.0F, fminf(900.0F, stage->heard[i]));
	assert_true(measure(stage, 0).heard); /* clipped, and still itself */
}

static void test_a_new_prompt_begins_anew(void **state)
{
	struct stage *stage = *state;

	play(stage, 80.0, 2000.0, 100.0);
	assert_true(measure(stage, 0).heard);
	audible_begin(stage->audible);
	assert_false(audible_result(stage->audible).heard);
	assert_false(audible_result(stage->audible).found);
	audible_destroy(NULL);
	delay_destroy(NULL);
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		STAGED(test_heard_at_any_delay),
		STAGED(test_the_level_follows_the_noise),
		STAGED(test_nothing_played_is_not_heard),
		STAGED(test_nothing_heard),
		STAGED(test_another_prompt_is_not_ours),
		STAGED(test_never_out_of_nothing),
		STAGED(test_faults_on_the_way),
		STAGED(test_a_new_prompt_begins_anew),
	};
#undef STAGED

	return cmocka_run_group_tests(tests, NULL, NULL);
}
