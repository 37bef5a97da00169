/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal - ties entries, tree and checkpoints together, and checks them against each
 * other. Does not store, and has no way to change or remove an entry.
 *
 * Invariant: durable is the tree of what the caller has committed; pending is durable
 * and what was added since.
 */
#include "journal/journal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"

/* Layout 1 ends with the edge; 2 has a seal behind it: a keyed hash that only this keeper
 * can make, as the signature is, and that is quick to check. */
enum { ROW_OLD = 1, ROW_SEALED = 2 };

static const char SEAL_LABEL[] = "behest journal checkpoint v1";

struct journal {
	struct journal_keys keys;
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	struct tree durable;
	struct tree pending;
	bool has_tiles;
	struct tile_edge durable_edge;
	struct tile_edge pending_edge;
	size_t tile_count; /* completed by what is pending */
	struct tile tiles[JOURNAL_TILES_MAX];
};

enum err journal_create(const struct journal_keys *keys, struct journal **out_journal)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	if (!journal)
		return ERR_MEMORY;
	journal->keys = *keys;
	journal->has_tiles = true;
	seal_sign_pair(keys->seed, journal->public_key);
	*out_journal = journal;
	return OK;
}

void journal_destroy(struct journal *journal)
{
	free(journal);
}

/* --- checkpoints as rows ---------------------------------------------------------------- */

static void seal_row(const struct journal *journal, const uint8_t *bytes, size_t size,
		     uint8_t to[SEAL_KEY_BYTES])
{
	const struct seal_part parts[] = {{journal->keys.household.bytes, ID_BYTES},
					  {bytes, size}};

	seal_derive(journal->keys.house_key, SEAL_LABEL, parts, STR_COUNT(parts), to);
}

/* The row as it lies there; nothing of it is believed yet. */
struct checkpoint_row {
	const char *text;
	uint32_t text_size;
	size_t edge_count;
	const uint8_t *edge;
};

/* ERR_AUTH: sealed, and not by us. */
static enum err unpack_checkpoint(const struct journal *journal, const uint8_t *bytes,
				  size_t size, struct checkpoint_row *row)
{
	struct unpack unpack;
	const uint8_t *seal = NULL;
	uint8_t expected[SEAL_KEY_BYTES];
	uint8_t version;

	unpack_init(&unpack, bytes, size);
	version = unpack_u8(&unpack);
	if (version != ROW_OLD && version != ROW_SEALED)
		return ERR_VERSION;
	row->text_size = unpack_u32(&unpack);
	row->text = (const char *)unpack_borrow(&unpack, row->text_size);
	row->edge_count = unpack_u8(&unpack);
	row->edge = unpack_borrow(&unpack, row->edge_count * SEAL_HASH_BYTES);
	if (version == ROW_SEALED)
		seal = unpack_borrow(&unpack, SEAL_KEY_BYTES);
	if (!unpack_is_whole(&unpack) || row->edge_count > TREE_EDGE_MAX)
		return ERR_FORMAT;
	if (!seal)
		return OK;
	seal_row(journal, bytes, size - SEAL_KEY_BYTES, expected);
	return seal_equal(seal, expected, sizeof(expected)) ? OK : ERR_AUTH;
}

/* Reads and checks a row whole: the signature over size and root, and that the edge
 * beside it gives that root. */
static enum err read_checkpoint(const struct journal *journal, const uint8_t *bytes,
				size_t size, struct tree *out_tree,
				struct journal_stated *out_stated)
{
	struct journal_stated stated = {.size = 0};
	struct checkpoint_row row = {.text = NULL};
	struct tree tree = {.size = 0};
	uint8_t edge_root[SEAL_HASH_BYTES];
	enum err err = unpack_checkpoint(journal, bytes, size, &row);

	if (err == OK)
		err = checkpoint_read(journal->keys.household, journal->public_key,
				      row.text, row.text_size, &stated.size, stated.root);
	if (err != OK)
		return err;
	if (row.edge_count != tree_edge_count(stated.size))
		return ERR_FORMAT;
	tree.size = stated.size;
	tree.edge_count = row.edge_count;
	memcpy(tree.edge, row.edge, row.edge_count * SEAL_HASH_BYTES);
	err = tree_root(&tree, edge_root);
	if (err == OK && memcmp(stated.root, edge_root, sizeof(edge_root)) != 0)
		err = ERR_AUTH;
	if (err != OK)
		return err;
	stated.text = row.text;
	stated.text_size = row.text_size;
	*out_tree = tree;
	*out_stated = stated;
	return OK;
}

