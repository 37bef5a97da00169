/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate - an owner's word that a public key is that owner's, that device's or that
 * room's.
 *
 * Signed with the unlocked key of an owner and by the keeper: neither alone, nor somebody with
 * access to the rows, puts a key of their own in its place. The first owner of a house
 * certifies themselves, whoever comes later is certified by somebody who is one. The journal
 * holds the row's hash. Knows rows as bytes only. One thread.
 */
#ifndef VAULT_CERTIFICATE_H
#define VAULT_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "domain/ids.h"
#include "vault/owner.h"

enum {
	CERTIFICATE_ROW_BYTES = 258,
	CERTIFICATE_STORE_KEY_BYTES_MAX = 1 + SEAL_SIGN_PUBLIC_BYTES,
};

/* Numbers are stored; for ever. 0 is none. */
enum certificate_kind {
	CERTIFICATE_NONE = 0,
	CERTIFICATE_OWNER = 1,
	CERTIFICATE_DEVICE = 2,
	CERTIFICATE_ROOM = 3
};

struct certificate {
	enum certificate_kind kind;
	struct household_id household;
	struct owner_id owner; /* whose it is; zeros for devices and rooms */
	uint8_t sign_public[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t box_public[SEAL_BOX_PUBLIC_BYTES]; /* zeros for devices and rooms */
	struct owner_id by;                        /* who says so */
	int64_t at_ms;
	uint64_t after; /* the journal's size when it was made: its entry comes later */
};

/* What it says of an owner: the keys in their row. */
struct certificate certificate_of_owner(const struct owner *owner);
/* True when it is of exactly these keys. */
bool certificate_is_of_owner(const struct certificate *certificate,
			     const struct owner *owner);

/* kind, then the owner's id or the key: where its row lies. Returns how many bytes. */
size_t certificate_store_key(const struct certificate *certificate,
			     uint8_t to[CERTIFICATE_STORE_KEY_BYTES_MAX]);

/* Completes it (by) and signs it. ERR_DENIED: the view is over. */
MUST_CHECK enum err certificate_make(struct owner_view *view, const uint8_t *keeper_seed,
				     struct certificate *certificate,
				     uint8_t out_row[CERTIFICATE_ROW_BYTES]);

/* Reads a row that this keeper signed for this household. ERR_FORMAT, ERR_VERSION, ERR_AUTH. */
MUST_CHECK enum err certificate_read(struct household_id household,
				     const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
				     const uint8_t *row, size_t size,
				     struct certificate *out_certificate);
/* Whether that owner signed such a row. ERR_AUTH: no, or it was somebody else. */
MUST_CHECK enum err certificate_check(const struct owner *by, const uint8_t *row,
				      size_t size);
/* SHA-256 of the row, as the journal has it. */
MUST_CHECK enum err certificate_hash(const uint8_t *row, size_t size,
				     uint8_t out_hash[SEAL_HASH_BYTES]);

#endif
