/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notices to a web server of somebody else's (Python's), with and without TLS, and to
 * servers that misbehave.
 */
#include "unit/cmocka_all.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/push_http.h"
#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"
#include "e2e/loopback.h"
#include "e2e/process.h"
#include "e2e/scripted_server.h"
#include "e2e/smtp_fixture.h"
#include "fake/push_contract.h"
#include "folder.h"

enum { TURN_MS = 20, TURNS_MAX = 1500, URL_BYTES = 128, GOT_MAX = 64 * 1024 };

static char folder[FILE_PATH_BYTES];
static char certificate[FILE_PATH_BYTES];
static char key[FILE_PATH_BYTES];
static char got[FILE_PATH_BYTES]; /* what the peer writes */
static char log_file[FILE_PATH_BYTES];
static struct loop *loop;
static struct secret *token;

struct peer {
	pid_t pid;
	char url[URL_BYTES];
};

struct heard {
	unsigned done_count;
	struct delivery result;
};

static void on_done(void *context, uint64_t number, const struct delivery *result)
{
	struct heard *heard = context;

	assert_true(number == 7);
	heard->done_count++;
	heard->result = *result;
}

/* --- fixtures --- */

static int begin(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	assert_true(str_format(folder, sizeof(folder), "%s/behest-push-XXXXXX",
			       base ? base : "/tmp"));
	assert_non_null(mkdtemp(folder));
	assert_true(file_join(certificate, sizeof(certificate), folder, "server.pem"));
	assert_true(file_join(key, sizeof(key), folder, "server.key"));
	assert_true(file_join(got, sizeof(got), folder, "got"));
	assert_true(file_join(log_file, sizeof(log_file), folder, "log"));
	smtp_fixture_certificate(certificate, key);
	assert_int_equal(loop_create(&loop), OK);
	assert_int_equal(secret_copy("tk_secret", 9, &token), OK);
	return 0;
}

static int end(void **state)
{
	(void)state;
	secret_destroy(token);
	loop_destroy(loop);
	return folder_remove(folder);
}

static struct peer start_peer(bool has_tls)
{
	const char *source = getenv("BEHEST_SOURCE");
	const uint16_t port = loopback_free_port();
	struct peer peer = {0};
	char script[FILE_PATH_BYTES];
	char number[8];

	assert_non_null(source);
	assert_true(file_join(script, sizeof(script), source, "tests/e2e/push_peer.py"));
	assert_true(str_format(number, sizeof(number), "%u", port));
	assert_true(str_format(peer.url, sizeof(peer.url), "%s:%u/house-topic",
			       has_tls ? "https://localhost" : "http://127.0.0.1", port));
	const char *const words[] = {"/usr/bin/python3",           script, number, got,
				     has_tls ? certificate : NULL, key,    NULL};
	peer.pid = process_start(words, log_file);
	for (int waited_ms = 0;
	     !loopback_is_listening(port) && waited_ms < SMTP_FIXTURE_WAIT_MS;
	     waited_ms += SMTP_FIXTURE_STEP_MS)
		(void)poll(NULL, 0, SMTP_FIXTURE_STEP_MS);
	return peer;
}

static void end_peer(struct peer *peer)
{
	(void)process_end(&peer->pid, SIGTERM);
}

static const struct push_notice NOTICE = {
	.priority = PUSH_HIGH,
	.title = "Nachricht f\xc3\xbcr Anna",
	.text = "It waits for your yes.\nSecond line.",
};

static struct delivery send_one(const struct push_http_settings *settings)
{
	struct heard heard = {0};
	struct err_note note = {""};
	struct push push = {0};

