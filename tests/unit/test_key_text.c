/* SPDX-License-Identifier: Apache-2.0 */
/* test_key_text - keys as letters: there and back, and every typing error is seen. */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/key_text.h"
#include "base/seal.h"
#include "base/str.h"

static void fill(uint8_t key[KEY_TEXT_KEY_BYTES], unsigned from)
{
	for (size_t i = 0; i < KEY_TEXT_KEY_BYTES; i++)
		key[i] = (uint8_t)(from + i * 7);
}

static void there_and_back(void **state)
{
	uint8_t key[KEY_TEXT_KEY_BYTES];
	uint8_t back[KEY_TEXT_KEY_BYTES];
	char text[KEY_TEXT_BYTES];

	(void)state;
	for (unsigned from = 0; from < 256; from++) {
		fill(key, from);
		assert_int_equal(key_to_text(key, text), OK);
		assert_int_equal(strlen(text), KEY_TEXT_BYTES - 1);
		assert_int_equal(key_from_text(text, back), OK);
		assert_memory_equal(key, back, sizeof(key));
	}
}

static void as_people_write_it(void **state)
{
	char longer[KEY_TEXT_BYTES + 1];
	uint8_t key[KEY_TEXT_KEY_BYTES];
	uint8_t back[KEY_TEXT_KEY_BYTES];
	char text[KEY_TEXT_BYTES];

	(void)state;
	fill(key, 0);
	assert_int_equal(key_to_text(key, text), OK);
	str_fold(text);
	for (char *at = text; *at; at++) {
		if (*at == '-')
			*at = ' ';
		if (*at == '0')
			*at = 'o';
		if (*at == '1')
			*at = 'l';
	}
	assert_int_equal(key_from_text(text, back), OK);
	assert_memory_equal(key, back, sizeof(key));
	for (char *at = text; *at; at++)
		*at = *at == 'l' ? 'i' : *at;
	assert_int_equal(key_from_text(text, back), OK);
	assert_memory_equal(key, back, sizeof(key));
	assert_true(str_format(longer, sizeof(longer), "%s0", text));
	assert_int_equal(key_from_text(longer, back), ERR_FORMAT);
}

static void one_wrong_letter(void **state)
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint8_t key[KEY_TEXT_KEY_BYTES];
	uint8_t back[KEY_TEXT_KEY_BYTES];
	char text[KEY_TEXT_BYTES];

	(void)state;
	fill(key, 3);
	assert_int_equal(key_to_text(key, text), OK);
	for (size_t i = 0; text[i]; i++) {
		char was = text[i];

		for (const char *other = letters; was != '-' && *other; other++) {
			text[i] = *other;
			assert_int_equal(key_from_text(text, back) == OK, *other == was);
		}
		text[i] = was;
	}
	text[10] = '\0';
	assert_int_equal(key_from_text(text, back), ERR_FORMAT);
	assert_int_equal(key_from_text("", back), ERR_FORMAT);
	assert_int_equal(key_from_text("not a key!", back), ERR_FORMAT);
}

static void fingerprints_differ(void **state)
{
	uint8_t key[KEY_TEXT_KEY_BYTES];
	char one[KEY_FINGERPRINT_BYTES];
	char other[KEY_FINGERPRINT_BYTES];

	(void)state;
	fill(key, 9);
	assert_int_equal(key_fingerprint(key, one), OK);
	assert_int_equal(strlen(one), KEY_FINGERPRINT_BYTES - 1);
	key[31] ^= 1;
	assert_int_equal(key_fingerprint(key, other), OK);
	assert_string_not_equal(one, other);
}

static int start(void **state)
{
	(void)state;
	return seal_init() == OK ? 0 : 1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(as_people_write_it),
		cmocka_unit_test(one_wrong_letter),
		cmocka_unit_test(fingerprints_differ),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
