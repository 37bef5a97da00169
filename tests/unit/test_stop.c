/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_stop - "stop" over our own sound: it ends the ringing lease and nothing else comes
 * of it; our own voice cannot say it; nobody can for more than ten minutes.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/echo_speex.h"
#include "cli/room_sound.h"
#include "fake/wake_fake.h"
#include "listen/echo_path.h"
#include "listen/listen.h"

enum {
	COUNT = 6 * AUDIO_HZ,
	LATE = AUDIO_HZ * 60 / 1000, /* our echo */
	THEIRS_FROM = 4 * AUDIO_HZ,
	FLOOR = 500,
	STOP = 1, /* the fake's word */
	RINGING_MS = 600000,
};

struct stage {
	uint64_t luck;
	struct echo echo;
	struct echo_path *path;
	struct wake_fake *name;
	struct wake_fake *stop;
	struct wake name_port;
	struct wake stop_port;
	struct listen *listen;
	struct listen_report report;
	int64_t now_ms;
	int16_t ours[COUNT];
	int16_t theirs[COUNT];
	float heard[COUNT];
};

/* A room that says back what we play; somebody talks in its last two seconds, or not. */
static void make_ready(struct stage *stage, double theirs)
{
	struct audio_frame frame;

	for (size_t i = 0; i < COUNT; i++) {
		const int echo = i < LATE ? 0 : stage->ours[i - LATE];

		stage->heard[i] = 0.5F * (float)echo;
		if (i >= THEIRS_FROM)
			stage->heard[i] += (float)theirs * (float)stage->theirs[i];
	}
	room_sound_add_noise(&stage->luck, 10.0, stage->heard, COUNT);
	for (long at = 0; at + AUDIO_FRAME_SAMPLES <= COUNT; at += AUDIO_FRAME_SAMPLES) {
		const struct audio_frame left =
			room_sound_frame_s16(stage->ours, COUNT, at);

		frame = room_sound_frame(stage->heard, COUNT, at);
		echo_path_feed(stage->path, &frame, &left, &frame);
	}
	assert_true(echo_path_state(stage->path).ready);
}

static int set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	assert_non_null(stage);
	stage->luck = 11;
	stage->now_ms = 1000;
	room_sound_speech(&stage->luck, 3000, stage->ours, COUNT);
	room_sound_speech(&stage->luck, 3000, stage->theirs, COUNT);
	assert_int_equal(echo_speex_create(&stage->echo), OK);
	assert_int_equal(echo_path_create(&stage->echo, &stage->path), OK);
	assert_int_equal(wake_fake_create(FLOOR, &stage->name), OK);
	assert_int_equal(wake_fake_create(FLOOR, &stage->stop), OK);
	wake_fake_listen_for(stage->stop, STOP);
	stage->name_port = wake_fake_port(stage->name);
	stage->stop_port = wake_fake_port(stage->stop);
	assert_int_equal(listen_create(&stage->name_port, &stage->listen), OK);
	listen_use_stop(stage->listen, &stage->stop_port);
	listen_use_echo(stage->listen, stage->path);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	listen_destroy(stage->listen);
	wake_fake_destroy(stage->name);
	wake_fake_destroy(stage->stop);
	echo_path_destroy(stage->path);
	echo_close(&stage->echo);
	free(stage);
	return 0;
}

static enum listen_event say(struct stage *stage, int word, int score)
{
	struct audio_frame frame = {{0}};

	wake_fake_mark_word(&frame, word, score, 1000);
	listen_feed(stage->listen, &frame, stage->now_ms, &stage->report);
	stage->now_ms += AUDIO_FRAME_MS;
	return stage->report.event;
}

static enum listen_event say_nothing(struct stage *stage)
{
	const struct audio_frame frame = {{0}};

	listen_feed(stage->listen, &frame, stage->now_ms, &stage->report);
	stage->now_ms += AUDIO_FRAME_MS;
	return stage->report.event;
}

