/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_world - the keeper's desk over the real SQLite store on a bad disk, the stories that
 * are lived on it, and the outside ledger of what somebody was told.
 *
 * A story is lived again and again, each time with another fault, from the same beginning.
 * Its steps expect nothing: what was acknowledged goes into the ledger, and the rest does
 * not. Afterwards, without faults, the ledger is compared with what is there, and what is
 * there with the journal (fault_audit.h). One thread.
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
	LEDGER_RECORDS_MAX = 16,
	LEDGER_GONE_MAX = 64,
	LEDGER_TOLD_MAX = 8,
	KNOWN_MAX = 128,
	KNOWN_PIECES = 2,
	KNOWN_PIECE_BYTES = 32,
};

/* The passphrase that alice begins with: house_make_on's. */
#define FAULT_PASSPHRASE "correct horse battery"

/* What a recording's end may be. */
enum fate {
	FATE_KEPT,
	FATE_ASKED, /* its end was asked for: it is whole, or it is gone and the journal says so */
	FATE_GONE, /* its end was acknowledged */
};

struct ledger_record {
	struct record_id id;
	enum fate fate;
	bool plays; /* when it was compared */
};

/* A row of the beginning that holds a key or what was said, and pieces of its bytes, each of
 * which is on the disk once. */
struct known {
	struct store_key key;
	size_t size;
	size_t piece_count;
	uint8_t pieces[KNOWN_PIECES][KNOWN_PIECE_BYTES];
	size_t piece_size;
};

/* What somebody was told. */
struct ledger {
	bool has_owner;
	bool has_room;
	/* What alice may sign in with: one of these, exactly. NULL: there is but the first. */
	const char *words[2];
	size_t event_count;
	uint64_t turns[LEDGER_EVENTS_MAX];
	size_t record_count;
	struct ledger_record records[LEDGER_RECORDS_MAX];
	bool told[LEDGER_TOLD_MAX]; /* what else, by the story's own numbers */
	size_t gone_count;          /* of which no byte may be left anywhere */
	const struct known *gone[LEDGER_GONE_MAX];
};

struct fault_world {
	char folder[64]; /* a real one, for keeper.lock */
	struct vfs_power *power;
	struct vfs_power_image *begin;
	struct ledger begin_ledger;
	int64_t begin_ms; /* how late it is then */
	size_t known_count;
	struct known known[KNOWN_MAX];
	bool may_make;
	bool stays_closed;        /* a bench is being made, and nothing opened */
	struct desk_bench *bench; /* its desk is NULL: not open */
	struct house house;       /* its links, while it is open */
	struct ledger ledger;
};

struct story {
	const char *name;
	/* Makes the beginning; nothing fails. What it leaves in the ledger is there each time. */
	void (*set_up)(struct fault_world *world);
	/* The desk is open; anything may fail. */
	void (*live)(struct fault_world *world);
	/* It was opened again, and nothing fails. */
	void (*check)(struct fault_world *world);
	/* It runs on behind the fault, she is signed in, and nothing fails any more: what could
	 * not be done can be. */
	void (*run_on)(struct fault_world *world);
};

/* A disk on which the story can begin; with sound that is the same each time. */
struct fault_world *fault_world_create(const struct story *story);
void fault_world_destroy(struct fault_world *world);

/* The disk and the ledger are as they were in the beginning, nothing is open. */
void fault_world_rewind(struct fault_world *world, uint64_t seed);
/* Opens store and desk; false when that failed, and then a line says why. */
bool fault_world_open(struct fault_world *world);
void fault_world_close(struct fault_world *world); /* as kill -9 does */

/* Opens the store alone, for who reads rows as an intruder does. */
enum err fault_world_open_store(void *context, const struct store_listener *listener,
				struct store *out_store);

/* Of what is open, and may be spoilt: whether the owner can sign in, all of the ledger is
 * there, and the journal verifies. A sound that opens must be the one that was sealed. */
bool fault_world_is_all_there(struct fault_world *world);

/* While it runs on behind a fault, of a desk that is ready: it is not stuck, the owner can
 * sign in, what was acknowledged last is there, and the house takes recordings. */
void fault_world_check_running(struct fault_world *world, const struct story *story);

/* Opens it without faults, and compares all with the ledger. */
void fault_world_check(struct fault_world *world, const struct story *story);

/* A beginning: alice, signed in, with a private kitchen; recovery may be NULL. */
void fault_make_house(struct fault_world *world, char recovery[128]);

/* --- what stories are made of: each step may fail --------------------------------------- */

void fault_say(struct fault_world *world, struct desk_bench_link *link,
	       enum wire_type type, const void *fields);
/* How the request went; ERR_CLOSED: nobody was told. What came before is left out. */
enum err fault_take_done(struct desk_bench_link *link, uint64_t token,
			 struct record_id *out_record);
/* A change that is answered by `done` without a token. */
enum err fault_change(struct fault_world *world, struct desk_bench_link *link,
		      enum wire_type type, const void *fields);
/* With any of her words, and once more where that failed. */
bool fault_sign_in(struct fault_world *world);
void fault_append(struct fault_world *world, uint64_t token);
/* NULL: it was not acknowledged. */
struct ledger_record *fault_seal(struct fault_world *world, uint64_t token,
				 const char *room);
void fault_tick(struct fault_world *world, int64_t ms);
/* Whether it plays over that link, which is signed in. */
bool fault_plays(struct fault_world *world, struct desk_bench_link *link,
		 struct record_id record);

/* From now on none of that is on the disk: rows of that space whose key holds the id; NULL:
 * all of that space. */
void fault_is_gone(struct fault_world *world, enum store_space space,
		   const uint8_t id[ID_BYTES]);
/* All rows of a recording, whose end was acknowledged. */
void fault_record_is_gone(struct fault_world *world, struct ledger_record *record);

#endif
