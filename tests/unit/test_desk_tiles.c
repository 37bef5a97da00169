/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_tiles - the keeper's tiles are those of its entries, whenever and however often
 * it starts, and what does not fit is noticed; the proofs that it makes of them hold.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "fake/desk_bench.h"
#include "keeper/desk_inner.h"
#include "tlog/proof_text.h"

enum { SEED = 7, PROOFS_MAX = 64 };

struct house {
	struct desk_bench *bench;
	struct desk_bench_link *hub;
	uint64_t token;
};

static struct house make_house(void)
{
	struct house house = {.bench = desk_bench_create(SEED)};

	house.hub = desk_bench_link(house.bench, DESK_HUB);
	return house;
}

static void drop_answers(struct house *house)
{
	while (desk_bench_take(house->hub))
		;
}

static void append(struct house *house, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		house->token++;
		desk_bench_append(house->bench, house->hub, house->token, EVENT_DECIDED,
				  house->token, "kitchen");
		if (i % 50 == 49)
			desk_bench_settle(house->bench);
		drop_answers(house);
	}
	desk_bench_settle(house->bench);
	drop_answers(house);
}

static void restart(struct house *house)
{
	desk_bench_restart(house->bench);
	house->hub = desk_bench_link(house->bench, DESK_HUB);
	desk_bench_settle(house->bench);
	drop_answers(house);
}

/* Once more after something failed: the next tick. */
static void tick(struct house *house)
{
	desk_tick(house->bench->desk);
	desk_bench_settle(house->bench);
}

static size_t count_rows(const struct house *house, enum store_space space)
{
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++)
		count += store_fake_row(house->bench->rows, i, NULL)->key.space == space;
	return count;
}

static size_t find_row(const struct house *house, enum store_space space, size_t which)
{
	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		if (store_fake_row(house->bench->rows, i, NULL)->key.space == space &&
		    which-- == 0)
			return i;
	}
	fail_msg("no such row");
	return 0;
}

static uint64_t size_of(const struct house *house)
{
	return journal_size(house->bench->desk->journal);
}

/* Every full tile, and no other, lies there, as the entries give it. */
static void expect_tiles(const struct house *house)
{
	static struct tile_edge edge;
	static struct tile full[TILE_LEVELS];
	uint8_t hash[SEAL_HASH_BYTES];
	size_t seen = 0;
	size_t count = 0;

	edge.size = 0;
	for (size_t i = 0; i < count_rows(house, STORE_JOURNAL); i++) {
		const struct store_row *row =
			store_fake_row(house->bench->rows,
				       find_row(house, STORE_JOURNAL, 0) + i, NULL);

		assert_int_equal(tree_leaf_hash(row->value, row->size, hash), OK);
		assert_int_equal(tile_edge_add(&edge, hash, full, &count), OK);
		for (size_t level = 0; level < count; level++) {
			const struct store_row *tile = store_fake_row(
				house->bench->rows,
				find_row(house, STORE_TILE,
					 (size_t)full[level].id.index), /* of level 0 */
				NULL);

			assert_int_equal(level, 0);
			assert_int_equal(tile->size, TILE_BYTES);
			assert_memory_equal(tile->value, full[level].hashes, TILE_BYTES);
			seen++;
		}
	}
	assert_int_equal(edge.size, size_of(house));
	assert_int_equal(count_rows(house, STORE_TILE), seen);
	assert_int_equal(house->bench->desk->tiles, DESK_TILES_KEPT);
	assert_non_null(journal_tile_edge(house->bench->desk->journal));
}

static void tiles_come_with_their_entries(void **state)
{
	struct house house = make_house();

	(void)state;
	append(&house, 254);
	assert_int_equal(size_of(&house), 255);
	assert_int_equal(count_rows(&house, STORE_TILE), 0);
	append(&house, 1);
	expect_tiles(&house);
	append(&house, 700);
	expect_tiles(&house);
	assert_int_equal(count_rows(&house, STORE_TILE), 3);
	desk_bench_destroy(house.bench);
}

