/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests adapter/calendar_ical and domain/agenda: repetitions, time zones, daylight saving,
 * and files that want too much. The house is in Berlin.
 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapter/calendar_ical.h"
#include "base/buf.h"
#include "base/str.h"

enum { FILE_MAX = 128 * 1024 * 1024, DAY_S = 24 * 3600 };

static struct agenda agenda;
static struct err_note note;

static int64_t at(int year, int month, int day, int hour, int minute)
{
	struct tm local = {.tm_year = year - 1900,
			   .tm_mon = month - 1,
			   .tm_mday = day,
			   .tm_hour = hour,
			   .tm_min = minute,
			   .tm_isdst = -1};

	return (int64_t)mktime(&local);
}

/* March and April of 2026; the clocks go forward on the 29th of March. */
static struct calendar_span spring(void)
{
	return (struct calendar_span){.from_s = at(2026, 3, 1, 0, 0),
				      .until_s = at(2026, 5, 1, 0, 0)};
}

static enum err parse(const char *events)
{
	const struct calendar_span span = spring();
	struct buf text;
	enum err err;

	buf_init(&text, FILE_MAX);
	assert_int_equal(buf_add_format(&text,
					"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n%sEND:"
					"VCALENDAR\r\n",
					events),
			 OK);
	err = calendar_ical_parse("c.ics", (const char *)text.bytes, text.size, &span,
				  &agenda, &note);
	buf_finish(&text);
	return err;
}

#define EVENT(...) "BEGIN:VEVENT\r\n" __VA_ARGS__ "END:VEVENT\r\n"

static void expect(size_t index, int64_t start_s, const char *text)
{
	assert_true(index < agenda.count);
	if (agenda.entries[index].start_s != start_s)
		fail_msg("entry %zu begins %lld s too late", index,
			 (long long)(agenda.entries[index].start_s - start_s));
	assert_string_equal(agenda.entries[index].text, text);
}

static void single_events_in_three_kinds_of_time(void **state)
{
	(void)state;
	assert_int_equal(
		parse(EVENT("UID:1\r\nSUMMARY:Floating\r\nDTSTART:20260310T093000\r\n")
			      EVENT("UID:2\r\nSUMMARY:World\r\nDTSTART:"
				    "20260311T093000Z\r\n")
				      EVENT("UID:3\r\nSUMMARY:New\r\n  York\r\nDTSTART;"
					    "TZID=America/New_York:20260312T093000\r\n"
					    "DURATION:PT1H\r\n")
					      EVENT("UID:4\r\nSUMMARY:Whole\r\nDTSTART;"
						    "VALUE=DATE:20260313\r\n")),
		OK);
	assert_string_equal(note.text, "");
	assert_int_equal(agenda.count, 4);
	expect(0, at(2026, 3, 10, 9, 30), "Floating");
	expect(1, at(2026, 3, 11, 10, 30), "World");
	/* New York is on summer time already: five hours, not six. */
	expect(2, at(2026, 3, 12, 14, 30), "New York");
	assert_int_equal(agenda.entries[2].end_s - agenda.entries[2].start_s, 3600);
	expect(3, at(2026, 3, 13, 0, 0), "Whole");
	assert_true(agenda.entries[3].all_day);
}

static void a_weekly_event_keeps_its_hour_over_the_change(void **state)
{
	(void)state;
	assert_int_equal(
		parse(EVENT("UID:1\r\nSUMMARY:Choir\r\nDTSTART;TZID=Europe/Berlin:"
			    "20100105T193000\r\nRRULE:FREQ=WEEKLY\r\nEXDATE;TZID=Europe/"
			    "Berlin:20260317T193000\r\n")),
		OK);
	assert_string_equal(note.text, "");
	expect(0, at(2026, 3, 3, 19, 30), "Choir");
	expect(1, at(2026, 3, 10, 19, 30), "Choir");
	expect(2, at(2026, 3, 24, 19, 30), "Choir");
	expect(3, at(2026, 3, 31, 19, 30), "Choir");
	assert_int_equal(agenda.entries[3].start_s - agenda.entries[2].start_s,
			 7 * DAY_S - 3600);
	assert_int_equal(agenda.count, 8);
}

