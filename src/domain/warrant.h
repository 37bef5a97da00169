/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warrant - the permission for exactly one action, once, for seconds.
 *
 * Opaque: only decide/warrant.c can make or look into one. Everybody else may read
 * the action it permits and redeem it; a second redemption or one too late gives NULL.
 */
#ifndef DOMAIN_WARRANT_H
#define DOMAIN_WARRANT_H

#include <stdint.h>

#include "domain/action.h"

enum { WARRANT_LIFE_MS = 5000, WARRANT_HASH_BYTES = 32 };

struct warrant;

/* What it permits, for showing and journaling; not a permission to do it. */
const struct action *warrant_shows(const struct warrant *warrant);

/* SHA-256 over the canonical bytes of the action; what a factor signs. */
const uint8_t *warrant_hash(const struct warrant *warrant);

/* Uses it up at now_ms (the clock it was made with). NULL when used or expired. */
const struct action *warrant_redeem(struct warrant *warrant, int64_t now_ms);

#endif
