/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_calendar_house - the household's calendar in a house of real programs: read inside the
 * hub's sandbox, read again when another file is put in its place, and not told in a room
 * that may not speak lists.
 */
#include "unit/cmocka_all.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/str.h"
#include "domain/policy.h"
#include "e2e/house_fixture.h"
#include "e2e/process.h"

enum { CONF_BYTES = 4096 };

static struct house house;
static char folder[FILE_PATH_BYTES];
static char path[FILE_PATH_BYTES];

static void write_file(const char *to, const char *text)
{
	assert_int_equal(file_write(to, text, strlen(text), 0600, NULL), OK);
}

/* As a program does that syncs a calendar: another file, put in its place. */
static void put_event(const char *text)
{
	char fresh[FILE_PATH_BYTES];
	char bytes[512];

	assert_true(
		str_format(bytes, sizeof(bytes),
			   "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:%s\nDTSTART;"
			   "VALUE=DATE:20200101\nRRULE:FREQ=DAILY\nEND:VEVENT\n"
			   "END:VCALENDAR\n",
			   text));
	assert_true(file_join(fresh, sizeof(fresh), folder, "fresh"));
	write_file(fresh, bytes);
	assert_int_equal(rename(fresh, path), 0);
}

static void set_calendar(const char *value)
{
	static char before[CONF_BYTES]; /* the settings of house_begin */
	char conf[FILE_PATH_BYTES];
	char text[CONF_BYTES];
	struct buf bytes;

	assert_true(file_join(conf, sizeof(conf), house.data, "behest.conf"));
	if (!before[0]) {
		assert_int_equal(file_read(conf, CONF_BYTES - 1, &bytes, NULL), OK);
		assert_true(str_copy_bytes(before, sizeof(before),
					   (const char *)bytes.bytes, bytes.size));
		buf_finish(&bytes);
	}
	assert_true(str_format(text, sizeof(text), "%s[house]\ncalendar = %s\n", before,
			       value));
	write_file(conf, text);
}

static int set_up(void **state)
{
	(void)state;
	house_begin(&house);
	assert_true(file_join(folder, sizeof(folder), house.fixture.folder, "calendar"));
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_true(file_join(path, sizeof(path), folder, "house.ics"));
	put_event("choir");
	assert_true(fixture_start_broker(&house.fixture));
	house_start_keeper(&house);
	house_settle(&house);
	set_calendar(path);
	house_start_hub(&house);
	house_wait_flag(&house, "has_owner", true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

static void wait_said(const char *words, const char *expected)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	struct house_turn turn;

	do {
		house_ask(&house, words, &turn);
		if (loop_now_ms() > until_ms)
			fail_msg("\"%s\": \"%s\", and never \"%s\"", words, turn.said,
				 expected);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	} while (!str_equal(turn.said, expected));
}

static void what_is_on_is_told_and_stays_current(void **state)
{
	(void)state;
	wait_said("what is on tomorrow", "Tomorrow: choir.");
	put_event("bins");
	wait_said("what is on tomorrow", "Tomorrow: bins.");
	assert_int_equal(unlink(path), 0);
	wait_said("what is on tomorrow", "I have no calendar to look into.");
	put_event("back");
	wait_said("what is on tomorrow", "Tomorrow: back.");
}

/* What is typed is read by who typed it, and said in no room: 27-calendar.story has what is
 * spoken. */
static void what_is_typed_is_read(void **state)
{
	struct wire_room_set set = {.room = HOUSE_ROOM,
				    .capabilities = MAY_ALL & ~(unsigned)MAY_LISTS,
				    .is_private = 0};
	struct link_client *owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	const struct wire_message *message = NULL;

	(void)state;
	assert_non_null(owner);
	assert_int_equal(link_client_send_room_set(owner, &set, NULL), OK);
	assert_int_equal(link_client_wait(owner, HOUSE_WAIT_MS, &message, NULL), OK);
	assert_int_equal(message->type, WIRE_done);
	link_client_close(owner);
	wait_said("what is on tomorrow", "Tomorrow: back.");
}

static void expect_refused(const char *name)
{
	char beside[FILE_PATH_BYTES];
	struct process_ran ran;

	assert_true(file_join(beside, sizeof(beside), house.data, name));
	set_calendar(beside);
	process_run((const char *const[]){process_program("behest-hub"), "--data",
					  house.data, NULL},
		    HOUSE_WAIT_MS, &ran);
	if (ran.status == 0 || !strstr(process_err(&ran), "house.calendar"))
		fail_msg("%s: %s", name, process_err(&ran));
	process_ran_finish(&ran);
}

/* The hub may read all of the file's folder, so that must not be the household's. */
static void a_calendar_beside_the_keys_is_refused(void **state)
{
	static const char *const names[] = {"house.ics", "keeper/house.ics",
					    "../house.ics"};

	(void)state;
	house_stop_hub(&house);
	for (size_t i = 0; i < STR_COUNT(names); i++)
		expect_refused(names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_on_is_told_and_stays_current),
		cmocka_unit_test(what_is_typed_is_read),
		cmocka_unit_test(a_calendar_beside_the_keys_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
