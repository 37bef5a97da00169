/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parcel_wire - parcels (domain/parcel.h) as messages between programs: a head, then pieces.
 *
 * Puts one together again with limits, from whoever sends it, and judges its hash; signs and
 * verifies heads. Keeps no keys. One thread per assembly.
 */
#ifndef ADAPTER_PARCEL_WIRE_H
#define ADAPTER_PARCEL_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "domain/parcel.h"
#include "wire/wire.h"

/* Its bytes: everything but the body. signature is zeros where there is none. */
struct parcel_head {
	struct parcel parcel;
	uint8_t signature[PARCEL_SIGNATURE_BYTES];
	bool is_signed;
};

/* ERR_FORMAT: a kind that is none, keys or hash of another size. ERR_LIMIT: larger than its
 * kind may be, or empty. */
MUST_CHECK enum err parcel_from_wire(const struct wire_parcel *message,
				     struct parcel_head *out_head);
/* Borrows from head. */
struct wire_parcel parcel_to_wire(const struct parcel_head *head, uint64_t token);

/* ERR_AUTH: not signed by the gate that it says it is from. */
MUST_CHECK enum err parcel_verify(const struct parcel_head *head);
/* from is the key of that seed. */
MUST_CHECK enum err parcel_sign(const uint8_t *seed, struct parcel_head *head);
/* Fills size and hash. */
MUST_CHECK enum err parcel_measure(const uint8_t *body, size_t size,
				   struct parcel *parcel);

/* One that is on its way in. */
struct parcel_in {
	bool is_open;
	uint64_t token;
	struct parcel_head head;
	struct buf body;
};

/* Begins anew; what was not whole is forgotten. */
MUST_CHECK enum err parcel_in_begin(struct parcel_in *in,
				    const struct wire_parcel *message);
/* *out_whole: all of it is there, and is what its hash says. Errors end it: ERR_FORMAT for a
 * piece of no parcel, or an end too early or too late; ERR_AUTH for other bytes. */
MUST_CHECK enum err parcel_in_add(struct parcel_in *in,
				  const struct wire_parcel_piece *piece, bool *out_whole);
void parcel_in_finish(struct parcel_in *in); /* frees; may be begun again */

/* Says head and pieces through send, which answers as link_send does; stops at its first
 * error. */
MUST_CHECK enum err parcel_say(const struct parcel_head *head, const uint8_t *body,
			       uint64_t token,
			       enum err (*send)(void *context, enum wire_type type,
						const void *fields),
			       void *context);

#endif
