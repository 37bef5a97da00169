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

enum { CHECKPOINT_ROW_VERSION = 1 };

struct journal {
	struct journal_keys keys;
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	struct tree durable;
	struct tree pending;
};

enum err journal_create(const struct journal_keys *keys, struct journal **out_journal)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	if (!journal)
		return ERR_MEMORY;
	journal->keys = *keys;
	seal_sign_pair(keys->seed, journal->public_key);
	*out_journal = journal;
	return OK;
}

void journal_destroy(struct journal *journal)
{
	free(journal);
}

/* --- checkpoints as rows ---------------------------------------------------------------- */

/* Reads and checks a row whole: the signature over size and root, and that the edge
 * beside it gives that root. */
static enum err read_checkpoint(const struct journal *journal, const uint8_t *bytes,
				size_t size, struct tree *out_tree)
{
	struct tree tree = {.size = 0};
	uint8_t root[SEAL_HASH_BYTES];
	uint8_t edge_root[SEAL_HASH_BYTES];
	struct unpack unpack;
	const uint8_t *text;
	uint32_t text_size;
	enum err err;

	unpack_init(&unpack, bytes, size);
	if (unpack_u8(&unpack) != CHECKPOINT_ROW_VERSION)
		return ERR_VERSION;
	text_size = unpack_u32(&unpack);
	text = unpack_borrow(&unpack, text_size);
	tree.edge_count = unpack_u8(&unpack);
	if (!text || tree.edge_count > TREE_EDGE_MAX)
		return ERR_FORMAT;
	unpack_bytes(&unpack, tree.edge, tree.edge_count * SEAL_HASH_BYTES);
	if (!unpack_is_whole(&unpack))
		return ERR_FORMAT;
	err = checkpoint_read(journal->keys.household, journal->public_key,
			      (const char *)text, text_size, &tree.size, root);
	if (err != OK)
		return err;
	if (tree.edge_count != tree_edge_count(tree.size))
		return ERR_FORMAT;
	err = tree_root(&tree, edge_root);
	if (err == OK && memcmp(root, edge_root, sizeof(root)) != 0)
		err = ERR_AUTH;
	if (err == OK)
		*out_tree = tree;
	return err;
}

enum err journal_resume(struct journal *journal, const uint8_t *checkpoint, size_t size)
{
	struct tree tree;
	enum err err = read_checkpoint(journal, checkpoint, size, &tree);

	if (err == OK) {
		journal->durable = tree;
		journal->pending = tree;
	}
	return err;
}

enum err journal_checkpoint(const struct journal *journal,
			    uint8_t to[JOURNAL_CHECKPOINT_BYTES_MAX], size_t *out_size)
{
	char text[CHECKPOINT_TEXT_BYTES];
	uint8_t root[SEAL_HASH_BYTES];
	struct pack pack;
	enum err err = tree_root(&journal->pending, root);

	if (err == OK)
		err = checkpoint_write(journal->keys.household, journal->keys.seed,
				       journal->pending.size, root, text);
	if (err != OK)
		return err;
	pack_init(&pack, to, JOURNAL_CHECKPOINT_BYTES_MAX);
	pack_u8(&pack, CHECKPOINT_ROW_VERSION);
	pack_u32(&pack, (uint32_t)strlen(text));
	pack_bytes(&pack, text, strlen(text));
	pack_u8(&pack, (uint8_t)journal->pending.edge_count);
	pack_bytes(&pack, journal->pending.edge,
		   journal->pending.edge_count * SEAL_HASH_BYTES);
	must(pack_is_whole(&pack));
	*out_size = pack.size;
	return OK;
}

/* --- adding and reading ----------------------------------------------------------------- */

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
}

void journal_rollback(struct journal *journal)
{
	journal->pending = journal->durable;
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
	struct tree stated;
	uint8_t root[SEAL_HASH_BYTES];
	uint8_t stated_root[SEAL_HASH_BYTES];
	enum err err;

	if (walk->is_wrong)
		return;
	err = read_checkpoint(walk->journal, bytes, bytes_size, &stated);
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
	if (tree_root(&walk->tree, root) != OK || tree_root(&stated, stated_root) != OK ||
	    memcmp(root, stated_root, sizeof(root)) != 0)
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
