/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk - carries the tree along in parts of one tile each, so that tiles are compared on the
 * way and the root of any size is at hand. Reads nothing itself.
 *
 * Invariant: what is before `checked` fits a checkpoint that is the keeper's; what is wrong
 * and was not named before lies behind it.
 */
#include "journal/walk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

const char *walk_wrong_text(enum walk_wrong wrong)
{
	static const char *const texts[] = {
#define WRONG(name, text) text,
#include "journal/wrongs.def"
#undef WRONG
	};

	must(wrong < WALK_WRONG_COUNT);
	return texts[wrong];
}

void walk_begin(struct walk *walk, const struct journal *journal)
{
	memset(walk, 0, sizeof(*walk));
	walk->journal = journal;
}

/* --- naming ----------------------------------------------------------------------------- */

void walk_is_wrong(struct walk *walk, enum walk_wrong wrong, uint64_t from, uint64_t to,
		   const char *format, ...)
{
	va_list list;

	if (walk->wrong != WALK_NOTHING)
		return;
	walk->wrong = wrong;
	walk->from = from;
	walk->to = to;
	va_start(list, format);
	(void)vsnprintf(walk->words, sizeof(walk->words), format, list);
	va_end(list);
}

void walk_missing(struct walk *walk, uint64_t from, uint64_t to)
{
	if (walk->wrong == WALK_ENTRY_MISSING)
		walk->wrong = WALK_NOTHING;
	if (from >= to)
		walk_is_wrong(walk, WALK_ENTRY_MISSING, from, from,
			      "entry %" PRIu64 " is missing", from);
	else
		walk_is_wrong(walk, WALK_ENTRY_MISSING, from, to,
			      "entries %" PRIu64 " to %" PRIu64 " are missing", from, to);
}

static void is_replaced(struct walk *walk, uint64_t from, uint64_t to)
{
	if (from >= to)
		walk_is_wrong(walk, WALK_ENTRY_REPLACED, to, to,
			      "entry %" PRIu64 " was replaced", to);
	else
		walk_is_wrong(walk, WALK_ENTRY_REPLACED, from, to,
			      "one of the entries %" PRIu64 " to %" PRIu64
			      " was replaced",
			      from, to);
}

static void is_out_of_memory(struct walk *walk)
{
	walk_is_wrong(walk, WALK_UNREADABLE, walk->size + 1, walk->size + 1,
		      "entry %" PRIu64 " could not be checked: out of memory",
		      walk->size + 1);
}

/* --- the tree --------------------------------------------------------------------------- */

static enum err add_leaf(struct walk *walk, const uint8_t leaf[SEAL_HASH_BYTES])
{
	const uint8_t *hash = leaf;

	for (unsigned level = 0;; level++) {
		struct walk_level *at = &walk->levels[level];
		enum err err;

		must(level < TILE_LEVELS);
		if (at->part.size == TILE_WIDTH) /* it is in the level above */
			memset(&at->part, 0, sizeof(at->part));
		memcpy(at->hashes[at->part.size], hash, SEAL_HASH_BYTES);
		err = tree_add(&at->part, hash);
		if (err != OK || at->part.size < TILE_WIDTH)
			return err;
		hash = at->part.edge[0];
	}
}

/* Folded from the right: the lowest level's hashes are the last. */
enum err walk_root(const struct walk *walk, uint8_t out_root[SEAL_HASH_BYTES])
{
	uint8_t root[SEAL_HASH_BYTES];
	bool is_first = true;
	enum err err = OK;

	if (walk->size == 0)
		return seal_sha256(NULL, 0, out_root);
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		const struct tree *part = &walk->levels[level].part;
		size_t i = part->size == TILE_WIDTH ? 0 : part->edge_count;

		for (; err == OK && i > 0; i--) {
			if (is_first)
				memcpy(root, part->edge[i - 1], sizeof(root));
			else
				err = tree_node_hash(part->edge[i - 1], root, root);
			is_first = false;
		}
	}
	if (err == OK)
		memcpy(out_root, root, sizeof(root));
	return err;
}

/* --- what is fed ------------------------------------------------------------------------ */

void walk_entry(struct walk *walk, uint64_t place, const uint8_t *bytes, size_t size)
{
	uint8_t hash[SEAL_HASH_BYTES];

	if (walk->wrong != WALK_NOTHING)
		return;
	if (place != walk->size + 1) {
		walk_missing(walk, walk->size + 1,
			     place > walk->size + 1 ? place - 1 : walk->size + 1);
		return;
	}
	if (tree_leaf_hash(bytes, size, hash) != OK || add_leaf(walk, hash) != OK)
		is_out_of_memory(walk);
	else
		walk->size++;
}

/* The first hash of the tile that is not what the entries give, or TILE_WIDTH. */
static size_t first_other(const struct walk_level *level, const uint8_t *bytes)
{
	size_t i = 0;

	while (i < TILE_WIDTH && memcmp(level->hashes[i], bytes + i * SEAL_HASH_BYTES,
					SEAL_HASH_BYTES) == 0)
		i++;
	return i;
}

