/* SPDX-License-Identifier: Apache-2.0 */
/* test_tone - each tone is short, begins and ends without a click, and is not another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "room/tone.h"

enum { TONES = INDICATOR_TONE_RECORD + 1, CLICK = 2500 };

static void test_tones(void **state)
{
	static int16_t sounds[TONES][TONE_SAMPLES_MAX];
	size_t counts[TONES];

	(void)state;
	for (unsigned tone = 0; tone < TONES; tone++) {
		int peak = 0;
		int before = 0;

		counts[tone] = tone_make((enum indicator_tone)tone, sounds[tone]);
		assert_in_range(counts[tone], AUDIO_HZ / 20, TONE_SAMPLES_MAX);
		for (size_t i = 0; i < counts[tone]; i++) {
			assert_true(abs(sounds[tone][i] - before) < CLICK);
			before = sounds[tone][i];
			peak = abs(before) > peak ? abs(before) : peak;
		}
		assert_true(abs(before) < CLICK);
		assert_true(peak > 1000);
		for (unsigned other = 0; other < tone; other++)
			assert_true(counts[tone] != counts[other] ||
				    memcmp(sounds[tone], sounds[other],
					   counts[tone] * sizeof(int16_t)) != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
