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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_topic_and_reason_once),
		cmocka_unit_test(a_flood_is_counted),
		cmocka_unit_test(old_ones_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
