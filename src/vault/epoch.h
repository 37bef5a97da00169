/* SPDX-License-Identifier: Apache-2.0 */
/*
 * epoch - the key of one owner's recordings for at most a quarter of an hour.
 *
 * While it lives, the keeper can write under it; its row holds it sealed to the owner, so
 * that afterwards only the owner's unlocked key brings it back. One seal per epoch, not
 * one per recording, because sealing is slow. The row is signed by the keeper: a sealed
 * box alone does not say who made it. One thread.
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
#include "vault/owner.h"

enum {
	EPOCH_ROW_BYTES = 233,
	EPOCH_LIFE_MS = 15 * 60 * 1000,
};

struct epoch;

/* A new epoch of the owner, and its row to be stored before anything under it. */
MUST_CHECK enum err epoch_create(const struct owner *owner, const uint8_t *keeper_seed,
				 const struct rand *rand, const struct clock *clock,
				 uint8_t out_row[EPOCH_ROW_BYTES],
				 struct epoch **out_epoch);
void epoch_destroy(struct epoch *epoch); /* wipes; NULL is fine */

/* False after EPOCH_LIFE_MS: then destroy it. */
bool epoch_is_fresh(const struct epoch *epoch);
struct epoch_id epoch_id_of(const struct epoch *epoch);
struct owner_id epoch_owner(const struct epoch *epoch);
const struct secret *epoch_key(const struct epoch *epoch);

/* Opens a stored epoch with its owner's unlocked key; everything in the row is checked.
 * ERR_AUTH: not this epoch, not this owner's, or changed. ERR_DENIED: the view is over. */
MUST_CHECK enum err epoch_open(struct owner_view *view, struct household_id household,
			       const uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES],
			       struct epoch_id id, const uint8_t *row, size_t size,
			       struct secret **out_key);

#endif
