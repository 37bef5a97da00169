/* SPDX-License-Identifier: Apache-2.0 */
/*
 * row_set - which rows a backup's files end with: of each key the last that was said.
 *
 * Filled first, then sorted once, then asked. Pure but for memory; one thread.
 */
#ifndef KEEPER_ROW_SET_H
#define KEEPER_ROW_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "port/store.h"

enum { ROW_SET_MAX = 16 * 1024 * 1024, ROW_SET_KEY_BYTES = 40 };

struct row_entry {
	uint32_t order; /* as they came */
	uint8_t space;
	uint8_t size;
	bool is_gone;
	bool is_wanted; /* the caller's */
	uint64_t tag;   /* the caller's */
	uint8_t bytes[ROW_SET_KEY_BYTES];
};

struct row_set {
	size_t count;
	size_t capacity;
	struct row_entry *entries; /* owned */
	bool is_sorted;
};

void row_set_init(struct row_set *set);
void row_set_finish(struct row_set *set);
/* ERR_FORMAT: a key that is too long; ERR_LIMIT, ERR_MEMORY. */
MUST_CHECK enum err row_set_add(struct row_set *set, enum store_space space,
				const uint8_t *key, size_t size, bool is_gone,
				uint64_t tag);
void row_set_sort(struct row_set *set);
/* Of a sorted one: NULL where it never came or is gone. */
struct row_entry *row_set_find(const struct row_set *set, enum store_space space,
			       const uint8_t *key, size_t size);
/* Whether there is one whose key, of that size, begins with these bytes. */
bool row_set_has(const struct row_set *set, enum store_space space, size_t size,
		 const uint8_t *bytes, size_t count);

#endif
