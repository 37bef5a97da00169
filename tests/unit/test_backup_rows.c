/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_backup_rows - rows of a backup as bytes and back, in whatever pieces they come; the
 * backup key in the house; and who made it.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/pack.h"
#include "fake/clock_fake.h"
#include "fake/rand_fake.h"
#include "keeper/backup_stream.h"
#include "keeper/row_set.h"
#include "vault/backup.h"

enum { ROWS = 40, BYTES_MAX = 8 * 1024 * 1024 };

struct seen {
	size_t count;
	struct {
		struct backup_row row;
		uint8_t key[STORE_KEY_BYTES_MAX];
		uint8_t first; /* of the value */
	} rows[ROWS];
	enum err answer;
};

static enum err see(void *context, const struct backup_row *row)
{
	struct seen *seen = context;

	assert_true(seen->count < ROWS);
	seen->rows[seen->count].row = *row;
	if (row->key_size > 0)
		memcpy(seen->rows[seen->count].key, row->key, row->key_size);
	seen->rows[seen->count].first = row->size > 0 ? row->value[0] : 0;
	seen->count++;
	return seen->answer;
}

static void add_row(struct buf *to, const struct backup_row *row)
{
	uint8_t head[BACKUP_ROW_HEAD_MAX];

	assert_int_equal(buf_add(to, head, backup_row_head(row, head)), OK);
	if (!row->is_gone)
		assert_int_equal(buf_add(to, row->value, row->size), OK);
}

static void they_come_back_in_pieces_of_any_size(void **state)
{
	static const size_t parts[] = {1, 2, 3, 7, 64, 1000, BYTES_MAX};
	static uint8_t value[STORE_VALUE_BYTES_MAX];
	const struct backup_row rows[] = {
		{.space = STORE_RECORD,
		 .key_size = 33,
		 .key = value,
		 .size = 500,
		 .value = value},
		{.space = STORE_SALT, .is_gone = true, .key_size = 33, .key = value},
		{.space = STORE_JOURNAL,
		 .key_size = 8,
		 .key = value,
		 .size = 0,
		 .value = value},
		{.extra = BACKUP_EXTRA_KEEPER, .size = 80, .value = value},
		{.space = STORE_MEMO,
		 .key_size = STORE_KEY_BYTES_MAX,
		 .key = value,
		 .size = sizeof(value),
		 .value = value},
		{.extra = BACKUP_EXTRA_BOX,
		 .key_size = 16,
		 .key = value,
		 .size = 80,
		 .value = value},
	};
	struct buf bytes;

	(void)state;
	memset(value, 0x5a, sizeof(value));
	buf_init(&bytes, BYTES_MAX);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		add_row(&bytes, &rows[i]);
	for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
		struct seen seen = {.count = 0};
		struct backup_rows *reader = NULL;

		assert_int_equal(backup_rows_create(see, &seen, &reader), OK);
		for (size_t at = 0; at < bytes.size;) {
			/* The large value in single bytes would only take long. */
			const size_t want =
				at < 1000 || at + 200 > bytes.size ? parts[p] : 65537;
			const size_t left = bytes.size - at;
			const size_t part = want < left ? want : left;

			assert_int_equal(backup_rows_add(reader, bytes.bytes + at, part),
					 OK);
			at += part;
		}
		assert_int_equal(backup_rows_end(reader), OK);
		assert_int_equal(backup_rows_count(reader), 6);
		assert_int_equal(seen.count, 6);
		for (size_t i = 0; i < seen.count; i++) {
			assert_int_equal(seen.rows[i].row.extra, rows[i].extra);
			assert_int_equal(seen.rows[i].row.space, rows[i].space);
			assert_int_equal(seen.rows[i].row.is_gone, rows[i].is_gone);
			assert_int_equal(seen.rows[i].row.key_size, rows[i].key_size);
			assert_int_equal(seen.rows[i].row.size, rows[i].size);
			assert_true(rows[i].size == 0 || seen.rows[i].first == 0x5a);
		}
		backup_rows_destroy(reader);
	}
	buf_finish(&bytes);
}

static enum err read_bytes(const uint8_t *bytes, size_t size)
{
	struct seen seen = {.count = 0};
	struct backup_rows *reader = NULL;
	enum err err;

	assert_int_equal(backup_rows_create(see, &seen, &reader), OK);
	err = backup_rows_add(reader, bytes, size);
	if (err == OK)
		err = backup_rows_end(reader);
	backup_rows_destroy(reader);
	return err;
}

