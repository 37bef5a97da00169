/* SPDX-License-Identifier: Apache-2.0 */
/*
 * epoch - the key of one owner's recordings for at most a quarter of an hour.
 *
 * While it lives, the keeper can write under it; its row holds it sealed to the newest of the
 * owner's keys above the epochs (kek.h), so that afterwards only the owner's unlocked key
 * brings it back, and only while that one is there. One seal per epoch, not one per
 * recording, because sealing is slow. The row is signed by the keeper: a sealed box alone
 * does not say who made it. One thread.
 */
#ifndef VAULT_EPOCH_H
#define VAULT_EPOCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/secret.h"
#include "domain/ids.h"
#include "port/clock.h"
#include "port/rand.h"
#include "vault/kek.h"
#include "vault/owner.h"

enum {
	EPOCH_ROW_BYTES = 241,
	/* Layout 1, of houses made before there were keys above the epochs: sealed to the
	 * owner's own key. It is read, and written no more. */
	EPOCH_ROW_OLD_BYTES = 233,
	EPOCH_LIFE_MS = 15 * 60 * 1000,
};

struct epoch;

/* A new epoch of the kek's owner, and its row to be stored before anything under it. */
MUST_CHECK enum err epoch_create(const struct kek *kek, const uint8_t *keeper_seed,
				 const struct rand *rand, const struct clock *clock,
				 uint8_t out_row[EPOCH_ROW_BYTES],
				 struct epoch **out_epoch);
void epoch_destroy(struct epoch *epoch); /* wipes; NULL is fine */

/* False after EPOCH_LIFE_MS: then destroy it. */
bool epoch_is_fresh(const struct epoch *epoch);
struct epoch_id epoch_id_of(const struct epoch *epoch);
struct owner_id epoch_owner(const struct epoch *epoch);
const struct secret *epoch_key(const struct epoch *epoch);

/* Which kek opens the row; 0: none, it is of layout 1. Says nothing that may be believed
 * before epoch_open. ERR_FORMAT, ERR_VERSION. */
MUST_CHECK enum err epoch_peek(const uint8_t *row, size_t size, uint64_t *out_generation);

struct epoch_rows {
	const uint8_t *epoch;
	size_t epoch_size;
	const uint8_t *kek; /* NULL for an epoch of layout 1 */
	size_t kek_size;
};

/* A stored epoch that its owner's unlocked key opened. Only epoch_open makes one; keep it
 * no longer than the view. */
struct epoch_opened;

/* Everything in the rows is checked. ERR_AUTH: not this epoch, not this owner's, not under
 * this kek, or changed. ERR_DENIED: the view is over. ERR_FORMAT, ERR_VERSION. */
MUST_CHECK enum err epoch_open(struct owner_view *view, struct household_id household,
			       const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
			       struct epoch_id id, const struct epoch_rows *rows,
			       struct epoch_opened **out_epoch);
void epoch_opened_destroy(struct epoch_opened *epoch); /* wipes; NULL is fine */
/* Its key, or NULL where it is not exactly that epoch of that owner of that household. */
const struct secret *epoch_opened_key(const struct epoch_opened *epoch,
				      struct household_id household,
				      struct owner_id owner, struct epoch_id id);

#endif
