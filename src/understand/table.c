/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table - from 64-bit keys to 32-bit values.
 *
 * Does not shrink and removes no single key. Invariants: at most half the slots are
 * used, so a search ends; a slot of another age is free.
 */
#include "understand/table.h"

#include <stdlib.h>

#include "base/must.h"

enum { SLOTS_FIRST = 256 };

void table_init(struct table *table)
{
	*table = (struct table){.age = 1};
}

void table_finish(struct table *table)
{
	if (!table)
		return;
	free(table->slots);
	table_init(table);
}

void table_clear(struct table *table)
{
	table->count = 0;
	table->age++;
	must(table->age != 0);
}

/* The finishing steps of MurmurHash3. */
static uint64_t mix(uint64_t key)
{
	key = (key ^ key >> 33) * 0xff51afd7ed558ccdu;
	key = (key ^ key >> 33) * 0xc4ceb9fe1a85ec53u;
	return key ^ key >> 33;
}

static struct table_slot *find_slot(const struct table *table, uint64_t key)
{
	size_t mask = table->slot_count - 1;
	size_t at = (size_t)mix(key) & mask;
	while (table->slots[at].age == table->age && table->slots[at].key != key)
		at = (at + 1) & mask;
	return &table->slots[at];
}

static enum err double_slots(struct table *table)
{
	struct table larger = *table;
	larger.slot_count = table->slot_count ? 2 * table->slot_count : SLOTS_FIRST;
	larger.slots = calloc(larger.slot_count, sizeof(*larger.slots));
	if (!larger.slots)
		return ERR_MEMORY;
	for (size_t i = 0; i < table->slot_count; i++) {
		if (table->slots[i].age == table->age)
			*find_slot(&larger, table->slots[i].key) = table->slots[i];
	}
	free(table->slots);
	*table = larger;
	return OK;
}

enum err table_at(struct table *table, uint64_t key, uint32_t **out_value)
{
	if (2 * (table->count + 1) > table->slot_count) {
		if (table->count >= TABLE_KEYS_MAX)
			return ERR_LIMIT;
		enum err err = double_slots(table);
		if (err)
			return err;
	}
	struct table_slot *slot = find_slot(table, key);
	if (slot->age != table->age) {
		*slot = (struct table_slot){key, TABLE_NONE, table->age};
		table->count++;
	}
	*out_value = &slot->value;
	return OK;
}
