/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_lease_holds - listening over random orders of what may happen to it: a lease is open
 * exactly in its states, nothing leaves without one, a message holds only what was heard
 * after its tone and under its lease, and no more than six answers follow a name. Prints
 * its seed; BEHEST_SEED takes it back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "fake/rand_fake.h"
#include "fake/wake_fake.h"
#include "listen/lease.h"
#include "listen/listen.h"
#include "listen/recording.h"

enum {
	HISTORIES = 40,
	EVENTS = 400,
	FLOOR = 500,
	LOUD = 4000,
	QUIET = 10,
	MARKS = 30000
};

struct stage {
	struct rand_fake dice;
	struct wake_fake *fake;
	struct wake wake;
	struct listen *listen;
	struct listen_report report;
	int64_t now_ms;
	/* the model */
	bool was_recording; /* before the last call */
	bool tone;
	uint32_t mark;      /* of the newest frame; in its last two samples */
	uint32_t tone_mark; /* what was heard up to it is too old */
	unsigned answers;   /* since the name */
	/* so that it is seen that something was tried */
	unsigned recorded;
	unsigned answered;
	unsigned refused;
	unsigned dropped_by_name;
};

static bool is_recording(const struct stage *stage)
{
	return listen_state(stage->listen) == LISTEN_RECORDING;
}

static uint32_t mark_of(const int16_t *frame)
{
	return (uint32_t)frame[AUDIO_FRAME_SAMPLES - 2] * MARKS +
	       (uint32_t)frame[AUDIO_FRAME_SAMPLES - 1];
}

static void feed_frame(struct stage *stage, struct audio_frame *frame)
{
	stage->mark++;
	frame->samples[AUDIO_FRAME_SAMPLES - 2] = (int16_t)(stage->mark / MARKS);
	frame->samples[AUDIO_FRAME_SAMPLES - 1] = (int16_t)(stage->mark % MARKS);
	stage->was_recording = is_recording(stage);
	listen_feed(stage->listen, frame, stage->now_ms, &stage->report);
	stage->now_ms += AUDIO_FRAME_MS;
}

/* Each of its frames is newer than the tone, and one follows the other. */
static void check_memo(const struct stage *stage, const struct memo *memo)
{
	const struct audio_span sound = memo_sound(memo);
	uint32_t before = stage->tone_mark;

	assert_true(stage->was_recording && stage->tone);
	assert_true(sound.count > 0 && sound.count % AUDIO_FRAME_SAMPLES == 0);
	for (size_t at = 0; at < sound.count; at += AUDIO_FRAME_SAMPLES) {
		const uint32_t mark = mark_of(sound.samples + at);

		assert_true(at == 0 ? mark > before : mark == before + 1);
		before = mark;
	}
	assert_true(before <= stage->mark);
}

static void check_report(struct stage *stage)
{
	const struct listen_report *report = &stage->report;
	const enum listen_state state = listen_state(stage->listen);

	assert_true((report->memo != NULL) == (report->event == LISTEN_RECORDED));
	if (report->event == LISTEN_LEASED_FRAME)
		assert_int_equal(state, LISTEN_LEASED);
	if (report->event == LISTEN_RECORDED) {
		check_memo(stage, report->memo);
		stage->recorded++;
	}
	if (report->event == LISTEN_WOKE) {
		assert_true((report->cause != NULL) == stage->was_recording);
		stage->dropped_by_name += stage->was_recording;
		stage->answers = 0;
	}
	if (report->event == LISTEN_LEASE_OVER || report->event == LISTEN_RECORDED)
		assert_true(state != LISTEN_LEASED && state != LISTEN_RECORDING);
}

static void check_state(const struct stage *stage)
{
	const enum listen_state state = listen_state(stage->listen);
	enum lease_reason reason = LEASE_NAME;
	const bool leased = listen_lease(stage->listen, &reason);

	assert_int_equal(leased, state == LISTEN_LEASED || state == LISTEN_RECORDING);
	assert_int_equal(leased && reason == LEASE_MEMO, state == LISTEN_RECORDING);
	if (state == LISTEN_LEASED)
		assert_true(reason == LEASE_REQUEST || reason == LEASE_ANSWER);
	assert_true(stage->answers <= LEASE_ANSWERS_MAX);
}

/* ---- what happens ---- */

static void feed(struct stage *stage, int level, unsigned frames)
{
	for (unsigned n = 0; n < frames; n++) {
		struct audio_frame frame;

		for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
			frame.samples[i] = (int16_t)(i % 2 == 0 ? level : -level);
		feed_frame(stage, &frame);
		check_report(stage);
		check_state(stage);
	}
}

