/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order to servers of the web that misbehave: what certainly was not taken is told as
 * that, and what may have been as unknown, since it is never sent again.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/webhook_http.h"
#include "base/str.h"
#include "e2e/scripted_server.h"

enum { TURN_MS = 20, TURNS_MAX = 1500, URL_BYTES = 128, TOKEN = 7 };

static struct loop *loop;

struct heard {
	unsigned done_count;
	struct delivery result;
};

static void on_done(void *context, uint64_t token, const struct delivery *result)
{
	struct heard *heard = context;

	assert_true(token == TOKEN);
	heard->done_count++;
	heard->result = *result;
}

static int begin(void **state)
{
	(void)state;
	return loop_create(&loop) != OK;
}

static int end(void **state)
{
	(void)state;
	loop_destroy(loop);
	return 0;
}

static enum err post(struct webhook *webhook, const char *url)
{
	const struct webhook_order order = {.address = url,
					    .headers = {"Behest-Id: 0123"},
					    .body = "{\"item\":\"Tea\"}"};

	return webhook_post(webhook, &order, TOKEN);
}

static struct webhook open_webhook(struct heard *heard)
{
	struct webhook webhook = {0};

	assert_int_equal(webhook_http_open(loop, "",
					   (struct webhook_listener){heard, on_done},
					   &webhook, NULL),
			 OK);
	return webhook;
}

static struct delivery send_to(const char *url)
{
	struct heard heard = {0};
	struct webhook webhook = open_webhook(&heard);

	assert_int_equal(post(&webhook, url), OK);
	assert_int_equal(heard.done_count, 0);
	for (unsigned i = 0; i < TURNS_MAX && heard.done_count == 0; i++)
		assert_int_equal(loop_run_once(loop, TURN_MS), OK);
	webhook_close(&webhook);
	assert_int_equal(heard.done_count, 1);
	return heard.result;
}

static struct delivery send_scripted(const struct script_row *rows)
{
	const struct script script = {.rows = rows};
	struct scripted_server *scripted = scripted_server_begin(&script);
	char url[URL_BYTES];

	assert_true(str_format(url, sizeof(url), "http://127.0.0.1:%u/orders",
			       scripted_server_port(scripted)));
	const struct delivery result = send_to(url);
	scripted_server_end(scripted);
	return result;
}

#define STATUS(line) line "\r\nContent-Length: 0\r\n\r\n"
#define ELSEWHERE "\r\nLocation: http://127.0.0.1:1/"

static void survives_odd_servers(void **state)
{
	static const struct {
		struct script_row rows[2];
		enum delivery_outcome outcome;
		unsigned code;
	} odd[] = {
		{ANSWER(STATUS("HTTP/1.1 200 OK"), SCRIPT_DROP), DELIVERY_ACCEPTED, 200},
		{ANSWER(STATUS("HTTP/1.1 202 later"), SCRIPT_DROP), DELIVERY_ACCEPTED,
		 202},
		/* its words do not count: only its status does */
		{ANSWER("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
			"Connection: close\r\n\r\n<html>log in</html>",
			SCRIPT_DROP),
		 DELIVERY_ACCEPTED, 200},
		{ANSWER("HTTP/1.1 200 OK\r\n\r\n0123456789abcdef", SCRIPT_FLOOD),
		 DELIVERY_ACCEPTED, 200},
		/* a form that was taken answers so, too */
		{ANSWER(STATUS("HTTP/1.1 301 moved" ELSEWHERE), SCRIPT_DROP),
		 DELIVERY_UNKNOWN, 301},
		{ANSWER(STATUS("HTTP/1.1 302 there" ELSEWHERE), SCRIPT_DROP),
		 DELIVERY_UNKNOWN, 302},
		{ANSWER(STATUS("HTTP/1.1 303 see other" ELSEWHERE), SCRIPT_DROP),
		 DELIVERY_UNKNOWN, 303},
		{ANSWER(STATUS("HTTP/1.1 307 there" ELSEWHERE), SCRIPT_DROP),
		 DELIVERY_UNKNOWN, 307},
		{ANSWER(STATUS("HTTP/1.1 403 no"), SCRIPT_DROP), DELIVERY_REFUSED, 403},
		{ANSWER(STATUS("HTTP/1.1 429 slow"), SCRIPT_DROP), DELIVERY_REFUSED, 429},
		{ANSWER(STATUS("HTTP/1.1 500 down"), SCRIPT_DROP), DELIVERY_UNKNOWN, 500},
		{ANSWER(STATUS("HTTP/1.1 503 busy"), SCRIPT_DROP), DELIVERY_UNKNOWN, 503},
		{ANSWER("HTTP/1.1 100 go on\r\n\r\n", SCRIPT_DROP), DELIVERY_UNKNOWN, 0},
		{ANSWER("HTTP/1.1 100 go on\r\n\r\n", SCRIPT_FLOOD), DELIVERY_UNKNOWN, 0},
		{ANSWER("HTTP/1.1 999 odd\r\n\r\n", SCRIPT_DROP), DELIVERY_REFUSED, 999},
		{ANSWER("\x01\x02\xff garbage\r\n\r\n", SCRIPT_DROP), DELIVERY_UNKNOWN,
		 0},
		{ANSWER("X-Never: ends\r\n", SCRIPT_FLOOD), DELIVERY_UNKNOWN, 0},
		{ANSWER(NULL, SCRIPT_DROP), DELIVERY_UNKNOWN, 0},
		/* hangs: twenty seconds, and it is over */
		{ANSWER(NULL, SCRIPT_STALL), DELIVERY_UNKNOWN, 0},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(odd); i++) {
		const struct delivery result = send_scripted(odd[i].rows);

		if (result.outcome != odd[i].outcome || result.code != odd[i].code)
			fail_msg("row %zu: %d %u \"%s\"", i, (int)result.outcome,
				 result.code, result.words);
	}
}

