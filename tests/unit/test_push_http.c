/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests adapter/push_http: where a notice may go, and where not.
 */
#include "cmocka_all.h"

#include <string.h>

#include "adapter/push_http.h"
#include "base/seal.h"
#include "base/str.h"

struct row {
	const char *url;
	bool plain_at_home;
	bool has_token;
	enum err expected;
	const char *complaint; /* part of it */
};

static const struct row ROWS[] = {
	{"https://push.example/topic", false, true, OK, ""},
	{"https://push.example:8443/a/topic", false, false, OK, ""},
	{"https://[2001:db8::1]:8443/topic", false, false, OK, ""},
	{"http://127.0.0.1:8080/topic", false, true, OK, ""},
	{"http://127.255.0.3/topic", false, false, OK, ""},
	{"http://[::1]:8080/topic", false, true, OK, ""},
	{"http://192.168.1.4/topic", true, false, OK, ""},
	{"http://10.0.0.1/topic", true, false, OK, ""},
	{"http://172.31.255.255/topic", true, false, OK, ""},
	{"http://[fd00::1]/topic", true, false, OK, ""},
	{"http://192.168.1.4/topic", false, false, ERR_DENIED, "not switched on"},
	{"http://192.168.1.4/topic", true, true, ERR_DENIED, "token"},
	{"http://172.32.0.1/topic", true, false, ERR_DENIED, "private"},
	{"http://11.0.0.1/topic", true, false, ERR_DENIED, "private"},
	{"http://192.0.2.1/topic", true, false, ERR_DENIED, "private"},
	{"http://127.1/topic", true, false, ERR_DENIED, "private"},
	{"http://0x7f.0.0.1/topic", true, false, ERR_DENIED, "private"},
	{"http://localhost/topic", true, false, ERR_DENIED, "private"},
	{"http://push.example/topic", true, false, ERR_DENIED, "private"},
	{"http://[fe00::1]/topic", true, false, ERR_DENIED, "private"},
	{"http://127.0.0.1@push.example/topic", true, false, ERR_FORMAT, "expected"},
	{"http://127.0.0.1%2fpush.example/topic", true, false, ERR_FORMAT, "expected"},
	{"https://user:word@push.example/topic", false, false, ERR_FORMAT, "expected"},
	{"https://push.example/topic?x=1", false, false, ERR_FORMAT, "expected"},
	{"https://push.example/topic\r\nX: y", false, false, ERR_FORMAT, "expected"},
	{"https://push.example/", false, false, ERR_FORMAT, "expected"},
	{"https://push.example", false, false, ERR_FORMAT, "expected"},
	{"https:///topic", false, false, ERR_FORMAT, "expected"},
	{"https://[::1/topic", false, false, ERR_FORMAT, "expected"},
	{"ftp://push.example/topic", false, false, ERR_FORMAT, "https://"},
	{"HTTPS://push.example/topic", false, false, ERR_FORMAT, "https://"},
	{"", false, false, ERR_FORMAT, "https://"},
};

static void on_done(void *context, uint64_t token, const struct delivery *result)
{
	(void)context;
	(void)token;
	(void)result;
}

static enum err try_row(const struct row *row, const struct secret *token,
			struct err_note *note)
{
	const struct push_http_settings settings = {.url = row->url,
						    .plain_at_home = row->plain_at_home,
						    .token = row->has_token ? token
									    : NULL};
	struct loop *loop = NULL;
	struct push push = {0};
	enum err err;

	assert_int_equal(loop_create(&loop), OK);
	err = push_http_open(loop, &settings, (struct push_listener){NULL, on_done},
			     &push, note);
	push_close(&push);
	loop_destroy(loop);
	return err;
}

static void knows_where_a_notice_may_go(void **state)
{
	struct secret *token = NULL;

	(void)state;
	assert_int_equal(secret_copy("tk_1", 4, &token), OK);
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		struct err_note note = {""};
		enum err err = try_row(&ROWS[i], token, &note);

		if (err != ROWS[i].expected || !strstr(note.text, ROWS[i].complaint))
			fail_msg("%s: %s \"%s\"", ROWS[i].url, err_words(err), note.text);
	}
	secret_destroy(token);
}

static void wants_a_token_without_line_end(void **state)
{
	static const struct row row = {"https://push.example/topic", false, true, OK, ""};
	struct secret *token = NULL;
	struct err_note note = {""};

	(void)state;
	assert_int_equal(secret_copy("tk_1\n", 5, &token), OK);
	assert_int_equal(try_row(&row, token, &note), ERR_FORMAT);
	assert_non_null(strstr(note.text, "token"));
	secret_destroy(token);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_where_a_notice_may_go),
		cmocka_unit_test(wants_a_token_without_line_end),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