static void what_is_no_row_is_not_taken_for_one(void **state)
{
	static const uint8_t unknown[] = "\x05"
					 "blobs\x01\x01k\x00\x00\x00\x00";
	static const uint8_t of_the_key[] = "\x06"
					    "backup\x01\x01k\x00\x00\x00\x00";
	static const uint8_t what[] = "\x04"
				      "salt\x03\x01k\x00\x00\x00\x00";
	static const uint8_t no_key[] = "\x04"
					"salt\x01\x00\x00\x00\x00\x00";
	static const uint8_t long_key[] = "\x04"
					  "salt\x01\x31k";
	static const uint8_t long_value[] = "\x04"
					    "salt\x01\x01k\x00\x40\x00\x01";
	static const uint8_t long_name[] = "\x40"
					   "salt";
	static const uint8_t whole_long_name[] = "\x20"
						 "saltsaltsaltsaltsaltsaltsaltsalt"
						 "\x01\x01k";
	static const uint8_t no_text[] = "\x04"
					 "sal\xff\x01\x01k";
	static const uint8_t cut[] = "\x04"
				     "salt\x01\x01k\x00\x00\x00\x05"
				     "abcd";

	(void)state;
	assert_int_equal(read_bytes(unknown, sizeof(unknown) - 1), ERR_VERSION);
	assert_int_equal(read_bytes(of_the_key, sizeof(of_the_key) - 1), ERR_VERSION);
	assert_int_equal(read_bytes(what, sizeof(what) - 1), ERR_FORMAT);
	assert_int_equal(read_bytes(no_key, sizeof(no_key) - 1), ERR_FORMAT);
	assert_int_equal(read_bytes(long_key, sizeof(long_key) - 1), ERR_FORMAT);
	assert_int_equal(read_bytes(long_value, sizeof(long_value) - 1), ERR_FORMAT);
	assert_int_equal(read_bytes(long_name, sizeof(long_name) - 1), ERR_FORMAT);
	assert_int_equal(read_bytes(whole_long_name, sizeof(whole_long_name) - 1),
			 ERR_FORMAT);
	assert_int_equal(read_bytes(no_text, sizeof(no_text) - 1), ERR_FORMAT);
	assert_int_equal(read_bytes(cut, sizeof(cut) - 1), ERR_FORMAT);
	assert_int_equal(read_bytes(cut, 0), OK);
}

static void what_the_reader_is_told_by_its_user_it_passes_on(void **state)
{
	struct seen seen = {.answer = ERR_AUTH};
	struct backup_rows *reader = NULL;
	static const uint8_t row[] = "\x04"
				     "salt\x02\x01k";

	(void)state;
	assert_int_equal(backup_rows_create(see, &seen, &reader), OK);
	assert_int_equal(backup_rows_add(reader, row, sizeof(row) - 1), ERR_AUTH);
	backup_rows_destroy(reader);
}

static void the_backup_key_is_of_its_house_and_number(void **state)
{
	const struct household_id house = {{1}};
	const struct household_id other = {{2}};
	const uint8_t house_key[SEAL_KEY_BYTES] = {3};
	const uint8_t key[SEAL_KEY_BYTES] = {4};
	uint8_t row[BACKUP_KEY_ROW_BYTES];
	uint8_t got[SEAL_KEY_BYTES];

	(void)state;
	assert_int_equal(seal_init(), OK);
	backup_key_lock(house, house_key, 7, key, row);
	assert_int_equal(backup_key_unlock(house, house_key, 7, row, sizeof(row), got),
			 OK);
	assert_memory_equal(got, key, sizeof(key));
	assert_int_equal(backup_key_unlock(house, house_key, 8, row, sizeof(row), got),
			 ERR_AUTH);
	assert_int_equal(backup_key_unlock(other, house_key, 7, row, sizeof(row), got),
			 ERR_AUTH);
	assert_int_equal(backup_key_unlock(house, key, 7, row, sizeof(row), got),
			 ERR_AUTH);
	assert_int_equal(backup_key_unlock(house, house_key, 7, row, sizeof(row) - 1,
					   got),
			 ERR_FORMAT);
	assert_int_equal(backup_key_unlock(house, house_key, 7, row, 0, got), ERR_FORMAT);
	for (size_t i = 0; i < 8 * sizeof(row); i++) {
		row[i / 8] ^= (uint8_t)(1U << i % 8);
		assert_int_not_equal(backup_key_unlock(house, house_key, 7, row,
						       sizeof(row), got),
				     OK);
		row[i / 8] ^= (uint8_t)(1U << i % 8);
	}
}

