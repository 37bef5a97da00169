/* SPDX-License-Identifier: Apache-2.0 */
/* test_activity - loud against the room's own noise, whatever that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "listen/activity.h"

static int offset;

/* Feeds frames of a square wave of that level. */
static void feed(struct activity *activity, int level, unsigned frames)
{
	struct audio_frame frame;

	for (size_t i = 0; i < AUDIO_FRAME_SAMPLES; i++)
		frame.samples[i] = (int16_t)(offset + (i % 2 == 0 ? level : -level));
	for (unsigned i = 0; i < frames; i++)
		activity_feed(activity, &frame);
}

static void test_noise_and_speech(void **state)
{
	static const int NOISES[] = {0, 10, 300};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(NOISES); i++) {
		struct activity activity;

		activity_init(&activity);
		feed(&activity, NOISES[i], 100);
		assert_false(activity_is_speech(&activity));
		feed(&activity, 3000, 1);
		assert_true(activity_is_speech(&activity));
		feed(&activity, NOISES[i], 24);
		assert_true(
			activity_is_speech(&activity)); /* half a second later: still */
		feed(&activity, NOISES[i], 2);
		assert_false(activity_is_speech(&activity));
	}
}

static void test_steady_sound_becomes_noise(void **state)
{
	struct activity activity;

	(void)state;
	activity_init(&activity);
	feed(&activity, 5, 50);
	feed(&activity, 2000, 50 * 30);
	assert_false(activity_is_speech(&activity));
}

/* Five frames of a sound card's offset that comes and goes are no speech, and speech over
 * it is. */
static void test_offset(void **state)
{
	struct activity activity;

	(void)state;
	activity_init(&activity);
	feed(&activity, 10, 100);
	offset = 4000;
	feed(&activity, 10, 5);
	assert_false(activity_is_speech(&activity));
	feed(&activity, 2000, 1);
	assert_true(activity_is_speech(&activity));
	offset = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_noise_and_speech),
		cmocka_unit_test(test_steady_sound_becomes_noise),
		cmocka_unit_test(test_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
