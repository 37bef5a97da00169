/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_book - the house book: when something is due in zones whose clocks are moved, what was
 * said as a time, the limits, and the bytes of an entry.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "domain/book.h"
#include "domain/book_when.h"

#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"
#define NEW_YORK "EST5EDT,M3.2.0,M11.1.0"
#define LORD_HOWE "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"
#define KATHMANDU "<+0545>-5:45"

enum { MS = 1000, HOUR = 60 };

static int64_t system_offset(void *context, int64_t utc_s)
{
	const time_t at = (time_t)utc_s;
	struct tm local;

	(void)context;
	assert_non_null(localtime_r(&at, &local));
	return local.tm_gmtoff;
}

static const struct book_zone ZONE = {.offset_s = system_offset};

static void live_in(const char *zone)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
}

/* Seconds of "2026-03-29 01:30:00", in UTC. */
static int64_t utc_s(const char *text)
{
	struct tm parts = {0};

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M:%S", &parts));
	return (int64_t)timegm(&parts);
}

static void check_utc(int64_t seconds, const char *expected)
{
	const time_t at = (time_t)seconds;
	struct tm parts;
	char text[32];

	assert_non_null(gmtime_r(&at, &parts));
	assert_true(strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts) > 0);
	assert_string_equal(text, expected);
}

/* --- days and moments ------------------------------------------------------------------- */

static void days_are_those_of_the_calendar(void **state)
{
	(void)state;
	for (int64_t day = -1000; day < 200000; day += 1) {
		const time_t at = (time_t)(day * 86400);
		const struct book_date date = book_date_of_day(day);
		struct tm parts;

		assert_non_null(gmtime_r(&at, &parts));
		assert_int_equal(date.year, parts.tm_year + 1900);
		assert_int_equal(date.month, parts.tm_mon + 1);
		assert_int_equal(date.day, parts.tm_mday);
		assert_int_equal(book_day_number(date), day);
		assert_int_equal(book_weekday_of_day(day), parts.tm_wday);
	}
}

