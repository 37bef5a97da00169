/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mail through a real server, and what becomes of it at servers that misbehave.
 *
 * exim says what real servers say, and a mail program of somebody else's (Python's) reads
 * what was delivered. A scripted server does what exim cannot be made to do. Time is
 * moved where sixty seconds would have to pass.
 */
#include "unit/cmocka_all.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapter/mail_smtp.h"
#include "adapter/transfer.h"
#include "base/seal.h"
#include "base/str.h"
#include "e2e/process.h"
#include "e2e/scripted_server.h"
#include "e2e/smtp_fixture.h"
#include "fake/mail_contract.h"
#include "folder.h"

enum {
	TURN_MS = 20,
	TURNS_MAX = 1500, /* half a minute */
	TICKS = 10,
	ASKED_TURNS = 100,
	AT_MS = 1000,
	READ_WAIT_MS = 30000,
};

static struct smtp_fixture server;
static struct loop *loop;
static struct secret *password;
static struct secret *wrong_password;
static uint8_t sound[MAIL_SOUND_MAX];
static char other_certificate[FILE_PATH_BYTES];

/* The loop's clock, which a test may move on; transfers look at it from their threads. */
static atomic_llong ahead_ms;

static int64_t moved_clock(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + ahead_ms;
}

struct heard {
	unsigned done_count;
	uint64_t token;
	struct delivery result;
};

static void on_done(void *context, uint64_t token, const struct delivery *result)
{
	struct heard *heard = context;

	heard->done_count++;
	heard->token = token;
	heard->result = *result;
}

/* --- fixtures --- */

