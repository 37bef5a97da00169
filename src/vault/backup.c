/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup - rows of a backup as bytes and back, and the backup key in the house. Decides
 * nothing about what is restored.
 *
 * Invariant: what a file holds between two rows is never held in more than one place, which
 * is wiped.
 */
#include "vault/backup.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"

enum {
	KEY_VERSION = 1,
	LAST_VERSION = 1,
	ROW_STANDS = 1,
	ROW_GONE = 2,
	NAME_BYTES_MAX = 32
};

static const char KEY_LABEL[] = "behest backup key v1";
static const char LAST_LABEL[] = "behest last backup v1";
static const char BY_LABEL[] = "behest backup by v1";

enum { BOUND_BYTES = 64, BY_BYTES = 2 * ID_BYTES + SEAL_SIGN_PUBLIC_BYTES + 8 };

static const char *const space_names[STORE_SPACE_COUNT] = {
#define SPACE(name, text, is_key, is_large) [STORE_##name] = text,
#include "port/store.def"
#undef SPACE
};

static const char *const extra_names[BACKUP_EXTRA_COUNT] = {
	[BACKUP_EXTRA_NONE] = "",      [BACKUP_EXTRA_KEEPER] = ".keeper",
	[BACKUP_EXTRA_GATE] = ".gate", [BACKUP_EXTRA_BOX] = ".box",
	[BACKUP_EXTRA_BY] = ".by",
};

bool backup_space_is_ciphertext(enum store_space space)
{
	static const bool ciphertext[STORE_SPACE_COUNT] = {
		[STORE_CHECKPOINT] = true, [STORE_COSIGNATURE] = true,
		[STORE_JOURNAL] = true,    [STORE_MEMO] = true,
		[STORE_RECORD] = true,     [STORE_TILE] = true,
	};

	must(space < STORE_SPACE_COUNT);
	return ciphertext[space];
}

bool backup_space_is_kept(enum store_space space)
{
	return space != STORE_BACKUP;
}

/* --- rows ------------------------------------------------------------------------------- */

struct backup_rows {
	backup_row_fn *row;
	void *context;
	uint64_t count;
	size_t size;
	size_t used; /* the most that there ever was */
	uint8_t bytes[BACKUP_ROW_BYTES_MAX];
};

size_t backup_row_head(const struct backup_row *row, uint8_t to[BACKUP_ROW_HEAD_MAX])
{
	struct pack pack;

	must(row->key_size <= STORE_KEY_BYTES_MAX && row->size <= STORE_VALUE_BYTES_MAX);
	pack_init(&pack, to, BACKUP_ROW_HEAD_MAX);
	pack_text(&pack, row->extra != BACKUP_EXTRA_NONE ? extra_names[row->extra]
							 : space_names[row->space]);
	pack_u8(&pack, row->is_gone ? ROW_GONE : ROW_STANDS);
	pack_u8(&pack, (uint8_t)row->key_size);
	pack_bytes(&pack, row->key, row->key_size);
	if (!row->is_gone)
		pack_u32(&pack, (uint32_t)row->size);
	must(pack_is_whole(&pack));
	return pack.size;
}

/* False: a name that this program does not know. */
static bool find_name(const char *name, struct backup_row *row)
{
	for (int i = BACKUP_EXTRA_NONE + 1; i < BACKUP_EXTRA_COUNT; i++) {
		row->extra = (enum backup_extra)i;
		if (str_equal(name, extra_names[i]))
			return true;
	}
	row->extra = BACKUP_EXTRA_NONE;
	for (int i = 0; i < STORE_SPACE_COUNT; i++) {
		row->space = (enum store_space)i;
		if (str_equal(name, space_names[i]))
			return backup_space_is_kept(row->space);
	}
	return false;
}

