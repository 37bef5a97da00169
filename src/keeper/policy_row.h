/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_row - the policy as a row: every change is a new version, signed by the owner
 * who made it and by the keeper who let them. Whether there is an owner at all is not in
 * it: that is known from the owners' rows. Pure.
 */
#ifndef KEEPER_POLICY_ROW_H
#define KEEPER_POLICY_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "domain/ids.h"
#include "domain/policy.h"
#include "vault/owner.h"

enum { POLICY_ROW_BYTES_MAX = 224 * 1024 };

/* Adds the row to to. ERR_DENIED: the view is over. */
MUST_CHECK enum err policy_row_write(struct household_id household, uint64_t version,
				     const struct policy *policy, struct owner_view *view,
				     const uint8_t *keeper_seed, struct buf *to);

/* By whom a row may be signed. */
struct policy_signers {
	const uint8_t *keeper_public;
	const struct owner *owners;
	size_t owner_count;
};

/* ERR_FORMAT, ERR_VERSION, ERR_AUTH: not signed by one of these owners, or not by this
 * keeper, which signs for no owner who was removed. */
MUST_CHECK enum err policy_row_read(struct household_id household, uint64_t version,
				    const struct policy_signers *signers,
				    const uint8_t *row, size_t size,
				    struct policy *out_policy);

/* Of a layout that the keeper signs too. One that was read and is not, counts only where no
 * row with the keeper stands before it. */
bool policy_row_has_keeper(const uint8_t *row, size_t size);

/* Without the owners, who are known by their keys and not by rows. */
size_t policy_row_people(const struct policy *policy);

#endif