enum err journal_read_checkpoint(const struct journal *journal, const uint8_t *bytes,
				 size_t size, struct journal_stated *out_stated)
{
	struct tree tree;

	return read_checkpoint(journal, bytes, size, &tree, out_stated);
}

enum err journal_resume(struct journal *journal, const uint8_t *checkpoint, size_t size)
{
	struct journal_stated stated;
	struct tree tree;
	enum err err = read_checkpoint(journal, checkpoint, size, &tree, &stated);

	if (err == OK) {
		journal->durable = tree;
		journal->pending = tree;
		journal_drop_tiles(journal);
	}
	return err;
}

enum err journal_checkpoint(const struct journal *journal,
			    uint8_t to[JOURNAL_CHECKPOINT_BYTES_MAX], size_t *out_size)
{
	char text[CHECKPOINT_TEXT_BYTES];
	uint8_t root[SEAL_HASH_BYTES];
	uint8_t seal[SEAL_KEY_BYTES];
	struct pack pack;
	enum err err = tree_root(&journal->pending, root);

	if (err == OK)
		err = checkpoint_write(journal->keys.household, journal->keys.seed,
				       journal->pending.size, root, text);
	if (err != OK)
		return err;
	pack_init(&pack, to, JOURNAL_CHECKPOINT_BYTES_MAX);
	pack_u8(&pack, ROW_SEALED);
	pack_u32(&pack, (uint32_t)strlen(text));
	pack_bytes(&pack, text, strlen(text));
	pack_u8(&pack, (uint8_t)journal->pending.edge_count);
	pack_bytes(&pack, journal->pending.edge,
		   journal->pending.edge_count * SEAL_HASH_BYTES);
	must(pack_is_whole(&pack));
	seal_row(journal, to, pack.size, seal);
	pack_bytes(&pack, seal, sizeof(seal));
	must(pack_is_whole(&pack));
	*out_size = pack.size;
	return OK;
}

/* --- tiles ------------------------------------------------------------------------------ */

bool journal_has_tiles(const struct journal *journal)
{
	return journal->has_tiles;
}

enum err journal_resume_tiles(struct journal *journal, const struct tile_edge *edge)
{
	enum err err = tile_edge_check(edge, &journal->durable);

	must(journal->pending.size == journal->durable.size);
	if (err != OK)
		return err == ERR_MISSING ? ERR_AUTH : err;
	tile_edge_copy(&journal->durable_edge, edge);
	tile_edge_copy(&journal->pending_edge, edge);
	journal->tile_count = 0;
	journal->has_tiles = true;
	return OK;
}

void journal_drop_tiles(struct journal *journal)
{
	journal->has_tiles = journal->pending.size == 0;
	journal->tile_count = 0;
	journal->durable_edge.size = 0;
	journal->pending_edge.size = 0;
}

const struct tile *journal_tiles(const struct journal *journal, size_t *out_count)
{
	*out_count = journal->tile_count;
	return journal->tiles;
}

const struct tile_edge *journal_tile_edge(const struct journal *journal)
{
	return journal->has_tiles ? &journal->durable_edge : NULL;
}

/* --- adding and reading ----------------------------------------------------------------- */

/* Before the tree: that one can still be as it was when this fails. */
static enum err add_to_edge(struct journal *journal, const uint8_t hash[SEAL_HASH_BYTES])
{
	size_t count = 0;
	enum err err;

	if (journal->tile_count + TILE_LEVELS > JOURNAL_TILES_MAX)
		return ERR_LIMIT;
	err = tile_edge_add(&journal->pending_edge, hash,
			    journal->tiles + journal->tile_count, &count);
	journal->tile_count += count;
	return err;
}

enum err journal_add(struct journal *journal, const struct event *event,
		     uint8_t to[ENTRY_BYTES_MAX], size_t *out_size, uint64_t *out_place)
{
	uint8_t hash[SEAL_HASH_BYTES];
	uint64_t place = journal->pending.size + 1;
	size_t size;
	enum err err = entry_seal(journal->keys.household, journal->keys.house_key, place,
				  event, to, &size);

	if (err == OK)
		err = tree_leaf_hash(to, size, hash);
	if (err == OK && journal->has_tiles)
		err = add_to_edge(journal, hash);
	if (err == OK)
		err = tree_add(&journal->pending, hash);
	if (err == OK) {
		*out_size = size;
		*out_place = place;
	}
	return err;
}

