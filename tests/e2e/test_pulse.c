/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_pulse - the ALSA microphone and speaker on a sound card made of software: what is
 * played is heard, and unplugging is noticed and got over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/mic_alsa.h"
#include "adapter/speaker_alsa.h"
#include "base/loop.h"
#include "base/str.h"
#include "e2e/pulse.h"
#include "listen/lease.h"

enum {
	TONE_HZ = 1000,
	TONE_SECONDS = 2,
	TONE_LEVEL = 8000,
	FRAMES_MAX = 50 * 20, /* of waiting, not of time measured */
	WAIT_MS = 200,
	LATE_MS = 1200, /* more than the device has in store */
	POLL_MS = 10,
};

static const double PI = 3.14159265358979;
static const struct event_id PARENT = {1};

struct stage {
	struct pulse *pulse;
	struct mic mic;
	struct speaker speaker;
	struct lease *lease;
	int16_t tone[TONE_SECONDS * AUDIO_HZ];
};

static int set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	assert_non_null(stage);
	stage->pulse = pulse_start();
	assert_int_equal(mic_alsa_create(PULSE_MIC, &stage->mic), OK);
	assert_int_equal(speaker_alsa_create(PULSE_SPEAKER, &stage->speaker), OK);
	assert_int_equal(lease_create(LEASE_NAME, loop_now_ms(), &stage->lease), OK);
	for (size_t i = 0; i < STR_COUNT(stage->tone); i++)
		stage->tone[i] = (int16_t)(TONE_LEVEL * sin(2.0 * PI * TONE_HZ *
							    (double)i / AUDIO_HZ));
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	mic_close(&stage->mic);
	speaker_close(&stage->speaker);
	lease_destroy(stage->lease);
	pulse_stop(stage->pulse);
	free(stage);
	return 0;
}

/* The level of the tone in one frame (20 whole periods). */
static double tone_level(const struct audio_frame *frame)
{
	double re = 0.0;
	double im = 0.0;

	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++) {
		re += frame->samples[i] * cos(2.0 * PI * TONE_HZ * (double)i / AUDIO_HZ);
		im += frame->samples[i] * sin(2.0 * PI * TONE_HZ * (double)i / AUDIO_HZ);
	}
	return 2.0 * sqrt(re * re + im * im) / AUDIO_FRAME_SAMPLES;
}

static void open_mic(struct stage *stage)
{
	struct err_note note = {{0}};

	if (mic_open(&stage->mic, stage->lease, &note) != OK)
		fail_msg("%s", note.text);
}

/* Plays the tone and counts the frames in which the microphone heard it at its level. */
static unsigned play_and_hear(struct stage *stage, double level)
{
	struct speaker_played played = {0};
	unsigned heard = 0;
	unsigned quiet_after = 0;

	assert_int_equal(speaker_play(&stage->speaker,
				      (struct audio_span){stage->tone,
							  STR_COUNT(stage->tone)},
				      PARENT),
			 OK);
	for (unsigned n = 0; n < FRAMES_MAX && quiet_after < 25; n++) {
		struct audio_frame frame;
		const enum err err = mic_read(&stage->mic, WAIT_MS, &frame);

		if (!played.finished)
			assert_int_equal(speaker_poll(&stage->speaker, &played), OK);
		if (err == ERR_TIMEOUT)
			continue;
		assert_int_equal(err, OK);
		if (fabs(tone_level(&frame) - level) < level * 0.05)
			heard++;
		else if (played.finished && heard > 0)
			quiet_after++;
	}
	assert_true(played.finished);
	assert_true(played.start_ms > 0);
	assert_int_equal(played.reference.count, STR_COUNT(stage->tone));
	return heard;
}

static void test_what_is_played_is_heard(void **state)
{
	struct stage *stage = *state;

	open_mic(stage);
	/* All of it but for the frames at its edges. */
	assert_in_range(play_and_hear(stage, TONE_LEVEL), 92, 100);
	speaker_set_volume(&stage->speaker, 50);
	assert_in_range(play_and_hear(stage, TONE_LEVEL / 4.0), 92, 100);
}

static void test_no_lease_no_sound(void **state)
{
	struct stage *stage = *state;
	struct audio_frame frame;

	assert_int_equal(mic_open(&stage->mic, NULL, NULL), ERR_CLOSED);
	open_mic(stage);
	lease_end(stage->lease, loop_now_ms());
	assert_int_equal(mic_read(&stage->mic, WAIT_MS, &frame), ERR_CLOSED);
	mic_shut(&stage->mic);
	assert_int_equal(mic_open(&stage->mic, stage->lease, NULL), ERR_CLOSED);
}