static int begin(void **state)
{
	char key[FILE_PATH_BYTES];
	uint32_t number = 12345;

	(void)state;
	loop_use_clock(moved_clock);
	smtp_fixture_begin(&server);
	assert_true(file_join(other_certificate, sizeof(other_certificate), server.folder,
			      "other.pem"));
	assert_true(file_join(key, sizeof(key), server.folder, "other.key"));
	smtp_fixture_certificate(other_certificate, key);
	assert_int_equal(loop_create(&loop), OK);
	assert_int_equal(secret_copy(SMTP_FIXTURE_PASSWORD, strlen(SMTP_FIXTURE_PASSWORD),
				     &password),
			 OK);
	assert_int_equal(secret_copy("guessed", 7, &wrong_password), OK);
	for (size_t i = 0; i < sizeof(sound); i++) {
		number = number * 1664525 + 1013904223;
		sound[i] = (uint8_t)(number >> 24);
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	secret_destroy(password);
	secret_destroy(wrong_password);
	loop_destroy(loop);
	smtp_fixture_end(&server);
	return 0;
}

static struct mail_smtp_settings usual(void)
{
	return (struct mail_smtp_settings){.host = "localhost",
					   .port = server.starttls_port,
					   .tls = MAIL_SMTP_STARTTLS,
					   .user = SMTP_FIXTURE_USER,
					   .password = password,
					   .from = "house@example.org",
					   .from_name = "Our house",
					   .ca_file = server.certificate};
}

static struct mail_message message_to(const char *to)
{
	return (struct mail_message){.id = "0123-abcd",
				     .at_ms = AT_MS,
				     .to = to,
				     .subject = "A voice message",
				     .text = "Listen.\n",
				     .sound = sound,
				     .sound_size = 2000};
}

static struct mail open_mail(const struct mail_smtp_settings *settings,
			     struct heard *heard)
{
	struct mail mail = {0};
	struct err_note note = {""};

	if (mail_smtp_open(loop, settings, (struct mail_listener){heard, on_done}, &mail,
			   &note) != OK)
		fail_msg("%s", note.text);
	return mail;
}

static void await(struct heard *heard)
{
	for (unsigned i = 0; i < TURNS_MAX && heard->done_count == 0; i++)
		assert_int_equal(loop_run_once(loop, TURN_MS), OK);
	assert_int_equal(heard->done_count, 1);
	assert_true(heard->token == 7);
	assert_true(heard->result.words[0] != '\0');
}

/* Sends one and waits for its end. */
static struct delivery send_one(const struct mail_smtp_settings *settings,
				const struct mail_message *message)
{
	struct heard heard = {0};
	struct mail mail = open_mail(settings, &heard);

	assert_int_equal(mail_send(&mail, message, 7, NULL), OK);
	await(&heard);
	mail_close(&mail);
	return heard.result;
}

static void expect(const struct delivery *result, enum delivery_outcome outcome,
		   unsigned code, const char *words)
{
	if (result->outcome != outcome || result->code != code ||
	    !strstr(result->words, words))
		fail_msg("outcome %d code %u \"%s\" instead of %d %u \"%s\"",
			 (int)result->outcome, result->code, result->words, (int)outcome,
			 code, words);
}

/* --- what is delivered --- */

/* What Python's parser reads from the one mail; its sound is compared here. */
static void read_mail(struct process_ran *ran, size_t sound_size)
{
	const char *source = getenv("BEHEST_SOURCE");
	char script[FILE_PATH_BYTES];
	char mail[FILE_PATH_BYTES];
	char attached[FILE_PATH_BYTES];
	struct buf bytes = {0};

	assert_non_null(source);
	assert_true(file_join(script, sizeof(script), source, "tests/e2e/read_mail.py"));
	assert_true(file_join(attached, sizeof(attached), server.folder, "attached"));
	smtp_fixture_await(&server, 1, mail);
	const char *const words[] = {"/usr/bin/python3", script, mail, attached, NULL};
	process_run(words, READ_WAIT_MS, ran);
	if (ran->status != 0)
		fail_msg("%s", process_err(ran));
	assert_int_equal(file_read(attached, 2 * MAIL_SOUND_MAX, &bytes, NULL), OK);
	assert_int_equal(bytes.size, sound_size);
	assert_memory_equal(bytes.bytes, sound, sound_size);
	buf_finish(&bytes);
	smtp_fixture_clear(&server);
}

static void has_line(const struct process_ran *ran, const char *line)
{
	const char *at = strstr(process_out(ran), line);

	if (!at || (at[strlen(line)] != '\n'))
		fail_msg("no line \"%s\" in\n%s", line, process_out(ran));
}

static void delivers_by_starttls(void **state)
{
	const struct mail_smtp_settings settings = usual();
	const struct mail_message message = message_to("anna@example.org");
	const struct delivery result = send_one(&settings, &message);
	struct process_ran ran;

	(void)state;
	expect(&result, DELIVERY_ACCEPTED, 250, "250 OK");
	read_mail(&ran, message.sound_size);
	has_line(&ran, "From: Our house <house@example.org>");
	has_line(&ran, "To: anna@example.org");
	has_line(&ran, "Subject: A voice message");
	has_line(&ran, "Date: Thu, 01 Jan 1970 00:00:01 +0000");
	has_line(&ran, "Message-ID: <0123-abcd@example.org>");
	has_line(&ran, "Auto-Submitted: auto-generated");
	has_line(&ran, "attached: [('audio/ogg', 'message.ogg')]");
	has_line(&ran, "text: 'Listen.\\n'");
	process_ran_finish(&ran);
}

/* The largest there may be, with names and words of any letters, lines that begin with a
 * dot, and lines longer than a line of mail. */
static void delivers_all_that_is_allowed(void **state)
{
	struct mail_smtp_settings settings = usual();
	struct mail_message message = message_to("j.o'neil+x@mail.example.org");
	struct process_ran ran;
	char text[1100];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text, ".\n..b\n\xe2\x82\xac =x\n", 13);
	settings.port = server.implicit_port;
	settings.tls = MAIL_SMTP_IMPLICIT;
	settings.from_name = "Haus \xc3\xbc, \"Keller\" <x@y.example>";
	message.to_name = "J\xc3\xbcrgen \xe2\x82\xac O'Neil";
	message.subject = "Gr\xc3\xbc\xc3\x9f"
			  "e: eine sehr lange Zeile, die mehr als ein Wort der Kopfzeile "
			  "f\xc3\xbcllt, und noch etwas";
	message.text = text;
	message.sound_size = MAIL_SOUND_MAX;
	const struct delivery result = send_one(&settings, &message);
	expect(&result, DELIVERY_ACCEPTED, 250, "250 OK");
	read_mail(&ran, MAIL_SOUND_MAX);
	has_line(&ran, "From: \"Haus \xc3\xbc, \\\"Keller\\\" <x@y.example>\" "
		       "<house@example.org>");
	has_line(&ran, "To: J\xc3\xbcrgen \xe2\x82\xac O'Neil "
		       "<j.o'neil+x@mail.example.org>");
	has_line(&ran, "Subject: Gr\xc3\xbc\xc3\x9f"
		       "e: eine sehr lange Zeile, die mehr als ein Wort der "
		       "Kopfzeile f\xc3\xbcllt, und noch etwas");
	assert_non_null(
		strstr(process_out(&ran), "text: '.\\n..b\\n\xe2\x82\xac =x\\naaa"));
	process_ran_finish(&ran);
}

