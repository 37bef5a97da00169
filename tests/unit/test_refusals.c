/* SPDX-License-Identifier: Apache-2.0 */
/* test_refusals - each refused announcement once, and a flood not at all. */
#include "cmocka_all.h"

#include <string.h>

#include "adapter/refusals.h"
#include "base/str.h"

static void each_topic_and_reason_once(void **state)
{
	struct refusals refusals = {0};

	(void)state;
	assert_true(refusals_take(&refusals, "a", "name", 0));
	assert_false(refusals_take(&refusals, "a", "name", 1));
	assert_false(refusals_take(&refusals, "a", "name", 10 * REFUSALS_MS));
	assert_true(refusals_take(&refusals, "a", "topic", 2));
	assert_true(refusals_take(&refusals, "b", "name", 3));
	assert_true(refusals_take(&refusals, "an", "ame", 4));
	assert_int_equal(refusals.untold, 0);
}

static void a_flood_is_counted(void **state)
{
	struct refusals refusals = {0};
	char topic[32];
	unsigned told = 0;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		assert_true(str_format(topic, sizeof(topic), "flood/%d", i));
		told += refusals_take(&refusals, topic, "name", 1000) ? 1 : 0;
	}
	assert_int_equal(told, REFUSALS_TOLD_MAX);
	assert_int_equal(refusals.untold, 5000 - REFUSALS_TOLD_MAX);
	/* A minute later it goes on, also with what was not told then. */
	assert_true(refusals_take(&refusals, "flood/4999", "name", 1000 + REFUSALS_MS));
}

static void old_ones_are_forgotten(void **state)
{
	struct refusals refusals = {0};
	char topic[32];

	(void)state;
	for (int i = 0; i <= REFUSALS_KNOWN_MAX; i++) {
		assert_true(str_format(topic, sizeof(topic), "%d", i));
		assert_true(refusals_take(&refusals, topic, "name",
					  (int64_t)(i + 1) * REFUSALS_MS));
	}
	assert_false(refusals_take(&refusals, "1", "name", INT64_MAX / 2));
	assert_true(refusals_take(&refusals, "0", "name", INT64_MAX / 2));
}

static void test_a_flood_is_told_once(void **state)
{
	struct flood flood = {0};
	unsigned told = 0;

	(void)state;
	for (unsigned i = 0; i < 3 * FLOOD_MAX; i++)
		told += flood_take(&flood, 5000) ? 1 : 0;
	assert_int_equal(told, 1);
	/* The same number in more time is none. */
	flood = (struct flood){0};
	for (unsigned i = 0; i < 3 * FLOOD_MAX; i++)
		assert_false(
			flood_take(&flood, 5000 + (int64_t)i * 2 * FLOOD_MS / FLOOD_MAX));
	for (unsigned i = 0; i < FLOOD_MAX; i++)
		told += flood_take(&flood, 90000) ? 1 : 0;
	assert_int_equal(told, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_topic_and_reason_once),
		cmocka_unit_test(a_flood_is_counted),
		cmocka_unit_test(old_ones_are_forgotten),
		cmocka_unit_test(test_a_flood_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