void journal_commit(struct journal *journal)
{
	journal->durable = journal->pending;
	if (journal->has_tiles)
		tile_edge_copy(&journal->durable_edge, &journal->pending_edge);
	journal->tile_count = 0;
}

void journal_rollback(struct journal *journal)
{
	journal->pending = journal->durable;
	if (journal->has_tiles)
		tile_edge_copy(&journal->pending_edge, &journal->durable_edge);
	journal->tile_count = 0;
}

uint64_t journal_size(const struct journal *journal)
{
	return journal->durable.size;
}

uint64_t journal_pending_size(const struct journal *journal)
{
	return journal->pending.size;
}

enum err journal_root(const struct journal *journal, uint8_t out_root[SEAL_HASH_BYTES])
{
	return tree_root(&journal->durable, out_root);
}

enum err journal_read(const struct journal *journal, uint64_t place, const uint8_t *bytes,
		      size_t size, struct event *out_event)
{
	return entry_open(journal->keys.household, journal->keys.house_key, place, bytes,
			  size, out_event);
}

/* --- walking ---------------------------------------------------------------------------- */

void journal_walk_begin(struct journal_walk *walk, const struct journal *journal)
{
	*walk = (struct journal_walk){.journal = journal};
}

/* One entry, or the stretch in which the wrong one lies. */
static void name_trouble(struct journal_walk *walk, uint64_t from, uint64_t to,
			 const char *what)
{
	walk->is_wrong = true;
	if (from >= to)
		(void)str_format(walk->trouble, sizeof(walk->trouble),
				 "entry %" PRIu64 " %s", to, what);
	else
		(void)str_format(walk->trouble, sizeof(walk->trouble),
				 "one of the entries %" PRIu64 " to %" PRIu64 " %s", from,
				 to, what);
}

static void name_missing(struct journal_walk *walk, uint64_t from, uint64_t to)
{
	walk->is_wrong = true;
	if (from >= to)
		(void)str_format(walk->trouble, sizeof(walk->trouble),
				 "entry %" PRIu64 " is missing", from);
	else
		(void)str_format(walk->trouble, sizeof(walk->trouble),
				 "entry %" PRIu64 " is missing, and all up to %" PRIu64,
				 from, to);
}

void journal_walk_entry(struct journal_walk *walk, uint64_t place, const uint8_t *bytes,
			size_t size)
{
	uint64_t expected = walk->tree.size + 1;
	uint8_t hash[SEAL_HASH_BYTES];
	struct event event;
	enum err err;

	if (walk->is_wrong)
		return;
	if (place != expected) {
		name_missing(walk, expected, place > expected ? place - 1 : expected);
		return;
	}
	err = journal_read(walk->journal, place, bytes, size, &event);
	if (err != OK && err != ERR_UNSUPPORTED) {
		name_trouble(walk, place, place, "was changed");
		return;
	}
	if (tree_leaf_hash(bytes, size, hash) != OK || tree_add(&walk->tree, hash) != OK)
		name_trouble(walk, place, place, "could not be checked: out of memory");
}

void journal_walk_checkpoint(struct journal_walk *walk, uint64_t size,
			     const uint8_t *bytes, size_t bytes_size)
{
	struct journal_stated stated = {.size = 0};
	uint8_t root[SEAL_HASH_BYTES];
	enum err err;

	if (walk->is_wrong)
		return;
	err = journal_read_checkpoint(walk->journal, bytes, bytes_size, &stated);
	if (err != OK || stated.size != size) {
		walk->is_wrong = true;
		(void)str_format(walk->trouble, sizeof(walk->trouble),
				 "the checkpoint at %" PRIu64 " was changed", size);
		return;
	}
	if (walk->tree.size < size) {
		name_missing(walk, walk->tree.size + 1, size);
		return;
	}
	must(walk->tree.size == size); /* the caller feeds no entry beyond it */
	if (tree_root(&walk->tree, root) != OK ||
	    memcmp(root, stated.root, sizeof(root)) != 0)
		name_trouble(walk, walk->checked + 1, size, "was replaced");
	else
		walk->checked = size;
}

void journal_walk_end(struct journal_walk *walk, uint64_t expected)
{
	if (walk->is_wrong)
		return;
	if (walk->tree.size > walk->checked)
		name_trouble(walk, walk->checked + 1, walk->checked + 1,
			     "was added without a checkpoint");
	else if (walk->tree.size < expected)
		name_missing(walk, walk->tree.size + 1, expected);
}