/* A second attempt can be known for what it is. */
static void repeats_itself_exactly(void **state)
{
	const struct mail_smtp_settings settings = usual();
	const struct mail_message message = message_to("anna@example.org");

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		const struct delivery result = send_one(&settings, &message);
		struct process_ran ran;

		expect(&result, DELIVERY_ACCEPTED, 250, "");
		read_mail(&ran, message.sound_size);
		has_line(&ran, "Message-ID: <0123-abcd@example.org>");
		has_line(&ran, "Date: Thu, 01 Jan 1970 00:00:01 +0000");
		process_ran_finish(&ran);
	}
}

static void turn_loop(void *context)
{
	(void)context;
	assert_int_equal(loop_run_once(loop, TURN_MS), OK);
}

static void keeps_the_contract(void **state)
{
	const struct mail_smtp_settings settings = usual();
	struct mail_contract contract = {.to = "anna@example.org", .turn = turn_loop};
	struct mail mail = {0};

	(void)state;
	assert_int_equal(mail_smtp_open(loop, &settings,
					mail_contract_listener(&contract), &mail, NULL),
			 OK);
	contract.mail = &mail;
	mail_contract_check(&contract);
}

/* --- what a real server refuses --- */

static void is_refused_for_good(void **state)
{
	struct mail_smtp_settings settings = usual();
	struct mail_message message = message_to(SMTP_FIXTURE_NOBODY "@example.org");
	struct delivery result = send_one(&settings, &message);

	(void)state;
	expect(&result, DELIVERY_REFUSED, 550, "550 5.1.1 nobody of that name");
	message = message_to("anna@example.org");
	message.subject = SMTP_FIXTURE_UNWANTED;
	result = send_one(&settings, &message);
	expect(&result, DELIVERY_REFUSED, 550, "550 we do not want that");
	settings.password = wrong_password;
	result = send_one(&settings, &message);
	expect(&result, DELIVERY_REFUSED, 535, "user name or password");
	settings.user = NULL;
	settings.password = NULL;
	result = send_one(&settings, &message);
	expect(&result, DELIVERY_REFUSED, 550, "550 sign in first");
	assert_int_equal(smtp_fixture_count(&server), 0);
}

static void is_told_to_come_later(void **state)
{
	const struct mail_smtp_settings settings = usual();
	const struct mail_message message = message_to(SMTP_FIXTURE_LATER "@example.org");
	const struct delivery result = send_one(&settings, &message);

	(void)state;
	expect(&result, DELIVERY_LATER, 451, "451 4.7.1 greylisted");
	assert_true(delivery_may_repeat(&result));
	assert_false(delivery_may_be_there(&result));
}

/* --- TLS --- */

static void trusts_only_what_it_should(void **state)
{
	struct mail_smtp_settings settings = usual();
	const struct mail_message message = message_to("anna@example.org");
	struct delivery result;

	(void)state;
	settings.ca_file = other_certificate;
	result = send_one(&settings, &message);
	expect(&result, DELIVERY_LATER, 0, "certificate that is not trusted");
	settings.ca_file = NULL; /* the system's do not know it either */
	result = send_one(&settings, &message);
	expect(&result, DELIVERY_LATER, 0, "certificate that is not trusted");
	settings = usual();
	settings.host = "127.0.0.1"; /* it is for a name */
	result = send_one(&settings, &message);
	expect(&result, DELIVERY_LATER, 0, "certificate that is not trusted");
	settings.port = server.implicit_port;
	settings.tls = MAIL_SMTP_IMPLICIT;
	result = send_one(&settings, &message);
	expect(&result, DELIVERY_LATER, 0, "certificate that is not trusted");
	assert_int_equal(smtp_fixture_count(&server), 0);
}

