/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_contact_card - where another house writes to, and addresses of peers at all.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/key_text.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "cli/contact_card.h"
#include "domain/peer_address.h"

static void with_key(char to[256], const char *address, size_t cut)
{
	const uint8_t key[KEY_TEXT_KEY_BYTES] = {7};
	char text[KEY_TEXT_BYTES];

	assert_int_equal(seal_init(), OK);
	assert_int_equal(key_to_text(key, text), OK);
	text[strlen(text) - cut] = '\0';
	assert_true(str_format(to, 256, "%s/%s", address, text));
}

static void addresses_that_are(void **state)
{
	static const char *const right[] = {
		"house.test:7411", "10.0.0.7:1",      "a:65535",
		"[::1]:7411",      "[fe80::1.2]:741", "xn--a-b.test:9",
	};
	char relayed[256];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(right); i++) {
		assert_int_equal(peer_address_check(right[i], NULL), OK);
		assert_false(peer_address_is_unspecified(right[i]));
		with_key(relayed, right[i], 0);
		assert_int_equal(peer_address_check(relayed, NULL), OK);
	}
}

static void addresses_that_are_not(void **state)
{
	static const struct {
		const char *address;
		const char *says;
	} wrong[] = {
		{"", "byte 1: expected HOST:PORT"},
		{":7411", "byte 1: expected HOST:PORT"},
		{"-a:1", "byte 1: expected HOST:PORT"},
		{"[]:1", "byte 1: expected HOST:PORT"},
		{"[::1:7411", "byte 1: expected HOST:PORT"},
		{"a b:1", "byte 2: expected a colon"},
		{"house.test", "byte 11: expected a colon"},
		{"mia@house.test:1", "byte 4: expected a colon"},
		{"house:", "byte 7: expected a port"},
		{"house:0", "byte 7: expected a port"},
		{"house:07", "byte 7: expected a port"},
		{"house:65536", "byte 7: expected a port"},
		{"house:123456", "byte 7: expected a port"},
		{"house:1 ", "byte 7: expected a port"},
		{"house:1/", "byte 9: expected the relay's key"},
		{"house:1/KEY", "byte 9: expected the relay's key"},
	};
	char cut[256];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(wrong); i++) {
		struct err_note note = {""};

		assert_int_equal(peer_address_check(wrong[i].address, &note), ERR_FORMAT);
		if (!strstr(note.text, wrong[i].says))
			fail_msg("%s: %s", wrong[i].address, note.text);
	}
	with_key(cut, "house:1", 1);
	assert_int_equal(peer_address_check(cut, NULL), ERR_FORMAT);
	memset(cut, 'a', 200);
	assert_true(str_copy(cut + 200, 10, ":1"));
	assert_int_equal(peer_address_check(cut, NULL), ERR_LIMIT);
}

static void where_this_house_is(void **state)
{
	struct settings settings;
	const char *address = NULL;
	struct err_note note = {""};

	(void)state;
	settings_init(&settings);
	assert_int_equal(contact_card_address(&settings, &address, &note), ERR_MISSING);
	assert_non_null(strstr(note.text, "set [peer] address"));
	assert_true(str_copy(settings.peer_listen, sizeof(settings.peer_listen),
			     "0.0.0.0:7411"));
	assert_int_equal(contact_card_address(&settings, &address, NULL), ERR_MISSING);
	assert_true(str_copy(settings.peer_listen, sizeof(settings.peer_listen),
			     "[::]:7411"));
	assert_int_equal(contact_card_address(&settings, &address, NULL), ERR_MISSING);
	assert_null(address);
	assert_true(str_copy(settings.peer_listen, sizeof(settings.peer_listen),
			     "10.0.0.7:7411"));
	assert_int_equal(contact_card_address(&settings, &address, NULL), OK);
	assert_string_equal(address, "10.0.0.7:7411");
	with_key(settings.peer_relay, "relay.test:7411", 0);
	assert_int_equal(contact_card_address(&settings, &address, NULL), OK);
	assert_string_equal(address, settings.peer_relay);
	assert_true(str_copy(settings.peer_address, sizeof(settings.peer_address),
			     "house.test:7411"));
	assert_int_equal(contact_card_address(&settings, &address, NULL), OK);
	assert_string_equal(address, "house.test:7411");
	assert_true(str_copy(settings.peer_address, sizeof(settings.peer_address),
			     "house.test"));
	assert_int_equal(contact_card_address(&settings, &address, NULL), ERR_FORMAT);
}

static void a_shell_takes_it_back(void **state)
{
	char word[CONTACT_CARD_WORD_BYTES];

	(void)state;
	contact_card_quote(word, "Anna Keller's");
	assert_string_equal(word, "\"Anna Keller's\"");
	contact_card_quote(word, "$(rm) 'x' \"y\"");
	assert_string_equal(word, "'$(rm) '\\''x'\\'' \"y\"'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_that_are),
		cmocka_unit_test(addresses_that_are_not),
		cmocka_unit_test(where_this_house_is),
		cmocka_unit_test(a_shell_takes_it_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
