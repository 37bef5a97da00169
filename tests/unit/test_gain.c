/* SPDX-License-Identifier: Apache-2.0 */
/* test_gain - volume: whole, silent, and a quarter of the amplitude in the middle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapter/gain.h"
#include "base/str.h"

static void test_volumes(void **state)
{
	static const int16_t SOUND[] = {0, 1000, -1000, INT16_MAX, INT16_MIN};
	static const struct {
		int percent;
		int16_t want[5];
	} ROWS[] = {
		{100, {0, 1000, -1000, INT16_MAX, INT16_MIN}},
		{50, {0, 250, -250, 8191, -8192}},
		{0, {0, 0, 0, 0, 0}},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		int16_t got[STR_COUNT(SOUND)];

		gain_copy(got, (struct audio_span){SOUND, STR_COUNT(SOUND)},
			  ROWS[i].percent);
		assert_memory_equal(got, ROWS[i].want, sizeof(got));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_volumes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
