/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal - ties entries, tree, tiles and checkpoints together. Does not store, and has no
 * way to change or remove an entry.
 *
 * Invariant: durable is the tree of what the caller has committed; pending is durable
 * and what was added since.
 */
#include "journal/journal.h"

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

enum err journal_skim_checkpoint(const struct journal *journal, const uint8_t *bytes,
				 size_t size, struct journal_stated *out_stated)
{
	struct checkpoint_row row = {.text = NULL};
	struct journal_stated stated = {.size = 0};
	enum err err;

	if (size == 0 || bytes[0] != ROW_SEALED)
		return journal_read_checkpoint(journal, bytes, size, out_stated);
	err = unpack_checkpoint(journal, bytes, size, &row);
	if (err == OK)
		err = checkpoint_skim(journal->keys.household, row.text, row.text_size,
				      &stated.size, stated.root);
	if (err != OK)
		return err;
	stated.text = row.text;
	stated.text_size = row.text_size;
	*out_stated = stated;
	return OK;
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
		return err;
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
	enum err err;

	entry_seal(journal->keys.household, journal->keys.house_key, place, event, to,
		   &size);
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
