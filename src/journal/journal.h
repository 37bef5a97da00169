/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal - the house's record of what happened: append, and prove; never change.
 *
 * Turns events into rows and carries the hash tree along; each batch of rows ends with a
 * signed checkpoint. Nothing is stored here: what was added counts as pending until the
 * caller knows that the store has it (journal_commit) or has not (journal_rollback). One
 * batch is pending at a time. One thread.
 */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/seal.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "journal/entry.h"
#include "tlog/checkpoint.h"
#include "tlog/tile.h"
#include "tlog/tree.h"

enum {
	/* version, text, edge, seal */
	JOURNAL_CHECKPOINT_BYTES_MAX = 8 + CHECKPOINT_TEXT_BYTES +
				       TREE_EDGE_MAX * SEAL_HASH_BYTES + SEAL_HASH_BYTES,
	JOURNAL_TILES_MAX = 16, /* that one batch completes */
};

struct journal;

/* An empty journal; keys are borrowed for its lifetime. */
struct journal_keys {
	struct household_id household;
	const uint8_t *seed;      /* Ed25519, signs checkpoints */
	const uint8_t *house_key; /* encrypts bodies */
};
MUST_CHECK enum err journal_create(const struct journal_keys *keys,
				   struct journal **out_journal);
void journal_destroy(struct journal *journal); /* NULL is fine */

/* Goes on behind a stored checkpoint. ERR_AUTH, ERR_FORMAT, ERR_VERSION: it is not one of
 * ours; the journal is then as it was. */
MUST_CHECK enum err journal_resume(struct journal *journal, const uint8_t *checkpoint,
				   size_t size);

/* Adds an event to what is pending. to becomes the row's value, *out_place its place. */
MUST_CHECK enum err journal_add(struct journal *journal, const struct event *event,
				uint8_t to[ENTRY_BYTES_MAX], size_t *out_size,
				uint64_t *out_place);
/* The checkpoint over everything added, the row of key journal_pending_size(). */
MUST_CHECK enum err journal_checkpoint(const struct journal *journal,
				       uint8_t to[JOURNAL_CHECKPOINT_BYTES_MAX],
				       size_t *out_size);
void journal_commit(struct journal *journal);
void journal_rollback(struct journal *journal);
uint64_t journal_size(const struct journal *journal);         /* durable entries */
uint64_t journal_pending_size(const struct journal *journal); /* with the pending ones */
MUST_CHECK enum err journal_root(
	const struct journal *journal,
	uint8_t out_root[SEAL_HASH_BYTES]); /* of the durable ones */

/* --- tiles ---
 *
 * A new journal completes its tiles as it grows. One that goes on behind a checkpoint does
 * so from when it is told what its edge is. */
bool journal_has_tiles(const struct journal *journal);
/* Nothing is pending. ERR_AUTH: it is not the edge of the durable entries. */
MUST_CHECK enum err journal_resume_tiles(struct journal *journal,
					 const struct tile_edge *edge);
void journal_drop_tiles(struct journal *journal); /* until it is told again */
/* What the pending entries completed: to be stored with them. */
const struct tile *journal_tiles(const struct journal *journal, size_t *out_count);
/* The edge of the durable entries; NULL without tiles. */
const struct tile_edge *journal_tile_edge(const struct journal *journal);

/* What a stored checkpoint says, checked whole. */
struct journal_stated {
	uint64_t size;
	uint8_t root[SEAL_HASH_BYTES];
	const char *text; /* borrowed from the row */
	size_t text_size;
};
MUST_CHECK enum err journal_read_checkpoint(const struct journal *journal,
					    const uint8_t *bytes, size_t size,
					    struct journal_stated *out_stated);
/* The same by its seal alone, where it has one: as good to us who made it, and a hundred
 * times as quick. */
MUST_CHECK enum err journal_skim_checkpoint(const struct journal *journal,
					    const uint8_t *bytes, size_t size,
					    struct journal_stated *out_stated);

/* A stored row back as the event it was; see entry_open. */
MUST_CHECK enum err journal_read(const struct journal *journal, uint64_t place,
				 const uint8_t *bytes, size_t size,
				 struct event *out_event);

#endif
