/* SPDX-License-Identifier: Apache-2.0 */
/* fault_rows - see the header. */
#include "fault/fault_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void on_done(void *context, uint64_t token, enum err err)
{
	(void)context;
	(void)token;
	(void)err;
}

static void on_rows(void *context, uint64_t token, enum err err,
		    const struct store_rows *found)
{
	struct fault_rows *to = context;

	(void)token;
	assert_int_equal(err, OK);
	assert_false(found->more);
	assert_true(to->count + found->count <= FAULT_ROWS_MAX);
	for (size_t i = 0; i < found->count; i++) {
		struct store_row *row = &to->rows[to->count++];
		uint8_t *copy = malloc(found->rows[i].size + 1);

		assert_non_null(copy);
		memcpy(copy, found->rows[i].value, found->rows[i].size);
		*row = found->rows[i];
		row->value = copy;
	}
	to->left--;
}

static struct store_range whole_space(const struct fault_world *world,
				      enum store_space space)
{
	struct store_range range = {.limit = STORE_RANGE_ROWS_MAX};

	range.first.household = world->bench->household;
	range.first.space = space;
	range.first.size = 1;
	range.last = range.first;
	range.last.size = STORE_KEY_BYTES_MAX;
	memset(range.last.bytes, 0xff, STORE_KEY_BYTES_MAX);
	return range;
}

void fault_rows_take(struct fault_world *world, const enum store_space *spaces,
		     size_t count, struct fault_rows *to)
{
	const struct store_listener listener = {to, on_done, on_rows};
	struct store store = {.ops = NULL};

	to->count = 0;
	to->left = count;
	assert_int_equal(fault_world_open_store(world, &listener, &store), OK);
	for (size_t i = 0; i < count; i++) {
		const struct store_range range = whole_space(world, spaces[i]);

		assert_int_equal(store_range_get(&store, &range, i + 1), OK);
	}
	while (to->left > 0)
		store_step(&store);
	store_close(&store);
}

void fault_rows_free(struct fault_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		free((void *)(uintptr_t)rows->rows[i].value);
	rows->count = 0;
}

size_t fault_rows_count(const struct fault_rows *rows, enum store_space space)
{
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++)
		count += rows->rows[i].key.space == space;
	return count;
}

const struct store_row *fault_rows_find(const struct fault_rows *rows,
					const struct store_key *key)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct store_key *one = &rows->rows[i].key;

		if (one->space == key->space && one->size == key->size &&
		    memcmp(one->bytes, key->bytes, key->size) == 0)
			return &rows->rows[i];
	}
	return NULL;
}
