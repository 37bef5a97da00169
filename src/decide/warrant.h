/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warrant - the constructor, for decide/ alone; readers include domain/warrant.h.
 */
#ifndef DECIDE_WARRANT_H
#define DECIDE_WARRANT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/warrant.h"

/* Permits exactly this action until now_ms + WARRANT_LIFE_MS. Lives in the arena. */
MUST_CHECK enum err warrant_create(struct arena *arena, const struct action *action,
				   int64_t now_ms, struct warrant **out_warrant);

#endif
