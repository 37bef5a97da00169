/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pronounce_flite: names of people and devices get phones of the CMU set.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "adapter/pronounce_flite.h"
#include "base/str.h"

static struct pronounce *pronounce;

static int open_pronounce(void **state)
{
	(void)state;
	return pronounce_create(&pronounce) != OK;
}

static int close_pronounce(void **state)
{
	(void)state;
	pronounce_destroy(pronounce);
	return 0;
}

static const struct {
	const char *word;
	const char *phones;
} SAID[] = {
	{"anna", "AE N AH"},     {"zoë", "Z OW IY"},
	{"tv", "T IY V IY"},     {"2", "T UW"},
	{"r2", "AA R T UW"},     {"mike's", "M AY K S"},
	{"anna's", "AE N AH Z"}, {"alex’s", "AE L AH K S IH Z"},
	{"wi-fi", "W IY F AY"},
};

static void test_words(void **state)
{
	char phones[PRONOUNCE_PHONES_BYTES];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(SAID); i++) {
		assert_int_equal(pronounce_word(pronounce, SAID[i].word, phones,
						sizeof(phones)),
				 OK);
		assert_string_equal(phones, SAID[i].phones);
	}
}

static const char CMU[] =
	" AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW "
	"OY P R S SH T TH UH UW V W Y Z ZH ";

/* Whatever letters come, only phones that the recogniser has come out. */
static void test_only_known_phones(void **state)
{
	static const char *const WORDS[] = {"kitchen",  "köpenick", "łódź",     "peña",
					    "xylophon", "öğretmen", "straße",   "hygge",
					    "tsch",     "o'brien",  "aaaaaaaa", "zzyzx",
					    "naïve",    "chateau",  "a"};
	char phones[PRONOUNCE_PHONES_BYTES];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(WORDS); i++) {
		assert_int_equal(pronounce_word(pronounce, WORDS[i], phones,
						sizeof(phones)),
				 OK);
		assert_true(phones[0] != '\0');
		for (char *save = NULL, *phone = strtok_r(phones, " ", &save); phone;
		     phone = strtok_r(NULL, " ", &save)) {
			char framed[16];
			assert_true(str_format(framed, sizeof(framed), " %s ", phone));
			if (!strstr(CMU, framed))
				fail_msg("%s: %s", WORDS[i], phone);
		}
	}
}

static void test_refused(void **state)
{
	char phones[PRONOUNCE_PHONES_BYTES] = "as before";
	char long_word[PRONOUNCE_WORD_MAX + 2];

	(void)state;
	memset(long_word, 'a', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = '\0';
	assert_int_equal(pronounce_word(pronounce, "", phones, sizeof(phones)),
			 ERR_FORMAT);
	assert_int_equal(pronounce_word(pronounce, "'-", phones, sizeof(phones)),
			 ERR_FORMAT);
	assert_int_equal(pronounce_word(pronounce, "厨房", phones, sizeof(phones)),
			 ERR_FORMAT);
	assert_int_equal(pronounce_word(pronounce, "\xc3", phones, sizeof(phones)),
			 ERR_FORMAT);
	assert_int_equal(pronounce_word(pronounce, "\xff\xfe", phones, sizeof(phones)),
			 ERR_FORMAT);
	assert_int_equal(pronounce_word(pronounce, long_word, phones, sizeof(phones)),
			 ERR_LIMIT);
	assert_int_equal(pronounce_word(pronounce, "anna", phones, 4), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_only_known_phones),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, open_pronounce, close_pronounce);
}
