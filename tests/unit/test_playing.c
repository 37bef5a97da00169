/* SPDX-License-Identifier: Apache-2.0 */
/* test_playing - answers in pieces, tones that give way, and what is told of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "fake/clock_fake.h"
#include "fake/speaker_fake.h"
#include "room/playing.h"
#include "room/tone.h"

enum { PIECE = AUDIO_HZ / 2 };

static const struct event_id PARENT = {42};
static int16_t sound[PIECE];

struct stage {
	struct loop *loop;
	struct clock_fake fake_clock;
	struct clock clock;
	struct speaker_fake *fake;
	struct speaker speaker;
	struct playing *playing;
	bool sounding;
	uint64_t answering; /* the last */
	unsigned told;
	uint64_t say;
	int64_t played_ms;
	bool whole;
	unsigned tones;
	enum indicator_tone tone;
	bool tone_whole;
};

static void on_answering(void *context, uint64_t say)
{
	struct stage *stage = context;

	assert_true(stage->sounding);
	stage->answering = say;
}

static void on_sounding(void *context, bool sounding)
{
	struct stage *stage = context;

	assert_int_not_equal(sounding, stage->sounding); /* never the same twice */
	stage->sounding = sounding;
}

static void on_played(void *context, uint64_t say, int64_t played_ms, bool whole)
{
	struct stage *stage = context;

	stage->told++;
	stage->say = say;
	stage->played_ms = played_ms;
	stage->whole = whole;
}

static void on_toned(void *context, enum indicator_tone tone, bool whole)
{
	struct stage *stage = context;

	stage->tones++;
	stage->tone = tone;
	stage->tone_whole = whole;
}

static int set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	assert_non_null(stage);
	for (size_t i = 0; i < PIECE; i++)
		sound[i] = (int16_t)(i % 1000);
	assert_int_equal(loop_create(&stage->loop), OK);
	stage->clock = clock_fake_init(&stage->fake_clock);
	assert_int_equal(speaker_fake_create(&stage->clock, &stage->fake), OK);
	stage->speaker = speaker_fake_port(stage->fake);
	assert_int_equal(playing_create(stage->loop, &stage->speaker,
					(struct playing_listener){stage, on_sounding,
								  on_answering, on_played,
								  on_toned},
					&stage->playing),
			 OK);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	playing_destroy(stage->playing);
	speaker_fake_destroy(stage->fake);
	loop_destroy(stage->loop);
	free(stage);
	return 0;
}

/* Lets the fake clock and the loop go on until nothing sounds. */
static void until_quiet(struct stage *stage)
{
	for (unsigned n = 0; n < 1000 && stage->sounding; n++) {
		clock_fake_pass(&stage->fake_clock, 100);
		assert_int_equal(loop_run_once(stage->loop, 1000), OK);
	}
	assert_false(stage->sounding);
}

static void add(struct stage *stage, uint64_t say, struct event_id parent, bool last)
{
	playing_add(stage->playing, say, parent, (struct audio_span){sound, PIECE}, last);
}

static void test_pieces_become_one_answer(void **state)
{
	struct stage *stage = *state;

	add(stage, 5, PARENT, false);
	assert_int_equal(speaker_fake_count(stage->fake), 0);
	add(stage, 5, PARENT, true);
	assert_true(stage->sounding && playing_is_speaking(stage->playing));
	assert_int_equal(stage->answering, 5);
	assert_int_equal(speaker_fake_at(stage->fake, 0).samples, 2 * PIECE);
	assert_int_equal(speaker_fake_at(stage->fake, 0).parent.value, PARENT.value);
	until_quiet(stage);
	assert_int_equal(stage->told, 1);
	assert_int_equal(stage->say, 5);
	assert_int_equal(stage->played_ms, 1000);
	assert_true(stage->whole);
}

static void test_an_unfinished_answer_is_dropped_by_the_next(void **state)
{
	struct stage *stage = *state;

	add(stage, 5, PARENT, false);
	add(stage, 6, PARENT, true);
	assert_int_equal(speaker_fake_at(stage->fake, 0).samples, PIECE);
	until_quiet(stage);
	assert_int_equal(stage->say, 6);
}

