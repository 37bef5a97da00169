/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_audible_holds - random prompts, rooms and faults: what was not played here is never
 * heard, and what was, loudly, is. Prints its seed; BEHEST_SEED takes it back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli/room_sound.h"
#include "listen/audible.h"

enum { CASES = 24, COUNT = 5 * AUDIO_HZ, PROMPT = 3 * AUDIO_HZ, LEVEL = 3000 };

enum played { OURS, NOTHING, OTHER_SPEECH, MUSIC, NEXT_DOOR, PLAYED };
enum fault { NONE, DROPPED, DOUBLED, CONSTANT, CLIPPED, JUMP, FAULTS };

struct stage {
	uint64_t dice;
	struct audible *audible;
	int16_t prompt[PROMPT];
	int16_t sound[COUNT];
	float heard[COUNT];
};

static void play(struct stage *stage, enum played played)
{
	const struct simulated_room_settings settings = {
		.seed = simulated_room_random(&stage->dice),
		.drift_ppm = simulated_room_uniform(&stage->dice, -80.0, 80.0),
		.distortion = simulated_room_uniform(&stage->dice, 0.0, 0.3),
	};
	const struct audio_span ours = {stage->prompt, PROMPT};
	struct simulated_room *room = NULL;

	assert_int_equal(simulated_room_create(&settings, &room), OK);
	if (played == OTHER_SPEECH)
		room_sound_speech(&stage->dice, LEVEL, stage->sound, COUNT);
	if (played == MUSIC)
		room_sound_music(&stage->dice, LEVEL, stage->sound, COUNT);
	if (played == OURS)
		assert_int_equal(simulated_room_play(room, ours, 0.5, stage->heard,
						     COUNT),
				 OK);
	else if (played == NEXT_DOOR)
		assert_int_equal(simulated_room_leak(room, ours, 0.5, stage->heard,
						     COUNT),
				 OK);
	else if (played != NOTHING)
		assert_int_equal(simulated_room_play(room,
						     (struct audio_span){stage->sound,
									 COUNT},
						     0.5, stage->heard, COUNT),
				 OK);
	room_sound_add_noise(&stage->dice, 100.0, stage->heard, COUNT);
	simulated_room_destroy(room);
}

static void spoil(struct stage *stage, enum fault fault)
{
	enum { AT = 2 * AUDIO_HZ, PIECE = 3 * AUDIO_FRAME_SAMPLES };
	float *heard = stage->heard;

	if (fault == DROPPED)
		memmove(heard + AT, heard + AT + PIECE,
			(COUNT - AT - PIECE) * sizeof(*heard));
	if (fault == DOUBLED)
		memmove(heard + AT + PIECE, heard + AT,
			(COUNT - AT - PIECE) * sizeof(*heard));
	if (fault == JUMP) /* a second is gone */
		memset(heard + AT, 0, AUDIO_HZ / 2 * sizeof(*heard));
	for (size_t i = 0; i < COUNT; i++) {
		if (fault == CONSTANT)
			heard[i] += 3000.0F;
		if (fault == CLIPPED)
			heard[i] = fmaxf(-1500.0F, fminf(1500.0F, heard[i]));
	}
}

static bool is_heard(struct stage *stage)
{
	const long early = (long)simulated_room_uniform(&stage->dice, -4800.0, 4800.0);

	audible_begin(stage->audible);
	for (long at = 0; at + AUDIO_FRAME_SAMPLES <= COUNT; at += AUDIO_FRAME_SAMPLES) {
		const struct audio_frame heard =
			room_sound_frame(stage->heard, COUNT, at);
		const struct audio_frame left =
			room_sound_frame_s16(stage->prompt, PROMPT, at - early);

		audible_feed(stage->audible, &heard, &left);
	}
	return audible_result(stage->audible).heard;
}

static void test_only_what_was_played_here_is_heard(void **state)
{
	const char *given = getenv("BEHEST_SEED");
	struct stage *stage = calloc(1, sizeof(*stage));

	(void)state;
	assert_non_null(stage);
	stage->dice = given ? strtoull(given, NULL, 10) : 20260101;
	print_message("seed %llu\n", (unsigned long long)stage->dice);
	assert_int_equal(audible_create(&stage->audible), OK);
	for (unsigned n = 0; n < CASES; n++) {
		const enum played played = (enum played)(n % PLAYED);
		const enum fault fault =
			(enum fault)(simulated_room_random(&stage->dice) % FAULTS);

		memset(stage->heard, 0, sizeof(stage->heard));
		room_sound_speech(&stage->dice, LEVEL, stage->prompt, PROMPT);
		play(stage, played);
		spoil(stage, fault);
		if (is_heard(stage) != (played == OURS))
			fail_msg("case %u: played %d, fault %d", n, (int)played,
				 (int)fault);
	}
	audible_destroy(stage->audible);
	free(stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_what_was_played_here_is_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