static void a_restart_goes_on_with_them(void **state)
{
	struct house house = make_house();

	(void)state;
	for (size_t i = 0; i < 9; i++) {
		append(&house, 97);
		restart(&house);
		expect_tiles(&house);
	}
	append(&house, 300);
	expect_tiles(&house);
	desk_bench_destroy(house.bench);
}

static void an_older_journal_gets_them(void **state)
{
	static const uint64_t SIZES[] = {255, 256, 257, 511, 512, 513, 1500};

	(void)state;
	for (size_t i = 0; i < sizeof(SIZES) / sizeof(SIZES[0]); i++) {
		struct house house = make_house();

		append(&house, SIZES[i] - 1);
		assert_int_equal(size_of(&house), SIZES[i]);
		while (count_rows(&house, STORE_TILE) > 0)
			store_fake_remove(house.bench->rows,
					  find_row(&house, STORE_TILE, 0));
		restart(&house);
		expect_tiles(&house);
		append(&house, 400);
		expect_tiles(&house);
		desk_bench_destroy(house.bench);
	}
}

/* While the house goes on, at every point of the making. */
static void they_are_made_while_it_goes_on(void **state)
{
	(void)state;
	for (size_t steps = 1; steps < 40; steps += 3) {
		struct house house = make_house();

		append(&house, 900);
		while (count_rows(&house, STORE_TILE) > 1)
			store_fake_remove(house.bench->rows,
					  find_row(&house, STORE_TILE, 1));
		desk_bench_restart(house.bench);
		house.hub = desk_bench_link(house.bench, DESK_HUB);
		for (size_t i = 0; i < steps; i++) {
			for (size_t j = 0; j < 11; j++) {
				house.token++;
				desk_bench_append(house.bench, house.hub, house.token,
						  EVENT_DECIDED, house.token, "kitchen");
			}
			store_step(&house.bench->store);
		}
		desk_bench_settle(house.bench);
		drop_answers(&house);
		expect_tiles(&house);
		desk_bench_destroy(house.bench);
	}
}

static void what_fails_is_made_again(void **state)
{
	static const enum err ERRS[] = {ERR_IO, ERR_LIMIT};

	(void)state;
	for (size_t good = 0; good < 8; good++) {
		struct house house = make_house();

		append(&house, 2000);
		while (count_rows(&house, STORE_TILE) > 0)
			store_fake_remove(house.bench->rows,
					  find_row(&house, STORE_TILE, 0));
		desk_bench_restart(house.bench);
		store_fake_fail_after(house.bench->rows, good, ERRS[good % 2],
				      good % 4 == 0);
		house.hub = desk_bench_link(house.bench, DESK_HUB);
		desk_bench_settle(house.bench);
		store_fake_heal(house.bench->rows);
		tick(&house);
		append(&house, 1);
		tick(&house);
		expect_tiles(&house);
		desk_bench_destroy(house.bench);
	}
}

