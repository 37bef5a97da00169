/* SPDX-License-Identifier: Apache-2.0 */
/* The sound of one lease: endpoint and recogniser side by side, and nothing kept after. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/must.h"
#include "fake/clock_fake.h"
#include "fake/recogniser_fake.h"
#include "turn/session.h"

static const double PI = 3.14159265358979;

struct bench {
	struct clock_fake clock_fake;
	struct clock clock;
	struct recogniser_fake *fake;
	struct recogniser recogniser;
	struct session *session;
};

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	must(bench);
	bench->clock = clock_fake_init(&bench->clock_fake);
	must(recogniser_fake_create(&bench->fake) == OK);
	bench->recogniser = recogniser_fake_port(bench->fake);
	must(session_create(&bench->clock, &bench->recogniser, endpoint_defaults(),
			    &bench->session) == OK);
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	session_destroy(bench->session);
	recogniser_fake_destroy(bench->fake);
	free(bench);
	return 0;
}

/* Feeds ms of a voice-like sound (a buzz of harmonics with five syllables a second) of
 * that loudness over a little hiss; stops when the session wants no more. Returns how
 * many ms were taken. */
static int64_t feed(struct bench *bench, int64_t ms, double loudness)
{
	static uint32_t noise = 1;
	static double phase;

	for (int64_t fed = 0; fed < ms; fed += AUDIO_FRAME_MS) {
		struct audio_frame frame;
		for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++) {
			noise = noise * 1664525 + 1013904223;
			phase += 2 * PI * 130 / AUDIO_HZ;
			double syllable = 0.55 + 0.45 * sin(phase / 26);
			double buzz = sin(phase) + sin(3 * phase) + sin(5 * phase) +
				      sin(9 * phase);
			frame.samples[i] =
				(int16_t)(loudness * syllable * buzz / 4 + (noise >> 28));
		}
		clock_fake_pass(&bench->clock_fake, AUDIO_FRAME_MS);
		if (session_feed(bench->session, &frame) != SESSION_LISTENING)
			return fed + AUDIO_FRAME_MS;
	}
	return ms;
}

static void test_speech_then_silence(void **state)
{
	struct bench *bench = *state;
	struct turn_heard heard;
	struct audio_span sound;

	recogniser_fake_say(bench->fake, "turn on the light", -3, 120);
	assert_int_equal(session_begin(bench->session, 0), OK);
	(void)feed(bench, 400, 0);
	(void)feed(bench, 1500, 9000);
	int64_t silence = feed(bench, 4000, 0);
	assert_true(silence < 2000);
	assert_int_equal(session_poll(bench->session), SESSION_HEARD);
	session_result(bench->session, &heard, &sound);
	assert_string_equal(heard.text, "turn on the light");
	assert_true(heard.spoken);
	assert_int_equal(sound.count, (size_t)(400 + 1500 + silence) * AUDIO_HZ / 1000);
	/* The true end of speech is when the tone stopped, give or take a few frames. */
	int64_t voiced_ago = heard.endpoint_ms - heard.last_voiced_ms;
	assert_true(voiced_ago >= silence - 120 && voiced_ago <= silence + 120);
	assert_int_equal(recogniser_fake_ended(bench->fake), 1);
	assert_true(recogniser_fake_suspects(bench->fake) >= 1);
}

/* Somebody sets the time of day while a person speaks: nothing ends sooner or later. */
static void test_the_wall_clock_jumps(void **state)
{
	struct bench *bench = *state;
	struct turn_heard heard;
	struct audio_span sound;
	const int64_t begun_ms = bench->clock_fake.now_us / 1000;
	int64_t silence;

	recogniser_fake_say(bench->fake, "turn on the light", -3, 120);
	assert_int_equal(session_begin(bench->session, 0), OK);
	bench->clock_fake.wall_ms -= 86400 * 1000;
	(void)feed(bench, 400, 0);
	(void)feed(bench, 1500, 9000);
	bench->clock_fake.wall_ms += 365 * (int64_t)86400 * 1000;
	silence = feed(bench, 4000, 0);
	assert_true(silence < 2000);
	assert_int_equal(session_poll(bench->session), SESSION_HEARD);
	session_result(bench->session, &heard, &sound);
	/* By the clock that only goes on. */
	assert_in_range(heard.endpoint_ms, begun_ms, bench->clock_fake.now_us / 1000);
	assert_in_range(heard.last_voiced_ms, begun_ms, heard.endpoint_ms);
}

static void test_nobody_speaks(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(session_begin(bench->session, 0), OK);
	int64_t waited = feed(bench, 30000, 0);
	assert_true(waited < 12000);
	assert_int_equal(session_poll(bench->session), SESSION_NOBODY);
	/* The recogniser is free again. */
	assert_int_equal(recogniser_fake_ended(bench->fake), 1);
	assert_int_equal(session_begin(bench->session, 0), OK);
}

/* The name, a pause for thought, the request: the pause ends nothing. */
static void test_pause_behind_the_name(void **state)
{
	struct bench *bench = *state;
	struct turn_heard heard;
	struct audio_span sound;

	recogniser_fake_say(bench->fake, "turn on the light", -3, 120);
	assert_int_equal(session_begin(bench->session, 900), OK);
	(void)feed(bench, 900, 9000);
	assert_int_equal(feed(bench, 1500, 0), 1500);
	(void)feed(bench, 1000, 9000);
	int64_t silence = feed(bench, 4000, 0);
	assert_true(silence < 2000);
	assert_int_equal(session_poll(bench->session), SESSION_HEARD);
	session_result(bench->session, &heard, &sound);
	int64_t voiced_ago = heard.endpoint_ms - heard.last_voiced_ms;
	assert_true(voiced_ago >= silence - 120 && voiced_ago <= silence + 120);
}

