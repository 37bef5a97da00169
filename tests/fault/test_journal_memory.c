/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_journal_memory - the journal and its proofs with no memory, or no hash, at each place
 * in turn where they take some: they say so, and what was durable is as it was.
 */
#include "unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "fault/one_fault.h"
#include "journal/walk.h"
#include "tlog/cosignature.h"
#include "tlog/merkle.h"
#include "tlog/proof_text.h"

/* BEFORE are durable; with AFTER a tile becomes full. */
enum { BEFORE = 254, AFTER = 4, LEAVES = 7, PLACES_MAX = 1000 };

static const struct household_id HOUSE = {{0x40}};
static const uint8_t SEED[SEAL_SIGN_SEED_BYTES] = {0x11};
static const uint8_t DEVICE_SEED[SEAL_SIGN_SEED_BYTES] = {0x12};
static const uint8_t HOUSE_KEY[SEAL_KEY_BYTES] = {0x22};
static const struct journal_keys KEYS = {{{0x40}}, SEED, HOUSE_KEY};
static uint8_t device_public[SEAL_SIGN_PUBLIC_BYTES];
static uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES];
static uint8_t durable_root[SEAL_HASH_BYTES];

struct run {
	struct journal *journal;
	struct journal *again;
	struct buf proof;
	struct {
		uint8_t bytes[ENTRY_BYTES_MAX];
		size_t size;
	} entries[AFTER];
	uint8_t checkpoint[JOURNAL_CHECKPOINT_BYTES_MAX];
	size_t checkpoint_size;
};

static void make_event(struct event *event)
{
	event_init(event, EVENT_DONE, (struct turn_id){1}, "kitchen", 1000);
	event_add(event, "action", "light.on");
}

static void prepare(struct run *run)
{
	struct event event;
	uint8_t bytes[ENTRY_BYTES_MAX];
	uint64_t place;
	size_t size;

	memset(run, 0, sizeof(*run));
	buf_init(&run->proof, PROOF_TEXT_BYTES_MAX);
	make_event(&event);
	assert_int_equal(journal_create(&KEYS, &run->journal), OK);
	for (size_t i = 0; i < BEFORE; i++)
		assert_int_equal(journal_add(run->journal, &event, bytes, &size, &place),
				 OK);
	journal_commit(run->journal);
	assert_int_equal(journal_root(run->journal, durable_root), OK);
}

static enum err add(struct run *run)
{
	struct event event;
	uint64_t place;
	enum err err = OK;

	make_event(&event);
	for (size_t i = 0; err == OK && i < AFTER; i++)
		err = journal_add(run->journal, &event, run->entries[i].bytes,
				  &run->entries[i].size, &place);
	if (err == OK)
		err = journal_checkpoint(run->journal, run->checkpoint,
					 &run->checkpoint_size);
	return err;
}

static enum err resume(struct run *run)
{
	struct journal_stated stated;
	uint8_t root[SEAL_HASH_BYTES];
	enum err err = journal_create(&KEYS, &run->again);

	if (err == OK)
		err = journal_resume(run->again, run->checkpoint, run->checkpoint_size);
	if (err == OK)
		err = journal_skim_checkpoint(run->again, run->checkpoint,
					      run->checkpoint_size, &stated);
	if (err == OK)
		err = journal_root(run->again, root);
	if (err == OK) {
		assert_memory_equal(root, stated.root, sizeof(root));
		journal_commit(run->journal);
		err = journal_resume_tiles(run->again, journal_tile_edge(run->journal));
	}
	return err;
}

/* What cannot be checked is said to be that, and nothing else. */
static enum err verdict(const struct walk *walk)
{
	assert_true(walk->wrong == WALK_NOTHING || walk->wrong == WALK_UNREADABLE);
	return walk->wrong == WALK_NOTHING ? OK : ERR_UNSUPPORTED;
}

/* A journal of its own, that a device cosigned; of three, so that a root takes a hash. */
static enum err walk_through(struct run *run)
{
	static struct walk walk;
	struct journal *other = NULL;
	struct event event;
	uint8_t row[JOURNAL_CHECKPOINT_BYTES_MAX];
	uint8_t root[SEAL_HASH_BYTES];
	uint64_t place = 0;
	size_t size;
	enum err err = journal_create(&KEYS, &other);

	make_event(&event);
	walk_begin(&walk, other);
	if (err == OK)
		err = walk_root(&walk, root); /* of nothing */
	for (size_t i = 0; err == OK && i < 3; i++) {
		err = journal_add(other, &event, run->entries[i].bytes,
				  &run->entries[i].size, &place);
		if (err == OK)
			walk_entry(&walk, place, run->entries[i].bytes,
				   run->entries[i].size);
	}
	if (err == OK)
		err = journal_checkpoint(other, row, &size);
	if (err == OK) {
		journal_commit(other);
		walk_checkpoint(&walk, place, row, size);
		err = journal_root(other, root);
	}
	if (err == OK) {
		walk_cosigned(&walk, place, root, "phone");
		walk_end(&walk, place);
		err = verdict(&walk);
	}
	journal_destroy(other);
	return err;
}