/* A tile where none can be yet: nothing is put in its place, and the house goes on. */
static void a_stray_tile_is_noticed(void **state)
{
	static const uint8_t nothing[TILE_BYTES];
	static const struct {
		struct tile_id id;
		bool before_start;
	} ROWS[] = {{{0, 1}, true}, {{0, 7}, true}, {{0, 1}, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct house house = make_house();
		struct store_row row = {.value = nothing, .size = sizeof(nothing)};
		uint64_t before;

		append(&house, 300);
		row.key = desk_tile_key(house.bench->desk, ROWS[i].id);
		assert_int_equal(store_fake_put(house.bench->rows, &row), OK);
		if (ROWS[i].before_start)
			restart(&house);
		append(&house, 300);
		assert_int_equal(house.bench->desk->tiles, DESK_TILES_WRONG);
		assert_non_null(strstr(desk_trouble(house.bench->desk), "tiles"));
		before = size_of(&house);
		append(&house, 300);
		assert_int_equal(size_of(&house), before + 300);
		desk_tiles_clash(house.bench->desk); /* it is known */
		assert_int_equal(house.bench->desk->tiles, DESK_TILES_WRONG);
		desk_bench_destroy(house.bench);
	}
}

static void a_wrong_tile_is_noticed_at_start(void **state)
{
	struct house house = make_house();
	uint8_t *value;

	(void)state;
	append(&house, 800);
	(void)store_fake_row(house.bench->rows, find_row(&house, STORE_TILE, 1), &value);
	value[77] ^= 1;
	restart(&house);
	assert_int_equal(house.bench->desk->tiles, DESK_TILES_WRONG);
	assert_int_equal(desk_proof_of_entry(house.bench->desk, 1, 0, NULL, NULL),
			 ERR_AUTH);
	value[77] ^= 1;
	store_fake_remove(house.bench->rows, find_row(&house, STORE_TILE, 1));
	restart(&house);
	assert_int_equal(house.bench->desk->tiles, DESK_TILES_WRONG);
	desk_bench_destroy(house.bench);
}

static void drop_tiles(struct house *house)
{
	while (count_rows(house, STORE_TILE) > 0)
		store_fake_remove(house->bench->rows, find_row(house, STORE_TILE, 0));
}

/* Each question of the making, refused or not answered: the next tick asks again. */
static void what_cannot_be_read_is_asked_again(void **state)
{
	(void)state;
	for (unsigned at_once = 0; at_once < 2; at_once++) {
		bool has_failed = true;

		for (size_t n = 0; has_failed; n++) {
			struct house house = make_house();

			append(&house, 600);
			if (n % 2)
				drop_tiles(&house);
			restart(&house);
			house.bench->desk->tiles = DESK_TILES_UNKNOWN;
			journal_drop_tiles(house.bench->desk->journal);
			store_fake_fail_question(house.bench->rows, n / 2, ERR_IO,
						 at_once);
			tick(&house);
			has_failed =
				store_fake_has_failed(house.bench->rows) || n % 2 == 0;
			store_fake_heal(house.bench->rows);
			tick(&house);
			append(&house, 1);
			tick(&house);
			expect_tiles(&house);
			desk_bench_destroy(house.bench);
		}
	}
}

/* More than one item of rows holds. */
static void a_long_older_journal_gets_them(void **state)
{
	struct house house = make_house();

	(void)state;
	append(&house, 4400);
	drop_tiles(&house);
	restart(&house);
	expect_tiles(&house);
	desk_bench_destroy(house.bench);
}

static void cut_tile(struct store_row *row)
{
	row->size = TILE_BYTES - 1;
}

static void lengthen_key(struct store_row *row)
{
	row->key.bytes[row->key.size++] = 1;
}

static void move_tile(struct store_row *row)
{
	row->key.bytes[row->key.size - 1] = 3; /* behind the end */
}

/* Rows that are none of the journal's tiles, in the place of the newest and of an older. */
static void rows_that_are_no_tiles_are_noticed(void **state)
{
	static void (*const changes[])(struct store_row * row) = {cut_tile, lengthen_key,
								  move_tile};

	(void)state;
	for (size_t i = 0; i < 2 * (sizeof(changes) / sizeof(changes[0])); i++) {
		struct house house = make_house();
		uint8_t value[TILE_BYTES];
		struct store_row row;
		size_t at;

		append(&house, 800);
		at = find_row(&house, STORE_TILE, i % 2 ? 2 : 1);
		row = *store_fake_row(house.bench->rows, at, NULL);
		memcpy(value, row.value, sizeof(value));
		row.value = value;
		changes[i / 2](&row);
		store_fake_remove(house.bench->rows, at);
		assert_int_equal(store_fake_put(house.bench->rows, &row), OK);
		restart(&house);
		append(&house, 300);
		assert_int_equal(house.bench->desk->tiles, DESK_TILES_WRONG);
		desk_bench_destroy(house.bench);
	}
}

/* While they are made: without an entry none is made, and the house goes on. */
static void an_entry_that_is_missing_is_noticed(void **state)
{
	struct house house = make_house();
	uint64_t before;

	(void)state;
	append(&house, 700);
	drop_tiles(&house);
	store_fake_remove(house.bench->rows, find_row(&house, STORE_JOURNAL, 300));
	restart(&house);
	assert_int_equal(house.bench->desk->tiles, DESK_TILES_WRONG);
	before = size_of(&house);
	append(&house, 5);
	assert_int_equal(size_of(&house), before + 5);
	desk_bench_destroy(house.bench);
}

/* Nor is one made over a row whose key is no place; and what was wrong first is what is told. */
static void a_row_that_is_no_entry_is_noticed(void **state)
{
	struct house house = make_house();
	static const uint8_t value[] = {1, 2, 3};
	struct store_row row = {.value = value, .size = sizeof(value)};

	(void)state;
	append(&house, 700);
	drop_tiles(&house);
	row.key = desk_key_number(house.bench->desk, STORE_JOURNAL, 300);
	row.key.bytes[row.key.size++] = 7;
	assert_int_equal(store_fake_put(house.bench->rows, &row), OK);
	desk_bench_restart(house.bench);
	(void)strcpy(house.bench->desk->trouble, "another");
	house.bench->desk->tiles = DESK_TILES_UNKNOWN;
	tick(&house);
	assert_int_equal(house.bench->desk->tiles, DESK_TILES_WRONG);
	assert_string_equal(desk_trouble(house.bench->desk), "another");
	desk_bench_destroy(house.bench);
}

/* --- proofs ----------------------------------------------------------------------------- */

struct asked {
	unsigned answers;
	enum err err;
	struct merkle_head head;
	struct merkle_proof proof;
	char text[PROOF_TEXT_BYTES_MAX];
	size_t text_size;
};

static void proven(struct desk *desk, void *context, enum err err,
		   const struct desk_proven *what)
{
	struct asked *asked = context;

	(void)desk;
	asked->answers++;
	asked->err = err;
	if (!what)
		return;
	asked->head = what->head;
	asked->proof = *what->proof;
	asked->text_size = what->text_size;
	if (what->text_size > 0)
		memcpy(asked->text, what->text, what->text_size);
}

static void expect_inclusion(const struct house *house, const struct asked *asked,
			     uint64_t place)
{
	const struct store_row *row =
		store_fake_row(house->bench->rows,
			       find_row(house, STORE_JOURNAL, (size_t)place - 1), NULL);
	struct proof_text text;
	struct merkle_head head;
	uint8_t leaf[SEAL_HASH_BYTES];

	assert_int_equal(asked->answers, 1);
	assert_int_equal(asked->err, OK);
	assert_int_equal(tree_leaf_hash(row->value, row->size, leaf), OK);
	assert_int_equal(proof_text_check(house->bench->household,
					  house->bench->desk->public_key, leaf,
					  asked->text, asked->text_size, &text, &head),
			 OK);
	assert_int_equal(text.index, place - 1);
	assert_int_equal(head.size, asked->head.size);
}

static void entries_are_proven(void **state)
{
	static const uint64_t PLACES[] = {1, 2, 255, 256, 257, 600, 901};
	struct house house = make_house();
	static struct asked asked[PROOFS_MAX];
	struct desk *desk = house.bench->desk;

	(void)state;
	append(&house, 900);
	memset(asked, 0, sizeof(asked));
	for (size_t i = 0; i < PROOFS_MAX; i++)
		assert_int_equal(desk_proof_of_entry(
					 desk,
					 PLACES[i % (sizeof(PLACES) / sizeof(PLACES[0]))],
					 0, proven, &asked[i]),
				 OK);
	desk_bench_settle(house.bench);
	for (size_t i = 0; i < PROOFS_MAX; i++) {
		expect_inclusion(&house, &asked[i],
				 PLACES[i % (sizeof(PLACES) / sizeof(PLACES[0]))]);
		assert_int_equal(asked[i].head.size, 901);
	}
	assert_true(desk_is_idle(desk));
	/* Against an older checkpoint, too; and only where there is one. */
	memset(asked, 0, sizeof(asked));
	assert_int_equal(desk_proof_of_entry(desk, 1, 1, proven, &asked[0]), OK);
	assert_int_equal(desk_proof_of_entry(desk, 1, 3, proven, &asked[1]), OK);
	assert_int_equal(desk_proof_of_entry(desk, 0, 0, proven, NULL), ERR_MISSING);
	assert_int_equal(desk_proof_of_entry(desk, 902, 0, proven, NULL), ERR_MISSING);
	assert_int_equal(desk_proof_of_entry(desk, 1, 902, proven, NULL), ERR_MISSING);
	assert_int_equal(desk_proof_of_entry(desk, 5, 4, proven, NULL), ERR_MISSING);
	assert_int_equal(desk_proof_since(desk, 902, proven, NULL), ERR_RANGE);
	desk_bench_settle(house.bench);
	expect_inclusion(&house, &asked[0], 1);
	assert_int_equal(asked[0].head.size, 1);
	desk_bench_destroy(house.bench);
}

static void growth_is_proven(void **state)
{
	struct house house = make_house();
	static struct asked asked;
	struct merkle_head heads[8];

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		append(&house, 130);
		heads[i].size = size_of(&house);
		assert_int_equal(journal_root(house.bench->desk->journal, heads[i].root),
				 OK);
	}
	restart(&house);
	for (size_t i = 0; i < 8; i++) {
		memset(&asked, 0, sizeof(asked));
		assert_int_equal(desk_proof_since(house.bench->desk, heads[i].size,
						  proven, &asked),
				 OK);
		desk_bench_settle(house.bench);
		assert_int_equal(asked.err, OK);
		assert_int_equal(asked.head.size, heads[7].size + 1); /* it started */
		assert_int_equal(merkle_check_consistency(&heads[i], &asked.head,
							  &asked.proof),
				 OK);
		heads[i].root[0] ^= 1;
		assert_int_equal(merkle_check_consistency(&heads[i], &asked.head,
							  &asked.proof),
				 ERR_AUTH);
		heads[i].root[0] ^= 1;
	}
	desk_bench_destroy(house.bench);
}

