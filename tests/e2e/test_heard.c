/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_heard - a prompt through a sound card made of software, whose output is the
 * microphone: heard; and not heard when the sink is muted or the volume is 0. And our own
 * sound is taken out of what comes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "adapter/echo_speex.h"
#include "adapter/mic_alsa.h"
#include "adapter/speaker_alsa.h"
#include "base/loop.h"
#include "cli/room_sound.h"
#include "e2e/pulse.h"
#include "listen/lease.h"
#include "room/reference.h"

enum {
	PROMPT = 5 * AUDIO_HZ,
	FRAMES_MAX = 50 * 60, /* of waiting, not of time measured */
	WAIT_MS = 20,
	WARM_FRAMES = 50,
	LEVEL = 3000,
};

static const struct event_id PARENT = {1};

struct stage {
	struct pulse *pulse;
	struct mic mic;
	struct speaker speaker;
	struct lease *lease;
	struct echo echo;
	struct reference *reference;
	double heard; /* power of the last second while it played */
	double rest;
	int16_t prompt[PROMPT];
};

static int set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	struct err_note note = {{0}};
	uint64_t dice = 3;

	assert_non_null(stage);
	stage->pulse = pulse_start();
	assert_int_equal(mic_alsa_create(PULSE_MIC, &stage->mic), OK);
	assert_int_equal(speaker_alsa_create(PULSE_SPEAKER, &stage->speaker), OK);
	assert_int_equal(lease_create(LEASE_NAME, loop_now_ms(), &stage->lease), OK);
	assert_int_equal(echo_speex_create(&stage->echo), OK);
	assert_int_equal(reference_create(&stage->echo, &stage->reference), OK);
	room_sound_speech(&dice, LEVEL, stage->prompt, PROMPT);
	if (mic_open(&stage->mic, stage->lease, &note) != OK)
		fail_msg("%s", note.text);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	reference_destroy(stage->reference);
	echo_close(&stage->echo);
	mic_close(&stage->mic);
	speaker_close(&stage->speaker);
	lease_destroy(stage->lease);
	pulse_stop(stage->pulse);
	free(stage);
	return 0;
}

/* What was measured of the last second of the prompt. */
static void count_powers(struct stage *stage, const struct audio_frame *heard,
			 const struct audio_frame *rest,
			 const struct speaker_played *played)
{
	if (played->finished || played->reference.count < PROMPT - AUDIO_HZ)
		return;
	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++) {
		stage->heard += (double)heard->samples[i] * heard->samples[i];
		stage->rest += (double)rest->samples[i] * rest->samples[i];
	}
}

/* A room hears for a while before it speaks. */
static void warm_up(struct stage *stage)
{
	unsigned warm = 0;

	for (unsigned n = 0; n < FRAMES_MAX && warm < WARM_FRAMES; n++) {
		struct audio_frame frame;
		const enum err err = mic_read(&stage->mic, WAIT_MS, &frame);

		if (err == ERR_TIMEOUT)
			continue;
		assert_int_equal(err, OK);
		reference_feed(stage->reference, &frame, NULL, loop_now_ms(), &frame);
		warm++;
	}
}

static struct audible_measured play_and_measure(struct stage *stage)
{
	struct speaker_played played = {0};
	struct reference_proof proof = {0};
	bool proved = false;

	warm_up(stage);
	assert_int_equal(speaker_play(&stage->speaker,
				      (struct audio_span){stage->prompt, PROMPT}, PARENT),
			 OK);
	reference_begin(stage->reference, 1);
	for (unsigned n = 0; n < FRAMES_MAX && !proved; n++) {
		struct audio_frame frame;
		struct audio_frame rest;
		const enum err err = mic_read(&stage->mic, WAIT_MS, &frame);

		if (!played.finished)
			assert_int_equal(speaker_poll(&stage->speaker, &played), OK);
		if (err == ERR_TIMEOUT)
			continue;
		assert_int_equal(err, OK);
		reference_feed(stage->reference, &frame, played.finished ? NULL : &played,
			       loop_now_ms(), &rest);
		count_powers(stage, &frame, &rest, &played);
		proved = reference_proved(stage->reference, &proof);
	}
	assert_true(proved);
	return proof.measured;
}

static void test_a_prompt_is_heard_and_taken_out(void **state)
{
	struct stage *stage = *state;
	const struct audible_measured measured = play_and_measure(stage);

	print_message("correlation %.2f level %.1f dB delay %d samples, left %.1f %%\n",
		      measured.correlation, measured.level_db, measured.delay_samples,
		      100.0 * stage->rest / (stage->heard + 1.0));
	assert_true(measured.heard);
	assert_true(stage->heard > 1e6);
	assert_true(stage->rest < stage->heard / 4.0);
	assert_true(play_and_measure(stage).heard); /* and again */
}

static void test_a_muted_sink_is_not_heard(void **state)
{
	struct stage *stage = *state;

	pulse_mute(stage->pulse, true);
	assert_false(play_and_measure(stage).heard);
	pulse_mute(stage->pulse, false);
	assert_true(play_and_measure(stage).heard);
}

static void test_volume_0_is_not_heard(void **state)
{
	struct stage *stage = *state;

	speaker_set_volume(&stage->speaker, 0);
	assert_false(play_and_measure(stage).heard);
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		STAGED(test_a_prompt_is_heard_and_taken_out),
		STAGED(test_a_muted_sink_is_not_heard),
		STAGED(test_volume_0_is_not_heard),
	};
#undef STAGED

	return cmocka_run_group_tests(tests, NULL, NULL);
}
