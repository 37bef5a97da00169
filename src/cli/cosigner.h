/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cosigner - what a device knows of the house's journal: the newest checkpoint that it
 * verified, in DIR/device/journal.head, and whether another goes on from there.
 *
 * It believes the keeper's signature and proofs, and no keeper that forgets: a journal that
 * is shorter, or another one, than it saw before has a line of words. Prints nothing.
 */
#ifndef CLI_COSIGNER_H
#define CLI_COSIGNER_H

#include <stdint.h>

#include "base/err.h"
#include "cli/paths.h"
#include "domain/ids.h"
#include "tlog/merkle.h"
#include "wire/wire.h"

/* Whose journal it is. */
struct cosigner {
	const struct paths *paths;
	struct household_id household;
	uint8_t key[SEAL_SIGN_PUBLIC_BYTES]; /* the keeper's */
	struct merkle_head known;            /* size 0: nothing yet */
};

/* Reads what is known. ERR_FORMAT: the file is not a checkpoint of this house. */
MUST_CHECK enum err cosigner_open(struct cosigner *cosigner, const struct paths *paths,
				  struct household_id household,
				  const uint8_t key[SEAL_SIGN_PUBLIC_BYTES],
				  struct err_note *note);
/* Checks what the keeper shows against what is known. OK: it may be kept and cosigned.
 * ERR_AUTH: cut short, a fork, or not the keeper's. */
MUST_CHECK enum err cosigner_check(const struct cosigner *cosigner,
				   const struct wire_log_head *shown,
				   struct merkle_head *out_head, struct err_note *note);
/* From now on that is what is known; for a restart, too. */
MUST_CHECK enum err cosigner_keep(struct cosigner *cosigner,
				  const struct wire_log_head *shown,
				  const struct merkle_head *head, struct err_note *note);
/* The device is paired anew: with which journal it has to do begins anew as well. */
void cosigner_forget(const struct paths *paths);

#endif
