/* SPDX-License-Identifier: Apache-2.0 */
/*
 * houses: addresses as people write them, the keeper's list, and the file of keys.
 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/key_text.h"
#include "base/seal.h"
#include "base/str.h"
#include "folder.h"
#include "gate/houses.h"

static void key_of(uint8_t number, uint8_t to[PARCEL_KEY_BYTES])
{
	memset(to, number, PARCEL_KEY_BYTES);
}

static void test_an_address_is_direct_or_through_a_relay(void **state)
{
	uint8_t own[PARCEL_KEY_BYTES];
	uint8_t relay[PARCEL_KEY_BYTES];
	char text[KEY_TEXT_BYTES];
	char address[PEOPLE_ADDRESS_BYTES];
	struct way way;

	(void)state;
	key_of(1, own);
	key_of(2, relay);
	assert_int_equal(key_to_text(relay, text), OK);
	assert_int_equal(way_read("bea.example.org:7411", own, &way), OK);
	assert_string_equal(way.words, "bea.example.org:7411");
	assert_memory_equal(way.key, own, sizeof(own));
	assert_true(str_format(address, sizeof(address), "[::1]:7411/%s", text));
	assert_int_equal(way_read(address, own, &way), OK);
	assert_string_equal(way.words, "[::1]:7411");
	assert_memory_equal(way.key, relay, sizeof(relay));
	assert_int_equal(way_read("", own, &way), ERR_FORMAT);
	assert_int_equal(way_read("/", own, &way), ERR_FORMAT);
	assert_int_equal(way_read("bea.example.org:7411/", own, &way), ERR_FORMAT);
	assert_int_equal(way_read("bea.example.org:7411/KEY", own, &way), ERR_FORMAT);
}

static bool tell(struct houses *houses, bool first, bool last, uint8_t number,
		 const char *address, uint32_t waits)
{
	uint8_t key[PARCEL_KEY_BYTES];
	struct wire_peer peer = {.first = first, .last = last, .waits = waits};

	key_of(number, key);
	if (number != 0)
		peer.key = (struct wire_slice){key, sizeof(key)};
	assert_true(str_copy(peer.address, sizeof(peer.address), address));
	return houses_told(houses, &peer);
}

static struct house *find(struct houses *houses, uint8_t number)
{
	uint8_t key[PARCEL_KEY_BYTES];

	key_of(number, key);
	return houses_find(houses, key);
}

static void test_a_list_counts_when_it_is_whole(void **state)
{
	struct houses *houses = calloc(1, sizeof(*houses));

	(void)state;
	assert_non_null(houses);
	assert_false(tell(houses, true, false, 1, "a:1", 2));
	assert_null(find(houses, 1));
	assert_true(tell(houses, false, true, 1, "b:1", 3)); /* a second contact there */
	assert_int_equal(houses->count, 1);
	assert_int_equal(find(houses, 1)->waits, 5);
	assert_string_equal(find(houses, 1)->way.words, "a:1");
	find(houses, 1)->asked_until_ms = 5;
	assert_false(tell(houses, true, false, 2, "", 0));
	assert_true(tell(houses, false, true, 1, "a:1", 0));
	assert_int_equal(find(houses, 1)->asked_until_ms, 5); /* is remembered */
	assert_int_equal(find(houses, 1)->waits, 0);
	assert_false(find(houses, 2)->has_way);
	assert_true(tell(houses, true, true, 0, "", 0)); /* nobody */
	assert_int_equal(houses->count, 0);
	free(houses);
}

static void check_file(const char *folder, const char *text, enum err expected,
		       const char *words)
{
	struct houses *houses = calloc(1, sizeof(*houses));
	char path[FILE_PATH_BYTES];
	struct err_note note = {""};

	assert_non_null(houses);
	assert_true(file_join(path, sizeof(path), folder, "keys"));
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
	assert_int_equal(houses_read_carried(houses, path, &note), expected);
	if (words)
		assert_non_null(strstr(note.text, words));
	else
		assert_int_equal(houses->carried_count, 2);
	free(houses);
}

static void test_the_file_of_keys(void **state)
{
	char folder[] = "/tmp/behest-houses-XXXXXX";
	char text[1024];
	char one[KEY_TEXT_BYTES];
	char two[KEY_TEXT_BYTES];
	uint8_t key[PARCEL_KEY_BYTES];
	struct err_note note = {""};
	struct houses none = {.count = 0};

	(void)state;
	assert_non_null(mkdtemp(folder));
	key_of(1, key);
	assert_int_equal(key_to_text(key, one), OK);
	key_of(2, key);
	assert_int_equal(key_to_text(key, two), OK);
	assert_true(str_format(text, sizeof(text), "# ours\n%s\n\n  %s \r\n%s\n", one,
			       two, one));
	check_file(folder, text, OK, NULL);
	assert_true(str_format(text, sizeof(text), "%s\n\nnobody\n", one));
	check_file(folder, text, ERR_FORMAT, "keys:3: expected a key");
	assert_int_equal(houses_read_carried(&none, "/nonexistent/keys", &note),
			 ERR_MISSING);
	assert_non_null(strstr(note.text, "/nonexistent/keys"));
	assert_int_equal(houses_read_carried(&none, "", NULL), OK);
	assert_int_equal(folder_remove(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_address_is_direct_or_through_a_relay),
		cmocka_unit_test(test_a_list_counts_when_it_is_whole),
		cmocka_unit_test(test_the_file_of_keys),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