/* Asked before it is known what the tiles are. */
static void a_proof_waits_for_the_tiles(void **state)
{
	struct house house = make_house();
	static struct asked asked[2];

	(void)state;
	append(&house, 900);
	while (count_rows(&house, STORE_TILE) > 0)
		store_fake_remove(house.bench->rows, find_row(&house, STORE_TILE, 0));
	memset(asked, 0, sizeof(asked));
	desk_bench_restart(house.bench);
	assert_int_equal(desk_proof_of_entry(house.bench->desk, 5, 0, proven, &asked[0]),
			 OK);
	assert_int_equal(desk_proof_of_entry(house.bench->desk, 6, 0, proven, &asked[1]),
			 OK);
	desk_proof_forget(house.bench->desk, &asked[1]);
	desk_bench_settle(house.bench);
	assert_int_equal(asked[0].answers, 0);
	house.hub = desk_bench_link(house.bench, DESK_HUB);
	desk_bench_settle(house.bench);
	expect_inclusion(&house, &asked[0], 5);
	assert_int_equal(asked[1].answers, 0);
	desk_bench_destroy(house.bench);
}

/* What was changed since the start makes no proof; it is not handed out. */
static void a_wrong_tile_proves_nothing(void **state)
{
	struct house house = make_house();
	static struct asked asked[3];
	uint8_t *value;

	(void)state;
	append(&house, 900);
	(void)store_fake_row(house.bench->rows, find_row(&house, STORE_TILE, 0), &value);
	value[40] ^= 1;
	memset(asked, 0, sizeof(asked));
	assert_int_equal(desk_proof_of_entry(house.bench->desk, 9, 0, proven, &asked[0]),
			 OK);
	assert_int_equal(desk_proof_since(house.bench->desk, 9, proven, &asked[1]), OK);
	desk_bench_settle(house.bench);
	assert_int_equal(asked[0].err, ERR_AUTH);
	assert_int_equal(asked[1].err, ERR_AUTH);
	store_fake_remove(house.bench->rows, find_row(&house, STORE_TILE, 0));
	assert_int_equal(desk_proof_of_entry(house.bench->desk, 9, 0, proven, &asked[2]),
			 OK);
	desk_bench_settle(house.bench);
	assert_int_equal(asked[2].err, ERR_MISSING);
	assert_int_equal(asked[2].answers, 1);
	desk_bench_destroy(house.bench);
}

