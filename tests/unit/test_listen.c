/* SPDX-License-Identifier: Apache-2.0 */
/* test_listen - what leaves the room, when, and what is left behind; with a fake name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fake/wake_fake.h"
#include "listen/lease.h"
#include "listen/listen.h"
#include "listen/recording.h"
#include "listen/ring.h"

enum { FLOOR = 500, LOUD = 4000 };

static const struct audible_measured HEARD = {.heard = true};

struct stage {
	struct wake_fake *fake;
	struct wake wake;
	struct listen *listen;
	struct listen_report report;
	int64_t now_ms;
};

static int set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	assert_non_null(stage);
	assert_int_equal(wake_fake_create(FLOOR, &stage->fake), OK);
	stage->wake = wake_fake_port(stage->fake);
	assert_int_equal(listen_create(&stage->wake, &stage->listen), OK);
	stage->now_ms = 1000;
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	listen_destroy(stage->listen);
	wake_fake_destroy(stage->fake);
	free(stage);
	return 0;
}

static void feed_frame(struct stage *stage, const struct audio_frame *frame)
{
	listen_feed(stage->listen, frame, stage->now_ms, &stage->report);
	stage->now_ms += AUDIO_FRAME_MS;
}

/* Feeds frames of that level; the last sample numbers them. Stops at the first event that
 * is not `usual` and says how many frames it took. */
static unsigned feed(struct stage *stage, int level, unsigned frames,
		     enum listen_event usual)
{
	for (unsigned n = 1; n <= frames; n++) {
		struct audio_frame frame;

		for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
			frame.samples[i] = (int16_t)(i % 2 == 0 ? level : -level);
		frame.samples[AUDIO_FRAME_SAMPLES - 1] = (int16_t)n;
		feed_frame(stage, &frame);
		if (stage->report.event != usual)
			return n;
	}
	return frames;
}

static void say_name(struct stage *stage, int score, uint32_t back_ms)
{
	struct audio_frame frame = {{0}};

	wake_fake_mark(&frame, score, back_ms);
	feed_frame(stage, &frame);
}

static void test_silence_wakes_nobody(void **state)
{
	struct stage *stage = *state;

	feed(stage, 0, 500, LISTEN_NOTHING);
	assert_int_equal(stage->report.event, LISTEN_NOTHING);
	assert_int_equal(listen_state(stage->listen), LISTEN_WAITING);
	assert_int_equal(wake_fake_fed(stage->fake), 500);
}

static void test_the_name_opens_a_lease_and_brings_its_own_frames(void **state)
{
	struct stage *stage = *state;

	feed(stage, 10, 100, LISTEN_NOTHING);
	say_name(stage, 700, 600);
	assert_int_equal(stage->report.event, LISTEN_WOKE);
	assert_int_equal(listen_state(stage->listen), LISTEN_LEASED);
	assert_true(stage->report.score > 0.69 && stage->report.floor < 0.51);
	assert_int_equal(stage->report.back_ms, 600);
	assert_int_equal(stage->report.replay_count, (600 + LISTEN_LEAD_MS + 19) / 20);
	/* The oldest one offered was that many frames before the marked one, number 101. */
	assert_int_equal(
		listen_replay(stage->listen, 0)->samples[AUDIO_FRAME_SAMPLES - 1],
		101 - stage->report.replay_count + 1);
	feed(stage, LOUD, 10, LISTEN_LEASED_FRAME);
	assert_int_equal(stage->report.event, LISTEN_LEASED_FRAME);
}

static void test_more_than_the_ring_cannot_be_offered(void **state)
{
	struct stage *stage = *state;

	feed(stage, 10, 500, LISTEN_NOTHING);
	say_name(stage, 700, 2000);
	assert_int_equal(stage->report.event, LISTEN_WOKE);
	assert_int_equal(stage->report.replay_count, RING_FRAMES);
}

