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
	assert_string_equal(walk_book(&book, ENTRIES),
			    "entries 15 to 16 are missing");
	for (uint64_t i = 13; i <= ENTRIES; i++)
		book.entries[i].there = false;
	book.checkpoint_count = 3;
	assert_string_equal(walk_book(&book, ENTRIES),
			    "entries 13 to 20 are missing");
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
	assert_int_equal(entry_seal(HOUSE, HOUSE_KEY, 7, &event, book.entries[7].bytes,
				    &book.entries[7].size),
			 OK);
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
	uint8_t bytes[ENTRY_BYTES_MAX];
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
	assert_int_equal(entry_seal(HOUSE, HOUSE_KEY, 1, &event, bytes, &size), OK);
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
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