static void what_has_no_zone_keeps_its_hour_as_well(void **state)
{
	(void)state;
	assert_int_equal(parse(EVENT("UID:1\r\nSUMMARY:Tea\r\nDTSTART:20260328T170000\r\n"
				     "RRULE:FREQ=DAILY;COUNT=2\r\n")),
			 OK);
	assert_int_equal(agenda.count, 2);
	expect(0, at(2026, 3, 28, 17, 0), "Tea");
	expect(1, at(2026, 3, 29, 17, 0), "Tea");
}

static void a_zone_of_the_files_own_counts(void **state)
{
	(void)state;
	assert_int_equal(
		parse("BEGIN:VTIMEZONE\r\nTZID:Moon\r\nBEGIN:STANDARD\r\n"
		      "DTSTART:19700101T000000\r\nTZOFFSETFROM:+0300\r\n"
		      "TZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n" EVENT(
			      "UID:1\r\nSUMMARY:Landing\r\nDTSTART;TZID=Moon:"
			      "20260310T120000\r\n")),
		OK);
	assert_string_equal(note.text, "");
	expect(0, at(2026, 3, 10, 10, 0), "Landing");
}

static void what_was_moved_or_cancelled_is_not_there_twice(void **state)
{
	(void)state;
	assert_int_equal(
		parse(EVENT("UID:1\r\nRECURRENCE-ID:20260304T080000\r\nSUMMARY:Moved\r\n"
			    "DTSTART:20260304T150000\r\n")
			      EVENT("UID:1\r\nSUMMARY:Daily\r\nDTSTART:20260303T080000\r\n"
				    "RRULE:FREQ=DAILY;COUNT=4\r\n")
				      EVENT("UID:1\r\nRECURRENCE-ID:20260305T080000\r\n"
					    "STATUS:CANCELLED\r\nSUMMARY:Daily\r\n"
					    "DTSTART:20260305T080000\r\n")),
		OK);
	assert_int_equal(agenda.count, 3);
	expect(0, at(2026, 3, 3, 8, 0), "Daily");
	expect(1, at(2026, 3, 4, 15, 0), "Moved");
	expect(2, at(2026, 3, 6, 8, 0), "Daily");
}

static void a_holiday_is_on_all_its_days(void **state)
{
	(void)state;
	assert_int_equal(parse(EVENT(
				 "UID:1\r\nSUMMARY:Away\r\nDTSTART;VALUE=DATE:20260225"
				 "\r\nDTEND;VALUE=DATE:20260305\r\n")),
			 OK);
	assert_non_null(
		agenda_on(&agenda, at(2026, 3, 4, 0, 0), at(2026, 3, 5, 0, 0), 0));
	assert_null(agenda_on(&agenda, at(2026, 3, 5, 0, 0), at(2026, 3, 6, 0, 0), 0));
	assert_null(agenda_on(&agenda, at(2026, 3, 4, 0, 0), at(2026, 3, 5, 0, 0), 1));
	assert_non_null(agenda_next(&agenda, "AWAY", at(2026, 3, 4, 0, 0)));
	assert_null(agenda_next(&agenda, "away", at(2026, 3, 5, 0, 0)));
	assert_null(agenda_next(&agenda, "", 0));
}