static void test_a_rejected_name_leaves_only_its_score(void **state)
{
	struct stage *stage = *state;

	say_name(stage, FLOOR - 1, 600);
	assert_int_equal(stage->report.event, LISTEN_REJECTED);
	assert_int_equal(stage->report.back_ms, 600);
	assert_int_equal(stage->report.replay_count, 0);
	assert_true(stage->report.score < stage->report.floor);
	assert_int_equal(listen_state(stage->listen), LISTEN_WAITING);
}

static void test_silence_ends_at_eight_seconds(void **state)
{
	struct stage *stage = *state;
	unsigned frames = 0;

	feed(stage, 10, 100, LISTEN_NOTHING);
	say_name(stage, 700, 300);
	frames = feed(stage, 10, 3000, LISTEN_LEASED_FRAME);
	assert_int_equal(stage->report.event, LISTEN_LEASE_OVER);
	assert_int_equal(stage->report.used_ms, 8000);
	assert_string_equal(stage->report.cause, "time");
	assert_int_equal(frames, 8000 / AUDIO_FRAME_MS);
	assert_int_equal(listen_state(stage->listen), LISTEN_RESTING);
}

/* Bursts of speech with the room's noise between them. */
static void test_speech_renews_twice_and_no_more(void **state)
{
	struct stage *stage = *state;
	int64_t start_ms = 0;

	feed(stage, 10, 100, LISTEN_NOTHING);
	start_ms = stage->now_ms;
	say_name(stage, 700, 300);
	for (unsigned n = 0; n < 1000 && listen_state(stage->listen) == LISTEN_LEASED;
	     n++)
		feed(stage, n % 2 == 0 ? LOUD : 10, 8, LISTEN_LEASED_FRAME);
	assert_int_equal(stage->report.event, LISTEN_LEASE_OVER);
	assert_int_equal(stage->report.used_ms, 24000);
	assert_in_range(stage->now_ms - start_ms, 24000, 24000 + 2 * AUDIO_FRAME_MS);
}

static void test_time_passes_without_frames(void **state)
{
	struct stage *stage = *state;

	say_name(stage, 700, 300);
	listen_tick(stage->listen, stage->now_ms + 7000, &stage->report);
	assert_int_equal(stage->report.event, LISTEN_NOTHING);
	listen_tick(stage->listen, stage->now_ms + 8000, &stage->report);
	assert_int_equal(stage->report.event, LISTEN_LEASE_OVER);
	listen_tick(stage->listen, stage->now_ms + 9000, &stage->report);
	assert_int_equal(stage->report.event, LISTEN_NOTHING);
}

static void test_the_hub_ends_it_and_the_name_works_again(void **state)
{
	struct stage *stage = *state;
	const size_t resets = wake_fake_resets(stage->fake);

	say_name(stage, 700, 300);
	feed(stage, LOUD, 50, LISTEN_LEASED_FRAME);
	listen_end(stage->listen, "heard", stage->now_ms, &stage->report);
	assert_int_equal(stage->report.event, LISTEN_LEASE_OVER);
	assert_int_equal(stage->report.used_ms, 51 * AUDIO_FRAME_MS);
	assert_string_equal(stage->report.cause, "heard");
	listen_end(stage->listen, "heard", stage->now_ms, &stage->report);
	assert_int_equal(stage->report.event, LISTEN_NOTHING);
	/* Resting: nothing leaves, and the name is not heard. */
	say_name(stage, 900, 300);
	assert_int_equal(stage->report.event, LISTEN_NOTHING);
	listen_wait(stage->listen);
	assert_true(wake_fake_resets(stage->fake) > resets);
	say_name(stage, 900, 300);
	assert_int_equal(stage->report.event, LISTEN_WOKE);
	/* Nothing from before listen_wait is offered. */
	assert_int_equal(stage->report.replay_count, 1);
}