/* Whatever a proof is made of, if it is not as it was written, there is none. */
static void rows_that_were_spoilt_prove_nothing(void **state)
{
	static const enum store_space spaces[] = {STORE_CHECKPOINT, STORE_JOURNAL,
						  STORE_TILE};

	(void)state;
	for (size_t i = 0; i < 2 * (sizeof(spaces) / sizeof(spaces[0])); i++) {
		struct house house = make_house();
		static const uint8_t nothing[ENTRY_BYTES_MAX + 1];
		static struct asked asked;
		const enum store_space space = spaces[i / 2];
		struct store_row row;
		size_t at;

		append(&house, 600);
		at = find_row(&house, space, 0);
		if (space == STORE_CHECKPOINT)
			at += count_rows(&house, space) - 1;
		row = *store_fake_row(house.bench->rows, at, NULL);
		row.value = nothing;
		row.size = i % 2 ? sizeof(nothing) : 100;
		store_fake_remove(house.bench->rows, at);
		assert_int_equal(store_fake_put(house.bench->rows, &row), OK);
		memset(&asked, 0, sizeof(asked));
		assert_int_equal(desk_proof_of_entry(house.bench->desk, 1, 0, proven,
						     &asked),
				 OK);
		desk_bench_settle(house.bench);
		assert_int_equal(asked.answers, 1);
		assert_int_equal(asked.err, ERR_AUTH);
		desk_bench_destroy(house.bench);
	}
}