static void a_time_of_day_is_one_moment(void **state)
{
	static const struct {
		const char *zone;
		struct book_date date;
		int minute;
		const char *utc;
	} rows[] = {
		{BERLIN, {2026, 3, 28}, 150, "2026-03-28 01:30:00"},
		/* It is skipped: the moment of the skip, which is three o'clock. */
		{BERLIN, {2026, 3, 29}, 150, "2026-03-29 01:00:00"},
		{BERLIN, {2026, 3, 29}, 120, "2026-03-29 01:00:00"},
		{BERLIN, {2026, 3, 29}, 180, "2026-03-29 01:00:00"},
		{BERLIN, {2026, 3, 29}, 119, "2026-03-29 00:59:00"},
		{BERLIN, {2026, 3, 30}, 150, "2026-03-30 00:30:00"},
		/* It comes twice: the first. */
		{BERLIN, {2026, 10, 25}, 150, "2026-10-25 00:30:00"},
		{BERLIN, {2026, 10, 25}, 180, "2026-10-25 02:00:00"},
		{BERLIN, {2026, 10, 24}, 150, "2026-10-24 00:30:00"},
		{BERLIN, {2026, 10, 26}, 150, "2026-10-26 01:30:00"},
		{NEW_YORK, {2026, 3, 8}, 150, "2026-03-08 07:00:00"},
		{NEW_YORK, {2026, 11, 1}, 90, "2026-11-01 05:30:00"},
		{NEW_YORK, {2026, 7, 4}, 720, "2026-07-04 16:00:00"},
		/* Half an hour only. */
		{LORD_HOWE, {2026, 10, 4}, 135, "2026-10-03 15:30:00"},
		{LORD_HOWE, {2026, 4, 5}, 105, "2026-04-04 14:45:00"},
		{KATHMANDU, {2026, 1, 1}, 0, "2025-12-31 18:15:00"},
		{"UTC0", {2000, 2, 29}, 1439, "2000-02-29 23:59:00"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		live_in(rows[i].zone);
		check_utc(book_utc_of(&ZONE, rows[i].date, rows[i].minute), rows[i].utc);
	}
}

/* A zone that leaves out a whole day: the date line was moved. */
static int64_t samoa(void *context, int64_t utc)
{
	(void)context;
	return utc < 1325239200 ? -10 * 3600 : 14 * 3600;
}

static void a_day_that_is_skipped_rings_where_it_would_have_been(void **state)
{
	static const struct book_zone zone = {.offset_s = samoa};

	(void)state;
	check_utc(book_utc_of(&zone, (struct book_date){2011, 12, 30}, 420),
		  "2011-12-30 10:00:00");
	check_utc(book_utc_of(&zone, (struct book_date){2011, 12, 31}, 420),
		  "2011-12-30 17:00:00");
}

static void local_time_is_what_the_wall_shows(void **state)
{
	struct book_local local;

	(void)state;
	live_in(BERLIN);
	local = book_local_of(&ZONE, utc_s("2026-12-31 23:30:15"));
	assert_int_equal(local.date.year, 2027);
	assert_int_equal(local.date.month, 1);
	assert_int_equal(local.date.day, 1);
	assert_int_equal(local.minute, 30);
	assert_int_equal(local.second, 15);
	assert_int_equal(local.weekday, 5);
}

/* --- when they are due ------------------------------------------------------------------ */

static struct book_entry alarm_at(int minute, unsigned days)
{
	struct book_entry entry = {.id = {{7}},
				   .kind = BOOK_ALARM,
				   .date = {2026, 3, 1},
				   .minute = minute,
				   .days = days,
				   .number = 1};

	return entry;
}

/* Twenty-four hours apart but for the two nights. */
static void an_alarm_of_every_day_rings_once_a_day(void **state)
{
	const struct book_entry entry = alarm_at(150, BOOK_EVERY_DAY);
	int64_t at_ms;

	(void)state;
	live_in(BERLIN);
	at_ms = utc_s("2026-03-27 12:00:00") * MS;
	for (int day = 28; day <= 31; day++) {
		char expected[32];

		at_ms = book_due_ms(&entry, &ZONE, at_ms);
		(void)str_format(expected, sizeof(expected), "2026-03-%d %s", day,
				 day == 28   ? "01:30:00"
				 : day == 29 ? "01:00:00"
					     : "00:30:00");
		check_utc(at_ms / MS, expected);
	}
	at_ms = utc_s("2026-10-25 00:29:59") * MS;
	at_ms = book_due_ms(&entry, &ZONE, at_ms);
	check_utc(at_ms / MS, "2026-10-25 00:30:00");
	/* Not again when half past two comes again. */
	at_ms = book_due_ms(&entry, &ZONE, at_ms);
	check_utc(at_ms / MS, "2026-10-26 01:30:00");
}

static void weekdays_leave_out_the_weekend(void **state)
{
	const struct book_entry entry = alarm_at(7 * HOUR, BOOK_WEEKDAYS);
	int64_t at_ms = 0;

	(void)state;
	live_in("UTC0");
	at_ms = book_due_ms(&entry, &ZONE, utc_s("2026-03-06 06:59:59") * MS);
	check_utc(at_ms / MS, "2026-03-06 07:00:00"); /* a Friday */
	at_ms = book_due_ms(&entry, &ZONE, at_ms);
	check_utc(at_ms / MS, "2026-03-09 07:00:00");
	/* Not before its first day. */
	at_ms = book_due_ms(&entry, &ZONE, utc_s("2026-01-01 00:00:00") * MS);
	check_utc(at_ms / MS, "2026-03-02 07:00:00");
}

static void an_alarm_follows_the_zone_and_a_timer_does_not(void **state)
{
	const struct book_entry alarm = alarm_at(7 * HOUR, 0);
	const struct book_entry timer = {.kind = BOOK_TIMER,
					 .is_span = true,
					 .span_ms = 60000,
					 .due_ms = 123456789};

	(void)state;
	live_in("UTC0");
	check_utc(book_due_ms(&alarm, &ZONE, 0) / MS, "2026-03-01 07:00:00");
	assert_int_equal(book_due_ms(&timer, &ZONE, 0), 123456789);
	live_in(NEW_YORK);
	check_utc(book_due_ms(&alarm, &ZONE, 0) / MS, "2026-03-01 12:00:00");
	assert_int_equal(book_due_ms(&timer, &ZONE, 0), 123456789);
	/* Once is once. */
	assert_int_equal(book_due_ms(&alarm, &ZONE, utc_s("2026-03-01 12:00:00") * MS),
			 INT64_MAX);
}

static void what_stands_is_never_due(void **state)
{
	struct book_entry entry = {.kind = BOOK_TIMER, .is_span = true, .due_ms = 5};

	(void)state;
	entry.is_paused = true;
	assert_int_equal(book_due_ms(&entry, &ZONE, 0), INT64_MAX);
	entry = (struct book_entry){.kind = BOOK_ITEM};
	assert_int_equal(book_due_ms(&entry, &ZONE, 0), INT64_MAX);
}

/* --- what was said ---------------------------------------------------------------------- */

static void what_is_typed_is_a_time(void **state)
{
	static const struct {
		const char *text;
		enum err err;
		int64_t span_s;
		int minute;
		enum book_day day;
		bool is_again;
	} rows[] = {
		{"5m", OK, 300, -1, BOOK_DAY_NONE, false},
		{"1h30m", OK, 5400, -1, BOOK_DAY_NONE, false},
		{"in 90s", OK, 90, -1, BOOK_DAY_NONE, false},
		{"7d", OK, 604800, -1, BOOK_DAY_NONE, false},
		{"7:30", OK, 0, 450, BOOK_DAY_NONE, false},
		{"7:30pm", OK, 0, 1170, BOOK_DAY_NONE, false},
		{"12am", OK, 0, 0, BOOK_DAY_NONE, false},
		{"12:05pm", OK, 0, 725, BOOK_DAY_NONE, false},
		{"tomorrow 0:05", OK, 0, 5, BOOK_DAY_TOMORROW, false},
		{"at 5 tomorrow", OK, 0, 300, BOOK_DAY_TOMORROW, false},
		{"at 19:05 yes", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"at 13", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"in 10 minutes", OK, 600, -1, BOOK_DAY_NONE, false},
		{"1 hour and 5 minutes", OK, 3900, -1, BOOK_DAY_NONE, false},
		{"1000 years", ERR_RANGE, 0, 0, BOOK_DAY_NONE, false},
		{"5 minutely", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"on friday at 7pm", OK, 0, 1140, BOOK_DAY_FRIDAY, false},
		{"weekdays 6:45", OK, 0, 405, BOOK_DAY_WEEKDAYS, false},
		{"every monday 6:45", OK, 0, 405, BOOK_DAY_MONDAY, true},
		{"every day 6:45", OK, 0, 405, BOOK_DAY_EVERY, true},
		{"Friday at 6:45", OK, 0, 405, BOOK_DAY_FRIDAY, false},
		{"0s", ERR_RANGE, 0, 0, BOOK_DAY_NONE, false},
		{"8d", ERR_RANGE, 0, 0, BOOK_DAY_NONE, false},
		{"1000y", ERR_RANGE, 0, 0, BOOK_DAY_NONE, false},
		{"999999999999y", ERR_RANGE, 0, 0, BOOK_DAY_NONE, false},
		{"9999999999999s", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"-5m", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"5", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"24:00", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"7:60", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"13pm", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"0am", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"7:30 8:30", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"monday tuesday 7:30", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"tomorrow 5m", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"every 7:30", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"tomorrow", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
		{"1 2 3 4 5 6 7 8 9", ERR_FORMAT, 0, 0, BOOK_DAY_NONE, false},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct book_when when = book_when_none();

		if (book_when_read(rows[i].text, &when) != rows[i].err)
			fail_msg("%s", rows[i].text);
		if (rows[i].err != OK)
			continue;
		assert_int_equal(when.span_s, rows[i].span_s);
		assert_int_equal(when.minute, rows[i].minute);
		assert_int_equal(when.day, rows[i].day);
		assert_int_equal(when.is_again, rows[i].is_again);
	}
}

/* Said on a Wednesday at ten past three in the afternoon, in Berlin. */
static void what_is_said_is_a_moment_to_come(void **state)
{
	static const struct {
		enum book_kind kind;
		int minute;
		bool has_half;
		enum book_day day;
		const char *utc; /* NULL: it is over */
	} rows[] = {
		{BOOK_ALARM, 7 * HOUR, false, BOOK_DAY_NONE, "2026-06-10 17:00:00"},
		{BOOK_ALARM, 3 * HOUR, false, BOOK_DAY_NONE, "2026-06-11 01:00:00"},
		{BOOK_ALARM, 3 * HOUR + 11, false, BOOK_DAY_NONE, "2026-06-10 13:11:00"},
		{BOOK_ALARM, 7 * HOUR, true, BOOK_DAY_NONE, "2026-06-11 05:00:00"},
		{BOOK_ALARM, 12 * HOUR, false, BOOK_DAY_NONE, "2026-06-10 22:00:00"},
		{BOOK_ALARM, 7 * HOUR, false, BOOK_DAY_TODAY, "2026-06-10 17:00:00"},
		{BOOK_ALARM, 7 * HOUR, true, BOOK_DAY_TODAY, NULL},
		{BOOK_ALARM, 3 * HOUR, false, BOOK_DAY_TODAY, NULL},
		{BOOK_ALARM, 8 * HOUR, false, BOOK_DAY_TONIGHT, "2026-06-10 18:00:00"},
		{BOOK_ALARM, 12 * HOUR, false, BOOK_DAY_TONIGHT, "2026-06-10 22:00:00"},
		{BOOK_ALARM, 2 * HOUR, false, BOOK_DAY_TONIGHT, "2026-06-11 00:00:00"},
		{BOOK_ALARM, 7 * HOUR, false, BOOK_DAY_TOMORROW, "2026-06-11 05:00:00"},
		{BOOK_ALARM, 12 * HOUR, false, BOOK_DAY_TOMORROW, "2026-06-11 10:00:00"},
		{BOOK_REMINDER, 3 * HOUR, false, BOOK_DAY_TOMORROW,
		 "2026-06-11 13:00:00"},
		{BOOK_REMINDER, 9 * HOUR, false, BOOK_DAY_TOMORROW,
		 "2026-06-11 07:00:00"},
		{BOOK_ALARM, 7 * HOUR, false, BOOK_DAY_FRIDAY, "2026-06-12 05:00:00"},
		{BOOK_ALARM, 16 * HOUR, true, BOOK_DAY_WEDNESDAY, "2026-06-10 14:00:00"},
		{BOOK_ALARM, 7 * HOUR, false, BOOK_DAY_WEDNESDAY, "2026-06-17 05:00:00"},
		{BOOK_ALARM, 7 * HOUR, false, BOOK_DAY_EVERY, "2026-06-11 05:00:00"},
		{BOOK_ALARM, 7 * HOUR, false, BOOK_DAY_WEEKENDS, "2026-06-13 05:00:00"},
	};
	const int64_t now_ms = (utc_s("2026-06-10 13:10:00")) * MS;

	(void)state;
	live_in(BERLIN);
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		const struct book_when when = {.minute = rows[i].minute,
					       .has_half = rows[i].has_half,
					       .day = rows[i].day};
		struct book_entry entry = {.kind = rows[i].kind, .text = "x"};
		const enum err err = book_when_set(&when, &ZONE, now_ms, &entry);

		if (!rows[i].utc) {
			assert_int_equal(err, ERR_MISSING);
			continue;
		}
		assert_int_equal(err, OK);
		check_utc(book_due_ms(&entry, &ZONE, now_ms) / MS, rows[i].utc);
	}
}

/* Of the night that is, before it and in it. */
static void tonight_is_the_night_that_is(void **state)
{
	static const struct {
		const char *now; /* in Berlin it is two hours later */
		int minute;
		bool has_half;
		const char *utc; /* NULL: it is over */
	} rows[] = {
		{"2026-06-10 20:00:00", 2 * HOUR, false, "2026-06-11 00:00:00"},
		{"2026-06-10 20:00:00", 2 * HOUR, true, "2026-06-11 00:00:00"},
		{"2026-06-10 20:00:00", 23 * HOUR, true, "2026-06-10 21:00:00"},
		{"2026-06-10 20:00:00", 7 * HOUR, true, NULL},
		{"2026-06-10 22:30:00", 2 * HOUR, false, "2026-06-11 00:00:00"},
		{"2026-06-10 22:30:00", 2 * HOUR, true, "2026-06-11 00:00:00"},
		{"2026-06-10 22:30:00", 12 * HOUR, false, "2026-06-11 22:00:00"},
		{"2026-06-10 22:30:00", 8 * HOUR, false, "2026-06-11 18:00:00"},
	};

	(void)state;
	live_in(BERLIN);
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		const struct book_when when = {.minute = rows[i].minute,
					       .has_half = rows[i].has_half,
					       .day = BOOK_DAY_TONIGHT};
		const int64_t now_ms = utc_s(rows[i].now) * MS;
		struct book_entry entry = {.kind = BOOK_ALARM};
		const enum err err = book_when_set(&when, &ZONE, now_ms, &entry);

		assert_int_equal(err, rows[i].utc ? OK : ERR_MISSING);
		if (rows[i].utc)
			check_utc(book_due_ms(&entry, &ZONE, now_ms) / MS, rows[i].utc);
	}
}