/* "jarvis stop" in one breath: over before the name was believed. */
static void test_request_within_the_lead(void **state)
{
	struct bench *bench = *state;

	recogniser_fake_say(bench->fake, "stop", -3, 40);
	recogniser_fake_partial(bench->fake, 500, "stop", true,
				RECOGNISER_FOLLOW_NOTHING);
	assert_int_equal(session_begin(bench->session, 1200), OK);
	(void)feed(bench, 1200, 9000);
	assert_true(feed(bench, 4000, 0) < 1000);
	assert_int_equal(session_poll(bench->session), SESSION_HEARD);
}

/* The same silence after the same sound: what may follow the words decides. */
static int64_t silence_after(struct bench *bench, bool complete,
			     enum recogniser_follow follow)
{
	recogniser_fake_say(bench->fake, "turn on the light", -3, 120);
	recogniser_fake_partial(bench->fake, 1000, "turn on the light", complete, follow);
	assert_int_equal(session_begin(bench->session, 0), OK);
	(void)feed(bench, 400, 0);
	(void)feed(bench, 1500, 9000);
	int64_t silence = feed(bench, 4000, 0);
	assert_int_equal(session_poll(bench->session), SESSION_HEARD);
	return silence;
}

static void test_words_decide_the_wait(void **state)
{
	struct bench *bench = *state;
	int64_t whole = silence_after(bench, true, RECOGNISER_FOLLOW_NOTHING);
	int64_t seldom = silence_after(bench, true, RECOGNISER_FOLLOW_SELDOM);
	int64_t more = silence_after(bench, true, RECOGNISER_FOLLOW_MORE);
	int64_t open = silence_after(bench, false, RECOGNISER_FOLLOW_NOTHING);
	int64_t begun = silence_after(bench, false, RECOGNISER_FOLLOW_MORE);

	assert_true(whole < 350);
	assert_true(whole < seldom && seldom < 450);
	assert_true(more > 800);
	assert_int_equal(open, more);
	assert_true(begun > open);
}

/* Words that changed a moment ago are not taken for a sentence. */
static void test_words_must_stand(void **state)
{
	struct bench *bench = *state;
	const uint32_t late_ms = 400 + 1500 + 200;

	recogniser_fake_say(bench->fake, "turn on the light", -3, 120);
	recogniser_fake_partial(bench->fake, 1000, "turn on", true,
				RECOGNISER_FOLLOW_NOTHING);
	recogniser_fake_partial(bench->fake, 400 + 1500 + 160, "turn on the light", true,
				RECOGNISER_FOLLOW_NOTHING);
	assert_int_equal(session_begin(bench->session, 0), OK);
	(void)feed(bench, 400, 0);
	(void)feed(bench, 1500, 9000);
	assert_true(1900 + feed(bench, 4000, 0) > late_ms);
}

static void test_lease_ends_in_mid_word(void **state)
{
	struct bench *bench = *state;

	recogniser_fake_say(bench->fake, "turn on", -3, 60);
	assert_int_equal(session_begin(bench->session, 0), OK);
	(void)feed(bench, 900, 9000);
	session_end(bench->session);
	session_end(bench->session);
	assert_int_equal(session_poll(bench->session), SESSION_HEARD);
	assert_int_equal(recogniser_fake_ended(bench->fake), 1);
}

static void test_endless_speech_ends(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(session_begin(bench->session, 0), OK);
	int64_t taken = feed(bench, (SESSION_SECONDS_MAX + 5) * 1000, 9000);
	assert_true(taken <= SESSION_SECONDS_MAX * 1000 + AUDIO_FRAME_MS);
	assert_int_not_equal(session_poll(bench->session), SESSION_LISTENING);
}

static void test_recogniser_fails(void **state)
{
	struct bench *bench = *state;

	recogniser_fake_fail_next(bench->fake, ERR_MEMORY);
	assert_int_equal(session_begin(bench->session, 0), ERR_MEMORY);
	assert_int_equal(session_begin(bench->session, 0), OK);
	recogniser_fake_fail_next(bench->fake, ERR_LIMIT);
	(void)feed(bench, AUDIO_FRAME_MS, 9000);
	assert_int_not_equal(session_poll(bench->session), SESSION_LISTENING);
}

/* Nothing of the sound or the words is left when the session is finished. */
static void test_finish_wipes(void **state)
{
	struct bench *bench = *state;
	struct turn_heard heard;
	struct audio_span sound;

	recogniser_fake_say(bench->fake, "a secret sentence", -3, 60);
	assert_int_equal(session_begin(bench->session, 0), OK);
	(void)feed(bench, 900, 9000);
	session_end(bench->session);
	assert_int_equal(session_poll(bench->session), SESSION_HEARD);
	session_result(bench->session, &heard, &sound);
	assert_true(sound.count > 0);
	session_finish(bench->session);
	for (size_t i = 0; i < sound.count; i++)
		assert_int_equal(sound.samples[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_speech_then_silence, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_nobody_speaks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pause_behind_the_name, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_request_within_the_lead, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_words_decide_the_wait, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_words_must_stand, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lease_ends_in_mid_word, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_endless_speech_ends, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_recogniser_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_finish_wipes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_wall_clock_jumps, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