/* So many wait at once, and whoever comes then comes again. */
static void proofs_have_a_limit(void **state)
{
	enum { MOST = 256 };
	struct house house = make_house();
	static struct asked asked[MOST];

	(void)state;
	append(&house, 300);
	memset(asked, 0, sizeof(asked));
	for (size_t i = 0; i < MOST; i++)
		assert_int_equal(desk_proof_of_entry(house.bench->desk, 5, 0, proven,
						     &asked[i]),
				 OK);
	assert_int_equal(desk_proof_of_entry(house.bench->desk, 5, 0, proven, NULL),
			 ERR_BUSY);
	desk_bench_settle(house.bench);
	for (size_t i = 0; i < MOST; i++)
		expect_inclusion(&house, &asked[i], 5);
	desk_bench_destroy(house.bench);
}

/* Against a checkpoint in the middle of a tile: of two tiles. And one checkpoint in another's
 * place is none, nor is there a proof while the tiles are not known. */
static void an_older_checkpoint_needs_two_tiles(void **state)
{
	struct house house = make_house();
	static struct asked asked[3];
	size_t at;

	(void)state;
	append(&house, 298);
	append(&house, 1);
	assert_int_equal(size_of(&house), 300);
	append(&house, 400);
	memset(asked, 0, sizeof(asked));
	assert_int_equal(desk_proof_of_entry(house.bench->desk, 1, 300, proven,
					     &asked[0]),
			 OK);
	desk_bench_settle(house.bench);
	expect_inclusion(&house, &asked[0], 1);
	assert_int_equal(asked[0].head.size, 300);
	at = find_row(&house, STORE_CHECKPOINT, 0) +
	     count_rows(&house, STORE_CHECKPOINT) - 1;
	store_fake_swap_values(house.bench->rows, at, at - 1);
	assert_int_equal(desk_proof_of_entry(house.bench->desk, 1, 0, proven, &asked[1]),
			 OK);
	desk_bench_settle(house.bench);
	assert_int_equal(asked[1].err, ERR_AUTH);
	store_fake_swap_values(house.bench->rows, at, at - 1);
	journal_drop_tiles(house.bench->desk->journal);
	assert_int_equal(desk_proof_of_entry(house.bench->desk, 1, 0, proven, &asked[2]),
			 OK);
	desk_bench_settle(house.bench);
	assert_int_equal(asked[2].err, ERR_BUSY);
	desk_bench_destroy(house.bench);
}

