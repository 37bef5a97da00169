/* SPDX-License-Identifier: Apache-2.0 */
/* test_pack - the bytes are as written down, and nothing reads or writes beyond its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/pack.h"

static void the_bytes_are_big_endian(void **state)
{
	const uint8_t expected[] = {1,    0,    0,    0,    2,    0,    0,    0,
				    0,    0,    0,    0,    3,    0xff, 0xff, 0xff,
				    0xff, 0xff, 0xff, 0xff, 0xfc, 2,    'h',  'i'};
	uint8_t bytes[sizeof(expected)];
	struct pack pack;

	(void)state;
	pack_init(&pack, bytes, sizeof(bytes));
	pack_u8(&pack, 1);
	pack_u32(&pack, 2);
	pack_u64(&pack, 3);
	pack_i64(&pack, -4);
	pack_text(&pack, "hi");
	assert_true(pack_is_whole(&pack));
	assert_int_equal(pack.size, sizeof(expected));
	assert_memory_equal(bytes, expected, sizeof(expected));
	for (size_t i = 0; i < 2; i++) { /* and stays so */
		pack_u8(&pack, 1);
		assert_false(pack_is_whole(&pack));
		assert_int_equal(pack.size, sizeof(expected));
	}
}

static void what_was_packed_comes_back(void **state)
{
	uint8_t bytes[64];
	char text[3];
	uint8_t two[2];
	struct pack pack;
	struct unpack unpack;

	(void)state;
	pack_init(&pack, bytes, sizeof(bytes));
	pack_i64(&pack, INT64_MIN);
	pack_text(&pack, "hi");
	pack_bytes(&pack, "xy", 2);
	unpack_init(&unpack, bytes, pack.size);
	assert_true(unpack_i64(&unpack) == INT64_MIN);
	unpack_text(&unpack, text, sizeof(text));
	assert_string_equal(text, "hi");
	assert_false(unpack_is_whole(&unpack)); /* something is left */
	assert_int_equal(unpack_left(&unpack), 2);
	unpack_bytes(&unpack, two, 2);
	assert_memory_equal(two, "xy", 2);
	assert_true(unpack_is_whole(&unpack));
	assert_int_equal(unpack_u8(&unpack), 0);
	assert_false(unpack_is_whole(&unpack));
}

static void bad_text_is_no_text(void **state)
{
	const uint8_t too_long[] = {3, 'a', 'b', 'c'};
	const uint8_t cut[] = {3, 'a', 'b'};
	const uint8_t broken[] = {1, 0xff};
	const struct {
		const uint8_t *bytes;
		size_t size;
	} rows[] = {{too_long, 4}, {cut, 3}, {broken, 2}, {NULL, 0}};
	struct unpack unpack;
	char text[3];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		unpack_init(&unpack, rows[i].bytes, rows[i].size);
		unpack_text(&unpack, text, sizeof(text));
		assert_string_equal(text, "");
		assert_false(unpack_is_whole(&unpack));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bytes_are_big_endian),
		cmocka_unit_test(what_was_packed_comes_back),
		cmocka_unit_test(bad_text_is_no_text),
	};

	return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