	if (push_http_open(loop, settings, (struct push_listener){&heard, on_done}, &push,
			   &note) != OK)
		fail_msg("%s", note.text);
	assert_int_equal(push_send(&push, &NOTICE, 7, NULL), OK);
	for (unsigned i = 0; i < TURNS_MAX && heard.done_count == 0; i++)
		assert_int_equal(loop_run_once(loop, TURN_MS), OK);
	assert_int_equal(heard.done_count, 1);
	push_close(&push);
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

/* --- a real server --- */

static void peer_got(const char *const *lines)
{
	struct buf bytes = {0};

	assert_int_equal(file_read(got, GOT_MAX, &bytes, NULL), OK);
	for (; *lines; lines++)
		if (!strstr((const char *)bytes.bytes, *lines))
			fail_msg("no \"%s\" in\n%s", *lines, (const char *)bytes.bytes);
	buf_finish(&bytes);
}

static void arrives_by_https(void **state)
{
	static const char *const lines[] = {
		"POST /house-topic HTTP/1.1\n",
		"Title: =?UTF-8?B?TmFjaHJpY2h0IGbDvHIgQW5uYQ==?=\n",
		"Priority: high\n",
		"Authorization: Bearer tk_secret\n",
		"\n\nIt waits for your yes.\nSecond line.",
		NULL,
	};
	struct peer peer = start_peer(true);
	const struct push_http_settings settings = {.url = peer.url,
						    .token = token,
						    .ca_file = certificate};
	const struct delivery result = send_one(&settings);

	(void)state;
	end_peer(&peer);
	expect(&result, DELIVERY_ACCEPTED, 200, "answered 200");
	peer_got(lines);
}

static void is_not_sent_to_a_stranger(void **state)
{
	struct peer peer = start_peer(true);
	const struct push_http_settings settings = {.url = peer.url, .token = token};
	struct delivery result;

	(void)state;
	(void)remove(got);
	result = send_one(&settings);
	end_peer(&peer);
	expect(&result, DELIVERY_LATER, 0, "certificate that is not trusted");
	assert_false(file_exists(got));
}

static void turn_loop(void *context)
{
	(void)context;
	assert_int_equal(loop_run_once(loop, TURN_MS), OK);
}

static void keeps_the_contract(void **state)
{
	struct peer peer = start_peer(false);
	const struct push_http_settings settings = {.url = peer.url};
	struct push_contract contract = {.turn = turn_loop};
	struct push push = {0};

	(void)state;
	assert_int_equal(push_http_open(loop, &settings,
					push_contract_listener(&contract), &push, NULL),
			 OK);
	contract.push = &push;
	push_contract_check(&contract);
	end_peer(&peer);
}

/* --- servers that misbehave --- */

static struct delivery send_scripted(const struct script_row *rows)
{
	const struct script script = {.rows = rows};
	struct scripted_server *scripted = scripted_server_begin(&script);
	char url[URL_BYTES];
	const struct push_http_settings settings = {.url = url, .token = token};

	assert_true(str_format(url, sizeof(url), "http://127.0.0.1:%u/topic",
			       scripted_server_port(scripted)));
	const struct delivery result = send_one(&settings);
	scripted_server_end(scripted);
	return result;
}

static void survives_odd_servers(void **state)
{
	static const struct {
		struct script_row rows[2];
		enum delivery_outcome outcome;
		unsigned code;
		const char *words;
	} odd[] = {
		{ANSWER("HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n", SCRIPT_DROP),
		 DELIVERY_REFUSED, 403, "answered 403"},
		{ANSWER("HTTP/1.1 429 slow\r\nContent-Length: 0\r\n\r\n", SCRIPT_DROP),
		 DELIVERY_LATER, 429, "answered 429"},
		{ANSWER("HTTP/1.1 503 down\r\nContent-Length: 0\r\n\r\n", SCRIPT_DROP),
		 DELIVERY_LATER, 503, "answered 503"},
		{ANSWER("\x01\x02\xff garbage\r\n\r\n", SCRIPT_DROP), DELIVERY_UNKNOWN, 0,
		 "the server"},
		{ANSWER(NULL, SCRIPT_DROP), DELIVERY_UNKNOWN, 0, "hung up"},
		/* its first line says all; the rest has a limit */
		{ANSWER("HTTP/1.1 200 OK\r\nX: y\r\n", SCRIPT_FLOOD), DELIVERY_ACCEPTED,
		 200, "answered 200"},
		/* stalls: ten seconds */
		{ANSWER(NULL, SCRIPT_STALL), DELIVERY_UNKNOWN, 0, "in time"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(odd); i++) {
		const struct delivery result = send_scripted(odd[i].rows);

		expect(&result, odd[i].outcome, odd[i].code, odd[i].words);
	}
}

/* The other server would have taken it. */
static void follows_nobody(void **state)
{
	struct peer peer = start_peer(false);
	char words[2 * URL_BYTES];
	const struct script_row rows[] = {
		{.on = "", .is_whole = true, .say = words, .then = SCRIPT_DROP},
		{0},
	};

	(void)state;
	(void)remove(got);
	assert_true(str_format(words, sizeof(words),
			       "HTTP/1.1 307 there\r\nLocation: %s\r\n"
			       "Content-Length: 0\r\n\r\n",
			       peer.url));
	const struct delivery result = send_scripted(rows);
	end_peer(&peer);
	expect(&result, DELIVERY_REFUSED, 307, "answered 307");
	assert_false(file_exists(got));
}

static void finds_nobody(void **state)
{
	const struct push_http_settings settings = {.url = "https://127.0.0.1:1/topic"};
	const struct delivery result = send_one(&settings);

	(void)state;
	expect(&result, DELIVERY_LATER, 0, "cannot be reached");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrives_by_https),
		cmocka_unit_test(is_not_sent_to_a_stranger),
		cmocka_unit_test(keeps_the_contract),
		cmocka_unit_test(survives_odd_servers),
		cmocka_unit_test(follows_nobody),
		cmocka_unit_test(finds_nobody),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, begin, end);
}
