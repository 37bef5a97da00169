/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_set - which recordings are one owner's, as the journal tells: what was recorded
 * for them, less what was deleted since. The rows are held against this, never the other
 * way round.
 *
 * Fed the journal's events in their order, then settled, then looked up by record. Holds
 * transcripts while an archive is made; wipes them. One thread.
 */
#ifndef KEEPER_EXPORT_SET_H
#define KEEPER_EXPORT_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "domain/event.h"
#include "domain/ids.h"

enum {
	EXPORT_RECORDINGS_MAX = 1 << 20,
	EXPORT_ROOMS_MAX = 256,
	EXPORT_WORDS_BYTES_MAX = 64 * 1024 * 1024, /* all transcripts together */
	EXPORT_LATER_MAX = 4096,                   /* rows of recordings made meanwhile */
	EXPORT_BY_BYTES = 16,
};

/* Bits, and index + 1 into rows. */
enum export_kind { EXPORT_SOUND = 1, EXPORT_TRANSCRIPT = 2, EXPORT_BOTH = 3 };

struct export_record {
	struct record_id record;
	struct turn_id turn;
	uint64_t place;  /* of RECORDED in the journal */
	int64_t at_ms;   /* from its head, once it was opened */
	uint64_t size;   /* of its sound, likewise */
	uint16_t room;   /* export_set_room */
	bool is_private; /* a private room's: only where that was asked for */
	bool is_gone;    /* deleted since */
	bool is_dead;    /* all of theirs was erased: its rows are swept, now or later */
	bool has_sealed; /* of before version 6: not */
	uint8_t seen;    /* bits of export_kind, in this pass */
	uint32_t row_size; /* of its sound's row */
	char by[EXPORT_BY_BYTES];
	uint8_t sealed[SEAL_HASH_BYTES];
	uint8_t rows[2][SEAL_HASH_BYTES]; /* by the first pass */
	uint8_t file[SEAL_HASH_BYTES];    /* of what was handed over */
	char *words;                      /* owned; NULL: none yet */
};

/* What an event says of the set. */
enum export_meaning {
	EXPORT_MEANS_NOTHING,
	EXPORT_MEANS_RECORDED,
	EXPORT_MEANS_DELETED, /* one record */
	EXPORT_MEANS_ERASED,  /* all records so far */
};
enum export_meaning export_meaning(enum event_kind kind);

/* A turn of theirs, whether its recording is still there or not. */
struct export_turn {
	struct turn_id turn;
	bool is_private;
};

struct export_set {
	struct owner_id owner;
	bool by_room;
	size_t count;
	size_t capacity;
	struct export_record
		*records; /* owned; after settling in the order of their ids */
	size_t turn_count;
	size_t turn_capacity;
	struct export_turn *turns; /* owned; after settling in their order */
	size_t ended_count;
	size_t ended_capacity;
	struct record_id *ended; /* owned; what was deleted, as it came */
	uint64_t erased_place;   /* all before it are gone; 0: none */
	size_t later_count;
	struct record_id later[EXPORT_LATER_MAX]; /* rows that the set does not know */
	size_t room_count;
	char (*rooms)[NAME_BYTES]; /* owned; [EXPORT_ROOMS_MAX] */
	size_t words_bytes;
};

MUST_CHECK enum err export_set_init(struct export_set *set, struct owner_id owner,
				    bool by_room);
void export_set_finish(struct export_set *set); /* wipes */

/* The next event of the journal. ERR_FORMAT: it cannot be the keeper's. ERR_LIMIT. */
MUST_CHECK enum err export_set_take(struct export_set *set, uint64_t place,
				    const struct event *event);
/* All of them were taken. ERR_FORMAT: something was recorded twice. */
MUST_CHECK enum err export_set_settle(struct export_set *set);
/* One that was written after: what it explains is taken off the doubts. */
MUST_CHECK enum err export_set_take_later(struct export_set *set,
					  const struct event *event);

/* NULL: it is not theirs, as far as the journal goes. */
struct export_record *export_set_find(struct export_set *set, struct record_id record);
/* A row that the set does not know; false: too many. */
bool export_set_doubt(struct export_set *set, struct record_id record);
/* Is it to be in the archive? No dead one is. */
bool export_set_wants(const struct export_set *set, const struct export_record *record);
bool export_set_wants_turn(const struct export_set *set, struct turn_id turn);
size_t export_set_wanted(const struct export_set *set);
/* Before a pass: nothing was seen, nothing is in doubt. */
void export_set_begin_pass(struct export_set *set);
/* The first that lives and whose rows were not seen both, or NULL. */
const struct export_record *export_set_missing(const struct export_set *set);

uint16_t export_set_room(struct export_set *set, const char *room);
const char *export_set_room_name(const struct export_set *set,
				 const struct export_record *record);
/* Keeps the transcript; ERR_LIMIT, ERR_MEMORY. */
MUST_CHECK enum err export_set_keep_words(struct export_set *set,
					  struct export_record *record, const char *words,
					  size_t size);

#endif