static void test_a_turn_nobody_ends_is_over_in_time(void **state)
{
	struct stage *stage = *state;

	say_name(stage, 700, 300);
	listen_end(stage->listen, "heard", stage->now_ms, &stage->report);
	stage->now_ms += LISTEN_REST_MAX_MS;
	feed(stage, 0, 1, LISTEN_NOTHING);
	assert_int_equal(listen_state(stage->listen), LISTEN_WAITING);
}

static void test_mute_ends_everything(void **state)
{
	struct stage *stage = *state;
	size_t fed = 0;

	feed(stage, 10, 60, LISTEN_NOTHING);
	say_name(stage, 700, 300);
	listen_mute(stage->listen, true, stage->now_ms, &stage->report);
	assert_int_equal(stage->report.event, LISTEN_LEASE_OVER);
	assert_string_equal(stage->report.cause, "muted");
	fed = wake_fake_fed(stage->fake);
	say_name(stage, 900, 300);
	assert_int_equal(stage->report.event, LISTEN_NOTHING);
	assert_int_equal(wake_fake_fed(stage->fake), fed);
	listen_wait(stage->listen); /* a late "turn over" does not unmute */
	assert_int_equal(listen_state(stage->listen), LISTEN_MUTED);
	listen_mute(stage->listen, false, stage->now_ms, &stage->report);
	say_name(stage, 900, 1000);
	assert_int_equal(stage->report.event, LISTEN_WOKE);
	assert_int_equal(stage->report.replay_count, 1);
}

static void test_own_voice_has_no_authority(void **state)
{
	struct stage *stage = *state;

	listen_own_voice(stage->listen, true, stage->now_ms);
	say_name(stage, 999, 300);
	assert_int_equal(stage->report.event, LISTEN_NOTHING);
	listen_own_voice(stage->listen, false, stage->now_ms);
	stage->now_ms += LISTEN_OWN_VOICE_TAIL_MS - 1;
	say_name(stage, 999, 300);
	assert_int_equal(stage->report.event, LISTEN_NOTHING);
	say_name(stage, 999, 300);
	assert_int_equal(stage->report.event, LISTEN_WOKE);
	assert_int_equal(stage->report.replay_count,
			 1); /* not a frame of our own voice */
}

static void test_without_a_detector_nothing_wakes(void **state)
{
	struct listen *listen = NULL;
	struct listen_report report;
	struct audio_frame frame = {{0}};

	(void)state;
	assert_int_equal(listen_create(NULL, &listen), OK);
	wake_fake_mark(&frame, 999, 100);
	listen_feed(listen, &frame, 0, &report);
	assert_int_equal(report.event, LISTEN_NOTHING);
	listen_destroy(listen);
	listen_destroy(NULL);
}

/* ---- an answer without the name ---- */

/* A turn that rests: its lease is over, its answer was spoken. */
static void rest(struct stage *stage)
{
	feed(stage, 10, 60, LISTEN_NOTHING);
	say_name(stage, 700, 300);
	listen_end(stage->listen, "heard", stage->now_ms, &stage->report);
	assert_int_equal(listen_state(stage->listen), LISTEN_RESTING);
}

static void test_an_answer_needs_a_prompt_that_was_heard(void **state)
{
	const struct audible_measured unheard = {.found = true, .level_db = 15.0};
	struct stage *stage = *state;
	enum lease_reason reason = LEASE_NAME;

	rest(stage);
	assert_int_equal(listen_answer(stage->listen, &unheard, 0, stage->now_ms),
			 ERR_DENIED);
	assert_int_equal(listen_record(stage->listen, &unheard, stage->now_ms),
			 ERR_DENIED);
	assert_false(listen_lease(stage->listen, &reason));
	assert_int_equal(listen_answer(stage->listen, &HEARD, 0, stage->now_ms), OK);
	assert_true(listen_lease(stage->listen, &reason));
	assert_int_equal(reason, LEASE_ANSWER);
	/* One at a time, and none while it is muted. */
	assert_int_equal(listen_answer(stage->listen, &HEARD, 0, stage->now_ms),
			 ERR_DENIED);
	assert_int_equal(listen_record(stage->listen, &HEARD, stage->now_ms), ERR_DENIED);
	listen_mute(stage->listen, true, stage->now_ms, &stage->report);
	assert_string_equal(stage->report.cause, "muted");
	assert_int_equal(listen_answer(stage->listen, &HEARD, 0, stage->now_ms),
			 ERR_DENIED);
	assert_int_equal(listen_record(stage->listen, &HEARD, stage->now_ms), ERR_DENIED);
}

