/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests adapter/header_text: encoded words and dates.
 */
#include "cmocka_all.h"

#include <string.h>

#include "adapter/header_text.h"
#include "base/str.h"

enum { LONGEST = 300 };

static void leaves_plain_text(void **state)
{
	char to[HEADER_TEXT_BYTES(LONGEST)];

	(void)state;
	assert_true(header_text(to, sizeof(to), "Anna Keller-O'Neil 2", " "));
	assert_string_equal(to, "Anna Keller-O'Neil 2");
	assert_true(header_text(to, sizeof(to), "", " "));
	assert_string_equal(to, "");
}

static void encodes_the_rest(void **state)
{
	static const struct {
		const char *text;
		const char *expected;
	} rows[] = {
		{"J\xc3\xbcrgen", "=?UTF-8?B?SsO8cmdlbg==?="},
		{"a, b", "=?UTF-8?B?YSwgYg==?="},
		{"<a@b.c>", "=?UTF-8?B?PGFAYi5jPg==?="},
		{"=?UTF-8?Q?x?=", "=?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?="},
		{" a", "=?UTF-8?B?IGE=?="},
		{"a ", "=?UTF-8?B?YSA=?="},
	};
	char to[HEADER_TEXT_BYTES(LONGEST)];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		assert_true(header_text(to, sizeof(to), rows[i].text, " "));
		assert_string_equal(to, rows[i].expected);
	}
}

/* Each word is at most 75 long and ends between two characters; all fit where they are
 * said to fit. */
static void folds_long_text(void **state)
{
	char text[LONGEST + 1] = "";
	char to[HEADER_TEXT_BYTES(LONGEST)];

	(void)state;
	while (strlen(text) + 3 <= LONGEST)
		assert_true(str_append(text, sizeof(text), "\xe2\x82\xac"));
	assert_true(header_text(to, sizeof(to), text, "\r\n "));
	for (const char *word = to; word; word = strstr(word, "\r\n ")) {
		word += str_starts(word, "\r\n ") ? 3 : 0;
		assert_true(str_starts(word, "=?UTF-8?B?4oKs"));
		assert_true(strcspn(word, "\r") <= 75);
	}
	assert_false(header_text(to, 80, text, "\r\n "));
	assert_string_equal(to, "");
}

static void writes_dates(void **state)
{
	char date[HEADER_DATE_BYTES];

	(void)state;
	assert_true(header_date(date, 0));
	assert_string_equal(date, "Thu, 1 Jan 1970 00:00:00 +0000");
	assert_true(header_date(date, 951868799999));
	assert_string_equal(date, "Tue, 29 Feb 2000 23:59:59 +0000");
	assert_false(header_date(date, -1));
	assert_false(header_date(date, INT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_plain_text),
		cmocka_unit_test(encodes_the_rest),
		cmocka_unit_test(folds_long_text),
		cmocka_unit_test(writes_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