static void what_is_wrong_is_told_with_its_line_and_left_out(void **state)
{
	static const char *const rows[][2] = {
		{EVENT("SUMMARY:x\r\n"), "c.ics:3: an event without a beginning"},
		{EVENT("SUMMARY:x\r\nDTSTART:20269999T000000\r\n"),
		 "c.ics:3: an event without a beginning"},
		{EVENT("SUMMARY:x\r\nDTSTART;TZID=No/Where:20260310T100000\r\n"),
		 "c.ics:3: an unknown time zone; taken for the house's own"},
		{EVENT("SUMMARY:x\r\nDTSTART:19700101T000000\r\n"
		       "RRULE:FREQ=SECONDLY\r\n"),
		 "c.ics:3: repeats too often; the rest is left out"},
		{"BEGIN:VEVENT\r\nSUMMARY:x\r\n",
		 "c.ics:3: the file ends within an event"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		assert_int_equal(parse(rows[i][0]), OK);
		assert_string_equal(note.text, rows[i][1]);
	}
}

static void what_is_no_calendar_is_refused(void **state)
{
	const struct calendar_span span = spring();

	(void)state;
	agenda.count = 7;
	assert_int_equal(calendar_ical_parse("c.ics", "hello\n", 6, &span, &agenda,
					     &note),
			 ERR_FORMAT);
	assert_string_equal(note.text, "c.ics:1: no BEGIN:VCALENDAR");
	assert_int_equal(calendar_ical_parse("c.ics", "", 0, &span, &agenda, &note),
			 ERR_FORMAT);
	assert_int_equal(calendar_ical_read("/nowhere/c.ics", &span, &agenda, &note),
			 ERR_MISSING);
	assert_int_equal(agenda.count, 7);
}

static void a_million_events_are_cut_with_one_line(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, FILE_MAX);
	for (size_t i = 0; i < 1000000; i++)
		assert_int_equal(buf_add_format(&text,
						"BEGIN:VEVENT\nUID:%zu\nSUMMARY:n"
						"\nDTSTART:20260310T%02zu0000\n"
						"END:VEVENT\n",
						i, i % 24),
				 OK);
	assert_int_equal(parse((const char *)text.bytes), OK);
	buf_finish(&text);
	assert_string_equal(note.text, "c.ics:100003: too many events; this and all that "
				       "follow are left out");
	assert_int_equal(agenda.count, AGENDA_ENTRIES_MAX);
	assert_true(agenda.is_cut);
	/* The earliest are kept. */
	assert_int_equal(agenda.entries[AGENDA_ENTRIES_MAX - 1].start_s,
			 at(2026, 3, 10, 0, 0));
}

/* --- bombs ------------------------------------------------------------------------------ */

#define OFTEN "c.ics:3: repeats too often; the rest is left out"
#define NOBODY "c.ics:3: a rule that nobody can follow"

/* What would be followed for hours, or not held by any memory. Each is told, and what is
 * behind it is there; that it ends at all is what is tested. */
static void a_rule_that_never_ends_is_cut(void **state)
{
	static const char *const rows[][2] = {
		{"FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", OFTEN},
		{"FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30", OFTEN},
		{"FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", ""},
		{"FREQ=SECONDLY;INTERVAL=32767;BYMONTH=2;BYMONTHDAY=30", ""},
		{"FREQ=SECONDLY;COUNT=2000000000", OFTEN},
		{"FREQ=DAILY;COUNT=2000000000;BYHOUR=1,2,3,4,5,6,7,8,9;BYMINUTE=1,2,3,4,5,"
		 "6,7,8,9;BYSECOND=1,2,3,4,5,6,7,8,9;BYMONTH=2;BYMONTHDAY=30",
		 OFTEN},
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", NOBODY},
		{"FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2000000000", ""},
		{"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", ""},
		{"RSCALE=CHINESE;FREQ=DAILY;BYMONTH=13", NOBODY},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		char text[1024];

		assert_true(str_format(
			text, sizeof(text),
			EVENT("UID:1\r\nSUMMARY:Bomb\r\nDTSTART:19700101T000000\r\n"
			      "RRULE:%s\r\n")
				EVENT("UID:2\r\nSUMMARY:Tea\r\nDTSTART:20260430T170000"
				      "\r\n"),
			rows[i][0]));
		assert_int_equal(parse(text), OK);
		if (!str_equal(note.text, rows[i][1]))
			fail_msg("%s: \"%s\"", rows[i][0], note.text);
		assert_true(agenda.count > 0);
		expect(agenda.count - 1, at(2026, 4, 30, 17, 0), "Tea");
	}
}

/* A zone whose clock changes each second would fill all memory at its first use. */
static void a_zone_that_never_ends_is_left_out(void **state)
{
	static const char *const changes[] = {
		"RRULE:FREQ=SECONDLY\r\n",
		"RRULE:FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2,3;BYSECOND=1,2,3\r\n",
		"RRULE:FREQ=YEARLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;BYDAY=MO\r\n",
		"RRULE:FREQ=YEARLY;BYHOUR=1,2,3\r\n",
		"RRULE:RSCALE=CHINESE;FREQ=YEARLY\r\n",
		"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n",
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(changes); i++) {
		char text[1024];

		assert_true(str_format(
			text, sizeof(text),
			"BEGIN:VTIMEZONE\r\nTZID:Moon\r\nBEGIN:STANDARD\r\n"
			"DTSTART:19700101T000000\r\nTZOFFSETFROM:+0300\r\n"
			"TZOFFSETTO:+0300\r\n%sEND:STANDARD\r\nEND:VTIMEZONE\r\n" EVENT(
				"UID:1\r\nSUMMARY:Landing\r\nDTSTART;TZID=Moon:"
				"20260310T120000\r\n"),
			changes[i]));
		assert_int_equal(parse(text), OK);
		assert_string_equal(note.text,
				    "c.ics:3: a time zone that changes too often");
		/* As one that nobody knows: in the house's own. */
		expect(0, at(2026, 3, 10, 12, 0), "Landing");
	}
}

