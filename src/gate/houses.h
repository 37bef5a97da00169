/* SPDX-License-Identifier: Apache-2.0 */
/*
 * houses - which other houses there are, how each is reached, and for which ones this one is
 * a relay.
 *
 * The keeper tells which ones its owner enrolled; the file of the setting carries_for, for
 * which ones parcels are kept. Plain values; no sockets. One thread.
 */
#ifndef GATE_HOUSES_H
#define GATE_HOUSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/parcel.h"
#include "domain/people.h"
#include "domain/policy.h"
#include "wire/wire.h"

enum {
	HOUSES_MAX = POLICY_CONTACTS_MAX,
	HOUSES_CARRIED_MAX = 64,
	HOUSES_CARRIED_FILE_BYTES = 64 * 1024,
};

/* Where somebody answers, and which key they have to show there: a house's own, or its
 * relay's. */
struct way {
	char words[PEOPLE_ADDRESS_BYTES]; /* HOST:PORT */
	uint8_t key[PARCEL_KEY_BYTES];
};

struct house {
	uint8_t key[PARCEL_KEY_BYTES];
	struct way way;
	bool has_way;
	uint32_t waits; /* messages there whose keys it may ask for */
	/* Something was wanted there, and asked for by the link to this key: */
	int64_t asked_until_ms; /* monotonic; 0: nothing */
	uint8_t asked_by[PARCEL_KEY_BYTES];
	/* It took a letter not now, or was not there: none before this. */
	int64_t pause_ms;
	int64_t paused_until_ms;
};

struct houses {
	size_t count;
	struct house all[HOUSES_MAX];
	size_t told_count; /* the list that is being told */
	struct house told[HOUSES_MAX];
	bool has_relay;
	struct way relay; /* ours */
	size_t carried_count;
	uint8_t carried[HOUSES_CARRIED_MAX][PARCEL_KEY_BYTES];
};

/* HOST:PORT, or HOST:PORT/KEY of a relay; key: the house's own. ERR_FORMAT. */
MUST_CHECK enum err way_read(const char *address, const uint8_t key[PARCEL_KEY_BYTES],
			     struct way *out_way);

/* A row of the keeper's list; true when the list is whole and counts from now on. */
bool houses_told(struct houses *houses, const struct wire_peer *peer);
/* NULL: not enrolled. */
struct house *houses_find(struct houses *houses, const uint8_t key[PARCEL_KEY_BYTES]);
/* May the holder of this key be linked with? */
bool houses_knows(const struct houses *houses, const uint8_t key[PARCEL_KEY_BYTES]);
bool houses_carries(const struct houses *houses, const uint8_t key[PARCEL_KEY_BYTES]);
/* One key on a line; empty lines and # are passed over. The note names file and line. */
MUST_CHECK enum err houses_read_carried(struct houses *houses, const char *path,
					struct err_note *note);

#endif
