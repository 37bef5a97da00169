/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_store - the contract of port/store.h, run against SQLite and against the
 * asynchronous, reordering fake; then what only a file can do: be locked, be newer, be
 * damaged, be unwritable, and hold no byte of what was destroyed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/store_sqlite.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "fake/store_fake.h"
#include "port/store.h"

enum { ANSWERS_MAX = 256, VALUE_KEPT = 64, PATH_BYTES = 256 };

struct answer {
	bool came;
	enum err err;
	size_t count;
	bool more;
	uint64_t first_key;
	uint64_t last_key;
	uint8_t value[VALUE_KEPT]; /* of the first row */
	size_t value_size;
};

struct bench {
	bool is_sqlite;
	uint64_t seed;
	char folder[PATH_BYTES];
	struct store_fake *fake;
	struct store store;
	struct answer answers[ANSWERS_MAX]; /* by token */
	size_t came_count;
	uint64_t came_order[ANSWERS_MAX];
};

static const struct household_id HOUSE_A = {{0xaa}};
static const struct household_id HOUSE_B = {{0xab}};

static uint64_t key_number(const struct store_key *key)
{
	uint64_t number = 0;

	for (size_t i = 0; i < key->size && i < 8; i++)
		number = number << 8 | key->bytes[i];
	return number;
}

static struct store_key make_key(struct household_id household, enum store_space space,
				 uint64_t number)
{
	struct store_key key = {.household = household, .space = space, .size = 8};

	for (size_t i = 0; i < 8; i++)
		key.bytes[7 - i] = (uint8_t)(number >> (8 * i));
	return key;
}

static struct store_write append_of(uint64_t number, const void *value, size_t size)
{
	return (struct store_write){.act = STORE_APPEND,
				    .row = {.key = make_key(HOUSE_A, STORE_JOURNAL,
							    number),
					    .value = value,
					    .size = size}};
}

static struct store_write destroy_of(uint64_t number)
{
	return (struct store_write){.act = STORE_DESTROY,
				    .row = {.key = make_key(HOUSE_A, STORE_JOURNAL,
							    number)}};
}

static struct answer *new_answer(struct bench *bench, uint64_t token)
{
	assert_true(token < ANSWERS_MAX);
	assert_false(bench->answers[token].came); /* exactly once */
	bench->answers[token].came = true;
	bench->came_order[bench->came_count] = token;
	bench->came_count++;
	return &bench->answers[token];
}

static void on_done(void *context, uint64_t token, enum err err)
{
	new_answer(context, token)->err = err;
}

static void on_rows(void *context, uint64_t token, enum err err,
		    const struct store_rows *rows)
{
	struct answer *answer = new_answer(context, token);

	answer->err = err;
	assert_int_equal(rows != NULL, err == OK);
	if (!rows)
		return;
	answer->count = rows->count;
	answer->more = rows->more;
	if (rows->count == 0)
		return;
	answer->first_key = key_number(&rows->rows[0].key);
	answer->last_key = key_number(&rows->rows[rows->count - 1].key);
	answer->value_size = rows->rows[0].size;
	for (size_t i = 0; i < rows->rows[0].size && i < VALUE_KEPT; i++)
		answer->value[i] = rows->rows[0].value[i];
}

static void open_store(struct bench *bench)
{
	const struct store_listener listener = {bench, on_done, on_rows};
	struct err_note note = {.text = ""};

	if (bench->is_sqlite)
		assert_int_equal(store_sqlite_open(bench->folder, true, &listener,
						   &bench->store, &note),
				 OK);
	else
		assert_int_equal(store_fake_open(bench->fake, &listener, &bench->store),
				 OK);
}

static void forget_answers(struct bench *bench)
{
	memset(bench->answers, 0, sizeof(bench->answers));
	bench->came_count = 0;
}

static void settle(struct bench *bench)
{
	struct pollfd ready = {.fd = bench->store.fd, .events = POLLIN};

	while (poll(&ready, 1, 0) == 1)
		store_step(&bench->store);
}

