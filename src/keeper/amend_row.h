/* SPDX-License-Identifier: Apache-2.0 */
/*
 * amend_row - what a paired device changed of an owner's policy, as a row of its own.
 *
 * Policy is signed by owners, and no owner is at hand when a device mutes a room or
 * approves what one may do. So each such change stands beside the version that it
 * changes, with the device's signature over exactly it, until an owner signs a version
 * that holds it. The newest of a room and a thing takes the place of the one before. Pure.
 */
#ifndef KEEPER_AMEND_ROW_H
#define KEEPER_AMEND_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "domain/action.h"
#include "domain/approval.h"
#include "domain/policy.h"

/* All that a device's approval gives a room; it takes away anything. */
enum { AMEND_MAY_GIVE = MAY_MESSAGE | MAY_RECORD };

enum {
	AMEND_ROW_BYTES_MAX = 1024,
	AMEND_KEY_BYTES = 8 + 1 + 1, /* version, index of the room, what */
};

struct amendment {
	char room[NAME_BYTES];
	unsigned capability; /* one bit; 0: the room's mute */
	bool on;             /* it is muted; it may */
	int64_t at_ms;       /* wall clock */
	uint64_t
		change_number; /* of what is remembered of it; 0: nothing, it tightened */
	uint8_t device[PEOPLE_KEY_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	/* What the device signed; of a mute: */
	uint8_t nonce[APPROVAL_NONCE_BYTES];
	uint64_t number;
	/* of a capability: its approval of this proposal */
	struct proposal_id proposal;
	struct action action;
};

enum amend_verdict {
	AMEND_MAY,
	AMEND_UNKNOWN_ROOM,
	AMEND_UNKNOWN_DEVICE, /* or revoked, or its person is gone */
	AMEND_GUEST,          /* guests' devices mute nothing */
	AMEND_MAY_NOT,        /* its person may not change what rooms may do */
	AMEND_OWNERS,         /* no device gives a room this; an owner's change does */
	AMEND_NOT_YOURS,      /* it is another owner's private room */
};

/* Nobody's device makes any other. */
bool amend_is_for_devices(const struct amendment *amendment);
/* May that device make this change of this policy? A mute takes anybody who lives here;
 * anything else the capability POLICY, and in a private room its owner. */
enum amend_verdict amend_judge(const struct policy *policy,
			       const struct amendment *amendment);
/* Makes the change; the room is there. */
void amend_apply(struct policy *policy, const struct amendment *amendment);
/* What of a policy's room an action of class C changes. False: it is no such action, or
 * names no capability. The room may be none of the house. */
bool amend_of_action(const struct action *action, struct amendment *out_amendment);

/* ERR_AUTH: the device's signature is not over exactly this change. */
MUST_CHECK enum err amend_verify(struct household_id household,
				 const struct amendment *amendment);

void amend_row_key(const struct policy *policy, uint64_t version,
		   const struct amendment *amendment, uint8_t to[AMEND_KEY_BYTES]);
MUST_CHECK enum err amend_row_write(struct household_id household, uint64_t version,
				    const struct amendment *amendment,
				    const uint8_t *keeper_seed,
				    uint8_t to[AMEND_ROW_BYTES_MAX], size_t *out_size);
/* ERR_FORMAT, ERR_VERSION, ERR_AUTH: not signed by this keeper for this house and version
 * of the policy, or not by the device for exactly this. */
MUST_CHECK enum err amend_row_read(struct household_id household, uint64_t version,
				   const uint8_t *keeper_public, const uint8_t *row,
				   size_t size, struct amendment *out_amendment);

#endif