static void a_span_has_its_limits(void **state)
{
	struct book_when when = book_when_none();
	struct book_entry entry = {.kind = BOOK_TIMER};

	(void)state;
	assert_int_equal(book_when_set(&when, &ZONE, 1000, &entry), ERR_MISSING);
	when.span_s = BOOK_SPAN_MAX_S + 1;
	assert_int_equal(book_when_set(&when, &ZONE, 1000, &entry), ERR_RANGE);
	when.span_s = -1;
	assert_int_equal(book_when_set(&when, &ZONE, 1000, &entry), ERR_RANGE);
	assert_false(entry.is_span);
	when.span_s = BOOK_SPAN_MAX_S;
	assert_int_equal(book_when_set(&when, &ZONE, 1000, &entry), OK);
	assert_int_equal(entry.due_ms, 1000 + INT64_C(1000) * BOOK_SPAN_MAX_S);
}

/* --- the book --------------------------------------------------------------------------- */

static struct book *make_book(void)
{
	struct book *book = calloc(1, sizeof(*book));

	assert_non_null(book);
	return book;
}

static struct book_entry item(uint8_t id, const char *text, uint64_t number)
{
	struct book_entry entry = {.id = {{id}}, .kind = BOOK_ITEM, .number = number};

	assert_true(str_copy(entry.text, sizeof(entry.text), text));
	return entry;
}

