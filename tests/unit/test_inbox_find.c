/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_inbox_find - a message is the one of that number or of those digits, and what names
 * none or several plays none.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "cli/inbox_find.h"

static const struct device_letter LETTERS[] = {{.id = {{0x3f, 0x2a, 1}}},
					       {.id = {{0x3f, 0x2a, 2}}},
					       {.id = {{0x12, 0x34}}}};

static void one_is_named_or_none(void **state)
{
	static const struct {
		const char *word;
		size_t count;
		enum err err;
		size_t at;
		const char *words;
	} rows[] = {
		{"1", 3, OK, 0, ""},
		{"3", 3, OK, 2, ""},
		{"1234", 3, OK, 2, ""},
		{"3f2a02", 3, OK, 1, ""},
		{"3F2A02", 3, OK, 1, ""},
		{"4", 3, ERR_MISSING, 0, "no message 4"},
		{"1", 0, ERR_MISSING, 0, "no message 1"},
		{"3f2b", 3, ERR_MISSING, 0, "no message begins so"},
		{"3f2a", 3, ERR_EXISTS, 0, "give more digits"},
		/* The only one is not meant by nothing, nor by less than is asked for. */
		{"", 1, ERR_RANGE, 0, "as `behest messages` lists them"},
		{"3f", 1, ERR_RANGE, 0, "at least 4"},
		{"3f2a-", 1, ERR_RANGE, 0, "expected the first digits"},
		{"0", 1, ERR_RANGE, 0, "expected the first digits"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		const struct device_letter *found = NULL;
		struct err_note note = {""};

		assert_int_equal(inbox_find(LETTERS, rows[i].count, rows[i].word, &found,
					    &note),
				 rows[i].err);
		assert_ptr_equal(found, rows[i].err ? NULL : &LETTERS[rows[i].at]);
		assert_non_null(strstr(note.text, rows[i].words));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_is_named_or_none),
	};

	return cmocka_run_group_tests_name("inbox_find", tests, NULL, NULL);
}
