/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_epochs - rows as they lie in the store, and a ring of those that are open. Believes nothing
 * of a row before the vault has opened it.
 */
#include "keeper/export_epochs.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

static void close_one(struct export_epochs *epochs, size_t at)
{
	if (!epochs->opened[at].opened)
		return;
	epochs->epochs[epochs->opened[at].epoch].place = 0;
	epoch_opened_destroy(epochs->opened[at].opened);
	epochs->opened[at].opened = NULL;
}

void export_epochs_finish(struct export_epochs *epochs)
{
	for (size_t i = 0; i < EXPORT_OPENED_MAX; i++)
		close_one(epochs, i);
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

enum err export_epochs_take_kek(struct export_epochs *epochs, const struct store_row *row)
{
	struct owner_id owner;
	uint64_t generation = 0;
	enum err err =
		kek_from_store_key(row->key.bytes, row->key.size, &owner, &generation);

	/* No keeper leaves so many. */
	if (err != OK || row->size != KEK_ROW_BYTES ||
	    epochs->kek_count == EXPORT_KEKS_MAX)
		return ERR_FORMAT;
	epochs->keks[epochs->kek_count].generation = generation;
	memcpy(epochs->keks[epochs->kek_count].row, row->value, KEK_ROW_BYTES);
	epochs->kek_count++;
	return OK;
}

static enum err find_kek(const struct export_epochs *epochs, uint64_t generation,
			 struct epoch_rows *rows)
{
	if (generation == 0) /* of before there were any */
		return OK;
	for (size_t i = 0; i < epochs->kek_count; i++) {
		if (epochs->keks[i].generation != generation)
			continue;
		rows->kek = epochs->keks[i].row;
		rows->kek_size = KEK_ROW_BYTES;
		return OK;
	}
	return ERR_MISSING;
}

/* In the place of the one that is open longest. */
static enum err open_one(struct export_epochs *epochs, const struct desk *desk,
			 struct owner_view *view, struct export_epoch *epoch)
{
	struct epoch_rows rows = {.epoch = epoch->row, .epoch_size = epoch->row_size};
	const size_t at = epochs->turn;
	uint64_t generation = 0;
	enum err err = epoch_peek(epoch->row, epoch->row_size, &generation);

	if (err == OK)
		err = find_kek(epochs, generation, &rows);
	if (err != OK)
		return err;
	close_one(epochs, at);
	err = epoch_open(view, desk->parts.household, desk->public_key, epoch->id, &rows,
			 &epochs->opened[at].opened);
	if (err != OK)
		return err;
	epochs->opened[at].epoch = (size_t)(epoch - epochs->epochs);
	epoch->place = at + 1;
	epochs->turn = (at + 1) % EXPORT_OPENED_MAX;
	return OK;
}

enum err export_epochs_open(struct export_epochs *epochs, const struct desk *desk,
			    struct owner_view *view, struct epoch_id id,
			    const struct epoch_opened **out_epoch)
{
	const struct export_epoch wanted = {.id = id};
	struct export_epoch *epoch = NULL;
	enum err err = OK;

	if (epochs->count > 0)
		epoch = bsearch(&wanted, epochs->epochs, epochs->count, sizeof(wanted),
				by_id);
	if (!epoch)
		return ERR_MISSING;
	if (epoch->place == 0)
		err = open_one(epochs, desk, view, epoch);
	if (err == OK)
		*out_epoch = epochs->opened[epoch->place - 1].opened;
	return err;
}