/* ERR_BUSY: more bytes are needed. */
static enum err read_row(const uint8_t *bytes, size_t size, struct backup_row *row,
			 size_t *out_size)
{
	char name[NAME_BYTES_MAX];
	struct unpack unpack;
	uint8_t what;

	*row = (struct backup_row){.size = 0};
	if (size == 0 || size < 1 + (size_t)bytes[0])
		return size > 0 && bytes[0] >= sizeof(name) ? ERR_FORMAT : ERR_BUSY;
	unpack_init(&unpack, bytes, size);
	unpack_text(&unpack, name, sizeof(name));
	if (unpack.overrun)
		return ERR_FORMAT;
	if (!find_name(name, row))
		return ERR_VERSION;
	what = unpack_u8(&unpack);
	row->key_size = unpack_u8(&unpack);
	if (unpack.overrun)
		return ERR_BUSY;
	if ((what != ROW_STANDS && what != ROW_GONE) ||
	    row->key_size > STORE_KEY_BYTES_MAX ||
	    (row->key_size == 0 && row->extra == BACKUP_EXTRA_NONE))
		return ERR_FORMAT;
	row->is_gone = what == ROW_GONE;
	row->key = unpack_borrow(&unpack, row->key_size);
	if (!row->is_gone)
		row->size = unpack_u32(&unpack);
	if (unpack.overrun)
		return ERR_BUSY;
	if (row->size > STORE_VALUE_BYTES_MAX)
		return ERR_FORMAT;
	row->value = unpack_borrow(&unpack, row->size);
	*out_size = unpack.at;
	return unpack.overrun ? ERR_BUSY : OK;
}

enum err backup_rows_create(backup_row_fn *row, void *context,
			    struct backup_rows **out_rows)
{
	struct backup_rows *rows = malloc(sizeof(*rows));

	if (!rows)
		return ERR_MEMORY;
	rows->row = row;
	rows->context = context;
	rows->count = 0;
	rows->size = 0;
	rows->used = 0;
	*out_rows = rows;
	return OK;
}

void backup_rows_destroy(struct backup_rows *rows)
{
	if (!rows)
		return;
	seal_wipe(rows->bytes, rows->used);
	free(rows);
}

/* Hands out the rows that are whole, and keeps what is left. */
static enum err take_rows(struct backup_rows *rows)
{
	size_t at = 0;
	enum err err = OK;

	while (err == OK) {
		struct backup_row row;
		size_t size = 0;

		err = read_row(rows->bytes + at, rows->size - at, &row, &size);
		if (err == OK) {
			rows->count++;
			at += size;
			err = rows->row(rows->context, &row);
		}
	}
	memmove(rows->bytes, rows->bytes + at, rows->size - at);
	rows->size -= at;
	return err == ERR_BUSY ? OK : err;
}

enum err backup_rows_add(struct backup_rows *rows, const uint8_t *bytes, size_t size)
{
	enum err err = OK;

	while (err == OK && size > 0) {
		const size_t room = sizeof(rows->bytes) - rows->size;
		const size_t part = size < room ? size : room;

		must(room > 0); /* a whole row fits */
		memcpy(rows->bytes + rows->size, bytes, part);
		rows->size += part;
		rows->used = rows->used > rows->size ? rows->used : rows->size;
		bytes += part;
		size -= part;
		err = take_rows(rows);
	}
	return err;
}

enum err backup_rows_end(const struct backup_rows *rows)
{
	return rows->size == 0 ? OK : ERR_FORMAT;
}

uint64_t backup_rows_count(const struct backup_rows *rows)
{
	return rows->count;
}

/* --- the backup key --------------------------------------------------------------------- */

static struct seal_part bound_of(const char *label, struct household_id household,
				 uint64_t number, uint8_t to[BOUND_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, BOUND_BYTES);
	pack_text(&pack, label);
	pack_bytes(&pack, household.bytes, ID_BYTES);
	pack_u64(&pack, number);
	must(pack_is_whole(&pack));
	return (struct seal_part){to, pack.size};
}

void backup_key_lock(struct household_id household,
		     const uint8_t house_key[SEAL_KEY_BYTES], uint64_t number,
		     const uint8_t key[SEAL_KEY_BYTES], uint8_t to[BACKUP_KEY_ROW_BYTES])
{
	uint8_t bound[BOUND_BYTES];

	to[0] = KEY_VERSION;
	seal_lock(house_key, bound_of(KEY_LABEL, household, number, bound), key,
		  SEAL_KEY_BYTES, to + 1);
}

