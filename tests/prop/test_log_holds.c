/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_log_holds - random histories of a keeper: entries in batches of any size, writes that
 * fail, restarts at any moment, tiles taken away. Whatever happened: entries are proven
 * against every checkpoint that covers them, each checkpoint goes on from each before it,
 * and the whole fits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "fake/desk_bench.h"
#include "keeper/desk_inner.h"
#include "tlog/proof_text.h"

enum { TRIALS = 40, STEPS = 30, PAIRS = 60, SIZES_MAX = 4096 };

static struct rand_fake dice;
static struct desk_bench *bench;
static struct desk_bench_link *hub;
static uint64_t token;

static uint32_t below(uint32_t limit)
{
	return rand_fake_below(&dice, limit);
}

static void come(void)
{
	hub = desk_bench_link(bench, DESK_HUB);
}

static void drop_answers(void)
{
	while (desk_bench_take(hub))
		;
}

static void append(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		token++;
		desk_bench_append(bench, hub, token, EVENT_DECIDED, token, "kitchen");
		if (below(30) == 0)
			desk_bench_settle(bench);
		drop_answers();
	}
}

static void remove_a_tile(void)
{
	size_t last = SIZE_MAX;

	/* The newest of level 0, and those above that rest on it: as before there were any. */
	for (size_t i = 0; i < store_fake_row_count(bench->rows); i++)
		if (store_fake_row(bench->rows, i, NULL)->key.space == STORE_TILE)
			last = i;
	if (last != SIZE_MAX)
		store_fake_remove(bench->rows, last);
}

/* A full disk writes nothing; another error leaves open whether it did. */
static void fail_writes(void)
{
	const bool is_full = below(2) == 0;

	store_fake_fail_after(bench->rows, below(3), is_full ? ERR_LIMIT : ERR_IO,
			      !is_full && below(2) == 0);
}

static void step(void)
{
	switch (below(8)) {
	case 0:
		desk_bench_restart(bench);
		come();
		break;
	case 1: /* in the middle of something */
		append(below(20));
		for (uint32_t i = below(5); i > 0; i--)
			store_step(&bench->store);
		desk_bench_restart(bench);
		come();
		break;
	case 2:
		fail_writes();
		append(below(40));
		desk_bench_settle(bench);
		store_fake_heal(bench->rows);
		break;
	case 3:
		desk_bench_settle(bench);
		remove_a_tile();
		desk_bench_restart(bench);
		come();
		break;
	case 4:
		desk_tick(bench->desk);
		break;
	default:
		append(below(200));
		break;
	}
	drop_answers();
}

struct asked {
	enum err err;
	struct merkle_head head;
	struct merkle_proof proof;
	struct buf text;
	uint8_t leaf[SEAL_HASH_BYTES];
};

static void proven(struct desk *desk, void *context, enum err err,
		   const struct desk_proven *what)
{
	struct asked *asked = context;

	(void)desk;
	asked->err = err;
	if (!what)
		return;
	asked->head = what->head;
	asked->proof = *what->proof;
	assert_int_equal(buf_add(&asked->text, what->text, what->text_size), OK);
	if (what->row_size > 0)
		assert_int_equal(tree_leaf_hash(what->row, what->row_size, asked->leaf),
				 OK);
}

static size_t find_heads(struct merkle_head *heads)
{
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(bench->rows); i++) {
		const struct store_row *row = store_fake_row(bench->rows, i, NULL);
		struct journal_stated stated;

		if (row->key.space != STORE_CHECKPOINT || count == SIZES_MAX)
			continue;
		assert_int_equal(journal_read_checkpoint(bench->desk->journal, row->value,
							 row->size, &stated),
				 OK);
		heads[count].size = stated.size;
		memcpy(heads[count].root, stated.root, SEAL_HASH_BYTES);
		count++;
	}
	return count;
}

static void expect_entry(uint64_t place, const struct merkle_head *head)
{
	struct asked asked = {.err = ERR_TIMEOUT};
	struct proof_text text;
	struct merkle_head read;

	buf_init(&asked.text, PROOF_TEXT_BYTES_MAX);
	assert_int_equal(
		desk_proof_of_entry(bench->desk, place, head->size, proven, &asked), OK);
	desk_bench_settle(bench);
	assert_int_equal(asked.err, OK);
	assert_int_equal(proof_text_check(bench->household, bench->desk->public_key,
					  asked.leaf, (const char *)asked.text.bytes,
					  asked.text.size, &text, &read),
			 OK);
	assert_true(text.index == place - 1 && read.size == head->size);
	assert_memory_equal(read.root, head->root, SEAL_HASH_BYTES);
	buf_finish(&asked.text);
}

static void expect_growth(const struct merkle_head *from)
{
	struct asked asked = {.err = ERR_TIMEOUT};

	buf_init(&asked.text, PROOF_TEXT_BYTES_MAX);
	assert_int_equal(desk_proof_since(bench->desk, from->size, proven, &asked), OK);
	desk_bench_settle(bench);
	assert_int_equal(asked.err, OK);
	assert_int_equal(merkle_check_consistency(from, &asked.head, &asked.proof), OK);
	buf_finish(&asked.text);
}

static void look_at_it(void)
{
	static struct merkle_head heads[SIZES_MAX];
	size_t count;

	desk_bench_settle(bench);
	for (size_t i = 0; i < 3; i++) { /* what failed is made again with a tick */
		desk_tick(bench->desk);
		desk_bench_settle(bench);
	}
	drop_answers();
	assert_int_equal(bench->desk->tiles, DESK_TILES_KEPT);
	count = find_heads(heads);
	for (size_t i = 0; i < PAIRS && count > 0; i++) {
		const struct merkle_head *head = &heads[below((uint32_t)count)];

		expect_entry(1 + below((uint32_t)head->size), head);
		expect_growth(&heads[below((uint32_t)count)]);
	}
}

static void proofs_hold_whatever_happened(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < TRIALS; i++) {
		bench = desk_bench_create(below(UINT32_MAX));
		come();
		for (size_t j = 0; j < STEPS; j++)
			step();
		look_at_it();
		desk_bench_destroy(bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proofs_hold_whatever_happened),
	};

	if (seal_init() != OK)
		return 1;
	(void)rand_fake_init(&dice, rand_fake_seed());
	return cmocka_run_group_tests_name("log_holds", tests, NULL, NULL);
}
