/* SPDX-License-Identifier: Apache-2.0 */
/* test_pairing - an offer goes into its one text and back, and nothing else is an offer. */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "base/seal.h"
#include "base/str.h"
#include "domain/pairing.h"

#define ZERO_KEY "0000000-0000000-0000000-0000000-0000000-0000000-0000000-00"
/* 32 zero bytes; the last letters are of their SHA-256, 66687a.... */
#define KEY ZERO_KEY "6CT3T"
#define CODE "0123-4567-89AB-VXYZ"
#define HUB "hub.example:7443"
#define TEXT(hub, key, code, name) \
	"behest-pair:1?hub=" hub "&key=" key "&code=" code "&name=" name

static const struct pairing_offer OFFER = {
	.address = HUB,
	.code = CODE,
	.house = "Home",
};

static void check_round(const struct pairing_offer *offer)
{
	struct pairing_offer back = {.address = "?"};
	char text[PAIRING_TEXT_BYTES];
	char again[PAIRING_TEXT_BYTES];
	struct err_note note = {""};

	assert_int_equal(pairing_offer_write(offer, text, &note), OK);
	assert_int_equal(pairing_offer_read(text, &back, &note), OK);
	assert_string_equal(note.text, "");
	assert_string_equal(back.address, offer->address);
	assert_memory_equal(back.key, offer->key, sizeof(back.key));
	assert_string_equal(back.code, offer->code);
	assert_string_equal(back.house, offer->house);
	assert_int_equal(pairing_offer_write(&back, again, &note), OK);
	assert_string_equal(again, text);
}

static void one_offer_is_this_text(void **state)
{
	char text[PAIRING_TEXT_BYTES];

	(void)state;
	assert_int_equal(pairing_offer_write(&OFFER, text, NULL), OK);
	assert_string_equal(text, TEXT(HUB, KEY, CODE, "Home"));
}

static void there_and_back(void **state)
{
	static const char *const addresses[] = {
		"unix",           HUB,       "a:1", "192.168.1.20:65535",
		"[fe80::1]:7443", "[::]:80", "9:9", "hub-2.local:10"};
	static const char *const houses[] = {"Home",         "~",
					     "Haus am See",  "a&b=c?d%41",
					     "\xe5\xae\xb6", "K\xc3\xbc che/7"};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(addresses) * STR_COUNT(houses); i++) {
		struct pairing_offer offer = OFFER;

		for (size_t k = 0; k < sizeof(offer.key); k++)
			offer.key[k] = (uint8_t)(i * 31 + k * 7);
		assert_true(str_copy(offer.address, sizeof(offer.address),
				     addresses[i % STR_COUNT(addresses)]));
		assert_true(str_copy(offer.house, sizeof(offer.house),
				     houses[i / STR_COUNT(addresses)]));
		check_round(&offer);
	}
}

static void the_longest_fits(void **state)
{
	struct pairing_offer offer = OFFER;
	char text[PAIRING_TEXT_BYTES];

	(void)state;
	memset(offer.address, 'a', sizeof(offer.address) - 1);
	memcpy(offer.address + sizeof(offer.address) - 1 - strlen(":65535"), ":65535",
	       strlen(":65535") + 1);
	memset(offer.house, ' ', sizeof(offer.house) - 1);
	check_round(&offer);
	assert_int_equal(pairing_offer_write(&offer, text, NULL), OK);
	assert_int_equal(strlen(text), PAIRING_TEXT_BYTES - 1);
}

static void each_key_letter_counts(void **state)
{
	char text[] = TEXT(HUB, KEY, CODE, "Home");
	char *key = strstr(text, "key=") + strlen("key=");
	struct pairing_offer offer;

	(void)state;
	for (size_t i = 0; i < strlen(KEY); i++) {
		const char was = key[i];

		key[i] = was == 'Z' ? 'Y' : 'Z';
		assert_int_not_equal(pairing_offer_read(text, &offer, NULL), OK);
		key[i] = was;
	}
	assert_int_equal(pairing_offer_read(text, &offer, NULL), OK);
}

#define LONG_63 "aaaaaaaaabbbbbbbbbcccccccccdddddddddeeeeeeeeefffffffffggggggggg"
#define LONG_189 LONG_63 LONG_63 LONG_63

