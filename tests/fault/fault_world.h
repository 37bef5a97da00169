/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_world - the keeper's desk over the real SQLite store on a bad disk, the stories that
 * are lived on it, and the outside ledger of what somebody was told.
 *
 * A story is lived again and again, each time with another fault, from the same beginning.
 * Its steps expect nothing: what was acknowledged goes into the ledger, and the rest does
 * not. Afterwards, without faults, the ledger is compared with what is there. One thread.
 */
#ifndef FAULT_FAULT_WORLD_H
#define FAULT_FAULT_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake/desk_house.h"
#include "fault/vfs_power.h"

enum {
	LEDGER_EVENTS_MAX = 16,
	LEDGER_RECORDS_MAX = 8,
	LEDGER_GONE_MAX = 16,
	LEDGER_BYTES = 96,
};

/* What somebody was told. */
struct ledger {
	bool has_owner;
	bool has_room;
	size_t event_count;
	uint64_t turns[LEDGER_EVENTS_MAX];
	size_t record_count;
	struct record_id records[LEDGER_RECORDS_MAX];
	size_t gone_count; /* bytes of which none may be left anywhere */
	struct {
		size_t size;
		uint8_t bytes[LEDGER_BYTES];
	} gone[LEDGER_GONE_MAX];
	bool is_held;     /* the message that the story asked for */
	bool is_recalled; /* the one that was on its way before */
};

struct fault_world {
	char folder[64]; /* a real one, for keeper.lock */
	struct vfs_power *power;
	struct vfs_power_image *begin;
	int64_t begin_ms; /* how late it is then */
	bool may_make;
	bool stays_closed;        /* a bench is being made, and nothing opened */
	struct desk_bench *bench; /* NULL: not open */
	struct house house;       /* its links, while it is open */
	struct ledger ledger;
	/* Of the story of messages: */
	struct phone phone;
	uint8_t contact[ID_BYTES];
	uint64_t sequence;
	struct proposal_id sent;
	struct proposal_id asked;
	size_t sent_key_size;
	uint8_t sent_key[LEDGER_BYTES];
};

struct story {
	const char *name;
	/* Makes the beginning; nothing fails. */
	void (*set_up)(struct fault_world *world);
	/* The desk is open; anything may fail. */
	void (*live)(struct fault_world *world);
	/* It was opened again, and nothing fails. */
	void (*check)(struct fault_world *world);
};
extern const struct story fault_stories[];
extern const size_t fault_story_count;

/* A disk on which the story can begin; with sound that is the same each time. */
struct fault_world *fault_world_create(const struct story *story);
void fault_world_destroy(struct fault_world *world);

/* The disk is as it was in the beginning, the ledger is empty, nothing is open. */
void fault_world_rewind(struct fault_world *world, uint64_t seed);
/* Opens store and desk; false when that failed, and then a line says why. */
bool fault_world_open(struct fault_world *world);
void fault_world_close(struct fault_world *world); /* as kill -9 does */

/* Of what is open, and may be spoilt: whether the owner can sign in, all of the ledger is
 * there, and the journal verifies. A sound that opens must be the one that was sealed. */
bool fault_world_is_all_there(struct fault_world *world);

/* Opens it without faults, and compares all with the ledger. */
void fault_world_check(struct fault_world *world, const struct story *story);

#endif