static enum err edge_node(void *context, unsigned height, uint64_t index,
			  uint8_t out_hash[SEAL_HASH_BYTES])
{
	return tile_edge_node(context, height, index, out_hash);
}

static enum err make_edge(struct tile_edge *edge, struct tree *tree)
{
	struct tile full[TILE_LEVELS];
	size_t count;
	enum err err = OK;

	for (uint8_t i = 0; err == OK && i < LEAVES; i++) {
		uint8_t leaf[SEAL_HASH_BYTES];

		err = tree_leaf_hash(&i, 1, leaf);
		if (err == OK)
			err = tile_edge_add(edge, leaf, full, &count);
		if (err == OK)
			err = tree_add(tree, leaf);
	}
	return err == OK ? tile_edge_check(edge, tree) : err;
}

/* From each size to the whole, the empty one too. */
static enum err prove_consistency(const struct merkle_source *source,
				  const struct merkle_head *head)
{
	struct merkle_proof proof;
	enum err err = OK;

	for (uint64_t older = 0; err == OK && older <= LEAVES; older++) {
		struct merkle_head from = {.size = older};

		err = merkle_root(source, older, from.root);
		if (err == OK)
			err = merkle_consistency(source, older, LEAVES, &proof);
		if (err == OK)
			err = merkle_check_consistency(&from, head, &proof);
	}
	return err;
}

static enum err write_proof(struct run *run, const struct merkle_head *head,
			    const struct merkle_proof *proof, const uint8_t *leaf)
{
	struct proof_text text = {.index = 2, .proof = *proof};
	struct cosignature cosignature = {.head = *head, .at_s = 5};
	struct proof_text read;
	struct merkle_head stated;
	char checkpoint[CHECKPOINT_TEXT_BYTES];
	char line[NOTE_LINE_BYTES];
	enum err err = checkpoint_write(HOUSE, SEED, LEAVES, head->root, checkpoint);

	cosignature_sign(HOUSE, DEVICE_SEED, &cosignature);
	if (err == OK)
		err = cosignature_line(HOUSE, device_public, &cosignature, line);
	if (err == OK)
		err = cosignature_read_line(HOUSE, device_public, head, line,
					    strlen(line), &cosignature);
	text.checkpoint = checkpoint;
	if (err == OK) {
		text.checkpoint_size = strlen(checkpoint);
		err = proof_text_write(&text, &run->proof);
	}
	if (err == OK)
		err = proof_text_check(HOUSE, keeper_public, leaf,
				       (const char *)run->proof.bytes, run->proof.size,
				       &read, &stated);
	return err;
}

static enum err prove(struct run *run)
{
	static struct tile_edge edge;
	const struct merkle_source source = {&edge, edge_node};
	struct tree tree = {.size = 0};
	struct merkle_head head = {.size = LEAVES};
	struct merkle_proof proof;
	uint8_t leaf[SEAL_HASH_BYTES];
	enum err err;

	edge.size = 0;
	err = make_edge(&edge, &tree);
	if (err == OK)
		err = tree_root(&tree, head.root);
	if (err == OK)
		err = prove_consistency(&source, &head);
	if (err == OK)
		err = merkle_inclusion(&source, 2, LEAVES, &proof);
	if (err == OK)
		err = tile_edge_node(&edge, 0, 2, leaf);
	return err == OK ? write_proof(run, &head, &proof, leaf) : err;
}

static enum err run_once(unsigned long place, unsigned long *out_places)
{
	static enum err (*const steps[])(struct run *) = {add, resume, walk_through,
							  prove};
	static struct run run;
	uint8_t root[SEAL_HASH_BYTES];
	enum err err = OK;

	prepare(&run);
	one_fault_at(place);
	for (size_t i = 0; err == OK && i < STR_COUNT(steps); i++)
		err = steps[i](&run);
	*out_places = one_fault_end();
	if (journal_size(run.journal) == BEFORE) {
		journal_rollback(run.journal);
		assert_int_equal(journal_root(run.journal, root), OK);
		assert_memory_equal(root, durable_root, sizeof(root));
		assert_int_equal(add(&run), OK);
	}
	buf_finish(&run.proof);
	journal_destroy(run.again);
	journal_destroy(run.journal);
	return err;
}

static void each_place_says_that_there_is_none(void **state)
{
	unsigned long place = 0;
	unsigned long places;
	enum err err;

	(void)state;
	while ((err = run_once(++place, &places)) != OK) {
		assert_true(places >= place && place < PLACES_MAX);
		assert_int_equal(err,
				 one_fault_was_memory() ? ERR_MEMORY : ERR_UNSUPPORTED);
	}
	assert_true(places < place && places > 100); /* behind the last one */
	printf("%lu places\n", places);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_place_says_that_there_is_none),
	};

	if (seal_init() != OK)
		return 1;
	seal_sign_pair(SEED, keeper_public);
	seal_sign_pair(DEVICE_SEED, device_public);
	return cmocka_run_group_tests_name("journal_memory", tests, NULL, NULL);
}
