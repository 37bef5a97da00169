/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parcel - what travels between two houses: sealed bytes, and a head that says from whom to
 * whom. Whoever carries it, a relay too, reads no more than that head.
 *
 * LETTER brings a message, locked; WANT asks for its key, when somebody is about to
 * listen; KEY answers. The head is signed with the key of the gate it comes from, so that a
 * relay cannot make or change one. All bodies begin with their version, 1, and are
 * little-endian:
 *
 *   LETTER  a box, and the row that holds the sound (keeper/memo_row.h). The box is sealed
 *           to the listener's X25519 key: struct parcel_letter.
 *   WANT    the letter's ticket (32): only whoever opened its box knows it.
 *   KEY     u8 1 when there is none (any more), else 0 and a box sealed to the listener's
 *           key: the letter's id (16) and the key of its sound (32).
 *
 * Pure: makes and reads these bytes; holds no key. docs/FORMATS.md has them too.
 */
#ifndef DOMAIN_PARCEL_H
#define DOMAIN_PARCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "domain/ids.h"

/* PARCEL(NAME, "name", size_max) */
#define PARCEL_KINDS(PARCEL)                 \
	PARCEL(LETTER, "letter", 600 * 1024) \
	PARCEL(WANT, "want", 64)             \
	PARCEL(KEY, "key", 256)

enum parcel_kind {
#define PARCEL(name, text, size_max) PARCEL_##name,
	PARCEL_KINDS(PARCEL)
#undef PARCEL
		PARCEL_KIND_COUNT
};

enum {
	PARCEL_VERSION = 1, /* the first byte of every body */
	PARCEL_KEY_BYTES = 32,
	PARCEL_HASH_BYTES = 32,
	PARCEL_SIGNATURE_BYTES = 64,
	PARCEL_BYTES_MAX = 600 * 1024,
	PARCEL_SIGNED_BYTES =
		ID_BYTES + 1 + 2 * PARCEL_KEY_BYTES + 8 + 4 + PARCEL_HASH_BYTES,
	PARCEL_BOX_EXTRA_BYTES = 48, /* of a sealed box */
	PARCEL_TICKET_BYTES = 32,
	PARCEL_LETTER_BYTES = 1 + 2 * ID_BYTES + 8 + 4 + PARCEL_HASH_BYTES +
			      PARCEL_TICKET_BYTES + PARCEL_KEY_BYTES,
	PARCEL_LETTER_BOX_BYTES = PARCEL_LETTER_BYTES + PARCEL_BOX_EXTRA_BYTES,
	PARCEL_WANT_BYTES = 1 + PARCEL_TICKET_BYTES,
	PARCEL_KEY_PLAIN_BYTES = ID_BYTES + 32,
	PARCEL_NONE_BYTES = 2, /* of a KEY that there is none of */
	PARCEL_KEY_BODY_MAX = 2 + PARCEL_KEY_PLAIN_BYTES + PARCEL_BOX_EXTRA_BYTES,
};

/* The second byte of a KEY. */
enum parcel_outcome {
	PARCEL_OUTCOME_KEY = 0,
	PARCEL_OUTCOME_NONE = 1, /* none, or none any more */
};

/* For how long one is carried, and believed, after it was made: by then the message is
 * called back by itself. */
#define PARCEL_LASTS_MS (31 * 24 * INT64_C(3600) * 1000)
/* So far two houses' clocks may be apart. */
#define PARCEL_AHEAD_MS (24 * INT64_C(3600) * 1000)

#define PARCEL_LABEL "behest parcel v1"

struct parcel {
	struct proposal_id
		id; /* the letter's, at the house that it comes from; of all kinds */
	enum parcel_kind kind;
	uint8_t from[PARCEL_KEY_BYTES]; /* gates, Ed25519 */
	uint8_t to[PARCEL_KEY_BYTES];
	int64_t at_ms; /* wall clock of whom it is from */
	uint32_t size;
	uint8_t hash[PARCEL_HASH_BYTES]; /* SHA-256 of the body */
};

/* What the box of a letter holds. */
struct parcel_letter {
	struct household_id household; /* where it was spoken */
	struct proposal_id id;
	int64_t at_ms;
	uint32_t sound_ms;
	uint8_t sound_hash[PARCEL_HASH_BYTES]; /* SHA-256 of the sound, opened */
	uint8_t ticket[PARCEL_TICKET_BYTES];
	uint8_t box_key[PARCEL_KEY_BYTES]; /* whom it is for */
};

static inline bool parcel_same_key(const uint8_t one[PARCEL_KEY_BYTES],
				   const uint8_t other[PARCEL_KEY_BYTES])
{
	return memcmp(one, other, PARCEL_KEY_BYTES) == 0;
}

const char *parcel_kind_text(enum parcel_kind kind);
bool parcel_kind_from_text(const char *text, enum parcel_kind *out_kind);
size_t parcel_kind_max(enum parcel_kind kind);

/* What from's gate signs, under PARCEL_LABEL. */
void parcel_bytes(const struct parcel *parcel, uint8_t to[PARCEL_SIGNED_BYTES]);

void parcel_letter_bytes(const struct parcel_letter *letter,
			 uint8_t to[PARCEL_LETTER_BYTES]);
/* ERR_FORMAT, ERR_VERSION. */
MUST_CHECK enum err parcel_letter_read(const uint8_t bytes[PARCEL_LETTER_BYTES],
				       struct parcel_letter *out_letter);

/* Where box and sound lie in a LETTER's body; borrowed. ERR_FORMAT, ERR_VERSION. */
struct parcel_letter_body {
	const uint8_t *box; /* PARCEL_LETTER_BOX_BYTES */
	const uint8_t *row;
	size_t row_size;
};
MUST_CHECK enum err parcel_letter_body(const uint8_t *body, size_t size,
				       struct parcel_letter_body *out_body);
#endif
