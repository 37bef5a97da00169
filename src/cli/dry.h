/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dry - a house that obeys and forgets: the ports for a dry run.
 *
 * Its bus acknowledges every command on the home it was given and moves nothing but its
 * own copy of that home; its keep writes nothing and counts. Answers wait for dry_pump,
 * as the real ones wait for the loop. One thread.
 */
#ifndef CLI_DRY_H
#define CLI_DRY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "domain/home.h"
#include "port/bus.h"
#include "port/keep.h"

enum { DRY_WAITING_MAX = 128 };

struct dry;

/* A house with an owner in which `room` may do everything. Copies home. */
MUST_CHECK enum err dry_create(const struct home *home, const char *room,
			       struct dry **out_dry);
void dry_destroy(struct dry *dry); /* NULL is fine */

/* Both ports; closing them frees nothing. */
struct bus dry_bus(struct dry *dry);
struct keep dry_keep(struct dry *dry);
void dry_listen(struct dry *dry, const struct bus_listener *bus,
		const struct keep_listener *keep);

/* Back to the home it was created with. */
MUST_CHECK enum err dry_reset(struct dry *dry);

/* The newest event it was told; none before the first. */
struct event_id dry_newest(const struct dry *dry);

/* Calls back for everything that waits; whether anything did. */
bool dry_pump(struct dry *dry);

#endif
