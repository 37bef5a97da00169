/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ending - the end of a house in the keeper's folder, so that a kill at any moment leaves
 * something from which the next start goes on.
 *
 * keeper.ending, from before the first key is destroyed: "behest ending v1" and the owner who
 * asked for it, in hexadecimal digits, each with its line end. house.ended: the receipt, once
 * every key is destroyed; from then on all other files of the folder are overwritten and
 * removed, at each start again, and no keeper runs there any more.
 */
#ifndef KEEPER_ENDING_H
#define KEEPER_ENDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "domain/ids.h"
#include "port/rand.h"

struct ending {
	bool is_begun;
	bool is_kept; /* the receipt is there */
	struct owner_id by;
};

/* What a start finds. ERR_FORMAT: a mark that is none of ours. */
MUST_CHECK enum err ending_look(const char *folder, struct ending *out_ending,
				struct err_note *note);
/* Durable when it returns. */
MUST_CHECK enum err ending_begin(struct ending *ending, const char *folder,
				 struct owner_id by, struct err_note *note);
MUST_CHECK enum err ending_keep(struct ending *ending, const char *folder,
				const void *receipt, size_t size, struct err_note *note);
/* Whether the receipt is signed by the keeper whose key still lies beside it, for nothing less
 * destroys a house. OK also where no key can be read there any more: then it is being removed.
 * ERR_AUTH. */
MUST_CHECK enum err ending_check(const char *folder, const struct rand *rand,
				 struct err_note *note);
/* Overwrites and removes every file of the folder but the receipt: the keys first, the lock
 * last. Nothing of it is open. ERR_BUSY: a keeper still runs. ERR_IO: a file is still there,
 * and named. */
MUST_CHECK enum err ending_shred(const char *folder, struct err_note *note);

#endif