static void test_an_answer_silences_a_tone_and_not_the_other_way_round(void **state)
{
	struct stage *stage = *state;

	assert_true(playing_tone(stage->playing, INDICATOR_TONE_WAKE));
	assert_true(stage->sounding && !playing_is_speaking(stage->playing));
	add(stage, 5, PARENT, true);
	assert_true(speaker_fake_at(stage->fake, 0).stopped);
	assert_true(playing_is_speaking(stage->playing));
	assert_int_equal(stage->tones, 1);
	assert_false(stage->tone_whole);
	assert_false(playing_tone(stage->playing, INDICATOR_TONE_DONE));
	assert_int_equal(speaker_fake_count(stage->fake), 2);
	until_quiet(stage);
	assert_int_equal(stage->told, 1); /* of tones nobody is told */
	assert_int_equal(speaker_fake_at(stage->fake, 0).parent.value, TONE_PARENT.value);
}

static void test_a_tone_is_told_whole_or_not(void **state)
{
	struct stage *stage = *state;

	assert_true(playing_tone(stage->playing, INDICATOR_TONE_RECORD));
	until_quiet(stage);
	assert_int_equal(stage->tones, 1);
	assert_int_equal(stage->tone, INDICATOR_TONE_RECORD);
	assert_true(stage->tone_whole);
	assert_true(playing_tone(stage->playing, INDICATOR_TONE_RECORD));
	playing_stop(stage->playing);
	assert_int_equal(stage->tones, 2);
	assert_false(stage->tone_whole);
	speaker_fake_unplug(stage->fake, true);
	assert_false(playing_tone(stage->playing, INDICATOR_TONE_RECORD));
	assert_int_equal(stage->tones, 2);
}

static void test_without_a_parent_nothing_is_said(void **state)
{
	struct stage *stage = *state;

	add(stage, 5, (struct event_id){0}, true);
	assert_int_equal(speaker_fake_count(stage->fake), 0);
	assert_int_equal(stage->told, 1);
	assert_int_equal(stage->played_ms, 0);
	assert_false(stage->whole);
}

static void test_stopped_in_the_middle(void **state)
{
	struct stage *stage = *state;

	add(stage, 5, PARENT, true);
	clock_fake_pass(&stage->fake_clock, 200);
	playing_stop(stage->playing);
	assert_int_equal(stage->told, 1);
	assert_int_equal(stage->played_ms, 200);
	assert_false(stage->whole || stage->sounding);
	playing_stop(stage->playing); /* again: nothing */
	assert_int_equal(stage->told, 1);
}

static void test_a_speaker_that_is_not_there(void **state)
{
	struct stage *stage = *state;

	speaker_fake_unplug(stage->fake, true);
	add(stage, 5, PARENT, true);
	assert_int_equal(stage->told, 1);
	assert_false(stage->whole);
	speaker_fake_unplug(stage->fake, false);
	add(stage, 6, PARENT, true);
	speaker_fake_unplug(stage->fake, true); /* it goes while it plays */
	assert_int_equal(loop_run_once(stage->loop, 1000), OK);
	assert_int_equal(stage->told, 2);
	assert_int_equal(stage->say, 6);
	assert_false(stage->whole || stage->sounding);
}

static void test_too_long_an_answer_is_cut(void **state)
{
	struct stage *stage = *state;

	for (unsigned n = 0; n < 2 * PLAYING_SECONDS_MAX + 5; n++)
		add(stage, 5, PARENT, false);
	add(stage, 5, PARENT, true);
	assert_int_equal(speaker_fake_at(stage->fake, 0).samples,
			 (size_t)PLAYING_SECONDS_MAX * AUDIO_HZ);
	until_quiet(stage);
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		STAGED(test_pieces_become_one_answer),
		STAGED(test_an_unfinished_answer_is_dropped_by_the_next),
		STAGED(test_an_answer_silences_a_tone_and_not_the_other_way_round),
		STAGED(test_a_tone_is_told_whole_or_not),
		STAGED(test_without_a_parent_nothing_is_said),
		STAGED(test_stopped_in_the_middle),
		STAGED(test_a_speaker_that_is_not_there),
		STAGED(test_too_long_an_answer_is_cut),
	};
#undef STAGED

	return cmocka_run_group_tests(tests, NULL, NULL);
}