static void what_is_known_of_the_last_one_comes_back(void **state)
{
	const struct household_id house = {{1}};
	const uint8_t house_key[SEAL_KEY_BYTES] = {3};
	const struct backup_last last = {.id = {9},
					 .made_ms = -5,
					 .bytes = 1ULL << 40,
					 .entries = 77,
					 .key_number = 6};
	struct backup_last got;
	uint8_t row[BACKUP_LAST_ROW_BYTES];

	(void)state;
	assert_int_equal(seal_init(), OK);
	backup_last_lock(house, house_key, &last, row);
	assert_int_equal(backup_last_unlock(house, house_key, row, sizeof(row), &got),
			 OK);
	assert_memory_equal(got.id, last.id, ID_BYTES);
	assert_int_equal(got.made_ms, last.made_ms);
	assert_int_equal(got.bytes, last.bytes);
	assert_int_equal(got.entries, last.entries);
	assert_int_equal(got.key_number, last.key_number);
	row[20] ^= 1;
	assert_int_equal(backup_last_unlock(house, house_key, row, sizeof(row), &got),
			 ERR_AUTH);
	row[0] = 2;
	assert_int_equal(backup_last_unlock(house, house_key, row, sizeof(row), &got),
			 ERR_VERSION);
	assert_int_equal(backup_last_unlock(house, house_key, row, 0, &got), ERR_FORMAT);
}

static void who_made_it_is_known_by_their_key(void **state)
{
	static struct clock_fake time;
	static struct rand_fake dice;
	const struct clock clock = clock_fake_init(&time);
	const struct rand rand = rand_fake_init(&dice, 1);
	const uint8_t seed[SEAL_SIGN_SEED_BYTES] = {1};
	const uint8_t keeper[SEAL_SIGN_PUBLIC_BYTES] = {2};
	const uint8_t other_keeper[SEAL_SIGN_PUBLIC_BYTES] = {3};
	const uint8_t id[ID_BYTES] = {4};
	const struct owner_request request = {.name = "alice",
					      .passphrase = "correct horse",
					      .cost = {.memory_kib = 8, .passes = 1},
					      .keeper_seed = seed};
	struct backup_by by = {.keeper = keeper, .id = id, .made_ms = 5};
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct owner_view *view = NULL;
	struct owner_made made;

	(void)state;
	assert_int_equal(seal_init(), OK);
	assert_int_equal(owner_create(&request, &rand, &made), OK);
	assert_int_equal(owner_unlock(&made.owner, OWNER_WRAP_PASSPHRASE, made.wraps[0],
				      OWNER_WRAP_BYTES, "correct horse", &clock, &view),
			 OK);
	assert_int_equal(backup_by_sign(view, &by, signature), OK);
	assert_int_equal(backup_by_verify(&made.owner, &by, signature, sizeof(signature)),
			 OK);
	by.keeper = other_keeper;
	assert_int_equal(backup_by_verify(&made.owner, &by, signature, sizeof(signature)),
			 ERR_AUTH);
	by.keeper = keeper;
	by.made_ms = 6;
	assert_int_equal(backup_by_verify(&made.owner, &by, signature, sizeof(signature)),
			 ERR_AUTH);
	assert_int_equal(backup_by_verify(&made.owner, &by, signature, 63), ERR_FORMAT);
	owner_view_destroy(view);
	owner_made_wipe(&made);
}

static void every_space_goes_to_one_file(void **state)
{
	size_t ciphertext = 0;

	(void)state;
	for (int i = 0; i < STORE_SPACE_COUNT; i++)
		ciphertext += backup_space_is_ciphertext((enum store_space)i);
	assert_int_equal(ciphertext, 6);
	assert_false(backup_space_is_ciphertext(STORE_SALT));
	assert_false(backup_space_is_ciphertext(STORE_POLICY));
	assert_false(backup_space_is_kept(STORE_BACKUP));
	assert_true(backup_space_is_kept(STORE_KEK));
}

