/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_mail_kills - messages that go out by mail, while gate and keeper are killed again and
 * again: each is handed to a real mail server at least once, always under its own name, so
 * that its reader sees it once; none goes before its hold is over, and none that was called
 * off; and the keeper knows of each that it is done.
 *
 * Room and phone are the test's own. Prints its seed and takes it back in BEHEST_SEED.
 * Skipped, with the reason, where there is no exim.
 */
#include "unit/cmocka_all.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/loop.h"
#include "base/str.h"
#include "e2e/process.h"
#include "e2e/smtp_fixture.h"
#include "e2e/spoken.h"
#include "fake/rand_fake.h"
#include "folder.h"

enum {
	MAILS = 6,
	KILLS = 8,
	STEP_MS = 5,
	KILL_US_MAX = 60000,
	PATIENCE_MS = 15000,
	MAIL_MAX = 1 << 20,
	SETTINGS_MAX = 2048,
	WAIT_MS = 3 * HOUSE_WAIT_MS,
};

#define OFFICE "Office Manager"

enum { KILL_GATE = 1, KILL_KEEPER = 2, KILL_ALL = KILL_GATE | KILL_KEEPER };

static struct spoken_house all;
static struct smtp_fixture server;
static struct spoken messages[MAILS];
static struct rand_fake dice;
static pid_t gate;

/* --- the gate --------------------------------------------------------------------------- */

static void write_mail_settings(void)
{
	static const char password[] = SMTP_FIXTURE_PASSWORD "\n";
	char path[FILE_PATH_BYTES];
	char text[SETTINGS_MAX];
	struct buf before;

	assert_true(file_join(path, sizeof(path), all.house.data, "behest.conf"));
	assert_int_equal(file_read(path, SETTINGS_MAX, &before, NULL), OK);
	assert_true(str_format(text, sizeof(text),
			       "%s\n[mail]\nhost = localhost\nport = %u\n"
			       "tls = starttls\nuser = %s\nfrom = house@example.org\n"
			       "from_name = Our house\nauthority = %s\n",
			       (const char *)before.bytes, server.starttls_port,
			       SMTP_FIXTURE_USER, server.certificate));
	buf_finish(&before);
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
	assert_true(file_join(path, sizeof(path), all.house.data, "mail.password"));
	assert_int_equal(file_write(path, password, strlen(password), 0600, NULL), OK);
}

static void start_gate(void)
{
	const char *const words[] = {process_program("behest-gate"), "--data",
				     all.house.data, NULL};

	gate = process_start(words, all.house.log);
}

