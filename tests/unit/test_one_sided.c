/* SPDX-License-Identifier: Apache-2.0 */
/* one_sided: what one microphone of two hears alone is told from what both hear. */
#include "unit/cmocka_all.h"

#include <math.h>
#include <string.h>

#include "adapter/one_sided.h"

enum { HZ = 48000, QUIET = HZ, SECOND = HZ };

/* White, uniform: the same for the same state. */
static int16_t noise(uint32_t *state, double level)
{
	*state = *state * 1664525U + 1013904223U;
	return (int16_t)lround(level * ((double)(*state >> 8) / (1 << 23) - 1.0));
}

/* So many samples, at these levels over each one's own noise. */
static void feed(struct one_sided *one, uint32_t *state, size_t count, double left,
		 double right)
{
	for (size_t i = 0; i < count; i++) {
		const double tone = sin((double)i * 0.2);
		const int16_t both[] = {
			(int16_t)(noise(state, 30) + lround(left * tone)),
			(int16_t)(noise(state, 60) + lround(right * tone)),
		};

		one_sided_feed(one, both, 1, 2);
	}
}

static void one_alone_is_told(void **state)
{
	struct one_sided one;
	uint32_t dice = 1;

	(void)state;
	for (int side = 0; side < 2; side++) {
		one_sided_init(&one, HZ);
		feed(&one, &dice, QUIET, 0, 0);
		assert_false(one_sided_now(&one));
		feed(&one, &dice, SECOND, side ? 0 : 4000, side ? 4000 : 0);
		assert_true(one_sided_now(&one));
		feed(&one, &dice, SECOND, 0, 0); /* over half a second ago */
		assert_false(one_sided_now(&one));
	}
}

static void both_are_not(void **state)
{
	static const double PAIRS[][2] = {{4000, 4000},
					  {4000, 2000},
					  {1500, 4000},
					  {8000, 2000}};
	struct one_sided one;
	uint32_t dice = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(PAIRS) / sizeof(PAIRS[0]); i++) {
		one_sided_init(&one, HZ);
		feed(&one, &dice, QUIET, 0, 0);
		for (size_t at = 0; at < SECOND; at += HZ / 50) {
			feed(&one, &dice, HZ / 50, PAIRS[i][0], PAIRS[i][1]);
			assert_false(one_sided_now(&one));
		}
	}
}

/* Noise that only one of them has, for as long as it likes, is its own. */
static void what_stays_is_its_own(void **state)
{
	struct one_sided one;
	uint32_t dice = 1;

	(void)state;
	one_sided_init(&one, HZ);
	feed(&one, &dice, 60 * HZ, 3000, 0);
	assert_false(one_sided_now(&one));
}

static void a_click_is_not_enough(void **state)
{
	struct one_sided one;
	uint32_t dice = 1;

	(void)state;
	one_sided_init(&one, HZ);
	feed(&one, &dice, QUIET, 0, 0);
	feed(&one, &dice, HZ / 50 * 3, 8000, 0);
	assert_false(one_sided_now(&one));
}

/* The first two of a device with more are compared; of one there is nothing to compare. */
static void other_counts_of_channels(void **state)
{
	struct one_sided one;
	uint32_t dice = 1;
	int16_t four[4];

	(void)state;
	one_sided_init(&one, HZ);
	for (size_t i = 0; i < 2 * HZ; i++) {
		four[0] = noise(&dice, i < QUIET ? 30 : 4000);
		four[1] = noise(&dice, 30);
		four[2] = noise(&dice, 4000);
		four[3] = 0;
		one_sided_feed(&one, four, 1, 4);
	}
	assert_true(one_sided_now(&one));
	one_sided_init(&one, HZ);
	for (size_t i = 0; i < 2 * HZ; i++) {
		four[0] = noise(&dice, i < QUIET ? 30 : 4000);
		one_sided_feed(&one, four, 1, 1);
	}
	assert_false(one_sided_now(&one));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_alone_is_told),
		cmocka_unit_test(both_are_not),
		cmocka_unit_test(what_stays_is_its_own),
		cmocka_unit_test(a_click_is_not_enough),
		cmocka_unit_test(other_counts_of_channels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