static const struct {
	const char *text;
	enum err err;
	const char *note; /* behind "pairing text, byte " */
} BAD[] = {
	/* the head */
	{"", ERR_FORMAT, "1: expected behest-pair:"},
	{"BEHEST-PAIR:1?", ERR_FORMAT, "1: expected behest-pair:"},
	{"behest-pair", ERR_FORMAT, "1: expected behest-pair:"},
	{"behest-pair:2?hub=unix", ERR_VERSION,
	 "13: expected 1?, the only version known"},
	{"behest-pair:11?hub=unix", ERR_VERSION,
	 "13: expected 1?, the only version known"},
	/* fields */
	{"behest-pair:1?", ERR_FORMAT, "15: expected hub=; it ends there"},
	{"behest-pair:1?hub", ERR_FORMAT,
	 "15: expected hub=; what stands there is no field of it"},
	{"behest-pair:1?Hub=unix", ERR_FORMAT,
	 "15: expected hub=; what stands there is no field of it"},
	{"behest-pair:1?&hub=unix", ERR_FORMAT,
	 "15: expected hub=; what stands there is no field of it"},
	{"behest-pair:1?key=" KEY "&hub=unix", ERR_FORMAT,
	 "15: expected hub=; that field comes later"},
	{"behest-pair:1?hub=unix", ERR_FORMAT, "23: expected &key=; it ends there"},
	{"behest-pair:1?hub=unix&hub=unix", ERR_FORMAT,
	 "23: expected &key=; that field stands twice"},
	{"behest-pair:1?hub=unix&colour=red&key=" KEY, ERR_FORMAT,
	 "23: expected &key=; what stands there is no field of it"},
	{"behest-pair:1?hub=unix&&key=" KEY, ERR_FORMAT,
	 "23: expected &key=; what stands there is no field of it"},
	{"behest-pair:1?hub=unix&key=" KEY "&name=Home", ERR_FORMAT,
	 "91: expected &code=; that field comes later"},
	{TEXT("unix", KEY, CODE, "Home") "&name=Home", ERR_FORMAT,
	 "126: expected its end; that field stands twice"},
	{TEXT("unix", KEY, CODE, "Home") "&", ERR_FORMAT,
	 "126: expected its end; what stands there is no field of it"},
	{TEXT("unix", KEY, CODE, "Home") "&x=", ERR_FORMAT,
	 "126: expected its end; what stands there is no field of it"},
	/* the address */
	{TEXT("", KEY, CODE, "Home"), ERR_FORMAT,
	 "19: expected HOST:PORT, [IPV6]:PORT or unix"},
	{TEXT(":7443", KEY, CODE, "Home"), ERR_FORMAT,
	 "19: expected HOST:PORT, [IPV6]:PORT or unix"},
	{TEXT("-x:7443", KEY, CODE, "Home"), ERR_FORMAT,
	 "19: expected HOST:PORT, [IPV6]:PORT or unix"},
	{TEXT("[fe80::1:7443", KEY, CODE, "Home"), ERR_FORMAT,
	 "19: expected HOST:PORT, [IPV6]:PORT or unix"},
	{TEXT("[]:7443", KEY, CODE, "Home"), ERR_FORMAT,
	 "19: expected HOST:PORT, [IPV6]:PORT or unix"},
	{TEXT("Unix", KEY, CODE, "Home"), ERR_FORMAT, "23: expected a colon and a port"},
	{TEXT("fe80::1", KEY, CODE, "Home"), ERR_FORMAT,
	 "24: expected a port from 1 to 65535"},
	{TEXT("h_x:1", KEY, CODE, "Home"), ERR_FORMAT, "20: expected a colon and a port"},
	{TEXT("h:", KEY, CODE, "Home"), ERR_FORMAT,
	 "21: expected a port from 1 to 65535"},
	{TEXT("h:0", KEY, CODE, "Home"), ERR_FORMAT,
	 "21: expected a port from 1 to 65535"},
	{TEXT("h:080", KEY, CODE, "Home"), ERR_FORMAT,
	 "21: expected a port from 1 to 65535"},
	{TEXT("h:65536", KEY, CODE, "Home"), ERR_FORMAT,
	 "21: expected a port from 1 to 65535"},
	{TEXT("h:+80", KEY, CODE, "Home"), ERR_FORMAT,
	 "21: expected a port from 1 to 65535"},
	{TEXT(LONG_189 ":80", KEY, CODE, "Home"), ERR_LIMIT,
	 "210: expected an address of at most 191 bytes"},
	/* the key */
	{TEXT("unix", "", CODE, "Home"), ERR_FORMAT,
	 "28: expected a key of 56 letters in groups of seven"},
	{TEXT("unix", ZERO_KEY "6CT3", CODE, "Home"), ERR_FORMAT,
	 "28: expected a key of 56 letters in groups of seven"},
	{TEXT("unix", ZERO_KEY "6CT3V", CODE, "Home"), ERR_AUTH,
	 "28: expected a key whose last letters check it"},
	{TEXT("unix", ZERO_KEY "6cT3T", CODE, "Home"), ERR_FORMAT,
	 "87: expected the key in capitals, groups of seven with - between"},
	{TEXT("unix", "O" ZERO_KEY "6CT3T", CODE, "Home"), ERR_LIMIT,
	 "91: expected a key of 63 bytes"},
	{TEXT("unix", "O000000-0000000-0000000-0000000-0000000-0000000-0000000-006CT3T",
	      CODE, "Home"),
	 ERR_FORMAT, "28: expected the key in capitals, groups of seven with - between"},
	/* the code */
	{TEXT("unix", KEY, "", "Home"), ERR_FORMAT, "97: expected a letter of the code"},
	{TEXT("unix", KEY, "0123-4567-89AB-VXY", "Home"), ERR_FORMAT,
	 "115: expected a letter of the code"},
	{TEXT("unix", KEY, "0123-4567-89AB-VXYU", "Home"), ERR_FORMAT,
	 "115: expected a letter of the code"},
	{TEXT("unix", KEY, "0123-4567-89ab-VXYZ", "Home"), ERR_FORMAT,
	 "109: expected a letter of the code"},
	{TEXT("unix", KEY, "0123 4567 89AB VXYZ", "Home"), ERR_FORMAT,
	 "101: expected - between groups of four"},
	{TEXT("unix", KEY, "0123-4567-89AB-VXYZ0", "Home"), ERR_LIMIT,
	 "116: expected a code of 19 bytes"},
	/* the name */
	{TEXT("unix", KEY, CODE, ""), ERR_FORMAT,
	 "122: expected a name in UTF-8 without control characters"},
	{TEXT("unix", KEY, CODE, "My House"), ERR_FORMAT,
	 "124: expected a letter, a digit, one of -._~, or another byte as %XX in "
	 "capitals"},
	{TEXT("unix", KEY, CODE, "H\xc3\xa4us"), ERR_FORMAT,
	 "123: expected a letter, a digit, one of -._~, or another byte as %XX in "
	 "capitals"},
	{TEXT("unix", KEY, CODE, "a%c3%a4"), ERR_FORMAT,
	 "123: expected a letter, a digit, one of -._~, or another byte as %XX in "
	 "capitals"},
	{TEXT("unix", KEY, CODE, "%41"), ERR_FORMAT,
	 "122: expected a letter, a digit, one of -._~, or another byte as %XX in "
	 "capitals"},
	{TEXT("unix", KEY, CODE, "a%00b"), ERR_FORMAT,
	 "123: expected a letter, a digit, one of -._~, or another byte as %XX in "
	 "capitals"},
	{TEXT("unix", KEY, CODE, "a%2"), ERR_FORMAT,
	 "123: expected a letter, a digit, one of -._~, or another byte as %XX in "
	 "capitals"},
	{TEXT("unix", KEY, CODE, "a%0Ab"), ERR_FORMAT,
	 "122: expected a name in UTF-8 without control characters"},
	{TEXT("unix", KEY, CODE, "a%C3"), ERR_FORMAT,
	 "122: expected a name in UTF-8 without control characters"},
	{TEXT("unix", KEY, CODE, LONG_63 "a"), ERR_LIMIT,
	 "185: expected a name of at most 63 bytes"},
	{TEXT("unix", KEY, CODE, LONG_189 "a"), ERR_LIMIT,
	 "311: expected a name of at most 189 bytes"},
};

