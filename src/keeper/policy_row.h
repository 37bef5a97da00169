/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_row - the policy as a row: every change is a new version, signed by the owner
 * who made it. Whether there is an owner at all is not in it: that is known from the
 * owners' rows. Pure.
 */
#ifndef KEEPER_POLICY_ROW_H
#define KEEPER_POLICY_ROW_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "domain/ids.h"
#include "domain/policy.h"
#include "vault/owner.h"

enum { POLICY_ROW_BYTES_MAX = 65536 };

/* Adds the row to to. ERR_DENIED: the view is over. */
MUST_CHECK enum err policy_row_write(struct household_id household, uint64_t version,
				     const struct policy *policy, struct owner_view *view,
				     struct buf *to);
/* ERR_FORMAT, ERR_VERSION, ERR_AUTH: not signed by one of these owners. */
MUST_CHECK enum err policy_row_read(struct household_id household, uint64_t version,
				    const struct owner *owners, size_t owner_count,
				    const uint8_t *row, size_t size,
				    struct policy *out_policy);

#endif
