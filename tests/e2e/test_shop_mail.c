/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_shop_mail - orders of goods by mail, from the words to a real mail server (exim): what
 * it delivers is an order that a shop can read, and one that it refuses, or would take later,
 * is told as not carried out and never comes.
 *
 * One house for all tests; they build on each other in their order. Skipped, with the
 * reason, where there is no exim.
 */
#include "unit/cmocka_all.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/str.h"
#include "e2e/gated_house.h"
#include "e2e/smtp_fixture.h"
#include "folder.h"

enum { MAIL_MAX = 64 * 1024, LINE_MAX = 256, TEXT_MAX_BYTES = 2048 };

static struct gated_house all;
static struct smtp_fixture server;

static void shop(const char *const *words)
{
	gated_house_check(&all, words, true, 0, "", "");
}

static int set_up(void **state)
{
	static const char password[] = SMTP_FIXTURE_PASSWORD "\n";
	char path[FILE_PATH_BYTES];
	char text[TEXT_MAX_BYTES];

	(void)state;
	smtp_fixture_begin(&server);
	gated_house_begin(&all);
	assert_true(str_format(text, sizeof(text),
			       "[mail]\nhost = localhost\nport = %u\ntls = starttls\n"
			       "user = %s\nfrom = house@example.org\n"
			       "from_name = Our house\nauthority = %s\n",
			       server.starttls_port, SMTP_FIXTURE_USER,
			       server.certificate));
	gated_house_configure(&all, text);
	assert_true(file_join(path, sizeof(path), all.house.data, "mail.password"));
	assert_int_equal(file_write(path, password, strlen(password), 0600, NULL), OK);
	gated_house_up(&all);
	shop(WORDS("shop", "set", "--currency", "EUR", "--order", "20", "--day", "50",
		   "--mail", "orders@example.org"));
	shop(WORDS("shop", "add", "Coffee", "--price", "19.00", "--way", "mail"));
	shop(WORDS("shop", "on"));
	gated_house_believe_room(&all);
	gated_house_pair(&all);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gated_house_end(&all);
	smtp_fixture_end(&server);
	return 0;
}

/* Asks for it and taps it; left: what may be spent before, as the card says. */
static uint64_t order(const char *words, const char *left, char id[ID_TEXT_BYTES])
{
	struct house_turn turn;

	gated_house_check(&all, WORDS("approve"), false, 0, "nothing waits\n", "");
	house_ask(&all.house, words, &turn);
	if (!str_equal(turn.reason, "NEEDS_TAP"))
		fail_msg("%s: %s", words, turn.reason);
	gated_house_check(&all, WORDS("approve"), false, 0, left, "");
	gated_house_waiting(&all, id);
	gated_house_check(&all, WORDS("approve", id, "--yes"), false, 0,
			  "is being carried out", "");
	return turn.id;
}

/* Until the journal has that as its newest state. */
static void wait_state(uint64_t turn, const char *state)
{
	static struct house_events events;
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	const char *now = "";

	for (;;) {
		struct link_client *client =
			house_sign_in(&all.house, HOUSE_OWNER, HOUSE_PASSPHRASE);

		assert_non_null(client);
		house_why(client, turn, &events);
		link_client_close(client);
		for (size_t i = 0; i < events.count; i++)
			if (events.events[i].kind == EVENT_PROPOSAL)
				now = event_value(&events.events[i], "state");
		if (str_equal(now, state))
			return;
		if (loop_now_ms() > until_ms)
			fail_msg("it is %s, and never %s", now, state);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

static void has(struct process_ran *ran, const char *words)
{
	if (!strstr(process_out(ran), words))
		fail_msg("no \"%s\" in\n%s", words, process_out(ran));
}

/* As any program would read it; not one byte of it is of who asked, where, or how. */
static void read_mail(struct process_ran *ran)
{
	static const char *const secrets[] = {HOUSE_ROOM, HOUSE_OWNER, "order coffee",
					      "audio/"};
	char script[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	struct buf mail = {0};

	assert_true(file_join(script, sizeof(script), getenv("BEHEST_SOURCE"),
			      "tests/e2e/read_mail.py"));
	smtp_fixture_await(&server, 1, path);
	process_run(WORDS("/usr/bin/python3", script, path, all.got), HOUSE_WAIT_MS, ran);
	if (ran->status != 0)
		fail_msg("%s", process_err(ran));
	assert_int_equal(file_read(path, MAIL_MAX, &mail, NULL), OK);
	for (size_t i = 0; i < STR_COUNT(secrets); i++)
		assert_null(strstr((const char *)mail.bytes, secrets[i]));
	buf_finish(&mail);
	smtp_fixture_clear(&server);
}

static void a_shop_gets_a_mail(void **state)
{
	char id[ID_TEXT_BYTES];
	char line[LINE_MAX];
	struct process_ran ran;
	const uint64_t turn =
		order("order coffee", "you may spend 50.00 EUR more today", id);

	(void)state;
	wait_state(turn, "bought");
	read_mail(&ran);
	has(&ran, "From: Our house <house@example.org>\n");
	has(&ran, "To: orders@example.org\n");
	has(&ran, "Subject: Order: Coffee\n");
	has(&ran, "attached: []\n");
	assert_true(str_format(line, sizeof(line), "Message-ID: <%s@example.org>", id));
	has(&ran, line);
	assert_true(str_format(line, sizeof(line),
			       "text: 'One: Coffee\\nPrice: 19.00 EUR\\nOrder: %s\\n",
			       id));
	has(&ran, line);
	process_ran_finish(&ran);
}

/* What was not taken does not count, is not tried again, and is said. */
static void a_mail_that_is_not_taken_is_no_order(void **state)
{
	static const char *const boxes[] = {SMTP_FIXTURE_NOBODY "@example.org",
					    SMTP_FIXTURE_LATER "@example.org"};
	char path[FILE_PATH_BYTES];
	char id[ID_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(boxes); i++) {
		shop(WORDS("shop", "set", "--mail", boxes[i]));
		wait_state(order("order coffee", "you may spend 31.00 EUR more today",
				 id),
			   "failed");
	}
	/* From now on it would be taken; but nobody expects it any more. */
	assert_true(
		file_join(path, sizeof(path), server.folder, SMTP_FIXTURE_LATE_ENOUGH));
	assert_int_equal(file_write(path, "", 0, 0644, NULL), OK);
	(void)process_end(&all.gate, SIGTERM);
	gated_house_start_gate(&all);
	house_stop_keeper(&all.house); /* which counts three an hour anew */
	house_start_keeper(&all.house);
	house_wait_flag(&all.house, "keeper", true);
	shop(WORDS("shop", "set", "--mail", "orders@example.org"));
	wait_state(order("order coffee", "you may spend 31.00 EUR more today", id),
		   "bought");
	smtp_fixture_await(&server, 1, path);
	assert_int_equal(smtp_fixture_count(&server), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shop_gets_a_mail),
		cmocka_unit_test(a_mail_that_is_not_taken_is_no_order),
	};

	if (!smtp_fixture_is_here())
		return FOLDER_SKIPPED;
	return cmocka_run_group_tests_name("shop_mail", tests, set_up, tear_down);
}