static void test_an_answer_leaves_from_its_lease_on(void **state)
{
	enum { LATE = 3 };
	struct stage *stage = *state;

	rest(stage);
	feed(stage, LOUD, 20, LISTEN_NOTHING);
	assert_int_equal(listen_answer(stage->listen, &HEARD, LATE, stage->now_ms), OK);
	assert_int_equal(feed(stage, LOUD, 50, LISTEN_NOTHING), LATE + 1);
	assert_int_equal(stage->report.event, LISTEN_LEASED_FRAME);
	/* Never longer than eight seconds, whoever speaks. */
	for (unsigned n = 0; n < 1000 && listen_state(stage->listen) == LISTEN_LEASED;
	     n++)
		feed(stage, n % 2 == 0 ? LOUD : 10, 8, LISTEN_LEASED_FRAME);
	assert_int_equal(stage->report.event, LISTEN_LEASE_OVER);
	assert_int_equal(stage->report.used_ms, 8000);
	assert_string_equal(stage->report.cause, "time");
	assert_int_equal(listen_state(stage->listen), LISTEN_RESTING);
}

static void test_six_answers_and_then_the_name(void **state)
{
	struct stage *stage = *state;

	rest(stage);
	for (unsigned n = 0; n < LEASE_ANSWERS_MAX; n++) {
		assert_int_equal(listen_answer(stage->listen, &HEARD, 0, stage->now_ms),
				 OK);
		listen_end(stage->listen, "heard", stage->now_ms, &stage->report);
	}
	assert_int_equal(listen_answer(stage->listen, &HEARD, 0, stage->now_ms),
			 ERR_LIMIT);
	listen_wait(stage->listen);
	say_name(stage, FLOOR - 1, 300); /* not believed: nothing begins anew */
	assert_int_equal(listen_answer(stage->listen, &HEARD, 0, stage->now_ms),
			 ERR_DENIED);
	rest(stage);
	assert_int_equal(listen_answer(stage->listen, &HEARD, 0, stage->now_ms), OK);
}

static void test_a_turn_that_is_over_asks_nothing(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(listen_answer(stage->listen, &HEARD, 0, stage->now_ms),
			 ERR_DENIED); /* nobody has said the name */
	rest(stage);
	listen_wait(stage->listen);
	assert_int_equal(listen_answer(stage->listen, &HEARD, 0, stage->now_ms),
			 ERR_DENIED);
	rest(stage);
	stage->now_ms += LISTEN_REST_MAX_MS;
	assert_int_equal(listen_answer(stage->listen, &HEARD, 0, stage->now_ms),
			 ERR_DENIED);
	assert_int_equal(listen_record(stage->listen, &HEARD, stage->now_ms), ERR_DENIED);
}

/* ---- a voice message ---- */

/* The lease is open and the tone was played. */
static void record(struct stage *stage)
{
	rest(stage);
	assert_int_equal(listen_record(stage->listen, &HEARD, stage->now_ms), OK);
	assert_int_equal(listen_state(stage->listen), LISTEN_RECORDING);
	listen_tone_was_played(stage->listen, 0);
	feed(stage, 10, RECORDING_SETTLE_MS / AUDIO_FRAME_MS, LISTEN_NOTHING);
}

