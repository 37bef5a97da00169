/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table - from 64-bit keys to 32-bit values; grows, never forgets one key alone.
 */
#ifndef UNDERSTAND_TABLE_H
#define UNDERSTAND_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { TABLE_KEYS_MAX = 4000000 };
#define TABLE_NONE UINT32_MAX

struct table_slot {
	uint64_t key;
	uint32_t value;
	uint32_t age; /* used when it equals the table's */
};

struct table {
	struct table_slot *slots;
	size_t slot_count;
	size_t count;
	uint32_t age;
};

void table_init(struct table *table);
void table_finish(struct table *table); /* NULL is fine */

/* Forgets all keys, keeps the memory; costs nothing. */
void table_clear(struct table *table);

/* The place of key's value, made with TABLE_NONE when it was not there; borrowed until
 * the next call. ERR_LIMIT, ERR_MEMORY. */
MUST_CHECK enum err table_at(struct table *table, uint64_t key, uint32_t **out_value);

#endif
