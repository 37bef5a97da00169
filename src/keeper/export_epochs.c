/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_epochs - rows as they lie in the store, and a ring of opened keys. Believes nothing
 * of a row before the vault has opened it.
 */
#include "keeper/export_epochs.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

static void close_key(struct export_epochs *epochs, size_t at)
{
	if (!epochs->keys[at].key)
		return;
	epochs->epochs[epochs->keys[at].epoch].key = 0;
	secret_destroy(epochs->keys[at].key);
	epochs->keys[at].key = NULL;
}

void export_epochs_finish(struct export_epochs *epochs)
{
	for (size_t i = 0; i < EXPORT_KEYS_MAX; i++)
		close_key(epochs, i);
	free(epochs->epochs);
	*epochs = (struct export_epochs){.count = 0};
}

static enum err grow(struct export_epochs *epochs)
{
	size_t next = epochs->capacity > 0 ? 2 * epochs->capacity : FIRST_CAPACITY;
	struct export_epoch *larger;

	if (epochs->count < epochs->capacity)
		return OK;
	if (epochs->count >= EXPORT_EPOCHS_MAX)
		return ERR_LIMIT;
	larger = realloc(epochs->epochs, next * sizeof(*larger));
	if (!larger)
		return ERR_MEMORY;
	epochs->epochs = larger;
	epochs->capacity = next;
	return OK;
}

enum err export_epochs_take(struct export_epochs *epochs, const struct store_row *row)
{
	struct export_epoch epoch = {.row_size = row->size};
	enum err err;

	if (row->key.size != (size_t)2 * ID_BYTES || row->size > EPOCH_ROW_BYTES)
		return ERR_FORMAT;
	memcpy(epoch.id.bytes, row->key.bytes + ID_BYTES, ID_BYTES);
	if (row->size > 0)
		memcpy(epoch.row, row->value, row->size);
	err = grow(epochs);
	if (err == OK)
		epochs->epochs[epochs->count++] = epoch;
	return err;
}

static int by_id(const void *one, const void *other)
{
	const struct export_epoch *a = one;
	const struct export_epoch *b = other;

	return memcmp(a->id.bytes, b->id.bytes, ID_BYTES);
}

enum err export_epochs_key(struct export_epochs *epochs, const struct desk *desk,
			   struct owner_view *view, struct epoch_id id,
			   const struct secret **out_key)
{
	const struct export_epoch wanted = {.id = id};
	size_t at = epochs->turn;
	struct export_epoch *epoch;
	enum err err;

	if (epochs->count == 0)
		return ERR_MISSING;
	epoch = bsearch(&wanted, epochs->epochs, epochs->count, sizeof(wanted), by_id);
	if (!epoch)
		return ERR_MISSING;
	if (epoch->key == 0) {
		close_key(epochs, at);
		err = epoch_open(view, desk->parts.household, desk->public_key, id,
				 epoch->row, epoch->row_size, &epochs->keys[at].key);
		if (err != OK)
			return err;
		epochs->keys[at].epoch = (size_t)(epoch - epochs->epochs);
		epoch->key = at + 1;
		epochs->turn = (at + 1) % EXPORT_KEYS_MAX;
	}
	*out_key = epochs->keys[epoch->key - 1].key;
	return OK;
}