static void there_are_only_so_many_of_a_kind(void **state)
{
	struct book *book = make_book();
	struct book_entry entry = {.kind = BOOK_TIMER, .is_span = true, .span_ms = 1};

	(void)state;
	for (size_t i = 0; i < BOOK_TIMERS_MAX; i++) {
		entry.id.bytes[0] = (uint8_t)(i + 1);
		assert_int_equal(book_put(book, &entry), OK);
	}
	assert_int_equal(book_put(book, &entry), OK); /* the same again */
	entry.id.bytes[0] = 0;
	entry.id.bytes[1] = 1;
	assert_int_equal(book_put(book, &entry), ERR_LIMIT);
	assert_int_equal(book_count(book, BOOK_TIMER), BOOK_TIMERS_MAX);
	entry.kind = BOOK_ALARM;
	assert_int_equal(book_put(book, &entry), OK);
	entry.id.bytes[1] = 0;
	entry.id.bytes[0] = 1;
	book_drop(book, entry.id);
	book_drop(book, entry.id);
	assert_int_equal(book_count(book, BOOK_TIMER), BOOK_TIMERS_MAX - 1);
	assert_null(book_find(book, entry.id));
	assert_int_equal(book->entries[0].id.bytes[0], 2);
	free(book);
}

static void what_was_cleared_is_off_the_list_until_it_is_had_back(void **state)
{
	struct book *book = make_book();
	struct book_entry milk = item(1, "milk", 1);
	struct book_entry bread = item(2, "bread", 2);
	struct book_entry cleared = {.id = {{3}}, .kind = BOOK_CLEARED, .number = 3};
	struct book_entry eggs = item(4, "eggs", 4);

	(void)state;
	assert_int_equal(book_put(book, &milk), OK);
	assert_int_equal(book_put(book, &bread), OK);
	assert_true(book_is_on_list(book, &milk, ""));
	assert_false(book_is_on_list(book, &milk, "christmas"));
	assert_int_equal(book_next_number(book), 3);
	assert_int_equal(book_put(book, &cleared), OK);
	assert_int_equal(book_put(book, &eggs), OK);
	assert_false(book_is_on_list(book, &milk, ""));
	assert_true(book_is_on_list(book, &eggs, ""));
	book_drop(book, cleared.id);
	assert_true(book_is_on_list(book, &milk, ""));
	milk.is_ticked = true;
	assert_false(book_is_on_list(book, &milk, ""));
	free(book);
}