static struct bench *bench_create(bool is_sqlite)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	bench->is_sqlite = is_sqlite;
	bench->seed = 20260101;
	if (is_sqlite) {
		assert_true(
			str_copy(bench->folder, PATH_BYTES, "/tmp/behest-store-XXXXXX"));
		assert_non_null(mkdtemp(bench->folder));
	} else {
		assert_int_equal(store_fake_create(bench->seed, &bench->fake), OK);
	}
	open_store(bench);
	return bench;
}

static void remove_folder(const char *folder)
{
	DIR *open_folder = opendir(folder);
	struct dirent *entry;
	char path[PATH_BYTES * 2];

	assert_non_null(open_folder);
	while ((entry = readdir(open_folder))) {
		if (entry->d_name[0] == '.')
			continue;
		assert_true(file_join(path, sizeof(path), folder, entry->d_name));
		assert_int_equal(unlink(path), 0);
	}
	(void)closedir(open_folder);
	assert_int_equal(rmdir(folder), 0);
}

static void bench_destroy(struct bench *bench)
{
	store_close(&bench->store);
	if (bench->is_sqlite)
		remove_folder(bench->folder);
	store_fake_destroy(bench->fake);
	free(bench);
}

static void submit(struct bench *bench, const struct store_write *writes, size_t count,
		   uint64_t token)
{
	assert_int_equal(store_submit(&bench->store, writes, count, token), OK);
}

static void write_numbers(struct bench *bench, uint64_t from, uint64_t to)
{
	struct store_write writes[STORE_BATCH_WRITES_MAX];
	size_t count = 0;

	for (uint64_t i = from; i <= to; i++)
		writes[count++] = append_of(i, "value", 5);
	submit(bench, writes, count, 0);
	settle(bench);
	assert_int_equal(bench->answers[0].err, OK);
	forget_answers(bench);
}

static struct answer *get(struct bench *bench, struct store_key key)
{
	forget_answers(bench);
	assert_int_equal(store_get(&bench->store, &key, 7), OK);
	assert_int_equal(bench->came_count, 0); /* never from inside the call */
	settle(bench);
	assert_true(bench->answers[7].came);
	return &bench->answers[7];
}

static struct answer *range(struct bench *bench, uint64_t first, uint64_t last,
			    bool backwards, size_t limit)
{
	const struct store_range range = {.first =
						  make_key(HOUSE_A, STORE_JOURNAL, first),
					  .last = make_key(HOUSE_A, STORE_JOURNAL, last),
					  .backwards = backwards,
					  .limit = limit};

	forget_answers(bench);
	assert_int_equal(store_range_get(&bench->store, &range, 8), OK);
	settle(bench);
	assert_int_equal(bench->answers[8].err, OK);
	return &bench->answers[8];
}

static void check_append_get(struct bench *bench)
{
	struct store_write write = append_of(5, "five", 4);
	struct answer *answer;

	submit(bench, &write, 1, 1);
	assert_int_equal(bench->came_count, 0);
	settle(bench);
	assert_true(bench->answers[1].came);
	assert_int_equal(bench->answers[1].err, OK);
	answer = get(bench, make_key(HOUSE_A, STORE_JOURNAL, 5));
	assert_int_equal(answer->err, OK);
	assert_int_equal(answer->value_size, 4);
	assert_memory_equal(answer->value, "five", 4);
}

static void check_keys_are_apart(struct bench *bench)
{
	struct store_key shorter = make_key(HOUSE_A, STORE_JOURNAL, 5);

	write_numbers(bench, 5, 5);
	assert_int_equal(get(bench, make_key(HOUSE_B, STORE_JOURNAL, 5))->err,
			 ERR_MISSING);
	assert_int_equal(get(bench, make_key(HOUSE_A, STORE_SALT, 5))->err, ERR_MISSING);
	shorter.size = 7;
	assert_int_equal(get(bench, shorter)->err, ERR_MISSING);
}

static void check_empty_value(struct bench *bench)
{
	struct store_write write = append_of(1, NULL, 0);

	submit(bench, &write, 1, 1);
	settle(bench);
	assert_int_equal(bench->answers[1].err, OK);
	assert_int_equal(get(bench, write.row.key)->err, OK);
	assert_int_equal(bench->answers[7].value_size, 0);
}