static void test_a_message_is_what_was_said_after_the_tone(void **state)
{
	enum { LATE = 2, SPOKEN = 100, SILENT = RECORDING_END_MS / AUDIO_FRAME_MS };
	struct stage *stage = *state;
	enum lease_reason reason = LEASE_NAME;
	struct audio_span sound;

	rest(stage);
	assert_int_equal(listen_record(stage->listen, &HEARD, stage->now_ms), OK);
	assert_true(listen_lease(stage->listen, &reason));
	assert_int_equal(reason, LEASE_MEMO);
	feed(stage, LOUD / 2, 30, LISTEN_NOTHING); /* before the tone */
	listen_tone_was_played(stage->listen, LATE);
	listen_tone_was_played(stage->listen, 0); /* again: nothing */
	feed(stage, LOUD / 2, LATE, LISTEN_NOTHING);
	feed(stage, 10, 20, LISTEN_NOTHING);
	feed(stage, LOUD, SPOKEN, LISTEN_NOTHING);
	assert_int_equal(listen_state(stage->listen), LISTEN_RECORDING);
	assert_int_equal(feed(stage, 10, 1000, LISTEN_NOTHING), SILENT);
	assert_int_equal(stage->report.event, LISTEN_RECORDED);
	assert_string_equal(stage->report.cause, "end of speech");
	assert_int_equal(stage->report.used_ms,
			 (30 + LATE + 20 + SPOKEN + SILENT - 1) * AUDIO_FRAME_MS);
	assert_int_equal(listen_state(stage->listen), LISTEN_RESTING);
	assert_false(listen_lease(stage->listen, &reason));
	sound = memo_sound(stage->report.memo);
	assert_int_equal(audio_ms(sound.count),
			 (20 + SPOKEN) * AUDIO_FRAME_MS + RECORDING_KEEP_MS);
	for (size_t i = 0; i < sound.count; i++)
		assert_true(abs(sound.samples[i]) != LOUD / 2);
}

static void test_three_messages_and_then_the_name(void **state)
{
	struct stage *stage = *state;

	rest(stage);
	for (unsigned n = 0; n < LISTEN_MESSAGES_MAX; n++) {
		assert_int_equal(listen_record(stage->listen, &HEARD, stage->now_ms), OK);
		listen_end(stage->listen, "hub", stage->now_ms, &stage->report);
	}
	assert_int_equal(listen_record(stage->listen, &HEARD, stage->now_ms), ERR_LIMIT);
	listen_wait(stage->listen);
	rest(stage);
	assert_int_equal(listen_record(stage->listen, &HEARD, stage->now_ms), OK);
}

static void test_silence_is_no_message(void **state)
{
	struct stage *stage = *state;

	record(stage);
	feed(stage, LOUD, 2, LISTEN_NOTHING); /* a door */
	feed(stage, 10, 1000, LISTEN_NOTHING);
	assert_int_equal(stage->report.event, LISTEN_LEASE_OVER);
	assert_string_equal(stage->report.cause, "nobody spoke");
	assert_null(stage->report.memo);
	assert_in_range(stage->report.used_ms, RECORDING_START_MS - AUDIO_FRAME_MS,
			RECORDING_START_MS + AUDIO_FRAME_MS);
	assert_int_equal(listen_state(stage->listen), LISTEN_RESTING);
}

static void test_without_its_tone_nothing_is_recorded(void **state)
{
	struct stage *stage = *state;

	rest(stage);
	assert_int_equal(listen_record(stage->listen, &HEARD, stage->now_ms), OK);
	feed(stage, LOUD, 7000, LISTEN_NOTHING);
	assert_int_equal(stage->report.event, LISTEN_LEASE_OVER);
	assert_int_equal(stage->report.used_ms, 120000);
	assert_string_equal(stage->report.cause, "nobody spoke");
}