/* --- bytes ------------------------------------------------------------------------------ */

static struct book_entry whole_timer(void)
{
	struct book_entry entry = {
		.id = {{1, 2, 3}},
		.kind = BOOK_TIMER,
		.text = "pizza",
		.room = "kitchen",
		.created_ms = 1780000000000,
		.turn = {42},
		.because = {17},
		.number = 9,
		.is_span = true,
		.span_ms = 300000,
		.due_ms = 1780000300000,
	};

	return entry;
}

static void bytes_hold_all_of_an_entry(void **state)
{
	struct book_entry rows[4] = {whole_timer(), whole_timer(), alarm_at(450, 5),
				     item(9, "milk", 3)};
	uint8_t bytes[BOOK_BODY_BYTES_MAX];

	(void)state;
	rows[1].is_paused = true;
	rows[1].rest_ms = 5;
	rows[1].rang_ms = 6;
	rows[2].last_ms = 7;
	rows[3].is_ticked = true;
	rows[3].ended_ms = 8;
	memset(rows[3].text, 'x', BOOK_TEXT_BYTES - 1);
	memset(rows[3].list, 'y', BOOK_LIST_BYTES - 1);
	memset(rows[3].room, 'z', NAME_BYTES - 1);
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct book_entry again;
		size_t size = 0;

		memset(&again, 0xee, sizeof(again));
		assert_int_equal(book_encode(&rows[i], bytes, &size), OK);
		assert_int_equal(book_decode(rows[i].id, rows[i].kind, bytes, size,
					     &again),
				 OK);
		assert_string_equal(again.text, rows[i].text);
		assert_string_equal(again.list, rows[i].list);
		assert_string_equal(again.room, rows[i].room);
		assert_int_equal(again.due_ms, rows[i].due_ms);
		assert_int_equal(again.rest_ms, rows[i].rest_ms);
		assert_int_equal(again.is_paused, rows[i].is_paused);
		assert_int_equal(again.is_ticked, rows[i].is_ticked);
		assert_int_equal(again.minute, rows[i].minute);
		assert_int_equal(again.days, rows[i].days);
		assert_int_equal(again.date.year, rows[i].date.year);
		assert_int_equal(again.last_ms, rows[i].last_ms);
		assert_int_equal(again.rang_ms, rows[i].rang_ms);
		assert_int_equal(again.ended_ms, rows[i].ended_ms);
		assert_int_equal(again.because.value, rows[i].because.value);
		for (size_t cut = 0; cut < size; cut++)
			assert_int_not_equal(book_decode(rows[i].id, rows[i].kind, bytes,
							 cut, &again),
					     OK);
		bytes[0]++;
		assert_int_equal(book_decode(rows[i].id, rows[i].kind, bytes, size,
					     &again),
				 ERR_VERSION);
	}
}