static void never_speaks_without_tls(void **state)
{
	struct mail_smtp_settings settings = usual();
	const struct mail_message message = message_to("anna@example.org");
	struct delivery result;

	(void)state;
	settings.port = server.plain_port;
	result = send_one(&settings, &message);
	expect(&result, DELIVERY_LATER, 0, "offers no TLS");
	settings.tls = MAIL_SMTP_IMPLICIT;
	result = send_one(&settings, &message);
	expect(&result, DELIVERY_LATER, 0, "offers no TLS");
	settings.user = NULL; /* nor when no password is at stake */
	settings.password = NULL;
	settings.tls = MAIL_SMTP_STARTTLS;
	result = send_one(&settings, &message);
	expect(&result, DELIVERY_LATER, 0, "offers no TLS");
	assert_int_equal(smtp_fixture_count(&server), 0);
}

static void finds_nobody(void **state)
{
	struct mail_smtp_settings settings = usual();
	const struct mail_message message = message_to("anna@example.org");
	struct delivery result;

	(void)state;
	settings.port = 1;
	result = send_one(&settings, &message);
	expect(&result, DELIVERY_LATER, 0, "cannot be reached");
	settings.host = "no-such-host.invalid";
	result = send_one(&settings, &message);
	expect(&result, DELIVERY_LATER, 0, "cannot be reached");
}

/* The environment does not lead it elsewhere. */
static void asks_no_proxy(void **state)
{
	const struct mail_smtp_settings settings = usual();
	const struct mail_message message = message_to("anna@example.org");
	char path[FILE_PATH_BYTES];

	(void)state;
	assert_int_equal(setenv("all_proxy", "http://127.0.0.1:1", 1), 0);
	assert_int_equal(setenv("ALL_PROXY", "http://127.0.0.1:1", 1), 0);
	const struct delivery result = send_one(&settings, &message);
	assert_int_equal(unsetenv("all_proxy"), 0);
	assert_int_equal(unsetenv("ALL_PROXY"), 0);
	expect(&result, DELIVERY_ACCEPTED, 250, "");
	smtp_fixture_await(&server, 1, path);
	smtp_fixture_clear(&server);
}

/* --- what no real server does --- */

#define GREETING                              \
	{                                     \
		.say = "220 mail.example\r\n" \
	}
#define HELLO                                                                 \
	{                                                                     \
		.on = "EHLO", .say = "250-mail.example\r\n250 AUTH PLAIN\r\n" \
	}
/* "AG" is how the user's name begins in base64. */
#define SIGN_IN                                      \
	{.on = "AUTH", .say = "334 \r\n"},           \
	{                                            \
		.on = "AG", .say = "235 welcome\r\n" \
	}
#define SENDER                                    \
	{                                         \
		.on = "MAIL", .say = "250 ok\r\n" \
	}
#define RECIPIENT                                 \
	{                                         \
		.on = "RCPT", .say = "250 ok\r\n" \
	}
#define CONTENT                                      \
	{                                            \
		.on = "DATA", .say = "354 go on\r\n" \
	}
#define GOODBYE                                   \
	{                                         \
		.on = "QUIT", .then = SCRIPT_DROP \
	}
#define UP_TO_CONTENT GREETING, HELLO, SIGN_IN, SENDER, RECIPIENT, CONTENT

static struct delivery send_scripted(const struct script_row *rows)
{
	const struct script script = {rows, server.certificate, server.key};
	struct scripted_server *scripted = scripted_server_begin(&script);
	struct mail_smtp_settings settings = usual();
	const struct mail_message message = message_to("anna@example.org");

	settings.port = scripted_server_port(scripted);
	settings.tls = MAIL_SMTP_IMPLICIT;
	const struct delivery result = send_one(&settings, &message);
	scripted_server_end(scripted);
	return result;
}