static void say_name(struct stage *stage, int score)
{
	struct audio_frame frame = {{0}};

	wake_fake_mark(&frame, score, 300);
	feed_frame(stage, &frame);
	check_report(stage);
}

static void answer(struct stage *stage)
{
	const struct audible_measured prompt = {
		.heard = rand_fake_below(&stage->dice, 4) > 0};
	const enum listen_state before = listen_state(stage->listen);
	const enum err err =
		listen_answer(stage->listen, &prompt, rand_fake_below(&stage->dice, 4),
			      stage->now_ms);

	if (err) {
		stage->refused++;
		assert_int_equal(listen_state(stage->listen), before);
		return;
	}
	assert_true(prompt.heard);
	assert_true(before == LISTEN_WAITING || before == LISTEN_RESTING);
	stage->answered++;
	stage->answers++;
}

static void record(struct stage *stage)
{
	const struct audible_measured prompt = {
		.heard = rand_fake_below(&stage->dice, 4) > 0};
	const enum listen_state before = listen_state(stage->listen);

	if (listen_record(stage->listen, &prompt, stage->now_ms) != OK) {
		assert_int_equal(listen_state(stage->listen), before);
		return;
	}
	assert_true(prompt.heard);
	assert_true(before == LISTEN_WAITING || before == LISTEN_RESTING);
	stage->tone = false;
}

static void play_tone(struct stage *stage)
{
	const unsigned late = rand_fake_below(&stage->dice, 4);

	listen_tone_was_played(stage->listen, late);
	if (!is_recording(stage) || stage->tone)
		return;
	stage->tone = true;
	stage->tone_mark = stage->mark + late;
}

static void something_happens(struct stage *stage)
{
	struct rand_fake *dice = &stage->dice;

	stage->was_recording = is_recording(stage);
	switch (rand_fake_below(dice, 16)) {
	case 0:
		listen_mute(stage->listen, rand_fake_below(dice, 3) == 0, stage->now_ms,
			    &stage->report);
		check_report(stage);
		break;
	case 1:
		listen_end(stage->listen, "hub", stage->now_ms, &stage->report);
		check_report(stage);
		break;
	case 2:
		if (rand_fake_below(dice, 4) == 0)
			listen_wait(stage->listen);
		break;
	case 3:
		stage->now_ms += rand_fake_below(dice, 3000);
		listen_tick(stage->listen, stage->now_ms, &stage->report);
		check_report(stage);
		break;
	case 4:
		listen_own_voice(stage->listen, rand_fake_below(dice, 2) == 0,
				 stage->now_ms);
		break;
	case 5:
		if (rand_fake_below(dice, 2) == 0)
			say_name(stage, FLOOR + 100);
		break;
	case 6:
		say_name(stage, FLOOR - 1);
		break;
	case 7:
	case 8:
		answer(stage);
		break;
	case 9:
		record(stage);
		break;
	case 10:
	case 11:
		play_tone(stage);
		break;
	case 12:
		feed(stage, QUIET, RECORDING_END_MS / AUDIO_FRAME_MS);
		break;
	case 13: /* as it should be, if it may */
		record(stage);
		play_tone(stage);
		feed(stage, QUIET, 20);
		feed(stage, LOUD, 50);
		break;
	default:
		feed(stage, rand_fake_below(dice, 2) == 0 ? LOUD : QUIET,
		     1 + rand_fake_below(dice, 40));
		break;
	}
	check_state(stage);
}

static void run_history(struct stage *stage, uint64_t seed)
{
	(void)rand_fake_init(&stage->dice, seed);
	assert_int_equal(wake_fake_create(FLOOR, &stage->fake), OK);
	stage->wake = wake_fake_port(stage->fake);
	assert_int_equal(listen_create(&stage->wake, &stage->listen), OK);
	stage->now_ms = 1000;
	stage->mark = 0;
	stage->answers = 0;
	for (unsigned n = 0; n < EVENTS; n++)
		something_happens(stage);
	listen_destroy(stage->listen);
	wake_fake_destroy(stage->fake);
}

static void test_every_order(void **state)
{
	const uint64_t seed = rand_fake_seed();
	struct stage stage = {.answers = 0};

	(void)state;
	for (uint64_t history = 0; history < HISTORIES; history++)
		run_history(&stage, seed + history);
	print_message("%u messages, %u answers (%u refused), %u names into messages\n",
		      stage.recorded, stage.answered, stage.refused,
		      stage.dropped_by_name);
	/* Or little was tried. */
	assert_true(stage.recorded > 10 && stage.answered > 100);
	assert_true(stage.refused > 100 && stage.dropped_by_name > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
