/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk - checks everything that is stored of a journal against everything else, and names the
 * first thing that is wrong: what it is, and which entries it concerns.
 *
 * Fed in order: each entry; behind the entry that completes them, full tiles, lower levels
 * first; then the checkpoint of that size; then cosignatures of that size. Entries are
 * hashed, not opened: only where something does not fit are those it may lie in asked for
 * again, and opened. The first thing that is wrong counts, and nothing after it. One thread.
 */
#ifndef JOURNAL_WALK_H
#define JOURNAL_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/journal.h"

enum { WALK_WORDS_BYTES = 192 };

enum walk_wrong {
#define WRONG(name, text) WALK_##name,
#include "journal/wrongs.def"
#undef WRONG
	WALK_WRONG_COUNT
};
const char *walk_wrong_text(enum walk_wrong wrong); /* "entry-changed" */

struct walk {
	const struct journal *journal;
	uint64_t size;    /* entries so far */
	uint64_t checked; /* size of the last checkpoint that fitted */
	/* What is wrong; from..to are places. words: "entry 7 was changed". */
	enum walk_wrong wrong;
	uint64_t from;
	uint64_t to;
	char words[WALK_WORDS_BYTES];
	/* It is one of from..to, or several: walk_suspect. */
	bool has_suspects;
	/* A tile that differs from its entries: the next checkpoint says which is wrong. */
	bool has_doubt;
	struct tile_id doubt_tile;
	uint64_t doubt_from; /* the entries that it may concern */
	uint64_t doubt_to;
	struct walk_level {
		struct tree part; /* what is not in a full tile of this level */
		uint8_t hashes[TILE_WIDTH][SEAL_HASH_BYTES]; /* of the newest tile */
	} levels[TILE_LEVELS];
};

void walk_begin(struct walk *walk, const struct journal *journal);
/* The row found under key place. */
void walk_entry(struct walk *walk, uint64_t place, const uint8_t *bytes, size_t size);
/* The row found under that key, whose last entry was just fed; NULL: none. */
void walk_tile(struct walk *walk, struct tile_id id, const uint8_t *bytes, size_t size);
/* The row found under key size. */
void walk_checkpoint(struct walk *walk, uint64_t size, const uint8_t *bytes,
		     size_t bytes_size);
/* A cosignature that verifies, of the size just reached; who is its device's name. */
void walk_cosigned(struct walk *walk, uint64_t size, const uint8_t root[SEAL_HASH_BYTES],
		   const char *who);
/* Those from..to are not there; also says it anew, where that is what is wrong. */
void walk_missing(struct walk *walk, uint64_t from, uint64_t to);
/* Something else that is wrong, found by the caller. */
void walk_is_wrong(struct walk *walk, enum walk_wrong wrong, uint64_t from, uint64_t to,
		   const char *format, ...) PRINTF_LIKE(5, 6);
/* Nothing more is stored. expected is the size that the keeper itself remembers. */
void walk_end(struct walk *walk, uint64_t expected);

/* While has_suspects: the rows of from..to again, in order; then walk_settle. */
void walk_suspect(struct walk *walk, uint64_t place, const uint8_t *bytes, size_t size);
void walk_settle(struct walk *walk);

/* Of the entries so far. */
MUST_CHECK enum err walk_root(const struct walk *walk, uint8_t out_root[SEAL_HASH_BYTES]);

#endif