static void survives_odd_servers(void **state)
{
	static const struct {
		struct script_row rows[10];
		enum delivery_outcome outcome;
		unsigned code;
		const char *words;
	} odd[] = {
		{{UP_TO_CONTENT,
		  {.on = ".", .is_whole = true, .say = "250 mine\r\n"},
		  GOODBYE},
		 DELIVERY_ACCEPTED,
		 250,
		 "250 mine"},
		{{UP_TO_CONTENT,
		  {.on = ".", .is_whole = true, .say = "451 full\r\n"},
		  GOODBYE},
		 DELIVERY_LATER,
		 451,
		 "451 full"},
		{{UP_TO_CONTENT,
		  {.on = ".", .is_whole = true, .say = "554-no\r\n554 never\r\n"},
		  GOODBYE},
		 DELIVERY_REFUSED,
		 554,
		 "554 never"},
		/* all of it sent, and no answer */
		{{UP_TO_CONTENT, {.on = ".", .is_whole = true, .then = SCRIPT_DROP}},
		 DELIVERY_UNKNOWN,
		 0,
		 "the server"},
		/* accepted, and then not a word of farewell */
		{{UP_TO_CONTENT,
		  {.on = ".",
		   .is_whole = true,
		   .say = "250 mine\r\n",
		   .then = SCRIPT_DROP}},
		 DELIVERY_ACCEPTED,
		 250,
		 "250 mine"},
		{{UP_TO_CONTENT,
		  {.on = ".", .is_whole = true, .say = "250 mine\r\n"},
		  {.on = "QUIT", .then = SCRIPT_STALL}},
		 DELIVERY_ACCEPTED,
		 250,
		 "250 mine"},
		/* hangs up before the message */
		{{GREETING, HELLO, SIGN_IN, SENDER, {.on = "RCPT", .then = SCRIPT_DROP}},
		 DELIVERY_LATER,
		 250,
		 "the server hung up"},
		{{GREETING,
		  HELLO,
		  {.on = "AUTH", .say = "421 going down\r\n", .then = SCRIPT_DROP}},
		 DELIVERY_LATER,
		 421,
		 "421 going down"},
		{{{.say = "554 no mail here\r\n"}},
		 DELIVERY_REFUSED,
		 554,
		 "554 no mail here"},
		/* never stops talking */
		{{{.say = "220-more to come\r\n", .then = SCRIPT_FLOOD}},
		 DELIVERY_LATER,
		 0,
		 "more than anybody reads"},
		{{UP_TO_CONTENT,
		  {.on = ".",
		   .is_whole = true,
		   .say = "250-more\r\n",
		   .then = SCRIPT_FLOOD}},
		 DELIVERY_UNKNOWN,
		 0,
		 "more than anybody reads"},
		/* bytes that are no words */
		{{{.say = "\x00\xff\x1b[2J\x01\r\n", .say_size = 9, .then = SCRIPT_DROP}},
		 DELIVERY_LATER,
		 0,
		 "the server hung up"},
		{{GREETING,
		  {.on = "EHLO", .say = "550 \x1b[31mred\x07\xff end\r\n"},
		  GOODBYE},
		 DELIVERY_REFUSED,
		 550,
		 "550 ?[31mred?? end"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(odd); i++) {
		const struct delivery result = send_scripted(odd[i].rows);

		expect(&result, odd[i].outcome, odd[i].code, odd[i].words);
	}
}

/* --- what takes for ever --- */

static void on_tick(void *context)
{
	unsigned *ticks = context;

	(*ticks)++;
	if (*ticks < TICKS)
		assert_int_equal(loop_after(loop, TURN_MS, on_tick, ticks, NULL), OK);
}

/* Waits until the server has the message and says nothing; the loop goes on meanwhile. */
static void stall(struct heard *heard, struct scripted_server *scripted,
		  struct mail *to_mail)
{
	struct mail_smtp_settings settings = usual();
	struct mail_message message = message_to("anna@example.org");
	unsigned ticks = 0;

	message.sound_size = 20000; /* far more than goes before it */
	settings.port = scripted_server_port(scripted);
	settings.tls = MAIL_SMTP_IMPLICIT;
	*to_mail = open_mail(&settings, heard);
	assert_int_equal(mail_send(to_mail, &message, 7, NULL), OK);
	for (unsigned i = 0; i < TURNS_MAX && !scripted_server_is_stalling(scripted); i++)
		assert_int_equal(loop_run_once(loop, TURN_MS), OK);
	assert_true(scripted_server_is_stalling(scripted));
	on_tick(&ticks);
	for (unsigned i = 0; i < TURNS_MAX && ticks < TICKS; i++)
		assert_int_equal(loop_run_once(loop, TURN_MS), OK);
	assert_int_equal(ticks, TICKS);
	assert_int_equal(heard->done_count, 0);
}

static const struct script_row SILENT_AFTER_ALL[] = {
	UP_TO_CONTENT,
	{.on = ".", .is_whole = true, .then = SCRIPT_STALL},
	{0},
};
static const struct script_row SILENT_AT_ONCE[] = {
	GREETING,
	{.on = "EHLO", .then = SCRIPT_STALL},
	{0},
};

/* A server that has all of it is waited for longer than one that takes nothing. */
static const struct {
	const struct script_row *rows;
	int64_t patience_ms;
	enum delivery_outcome outcome;
	unsigned code;
} SILENT[] = {
	{SILENT_AFTER_ALL, MAIL_ANSWER_MS, DELIVERY_UNKNOWN, 0},
	{SILENT_AT_ONCE, MAIL_UPLOAD_MS, DELIVERY_LATER, 220},
};

/* Not before its time. The library asks once a second, so two seconds have to pass. */
static void outwait(struct heard *heard, int64_t patience_ms)
{
	ahead_ms += patience_ms / 2;
	for (unsigned i = 0; i < ASKED_TURNS; i++)
		assert_int_equal(loop_run_once(loop, TURN_MS), OK);
	assert_int_equal(heard->done_count, 0);
	ahead_ms += patience_ms / 2 + TRANSFER_CLOSE_MS;
	await(heard);
}

/* By its own time, and before it when the port is closed. */
static void gives_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * STR_COUNT(SILENT); i++) {
		const struct script script = {SILENT[i / 2].rows, server.certificate,
					      server.key};
		struct scripted_server *scripted = scripted_server_begin(&script);
		struct heard heard = {0};
		struct mail mail = {0};

		stall(&heard, scripted, &mail);
		if (i % 2 == 0)
			outwait(&heard, SILENT[i / 2].patience_ms);
		mail_close(&mail);
		assert_int_equal(heard.done_count, 1);
		expect(&heard.result, SILENT[i / 2].outcome, SILENT[i / 2].code,
		       "was not waited for");
		scripted_server_end(scripted);
	}
}

