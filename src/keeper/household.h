/* SPDX-License-Identifier: Apache-2.0 */
/*
 * household - who this house is: its id and the keeper's own two keys, in one small file.
 *
 * keeper.key, mode 0600: "BEHESTK1", household (16), Ed25519 seed (32), journal key (32),
 * SHA-256 of all that. Without it nothing in keeper.db can be believed or read.
 */
#ifndef KEEPER_HOUSEHOLD_H
#define KEEPER_HOUSEHOLD_H

#include <stdint.h>

#include "base/err.h"
#include "base/secret.h"
#include "domain/ids.h"
#include "port/rand.h"

struct household {
	struct household_id id;
	struct secret *seed;      /* signs owners, epochs and checkpoints */
	struct secret *house_key; /* encrypts the journal's bodies */
};

/* Reads the file; makes it first where there is neither it nor a database. The note names
 * the file: a missing one beside an existing database is ERR_MISSING, a changed one
 * ERR_FORMAT. */
MUST_CHECK enum err household_open(const char *folder, const struct rand *rand,
				   struct household *out_household,
				   struct err_note *note);
void household_close(struct household *household); /* wipes */

#endif
