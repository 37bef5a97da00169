/* SPDX-License-Identifier: Apache-2.0 */
/*
 * witness - how far what a room signed about one spoken message has come.
 *
 * Fed what one room attested, in the order in which it signed it. The way is: in turn T1
 * a prompt was heard after which a memo is recorded; a lease for it; the memo, with its
 * hash; in T1 a prompt was heard that asks for the confirming phrase; a lease for a
 * request, T2, in which the phrase may have been said. What comes in another order proves
 * nothing and is forgotten. A memo serves for one proposal, and the phrase for that one
 * alone, whatever becomes of it. One message per room at a time: the newest. Pure; a plain
 * value, which the keeper holds per room.
 */
#ifndef DOMAIN_WITNESS_H
#define DOMAIN_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/event.h"
#include "domain/evidence.h"
#include "domain/ids.h"

enum { WITNESS_TRIES_MAX = 3 }; /* turns in which the phrase may be said, for one memo */

enum witness_stage {
	WITNESS_NOTHING,
	WITNESS_PROMPTED,  /* a prompt was heard after which a memo is recorded */
	WITNESS_RECORDING, /* the microphone was leased for it */
	WITNESS_SPOKEN,    /* the memo was spoken */
	WITNESS_ASKED,     /* the prompt for the phrase was heard */
	WITNESS_STAGE_COUNT
};

struct witness {
	enum witness_stage stage;
	struct turn_id turn; /* T1; none while there is nothing */
	uint8_t hash[EVIDENCE_HASH_BYTES];
	uint32_t sound_ms;
	struct proposal_id proposal; /* that the memo was asked for as; none: not yet */
	size_t try_count;
	struct {
		struct turn_id turn;
		bool is_used;
	} tries[WITNESS_TRIES_MAX];
};

/* All zeros, too, has seen nothing. */
void witness_init(struct witness *witness);
/* Takes the next event that the room attested; of another kind nothing changes. */
void witness_see(struct witness *witness, const struct event *event);
/* Was the memo with this hash spoken in that turn, as it has to be, and not asked for yet?
 * Then its length, too. */
bool witness_memo(const struct witness *witness, struct turn_id turn,
		  const uint8_t hash[EVIDENCE_HASH_BYTES], uint32_t *out_sound_ms);
/* It is this proposal's from now on, and nobody else's. */
void witness_take(struct witness *witness, struct proposal_id proposal);
/* May the phrase for its proposal have been said in that other turn? */
bool witness_phrase(const struct witness *witness, struct proposal_id proposal,
		    struct turn_id said_in);
/* That turn confirmed, and confirms nothing again. */
void witness_use(struct witness *witness, struct turn_id said_in);

#endif