static void test_stop_silences_and_opens_nothing(void **state)
{
	struct stage *stage = *state;

	make_ready(stage, 0.6);
	listen_own_voice(stage->listen, true, stage->now_ms);
	assert_true(listen_is_ringing(stage->listen, stage->now_ms));
	assert_int_equal(say_nothing(stage), LISTEN_NOTHING);
	assert_int_equal(say(stage, STOP, 700), LISTEN_STOPPED);
	assert_true(stage->report.score > 0.69 && stage->report.floor < 0.51);
	assert_int_equal(stage->report.back_ms, 1000);
	assert_int_equal(stage->report.replay_count, 0);
	assert_int_equal(listen_state(stage->listen), LISTEN_WAITING);
	assert_false(listen_is_ringing(stage->listen, stage->now_ms));
	for (int n = 0; n < 100; n++) /* not a frame of it leaves */
		assert_int_equal(say_nothing(stage), LISTEN_NOTHING);
	assert_int_equal(say(stage, STOP, 900), LISTEN_NOTHING);
	/* Nothing from before it is offered with a name behind it. */
	listen_own_voice(stage->listen, false, stage->now_ms);
	listen_own_voice(stage->listen, true, stage->now_ms);
	assert_int_equal(say(stage, STOP, 900), LISTEN_STOPPED);
	assert_int_equal(say(stage, 0, 900), LISTEN_WOKE);
	assert_int_equal(stage->report.replay_count, 1);
}

static void test_stop_ends_the_answer_of_a_turn(void **state)
{
	struct stage *stage = *state;

	make_ready(stage, 0.6);
	assert_int_equal(say(stage, 0, 900), LISTEN_WOKE);
	/* Under its lease a request may hold the word. */
	listen_own_voice(stage->listen, true, stage->now_ms);
	assert_int_equal(say(stage, STOP, 900), LISTEN_LEASED_FRAME);
	listen_end(stage->listen, "heard", stage->now_ms, &stage->report);
	assert_int_equal(listen_state(stage->listen), LISTEN_RESTING);
	assert_int_equal(say(stage, STOP, 900), LISTEN_STOPPED);
	assert_int_equal(listen_state(stage->listen), LISTEN_WAITING);
}

static void test_only_while_we_sound(void **state)
{
	struct stage *stage = *state;
	const size_t resets = wake_fake_resets(stage->stop);

	make_ready(stage, 0.6);
	assert_int_equal(say(stage, STOP, 900), LISTEN_NOTHING);
	assert_int_equal(wake_fake_fed(stage->stop), 0);
	listen_own_voice(stage->listen, true, stage->now_ms);
	/* What was said before stops nothing. */
	assert_true(wake_fake_resets(stage->stop) > resets);
	assert_int_equal(say_nothing(stage), LISTEN_NOTHING);
	assert_int_equal(wake_fake_fed(stage->stop), 1);
	listen_own_voice(stage->listen, false, stage->now_ms);
	assert_int_equal(say(stage, STOP, 900), LISTEN_NOTHING);
	assert_int_equal(wake_fake_fed(stage->stop), 1);
}

static void test_a_doubt_stops_nothing(void **state)
{
	struct stage *stage = *state;

	make_ready(stage, 0.6);
	listen_own_voice(stage->listen, true, stage->now_ms);
	assert_int_equal(say(stage, STOP, FLOOR - 1), LISTEN_STOP_REJECTED);
	assert_string_equal(stage->report.why, "");
	assert_true(listen_is_ringing(stage->listen, stage->now_ms));
	assert_int_equal(say(stage, STOP, FLOOR), LISTEN_STOPPED);
}

static void test_our_own_stop_stops_nothing(void **state)
{
	struct stage *stage = *state;

	make_ready(stage, 0.0);
	listen_own_voice(stage->listen, true, stage->now_ms);
	assert_int_equal(say(stage, STOP, 999), LISTEN_STOP_REJECTED);
	assert_string_equal(stage->report.why, "own voice");
	assert_true(listen_is_ringing(stage->listen, stage->now_ms));
}

static void test_deaf_to_it_until_the_path_is_ready(void **state)
{
	struct stage *stage = *state;

	listen_own_voice(stage->listen, true, stage->now_ms);
	assert_int_equal(say(stage, STOP, 999), LISTEN_NOTHING);
	assert_int_equal(wake_fake_fed(stage->stop), 0);
}

