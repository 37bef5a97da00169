/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_journal - the tree against RFC 6962 roots computed by an independent program (the
 * first eight are those of the Certificate Transparency reference tests), rows against
 * tampering, and the walk that names the first wrong entry.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/pack.h"
#include "base/seal.h"
#include "base/str.h"
#include "journal/walk.h"

enum { ENTRIES = 20, BATCH = 4 };

static const struct household_id HOUSE = {{0x40}};
static const uint8_t SEED[SEAL_SIGN_SEED_BYTES] = {0x11};
static const uint8_t HOUSE_KEY[SEAL_KEY_BYTES] = {0x22};
static const struct journal_keys KEYS = {.seed = SEED, .house_key = HOUSE_KEY};

struct entry {
	bool there;
	uint8_t bytes[ENTRY_BYTES_MAX];
	size_t size;
};

struct stored_checkpoint {
	uint64_t at;
	uint8_t bytes[JOURNAL_CHECKPOINT_BYTES_MAX];
	size_t size;
};

struct book {
	struct journal *journal;
	struct entry entries[ENTRIES + 1]; /* by place */
	struct stored_checkpoint checkpoints[ENTRIES / BATCH];
	size_t checkpoint_count;
};

static struct journal_keys keys_of(struct household_id household)
{
	struct journal_keys keys = KEYS;

	keys.household = household;
	return keys;
}

static void root_of(const struct tree *tree, char to[2 * SEAL_HASH_BYTES + 1])
{
	uint8_t root[SEAL_HASH_BYTES];

	assert_int_equal(tree_root(tree, root), OK);
	str_to_hex(to, root, sizeof(root));
}

static void add_leaf(struct tree *tree, const void *leaf, size_t size)
{
	uint8_t hash[SEAL_HASH_BYTES];

	assert_int_equal(tree_leaf_hash(leaf, size, hash), OK);
	assert_int_equal(tree_add(tree, hash), OK);
}

