/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests hub/calendar: a file that comes, is replaced, and goes, without anybody waiting.
 */
#include "cmocka_all.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/loop.h"
#include "base/str.h"
#include "folder.h"
#include "hub/calendar.h"

enum { WAIT_MS = 60000, STEP_MS = 10 };

static char folder[] = "/tmp/behest-calendar-XXXXXX";
static char path[FILE_PATH_BYTES];
static struct calendar *calendar;

static int begin(void **state)
{
	(void)state;
	(void)str_copy(folder, sizeof(folder), "/tmp/behest-calendar-XXXXXX");
	return !mkdtemp(folder) || !file_join(path, sizeof(path), folder, "house.ics");
}

static int end(void **state)
{
	(void)state;
	calendar_destroy(calendar);
	calendar = NULL;
	return folder_remove(folder);
}

static void write_event(const char *text)
{
	char bytes[512];

	assert_true(
		str_format(bytes, sizeof(bytes),
			   "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:%s\nDTSTART;"
			   "VALUE=DATE:20200101\nRRULE:FREQ=DAILY\nEND:VEVENT\n",
			   text));
	assert_int_equal(file_write(path, bytes, strlen(bytes), 0600, NULL), OK);
}

/* NULL: until there is none. */
static void wait_text(const char *text)
{
	const int64_t until_ms = loop_now_ms() + WAIT_MS;

	for (;;) {
		const struct agenda *agenda = calendar_newest(calendar);

		if (!text && !agenda)
			return;
		if (text && agenda && agenda->count > 0 &&
		    str_equal(agenda->entries[0].text, text))
			return;
		if (loop_now_ms() > until_ms)
			fail_msg("the calendar never has %s", text ? text : "nothing");
		(void)poll(NULL, 0, STEP_MS);
	}
}

static void a_file_comes_changes_and_goes(void **state)
{
	(void)state;
	assert_int_equal(calendar_create(path, &calendar), OK);
	assert_null(calendar_newest(calendar));
	write_event("bins");
	wait_text("bins");
	write_event("choir");
	wait_text("choir");
	assert_true(calendar_newest(calendar)->count > CALENDAR_DAYS);
	assert_int_equal(unlink(path), 0);
	wait_text(NULL);
	write_event("back");
	wait_text("back");
}

static void what_is_no_calendar_is_none(void **state)
{
	(void)state;
	write_event("bins");
	assert_int_equal(calendar_create(path, &calendar), OK);
	wait_text("bins");
	assert_int_equal(file_write(path, "rubbish", 7, 0600, NULL), OK);
	wait_text(NULL);
}

/* Opened, it would wait for somebody who writes; the thread still ends when it is told to. */
static void a_pipe_is_no_file(void **state)
{
	(void)state;
	write_event("bins");
	assert_int_equal(calendar_create(path, &calendar), OK);
	wait_text("bins");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	wait_text(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_comes_changes_and_goes, begin,
						end),
		cmocka_unit_test_setup_teardown(a_pipe_is_no_file, begin, end),
		cmocka_unit_test_setup_teardown(what_is_no_calendar_is_none, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
