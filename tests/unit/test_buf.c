/* SPDX-License-Identifier: Apache-2.0 */
/* buf: grows to its limit and not a byte further; a failed addition changes nothing. */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/buf.h"

static void grows_up_to_its_limit(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf, 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(buf_add(&buf, "x", 1), OK);
	assert_int_equal(buf.size, 1000);
	assert_int_equal(buf_add(&buf, "y", 1), ERR_LIMIT);
	assert_int_equal(buf.size, 1000);
	assert_int_equal(buf.bytes[1000], 0);
	assert_int_equal(strspn((const char *)buf.bytes, "x"), 1000);
	buf_finish(&buf);
	assert_int_equal(buf.size, 0);
	assert_int_equal(buf_add_text(&buf, "again"), OK);
	buf_finish(&buf);
	buf_finish(NULL);
}

static void huge_sizes_do_not_overflow(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf, 10);
	assert_int_equal(buf_add_text(&buf, "abc"), OK);
	assert_int_equal(buf_add(&buf, "x", SIZE_MAX), ERR_LIMIT);
	assert_int_equal(buf_add(&buf, "x", SIZE_MAX - 2), ERR_LIMIT);
	assert_string_equal((const char *)buf.bytes, "abc");
	buf_finish(&buf);
	buf_init(&buf, 0);
	assert_int_equal(buf_add(&buf, NULL, 0), OK);
	assert_int_equal(buf_add(&buf, "x", 1), ERR_LIMIT);
	buf_finish(&buf);
}

static void formats_and_drops(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf, 20);
	assert_int_equal(buf_add_format(&buf, "%s-%d", "ab", 17), OK);
	assert_int_equal(buf_add_format(&buf, "%020d", 1), ERR_LIMIT);
	assert_string_equal((const char *)buf.bytes, "ab-17");
	buf_drop(&buf, 3);
	assert_string_equal((const char *)buf.bytes, "17");
	assert_int_equal(buf.size, 2);
	buf_drop(&buf, 2);
	assert_string_equal((const char *)buf.bytes, "");
	assert_int_equal(buf_add_text(&buf, "x"), OK);
	buf_clear(&buf);
	assert_string_equal((const char *)buf.bytes, "");
	buf_finish(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_up_to_its_limit),
		cmocka_unit_test(huge_sizes_do_not_overflow),
		cmocka_unit_test(formats_and_drops),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