static void test_unplugged_and_plugged_in_again(void **state)
{
	struct stage *stage = *state;
	struct audio_frame frame;
	struct err_note note = {{0}};
	enum err err = OK;

	open_mic(stage);
	assert_int_equal(mic_read(&stage->mic, 5000, &frame), OK);
	pulse_plug(stage->pulse, false);
	for (unsigned n = 0; n < FRAMES_MAX && (err == OK || err == ERR_TIMEOUT); n++)
		err = mic_read(&stage->mic, WAIT_MS, &frame);
	assert_int_equal(err, ERR_IO);
	mic_shut(&stage->mic);
	assert_int_not_equal(mic_open(&stage->mic, stage->lease, &note), OK);
	assert_non_null(strstr(note.text, "microphone '" PULSE_MIC "'"));
	pulse_plug(stage->pulse, true);
	open_mic(stage);
	assert_in_range(play_and_hear(stage, TONE_LEVEL), 92, 100);
}

static void test_the_speaker_goes_while_it_plays(void **state)
{
	struct stage *stage = *state;
	struct speaker_played played = {0};
	enum err err = OK;

	assert_int_equal(speaker_play(&stage->speaker,
				      (struct audio_span){stage->tone,
							  STR_COUNT(stage->tone)},
				      PARENT),
			 OK);
	assert_int_equal(speaker_poll(&stage->speaker, &played), OK);
	pulse_plug(stage->pulse, false);
	while (!err && !played.finished)
		err = speaker_poll(&stage->speaker, &played);
	assert_int_equal(err, ERR_IO);
	assert_int_not_equal(speaker_alsa_try(PULSE_SPEAKER, NULL), OK);
	pulse_plug(stage->pulse, true);
	assert_int_equal(speaker_alsa_try(PULSE_SPEAKER, NULL), OK);
	open_mic(stage);
	assert_in_range(play_and_hear(stage, TONE_LEVEL), 92, 100);
}

/* Too late with the rest, of which there is less than the device would begin with by itself:
 * it is played all the same. */
static void test_the_rest_is_played_after_an_underrun(void **state)
{
	struct stage *stage = *state;
	struct speaker_played played = {0};

	for (size_t count = AUDIO_HZ / 2; count > AUDIO_HZ / 4; count -= AUDIO_HZ / 20) {
		assert_int_equal(speaker_play(&stage->speaker,
					      (struct audio_span){stage->tone, count},
					      PARENT),
				 OK);
		assert_int_equal(speaker_poll(&stage->speaker, &played), OK);
		(void)poll(NULL, 0, LATE_MS);
		for (unsigned n = 0; n < FRAMES_MAX && !played.finished; n++) {
			assert_int_equal(speaker_poll(&stage->speaker, &played), OK);
			(void)poll(NULL, 0, POLL_MS);
		}
		assert_true(played.finished);
		assert_int_equal(played.reference.count, count);
	}
}

/* Both hear the one loudspeaker: nothing is one-sided. */
static void test_two_microphones(void **state)
{
	struct stage *stage = *state;

	mic_close(&stage->mic);
	assert_int_equal(mic_alsa_create_two(PULSE_MIC, &stage->mic), OK);
	open_mic(stage);
	assert_in_range(play_and_hear(stage, TONE_LEVEL), 92, 100);
	assert_false(mic_is_one_sided(&stage->mic));
}

static void test_a_device_that_is_none(void **state)
{
	struct stage *stage = *state;
	struct mic mic = {0};
	struct err_note note = {{0}};

	assert_int_equal(mic_alsa_create("no_such_card", &mic), OK);
	assert_int_equal(mic_open(&mic, stage->lease, &note), ERR_MISSING);
	assert_non_null(strstr(note.text, "microphone 'no_such_card': cannot be opened"));
	mic_close(&mic);
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		STAGED(test_what_is_played_is_heard),
		STAGED(test_no_lease_no_sound),
		STAGED(test_unplugged_and_plugged_in_again),
		STAGED(test_the_speaker_goes_while_it_plays),
		STAGED(test_the_rest_is_played_after_an_underrun),
		STAGED(test_two_microphones),
		STAGED(test_a_device_that_is_none),
	};
#undef STAGED

	return cmocka_run_group_tests(tests, NULL, NULL);
}
