/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kek - the key that the keys of an owner's epochs are sealed to.
 *
 * An X25519 pair of one owner and one generation. The keeper knows its public half, and can
 * go on writing; the secret half lies in one small row, sealed to the owner. Whoever destroys
 * that row has destroyed everything ever recorded under it, however much that is; then the
 * next generation begins. The row is signed by the keeper: a sealed box alone does not say
 * who made it. Knows rows as bytes only; storing and destroying them is the caller's work.
 * One thread.
 */
#ifndef VAULT_KEK_H
#define VAULT_KEK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "base/secret.h"
#include "domain/ids.h"
#include "port/rand.h"
#include "vault/owner.h"

enum {
	KEK_ROW_BYTES = 257,
	KEK_STORE_KEY_BYTES = ID_BYTES + 8,
};

/* What anybody may know of one. */
struct kek {
	struct household_id household;
	struct owner_id owner;
	uint64_t generation; /* from 1 */
	int64_t created_ms;
	uint8_t box_public[SEAL_BOX_PUBLIC_BYTES];
};

/* owner, generation: the key of its row in the store. */
void kek_store_key(struct owner_id owner, uint64_t generation,
		   uint8_t to[KEK_STORE_KEY_BYTES]);
/* ERR_FORMAT: no such key. */
MUST_CHECK enum err kek_from_store_key(const uint8_t *bytes, size_t size,
				       struct owner_id *out_owner,
				       uint64_t *out_generation);

/* Whose what is nobody's is: the household's box. No owner has that id. */
struct owner_id kek_box_owner(struct household_id household);

/* A new one of the box: its rows, one for each of count readers (1 or more), each sealed to
 * that reader. They differ in nothing else. */
MUST_CHECK enum err kek_create_box(const struct owner *const *readers, size_t count,
				   uint64_t generation, int64_t created_ms,
				   const uint8_t *keeper_seed, const struct rand *rand,
				   uint8_t (*out_rows)[KEK_ROW_BYTES],
				   struct kek *out_kek);

/* A new one, and its row; the secret half is nowhere else. generation is at least 1. */
MUST_CHECK enum err kek_create(const struct owner *owner, uint64_t generation,
			       int64_t created_ms, const uint8_t *keeper_seed,
			       const struct rand *rand, uint8_t out_row[KEK_ROW_BYTES],
			       struct kek *out_kek);

/* Reads a row without opening it. ERR_FORMAT, ERR_VERSION; ERR_AUTH: not this keeper's, or
 * not of this household, owner and generation. */
MUST_CHECK enum err kek_read(struct household_id household,
			     const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
			     struct owner_id owner, uint64_t generation,
			     const uint8_t *row, size_t size, struct kek *out_kek);

/* Its secret half, by its owner's unlocked key; everything in the row is checked, also that
 * the halves belong together. The same errors; ERR_DENIED: the view is over. */
MUST_CHECK enum err kek_open(struct owner_view *view, struct household_id household,
			     const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
			     uint64_t generation, const uint8_t *row, size_t size,
			     struct secret **out_secret);
/* The same of the box's, by one of its readers, whose row it is. */
MUST_CHECK enum err kek_open_box(struct owner_view *view, struct household_id household,
				 const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
				 uint64_t generation, const uint8_t *row, size_t size,
				 struct secret **out_secret);

#endif
