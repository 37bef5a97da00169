/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence - what a room signs with its own key, as exactly one string of bytes.
 *
 * A room signs the events that only it can witness: that its microphone was leased and
 * closed, that a question of ours was heard in it, that a message was spoken. The bytes
 * bind kind, room, turn, a number that grows, and every field with its value, so that a
 * signature passes for nothing else. The hub carries the event and cannot change it; the
 * keeper verifies with the key that the owner recorded. Pure.
 *
 * Signed bytes (numbers big-endian): sequence (8), turn (8), kind and room (each one byte
 * of length, then text), number of fields (1), each a name and a value (as texts). The
 * label is EVIDENCE_LABEL. The time of the row is the hub's and not part of it: the room
 * gives its own as the field room_ms.
 */
#ifndef DOMAIN_EVIDENCE_H
#define DOMAIN_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/event.h"
#include "domain/lease.h"

#define EVIDENCE_LABEL "behest room evidence v1"
#define EVIDENCE_IDENTITY_LABEL "behest room identity v1"

enum {
	EVIDENCE_BYTES_MAX = 4096,
	EVIDENCE_NONCE_BYTES = 32,
	EVIDENCE_HASH_BYTES = 32,
	EVIDENCE_IDENTITY_BYTES_MAX = 128,
	/* So many fields are left to the keeper, which adds its verdict. */
	EVIDENCE_FIELDS_MAX = EVENT_FIELDS_MAX - 3,
};

/* Is it something that rooms sign? */
bool evidence_is_kind(enum event_kind kind);

/* What may follow a prompt once the room has heard it: THEN(NAME, "name"). */
#define EVIDENCE_THENS(THEN)     \
	THEN(NOTHING, "")        \
	THEN(ANSWER, "answer")   \
	THEN(CONFIRM, "confirm") \
	THEN(MEMO, "memo")

enum evidence_then {
#define THEN(name, text) THEN_##name,
	EVIDENCE_THENS(THEN)
#undef THEN
		THEN_COUNT
};

const char *evidence_then_text(enum evidence_then then); /* "memo" */
bool evidence_then_from_text(const char *text, enum evidence_then *out_then);

/* The fields of a prompt that was heard, and of a memo; sha256 is of the Ogg Opus. */
void evidence_prompt_heard(struct event *event, enum evidence_then then, double level_db,
			   double correlation);
void evidence_memo(struct event *event, int64_t sound_ms, size_t opus_bytes,
		   const uint8_t sha256[EVIDENCE_HASH_BYTES]);
/* The hash that a memo's evidence holds; false: none. */
bool evidence_memo_hash(const struct event *event, uint8_t to[EVIDENCE_HASH_BYTES]);

/* The fields of the two events of a lease, as hub and room both write them. */
void evidence_lease_opened(struct event *event, enum lease_reason reason);
void evidence_lease_closed(struct event *event, int64_t used_ms, const char *cause);

/* Also of a lease's end: how many frames of its sound were heard, and their hash
 * (base/hash_chain.h). */
void evidence_sound(struct event *event, uint32_t frames,
		    const uint8_t hash[EVIDENCE_HASH_BYTES]);
/* What it says of that; false: nothing. */
bool evidence_sound_hash(const struct event *event, uint32_t *out_frames,
			 uint8_t to[EVIDENCE_HASH_BYTES]);

/* Writes what is signed. ERR_RANGE: no such kind, no turn, too many fields or one of the
 * names that are the keeper's own (attested, sequence, signature). */
MUST_CHECK enum err evidence_bytes(const struct event *event, uint64_t sequence,
				   uint8_t to[EVIDENCE_BYTES_MAX], size_t *out_size);

/* Does signed evidence tell of the same kind, room and turn and hold each of event's
 * fields with the same value? */
bool evidence_covers(const struct event *evidence, const struct event *event);

/* Is the name one of the fields that only the keeper writes? */
bool evidence_is_verdict(const char *field_name);

/* What a room signs to show who it is: the hub's nonce and its own name. */
size_t evidence_identity_bytes(const uint8_t nonce[EVIDENCE_NONCE_BYTES],
			       const char *room, uint8_t to[EVIDENCE_IDENTITY_BYTES_MAX]);

#endif
