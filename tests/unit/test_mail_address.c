/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests domain/mail_address: what may stand in a header, and what is said of the rest.
 */
#include "cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "domain/mail_address.h"

#define LABEL_63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"
#define LOCAL_64 LABEL_63 "l"

static const char *const GOOD[] = {
	"a@b.c",
	"anna@example.org",
	"anna.keller+voice@mail.example.org",
	"o'neil_x=y#1@ex-ample.co.uk",
	"ANNA@EXAMPLE.ORG",
	"1@1.example",
	"a-@b.example",
	"anna@xn--bcher-kva.example",
	LOCAL_64 "@" LABEL_63 ".example",
};

static const struct {
	const char *address;
	const char *complaint; /* part of it */
} BAD[] = {
	{"", "empty"},
	{"anna", "one '@'"},
	{"anna@", "a dot after"},
	{"@example.org", "1 to 64"},
	{LOCAL_64 "m@example.org", "1 to 64"},
	{"anna@@example.org", "one '@'"},
	{"anna@example.org@evil.example", "one '@'"},
	{"anna@localhost", "a dot after"},
	{"anna@.example.org", "a domain that is none"},
	{"anna@example.org.", "a domain that is none"},
	{"anna@example..org", "two dots"},
	{"an..na@example.org", "two dots"},
	{".anna@example.org", "begins or ends"},
	{"anna.@example.org", "begins or ends"},
	{"-oQ@example.org", "begins or ends"},
	{"anna@-example.org", "a domain that is none"},
	{"anna@example-.org", "a domain that is none"},
	{"anna@exa_mple.org", "a domain that is none"},
	{"anna@" LABEL_63 "l.example", "a domain that is none"},
	{"anna@192.0.2.1", "ends in a number"},
	{"anna@[192.0.2.1]", "a domain that is none"},
	{"anna@example.org, bert@example.org", "a blank"},
	{"anna@example.org,bert@example.org", "one plain address"},
	{"anna@example.org;bert@example.org", "one plain address"},
	{"Anna <anna@example.org>", "a blank"},
	{"<anna@example.org>", "one plain address"},
	{"\"anna\"@example.org", "one plain address"},
	{"anna(home)@example.org", "one plain address"},
	{"anna @example.org", "a blank"},
	{" anna@example.org", "a blank"},
	{"anna@example.org\n", "a blank or a control"},
	{"anna@example.org\r\nBcc: bert@example.org", "a blank or a control"},
	{"anna\t@example.org", "a blank or a control"},
	{"anna\x7f@example.org", "not ASCII"},
	{"\xc3\xa4nna@example.org", "not ASCII"},
	{"anna@b\xc3\xbc"
	 "cher.example",
	 "not ASCII"},
	{"anna\\@example.org", "before the '@' that is not allowed"},
	{"evil.example!anna@example.org", "before the '@' that is not allowed"},
	{"anna%evil.example@example.org", "before the '@' that is not allowed"},
	{"$(id)@example.org", "one plain address"},
	{"|id@example.org", "before the '@' that is not allowed"},
	{"an:na@example.org", "before the '@' that is not allowed"},
};

static void takes_good_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(GOOD); i++) {
		struct err_note note = {""};

		if (mail_address_check(GOOD[i], &note) != OK)
			fail_msg("%s: %s", GOOD[i], note.text);
	}
	assert_string_equal(mail_address_domain("anna@example.org"), "example.org");
}

static void says_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(BAD); i++) {
		struct err_note note = {""};

		if (mail_address_check(BAD[i].address, &note) != ERR_FORMAT ||
		    !strstr(note.text, BAD[i].complaint))
			fail_msg("%s: \"%s\" instead of \"%s\"", BAD[i].address,
				 note.text, BAD[i].complaint);
	}
}

static void knows_how_long_an_address_is(void **state)
{
	char address[MAIL_ADDRESS_MAX + 2] = "a@";
	struct err_note note = {""};

	(void)state;
	while (strlen(address) < MAIL_ADDRESS_MAX - 1)
		assert_true(str_append(address, sizeof(address), "b."));
	assert_true(str_append(address, sizeof(address), "%s",
			       strlen(address) == MAIL_ADDRESS_MAX - 1 ? "c" : ""));
	assert_int_equal(strlen(address), MAIL_ADDRESS_MAX);
	address[MAIL_ADDRESS_MAX - 1] = 'c';
	address[MAIL_ADDRESS_MAX - 2] = 'c';
	assert_int_equal(mail_address_check(address, &note), OK);
	assert_true(str_append(address, sizeof(address), "c"));
	assert_int_equal(mail_address_check(address, &note), ERR_LIMIT);
}

static void takes_lines_and_texts(void **state)
{
	(void)state;
	assert_int_equal(mail_line_check("", 8, "it", NULL), OK);
	assert_int_equal(mail_line_check("J\xc3\xbcrgen", 8, "it", NULL), OK);
	assert_int_equal(mail_line_check("12345678", 8, "it", NULL), OK);
	assert_int_equal(mail_line_check("123456789", 8, "it", NULL), ERR_LIMIT);
	assert_int_equal(mail_line_check("a\nb", 8, "it", NULL), ERR_FORMAT);
	assert_int_equal(mail_line_check("a\rb", 8, "it", NULL), ERR_FORMAT);
	assert_int_equal(mail_line_check("a\tb", 8, "it", NULL), ERR_FORMAT);
	assert_int_equal(mail_line_check("a\x1b[1m", 8, "it", NULL), ERR_FORMAT);
	assert_int_equal(mail_line_check("a\x7f", 8, "it", NULL), ERR_FORMAT);
	assert_int_equal(mail_line_check("\xc2\x85", 8, "it", NULL), ERR_FORMAT);
	assert_int_equal(mail_line_check("\xc2\xa0", 8, "it", NULL), OK);
	assert_int_equal(mail_line_check("\xc3", 8, "it", NULL), ERR_FORMAT);
	assert_int_equal(mail_text_check("a\n\tb", 8, "it", NULL), OK);
	assert_int_equal(mail_text_check("a\r\nb", 8, "it", NULL), ERR_FORMAT);
}

static void names_what_it_complains_of(void **state)
{
	struct err_note note = {""};

	(void)state;
	assert_int_equal(mail_line_check("ab\nc", 8, "the subject", &note), ERR_FORMAT);
	assert_string_equal(note.text, "the subject has a control character at byte 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_good_addresses),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(knows_how_long_an_address_is),
		cmocka_unit_test(takes_lines_and_texts),
		cmocka_unit_test(names_what_it_complains_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