/* Those that wait are told at once, when the tiles turn out not to fit. */
static void proofs_that_wait_for_wrong_tiles_are_none(void **state)
{
	struct house house = make_house();
	static struct asked asked;
	uint8_t *value;

	(void)state;
	append(&house, 800);
	(void)store_fake_row(house.bench->rows, find_row(&house, STORE_TILE, 1), &value);
	value[77] ^= 1;
	desk_bench_restart(house.bench);
	memset(&asked, 0, sizeof(asked));
	house.bench->desk->tiles = DESK_TILES_UNKNOWN;
	journal_drop_tiles(house.bench->desk->journal);
	assert_int_equal(desk_proof_of_entry(house.bench->desk, 5, 0, proven, &asked),
			 OK);
	tick(&house);
	assert_int_equal(asked.answers, 1);
	assert_int_equal(asked.err, ERR_AUTH);
	assert_int_equal(desk_proof_since(house.bench->desk, 5, proven, &asked),
			 ERR_AUTH);
	desk_bench_destroy(house.bench);
}

/* Whoever closes the keeper while some wait leaves nothing behind. */
static void proofs_that_wait_go_with_the_desk(void **state)
{
	struct house house = make_house();
	static struct asked asked;

	(void)state;
	append(&house, 300);
	assert_int_equal(desk_proof_of_entry(house.bench->desk, 5, 0, proven, &asked),
			 OK);
	desk_bench_destroy(house.bench);
	assert_int_equal(asked.answers, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tiles_come_with_their_entries),
		cmocka_unit_test(a_restart_goes_on_with_them),
		cmocka_unit_test(an_older_journal_gets_them),
		cmocka_unit_test(they_are_made_while_it_goes_on),
		cmocka_unit_test(what_fails_is_made_again),
		cmocka_unit_test(a_stray_tile_is_noticed),
		cmocka_unit_test(a_wrong_tile_is_noticed_at_start),
		cmocka_unit_test(what_cannot_be_read_is_asked_again),
		cmocka_unit_test(a_long_older_journal_gets_them),
		cmocka_unit_test(rows_that_are_no_tiles_are_noticed),
		cmocka_unit_test(an_entry_that_is_missing_is_noticed),
		cmocka_unit_test(a_row_that_is_no_entry_is_noticed),
		cmocka_unit_test(entries_are_proven),
		cmocka_unit_test(growth_is_proven),
		cmocka_unit_test(a_proof_waits_for_the_tiles),
		cmocka_unit_test(a_wrong_tile_proves_nothing),
		cmocka_unit_test(rows_that_were_spoilt_prove_nothing),
		cmocka_unit_test(proofs_have_a_limit),
		cmocka_unit_test(an_older_checkpoint_needs_two_tiles),
		cmocka_unit_test(proofs_that_wait_for_wrong_tiles_are_none),
		cmocka_unit_test(proofs_that_wait_go_with_the_desk),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests_name("desk_tiles", tests, NULL, NULL);
}