/* What is silent is not waited for when the gate ends. */
static void gives_up(void **state)
{
	static const struct script_row silent[][2] = {
		ANSWER(NULL, SCRIPT_STALL),
		ANSWER("HTTP/1.1 ", SCRIPT_STALL),
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(silent); i++) {
		const struct script script = {.rows = silent[i]};
		struct scripted_server *scripted = scripted_server_begin(&script);
		struct heard heard = {0};
		struct webhook webhook = open_webhook(&heard);
		char url[URL_BYTES];

		assert_true(str_format(url, sizeof(url), "http://127.0.0.1:%u/orders",
				       scripted_server_port(scripted)));
		assert_int_equal(post(&webhook, url), OK);
		for (unsigned n = 0;
		     n < TURNS_MAX && !scripted_server_is_stalling(scripted); n++)
			assert_int_equal(loop_run_once(loop, TURN_MS), OK);
		assert_true(scripted_server_is_stalling(scripted));
		assert_int_equal(heard.done_count, 0);
		webhook_close(&webhook);
		assert_int_equal(heard.done_count, 1);
		assert_int_equal(heard.result.outcome, DELIVERY_UNKNOWN);
		scripted_server_end(scripted);
	}
}

/* What was never connected was never sent. */
static void finds_nobody(void **state)
{
	struct delivery result = send_to("http://127.0.0.1:1/orders");

	(void)state;
	assert_int_equal(result.outcome, DELIVERY_REFUSED);
	result = send_to("https://127.0.0.1:1/orders");
	assert_int_equal(result.outcome, DELIVERY_REFUSED);
	result = send_to("https://no-such-host.invalid/orders");
	assert_int_equal(result.outcome, DELIVERY_REFUSED);
}

/* A name may be made to mean any machine of this house; its certificate is not theirs. */
static void needs_tls_but_here(void **state)
{
	static const struct script_row rows[2] =
		ANSWER(STATUS("HTTP/1.1 200 OK"), SCRIPT_DROP);
	static const char *const addresses[] = {
		"http://shop.example/x",   "http://localhost/x",
		"http://192.168.1.1/x",    "http://127.0.0.1.evil.example/x",
		"http://169.254.169.254/", "ftp://127.0.0.1/x",
		"https://user@shop/x",     "",
	};
	const struct script script = {.rows = rows};
	struct scripted_server *scripted = scripted_server_begin(&script);
	struct heard heard = {0};
	struct webhook webhook = open_webhook(&heard);
	char url[URL_BYTES];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(addresses); i++)
		if (post(&webhook, addresses[i]) == OK)
			fail_msg("%s is taken", addresses[i]);
	webhook_close(&webhook);
	assert_int_equal(heard.done_count, 0);
	/* A server on this machine that speaks no TLS. */
	assert_true(str_format(url, sizeof(url), "https://127.0.0.1:%u/orders",
			       scripted_server_port(scripted)));
	const struct delivery result = send_to(url);
	assert_int_not_equal(result.outcome, DELIVERY_ACCEPTED);
	scripted_server_end(scripted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survives_odd_servers),
		cmocka_unit_test(gives_up),
		cmocka_unit_test(finds_nobody),
		cmocka_unit_test(needs_tls_but_here),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