static void check_values_are_copied(struct bench *bench)
{
	char value[4] = "old";
	struct store_write write = append_of(1, value, 3);

	submit(bench, &write, 1, 1);
	memcpy(value, "new", 3);
	settle(bench);
	assert_memory_equal(get(bench, write.row.key)->value, "old", 3);
}

static void check_batch_is_atomic(struct bench *bench)
{
	const struct store_write exists[] = {append_of(2, "b", 1), append_of(1, "b", 1)};
	const struct store_write missing[] = {append_of(3, "c", 1), destroy_of(9)};

	write_numbers(bench, 1, 1);
	submit(bench, exists, 2, 1);
	settle(bench);
	submit(bench, missing, 2, 2);
	settle(bench);
	assert_int_equal(bench->answers[1].err, ERR_EXISTS);
	assert_int_equal(bench->answers[2].err, ERR_MISSING);
	assert_int_equal(range(bench, 0, UINT64_MAX, false, 10)->count, 1);
}

/* A bad batch takes no good one with it, though they wait together. */
static void check_batches_are_independent(struct bench *bench)
{
	const struct store_write bad[] = {append_of(50, "b", 1), append_of(1, "b", 1)};

	write_numbers(bench, 1, 1);
	for (uint64_t i = 2; i < 20; i++) {
		struct store_write good = append_of(i, "g", 1);

		if (i == 10)
			submit(bench, bad, 2, 100);
		submit(bench, &good, 1, i);
	}
	settle(bench);
	assert_int_equal(bench->came_count, 19);
	assert_int_equal(bench->answers[100].err, ERR_EXISTS);
	for (uint64_t i = 2; i < 20; i++)
		assert_int_equal(bench->answers[i].err, OK);
	assert_int_equal(range(bench, 0, UINT64_MAX, false, 100)->count, 19);
}

static void check_ranges(struct bench *bench)
{
	struct answer *answer;

	write_numbers(bench, 1, 300);
	answer = range(bench, 10, 20, false, 100);
	assert_int_equal(answer->count, 11);
	assert_int_equal(answer->first_key, 10);
	assert_int_equal(answer->last_key, 20);
	assert_false(answer->more);
	answer = range(bench, 10, 20, true, 5);
	assert_int_equal(answer->count, 5);
	assert_int_equal(answer->first_key, 20);
	assert_int_equal(answer->last_key, 16);
	assert_true(answer->more);
	answer = range(bench, 0, UINT64_MAX, false, STORE_RANGE_ROWS_MAX);
	assert_int_equal(answer->count, STORE_RANGE_ROWS_MAX);
	assert_true(answer->more);
	answer = range(bench, 295, 295, true, 1);
	assert_int_equal(answer->count, 1);
	assert_false(answer->more);
	assert_int_equal(range(bench, 301, UINT64_MAX, false, 5)->count, 0);
	assert_int_equal(range(bench, 20, 10, false, 5)->count, 0);
}

/* Large rows come in pages of bounded size, and nothing is skipped. */
static void check_range_of_large_rows(struct bench *bench)
{
	enum { ROWS = 5 };
	uint8_t *large = calloc(1, STORE_VALUE_BYTES_MAX);
	struct answer *answer;

	assert_non_null(large);
	for (uint64_t i = 1; i <= ROWS; i++) {
		struct store_write write = append_of(i, large, STORE_VALUE_BYTES_MAX);

		submit(bench, &write, 1, i);
	}
	settle(bench);
	answer = range(bench, 0, UINT64_MAX, false, ROWS);
	assert_int_equal(answer->count, STORE_RANGE_BYTES_MAX / STORE_VALUE_BYTES_MAX);
	assert_true(answer->more);
	assert_int_equal(answer->last_key, answer->count);
	free(large);
}

