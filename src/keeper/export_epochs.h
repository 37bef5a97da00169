/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_epochs - an owner's epochs, read once and opened as they are needed: a seal is
 * slow, and a quarter of an hour of recordings shares one. One thread.
 */
#ifndef KEEPER_EXPORT_EPOCHS_H
#define KEEPER_EXPORT_EPOCHS_H

#include <stddef.h>
#include <stdint.h>

#include "keeper/desk_inner.h"

enum {
	EXPORT_EPOCHS_MAX = 1 << 20,
	EXPORT_KEYS_MAX = 64, /* opened at a time */
};

struct export_epoch {
	struct epoch_id id;
	size_t key; /* index + 1 of the opened key; 0: not open */
	size_t row_size;
	uint8_t row[EPOCH_ROW_BYTES];
};

struct export_epochs {
	size_t count;
	size_t capacity;
	struct export_epoch *epochs; /* owned; in the order of their ids */
	size_t turn;                 /* whose place the next opened key takes */
	struct {
		size_t epoch; /* index of whose it is */
		struct secret *key;
	} keys[EXPORT_KEYS_MAX];
};

void export_epochs_finish(struct export_epochs *epochs); /* wipes */
/* The next row, in the order of keys. ERR_FORMAT: no epoch. ERR_LIMIT. */
MUST_CHECK enum err export_epochs_take(struct export_epochs *epochs,
				       const struct store_row *row);
/* The epoch's key, borrowed until the next call. ERR_MISSING; else as epoch_open. */
MUST_CHECK enum err export_epochs_key(struct export_epochs *epochs,
				      const struct desk *desk, struct owner_view *view,
				      struct epoch_id id, const struct secret **out_key);

#endif
