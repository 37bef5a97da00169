/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_backup_key - the key that the key table of backups is under, and what is known of the
 * newest backup.
 *
 * Whoever destroys a key in this house ends the backup key in the same batch: a key table
 * that was copied before opens with nothing that the house has from then on, nor with what
 * later backups bring. Invariants: there is at most one backup key, which lies in the store
 * alone, under the house key; its numbers only grow.
 */
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/seal.h"
#include "keeper/desk_inner.h"

static const bool is_key_space[STORE_SPACE_COUNT] = {
#define SPACE(name, text, is_key, is_large) [STORE_##name] = is_key,
#include "port/store.def"
#undef SPACE
};

/* What it opened is to open with nothing any more. */
static bool ends_a_key(const struct store_write *write)
{
	return is_key_space[write->row.key.space] &&
	       write->row.key.space != STORE_BACKUP && write->act != STORE_APPEND;
}

bool desk_backup_rotates(struct desk *desk, const struct store_write *writes,
			 size_t count, uint8_t to[BACKUP_KEY_ROW_BYTES])
{
	uint8_t key[SEAL_KEY_BYTES];
	bool ends = desk->backup.number == 0;

	if (desk_end_is_going_on(desk))
		return false; /* it goes with the others, and no other one begins */
	for (size_t i = 0; !ends && i < count; i++)
		ends = ends_a_key(&writes[i]);
	if (!ends)
		return false;
	must(desk->backup.next == 0 && desk->backup.number < UINT64_MAX);
	desk->backup.next = desk->backup.number + 1;
	rand_fill(&desk->parts.rand, key, sizeof(key));
	backup_key_lock(desk->parts.household, secret_view(desk->parts.house_key),
			desk->backup.next, key, to);
	seal_wipe(key, sizeof(key));
	return true;
}

void desk_backup_rotated(struct desk *desk, enum err err)
{
	if (desk->backup.next > 0 && err == OK)
		desk->backup.number = desk->backup.next;
	desk->backup.next = 0;
}

/* With the key that ends the next one begins, or neither. */
bool desk_backup_has_next(const struct desk *desk, const struct store_rows *rows)
{
	uint64_t number = 0;

	for (size_t i = 0; i < rows->count; i++)
		if (desk_number_of(&rows->rows[i].key, &number) &&
		    number == desk->backup.next)
			return true;
	return false;
}

bool desk_backup_is_older(const struct desk *desk)
{
	return desk->backup.last.made_ms != 0 &&
	       desk->backup.last.key_number != desk->backup.number;
}

/* The row of the newest backup, and the newest key's; there are no others. */
struct store_range desk_backup_range(const struct desk *desk)
{
	return (struct store_range){
		.first = desk_key_number(desk, STORE_BACKUP, 0),
		.last = desk_key_number(desk, STORE_BACKUP, UINT64_MAX),
		.limit = STORE_RANGE_ROWS_MAX,
	};
}

static void load_last(struct desk *desk, const struct store_row *row)
{
	if (backup_last_unlock(desk->parts.household, secret_view(desk->parts.house_key),
			       row->value, row->size, &desk->backup.last) == OK)
		return;
	memset(&desk->backup.last, 0, sizeof(desk->backup.last));
	log_line("keeper: what is stored of the newest backup cannot be read; make one");
}

void desk_backup_loaded(struct desk *desk, const struct store_rows *rows)
{
	uint64_t number = 0;

	desk->backup.number = 0;
	memset(&desk->backup.last, 0, sizeof(desk->backup.last));
	for (size_t i = 0; i < rows->count; i++) {
		if (!desk_number_of(&rows->rows[i].key, &number))
			log_line("keeper: a row of the backup key is not one of ours");
		else if (number == BACKUP_NUMBER_LAST)
			load_last(desk, &rows->rows[i]);
		else if (number < UINT64_MAX)
			desk->backup.number = number; /* they come in order */
	}
}
