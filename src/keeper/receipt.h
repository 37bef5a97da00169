/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receipt - what was destroyed, as a text that its owner keeps and anybody can check.
 *
 * A signed note (C2SP signed-note) by the keeper's key: what is gone, when, at which places
 * of the journal, what that covers and what it does not. Behind it stand the proofs that the
 * journal holds those entries (desk_receipt.c). docs/FORMATS.md says it line by line.
 */
#ifndef KEEPER_RECEIPT_H
#define KEEPER_RECEIPT_H

#include "base/buf.h"
#include "keeper/desk_inner.h"
#include "keeper/recorded.h"

enum {
	RECEIPT_LINES_MAX = 20000, /* of single recordings; of more only the places */
	RECEIPT_BYTES_MAX = 4 * 1024 * 1024,
};

struct receipt {
	struct owner_id owner;
	const char *why;
	/* Some: those of the set whose place of DELETED is known. */
	size_t count;
	const struct recorded_set *set; /* borrowed */
	/* All: */
	uint64_t generation; /* of the key that ended; 0: it was some */
	uint64_t erased;     /* the place of ERASED */
	/* The household, by that owner: */
	uint64_t ended; /* the place of HOUSE_ENDED; 0: it is one of those */
};

/* Adds the note. ERR_LIMIT, ERR_MEMORY. */
MUST_CHECK enum err receipt_write(const struct desk *desk, const struct receipt *receipt,
				  struct buf *to);

#endif