static void roots_match_the_reference_tests(void **state)
{
	static const struct {
		const char *leaf;
		size_t size;
		const char *root;
	} rows[] = {
		{"", 0,
		 "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
		{"\x00", 1,
		 "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
		{"\x10", 1,
		 "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
		{"\x20\x21", 2,
		 "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
		{"\x30\x31", 2,
		 "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
		{"\x40\x41\x42\x43", 4,
		 "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
		{"\x50\x51\x52\x53\x54\x55\x56\x57", 8,
		 "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
		{"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
		 "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
	};
	struct tree tree = {.size = 0};
	char root[2 * SEAL_HASH_BYTES + 1];

	(void)state;
	root_of(&tree, root);
	assert_string_equal(
		root, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		add_leaf(&tree, rows[i].leaf, rows[i].size);
		root_of(&tree, root);
		assert_string_equal(root, rows[i].root);
	}
}

static void roots_of_larger_trees_match(void **state)
{
	static const struct {
		uint64_t size;
		const char *root;
	} rows[] = {
		{1, "2dfb36c6f66cac361429cf46df868ab8242d3a6441f1099c8fb3f98ec5d108a4"},
		{2, "e59cf729ba41044bc8117e10e200f1fd0e57228e6c728246aaaca7381770bfdc"},
		{3, "ae890d0750cf6d982e0fb89bd87ccd2f47cdb3d175b723b943981d710d224f75"},
		{7, "40f217245cefba543d7b66781c8bb20cbfd2657ba1f621a7f96bd753a925a404"},
		{100, "36e5cbf2ee032df9a387ca3b44ce15246f3ead2c72ee3fbc5f9d52084d67be0e"},
		{255, "68da6d61492317eaede4f2d95f5702ac6fe66339805070e8d5e6b58fe829a8b2"},
		{256, "ba2553d70083bce64b952d061a6e56da86b0215a00c3db7bd84f30d1a49a9488"},
		{257, "1f1798729dc313989518e3776cf241bcb7486f5bb1f2af81ff3a762c2bb522a4"},
		{1000,
		 "04a81c0a2d602a0952051906b3c7456b5a3196fc447faf6365f094952f83d76e"},
	};
	struct tree tree = {.size = 0};
	char leaf[32];
	char root[2 * SEAL_HASH_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		while (tree.size < rows[i].size) {
			assert_true(str_format(leaf, sizeof(leaf), "entry %d",
					       (int)tree.size + 1));
			add_leaf(&tree, leaf, strlen(leaf));
		}
		root_of(&tree, root);
		assert_string_equal(root, rows[i].root);
	}
}

/* The text of size 1 with root 0x01 0x00 ..., signed by the seed above; the text was
 * made by an independent program. */
static void checkpoints_are_signed_notes(void **state)
{
	const uint8_t root[SEAL_HASH_BYTES] = {1};
	const struct household_id other = {{0x41}};
	const uint8_t other_seed[SEAL_SIGN_SEED_BYTES] = {0x13};
	char text[CHECKPOINT_TEXT_BYTES];
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t read_root[SEAL_HASH_BYTES];
	uint64_t size = 0;

	(void)state;
	assert_int_equal(checkpoint_write(HOUSE, SEED, 1234567, root, text), OK);
	assert_string_equal(
		text,
		"behest/40000000000000000000000000000000\n"
		"1234567\n"
		"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
		"\n"
		"\xe2\x80\x94 behest/40000000000000000000000000000000 FFY30n7VENdR1RTaYGwXkh2juWtz1Qbg8IppUCAjZrnrjs8nO52T6y5nGrkdZIprkh7gv2+wn2bb1JUIslmP7/aDxw4=\n");
	seal_sign_pair(SEED, public_key);
	assert_int_equal(checkpoint_read(HOUSE, public_key, text, strlen(text), &size,
					 read_root),
			 OK);
	assert_int_equal(size, 1234567);
	assert_memory_equal(root, read_root, sizeof(root));
	assert_int_equal(checkpoint_read(other, public_key, text, strlen(text), &size,
					 read_root),
			 ERR_AUTH);
	for (size_t bit = 0; bit < strlen(text) * 8; bit++) {
		size_t text_size = strlen(text);

		text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
		assert_int_not_equal(checkpoint_read(HOUSE, public_key, text, text_size,
						     &size, read_root),
				     OK);
		text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
	}
	for (size_t cut = 0; cut < strlen(text); cut++)
		assert_int_not_equal(checkpoint_read(HOUSE, public_key, text, cut, &size,
						     read_root),
				     OK);
	seal_sign_pair(other_seed, public_key);
	assert_int_not_equal(checkpoint_read(HOUSE, public_key, text, strlen(text), &size,
					     read_root),
			     OK);
}

static void make_event(uint64_t number, struct event *event)
{
	event_init(event, number % 2 ? EVENT_DECIDED : EVENT_DONE,
		   (struct turn_id){number / 2 + 1}, "kitchen", (int64_t)number * 1000);
	event_add(event, "action", "light.on");
	event_add_int(event, "number", (int64_t)number);
}

static void write_book(struct book *book)
{
	const struct journal_keys keys = keys_of(HOUSE);
	struct event event;
	uint64_t place = 0;

	memset(book, 0, sizeof(*book));
	assert_int_equal(journal_create(&keys, &book->journal), OK);
	for (uint64_t i = 1; i <= ENTRIES; i++) {
		struct stored_checkpoint *at = &book->checkpoints[book->checkpoint_count];

		make_event(i, &event);
		assert_int_equal(journal_add(book->journal, &event,
					     book->entries[i].bytes,
					     &book->entries[i].size, &place),
				 OK);
		assert_int_equal(place, i);
		book->entries[i].there = true;
		if (i % BATCH != 0)
			continue;
		assert_int_equal(journal_checkpoint(book->journal, at->bytes, &at->size),
				 OK);
		at->at = journal_pending_size(book->journal);
		journal_commit(book->journal);
		book->checkpoint_count++;
	}
}

static const char *walk_book(const struct book *book, uint64_t expected)
{
	static struct walk walk;
	uint64_t place = 1;

	walk_begin(&walk, book->journal);
	for (size_t i = 0; i < book->checkpoint_count; i++) {
		const struct stored_checkpoint *at = &book->checkpoints[i];

		for (; place <= at->at; place++) {
			if (book->entries[place].there)
				walk_entry(&walk, place, book->entries[place].bytes,
					   book->entries[place].size);
		}
		walk_checkpoint(&walk, at->at, at->bytes, at->size);
	}
	for (; place <= ENTRIES; place++) {
		if (book->entries[place].there)
			walk_entry(&walk, place, book->entries[place].bytes,
				   book->entries[place].size);
	}
	walk_end(&walk, expected);
	for (place = walk.from; walk.has_suspects && place <= walk.to; place++)
		walk_suspect(&walk, place, book->entries[place].bytes,
			     book->entries[place].size);
	walk_settle(&walk);
	return walk.words;
}

static void events_come_back_as_they_were(void **state)
{
	struct book book;
	struct event expected;
	struct event event;

	(void)state;
	write_book(&book);
	for (uint64_t i = 1; i <= ENTRIES; i++) {
		make_event(i, &expected);
		assert_int_equal(journal_read(book.journal, i, book.entries[i].bytes,
					      book.entries[i].size, &event),
				 OK);
		assert_memory_equal(&event, &expected, sizeof(event));
	}
	assert_int_equal(journal_read(book.journal, 2, book.entries[1].bytes,
				      book.entries[1].size, &event),
			 ERR_AUTH);
	journal_destroy(book.journal);
}

static void bodies_are_not_readable(void **state)
{
	struct book book;

	(void)state;
	write_book(&book);
	for (uint64_t i = 1; i <= ENTRIES; i++)
		assert_null(memmem(book.entries[i].bytes, book.entries[i].size,
				   "light.on", 8));
	journal_destroy(book.journal);
}

static void a_whole_book_is_whole(void **state)
{
	struct book book;

	(void)state;
	write_book(&book);
	assert_string_equal(walk_book(&book, ENTRIES), "");
	assert_int_equal(journal_size(book.journal), ENTRIES);
	journal_destroy(book.journal);
}

static void every_edit_is_named(void **state)
{
	struct book book;
	char expected[WALK_WORDS_BYTES];

	(void)state;
	write_book(&book);
	for (uint64_t i = 1; i <= ENTRIES; i++) {
		for (size_t byte = 0; byte < book.entries[i].size; byte++) {
			book.entries[i].bytes[byte] ^= 0x20;
			assert_true(str_format(expected, sizeof(expected),
					       "entry %d was changed", (int)i));
			assert_string_equal(walk_book(&book, ENTRIES), expected);
			book.entries[i].bytes[byte] ^= 0x20;
		}
	}
	journal_destroy(book.journal);
}

static void every_removal_is_named(void **state)
{
	struct book book;
	char expected[WALK_WORDS_BYTES];

	(void)state;
	write_book(&book);
	for (uint64_t i = 1; i <= ENTRIES; i++) {
		book.entries[i].there = false;
		assert_true(str_format(expected, sizeof(expected), "entry %d is missing",
				       (int)i));
		assert_string_equal(walk_book(&book, ENTRIES), expected);
		book.entries[i].there = true;
	}
	journal_destroy(book.journal);
}

/* The tail goes, first without and then with its checkpoints; only the keeper's own
 * memory of the size shows the second. */
static void a_truncation_is_named(void **state)
{
	struct book book;

	(void)state;
	write_book(&book);
	for (uint64_t i = 15; i <= ENTRIES; i++)
		book.entries[i].there = false;
	assert_string_equal(walk_book(&book, ENTRIES), "entries 15 to 16 are missing");
	for (uint64_t i = 13; i <= ENTRIES; i++)
		book.entries[i].there = false;
	book.checkpoint_count = 3;
	assert_string_equal(walk_book(&book, ENTRIES), "entries 13 to 20 are missing");
	journal_destroy(book.journal);
}

/* Whoever holds the house key can seal another body, but cannot sign for it. */
static void a_replaced_entry_is_found(void **state)
{
	struct book book;
	struct event event;

	(void)state;
	write_book(&book);
	make_event(99, &event);
	entry_seal(HOUSE, HOUSE_KEY, 7, &event, book.entries[7].bytes,
		   &book.entries[7].size);
	assert_string_equal(walk_book(&book, ENTRIES),
			    "one of the entries 5 to 8 was replaced");
	journal_destroy(book.journal);
}

static void a_changed_checkpoint_is_named(void **state)
{
	struct book book;

	(void)state;
	write_book(&book);
	for (size_t bit = 0; bit < book.checkpoints[2].size * 8; bit++) {
		book.checkpoints[2].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_string_equal(walk_book(&book, ENTRIES),
				    "the checkpoint at 12 was changed");
		book.checkpoints[2].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	book.checkpoint_count--;
	assert_string_equal(walk_book(&book, ENTRIES),
			    "entry 17 was added without a checkpoint");
	journal_destroy(book.journal);
}

static void a_journal_goes_on_behind_its_checkpoint(void **state)
{
	const struct journal_keys keys = keys_of(HOUSE);
	const struct journal_keys other_keys = keys_of((struct household_id){{0x41}});
	struct stored_checkpoint *last;
	struct journal *again = NULL;
	struct journal *other = NULL;
	struct book book;
	uint8_t roots[2][SEAL_HASH_BYTES];

	(void)state;
	write_book(&book);
	last = &book.checkpoints[book.checkpoint_count - 1];
	assert_int_equal(journal_create(&keys, &again), OK);
	assert_int_equal(journal_resume(again, last->bytes, last->size), OK);
	assert_int_equal(journal_size(again), ENTRIES);
	assert_int_equal(journal_root(again, roots[0]), OK);
	assert_int_equal(journal_root(book.journal, roots[1]), OK);
	assert_memory_equal(roots[0], roots[1], SEAL_HASH_BYTES);
	assert_int_equal(journal_create(&other_keys, &other), OK);
	assert_int_equal(journal_resume(other, last->bytes, last->size), ERR_AUTH);
	assert_int_equal(journal_size(other), 0);
	journal_destroy(again);
	journal_destroy(other);
	journal_destroy(book.journal);
}

/* As they were written before there was a seal: nothing but the signature and the edge. */
static size_t old_layout(const struct stored_checkpoint *from, uint8_t *to)
{
	memcpy(to, from->bytes, from->size);
	to[0] = 1;
	return from->size - SEAL_KEY_BYTES;
}

static void an_older_checkpoint_is_read(void **state)
{
	struct book book;
	struct journal_stated stated;
	struct journal *again = NULL;
	const struct journal_keys keys = keys_of(HOUSE);
	uint8_t row[JOURNAL_CHECKPOINT_BYTES_MAX];
	size_t size;

	(void)state;
	write_book(&book);
	size = old_layout(&book.checkpoints[2], row);
	assert_int_equal(journal_read_checkpoint(book.journal, row, size, &stated), OK);
	assert_int_equal(journal_skim_checkpoint(book.journal, row, size, &stated), OK);
	assert_int_equal(stated.size, 12);
	assert_int_equal(journal_create(&keys, &again), OK);
	assert_int_equal(journal_resume(again, row, size), OK);
	assert_int_equal(journal_size(again), 12);
	journal_destroy(again);
	for (size_t bit = 0; bit < size * 8; bit++) {
		row[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(journal_skim_checkpoint(book.journal, row, size,
							     &stated),
				     OK);
		row[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	/* More than any size has. */
	memset(row, 0, sizeof(row));
	row[0] = 1;
	row[5] = TREE_EDGE_MAX + 1;
	assert_int_equal(journal_skim_checkpoint(book.journal, row,
						 6 + (TREE_EDGE_MAX + 1) *
								 SEAL_HASH_BYTES,
						 &stated),
			 ERR_FORMAT);
	/* One hash more or fewer than that size has. */
	size = old_layout(&book.checkpoints[2], row);
	row[size] = 0;
	row[size - 2 * SEAL_HASH_BYTES - 1]++;
	memset(row + size, 0, SEAL_HASH_BYTES);
	assert_int_equal(journal_read_checkpoint(book.journal, row,
						 size + SEAL_HASH_BYTES, &stated),
			 ERR_FORMAT);
	/* And it is as good for a walk. */
	book.checkpoints[2].size =
		old_layout(&book.checkpoints[2], book.checkpoints[2].bytes);
	assert_string_equal(walk_book(&book, ENTRIES), "");
	journal_destroy(book.journal);
}

/* A seal by somebody else, over a row that is signed. */
static void a_forged_seal_is_found(void **state)
{
	struct book book;
	struct journal_stated stated;
	struct stored_checkpoint *at;

	(void)state;
	write_book(&book);
	at = &book.checkpoints[1];
	at->bytes[at->size - 1] ^= 1;
	assert_int_equal(journal_read_checkpoint(book.journal, at->bytes, at->size,
						 &stated),
			 ERR_AUTH);
	assert_int_equal(journal_skim_checkpoint(book.journal, at->bytes, at->size,
						 &stated),
			 ERR_AUTH);
	assert_int_equal(journal_skim_checkpoint(book.journal, at->bytes, 0, &stated),
			 ERR_VERSION);
	journal_destroy(book.journal);
}

static void tiles_go_on_from_the_right_edge_alone(void **state)
{
	static struct tile_edge edge;
	static struct tile full[TILE_LEVELS];
	const struct journal_keys keys = keys_of(HOUSE);
	struct stored_checkpoint *last;
	struct journal *again = NULL;
	struct book book;
	uint8_t hash[SEAL_HASH_BYTES];
	size_t count = 0;

	(void)state;
	write_book(&book);
	assert_true(journal_has_tiles(book.journal));
	last = &book.checkpoints[book.checkpoint_count - 1];
	assert_int_equal(journal_create(&keys, &again), OK);
	assert_int_equal(journal_resume(again, last->bytes, last->size), OK);
	assert_false(journal_has_tiles(again));
	assert_null(journal_tile_edge(again));
	assert_int_equal(journal_resume_tiles(again, &edge), ERR_AUTH);
	for (uint64_t i = 1; i <= ENTRIES; i++) {
		assert_int_equal(tree_leaf_hash(book.entries[i].bytes,
						book.entries[i].size, hash),
				 OK);
		assert_int_equal(tile_edge_add(&edge, hash, full, &count), OK);
	}
	edge.hashes[0][4][0] ^= 1;
	assert_int_equal(journal_resume_tiles(again, &edge), ERR_AUTH);
	edge.hashes[0][4][0] ^= 1;
	assert_int_equal(journal_resume_tiles(again, &edge), OK);
	assert_true(journal_has_tiles(again));
	assert_int_equal(journal_tile_edge(again)->size, ENTRIES);
	journal_drop_tiles(again);
	assert_null(journal_tile_edge(again));
	journal_destroy(again);
	journal_destroy(book.journal);
}

/* More in one batch than the keeper ever puts there. */
static void a_batch_has_limits(void **state)
{
	const struct journal_keys keys = keys_of(HOUSE);
	struct journal *journal = NULL;
	struct event event;
	uint8_t bytes[ENTRY_BYTES_MAX];
	enum err err = OK;
	uint64_t place = 0;
	size_t count;
	size_t size;

	(void)state;
	assert_int_equal(journal_create(&keys, &journal), OK);
	make_event(1, &event);
	for (size_t i = 0; err == OK && i < 10000; i++)
		err = journal_add(journal, &event, bytes, &size, &place);
	assert_int_equal(err, ERR_LIMIT);
	(void)journal_tiles(journal, &count);
	assert_true(count > JOURNAL_TILES_MAX - TILE_LEVELS);
	journal_rollback(journal);
	(void)journal_tiles(journal, &count);
	assert_int_equal(count, 0);
	assert_int_equal(journal_add(journal, &event, bytes, &size, &place), OK);
	assert_int_equal(place, 1);
	journal_destroy(journal);
}

/* Three batches of a hundred entries: the tile is full within the third. */
enum { LONG = 300, LONG_BATCH = 100 };

struct long_book {
	struct journal *journal;
	struct entry entries[LONG + 1];
	struct stored_checkpoint checkpoints[LONG / LONG_BATCH];
	struct tile tile;
	size_t tile_size;
};

static void write_long_book(struct long_book *book)
{
	const struct journal_keys keys = keys_of(HOUSE);
	struct event event;
	uint64_t place = 0;
	size_t count = 0;

	memset(book, 0, sizeof(*book));
	book->tile_size = TILE_BYTES;
	assert_int_equal(journal_create(&keys, &book->journal), OK);
	for (uint64_t i = 1; i <= LONG; i++) {
		struct stored_checkpoint *at = &book->checkpoints[(i - 1) / LONG_BATCH];

		make_event(i, &event);
		assert_int_equal(journal_add(book->journal, &event,
					     book->entries[i].bytes,
					     &book->entries[i].size, &place),
				 OK);
		if (i % LONG_BATCH != 0)
			continue;
		at->at = i;
		assert_int_equal(journal_checkpoint(book->journal, at->bytes, &at->size),
				 OK);
		if (journal_tiles(book->journal, &count) && count > 0)
			book->tile = *journal_tiles(book->journal, &count);
		journal_commit(book->journal);
	}
}

static const struct walk *walk_long(const struct long_book *book)
{
	static struct walk walk;

	walk_begin(&walk, book->journal);
	for (uint64_t i = 1; i <= LONG; i++) {
		walk_entry(&walk, i, book->entries[i].bytes, book->entries[i].size);
		if (i == TILE_WIDTH)
			walk_tile(&walk, book->tile.id, book->tile.hashes[0],
				  book->tile_size);
		if (i % LONG_BATCH == 0)
			walk_checkpoint(&walk, i,
					book->checkpoints[i / LONG_BATCH - 1].bytes,
					book->checkpoints[i / LONG_BATCH - 1].size);
	}
	walk_end(&walk, LONG);
	for (uint64_t i = 1; i <= LONG; i++) /* those it does not ask for as well */
		walk_suspect(&walk, i, book->entries[i].bytes, book->entries[i].size);
	walk_settle(&walk);
	return &walk;
}

/* Between a tile and the checkpoint behind it the tile says which entry it is, and the
 * checkpoint whether it is the entry or the tile. */
static void tile_and_checkpoint_judge_together(void **state)
{
	static struct long_book book;
	struct event event;

	(void)state;
	write_long_book(&book);
	assert_string_equal(walk_long(&book)->words, "");
	book.entries[230].bytes[30] ^= 1;
	assert_string_equal(walk_long(&book)->words, "entry 230 was changed");
	book.entries[230].bytes[30] ^= 1;
	book.tile.hashes[229][7] ^= 1;
	book.tile.hashes[240][7] ^= 1;
	assert_string_equal(walk_long(&book)->words, "tile/0/000 was changed");
	assert_int_equal(walk_long(&book)->from, 230);
	book.tile.hashes[229][7] ^= 1;
	book.tile.hashes[240][7] ^= 1;
	make_event(99, &event);
	entry_seal(HOUSE, HOUSE_KEY, 230, &event, book.entries[230].bytes,
		   &book.entries[230].size);
	assert_string_equal(walk_long(&book)->words, "entry 230 was replaced");
	/* A tile of another size says nothing about which. */
	book.tile_size--;
	assert_string_equal(walk_long(&book)->words,
			    "one of the entries 201 to 300 was replaced");
	journal_destroy(book.journal);
	/* The tile differs before, and the entry behind it. */
	write_long_book(&book);
	book.tile.hashes[150][7] ^= 1;
	book.entries[290].bytes[30] ^= 1;
	assert_string_equal(walk_long(&book)->words, "entry 290 was changed");
	book.entries[290].bytes[30] ^= 1;
	assert_string_equal(walk_long(&book)->words, "tile/0/000 was changed");
	journal_destroy(book.journal);
}

/* Two tiles in doubt: the first of them is named. */
static void the_first_tile_is_named(void **state)
{
	static struct long_book book;
	static struct walk walk;
	struct tile_id second = {.level = 0, .index = 0};

	(void)state;
	write_long_book(&book);
	walk_begin(&walk, book.journal);
	for (uint64_t i = 1; i <= TILE_WIDTH; i++)
		walk_entry(&walk, i, book.entries[i].bytes, book.entries[i].size);
	book.tile.hashes[99][0] ^= 1;
	walk_tile(&walk, book.tile.id, book.tile.hashes[0], TILE_BYTES);
	book.tile.hashes[9][0] ^= 1;
	walk_tile(&walk, second, book.tile.hashes[0], TILE_BYTES);
	assert_int_equal(walk.doubt_from, 100);
	journal_destroy(book.journal);
}

/* A row under another key than its own, and a place twice. */
static void rows_in_other_places_are_named(void **state)
{
	static struct long_book book;
	static struct walk walk;

	(void)state;
	write_long_book(&book);
	book.checkpoints[1] = book.checkpoints[0];
	assert_string_equal(walk_long(&book)->words, "the checkpoint at 200 was changed");
	walk_begin(&walk, book.journal);
	walk_entry(&walk, 1, book.entries[1].bytes, book.entries[1].size);
	walk_entry(&walk, 1, book.entries[1].bytes, book.entries[1].size);
	assert_string_equal(walk.words, "entry 2 is missing");
	walk_tile(&walk, book.tile.id, NULL, 0); /* nothing counts any more */
	walk_entry(&walk, 2, book.entries[2].bytes, book.entries[2].size);
	walk_is_wrong(&walk, WALK_FORK, 1, 1, "fork");
	assert_string_equal(walk.words, "entry 2 is missing");
	assert_string_equal(walk_wrong_text(walk.wrong), "entry-missing");
	journal_destroy(book.journal);
}

/* An entry of a kind that a later program writes: authentic, and of no kind to us. */
static void a_later_kind_is_walked(void **state)
{
	static const char LABEL[] = "behest journal entry v1";
	uint8_t bytes[ENTRY_BYTES_MAX];
	uint8_t bound[256];
	const uint8_t body = 0;
	const struct journal_keys keys = keys_of(HOUSE);
	static struct walk walk;
	uint8_t other[ENTRY_BYTES_MAX];
	uint8_t checkpoint[JOURNAL_CHECKPOINT_BYTES_MAX];
	struct journal *journal = NULL;
	uint64_t place = 0;
	size_t size;
	size_t checkpoint_size;
	struct event event;
	struct pack pack;
	struct pack binding;

	(void)state;
	pack_init(&pack, bytes, sizeof(bytes));
	pack_u8(&pack, 1);
	pack_u64(&pack, 1);
	pack_i64(&pack, 5);
	pack_u64(&pack, 0);
	pack_text(&pack, "teleported");
	pack_text(&pack, "kitchen");
	pack_u8(&pack, ENTRY_KEY_HOUSE);
	pack_init(&binding, bound, sizeof(bound));
	pack_text(&binding, LABEL);
	pack_bytes(&binding, HOUSE.bytes, ID_BYTES);
	pack_bytes(&binding, bytes, pack.size);
	seal_lock(HOUSE_KEY, (struct seal_part){bound, binding.size}, &body, 1,
		  bytes + pack.size);
	assert_int_equal(entry_open(HOUSE, HOUSE_KEY, 1, bytes,
				    pack.size + 1 + SEAL_LOCK_EXTRA_BYTES, &event),
			 ERR_UNSUPPORTED);
	assert_int_equal(event.kind, EVENT_KIND_COUNT);
	/* Another was signed for: but this one is not said to be changed. */
	assert_int_equal(journal_create(&keys, &journal), OK);
	make_event(1, &event);
	assert_int_equal(journal_add(journal, &event, other, &size, &place), OK);
	assert_int_equal(journal_checkpoint(journal, checkpoint, &checkpoint_size), OK);
	walk_begin(&walk, journal);
	walk_entry(&walk, 1, bytes, pack.size + 1 + SEAL_LOCK_EXTRA_BYTES);
	walk_checkpoint(&walk, 1, checkpoint, checkpoint_size);
	walk_suspect(&walk, 1, bytes, pack.size + 1 + SEAL_LOCK_EXTRA_BYTES);
	assert_string_equal(walk.words, "entry 1 was replaced");
	journal_destroy(journal);
	/* The right key, and a body that is none. */
	seal_lock(HOUSE_KEY, (struct seal_part){bound, binding.size},
		  (const uint8_t *)"\xff", 1, bytes + pack.size);
	assert_int_equal(entry_open(HOUSE, HOUSE_KEY, 1, bytes,
				    pack.size + 1 + SEAL_LOCK_EXTRA_BYTES, &event),
			 ERR_AUTH);
	seal_lock(HOUSE_KEY, (struct seal_part){bound, binding.size},
		  (const uint8_t *)"\x01", 1, bytes + pack.size);
	assert_int_equal(entry_open(HOUSE, HOUSE_KEY, 1, bytes,
				    pack.size + 1 + SEAL_LOCK_EXTRA_BYTES, &event),
			 ERR_AUTH);
}

static void what_was_not_stored_is_taken_back(void **state)
{
	struct book book;
	struct event event;
	uint8_t bytes[ENTRY_BYTES_MAX];
	uint8_t roots[2][SEAL_HASH_BYTES];
	uint64_t place;
	size_t size;

	(void)state;
	write_book(&book);
	make_event(1, &event);
	assert_int_equal(journal_root(book.journal, roots[0]), OK);
	assert_int_equal(journal_add(book.journal, &event, bytes, &size, &place), OK);
	assert_int_equal(place, ENTRIES + 1);
	assert_int_equal(journal_size(book.journal), ENTRIES);
	journal_rollback(book.journal);
	assert_int_equal(journal_add(book.journal, &event, bytes, &size, &place), OK);
	assert_int_equal(place, ENTRIES + 1);
	journal_rollback(book.journal);
	assert_int_equal(journal_root(book.journal, roots[1]), OK);
	assert_memory_equal(roots[0], roots[1], SEAL_HASH_BYTES);
	journal_destroy(book.journal);
}

static void the_largest_event_fits(void **state)
{
	struct event event;
	struct event back;
	char long_value[EVENT_FIELD_VALUE_BYTES * 2];
	char room[NAME_BYTES];
	struct entry_visible visible;
	uint8_t bytes[ENTRY_BYTES_MAX + 1] = {0};
	size_t size;

	(void)state;
	memset(long_value, 'v', sizeof(long_value) - 1);
	long_value[sizeof(long_value) - 1] = '\0';
	memset(room, 'r', sizeof(room) - 1);
	room[sizeof(room) - 1] = '\0';
	event_init(&event, EVENT_POLICY_CHANGED, (struct turn_id){UINT64_MAX}, room,
		   INT64_MAX);
	for (size_t i = 0; i < EVENT_FIELDS_MAX; i++)
		event_add(&event, "a_name_of_15_by", long_value);
	entry_seal(HOUSE, HOUSE_KEY, 1, &event, bytes, &size);
	assert_true(size < ENTRY_BYTES_MAX);
	assert_int_equal(entry_peek(bytes, ENTRY_BYTES_MAX, &visible), OK);
	assert_int_equal(entry_peek(bytes, ENTRY_BYTES_MAX + 1, &visible), ERR_FORMAT);
	assert_int_equal(entry_open(HOUSE, HOUSE_KEY, 1, bytes, size, &back), OK);
	assert_memory_equal(&event, &back, sizeof(back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_match_the_reference_tests),
		cmocka_unit_test(roots_of_larger_trees_match),
		cmocka_unit_test(checkpoints_are_signed_notes),
		cmocka_unit_test(events_come_back_as_they_were),
		cmocka_unit_test(bodies_are_not_readable),
		cmocka_unit_test(a_whole_book_is_whole),
		cmocka_unit_test(every_edit_is_named),
		cmocka_unit_test(every_removal_is_named),
		cmocka_unit_test(a_truncation_is_named),
		cmocka_unit_test(a_replaced_entry_is_found),
		cmocka_unit_test(a_changed_checkpoint_is_named),
		cmocka_unit_test(a_journal_goes_on_behind_its_checkpoint),
		cmocka_unit_test(what_was_not_stored_is_taken_back),
		cmocka_unit_test(the_largest_event_fits),
		cmocka_unit_test(an_older_checkpoint_is_read),
		cmocka_unit_test(a_forged_seal_is_found),
		cmocka_unit_test(tiles_go_on_from_the_right_edge_alone),
		cmocka_unit_test(a_batch_has_limits),
		cmocka_unit_test(a_later_kind_is_walked),
		cmocka_unit_test(tile_and_checkpoint_judge_together),
		cmocka_unit_test(the_first_tile_is_named),
		cmocka_unit_test(rows_in_other_places_are_named),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