/* In place of what is there or not, also twice in a batch. */
static void check_put(struct bench *bench)
{
	struct store_write writes[] = {append_of(70, "older", 5), append_of(70, "a", 1),
				       append_of(70, "newest", 6)};

	for (size_t i = 0; i < 3; i++)
		writes[i].act = STORE_PUT;
	submit(bench, writes, 1, 1);
	settle(bench);
	submit(bench, &writes[1], 2, 2);
	settle(bench);
	assert_int_equal(bench->answers[1].err, OK);
	assert_int_equal(bench->answers[2].err, OK);
	assert_memory_equal(get(bench, writes[0].row.key)->value, "newest", 6);
	assert_int_equal(range(bench, 0, UINT64_MAX, false, 10)->count, 1);
}

static void check_destroy(struct bench *bench)
{
	const struct store_write both[] = {destroy_of(2), append_of(4, "d", 1)};

	write_numbers(bench, 1, 3);
	submit(bench, both, 2, 1);
	settle(bench);
	assert_int_equal(bench->answers[1].err, OK);
	assert_int_equal(get(bench, make_key(HOUSE_A, STORE_JOURNAL, 2))->err,
			 ERR_MISSING);
	assert_int_equal(range(bench, 0, UINT64_MAX, false, 10)->count, 3);
}

static void check_clear(struct bench *bench)
{
	struct store_write both[] = {destroy_of(2), destroy_of(9)};

	both[0].act = STORE_CLEAR;
	both[1].act = STORE_CLEAR;
	write_numbers(bench, 1, 3);
	submit(bench, both, 2, 1);
	settle(bench);
	assert_int_equal(bench->answers[1].err, OK);
	assert_int_equal(range(bench, 0, UINT64_MAX, false, 10)->count, 2);
}

static void check_limits(struct bench *bench)
{
	static uint8_t large[STORE_VALUE_BYTES_MAX + 1];
	struct store_write write = append_of(1, large, sizeof(large));
	struct store_key key = make_key(HOUSE_A, STORE_JOURNAL, 1);
	struct store_range none = {.first = key, .last = key, .limit = 0};
	struct store_write seven[7];

	assert_int_equal(store_submit(&bench->store, &write, 1, 1), ERR_LIMIT);
	assert_int_equal(store_submit(&bench->store, &write, 0, 1), ERR_LIMIT);
	write.row.key.size = 0;
	write.row.size = 1;
	assert_int_equal(store_submit(&bench->store, &write, 1, 1), ERR_RANGE);
	key.size = STORE_KEY_BYTES_MAX + 1;
	assert_int_equal(store_get(&bench->store, &key, 1), ERR_RANGE);
	assert_int_equal(store_range_get(&bench->store, &none, 1), ERR_RANGE);
	none.limit = 1;
	none.last.space = STORE_SALT;
	assert_int_equal(store_range_get(&bench->store, &none, 1), ERR_RANGE);
	for (uint64_t i = 0; i < 7; i++)
		seven[i] = append_of(i, large, STORE_VALUE_BYTES_MAX);
	assert_int_equal(store_submit(&bench->store, seven, 7, 1), ERR_LIMIT);
	settle(bench);
	assert_int_equal(bench->came_count, 0);
}

static void check_too_many_wait(struct bench *bench)
{
	struct store_key key = make_key(HOUSE_A, STORE_JOURNAL, 1);

	for (uint64_t i = 0; i < STORE_WAITING_MAX; i++)
		assert_int_equal(store_get(&bench->store, &key, i), OK);
	assert_int_equal(store_get(&bench->store, &key, 200), ERR_BUSY);
	settle(bench);
	assert_int_equal(bench->came_count, STORE_WAITING_MAX);
}

static void check_reopened(struct bench *bench)
{
	struct store_write lost = append_of(77, "never", 5);

	write_numbers(bench, 1, 10);
	submit(bench, &lost, 1, 1);
	store_close(&bench->store);
	open_store(bench);
	settle(bench);
	assert_int_equal(bench->came_count, 0); /* what waited is dropped, unanswered */
	assert_int_equal(range(bench, 0, UINT64_MAX, false, 100)->count, 10);
}

