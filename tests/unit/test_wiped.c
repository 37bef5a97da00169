/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests adapter/wiped: memory as malloc gives it, and nothing of it left.
 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/wiped.h"

enum { SIZE = 4000 };

static void behaves_like_malloc(void **state)
{
	uint8_t *bytes = wiped_calloc(SIZE, 1);
	char *copy = wiped_strdup("words");

	(void)state;
	assert_non_null(bytes);
	assert_true((uintptr_t)bytes % _Alignof(max_align_t) == 0);
	for (size_t i = 0; i < SIZE; i++) {
		assert_int_equal(bytes[i], 0);
		bytes[i] = (uint8_t)i;
	}
	bytes = wiped_realloc(bytes, 2 * SIZE);
	assert_non_null(bytes);
	for (size_t i = 0; i < SIZE; i++)
		assert_int_equal(bytes[i], (uint8_t)i);
	bytes = wiped_realloc(bytes, 10);
	assert_int_equal(bytes[9], 9);
	assert_string_equal(copy, "words");
	wiped_free(copy);
	wiped_free(bytes);
	wiped_free(NULL);
	bytes = wiped_realloc(NULL, 3);
	assert_non_null(bytes);
	wiped_free(bytes);
	assert_null(wiped_malloc(SIZE_MAX));
	assert_null(wiped_calloc(SIZE_MAX, 2));
}

/* What the next owner of the memory finds. A sanitizer keeps freed memory to itself, and
 * then this looks at other memory; the plain build is what can fail here. */
static void leaves_nothing(void **state)
{
	static const char password[] = "correct horse battery staple";
	char *first = wiped_malloc(SIZE);
	char *found = NULL;

	(void)state;
	memset(first, 'x', SIZE);
	memcpy(first + SIZE / 2, password, sizeof(password));
	wiped_free(first);
	found = malloc(SIZE);
	assert_non_null(found);
	memset(found, 0, sizeof(void *) * 4); /* the allocator's own */
	assert_null(memmem(found, SIZE, password, sizeof(password) - 1));
	free(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(behaves_like_malloc),
		cmocka_unit_test(leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