static void test_two_minutes_are_the_most(void **state)
{
	struct stage *stage = *state;

	record(stage);
	for (unsigned n = 0; n < 2000 && listen_state(stage->listen) == LISTEN_RECORDING;
	     n++)
		feed(stage, n % 2 == 0 ? LOUD : 10, 8, LISTEN_NOTHING);
	assert_int_equal(stage->report.event, LISTEN_RECORDED);
	assert_string_equal(stage->report.cause, "time");
	assert_int_equal(stage->report.used_ms, 120000);
	/* Also where no frame comes that could say so. */
	listen_wait(stage->listen);
	record(stage);
	feed(stage, LOUD, 20, LISTEN_NOTHING);
	listen_tick(stage->listen, stage->now_ms + 120000, &stage->report);
	assert_int_equal(stage->report.event, LISTEN_RECORDED);
	assert_non_null(stage->report.memo);
}

static void test_the_name_drops_the_message(void **state)
{
	struct stage *stage = *state;
	enum lease_reason reason = LEASE_NAME;

	record(stage);
	feed(stage, LOUD, 60, LISTEN_NOTHING);
	say_name(stage, FLOOR - 1, 300);
	assert_int_equal(stage->report.event, LISTEN_REJECTED);
	assert_int_equal(listen_state(stage->listen), LISTEN_RECORDING);
	say_name(stage, 700, 300);
	assert_int_equal(stage->report.event, LISTEN_WOKE);
	assert_string_equal(stage->report.cause, "name said");
	assert_true(stage->report.used_ms > 1000);
	assert_null(stage->report.memo);
	assert_true(stage->report.replay_count > 10);
	assert_true(listen_lease(stage->listen, &reason));
	assert_int_equal(reason, LEASE_REQUEST);
	feed(stage, LOUD, 10, LISTEN_LEASED_FRAME);
	assert_int_equal(stage->report.event, LISTEN_LEASED_FRAME);
}

static void test_what_ends_it_drops_it(void **state)
{
	struct stage *stage = *state;

	for (unsigned way = 0; way < 3; way++) {
		record(stage);
		feed(stage, LOUD, 60, LISTEN_NOTHING);
		if (way == 0)
			listen_mute(stage->listen, true, stage->now_ms, &stage->report);
		else if (way == 1)
			listen_end(stage->listen, "hub", stage->now_ms, &stage->report);
		if (way < 2) {
			assert_int_equal(stage->report.event, LISTEN_LEASE_OVER);
			assert_null(stage->report.memo);
		}
		listen_mute(stage->listen, false, stage->now_ms, &stage->report);
		listen_wait(stage->listen);
		assert_int_equal(listen_state(stage->listen), LISTEN_WAITING);
		feed(stage, 10, 20, LISTEN_NOTHING);
	}
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		STAGED(test_silence_wakes_nobody),
		STAGED(test_the_name_opens_a_lease_and_brings_its_own_frames),
		STAGED(test_more_than_the_ring_cannot_be_offered),
		STAGED(test_a_rejected_name_leaves_only_its_score),
		STAGED(test_silence_ends_at_eight_seconds),
		STAGED(test_speech_renews_twice_and_no_more),
		STAGED(test_time_passes_without_frames),
		STAGED(test_the_hub_ends_it_and_the_name_works_again),
		STAGED(test_a_turn_nobody_ends_is_over_in_time),
		STAGED(test_mute_ends_everything),
		STAGED(test_own_voice_has_no_authority),
		STAGED(test_without_a_detector_nothing_wakes),
		STAGED(test_an_answer_needs_a_prompt_that_was_heard),
		STAGED(test_an_answer_leaves_from_its_lease_on),
		STAGED(test_six_answers_and_then_the_name),
		STAGED(test_a_turn_that_is_over_asks_nothing),
		STAGED(test_three_messages_and_then_the_name),
		STAGED(test_a_message_is_what_was_said_after_the_tone),
		STAGED(test_silence_is_no_message),
		STAGED(test_without_its_tone_nothing_is_recorded),
		STAGED(test_two_minutes_are_the_most),
		STAGED(test_the_name_drops_the_message),
		STAGED(test_what_ends_it_drops_it),
	};
#undef STAGED

	return cmocka_run_group_tests(tests, NULL, NULL);
}