enum err backup_key_unlock(struct household_id household,
			   const uint8_t house_key[SEAL_KEY_BYTES], uint64_t number,
			   const uint8_t *row, size_t size,
			   uint8_t out_key[SEAL_KEY_BYTES])
{
	uint8_t bound[BOUND_BYTES];

	if (size > 0 && row[0] != KEY_VERSION)
		return ERR_VERSION;
	if (size != BACKUP_KEY_ROW_BYTES)
		return ERR_FORMAT;
	return seal_unlock(house_key, bound_of(KEY_LABEL, household, number, bound),
			   row + 1, size - 1, out_key);
}

void backup_last_lock(struct household_id household,
		      const uint8_t house_key[SEAL_KEY_BYTES],
		      const struct backup_last *last, uint8_t to[BACKUP_LAST_ROW_BYTES])
{
	uint8_t bound[BOUND_BYTES];
	uint8_t plain[BACKUP_LAST_BYTES];
	struct pack pack;

	pack_init(&pack, plain, sizeof(plain));
	pack_bytes(&pack, last->id, sizeof(last->id));
	pack_i64(&pack, last->made_ms);
	pack_u64(&pack, last->bytes);
	pack_u64(&pack, last->entries);
	pack_u64(&pack, last->key_number);
	must(pack_is_whole(&pack) && pack.size == sizeof(plain));
	to[0] = LAST_VERSION;
	seal_lock(house_key, bound_of(LAST_LABEL, household, BACKUP_NUMBER_LAST, bound),
		  plain, sizeof(plain), to + 1);
}

enum err backup_last_unlock(struct household_id household,
			    const uint8_t house_key[SEAL_KEY_BYTES], const uint8_t *row,
			    size_t size, struct backup_last *out_last)
{
	uint8_t bound[BOUND_BYTES];
	uint8_t plain[BACKUP_LAST_BYTES];
	struct unpack unpack;
	enum err err;

	if (size > 0 && row[0] != LAST_VERSION)
		return ERR_VERSION;
	if (size != BACKUP_LAST_ROW_BYTES)
		return ERR_FORMAT;
	err = seal_unlock(house_key,
			  bound_of(LAST_LABEL, household, BACKUP_NUMBER_LAST, bound),
			  row + 1, size - 1, plain);
	if (err != OK)
		return err;
	unpack_init(&unpack, plain, sizeof(plain));
	unpack_bytes(&unpack, out_last->id, sizeof(out_last->id));
	out_last->made_ms = unpack_i64(&unpack);
	out_last->bytes = unpack_u64(&unpack);
	out_last->entries = unpack_u64(&unpack);
	out_last->key_number = unpack_u64(&unpack);
	must(unpack_is_whole(&unpack));
	return OK;
}

/* --- who made it ------------------------------------------------------------------------ */

static void by_bytes(const struct backup_by *by, uint8_t to[BY_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, BY_BYTES);
	pack_bytes(&pack, by->household.bytes, ID_BYTES);
	pack_bytes(&pack, by->keeper, SEAL_SIGN_PUBLIC_BYTES);
	pack_bytes(&pack, by->id, ID_BYTES);
	pack_i64(&pack, by->made_ms);
	must(pack_is_whole(&pack) && pack.size == BY_BYTES);
}

enum err backup_by_sign(struct owner_view *view, const struct backup_by *by,
			uint8_t out_signature[SEAL_SIGNATURE_BYTES])
{
	uint8_t bytes[BY_BYTES];

	by_bytes(by, bytes);
	return owner_view_sign(view, BY_LABEL, bytes, sizeof(bytes), out_signature);
}

enum err backup_by_verify(const struct owner *owner, const struct backup_by *by,
			  const uint8_t *signature, size_t size)
{
	uint8_t bytes[BY_BYTES];

	if (size != SEAL_SIGNATURE_BYTES)
		return ERR_FORMAT;
	by_bytes(by, bytes);
	return seal_verify_labelled(owner->sign_public, BY_LABEL, bytes, sizeof(bytes),
				    signature);
}
