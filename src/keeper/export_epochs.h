/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_epochs - an owner's epochs and the keys above them, read once and opened as they are
 * needed: a seal is slow, and a quarter of an hour of recordings shares one. One thread.
 */
#ifndef KEEPER_EXPORT_EPOCHS_H
#define KEEPER_EXPORT_EPOCHS_H

#include <stddef.h>
#include <stdint.h>

#include "keeper/desk_inner.h"

enum {
	EXPORT_EPOCHS_MAX = 1 << 20,
	EXPORT_OPENED_MAX = 64, /* at a time */
	EXPORT_KEKS_MAX = 8,    /* of one owner; normally there is one */
};

struct export_epoch {
	struct epoch_id id;
	size_t place; /* index + 1 among the opened; 0: it is not open */
	size_t row_size;
	uint8_t row[EPOCH_ROW_BYTES];
};

struct export_epochs {
	size_t count;
	size_t capacity;
	struct export_epoch *epochs; /* owned; in the order of their ids */
	size_t kek_count;
	struct {
		uint64_t generation;
		uint8_t row[KEK_ROW_BYTES];
	} keks[EXPORT_KEKS_MAX];
	size_t turn; /* whose place the next one takes */
	struct {
		size_t epoch; /* index of whose it is */
		struct epoch_opened *opened;
	} opened[EXPORT_OPENED_MAX];
};

void export_epochs_finish(struct export_epochs *epochs); /* wipes */
/* The next row, in the order of keys. ERR_FORMAT: no epoch. ERR_LIMIT. */
MUST_CHECK enum err export_epochs_take(struct export_epochs *epochs,
				       const struct store_row *row);
/* The same of the keys above them. */
MUST_CHECK enum err export_epochs_take_kek(struct export_epochs *epochs,
					   const struct store_row *row);
/* The opened epoch, borrowed until the next call. ERR_MISSING; else as epoch_open. */
MUST_CHECK enum err export_epochs_open(struct export_epochs *epochs,
				       const struct desk *desk, struct owner_view *view,
				       struct epoch_id id,
				       const struct epoch_opened **out_epoch);

#endif
