/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests adapter/mail_reply: which of a server's lines decides.
 */
#include "cmocka_all.h"

#include <string.h>

#include "adapter/mail_reply.h"
#include "base/str.h"

static const struct {
	const char *said;
	bool has_begun;
	unsigned code;
	const char *line;
	bool is_over;
} ROWS[] = {
	{"", false, 0, "", false},
	{"220 hello\r\n250-a\r\n250 b\r\n", false, 250, "250 b", false},
	{"220 hello\n550 no such user\r\n", false, 550, "550 no such user", true},
	{"550 no such user\r\n221 bye\r\n", false, 550, "550 no such user", true},
	{"550-first\r\n550 last\r\n", false, 550, "550 last", true},
	{"550-first\r\n", false, 0, "", false},
	{"451 later\r\n", false, 451, "451 later", true},
	{"250 ok\r\n354 go\r\n", true, 0, "", false},
	{"354 go\r\n250 queued\r\n221 bye\r\n", true, 250, "250 queued", true},
	{"354 go\r\n451 later\r\n250 liar\r\n", true, 451, "451 later", true},
	{"354 go\r\n250-more\r\n", true, 0, "", false},
	{"354 go\r\n354 go\r\n", true, 0, "", false},
	{"550", false, 550, "550", true},
	{"99 x\r\n999 x\r\n6000 x\r\nabc\r\n 550 x\r\n-50 x\r\n", false, 0, "", false},
	{"550 a\x1b[2J\xff b\r\n", false, 550, "550 a?[2J? b", true},
};

static void finds_what_decides(void **state)
{
	struct mail_reply reply;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		const size_t size = strlen(ROWS[i].said);

		mail_reply_read(ROWS[i].said, size, &reply);
		assert_int_equal(reply.has_begun, ROWS[i].has_begun);
		assert_int_equal(reply.code, ROWS[i].code);
		assert_string_equal(reply.line, ROWS[i].line);
		assert_int_equal(mail_reply_is_over(ROWS[i].said, size), ROWS[i].is_over);
	}
}

static void cuts_long_lines(void **state)
{
	char said[4 * MAIL_REPLY_LINE_BYTES] = "550 ";
	struct mail_reply reply;

	(void)state;
	memset(said + 4, 'x', sizeof(said) - 4);
	mail_reply_read(said, sizeof(said), &reply);
	assert_int_equal(reply.code, 550);
	assert_int_equal(strlen(reply.line), MAIL_REPLY_LINE_BYTES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_decides),
		cmocka_unit_test(cuts_long_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
