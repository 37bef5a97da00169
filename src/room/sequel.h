/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sequel - what follows a prompt once the room has heard it, as its say told.
 *
 * Remembers the word and the turn beside the answer that is collected or plays. Only what
 * was played whole has a sequel, and only in the turn that it was said in. Pure.
 */
#ifndef ROOM_SEQUEL_H
#define ROOM_SEQUEL_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/evidence.h"

struct sequel {
	uint64_t say; /* 0: none yet */
	uint64_t turn;
	enum evidence_then then;
	bool is_bad; /* its pieces disagree, or the word is unknown: nothing follows */
	bool is_complete; /* its last piece is there */
	bool was_whole;   /* played to its end */
};

/* A piece of a say; another number, or one after the last piece, begins anew. False, once
 * per say: nothing will follow, because the word is unknown or the pieces disagree. */
bool sequel_add(struct sequel *sequel, uint64_t say, uint64_t turn, const char *then,
		bool last);
/* An answer is over; of another one it changes nothing. */
void sequel_was_played(struct sequel *sequel, uint64_t say, bool whole);
/* What may be said to follow: nothing, unless it was played whole. */
enum evidence_then sequel_then(const struct sequel *sequel);
/* The same, and only in the turn that the room is still in (0: none). */
enum evidence_then sequel_due(const struct sequel *sequel, uint64_t turn);

#endif
