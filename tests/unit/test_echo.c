/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_echo - the canceller and the path around it: our own sound goes, people stay, what
 * is left of us is known as ours, and the name is heard while we speak.
 */
#include "unit/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/echo_speex.h"
#include "cli/room_sound.h"
#include "fake/wake_fake.h"
#include "listen/echo_path.h"
#include "listen/listen.h"
#include "room/reference.h"

enum { SECONDS = 8, COUNT = SECONDS * AUDIO_HZ, FLOOR = 500 };

struct stage {
	uint64_t state;
	struct echo echo;
	struct echo_path *path;
	int16_t ours[COUNT];
	int16_t theirs[COUNT];
	float heard[COUNT];
	float rest[COUNT];
};

static int set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	assert_non_null(stage);
	stage->state = 11;
	assert_int_equal(echo_speex_create(&stage->echo), OK);
	assert_int_equal(echo_path_create(&stage->echo, &stage->path), OK);
	room_sound_speech(&stage->state, 3000, stage->ours, COUNT);
	room_sound_speech(&stage->state, 3000, stage->theirs, COUNT);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	echo_path_destroy(stage->path);
	echo_close(&stage->echo);
	free(stage);
	return 0;
}

/* Our sound from the loudspeaker; theirs, from sample `from` on, from a mouth. */
static void make_heard(struct stage *stage, double delay_ms, double ours, double theirs,
		       size_t from)
{
	const struct room_sound_scene scene = {
		.room = {.seed = 5,
			 .rt60_s = 0.3,
			 .delay_ms = delay_ms,
			 .distortion = 0.05},
		.ours = stage->ours,
		.ours_gain = ours,
		.theirs = stage->theirs,
		.theirs_gain = theirs,
		.noise = 10.0,
	};

	memset(stage->theirs, 0, from * sizeof(int16_t));
	assert_int_equal(room_sound_hear(&scene, &stage->state, stage->heard, COUNT), OK);
}

static void run_path(struct stage *stage)
{
	for (long at = 0; at + AUDIO_FRAME_SAMPLES <= COUNT; at += AUDIO_FRAME_SAMPLES) {
		struct audio_frame frame = room_sound_frame(stage->heard, COUNT, at);
		const struct audio_frame left =
			room_sound_frame_s16(stage->ours, COUNT, at);

		echo_path_feed(stage->path, &frame, &left, &frame);
		for (long i = 0; i < AUDIO_FRAME_SAMPLES; i++)
			stage->rest[at + i] = frame.samples[i];
	}
}

static double level_from(const float *sound, size_t second)
{
	return room_sound_level(sound + second * AUDIO_HZ, AUDIO_HZ);
}

/* ---- the port's contract ---- */

static void test_echo_goes_and_people_stay(void **state)
{
	struct stage *stage = *state;

	make_heard(stage, 60.0, 0.6, 0.0, 0);
	run_path(stage);
	assert_true(echo_path_state(stage->path).ready);
	/* 12 dB at least. */
	assert_true(level_from(stage->rest, 6) < level_from(stage->heard, 6) / 4.0);
	make_heard(stage, 60.0, 0.6, 0.6, (size_t)5 * AUDIO_HZ);
	run_path(stage);
	assert_true(level_from(stage->rest, 6) > 900.0);
}

static void test_silence_of_ours_changes_nothing(void **state)
{
	struct stage *stage = *state;

	memset(stage->ours, 0, sizeof(stage->ours));
	make_heard(stage, 60.0, 0.0, 0.6, 0);
	run_path(stage);
	for (size_t i = 0; i < COUNT; i++) {
		const float clipped = fmaxf(-32768.0F, fminf(32767.0F, stage->heard[i]));

		assert_int_equal((int16_t)clipped, (int16_t)stage->rest[i]);
	}
	assert_false(echo_path_state(stage->path).ready);
	assert_false(echo_path_state(stage->path).sounding);
	assert_false(echo_path_match(stage->path, 1000).ours);
}