static void (*const checks[])(struct bench *bench) = {
	check_append_get,
	check_keys_are_apart,
	check_empty_value,
	check_values_are_copied,
	check_batch_is_atomic,
	check_batches_are_independent,
	check_ranges,
	check_range_of_large_rows,
	check_put,
	check_destroy,
	check_clear,
	check_limits,
	check_too_many_wait,
	check_reopened,
};

static void run_contract(bool is_sqlite)
{
	for (size_t i = 0; i < STR_COUNT(checks); i++) {
		struct bench *bench = bench_create(is_sqlite);

		checks[i](bench);
		bench_destroy(bench);
	}
}

static void sqlite_keeps_the_contract(void **state)
{
	(void)state;
	run_contract(true);
}

static void the_fake_keeps_the_contract(void **state)
{
	(void)state;
	run_contract(false);
}

/* Else the fake would be no harder than the real one. */
static void the_fake_reorders(void **state)
{
	struct bench *bench = bench_create(false);
	bool in_order = true;

	(void)state;
	for (uint64_t i = 0; i < 30; i++) {
		struct store_write write = append_of(i, "x", 1);

		submit(bench, &write, 1, i);
	}
	settle(bench);
	assert_int_equal(bench->came_count, 30);
	for (size_t i = 1; i < 30; i++)
		in_order = in_order && bench->came_order[i] > bench->came_order[i - 1];
	assert_false(in_order);
	bench_destroy(bench);
}

static void the_fake_fails_when_told(void **state)
{
	struct bench *bench = bench_create(false);
	struct store_write first = append_of(1, "x", 1);
	struct store_write second = append_of(2, "x", 1);

	(void)state;
	store_fake_fail_after(bench->fake, 1, ERR_IO, false);
	submit(bench, &first, 1, 1);
	settle(bench);
	submit(bench, &second, 1, 2);
	settle(bench);
	assert_int_equal(bench->answers[1].err, OK);
	assert_int_equal(bench->answers[2].err, ERR_IO);
	assert_int_equal(store_fake_row_count(bench->fake), 1);
	bench_destroy(bench);
}

/* --- what only a file can do ---------------------------------------------------------- */

static enum err try_open(const char *folder, struct err_note *note)
{
	const struct store_listener listener = {NULL, on_done, on_rows};
	struct store store = {.ops = NULL};
	enum err err;

	note->text[0] = '\0';
	err = store_sqlite_open(folder, true, &listener, &store, note);
	store_close(&store);
	return err;
}

static void a_second_keeper_is_refused(void **state)
{
	struct bench *bench = bench_create(true);
	struct err_note note;

	(void)state;
	assert_int_equal(try_open(bench->folder, &note), ERR_BUSY);
	assert_non_null(strstr(note.text, "another keeper"));
	assert_non_null(strstr(note.text, bench->folder));
	write_numbers(bench, 1, 3); /* and the first goes on */
	bench_destroy(bench);
}

static void an_unwritable_folder_is_named(void **state)
{
	struct err_note note;

	(void)state;
	assert_int_equal(try_open("/dev/null/nowhere", &note), ERR_IO);
	assert_non_null(strstr(note.text, "/dev/null/nowhere cannot be written"));
}

static void overwrite(const char *folder, long offset, const void *bytes, size_t size)
{
	char path[PATH_BYTES * 2];
	int fd;

	assert_true(file_join(path, sizeof(path), folder, "keeper.db"));
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, size, offset), size);
	(void)close(fd);
}

static void a_newer_file_is_refused(void **state)
{
	enum { USER_VERSION_AT = 60 };
	struct bench *bench = bench_create(true);
	const uint8_t newer[4] = {0, 0, 0, STORE_SQLITE_VERSION + 1};
	const uint8_t ours[4] = {0, 0, 0, STORE_SQLITE_VERSION};
	struct err_note note;

	(void)state;
	store_close(&bench->store);
	overwrite(bench->folder, USER_VERSION_AT, newer, sizeof(newer));
	assert_int_equal(try_open(bench->folder, &note), ERR_VERSION);
	assert_non_null(strstr(note.text, "version 8"));
	overwrite(bench->folder, USER_VERSION_AT, ours, sizeof(ours));
	open_store(bench);
	bench_destroy(bench);
}

