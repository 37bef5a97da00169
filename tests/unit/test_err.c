/* SPDX-License-Identifier: Apache-2.0 */
/* err: every error has words; the first complaint wins and is clean. */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"

static void every_error_has_words(void **state)
{
	(void)state;
	for (int err = 0; err < ERR_COUNT; err++)
		assert_true(strlen(err_words((enum err)err)) > 3);
	assert_string_equal(err_words((enum err)1000), "an unknown error");
	assert_int_equal(OK, 0);
}

static void first_complaint_wins(void **state)
{
	(void)state;
	struct err_note note = {0};
	assert_int_equal(err_say(ERR_FORMAT, &note, "file:%d: first", 3), ERR_FORMAT);
	assert_int_equal(err_say(ERR_IO, &note, "second"), ERR_IO);
	assert_string_equal(note.text, "file:3: first");
	assert_int_equal(err_say(ERR_IO, NULL, "nobody listens"), ERR_IO);
}

static void notes_are_clean_and_cut(void **state)
{
	(void)state;
	struct err_note note = {0};
	char long_text[2 * ERR_NOTE_BYTES];
	memset(long_text, 'a', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	memcpy(long_text, "x\n\x1b[2J\xff", 7);
	memcpy(long_text + ERR_NOTE_BYTES - 2, "\xc3\xa4", 2); /* cut in the middle */
	(void)err_say(ERR_FORMAT, &note, "%s", long_text);
	assert_memory_equal(note.text, "x??[2J?", 7);
	assert_int_equal(strlen(note.text), ERR_NOTE_BYTES - 2);
	assert_true(str_is_utf8(note.text, strlen(note.text)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_has_words),
		cmocka_unit_test(first_complaint_wins),
		cmocka_unit_test(notes_are_clean_and_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