static void test_reset_forgets_the_room(void **state)
{
	struct stage *stage = *state;

	make_heard(stage, 60.0, 0.6, 0.0, 0);
	run_path(stage);
	echo_path_reset(stage->path);
	assert_false(echo_path_state(stage->path).ready);
	assert_false(echo_path_match(stage->path, 1000).ours);
}

/* ---- own voice ---- */

static void test_what_is_left_of_us_is_ours(void **state)
{
	struct stage *stage = *state;

	make_heard(stage, 60.0, 0.6, 0.0, 0);
	run_path(stage);
	assert_true(echo_path_match(stage->path, 1000).ours);
}

static void test_what_others_say_is_theirs(void **state)
{
	struct stage *stage = *state;

	make_heard(stage, 60.0, 0.3, 0.6, (size_t)5 * AUDIO_HZ);
	run_path(stage);
	assert_false(echo_path_match(stage->path, 1000).ours);
	room_sound_music(&stage->state, 3000, stage->ours, COUNT);
	room_sound_speech(&stage->state, 3000, stage->theirs, COUNT);
	make_heard(stage, 60.0, 0.1, 0.6, (size_t)5 * AUDIO_HZ);
	run_path(stage);
	assert_false(echo_path_match(stage->path, 1000).ours);
}

/* Heard later than any canceller reaches, as another device's line-in would be. */
static void test_late_and_unheralded_is_ours_too(void **state)
{
	struct stage *stage = *state;
	struct own_voice *own = NULL;

	assert_int_equal(own_voice_create(&own), OK);
	for (long late = 0; late <= 7680; late += 2560) {
		own_voice_reset(own);
		for (long at = 0; at < 3 * AUDIO_HZ; at += AUDIO_FRAME_SAMPLES) {
			const struct audio_frame rest =
				room_sound_frame_s16(stage->ours, COUNT, at - late);
			const struct audio_frame left =
				room_sound_frame_s16(stage->ours, COUNT, at);

			own_voice_feed(own, &rest, &rest, &left);
		}
		assert_true(own_voice_match(own, 800).likeness > 0.9);
		assert_true(own_voice_match(own, 0).ours);
		assert_true(own_voice_match(own, 100000).ours);
	}
	own_voice_destroy(own);
	own_voice_destroy(NULL);
}

/* ---- the name while we speak ---- */

struct ears {
	struct wake_fake *fake;
	struct wake wake;
	struct listen *listen;
	struct listen_report report;
	int64_t now_ms;
};

static void open_ears(struct ears *ears, const struct echo_path *path)
{
	*ears = (struct ears){.now_ms = 1000};
	assert_int_equal(wake_fake_create(FLOOR, &ears->fake), OK);
	ears->wake = wake_fake_port(ears->fake);
	assert_int_equal(listen_create(&ears->wake, &ears->listen), OK);
	listen_use_echo(ears->listen, path);
	listen_own_voice(ears->listen, true, ears->now_ms);
}

static void close_ears(struct ears *ears)
{
	listen_destroy(ears->listen);
	wake_fake_destroy(ears->fake);
}

static void say_name(struct ears *ears)
{
	struct audio_frame frame = {{0}};

	wake_fake_mark(&frame, 900, 1000);
	listen_feed(ears->listen, &frame, ears->now_ms, &ears->report);
	ears->now_ms += AUDIO_FRAME_MS;
}

static void test_deaf_until_the_path_is_ready(void **state)
{
	struct stage *stage = *state;
	struct ears ears;

	open_ears(&ears, stage->path);
	say_name(&ears);
	assert_int_equal(ears.report.event, LISTEN_NOTHING);
	close_ears(&ears);
}

