/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_journal_holds - random journals in random batches: one left alone is whole, and
 * one that was edited, cut, reordered or mixed with another names the first entry that
 * is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/seal.h"
#include "base/str.h"
#include "fake/rand_fake.h"
#include "journal/walk.h"

enum { TRIALS = 1500, ENTRIES_MAX = 120, BATCH_MAX = 9 };

struct row {
	bool there;
	size_t size;
	uint8_t bytes[ENTRY_BYTES_MAX];
};
_Static_assert((int)ENTRY_BYTES_MAX >= (int)JOURNAL_CHECKPOINT_BYTES_MAX, "both fit");

struct book {
	struct journal *journal;
	uint64_t size;
	struct row entries[ENTRIES_MAX + 1];     /* by place */
	struct row checkpoints[ENTRIES_MAX + 1]; /* by size */
};

static const uint8_t SEED[SEAL_SIGN_SEED_BYTES] = {1};
static const uint8_t HOUSE_KEY[SEAL_KEY_BYTES] = {2};
static struct rand_fake dice;
static struct book book;
static struct book other;

static uint32_t below(uint32_t limit)
{
	return rand_fake_below(&dice, limit);
}

static void random_event(struct event *event)
{
	event_init(event, (enum event_kind)below(EVENT_KIND_COUNT),
		   (struct turn_id){below(50)}, below(2) ? "kitchen" : "",
		   below(1000000));
	for (uint32_t i = below(EVENT_FIELDS_MAX); i > 0; i--)
		event_add_int(event, "field", below(1000));
}

static void close_batch(struct book *to)
{
	struct row *row;

	if (journal_pending_size(to->journal) == journal_size(to->journal))
		return;
	row = &to->checkpoints[journal_pending_size(to->journal)];
	assert_int_equal(journal_checkpoint(to->journal, row->bytes, &row->size), OK);
	row->there = true;
	journal_commit(to->journal);
}

static void write_book(struct book *to, uint8_t household, uint64_t size)
{
	const struct journal_keys keys = {.household = {{household}},
					  .seed = SEED,
					  .house_key = HOUSE_KEY};
	struct event event;
	uint64_t place = 0;

	memset(to, 0, sizeof(*to));
	to->size = size;
	assert_int_equal(journal_create(&keys, &to->journal), OK);
	for (uint64_t i = 1; i <= size; i++) {
		random_event(&event);
		assert_int_equal(journal_add(to->journal, &event, to->entries[i].bytes,
					     &to->entries[i].size, &place),
				 OK);
		assert_true(place == i);
		to->entries[i].there = true;
		if (below(BATCH_MAX) == 0)
			close_batch(to);
		else if (below(20) == 0 &&
			 i > 1) { /* the store failed: again from there */
			journal_rollback(to->journal);
			i = journal_size(to->journal);
		}
	}
	close_batch(to);
}

static struct walk walking;

static const char *walk_words(const struct book *from)
{
	walk_begin(&walking, from->journal);
	for (uint64_t i = 1; i <= from->size; i++) {
		if (from->entries[i].there)
			walk_entry(&walking, i, from->entries[i].bytes,
				   from->entries[i].size);
		if (from->checkpoints[i].there)
			walk_checkpoint(&walking, i, from->checkpoints[i].bytes,
					from->checkpoints[i].size);
	}
	walk_end(&walking, from->size);
	for (uint64_t i = walking.from; walking.has_suspects && i <= walking.to; i++)
		walk_suspect(&walking, i, from->entries[i].bytes, from->entries[i].size);
	walk_settle(&walking);
	return walking.words;
}

static void expect_wrong(enum walk_wrong wrong, uint64_t place)
{
	(void)walk_words(&book);
	if (walking.wrong != wrong || walking.from != place)
		fail_msg("\"%s\", expected %s from %d", walking.words,
			 walk_wrong_text(wrong), (int)place);
}

static void swap_rows(struct row *a, struct row *b)
{
	static struct row kept;

	kept = *a;
	*a = *b;
	*b = kept;
}

/* One act of tampering at a random place, and what must be said of it. */
static void tamper(uint32_t how)
{
	uint64_t place = 1 + below((uint32_t)book.size);
	uint64_t second = 1 + below((uint32_t)book.size);

	switch (how) {
	case 0: /* a bit */
		book.entries[place].bytes[below((uint32_t)book.entries[place].size)] ^=
			(uint8_t)(1 << below(8));
		expect_wrong(WALK_ENTRY_CHANGED, place);
		break;
	case 1:
		book.entries[place].there = false;
		expect_wrong(WALK_ENTRY_MISSING, place);
		break;
	case 2: /* two places exchanged */
		if (place == second)
			break;
		swap_rows(&book.entries[place], &book.entries[second]);
		expect_wrong(WALK_ENTRY_CHANGED, place < second ? place : second);
		break;
	case 3: /* the tail, checkpoints and all */
		for (uint64_t i = place; i <= book.size; i++) {
			book.entries[i].there = false;
			book.checkpoints[i].there = false;
		}
		for (uint64_t i = place; i > 1 && !book.checkpoints[i - 1].there; i--) {
			place = i - 1; /* entries without a checkpoint go as well */
			book.entries[place].there = false;
		}
		expect_wrong(WALK_ENTRY_MISSING, place);
		break;
	case 4: /* an entry of another house, under the same keys */
		book.entries[place] = other.entries[1 + below((uint32_t)other.size)];
		expect_wrong(WALK_ENTRY_CHANGED, place);
		break;
	case 5: /* cut short */
		book.entries[place].size = below((uint32_t)book.entries[place].size);
		expect_wrong(WALK_ENTRY_CHANGED, place);
		break;
	default: /* the last checkpoint */
		book.checkpoints[book.size].there = false;
		for (place = book.size; place > 1 && !book.checkpoints[place - 1].there;)
			place--;
		expect_wrong(WALK_ENTRY_UNSIGNED, place);
		break;
	}
}

static void the_first_wrong_entry_is_named(void **state)
{
	(void)state;
	write_book(&other, 0x99, ENTRIES_MAX);
	for (uint32_t i = 0; i < TRIALS; i++) {
		write_book(&book, 0x98, 1 + below(ENTRIES_MAX));
		assert_string_equal(walk_words(&book), "");
		tamper(i % 7);
		journal_destroy(book.journal);
	}
	journal_destroy(other.journal);
}

/* The running root does not depend on how the entries came. */
static void batches_do_not_change_the_root(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 50; i++) {
		struct tree tree = {.size = 0};
		uint8_t roots[2][SEAL_HASH_BYTES];
		uint8_t hash[SEAL_HASH_BYTES];

		write_book(&book, 0x98, 1 + below(ENTRIES_MAX));
		for (uint64_t j = 1; j <= book.size; j++) {
			assert_int_equal(tree_leaf_hash(book.entries[j].bytes,
							book.entries[j].size, hash),
					 OK);
			assert_int_equal(tree_add(&tree, hash), OK);
		}
		assert_int_equal(tree_root(&tree, roots[0]), OK);
		assert_int_equal(journal_root(book.journal, roots[1]), OK);
		assert_memory_equal(roots[0], roots[1], SEAL_HASH_BYTES);
		journal_destroy(book.journal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_wrong_entry_is_named),
		cmocka_unit_test(batches_do_not_change_the_root),
	};

	if (seal_init() != OK)
		return 1;
	(void)rand_fake_init(&dice, rand_fake_seed());
	return cmocka_run_group_tests_name("journal_holds", tests, NULL, NULL);
}
