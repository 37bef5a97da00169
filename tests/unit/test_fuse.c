/* SPDX-License-Identifier: Apache-2.0 */
/* test_fuse - it blows at one too many within the window, and never otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "listen/fuse.h"

enum { MINUTE_MS = 60 * 1000 };

static void test_what_is_spread_out_never_blows(void **state)
{
	struct fuse fuse;

	(void)state;
	fuse_init(&fuse, FUSE_WAKES_MAX);
	for (int64_t n = 0; n < 1000; n++)
		assert_false(fuse_count(&fuse, n * FUSE_WINDOW_MS / FUSE_WAKES_MAX));
}

static void test_one_too_many_within_the_window_blows(void **state)
{
	struct fuse fuse;

	(void)state;
	fuse_init(&fuse, FUSE_WAKES_MAX);
	for (int64_t n = 0; n < FUSE_WAKES_MAX; n++)
		assert_false(fuse_count(&fuse, n * 1000));
	assert_true(fuse_count(&fuse, FUSE_WAKES_MAX * 1000));
	/* and begins anew */
	assert_false(fuse_count(&fuse, FUSE_WAKES_MAX * 1000 + 1));
}

static void test_the_window_slides(void **state)
{
	struct fuse fuse;

	(void)state;
	fuse_init(&fuse, FUSE_PROPOSALS_MAX);
	assert_false(fuse_count(&fuse, 0));
	assert_false(fuse_count(&fuse, 50 * MINUTE_MS));
	assert_false(fuse_count(&fuse, 60 * MINUTE_MS)); /* the first is an hour old */
	assert_true(fuse_count(&fuse, 61 * MINUTE_MS));
}

static void test_a_follow_up_forgets(void **state)
{
	struct fuse fuse;

	(void)state;
	fuse_init(&fuse, FUSE_PROPOSALS_MAX);
	assert_false(fuse_count(&fuse, 0));
	assert_false(fuse_count(&fuse, 1));
	fuse_reset(&fuse);
	assert_false(fuse_count(&fuse, 2));
	assert_false(fuse_count(&fuse, 3));
	assert_true(fuse_count(&fuse, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_spread_out_never_blows),
		cmocka_unit_test(test_one_too_many_within_the_window_blows),
		cmocka_unit_test(test_the_window_slides),
		cmocka_unit_test(test_a_follow_up_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
