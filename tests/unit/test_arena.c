/* SPDX-License-Identifier: Apache-2.0 */
/* arena: aligned, zeroed, bounded, and gone at once. */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/arena.h"

static void memory_is_aligned_and_zero(void **state)
{
	(void)state;
	struct arena *arena = NULL;
	assert_int_equal(arena_create(10 * 1024 * 1024, &arena), OK);
	for (int round = 0; round < 3; round++) {
		for (size_t size = 0; size < 300; size++) {
			void *memory = NULL;
			assert_int_equal(arena_take(arena, size, &memory), OK);
			assert_non_null(memory);
			assert_int_equal((uintptr_t)memory % 16, 0);
			for (size_t i = 0; i < size; i++)
				assert_int_equal(((uint8_t *)memory)[i], 0);
			memset(memory, 0xa5, size);
		}
		void *large = NULL;
		assert_int_equal(arena_take(arena, 1024 * 1024, &large), OK);
		assert_int_equal(((uint8_t *)large)[1024 * 1024 - 1], 0);
		memset(large, 0xa5, 1024 * 1024);
		if (round == 1) { /* let a small block be the newest, too */
			void *small = NULL;
			assert_int_equal(arena_take(arena, 40000, &small), OK);
			memset(small, 0xa5, 40000);
		}
		arena_reset(arena);
		assert_int_equal(arena_used(arena), 0);
	}
	arena_destroy(arena);
	arena_destroy(NULL);
}

static void the_sum_is_bounded(void **state)
{
	(void)state;
	struct arena *arena = NULL;
	void *memory = NULL;
	assert_int_equal(arena_create(1024, &arena), OK);
	assert_int_equal(arena_take(arena, 1000, &memory), OK);
	assert_int_equal(arena_used(arena), 1008);
	memory = NULL;
	assert_int_equal(arena_take(arena, 17, &memory), ERR_LIMIT);
	assert_int_equal(arena_take(arena, SIZE_MAX, &memory), ERR_LIMIT);
	assert_int_equal(arena_take(arena, SIZE_MAX - 20, &memory), ERR_LIMIT);
	assert_int_equal(arena_take_array(arena, SIZE_MAX / 2, 3, &memory), ERR_LIMIT);
	assert_null(memory);
	assert_int_equal(arena_take_array(arena, 2, 8, &memory), OK);
	assert_int_equal(arena_used(arena), 1024);
	assert_int_equal(arena_take(arena, 0, &memory), ERR_LIMIT);
	arena_reset(arena);
	assert_int_equal(arena_take(arena, 1024, &memory), OK);
	arena_destroy(arena);
}

static void text_is_copied(void **state)
{
	(void)state;
	struct arena *arena = NULL;
	assert_int_equal(arena_create(1024, &arena), OK);
	char text[] = "kitchen";
	char *copy = NULL;
	assert_int_equal(arena_copy_text(arena, text, &copy), OK);
	text[0] = 'x';
	assert_string_equal(copy, "kitchen");
	arena_destroy(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_aligned_and_zero),
		cmocka_unit_test(the_sum_is_bounded),
		cmocka_unit_test(text_is_copied),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
