/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entry - one row of the journal as bytes: what stays visible, and a sealed body.
 *
 * Visible: place, time, turn, kind, room. The fields are encrypted before anything is
 * hashed, bound to the visible part and the household. Pure but for randomness.
 */
#ifndef JOURNAL_ENTRY_H
#define JOURNAL_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "domain/event.h"
#include "domain/ids.h"

enum {
	ENTRY_BYTES_MAX = 2688,
	ENTRY_KIND_BYTES = 32,
};

/* Under which key a body is; numbers are stored, for ever. */
enum entry_key { ENTRY_KEY_HOUSE = 1 };

/* What anybody with the rows sees. kind is text: an older program meets kinds that it
 * does not know. */
struct entry_visible {
	uint64_t place;
	int64_t at_ms;
	struct turn_id turn;
	char kind[ENTRY_KIND_BYTES];
	struct room_name room;
};

void entry_seal(struct household_id household, const uint8_t house_key[SEAL_KEY_BYTES],
		uint64_t place, const struct event *event, uint8_t to[ENTRY_BYTES_MAX],
		size_t *out_size);
/* ERR_FORMAT, ERR_VERSION. Nothing here was authenticated. */
MUST_CHECK enum err entry_peek(const uint8_t *bytes, size_t size,
			       struct entry_visible *out_visible);
/* ERR_AUTH: changed, or of another place or household. ERR_UNSUPPORTED: authentic, but of
 * a kind that this program does not know; then out_event has no kind. */
MUST_CHECK enum err entry_open(struct household_id household,
			       const uint8_t house_key[SEAL_KEY_BYTES], uint64_t place,
			       const uint8_t *bytes, size_t size,
			       struct event *out_event);

#endif
