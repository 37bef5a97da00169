/* SPDX-License-Identifier: Apache-2.0 */
/* test_recording - when a message is over: somebody spoke and stopped, or nobody did. */
#include "unit/cmocka_all.h"

#include "domain/audio.h"
#include "listen/recording.h"

static enum recording_state feed(struct recording *recording, bool is_loud, uint32_t ms)
{
	for (; ms > 0; ms -= AUDIO_FRAME_MS)
		recording_feed(recording, is_loud);
	return recording_state(recording);
}

static void test_speech_and_then_silence(void **state)
{
	struct recording recording;

	(void)state;
	recording_init(&recording);
	assert_int_equal(feed(&recording, false, 5000), RECORDING_GOES_ON);
	assert_int_equal(feed(&recording, true, 6000), RECORDING_GOES_ON);
	/* A pause to think is no end. */
	assert_int_equal(feed(&recording, false, RECORDING_END_MS - AUDIO_FRAME_MS),
			 RECORDING_GOES_ON);
	assert_int_equal(feed(&recording, true, AUDIO_FRAME_MS), RECORDING_GOES_ON);
	assert_int_equal(recording_excess_ms(&recording), 0);
	assert_int_equal(feed(&recording, false, RECORDING_END_MS - AUDIO_FRAME_MS),
			 RECORDING_GOES_ON);
	assert_int_equal(feed(&recording, false, AUDIO_FRAME_MS), RECORDING_SPOKEN);
	assert_int_equal(recording_excess_ms(&recording),
			 RECORDING_END_MS - RECORDING_KEEP_MS);
}

static void test_nobody_speaks(void **state)
{
	struct recording recording;

	(void)state;
	recording_init(&recording);
	assert_int_equal(feed(&recording, false, RECORDING_START_MS - AUDIO_FRAME_MS),
			 RECORDING_GOES_ON);
	assert_int_equal(feed(&recording, false, AUDIO_FRAME_MS), RECORDING_EMPTY);
	assert_false(recording.has_speech);
}

/* The tone itself, and noises far apart, are no speech. */
static void test_noises_are_no_speech(void **state)
{
	struct recording recording;

	(void)state;
	recording_init(&recording);
	feed(&recording, true, RECORDING_SETTLE_MS);
	assert_false(recording.has_speech);
	for (unsigned n = 0; n < 2; n++) {
		feed(&recording, true, RECORDING_SPEECH_MS - AUDIO_FRAME_MS);
		feed(&recording, false, RECORDING_END_MS);
		assert_false(recording.has_speech);
	}
	assert_int_equal(feed(&recording, false, RECORDING_START_MS), RECORDING_EMPTY);
}

static void test_who_begins_late_is_not_cut_off(void **state)
{
	struct recording recording;

	(void)state;
	recording_init(&recording);
	feed(&recording, false, RECORDING_START_MS - 2 * AUDIO_FRAME_MS);
	assert_int_equal(feed(&recording, true, 4 * AUDIO_FRAME_MS), RECORDING_GOES_ON);
	assert_int_equal(feed(&recording, true, RECORDING_SPEECH_MS), RECORDING_GOES_ON);
	assert_true(recording.has_speech);
	assert_int_equal(feed(&recording, false, RECORDING_END_MS), RECORDING_SPOKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_speech_and_then_silence),
		cmocka_unit_test(test_nobody_speaks),
		cmocka_unit_test(test_noises_are_no_speech),
		cmocka_unit_test(test_who_begins_late_is_not_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