/* --- settings --- */

static void says_which_setting_is_wrong(void **state)
{
	static const struct {
		const char *host;
		const char *from;
		const char *ca_file;
		const char *complaint;
	} rows[] = {
		{"", "house@example.org", NULL, "host"},
		{"mail.example/x", "house@example.org", NULL, "host"},
		{"a b", "house@example.org", NULL, "host"},
		{"mail.example", "house", NULL, "address"},
		{"mail.example", "house@example.org", "/no/such/file", "/no/such/file"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		const struct mail_smtp_settings settings = {.host = rows[i].host,
							    .port = 1,
							    .from = rows[i].from,
							    .ca_file = rows[i].ca_file};
		struct err_note note = {""};
		struct mail mail = {0};

		assert_int_not_equal(mail_smtp_open(loop, &settings,
						    (struct mail_listener){0}, &mail,
						    &note),
				     OK);
		assert_non_null(strstr(note.text, rows[i].complaint));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delivers_by_starttls),
		cmocka_unit_test(delivers_all_that_is_allowed),
		cmocka_unit_test(repeats_itself_exactly),
		cmocka_unit_test(is_refused_for_good),
		cmocka_unit_test(is_told_to_come_later),
		cmocka_unit_test(trusts_only_what_it_should),
		cmocka_unit_test(never_speaks_without_tls),
		cmocka_unit_test(finds_nobody),
		cmocka_unit_test(asks_no_proxy),
		cmocka_unit_test(survives_odd_servers),
		cmocka_unit_test(gives_up),
		cmocka_unit_test(says_which_setting_is_wrong),
		cmocka_unit_test(keeps_the_contract), /* leaves mail behind: the last */
	};

	if (seal_init() != OK)
		return 1;
	if (!smtp_fixture_is_here())
		return FOLDER_SKIPPED;
	return cmocka_run_group_tests(tests, begin, end);
}