static void an_older_file_is_brought_up_to_date(void **state)
{
	enum { USER_VERSION_AT = 60 };
	struct bench *bench = bench_create(true);
	const uint8_t older[4] = {0, 0, 0, 1};

	(void)state;
	store_close(&bench->store);
	overwrite(bench->folder, USER_VERSION_AT, older, sizeof(older));
	open_store(bench);
	bench_destroy(bench);
}

static void a_damaged_file_is_reported(void **state)
{
	struct bench *bench = bench_create(true);
	uint8_t rubbish[4096];
	char path[PATH_BYTES * 2];
	struct err_note note;

	(void)state;
	store_close(&bench->store);
	memset(rubbish, 0xa5, sizeof(rubbish));
	overwrite(bench->folder, 0, rubbish, sizeof(rubbish));
	assert_int_equal(try_open(bench->folder, &note), ERR_FORMAT);
	assert_non_null(strstr(note.text, "damaged"));
	assert_true(file_join(path, sizeof(path), bench->folder, "keeper.db"));
	assert_int_equal(truncate(path, 1000), 0);
	assert_int_equal(try_open(bench->folder, &note), ERR_FORMAT);
	assert_int_equal(truncate(path, 0), 0); /* empty is a new one */
	open_store(bench);
	bench_destroy(bench);
}

static bool file_holds(const char *folder, const void *bytes, size_t size)
{
	DIR *open_folder = opendir(folder);
	struct dirent *entry;
	char path[PATH_BYTES * 2];
	bool holds = false;

	assert_non_null(open_folder);
	while ((entry = readdir(open_folder))) {
		struct buf buf;

		if (entry->d_name[0] == '.')
			continue;
		assert_true(file_join(path, sizeof(path), folder, entry->d_name));
		assert_int_equal(file_read(path, (size_t)64 << 20, &buf, NULL), OK);
		holds = holds ||
			(buf.size > 0 && memmem(buf.bytes, buf.size, bytes, size));
		buf_finish(&buf);
	}
	(void)closedir(open_folder);
	return holds;
}

static void destroyed_bytes_are_nowhere(void **state)
{
	struct bench *bench = bench_create(true);
	static uint8_t value[20000];
	struct store_write write = append_of(1, value, sizeof(value));
	struct store_write destroy;

	(void)state;
	memset(value, 0x5a, sizeof(value));
	memcpy(value + 9000, "what must go", 12);
	for (size_t round = 0; round < 2; round++) {
		forget_answers(bench);
		write.row.key.space = round == 0 ? STORE_SALT : STORE_RECORD;
		destroy = write;
		destroy.act = STORE_DESTROY;
		submit(bench, &write, 1, 1);
		settle(bench);
		assert_true(file_holds(bench->folder, "what must go", 12));
		submit(bench, &destroy, 1, 2);
		settle(bench);
		assert_int_equal(bench->answers[2].err, OK);
		assert_false(file_holds(bench->folder, "what must go", 12));
	}
	bench_destroy(bench);
}

static void files_are_for_their_owner_only(void **state)
{
	struct bench *bench = bench_create(true);
	char path[PATH_BYTES * 2];
	struct stat status;

	(void)state;
	write_numbers(bench, 1, 1);
	assert_true(file_join(path, sizeof(path), bench->folder, "keeper.db"));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	bench_destroy(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sqlite_keeps_the_contract),
		cmocka_unit_test(the_fake_keeps_the_contract),
		cmocka_unit_test(the_fake_reorders),
		cmocka_unit_test(the_fake_fails_when_told),
		cmocka_unit_test(a_second_keeper_is_refused),
		cmocka_unit_test(an_unwritable_folder_is_named),
		cmocka_unit_test(a_newer_file_is_refused),
		cmocka_unit_test(an_older_file_is_brought_up_to_date),
		cmocka_unit_test(a_damaged_file_is_reported),
		cmocka_unit_test(destroyed_bytes_are_nowhere),
		cmocka_unit_test(files_are_for_their_owner_only),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
