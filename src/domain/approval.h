/* SPDX-License-Identifier: Apache-2.0 */
/*
 * approval - what a paired device signs, as exactly one string of bytes.
 *
 * A verdict is over one proposal of one household and the hash of exactly its action; each
 * kind of verdict has a label of its own. So a signature passes for no other action, no
 * other proposal, no other house and no other verdict. Pure; holds no key.
 */
#ifndef DOMAIN_APPROVAL_H
#define DOMAIN_APPROVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/ids.h"
#include "domain/people.h"

/* VERDICT(NAME, "name", "label") */
#define APPROVAL_VERDICTS(VERDICT)                              \
	VERDICT(RECEIPT, "receipt", "behest device receipt v1") \
	VERDICT(APPROVE, "approve", "behest device approve v1") \
	VERDICT(CANCEL, "cancel", "behest device cancel v1")

enum approval_verdict {
#define VERDICT(name, text, label) APPROVAL_##name,
	APPROVAL_VERDICTS(VERDICT)
#undef VERDICT
		APPROVAL_VERDICT_COUNT
};

enum {
	APPROVAL_HASH_BYTES = 32,
	APPROVAL_BYTES = 2 * ID_BYTES + APPROVAL_HASH_BYTES,
	APPROVAL_ORDER_BYTES_MAX = APPROVAL_BYTES + 8 + 3 * 2 + 16 + PEOPLE_NAME_BYTES +
				   PEOPLE_ADDRESS_BYTES + 2 * PEOPLE_KEY_BYTES,
	APPROVAL_NONCE_BYTES = 32,
	APPROVAL_MUTE_BYTES_MAX = ID_BYTES + APPROVAL_NONCE_BYTES + 8 + 1 + NAME_BYTES,
	APPROVAL_CODE_BYTES = 32, /* with the NUL */
	APPROVAL_PAIRING_BYTES_MAX =
		APPROVAL_CODE_BYTES + PEOPLE_NAME_BYTES + PEOPLE_KEY_BYTES,
};

/* What a device signs to show who it is: the keeper's nonce and this word for a name. */
#define APPROVAL_IDENTITY_LABEL "behest device identity v1"
#define APPROVAL_IDENTITY_NAME "device"
/* The keeper's, over the same bytes and a time after which it is void: the gate carries it
 * out. */
#define APPROVAL_ORDER_LABEL "behest gate order v1"
/* What it signs to be paired: the code, its own name, and its key. */
#define APPROVAL_PAIRING_LABEL "behest device pairing v1"

/* What it signs to mute a room, or to end that. */
#define APPROVAL_MUTE_LABEL "behest device mute v1"

const char *approval_verdict_text(enum approval_verdict verdict);
bool approval_verdict_from_text(const char *text, enum approval_verdict *out_verdict);
const char *approval_label(enum approval_verdict verdict);

/* household, proposal, SHA-256 of the action's canonical bytes. */
void approval_bytes(struct household_id household, struct proposal_id proposal,
		    const uint8_t hash[APPROVAL_HASH_BYTES], uint8_t to[APPROVAL_BYTES]);

/* code, name and key, behind one another; how many bytes that are. Each text fits its
 * limit, else a bug. */
size_t approval_pairing_bytes(const char *code, const char *name,
			      const uint8_t key[PEOPLE_KEY_BYTES],
			      uint8_t to[APPROVAL_PAIRING_BYTES_MAX]);

/* One word of a device about the mute of a room: over the nonce that the keeper gave it when
 * it came, so that it counts on this one link, and a number that grows there, so that it
 * counts once. */
struct approval_mute {
	struct household_id household;
	uint8_t nonce[APPROVAL_NONCE_BYTES];
	uint64_t number;
	bool on;
	char room[NAME_BYTES];
};

/* household, nonce, number (8, big-endian), on (1), room. Returns how many bytes. */
size_t approval_mute_bytes(const struct approval_mute *mute,
			   uint8_t to[APPROVAL_MUTE_BYTES_MAX]);

/* As a verdict's, and until when (wall clock, ms; big-endian), for an order that was kept back is
 * worth nothing later, and of a message to whom: kind, name and address, each with two
 * bytes of length, and both keys. Returns how many bytes that are. contact is NULL for
 * what is no message. */
size_t approval_order_bytes(struct household_id household, struct proposal_id proposal,
			    const uint8_t hash[APPROVAL_HASH_BYTES], int64_t until_ms,
			    const struct contact *contact,
			    uint8_t to[APPROVAL_ORDER_BYTES_MAX]);

#endif