static void test_the_name_is_heard_over_us(void **state)
{
	struct stage *stage = *state;
	struct ears ears;

	make_heard(stage, 60.0, 0.6, 0.6, (size_t)5 * AUDIO_HZ);
	run_path(stage);
	open_ears(&ears, stage->path);
	say_name(&ears);
	assert_int_equal(ears.report.event, LISTEN_WOKE);
	/* And while the answer of a turn is spoken, that is not over. */
	listen_end(ears.listen, "heard", ears.now_ms, &ears.report);
	assert_int_equal(listen_state(ears.listen), LISTEN_RESTING);
	say_name(&ears);
	assert_int_equal(ears.report.event, LISTEN_WOKE);
	listen_end(ears.listen, "heard", ears.now_ms, &ears.report);
	listen_own_voice(ears.listen, false, ears.now_ms);
	say_name(&ears);
	assert_int_equal(ears.report.event, LISTEN_NOTHING);
	close_ears(&ears);
}

static void test_our_own_name_wakes_nobody(void **state)
{
	struct stage *stage = *state;
	struct ears ears;

	make_heard(stage, 60.0, 0.6, 0.0, 0);
	run_path(stage);
	open_ears(&ears, stage->path);
	say_name(&ears);
	assert_int_equal(ears.report.event, LISTEN_REJECTED);
	assert_string_equal(ears.report.why, "own voice");
	assert_int_equal(listen_state(ears.listen), LISTEN_WAITING);
	close_ears(&ears);
}

/* ---- what left beside what was heard ---- */

struct feeding {
	struct reference *reference;
	struct speaker_played played;
	int64_t start_ms;
	long delay; /* samples */
	bool proved;
	long proved_at; /* samples after the prompt's last one was heard */
	struct reference_proof proof;
};

/* Six seconds: silence, a prompt of three from the first second on, silence. Every frame
 * comes up to 15 ms late. */
static void feed_prompt(struct stage *stage, struct feeding *feeding, double gain)
{
	enum { BEGIN = AUDIO_HZ, PROMPT = 3 * AUDIO_HZ };
	const int64_t origin_ms = 50000;

	feeding->start_ms = origin_ms + 1000;
	feeding->played.start_ms = feeding->start_ms;
	feeding->played.whole = (struct audio_span){stage->ours, PROMPT};
	for (long at = 0; at < 6 * AUDIO_HZ; at += AUDIO_FRAME_SAMPLES) {
		const int64_t late_ms =
			(int64_t)(simulated_room_random(&stage->state) % 15);
		const int64_t now_ms = origin_ms + at / 16 + AUDIO_FRAME_MS + late_ms;
		struct audio_frame frame =
			room_sound_frame_s16(stage->ours, PROMPT,
					     at - BEGIN - feeding->delay);
		const bool plays = at >= BEGIN && at < BEGIN + PROMPT;

		for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
			frame.samples[i] =
				(int16_t)(gain * frame.samples[i] +
					  20.0 * simulated_room_normal(&stage->state));
		feeding->played.reference =
			(struct audio_span){stage->ours,
					    plays ? (size_t)(at - BEGIN) : 0};
		if (at == BEGIN)
			reference_begin(feeding->reference, 77);
		reference_feed(feeding->reference, &frame,
			       plays ? &feeding->played : NULL, now_ms, &frame);
		if (reference_proved(feeding->reference, &feeding->proof)) {
			assert_false(feeding->proved); /* once */
			feeding->proved = true;
			feeding->proved_at = at + AUDIO_FRAME_SAMPLES - BEGIN - PROMPT -
					     feeding->delay;
		}
	}
}

static void test_an_answer_is_proved_heard(void **state)
{
	struct stage *stage = *state;

	for (long delay = -3200; delay <= 8000; delay += 1600) {
		struct feeding feeding = {.delay = delay};

		assert_int_equal(reference_create(&stage->echo, &feeding.reference), OK);
		feed_prompt(stage, &feeding, 0.3);
		assert_true(feeding.proved);
		assert_int_equal(feeding.proof.say, 77);
		assert_true(feeding.proof.measured.heard);
		assert_true(labs(feeding.proof.measured.delay_samples - delay) < 320);
		/* Who was asked answers within half a second. */
		assert_in_range(feeding.proved_at, 0, (delay < 0 ? -delay : 0) + 1600);
		reference_destroy(feeding.reference);
	}
}

