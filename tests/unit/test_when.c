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

static void what_people_type_is_read(void **state)
{
	static const struct {
		const char *text;
		int64_t begin_ms; /* -1: refused */
		int64_t span_ms;
	} rows[] = {
		{"2026-11-22", 1795298400 * SECOND, DAY},
		{"2026-11-22 14", 1795298400 * SECOND + 14 * HOUR, HOUR},
		{"2026-11-22 14:05", 1795298400 * SECOND + 14 * HOUR + 300 * SECOND,
		 60 * SECOND},
		{"2026-11-22T14:05", 1795298400 * SECOND + 14 * HOUR + 300 * SECOND,
		 60 * SECOND},
		{"2026-02-28", 1772229600 * SECOND, DAY},
		{"today", 1795298400 * SECOND, DAY},
		{"yesterday", 1795298400 * SECOND - DAY, DAY},
		{"2026-02-30", -1, 0},
		{"2026-13-01", -1, 0},
		{"2026-11-22 25:00", -1, 0},
		{"2026-11-22 14:05x", -1, 0},
		{" 2026-11-22", -1, 0},
		{"Today", -1, 0},
		{"22.11.2026", -1, 0},
		{"", -1, 0},
	};
	const int64_t now_ms = 1795298400 * SECOND + 20 * HOUR;

	(void)state;
	assert_int_equal(setenv("TZ", "XYZ-2", 1), 0);
	tzset();
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct when_range range = {.begin_ms = -1};
		const bool is_read = when_read(rows[i].text, now_ms, &range);

		if (is_read != (rows[i].begin_ms >= 0) ||
		    range.begin_ms != rows[i].begin_ms ||
		    (is_read && range.end_ms - range.begin_ms != rows[i].span_ms))
			fail_msg("\"%s\": %lld", rows[i].text, (long long)range.begin_ms);
	}
}

/* A day on which clocks are set has as many hours as it has. */
static void days_have_their_own_length(void **state)
{
	struct when_range range;

	(void)state;
	assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
	tzset();
	assert_true(when_read("2026-03-29", 0, &range));
	assert_true(range.end_ms - range.begin_ms == 23 * HOUR);
	assert_true(when_read("2026-10-25", 0, &range));
	assert_true(range.end_ms - range.begin_ms == 25 * HOUR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_span_is_said_as_people_count),
		cmocka_unit_test(a_time_is_local_for_people),
		cmocka_unit_test(what_people_type_is_read),
		cmocka_unit_test(days_have_their_own_length),
	};

	return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}
