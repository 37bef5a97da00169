/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proposal_row - a proposal as a row, one per step; the newest counts.
 *
 * Signed by the keeper, so that nobody with access to the rows makes, moves or approves
 * one. Pure.
 */
#ifndef KEEPER_PROPOSAL_ROW_H
#define KEEPER_PROPOSAL_ROW_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "domain/action.h"
#include "domain/approval.h"
#include "domain/ids.h"
#include "domain/parcel.h"
#include "domain/people.h"
#include "domain/proposal.h"

enum { PROPOSAL_ROW_BYTES_MAX = 1024, PROPOSAL_KEY_BYTES = ID_BYTES + 1 };

enum { PROPOSAL_TICKET_BYTES = PARCEL_TICKET_BYTES + SEAL_LOCK_EXTRA_BYTES };

/* Where a message came from that another house sent, and what its key is asked for with. */
struct proposal_origin {
	struct household_id household; /* as its sender's keeper knows it */
	struct proposal_id id;
	uint8_t key[PEOPLE_KEY_BYTES];         /* of the gate that it came from */
	uint8_t commit[SEAL_COMMIT_BYTES];     /* to the key of the sound */
	uint8_t ticket[PROPOSAL_TICKET_BYTES]; /* locked: keeper/desk_inbound.c */
};

struct proposal {
	struct proposal_id id;
	struct turn_id turn;
	struct action action;
	uint8_t hash[APPROVAL_HASH_BYTES]; /* of the action's canonical bytes */
	enum proposal_kind kind;
	enum proposal_state state;
	uint8_t step;                       /* grows with each state */
	int64_t asked_ms;                   /* wall clock */
	int64_t since_ms;                   /* wall clock: it is in this state */
	uint8_t approver[PEOPLE_KEY_BYTES]; /* the device that tapped; zeros: none yet */
	/* Of a message: */
	struct person_id person; /* of the house whose it is; none: it leaves the house */
	uint8_t way[APPROVAL_HASH_BYTES]; /* how it gets there: see proposal_way */
	uint32_t sound_ms;
	struct proposal_origin origin; /* INBOUND only */
};

/* Fills the hash from the action. ERR_RANGE: an action that has no canonical form. */
MUST_CHECK enum err proposal_hash(struct proposal *proposal);

/* SHA-256 over kind, person, address and keys of a contact: who changes these has not
 * changed where a message goes that somebody approved. */
MUST_CHECK enum err proposal_way(const struct contact *contact,
				 uint8_t to[APPROVAL_HASH_BYTES]);

MUST_CHECK enum err proposal_row_write(struct household_id household,
				       const struct proposal *proposal,
				       const uint8_t *keeper_seed,
				       uint8_t to[PROPOSAL_ROW_BYTES_MAX],
				       size_t *out_size);
/* ERR_FORMAT, ERR_VERSION, ERR_AUTH: not signed by this keeper for this house and key. */
MUST_CHECK enum err proposal_row_read(struct household_id household,
				      const uint8_t key[PROPOSAL_KEY_BYTES],
				      const uint8_t *keeper_public, const uint8_t *row,
				      size_t size, struct proposal *out_proposal);

/* proposal, step */
void proposal_row_key(const struct proposal *proposal, uint8_t to[PROPOSAL_KEY_BYTES]);

#endif
