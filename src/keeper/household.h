/* SPDX-License-Identifier: Apache-2.0 */
/*
 * household - who this house is: its id and the keeper's own two keys, in one small file.
 *
 * keeper.key, mode 0600: "BEHESTK1", household (16), Ed25519 seed (32), journal key (32),
 * SHA-256 of all that. Without it nothing in keeper.db can be believed or read. An empty
 * keeper.new stands beside it until the database has been made, so that a lost database
 * is never taken for one that was not made yet.
 */
#ifndef KEEPER_HOUSEHOLD_H
#define KEEPER_HOUSEHOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/secret.h"
#include "domain/ids.h"
#include "port/rand.h"

struct household {
	struct household_id id;
	struct secret *seed;      /* signs owners, epochs and checkpoints */
	struct secret *house_key; /* encrypts the journal's bodies */
	bool is_new;              /* its database was never whole: one may be made */
};

/* Reads the file; makes it first where there is neither it nor a database. The household
 * is new from then until household_settle, over any number of starts. The note names the
 * file: a missing one beside an existing database is ERR_MISSING, a changed one
 * ERR_FORMAT. */
MUST_CHECK enum err household_open(const char *folder, const struct rand *rand,
				   struct household *out_household,
				   struct err_note *note);
/* Writes the file anew, for a house that comes from a backup: id, seed and house_key. */
MUST_CHECK enum err household_write(const char *folder, const struct household *household,
				    struct err_note *note);
/* Its database is there: from now on it is not new. */
void household_settle(const char *folder, struct household *household);
void household_close(struct household *household); /* wipes */

#endif