void walk_tile(struct walk *walk, struct tile_id id, const uint8_t *bytes, size_t size)
{
	const uint64_t covers = (uint64_t)1 << (TILE_HEIGHT * id.level); /* by a hash */
	char path[TILE_PATH_BYTES];
	size_t other;

	if (walk->wrong != WALK_NOTHING)
		return;
	must(walk->size == (id.index + 1) * TILE_WIDTH * covers);
	tile_path(id, TILE_WIDTH, path);
	if (!bytes) {
		walk_is_wrong(walk, WALK_TILE_MISSING,
			      walk->size - TILE_WIDTH * covers + 1, walk->size,
			      "%s is missing", path);
		return;
	}
	other = size == TILE_BYTES ? first_other(&walk->levels[id.level], bytes) : 0;
	if (other == TILE_WIDTH || walk->has_doubt)
		return;
	walk->has_doubt = true;
	walk->doubt_tile = id;
	walk->doubt_from = walk->size - (TILE_WIDTH - other) * covers + 1;
	walk->doubt_to = walk->doubt_from + covers - 1;
	if (size != TILE_BYTES)
		walk->doubt_to = walk->size;
}

/* The entries fit a checkpoint, which is behind those in doubt: then it was the tile. */
static void end_doubt(struct walk *walk)
{
	char path[TILE_PATH_BYTES];

	if (!walk->has_doubt)
		return;
	tile_path(walk->doubt_tile, TILE_WIDTH, path);
	walk_is_wrong(walk, WALK_TILE_CHANGED, walk->doubt_from, walk->doubt_to,
		      "%s was changed", path);
}

/* One of the entries since the last checkpoint that fitted; a tile may say which. */
static void suspect(struct walk *walk, uint64_t to)
{
	uint64_t from = walk->checked + 1;

	if (walk->has_doubt && walk->doubt_from == walk->doubt_to &&
	    walk->doubt_from >= from) {
		from = walk->doubt_from;
		to = from;
	}
	is_replaced(walk, from, to);
	walk->has_suspects = true;
}

void walk_checkpoint(struct walk *walk, uint64_t size, const uint8_t *bytes,
		     size_t bytes_size)
{
	struct journal_stated stated = {.size = 0};
	uint8_t root[SEAL_HASH_BYTES];
	enum err err;

	if (walk->wrong != WALK_NOTHING)
		return;
	err = journal_skim_checkpoint(walk->journal, bytes, bytes_size, &stated);
	if (err != OK || stated.size != size) {
		walk_is_wrong(walk, WALK_CHECKPOINT_CHANGED, size, size,
			      "the checkpoint at %" PRIu64 " was changed", size);
		return;
	}
	if (walk->size < size) {
		walk_missing(walk, walk->size + 1, size);
		return;
	}
	must(walk->size == size); /* the caller feeds no entry beyond it */
	if (walk_root(walk, root) != OK) {
		is_out_of_memory(walk);
	} else if (memcmp(root, stated.root, sizeof(root)) != 0) {
		suspect(walk, size);
	} else {
		walk->checked = size;
		end_doubt(walk);
	}
}

void walk_cosigned(struct walk *walk, uint64_t size, const uint8_t root[SEAL_HASH_BYTES],
		   const char *who)
{
	uint8_t own[SEAL_HASH_BYTES];

	if (walk->wrong != WALK_NOTHING)
		return;
	must(walk->size == size);
	if (walk_root(walk, own) != OK)
		is_out_of_memory(walk);
	else if (memcmp(own, root, sizeof(own)) != 0)
		walk_is_wrong(walk, WALK_FORK, 1, size,
			      "device %s cosigned another root at %" PRIu64 ": fork", who,
			      size);
}

void walk_end(struct walk *walk, uint64_t expected)
{
	if (walk->wrong != WALK_NOTHING)
		return;
	if (walk->size > walk->checked)
		walk_is_wrong(walk, WALK_ENTRY_UNSIGNED, walk->checked + 1, walk->size,
			      "entry %" PRIu64 " was added without a checkpoint",
			      walk->checked + 1);
	else if (walk->size < expected)
		walk_missing(walk, walk->size + 1, expected);
}

/* --- where it may lie ------------------------------------------------------------------- */

void walk_suspect(struct walk *walk, uint64_t place, const uint8_t *bytes, size_t size)
{
	struct event event;
	enum err err;

	if (!walk->has_suspects || place < walk->from || place > walk->to)
		return;
	err = journal_read(walk->journal, place, bytes, size, &event);
	if (err == OK || err == ERR_UNSUPPORTED)
		return;
	walk->has_suspects = false;
	walk->wrong = WALK_NOTHING;
	walk_is_wrong(walk, WALK_ENTRY_CHANGED, place, place,
		      "entry %" PRIu64 " was changed", place);
}

void walk_settle(struct walk *walk)
{
	walk->has_suspects = false;
}
