/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memo_row: what was sealed opens with both rows of exactly this message, and not with a
 * bit of either changed, cut short, put elsewhere or in another order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "fake/rand_fake.h"
#include "keeper/memo_row.h"

enum { PIECE = 700, PIECES = 3 };

static const struct memo_place PLACE = {{{1}}, {{2}}};
static const uint8_t HOUSE_KEY[SEAL_KEY_BYTES] = {3};

struct bench {
	struct rand_fake dice;
	struct rand rand;
	uint8_t plain[PIECES * PIECE];
	uint8_t key[MEMO_ROW_KEY_BYTES];
	uint8_t *row; /* owned */
	size_t size;
};

static struct memo_writer *begin(struct bench *bench)
{
	struct memo_writer *writer = NULL;

	assert_int_equal(memo_row_begin(&PLACE, &bench->rand, &writer), OK);
	return writer;
}

static void make(struct bench *bench)
{
	struct memo_writer *writer;
	const uint8_t *row;

	memset(bench, 0, sizeof(*bench));
	bench->rand = rand_fake_init(&bench->dice, 5);
	rand_fill(&bench->rand, bench->plain, sizeof(bench->plain));
	writer = begin(bench);
	for (size_t i = 0; i < PIECES; i++)
		assert_int_equal(memo_row_add(writer, bench->plain + i * PIECE, PIECE,
					      i == PIECES - 1),
				 OK);
	assert_true(memo_row_is_whole(writer));
	memo_row_key(writer, HOUSE_KEY, bench->key);
	row = memo_row_bytes(writer, &bench->size);
	bench->row = malloc(bench->size);
	assert_non_null(bench->row);
	memcpy(bench->row, row, bench->size);
	memo_writer_destroy(writer);
}

static enum err open_as(const struct bench *bench, const struct memo_place *place,
			const uint8_t *house_key)
{
	const struct memo_rows rows = {bench->key, sizeof(bench->key), bench->row,
				       bench->size};
	struct secret *plain = NULL;
	const enum err err = memo_row_open(place, house_key, &rows, &plain);

	if (err == OK) {
		assert_int_equal(secret_size(plain), sizeof(bench->plain));
		assert_memory_equal(secret_view(plain), bench->plain,
				    sizeof(bench->plain));
	} else {
		assert_null(plain);
	}
	secret_destroy(plain);
	return err;
}

static void it_opens_with_both_rows(void **state)
{
	struct bench bench;

	(void)state;
	make(&bench);
	assert_int_equal(open_as(&bench, &PLACE, HOUSE_KEY), OK);
	assert_true(bench.size <= MEMO_ROW_BYTES_MAX);
	free(bench.row);
}

static void the_hash_is_of_what_was_sealed(void **state)
{
	struct bench bench;
	struct memo_writer *writer;
	uint8_t hash[SEAL_HASH_BYTES];

	(void)state;
	make(&bench);
	writer = begin(&bench);
	assert_int_equal(memo_row_add(writer, bench.plain, 100, false), OK);
	assert_int_equal(memo_row_add(writer, bench.plain + 100, 0, false), OK);
	assert_int_equal(memo_row_add(writer, bench.plain + 100, 400, true), OK);
	assert_int_equal(seal_sha256(&(struct seal_part){bench.plain, 500}, 1, hash), OK);
	assert_memory_equal(memo_row_hash(writer), hash, sizeof(hash));
	memo_writer_destroy(writer);
	free(bench.row);
}

static void of_another_message_house_or_key_it_does_not(void **state)
{
	static const struct memo_place message = {{{1}}, {{9}}};
	static const struct memo_place house = {{{9}}, {{2}}};
	static const uint8_t key[SEAL_KEY_BYTES] = {9};
	struct bench bench;

	(void)state;
	make(&bench);
	assert_int_equal(open_as(&bench, &message, HOUSE_KEY), ERR_AUTH);
	assert_int_equal(open_as(&bench, &house, HOUSE_KEY), ERR_AUTH);
	assert_int_equal(open_as(&bench, &PLACE, key), ERR_AUTH);
	free(bench.row);
}