static void what_is_no_entry_is_not_written(void **state)
{
	uint8_t bytes[BOOK_BODY_BYTES_MAX];
	struct book_entry rows[10];
	size_t size = 0;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++)
		rows[i] = whole_timer();
	rows[0].span_ms = 0;
	rows[1].span_ms = INT64_C(1000) * BOOK_SPAN_MAX_S + 1;
	rows[2].rest_ms = rows[2].span_ms + 1;
	rows[3].is_span = false;
	rows[4].due_ms = -1;
	rows[5].minute = 3;
	rows[6] = alarm_at(BOOK_MINUTES_OF_DAY, 0);
	rows[7] = alarm_at(5, BOOK_EVERY_DAY + 1);
	rows[8] = item(1, "", 1);
	rows[9].kind = BOOK_KIND_COUNT;
	for (size_t i = 0; i < STR_COUNT(rows); i++)
		if (book_encode(&rows[i], bytes, &size) != ERR_RANGE)
			fail_msg("row %zu", i);
	assert_int_equal(size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_are_those_of_the_calendar),
		cmocka_unit_test(a_time_of_day_is_one_moment),
		cmocka_unit_test(a_day_that_is_skipped_rings_where_it_would_have_been),
		cmocka_unit_test(local_time_is_what_the_wall_shows),
		cmocka_unit_test(an_alarm_of_every_day_rings_once_a_day),
		cmocka_unit_test(weekdays_leave_out_the_weekend),
		cmocka_unit_test(an_alarm_follows_the_zone_and_a_timer_does_not),
		cmocka_unit_test(what_stands_is_never_due),
		cmocka_unit_test(what_is_typed_is_a_time),
		cmocka_unit_test(what_is_said_is_a_moment_to_come),
		cmocka_unit_test(tonight_is_the_night_that_is),
		cmocka_unit_test(a_span_has_its_limits),
		cmocka_unit_test(there_are_only_so_many_of_a_kind),
		cmocka_unit_test(what_was_cleared_is_off_the_list_until_it_is_had_back),
		cmocka_unit_test(bytes_hold_all_of_an_entry),
		cmocka_unit_test(what_is_no_entry_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
