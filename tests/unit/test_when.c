/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_when - how long something lasts is said in what a person counts in; a time is that
 * of the clock on the wall, and of UTC for programs.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <time.h>

#include "base/str.h"
#include "cli/when.h"

#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

static void a_span_is_said_as_people_count(void **state)
{
	static const struct {
		int64_t ms;
		const char *words;
	} rows[] = {
		{-5, "0:00"},
		{247 * SECOND, "4:07"},
		{HOUR - 1, "59:59"},
		{HOUR, "1 h 0 min"},
		{5 * HOUR + 779 * SECOND, "5 h 12 min"},
		{2 * DAY - 1, "47 h 59 min"},
		{2 * DAY, "2 d"},
		{30 * DAY - 1, "29 d"},
	};
	char text[WHEN_BYTES];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		when_span(text, rows[i].ms);
		assert_string_equal(text, rows[i].words);
	}
}

static void a_time_is_local_for_people(void **state)
{
	char text[WHEN_BYTES];

	(void)state;
	assert_int_equal(setenv("TZ", "XYZ-2", 1), 0);
	tzset();
	when_local(text, DAY + 123);
	assert_string_equal(text, "1970-01-02 02:00:00");
	when_utc(text, DAY + 123);
	assert_string_equal(text, "1970-01-02T00:00:00.123Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_span_is_said_as_people_count),
		cmocka_unit_test(a_time_is_local_for_people),
	};

	return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}