static void no_byte_of_it_can_be_changed(void **state)
{
	struct bench bench;

	(void)state;
	make(&bench);
	for (size_t i = 0; i < sizeof(bench.key); i++) {
		bench.key[i] ^= 1;
		assert_int_not_equal(open_as(&bench, &PLACE, HOUSE_KEY), OK);
		bench.key[i] ^= 1;
	}
	for (size_t i = 0; i < bench.size; i++) {
		bench.row[i] ^= 1;
		assert_int_not_equal(open_as(&bench, &PLACE, HOUSE_KEY), OK);
		bench.row[i] ^= 1;
	}
	assert_int_equal(open_as(&bench, &PLACE, HOUSE_KEY), OK);
	free(bench.row);
}

/* Whole pieces, too, as they stand behind one another. */
static void nothing_can_be_cut_off_or_exchanged(void **state)
{
	enum { SEALED = PIECE + MEMO_ROW_PIECE_EXTRA_BYTES };
	const size_t head = MEMO_ROW_HEAD_BYTES + SEAL_STREAM_HEADER_BYTES;
	uint8_t piece[SEALED];
	struct bench bench;

	(void)state;
	make(&bench);
	for (size_t size = bench.size; bench.size > 0; bench.size--)
		assert_true(bench.size == size ||
			    open_as(&bench, &PLACE, HOUSE_KEY) != OK);
	bench.size = head + PIECES * SEALED;
	assert_int_equal(open_as(&bench, &PLACE, HOUSE_KEY), OK);
	memcpy(piece, bench.row + head, SEALED);
	memcpy(bench.row + head, bench.row + head + SEALED, SEALED);
	memcpy(bench.row + head + SEALED, piece, SEALED);
	assert_int_equal(open_as(&bench, &PLACE, HOUSE_KEY), ERR_AUTH);
	free(bench.row);
}

static void each_message_has_a_key_of_its_own(void **state)
{
	struct bench first;
	struct bench second;

	(void)state;
	make(&first);
	make(&second);
	assert_int_equal(first.size, second.size);
	/* The dice are the same: without them only the nonces differ. */
	struct memo_writer *writer = begin(&first);
	assert_int_equal(memo_row_add(writer, "x", 1, true), OK);
	memo_row_key(writer, HOUSE_KEY, first.key);
	assert_int_equal(open_as(&first, &PLACE, HOUSE_KEY), ERR_AUTH);
	memo_writer_destroy(writer);
	free(first.row);
	free(second.row);
}

static void too_much_is_refused(void **state)
{
	static uint8_t much[64000];
	struct bench bench;
	struct memo_writer *writer;
	size_t taken = 0;

	(void)state;
	make(&bench);
	writer = begin(&bench);
	while (taken + sizeof(much) <= MEMO_BYTES_MAX) {
		assert_int_equal(memo_row_add(writer, much, sizeof(much), false), OK);
		taken += sizeof(much);
	}
	assert_int_equal(memo_row_add(writer, much, MEMO_BYTES_MAX - taken + 1, true),
			 ERR_LIMIT);
	assert_int_equal(memo_row_add(writer, much, MEMO_BYTES_MAX - taken, true), OK);
	assert_int_equal(memo_row_add(writer, much, 1, true), ERR_FORMAT);
	memo_writer_destroy(writer);
	writer = begin(&bench);
	for (size_t i = 0; i < MEMO_ROW_PIECES_MAX; i++)
		assert_int_equal(memo_row_add(writer, much, 1, false), OK);
	assert_int_equal(memo_row_add(writer, much, 1, true), ERR_LIMIT);
	memo_writer_destroy(writer);
	writer = begin(&bench);
	assert_int_equal(memo_row_add(writer, much, 0, true), ERR_FORMAT); /* nothing */
	memo_writer_destroy(writer);
	free(bench.row);
}

static int start(void **state)
{
	(void)state;
	return seal_init() == OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_opens_with_both_rows),
		cmocka_unit_test(the_hash_is_of_what_was_sealed),
		cmocka_unit_test(of_another_message_house_or_key_it_does_not),
		cmocka_unit_test(no_byte_of_it_can_be_changed),
		cmocka_unit_test(nothing_can_be_cut_off_or_exchanged),
		cmocka_unit_test(each_message_has_a_key_of_its_own),
		cmocka_unit_test(too_much_is_refused),
	};

	return cmocka_run_group_tests_name("memo_row", tests, start, NULL);
}