/* As calendars of the world write their zones: the rule, and when it ended. */
static void a_zone_changes_by_its_rules(void **state)
{
	(void)state;
	assert_int_equal(
		parse("BEGIN:VTIMEZONE\r\nTZID:East\r\nBEGIN:DAYLIGHT\r\n"
		      "DTSTART:20070311T020000\r\nTZOFFSETFROM:-0500\r\n"
		      "TZOFFSETTO:-0400\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\n"
		      "END:DAYLIGHT\r\nBEGIN:STANDARD\r\nDTSTART:20071104T020000\r\n"
		      "TZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\n"
		      "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU;UNTIL=20991231T000000Z\r\n"
		      "END:STANDARD\r\nEND:VTIMEZONE\r\n" EVENT(
			      "UID:1\r\nSUMMARY:Call\r\nDTSTART;TZID=East:"
			      "20260312T093000\r\n")
			      EVENT("UID:1\r\nSUMMARY:Early call\r\nDTSTART;TZID=East:"
				    "20260305T093000\r\n")),
		OK);
	assert_string_equal(note.text, "");
	expect(0, at(2026, 3, 5, 15, 30), "Early call");
	expect(1, at(2026, 3, 12, 14, 30), "Call");
}

/* RFC 5545 wants it in UTC where the event has a zone; the last one belongs to it. */
static void the_last_repetition_is_there(void **state)
{
	static const char *const rows[][2] = {
		{";TZID=Europe/Berlin:20260303T090000", "20260310T080000Z"},
		{";TZID=Europe/Berlin:20260303T090000", "20260310"},
		{";TZID=America/New_York:20260303T030000", "20260310T070000Z"},
		{":20260303T090000", "20260310T080000Z"},
		{":20260303T090000", "20260310T090000"},
		{":20260303T080000Z", "20260310T080000Z"},
		{";VALUE=DATE:20260303", "20260309T230000Z"},
		{";VALUE=DATE:20260303", "20260310"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		char text[512];

		assert_true(str_format(text, sizeof(text),
				       EVENT("UID:1\r\nSUMMARY:Choir\r\nDTSTART%s\r\n"
					     "RRULE:FREQ=WEEKLY;UNTIL=%s\r\n"),
				       rows[i][0], rows[i][1]));
		assert_int_equal(parse(text), OK);
		assert_string_equal(note.text, "");
		if (agenda.count != 2)
			fail_msg("%s until %s: %zu times", rows[i][0], rows[i][1],
				 agenda.count);
	}
}

/* Thousands of dates, and more than there may be. */
static void dates_are_counted(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, FILE_MAX);
	assert_int_equal(buf_add_format(&text,
					"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Often\r\n"
					"DTSTART:20260310T170000\r\n"),
			 OK);
	for (size_t i = 0; i < 4500; i++)
		assert_int_equal(buf_add_format(&text, "RDATE:%04zu0101\r\n", 2000 + i),
				 OK);
	assert_int_equal(buf_add_format(&text, "END:VEVENT\r\n"), OK);
	assert_true(text.size > CALENDAR_ITEM_BYTES);
	assert_int_equal(parse((const char *)text.bytes), OK);
	assert_string_equal(note.text,
			    "c.ics:3: an event that is too large; it is left out");
	buf_clear(&text);
	assert_int_equal(buf_add_format(&text, "BEGIN:VEVENT\nUID:1\nSUMMARY:Often\n"
					       "DTSTART:20260310T170000\n"),
			 OK);
	for (size_t line = 0; line < 9; line++) {
		assert_int_equal(buf_add_format(&text, "RDATE:20260311T170000"), OK);
		for (size_t i = 0; i < 420; i++)
			assert_int_equal(buf_add_format(&text, ",20260311T170000"), OK);
		assert_int_equal(buf_add_format(&text, "\n"), OK);
	}
	for (size_t i = 0; i < 300; i++)
		assert_int_equal(buf_add_format(&text, "RDATE:20260311\n"), OK);
	assert_int_equal(buf_add_format(&text, "END:VEVENT\n"), OK);
	assert_true(text.size <= CALENDAR_ITEM_BYTES);
	assert_int_equal(parse((const char *)text.bytes), OK);
	assert_string_equal(note.text,
			    "c.ics:3: repeats too often; the rest is left out");
	assert_int_equal(agenda.count, AGENDA_ENTRIES_MAX);
	buf_finish(&text);
}

