/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup - what the chunks of a backup's files hold, and the key that the key table is under.
 *
 * A file's chunks, one behind the other, are rows of the store with the name of their space;
 * a row that was taken back later is followed by one that says that it is gone. The key
 * table's are sealed under the backup key (secretstream, bound to the file's header). In the
 * house that key lies under the house key, in the space `backup`; every deletion destroys it
 * and begins the next, so that no older copy of the key table opens with what this house has.
 * In a backup it lies sealed for each owner. Knows rows and files as bytes only. One thread.
 */
#ifndef VAULT_BACKUP_H
#define VAULT_BACKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "base/secret.h"
#include "domain/ids.h"
#include "port/store.h"
#include "vault/owner.h"

enum {
	/* name, what, key, size */
	BACKUP_ROW_HEAD_MAX = 1 + 31 + 1 + 1 + STORE_KEY_BYTES_MAX + 4,
	BACKUP_ROW_BYTES_MAX = BACKUP_ROW_HEAD_MAX + STORE_VALUE_BYTES_MAX,
	BACKUP_NUMBER_LAST = 0, /* the row of space `backup` that is no key */
	BACKUP_KEY_ROW_BYTES = 1 + SEAL_KEY_BYTES + SEAL_LOCK_EXTRA_BYTES,
	BACKUP_LAST_BYTES = ID_BYTES + 8 + 8 + 8 + 8,
	BACKUP_LAST_ROW_BYTES = 1 + BACKUP_LAST_BYTES + SEAL_LOCK_EXTRA_BYTES,
	BACKUP_BOX_BYTES = SEAL_KEY_BYTES + SEAL_BOX_EXTRA_BYTES,
	BACKUP_KEEPER_BYTES = ID_BYTES + SEAL_SIGN_SEED_BYTES + SEAL_KEY_BYTES,
};

/* Which file a space's rows go to. What is not listed goes to the key table, which is the
 * newest and encrypted: so nothing of it comes back by an older ciphertext. */
bool backup_space_is_ciphertext(enum store_space space);
/* The space itself is in no backup. */
bool backup_space_is_kept(enum store_space space);

/* --- rows ------------------------------------------------------------------------------- */

/* Rows of a file that are none of a space. The first two are secrets, in the key table; the
 * others stand beside owners and wraps in the file of the backup key. */
enum backup_extra {
	BACKUP_EXTRA_NONE,   /* a row of a space */
	BACKUP_EXTRA_KEEPER, /* ".keeper": household, seed, house key */
	BACKUP_EXTRA_GATE,   /* ".gate": the seed by which other houses know this one */
	BACKUP_EXTRA_BOX,    /* ".box", key owner: the backup key, sealed for them */
	BACKUP_EXTRA_BY,     /* ".by", key owner: who made it, and their signature */
	BACKUP_EXTRA_COUNT
};

struct backup_row {
	enum backup_extra extra;
	enum store_space space; /* with BACKUP_EXTRA_NONE */
	bool is_gone;           /* has no value */
	size_t key_size;        /* 0 for some extras */
	const uint8_t *key;
	size_t size;
	const uint8_t *value;
};

/* Everything before the value, which follows as it is. */
size_t backup_row_head(const struct backup_row *row, uint8_t to[BACKUP_ROW_HEAD_MAX]);

/* Borrowed for the call. */
typedef enum err backup_row_fn(void *context, const struct backup_row *row);

/* Puts rows together from chunks. */
struct backup_rows;
MUST_CHECK enum err backup_rows_create(backup_row_fn *row, void *context,
				       struct backup_rows **out_rows);
void backup_rows_destroy(struct backup_rows *rows); /* wipes; NULL is fine */
/* ERR_FORMAT: no row can stand there; ERR_VERSION: of a space that this program does not
 * know; or what row() returned. */
MUST_CHECK enum err backup_rows_add(struct backup_rows *rows, const uint8_t *bytes,
				    size_t size);
/* The file is over. ERR_FORMAT: in the middle of a row. */
MUST_CHECK enum err backup_rows_end(const struct backup_rows *rows);
uint64_t backup_rows_count(const struct backup_rows *rows);

/* --- the backup key ---------------------------------------------------------------------- */

/* Locks a key of that number (from 1) under the house key. */
void backup_key_lock(struct household_id household,
		     const uint8_t house_key[SEAL_KEY_BYTES], uint64_t number,
		     const uint8_t key[SEAL_KEY_BYTES], uint8_t to[BACKUP_KEY_ROW_BYTES]);
/* ERR_FORMAT, ERR_VERSION; ERR_AUTH: of another house or number, or changed. */
MUST_CHECK enum err backup_key_unlock(struct household_id household,
				      const uint8_t house_key[SEAL_KEY_BYTES],
				      uint64_t number, const uint8_t *row, size_t size,
				      uint8_t out_key[SEAL_KEY_BYTES]);

/* The newest backup that was verified and kept; all zero: none. */
struct backup_last {
	uint8_t id[ID_BYTES];
	int64_t made_ms;
	uint64_t bytes;
	uint64_t entries; /* of the journal */
	uint64_t key_number;
};
void backup_last_lock(struct household_id household,
		      const uint8_t house_key[SEAL_KEY_BYTES],
		      const struct backup_last *last, uint8_t to[BACKUP_LAST_ROW_BYTES]);
MUST_CHECK enum err backup_last_unlock(struct household_id household,
				       const uint8_t house_key[SEAL_KEY_BYTES],
				       const uint8_t *row, size_t size,
				       struct backup_last *out_last);

/* What the owner who makes a backup signs: that it is of this house and keeper. Whoever
 * restores it with the same owner's key knows by it that nobody made it up. */
struct backup_by {
	struct household_id household;
	const uint8_t *keeper; /* public key, SEAL_SIGN_PUBLIC_BYTES */
	const uint8_t *id;     /* of the backup, ID_BYTES */
	int64_t made_ms;
};
MUST_CHECK enum err backup_by_sign(struct owner_view *view, const struct backup_by *by,
				   uint8_t out_signature[SEAL_SIGNATURE_BYTES]);
MUST_CHECK enum err backup_by_verify(const struct owner *owner,
				     const struct backup_by *by, const uint8_t *signature,
				     size_t size);

#endif
