/* SPDX-License-Identifier: Apache-2.0 */
/* test_hourly - each kind has its own limit within the hour, and what is raised one for all. */
#include "unit/cmocka_all.h"

#include "domain/hourly.h"

enum { MINUTE_MS = 60 * 1000 };

static void as_many_as_its_row_says(void **state)
{
	struct hourly hourly = {0};
	const unsigned limit = action_per_hour(ACTION_UNLOCK);

	(void)state;
	for (unsigned i = 0; i < limit; i++)
		assert_false(hourly_too_many(&hourly, ACTION_UNLOCK, i));
	assert_true(hourly_too_many(&hourly, ACTION_UNLOCK, limit));
	assert_false(hourly_too_many(&hourly, ACTION_DISARM_ALARM, limit));
}

static void the_hour_slides_and_refusals_do_not_count(void **state)
{
	struct hourly hourly = {0};
	const int64_t limit = action_per_hour(ACTION_UNLOCK);

	(void)state;
	for (int64_t i = 0; i < limit; i++)
		assert_false(hourly_too_many(&hourly, ACTION_UNLOCK, i * MINUTE_MS));
	assert_true(hourly_too_many(&hourly, ACTION_UNLOCK, HOURLY_MS - 1));
	assert_false(hourly_too_many(&hourly, ACTION_UNLOCK, HOURLY_MS));
	assert_true(hourly_too_many(&hourly, ACTION_UNLOCK, HOURLY_MS + 1));
}

static void what_is_raised_shares_one(void **state)
{
	struct hourly hourly = {0};

	(void)state;
	for (int64_t i = 0; i < HOURLY_RAISED_PER_HOUR; i++)
		assert_false(hourly_too_many(&hourly,
					     i % 2 ? ACTION_TURN_ON : ACTION_TURN_OFF,
					     i));
	assert_true(hourly_too_many(&hourly, ACTION_TURN_ON, HOURLY_RAISED_PER_HOUR));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_as_its_row_says),
		cmocka_unit_test(the_hour_slides_and_refusals_do_not_count),
		cmocka_unit_test(what_is_raised_shares_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