/* Dates that no calendar has, where libical lets them through. */
static void times_that_are_none_are_left_out(void **state)
{
	(void)state;
	assert_int_equal(
		parse(EVENT("UID:1\r\nSUMMARY:Tea\r\nDTSTART:20260310T170000\r\n"
			    "DTEND:20269999T999999\r\nEXDATE:00000000T000000\r\n"
			    "RDATE:99999999T999999\r\n")
			      EVENT("UID:2\r\nSUMMARY:Far\r\nDTSTART;TZID=Europe/Berlin:"
				    "99991231T235959\r\nRRULE:FREQ=YEARLY\r\n")),
		OK);
	assert_int_equal(agenda.count, 1);
	expect(0, at(2026, 3, 10, 17, 0), "Tea");
	assert_int_equal(agenda.entries[0].end_s, agenda.entries[0].start_s);
}

/* Also where nothing in it is an event. */
static void a_file_without_an_end_is_cut(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, FILE_MAX);
	while (text.size <= CALENDAR_FILE_BYTES)
		assert_int_equal(buf_add_format(&text,
						"BEGIN:VTODO\nSUMMARY:%01000d\n"
						"END:VTODO\n",
						0),
				 OK);
	assert_int_equal(buf_add_format(&text, EVENT("UID:1\nSUMMARY:Late\nDTSTART:"
						     "20260310T170000\n")),
			 OK);
	assert_int_equal(parse((const char *)text.bytes), OK);
	assert_non_null(strstr(note.text, "the file is too large; the rest is left out"));
	assert_int_equal(agenda.count, 0);
	buf_finish(&text);
}

static bool never(void *context)
{
	unsigned *asked = context;

	(*asked)++;
	return false;
}

static void reading_stops_when_it_is_told_to(void **state)
{
	struct calendar_span span = spring();
	unsigned asked = 0;
	const char text[] = "BEGIN:VCALENDAR\nEND:VCALENDAR\n";

	(void)state;
	span.go_on = never;
	span.context = &asked;
	assert_int_equal(calendar_ical_parse("c.ics", text, strlen(text), &span, &agenda,
					     &note),
			 ERR_CLOSED);
	assert_int_equal(asked, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_events_in_three_kinds_of_time),
		cmocka_unit_test(a_weekly_event_keeps_its_hour_over_the_change),
		cmocka_unit_test(what_has_no_zone_keeps_its_hour_as_well),
		cmocka_unit_test(a_zone_of_the_files_own_counts),
		cmocka_unit_test(what_was_moved_or_cancelled_is_not_there_twice),
		cmocka_unit_test(a_holiday_is_on_all_its_days),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line_and_left_out),
		cmocka_unit_test(what_is_no_calendar_is_refused),
		cmocka_unit_test(a_million_events_are_cut_with_one_line),
		cmocka_unit_test(a_rule_that_never_ends_is_cut),
		cmocka_unit_test(a_zone_that_never_ends_is_left_out),
		cmocka_unit_test(a_zone_changes_by_its_rules),
		cmocka_unit_test(the_last_repetition_is_there),
		cmocka_unit_test(dates_are_counted),
		cmocka_unit_test(times_that_are_none_are_left_out),
		cmocka_unit_test(a_file_without_an_end_is_cut),
		cmocka_unit_test(reading_stops_when_it_is_told_to),
	};

	if (setenv("TZ", "Europe/Berlin", 1) != 0)
		return 1;
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
