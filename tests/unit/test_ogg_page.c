/* SPDX-License-Identifier: Apache-2.0 */
/* test_ogg_page - pages and packets are found where they are, and nothing beyond the end. */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/ogg_page.h"
#include "base/str.h"

/* The head of a real file (libsndfile 1.2.0), sum and all. */
static const uint8_t PAGE[] = {
	'O',  'g',  'g', 'S', 0, 2, 0,    0,    0,    0,    0, 0,    0,   0,   0xb4, 0x4d,
	0xb0, 0x1a, 0,   0,   0, 0, 0x39, 0xe9, 0x34, 0xef, 1, 0x13, 'O', 'p', 'u',  's',
	'H',  'e',  'a', 'd', 1, 1, 0x38, 1,    0x80, 0x3e, 0, 0,    0,   0,   0,
};

static void test_a_real_page(void **state)
{
	struct ogg_page page;
	struct ogg_packet packet = {0};

	(void)state;
	assert_true(ogg_page_read(PAGE, sizeof(PAGE), &page));
	assert_int_equal(page.flags, OGG_PAGE_FIRST);
	assert_int_equal(page.granule, 0);
	assert_int_equal(page.serial, 0x1ab04db4);
	assert_int_equal(page.sequence, 0);
	assert_int_equal(page.size, sizeof(PAGE));
	assert_int_equal(page.sum, 0xef34e939);
	assert_int_equal(ogg_page_sum(PAGE, sizeof(PAGE)), page.sum);
	assert_true(ogg_page_next(&page, &packet));
	assert_int_equal(packet.size, 19);
	assert_ptr_equal(packet.bytes, PAGE + 28);
	assert_false(ogg_page_next(&page, &packet));
}

static void test_part_of_a_page_is_none(void **state)
{
	struct ogg_page page;

	(void)state;
	for (size_t size = 0; size < sizeof(PAGE); size++) {
		/* Of its own size, so that reading on is seen. */
		uint8_t *part = malloc(size + 1);

		assert_non_null(part);
		memcpy(part + 1, PAGE, size);
		assert_false(ogg_page_read(part + 1, size, &page));
		free(part);
	}
}

static void test_packets_of_all_lengths(void **state)
{
	/* 0, 255 and 300 bytes, then one that goes on elsewhere. */
	static const uint8_t LACING[] = {0, 255, 0, 255, 45, 255};
	static uint8_t bytes[OGG_PAGE_BYTES_MAX];
	static const size_t SIZES[] = {0, 255, 300};
	struct ogg_page page;
	struct ogg_packet packet = {0};
	size_t at = OGG_PAGE_HEADER_BYTES + sizeof(LACING);

	(void)state;
	memcpy(bytes, PAGE, OGG_PAGE_HEADER_BYTES);
	bytes[26] = sizeof(LACING);
	memcpy(bytes + OGG_PAGE_HEADER_BYTES, LACING, sizeof(LACING));
	assert_true(ogg_page_read(bytes, sizeof(bytes), &page));
	assert_int_equal(page.size, at + 3 * 255 + 45);
	for (size_t i = 0; i < STR_COUNT(SIZES); i++) {
		assert_true(ogg_page_next(&page, &packet));
		assert_int_equal(packet.size, SIZES[i]);
		assert_ptr_equal(packet.bytes, bytes + at);
		at += SIZES[i];
	}
	assert_false(ogg_page_next(&page, &packet));
	assert_int_equal(packet.segment, sizeof(LACING) - 1);
}

static void test_sealing(void **state)
{
	uint8_t bytes[sizeof(PAGE)];
	struct ogg_page page;

	(void)state;
	memcpy(bytes, PAGE, sizeof(bytes));
	ogg_page_seal(bytes, sizeof(bytes), 7);
	assert_true(ogg_page_read(bytes, sizeof(bytes), &page));
	assert_int_equal(page.serial, 7);
	assert_int_not_equal(page.sum, 0xef34e939);
	assert_int_equal(ogg_page_sum(bytes, sizeof(bytes)), page.sum);
	ogg_page_seal(bytes, sizeof(bytes), 0x1ab04db4);
	assert_memory_equal(bytes, PAGE, sizeof(bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_real_page),
		cmocka_unit_test(test_part_of_a_page_is_none),
		cmocka_unit_test(test_packets_of_all_lengths),
		cmocka_unit_test(test_sealing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