static void kill_one(pid_t *pid)
{
	const int status = process_end(pid, SIGKILL);

	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void strike(unsigned victims)
{
	const struct timespec pause = {
		.tv_nsec = (long)rand_fake_below(&dice, KILL_US_MAX) * 1000};

	(void)nanosleep(&pause, NULL);
	if (victims & KILL_GATE)
		kill_one(&gate);
	if (victims & KILL_KEEPER) {
		kill_one(&all.house.keeper);
		wire_phone_close(&all.phone);
		house_start_keeper(&all.house);
		wire_phone_open(&all.phone);
	}
	if (victims & KILL_GATE)
		start_gate();
}

/* --- mails ------------------------------------------------------------------------------ */

static const struct wire_phone_told *told_of(size_t number)
{
	return wire_phone_find(&all.phone, messages[number].body);
}

static void say_one(size_t number)
{
	struct spoken *message = &messages[number];

	spoken_make(message, &all, OFFICE, (unsigned)number);
	for (enum spoken_step step = 0; step <= SPOKEN_SENT; step++)
		if (!spoken_go(message, step))
			fail_msg("%s: the hub goes another way", spoken_step_text(step));
	assert_true(wire_room_wait_say(&all.room));
	wire_room_heard(&all.room);
	assert_true(wire_room_wait_over(&all.room));
	assert_int_equal(wire_phone_list(&all.phone), OK);
	assert_non_null(told_of(number));
	assert_string_equal(told_of(number)->state, "asked");
}

static void say_verdict(size_t number, enum approval_verdict verdict)
{
	struct wire_phone_told *told = wire_phone_find(&all.phone, messages[number].body);

	assert_true(wire_phone_say(&all.phone, told, verdict));
	assert_int_equal(wire_phone_wait_answer(&all.phone), OK);
}

static size_t count_in(const char *state)
{
	size_t count = 0;

	for (size_t i = 0; i < MAILS; i++)
		count += told_of(i) && str_equal(told_of(i)->state, state);
	return count;
}

/* One that was ordered, and of which a keeper that was started anew does not tell, is over:
 * that it is done was written, and the phone was away when it was told. */
static size_t count_over(void)
{
	size_t count = 0;

	for (size_t i = 0; i < MAILS; i++)
		count += told_of(i) && str_equal(told_of(i)->state, "ordered") &&
			 told_of(i)->opening != all.phone.openings;
	return count;
}

static size_t count_done(void)
{
	return count_in("done") + count_over();
}

static size_t count_ordered(void)
{
	return count_in("ordered") + count_in("done");
}

/* What a server put off waits longer each time: a gate's next life has all patience. */
static void wait_count(size_t (*count_now)(void), size_t count)
{
	const int64_t until_ms = loop_now_ms() + WAIT_MS;
	int64_t again_ms = loop_now_ms() + PATIENCE_MS;

	while (count_now() < count) {
		if (loop_now_ms() > again_ms) {
			strike(KILL_GATE);
			again_ms = loop_now_ms() + PATIENCE_MS;
		}
		assert_true(wire_phone_poll(&all.phone));
		assert_int_equal(loop_run_once(all.loop, STEP_MS), OK);
		if (loop_now_ms() > until_ms)
			fail_msg("of %zu mails %zu are ordered and %zu done", count,
				 count_in("ordered"), count_done());
	}
}

/* --- what the server has ---------------------------------------------------------------- */

static size_t count_mails(const char *id, size_t *out_all)
{
	char folder[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	const struct dirent *entry;
	size_t count = 0;
	struct buf mail;
	DIR *list;

	*out_all = 0;
	assert_true(file_join(folder, sizeof(folder), server.folder, "mail/new"));
	list = opendir(folder);
	assert_non_null(list);
	while ((entry = readdir(list))) { /* NOLINT(concurrency-mt-unsafe) */
		if (entry->d_name[0] == '.')
			continue;
		assert_true(file_join(path, sizeof(path), folder, entry->d_name));
		assert_int_equal(file_read(path, MAIL_MAX, &mail, NULL), OK);
		(*out_all)++;
		count += strstr((const char *)mail.bytes, id) != NULL;
		buf_finish(&mail);
	}
	closedir(list);
	return count;
}

/* "Message-ID: <" and the proposal's id: the same however often it is handed over. */
static size_t count_of(size_t number, size_t *out_all)
{
	char name[ID_TEXT_BYTES];
	char line[ID_TEXT_BYTES + 32];

	id_to_text(name, told_of(number)->id.bytes);
	assert_true(str_format(line, sizeof(line), "Message-ID: <%s@", name));
	return count_mails(line, out_all);
}

static void show_server(void)
{
	struct buf log;

	if (file_read(server.log, MAIL_MAX, &log, NULL) == OK && log.bytes)
		print_message("--- what the server wrote ---\n%s",
			      (const char *)log.bytes);
	buf_finish(&log);
}

/* The server has taken it; it delivers in its own time. */
static void wait_mail(size_t number)
{
	const int64_t until_ms = loop_now_ms() + SMTP_FIXTURE_WAIT_MS;
	size_t in_all = 0;

	while (count_of(number, &in_all) == 0) {
		if (loop_now_ms() > until_ms && getenv("HOUSE_LOG"))
			show_server();
		if (loop_now_ms() > until_ms)
			fail_msg("mail %zu is done, and the server has %zu others",
				 number, in_all);
		(void)poll(NULL, 0, SMTP_FIXTURE_STEP_MS);
	}
}

/* --- the test --------------------------------------------------------------------------- */

static void killed_while_they_go(void **state)
{
	size_t in_all = 0;
	size_t named = 0;

	(void)state;
	for (size_t i = 0; i < MAILS; i++)
		say_one(i);
	say_verdict(0, APPROVAL_CANCEL);
	for (size_t i = 1; i < MAILS; i++)
		say_verdict(i, APPROVAL_APPROVE);
	strike(KILL_GATE); /* there is nothing for it yet */
	wait_count(count_ordered, 1);
	for (size_t i = 0; i < KILLS; i++)
		strike(KILL_GATE + rand_fake_below(&dice, KILL_ALL));
	wait_count(count_done, MAILS - 1);
	for (size_t i = 1; i < MAILS; i++)
		wait_mail(i);
	for (size_t i = 1; i < MAILS; i++) {
		const size_t count = count_of(i, &in_all);

		assert_true(count >= 1);
		assert_true(told_of(i)->ordered_ms - told_of(i)->word_ms >=
			    SPOKEN_HOLD_S * 1000);
		named += count;
	}
	assert_int_equal(count_of(0, &in_all), 0);
	assert_int_equal(named, in_all);
	print_message("%d mails, handed over %zu times\n", MAILS - 1, in_all);
}

static int set_up(void **state)
{
	struct wire_contact contact = {.name = OFFICE,
				       .kind = "mail",
				       .address = "office@example.org"};
	struct link_client *owner;

	(void)state;
	smtp_fixture_begin(&server);
	spoken_house_begin(&all);
	write_mail_settings();
	owner = house_sign_in(&all.house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	spoken_house_add_contact(&all, owner, &contact);
	link_client_close(owner);
	spoken_house_wait_hub(&all);
	start_gate();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)process_end(&gate, SIGTERM);
	spoken_house_end(&all);
	smtp_fixture_end(&server);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_while_they_go),
	};

	if (!smtp_fixture_is_here())
		return FOLDER_SKIPPED;
	(void)rand_fake_init(&dice, rand_fake_seed());
	return cmocka_run_group_tests_name("mail_kills", tests, set_up, tear_down);
}
