/* SPDX-License-Identifier: Apache-2.0 */
/* row_set - an array that is sorted once. */
#include "keeper/row_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum { CAPACITY_MIN = 1024 };

void row_set_init(struct row_set *set)
{
	*set = (struct row_set){.count = 0};
}

void row_set_finish(struct row_set *set)
{
	free(set->entries);
	row_set_init(set);
}

static enum err grow(struct row_set *set)
{
	const size_t capacity = set->capacity ? 2 * set->capacity : CAPACITY_MIN;
	struct row_entry *entries;

	if (set->count == ROW_SET_MAX)
		return ERR_LIMIT;
	entries = realloc(set->entries, capacity * sizeof(*entries));
	if (!entries)
		return ERR_MEMORY;
	set->entries = entries;
	set->capacity = capacity;
	return OK;
}

enum err row_set_add(struct row_set *set, enum store_space space, const uint8_t *key,
		     size_t size, bool is_gone, uint64_t tag)
{
	struct row_entry *entry;
	enum err err = OK;

	must(!set->is_sorted);
	if (size > ROW_SET_KEY_BYTES)
		return ERR_FORMAT;
	if (set->count == set->capacity)
		err = grow(set);
	if (err != OK)
		return err;
	entry = &set->entries[set->count];
	*entry = (struct row_entry){.order = (uint32_t)set->count,
				    .space = (uint8_t)space,
				    .size = (uint8_t)size,
				    .is_gone = is_gone,
				    .tag = tag};
	if (size > 0)
		memcpy(entry->bytes, key, size);
	set->count++;
	return OK;
}

static int by_key(const struct row_entry *a, const struct row_entry *b)
{
	if (a->space != b->space)
		return a->space < b->space ? -1 : 1;
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static int by_key_and_order(const void *one, const void *other)
{
	const struct row_entry *a = one;
	const struct row_entry *b = other;
	const int keys = by_key(a, b);

	if (keys != 0)
		return keys;
	return a->order < b->order ? -1 : 1;
}

void row_set_sort(struct row_set *set)
{
	size_t kept = 0;

	if (set->count > 1)
		qsort(set->entries, set->count, sizeof(set->entries[0]),
		      by_key_and_order);
	for (size_t i = 0; i < set->count; i++) {
		if (i + 1 == set->count ||
		    by_key(&set->entries[i], &set->entries[i + 1]) != 0)
			set->entries[kept++] = set->entries[i];
	}
	set->count = kept;
	set->is_sorted = true;
}

static int compare(const void *one, const void *other)
{
	return by_key(one, other);
}

struct row_entry *row_set_find(const struct row_set *set, enum store_space space,
			       const uint8_t *key, size_t size)
{
	struct row_entry wanted = {.space = (uint8_t)space, .size = (uint8_t)size};
	struct row_entry *found;

	must(set->is_sorted);
	if (size > ROW_SET_KEY_BYTES || set->count == 0)
		return NULL;
	if (size > 0)
		memcpy(wanted.bytes, key, size);
	found = bsearch(&wanted, set->entries, set->count, sizeof(wanted), compare);
	return found && !found->is_gone ? found : NULL;
}

bool row_set_has(const struct row_set *set, enum store_space space, size_t size,
		 const uint8_t *bytes, size_t count)
{
	struct row_entry least = {.space = (uint8_t)space, .size = (uint8_t)size};
	size_t first = 0;
	size_t left = set->count;

	must(set->is_sorted && count <= size && size <= ROW_SET_KEY_BYTES);
	if (count > 0)
		memcpy(least.bytes, bytes, count);
	while (left > 0) {
		const size_t half = left / 2;

		if (by_key(&set->entries[first + half], &least) < 0) {
			first += half + 1;
			left -= half + 1;
		} else {
			left = half;
		}
	}
	for (; first < set->count; first++) {
		const struct row_entry *entry = &set->entries[first];

		if (entry->space != least.space || entry->size != least.size ||
		    (count > 0 && memcmp(entry->bytes, bytes, count) != 0))
			return false;
		if (!entry->is_gone)
			return true;
	}
	return false;
}