static void bad_texts_are_refused_with_their_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(BAD); i++) {
		struct pairing_offer offer = {.address = "as it was"};
		struct err_note note = {""};
		char expected[ERR_NOTE_BYTES];

		assert_true(str_format(expected, sizeof(expected),
				       "pairing text, byte %s", BAD[i].note));
		const enum err err = pairing_offer_read(BAD[i].text, &offer, &note);
		if (err != BAD[i].err || !str_equal(note.text, expected))
			print_error("%s\n", BAD[i].text);
		assert_string_equal(note.text, expected);
		assert_int_equal(err, BAD[i].err);
		assert_string_equal(offer.address, "as it was");
	}
}

static void check_unwritten(const struct pairing_offer *offer, const char *expected)
{
	char text[PAIRING_TEXT_BYTES] = "as it was";
	struct err_note note = {""};

	assert_int_equal(pairing_offer_write(offer, text, &note), ERR_FORMAT);
	assert_string_equal(text, "");
	assert_string_equal(note.text, expected);
}

static void what_would_not_be_read_is_not_written(void **state)
{
	struct pairing_offer offer = OFFER;

	(void)state;
	strcpy(offer.address, "a:1&key=" KEY "&code=" CODE "&name=x");
	check_unwritten(&offer,
			"pairing text, byte 122: expected its end; that field stands "
			"twice");
	offer = OFFER;
	strcpy(offer.code, "0123-4567-89AB-VX");
	check_unwritten(&offer, "pairing text, byte 126: expected a letter of the code");
	offer = OFFER;
	strcpy(offer.house, "\xff");
	check_unwritten(&offer,
			"pairing text, byte 134: expected a name in UTF-8 without "
			"control characters");
}

static void wiped_it_says_nothing(void **state)
{
	static const struct pairing_offer nothing;
	struct pairing_offer offer = OFFER;

	(void)state;
	pairing_offer_wipe(&offer);
	assert_memory_equal(&offer, &nothing, sizeof(offer));
}

static int start(void **state)
{
	(void)state;
	return seal_init() == OK ? 0 : 1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_offer_is_this_text),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(the_longest_fits),
		cmocka_unit_test(each_key_letter_counts),
		cmocka_unit_test(bad_texts_are_refused_with_their_place),
		cmocka_unit_test(what_would_not_be_read_is_not_written),
		cmocka_unit_test(wiped_it_says_nothing),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