static void test_ten_minutes_at_most(void **state)
{
	struct stage *stage = *state;
	const int64_t start_ms = stage->now_ms;

	make_ready(stage, 0.6);
	listen_own_voice(stage->listen, true, start_ms);
	listen_own_voice(stage->listen, true, start_ms + 1000); /* renews nothing */
	stage->now_ms = start_ms + RINGING_MS - 1;
	assert_true(listen_is_ringing(stage->listen, stage->now_ms));
	assert_int_equal(say(stage, STOP, FLOOR - 1), LISTEN_STOP_REJECTED);
	assert_false(listen_is_ringing(stage->listen, start_ms + RINGING_MS));
	assert_int_equal(say(stage, STOP, 999), LISTEN_NOTHING);
	/* The name is still heard. */
	assert_int_equal(say(stage, 0, 900), LISTEN_WOKE);
}

static void test_mute_ends_it(void **state)
{
	struct stage *stage = *state;

	make_ready(stage, 0.6);
	listen_own_voice(stage->listen, true, stage->now_ms);
	listen_mute(stage->listen, true, stage->now_ms, &stage->report);
	assert_false(listen_is_ringing(stage->listen, stage->now_ms));
	listen_mute(stage->listen, false, stage->now_ms, &stage->report);
	assert_int_equal(say(stage, STOP, 999), LISTEN_NOTHING);
	listen_own_voice(stage->listen, false, stage->now_ms);
	listen_mute(stage->listen, true, stage->now_ms, &stage->report);
	listen_own_voice(stage->listen, true, stage->now_ms);
	assert_false(listen_is_ringing(stage->listen, stage->now_ms));
}

/* Between the soundings of what rings; muted it is deaf to it, and not for longer. */
static void test_unmuted_it_hears_what_ends_the_ring(void **state)
{
	struct stage *stage = *state;

	make_ready(stage, 0.6);
	listen_ring(stage->listen, true, stage->now_ms);
	assert_true(listen_is_ringing(stage->listen, stage->now_ms));
	for (int i = 0; i < 2; i++) { /* muted in the middle, and from before it on */
		listen_mute(stage->listen, true, stage->now_ms, &stage->report);
		assert_false(listen_is_ringing(stage->listen, stage->now_ms));
		assert_int_equal(say(stage, STOP, 999), LISTEN_NOTHING);
		if (i == 1) {
			listen_ring(stage->listen, false, stage->now_ms);
			listen_ring(stage->listen, true, stage->now_ms);
		}
		listen_mute(stage->listen, false, stage->now_ms, &stage->report);
		assert_true(listen_is_ringing(stage->listen, stage->now_ms));
		assert_int_equal(say(stage, STOP, 999), LISTEN_STOPPED);
		listen_ring(stage->listen, false, stage->now_ms);
		listen_ring(stage->listen, true, stage->now_ms);
	}
}

/* What we play is listened to for both words. */
static void test_both_words_in_our_own_sound_are_ours(void **state)
{
	struct stage *stage = *state;
	struct audio_frame left = room_sound_frame_s16(stage->ours, COUNT, AUDIO_HZ);
	struct audio_frame rest;

	make_ready(stage, 0.6);
	echo_path_use_wake(stage->path, &stage->name_port);
	echo_path_use_wake(stage->path, &stage->stop_port);
	for (int word = 0; word <= STOP; word++) {
		echo_path_reset(stage->path);
		assert_false(echo_path_match(stage->path, 500).ours);
		wake_fake_mark_word(&left, word, FLOOR - 1, 400);
		echo_path_feed(stage->path, &left, &left, &rest);
		assert_true(echo_path_match(stage->path, 500).ours);
	}
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		STAGED(test_stop_silences_and_opens_nothing),
		STAGED(test_stop_ends_the_answer_of_a_turn),
		STAGED(test_only_while_we_sound),
		STAGED(test_a_doubt_stops_nothing),
		STAGED(test_our_own_stop_stops_nothing),
		STAGED(test_deaf_to_it_until_the_path_is_ready),
		STAGED(test_ten_minutes_at_most),
		STAGED(test_mute_ends_it),
		STAGED(test_unmuted_it_hears_what_ends_the_ring),
		STAGED(test_both_words_in_our_own_sound_are_ours),
	};
#undef STAGED

	return cmocka_run_group_tests(tests, NULL, NULL);
}