static void of_each_row_the_last_word_counts(void **state)
{
	struct row_set set;

	(void)state;
	row_set_init(&set);
	assert_int_equal(row_set_add(&set, STORE_SALT, (const uint8_t *)"a", 1, false, 1),
			 OK);
	assert_int_equal(row_set_add(&set, STORE_SALT, (const uint8_t *)"b", 1, true, 2),
			 OK);
	assert_int_equal(row_set_add(&set, STORE_SALT, (const uint8_t *)"a", 1, true, 3),
			 OK);
	assert_int_equal(row_set_add(&set, STORE_SALT, (const uint8_t *)"b", 1, false, 4),
			 OK);
	assert_int_equal(row_set_add(&set, STORE_KEK, (const uint8_t *)"a", 1, false, 5),
			 OK);
	row_set_sort(&set);
	assert_null(row_set_find(&set, STORE_SALT, (const uint8_t *)"a", 1));
	assert_int_equal(row_set_find(&set, STORE_SALT, (const uint8_t *)"b", 1)->tag, 4);
	assert_int_equal(row_set_find(&set, STORE_KEK, (const uint8_t *)"a", 1)->tag, 5);
	assert_null(row_set_find(&set, STORE_KEK, (const uint8_t *)"a\0", 2));
	assert_true(row_set_has(&set, STORE_KEK, 1, (const uint8_t *)"a", 1));
	assert_true(row_set_has(&set, STORE_SALT, 1, NULL, 0)); /* b, since a is gone */
	assert_false(row_set_has(&set, STORE_SALT, 1, (const uint8_t *)"a", 1));
	assert_false(row_set_has(&set, STORE_SALT, 2, (const uint8_t *)"b", 1));
	assert_false(row_set_has(&set, STORE_TILE, 1, NULL, 0));
	row_set_finish(&set);
	assert_int_equal(row_set_add(&set, STORE_KEK, (const uint8_t *)"", 41, false, 0),
			 ERR_FORMAT);
	row_set_sort(&set);
	assert_null(row_set_find(&set, STORE_KEK, (const uint8_t *)"a", 1));
	row_set_finish(&set);
}

/* More than it has room for at first, and keys of several sizes and spaces. */
static void a_set_grows(void **state)
{
	enum { COUNT = 3000 };
	static const uint8_t long_key[ROW_SET_KEY_BYTES + 1];
	struct row_set set;

	(void)state;
	row_set_init(&set);
	for (uint64_t i = 0; i < COUNT; i++)
		assert_int_equal(row_set_add(&set, STORE_SALT, (const uint8_t *)&i,
					     sizeof(i), i % 2 == 0, i),
				 OK);
	assert_int_equal(row_set_add(&set, STORE_SALT, (const uint8_t *)"ab", 2, true, 7),
			 OK);
	row_set_sort(&set);
	for (uint64_t i = 0; i < COUNT; i++)
		assert_true(!row_set_find(&set, STORE_SALT, (const uint8_t *)&i,
					  sizeof(i)) == (i % 2 == 0));
	assert_null(row_set_find(&set, STORE_SALT, long_key, sizeof(long_key)));
	assert_false(row_set_has(&set, STORE_SALT, 2, (const uint8_t *)"a", 1));
	assert_false(row_set_has(&set, STORE_SALT, 3, (const uint8_t *)"a", 1));
	assert_false(row_set_has(&set, STORE_EPOCH, 2, (const uint8_t *)"a", 1));
	assert_true(row_set_has(&set, STORE_SALT, sizeof(uint64_t), NULL, 0));
	row_set_finish(&set);
}

static enum err count_bytes(void *context, enum backup_kind kind, bool is_first,
			    const uint8_t *bytes, size_t size)
{
	(void)kind;
	(void)is_first;
	(void)bytes;
	*(size_t *)context += size;
	return OK;
}

static void a_file_without_rows_is_its_header_and_its_end(void **state)
{
	const uint8_t seed[SEAL_SIGN_SEED_BYTES] = {1};
	struct backup_about about = {.kind = BACKUP_CIPHERTEXT};
	struct backup_tail tail = {.journal_size = 1};
	struct backup_stream *stream = NULL;
	size_t bytes = 0;

	(void)state;
	assert_int_equal(seal_init(), OK);
	assert_int_equal(backup_stream_begin(&about, NULL, count_bytes, &bytes, &stream),
			 OK);
	assert_int_equal(backup_stream_end(stream, &tail, seed), OK);
	assert_int_equal(tail.chunks, 0);
	assert_int_equal(bytes, BACKUP_HEADER_BYTES + BACKUP_TAIL_BYTES);
	backup_stream_destroy(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_come_back_in_pieces_of_any_size),
		cmocka_unit_test(what_is_no_row_is_not_taken_for_one),
		cmocka_unit_test(what_the_reader_is_told_by_its_user_it_passes_on),
		cmocka_unit_test(the_backup_key_is_of_its_house_and_number),
		cmocka_unit_test(what_is_known_of_the_last_one_comes_back),
		cmocka_unit_test(who_made_it_is_known_by_their_key),
		cmocka_unit_test(every_space_goes_to_one_file),
		cmocka_unit_test(of_each_row_the_last_word_counts),
		cmocka_unit_test(a_set_grows),
		cmocka_unit_test(a_file_without_rows_is_its_header_and_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