/* Found, and too weak to count: it is not told before all that may still come. */
static void test_an_answer_that_is_drowned(void **state)
{
	struct stage *stage = *state;
	struct feeding feeding = {.delay = 1600};

	assert_int_equal(reference_create(&stage->echo, &feeding.reference), OK);
	feed_prompt(stage, &feeding, 0.0023);
	assert_true(feeding.proof.measured.found);
	assert_false(feeding.proof.measured.heard);
	assert_true(feeding.proved_at >=
		    AUDIBLE_TAIL_MS * AUDIO_HZ / 1000 - feeding.delay);
	reference_destroy(feeding.reference);
}

static void test_an_answer_nobody_heard(void **state)
{
	struct stage *stage = *state;
	struct feeding feeding = {.delay = 1600};

	assert_int_equal(reference_create(NULL, &feeding.reference), OK);
	feed_prompt(stage, &feeding, 0.0);
	assert_true(feeding.proved);
	assert_false(feeding.proof.measured.heard);
	/* It waited for all that may still come. */
	assert_true(feeding.proved_at >=
		    AUDIBLE_TAIL_MS * AUDIO_HZ / 1000 - feeding.delay);
	assert_false(echo_path_state(reference_path(feeding.reference)).ready);
	reference_reset(feeding.reference);
	reference_destroy(feeding.reference);
	reference_destroy(NULL);
}

/* Somebody else's sound is heard while we say the name: it is taken for ours, and no
 * longer than its echo can last. */
static void feed_at(struct stage *stage, size_t at, int score)
{
	struct audio_frame left = room_sound_frame_s16(stage->ours, COUNT,
						       (long)(at * AUDIO_FRAME_SAMPLES));
	struct audio_frame heard;
	struct audio_frame rest;

	/* A steady hum is like nothing that anybody says. */
	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
		heard.samples[i] = (int16_t)(i % 32 < 16 ? 900 : -900);
	if (score > 0)
		wake_fake_mark(&left, score, 400);
	echo_path_feed(stage->path, &heard, &left, &rest);
}

static void test_the_name_in_our_own_sound_is_ours(void **state)
{
	enum { BEFORE = 100 };
	struct stage *stage = *state;
	struct wake_fake *fake = NULL;
	struct wake own;
	uint32_t ours_ms = 0;
	size_t at = 0;

	assert_int_equal(wake_fake_create(FLOOR, &fake), OK);
	own = wake_fake_port(fake);
	echo_path_use_wake(stage->path, &own);
	while (at < BEFORE)
		feed_at(stage, at++, 0);
	assert_false(echo_path_match(stage->path, 500).ours);
	feed_at(stage, at++, FLOOR - 1); /* doubted is enough */
	while (echo_path_match(stage->path, 500).ours && at < 3 * (size_t)BEFORE) {
		feed_at(stage, at++, 0);
		ours_ms += AUDIO_FRAME_MS;
	}
	assert_int_equal(ours_ms, ECHO_PATH_NAME_MS);
	wake_fake_destroy(fake);
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		STAGED(test_the_name_in_our_own_sound_is_ours),
		STAGED(test_echo_goes_and_people_stay),
		STAGED(test_silence_of_ours_changes_nothing),
		STAGED(test_reset_forgets_the_room),
		STAGED(test_what_is_left_of_us_is_ours),
		STAGED(test_what_others_say_is_theirs),
		STAGED(test_late_and_unheralded_is_ours_too),
		STAGED(test_deaf_until_the_path_is_ready),
		STAGED(test_the_name_is_heard_over_us),
		STAGED(test_our_own_name_wakes_nobody),
		STAGED(test_an_answer_is_proved_heard),
		STAGED(test_an_answer_that_is_drowned),
		STAGED(test_an_answer_nobody_heard),
	};
#undef STAGED

	return cmocka_run_group_tests(tests, NULL, NULL);
}
