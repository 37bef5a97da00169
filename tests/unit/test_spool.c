/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool: what a relay was given lies on the disk until its house has taken it, over any end;
 * no house fills it alone; what is damaged is passed over.
 */
#include "cmocka_all.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "folder.h"
#include "gate/spool.h"

enum { DAY_MS = 24 * 3600 * 1000, BIG = 500 * 1024 };

struct bench {
	char folder[64];
	struct clock_fake fake;
	struct clock clock;
	struct spool *spool;
	size_t houses;
	uint8_t body[BIG];
};

static void open_again(struct bench *bench)
{
	struct err_note note = {""};

	spool_close(bench->spool);
	if (spool_open(bench->folder, &bench->clock, bench->houses, &bench->spool, &note))
		fail_msg("%s", note.text);
}

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	assert_int_equal(seal_init(), OK);
	assert_true(str_copy(bench->folder, sizeof(bench->folder),
			     "/tmp/behest-spool-XXXXXX"));
	assert_non_null(mkdtemp(bench->folder));
	bench->clock = clock_fake_init(&bench->fake);
	open_again(bench);
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;
	const int failed = folder_remove(bench->folder);

	spool_close(bench->spool);
	free(bench);
	return failed;
}

/* From the house of that seed's first byte to the house `to`. */
static struct parcel_head make(const struct bench *bench, uint8_t from, uint8_t to,
			       enum parcel_kind kind, uint8_t number, size_t size)
{
	struct parcel_head head = {.parcel.kind = kind};
	uint8_t seed[32] = {from};

	seal_sign_pair(seed, head.parcel.from);
	memset(head.parcel.to, to, PARCEL_KEY_BYTES);
	head.parcel.id.bytes[0] = number;
	head.parcel.at_ms = bench->fake.wall_ms;
	assert_int_equal(parcel_measure(bench->body, size, &head.parcel), OK);
	assert_int_equal(parcel_sign(seed, &head), OK);
	return head;
}

static unsigned first_number(struct bench *bench, uint8_t to)
{
	uint8_t key[PARCEL_KEY_BYTES];
	struct parcel_head head;
	struct buf body;
	unsigned number = 0;

	memset(key, to, sizeof(key));
	if (spool_first(bench->spool, key, &head, &body))
		return 0;
	assert_int_equal(parcel_verify(&head), OK);
	assert_int_equal(body.size, head.parcel.size);
	number = head.parcel.id.bytes[0];
	buf_finish(&body);
	return number;
}

static void test_what_was_put_is_there_until_it_was_taken(void **state)
{
	struct bench *bench = *state;
	const struct parcel_head one = make(bench, 1, 9, PARCEL_LETTER, 1, 1000);
	const struct parcel_head other = make(bench, 1, 8, PARCEL_LETTER, 2, 1000);

	assert_int_equal(spool_put(bench->spool, &one, bench->body), OK);
	assert_int_equal(spool_put(bench->spool, &other, bench->body), OK);
	assert_int_equal(spool_put(bench->spool, &one, bench->body),
			 OK); /* twice is one */
	assert_int_equal(spool_count(bench->spool), 2);
	assert_int_equal(first_number(bench, 9), 1);
	open_again(bench);
	assert_int_equal(spool_count(bench->spool), 2);
	assert_int_equal(first_number(bench, 9), 1);
	spool_drop(bench->spool, &one);
	assert_int_equal(first_number(bench, 9), 0);
	assert_int_equal(first_number(bench, 8), 2);
	open_again(bench);
	assert_int_equal(first_number(bench, 9), 0);
	assert_int_equal(first_number(bench, 8), 2);
}

static void test_the_oldest_comes_first_and_letters_last(void **state)
{
	struct bench *bench = *state;
	struct parcel_head letters[2];
	struct parcel_head key;

	letters[1] = make(bench, 1, 9, PARCEL_LETTER, 2, 10);
	clock_fake_pass(&bench->fake, 5);
	letters[0] = make(bench, 1, 9, PARCEL_LETTER, 1, 10);
	clock_fake_pass(&bench->fake, 5);
	key = make(bench, 2, 9, PARCEL_KEY, 3, 10);
	assert_int_equal(spool_put(bench->spool, &letters[0], bench->body), OK);
	assert_int_equal(spool_put(bench->spool, &letters[1], bench->body), OK);
	assert_int_equal(spool_put(bench->spool, &key, bench->body), OK);
	assert_int_equal(first_number(bench, 9), 3);
	spool_drop(bench->spool, &key);
	assert_int_equal(first_number(bench, 9), 2);
	spool_drop(bench->spool, &letters[1]);
	assert_int_equal(first_number(bench, 9), 1);
}

static void test_no_house_fills_it_alone(void **state)
{
	struct bench *bench = *state;
	enum err err = OK;
	size_t count = 0;

	while (!err && count < UINT8_MAX) {
		const struct parcel_head head =
			make(bench, 1, 9, PARCEL_LETTER, (uint8_t)(count + 1), BIG);

		err = spool_put(bench->spool, &head, bench->body);
		count += !err;
	}
	assert_int_equal(err, ERR_LIMIT);
	assert_int_equal(count, SPOOL_BYTES_EACH / BIG);
	const struct parcel_head other = make(bench, 2, 9, PARCEL_LETTER, 1, BIG);
	assert_int_equal(spool_put(bench->spool, &other, bench->body), OK);
}

static void test_of_many_houses_each_has_a_share(void **state)
{
	struct bench *bench = *state;
	enum err err = OK;
	size_t count = 0;

	bench->houses = 64;
	open_again(bench);
	while (!err && count < UINT8_MAX) {
		const struct parcel_head head =
			make(bench, 1, 9, PARCEL_LETTER, (uint8_t)(count + 1), 10);

		err = spool_put(bench->spool, &head, bench->body);
		count += !err;
	}
	assert_int_equal(err, ERR_LIMIT);
	assert_int_equal(count, SPOOL_PARCELS_MAX / 64);
}

/* Told again, a letter is sealed and signed anew. */
static void test_a_letter_that_comes_again_is_one(void **state)
{
	struct bench *bench = *state;
	struct parcel_head head = make(bench, 1, 9, PARCEL_LETTER, 1, 1000);

	assert_int_equal(spool_put(bench->spool, &head, bench->body), OK);
	clock_fake_pass(&bench->fake, 1000);
	bench->body[0] ^= 1;
	head = make(bench, 1, 9, PARCEL_LETTER, 1, 1000);
	assert_int_equal(spool_put(bench->spool, &head, bench->body), OK);
	assert_int_equal(spool_count(bench->spool), 1);
	open_again(bench);
	assert_int_equal(spool_count(bench->spool), 1);
	bench->body[0] ^= 1;
	assert_int_equal(first_number(bench, 9), 1);
	spool_drop(bench->spool, &head);
	assert_int_equal(spool_count(bench->spool), 0);
}

/* One house's letters are not taken: another's are handed over, and so is what somebody
 * waits for. */
static void test_what_is_put_off_keeps_nobody_else_back(void **state)
{
	struct bench *bench = *state;
	const struct parcel_head first = make(bench, 1, 9, PARCEL_LETTER, 1, 10);
	const struct parcel_head second = make(bench, 1, 9, PARCEL_LETTER, 2, 10);
	struct parcel_head other;
	struct parcel_head key;

	assert_int_equal(spool_put(bench->spool, &first, bench->body), OK);
	assert_int_equal(spool_put(bench->spool, &second, bench->body), OK);
	clock_fake_pass(&bench->fake, 1);
	other = make(bench, 2, 9, PARCEL_LETTER, 3, 10);
	key = make(bench, 1, 9, PARCEL_KEY, 4, 10);
	assert_int_equal(spool_put(bench->spool, &other, bench->body), OK);
	assert_int_equal(first_number(bench, 9), 1);
	spool_put_off(bench->spool, &first);
	assert_int_equal(first_number(bench, 9), 3);
	assert_int_equal(spool_put(bench->spool, &key, bench->body), OK);
	assert_int_equal(first_number(bench, 9), 4);
	spool_put_off(bench->spool, &key);
	assert_int_equal(first_number(bench, 9), 3);
	clock_fake_pass(&bench->fake, SPOOL_PAUSE_OTHERS_MS);
	assert_int_equal(first_number(bench, 9), 4);
	spool_drop(bench->spool, &key);
	spool_drop(bench->spool, &other);
	assert_int_equal(first_number(bench, 9), 0);
	clock_fake_pass(&bench->fake, SPOOL_PAUSE_MS - SPOOL_PAUSE_OTHERS_MS);
	assert_int_equal(first_number(bench, 9), 1);
	spool_put_off(bench->spool, &first); /* longer each time */
	clock_fake_pass(&bench->fake, SPOOL_PAUSE_MS);
	assert_int_equal(first_number(bench, 9), 0);
	clock_fake_pass(&bench->fake, SPOOL_PAUSE_MS);
	assert_int_equal(first_number(bench, 9), 1);
}

/* Whoever asked has given up by then; the answer to one who did not is kept. */
static void test_a_question_is_not_kept_for_long(void **state)
{
	struct bench *bench = *state;
	const struct parcel_head want = make(bench, 1, 9, PARCEL_WANT, 1, 33);
	const struct parcel_head key = make(bench, 1, 9, PARCEL_KEY, 2, 10);

	assert_int_equal(spool_put(bench->spool, &want, bench->body), OK);
	assert_int_equal(spool_put(bench->spool, &key, bench->body), OK);
	clock_fake_pass(&bench->fake, SPOOL_WANT_MS);
	spool_tick(bench->spool);
	assert_int_equal(spool_count(bench->spool), 2);
	clock_fake_pass(&bench->fake, 1);
	spool_tick(bench->spool);
	assert_int_equal(spool_count(bench->spool), 1);
	assert_int_equal(first_number(bench, 9), 2);
}

static void test_what_nobody_fetches_goes_in_time(void **state)
{
	struct bench *bench = *state;
	const struct parcel_head head = make(bench, 1, 9, PARCEL_LETTER, 1, 10);
	struct parcel_head early = head;
	struct parcel_head late;
	const uint8_t seed[32] = {1};

	assert_int_equal(spool_put(bench->spool, &head, bench->body), OK);
	early.parcel.id.bytes[0] = 2;
	early.parcel.at_ms += 2 * (int64_t)DAY_MS;
	assert_int_equal(parcel_sign(seed, &early), OK);
	assert_int_equal(spool_put(bench->spool, &early, bench->body), ERR_TIMEOUT);
	clock_fake_pass(&bench->fake, PARCEL_LASTS_MS);
	spool_tick(bench->spool);
	assert_int_equal(first_number(bench, 9), 1);
	clock_fake_pass(&bench->fake, 1);
	spool_tick(bench->spool);
	assert_int_equal(spool_count(bench->spool), 0);
	late = head;
	assert_int_equal(spool_put(bench->spool, &late, bench->body), ERR_TIMEOUT);
	open_again(bench);
	assert_int_equal(spool_count(bench->spool), 0);
}

/* The path of its one file. */
static void only_file(const struct bench *bench, char to[FILE_PATH_BYTES])
{
	DIR *folder = opendir(bench->folder);
	struct dirent *entry;

	assert_non_null(folder);
	to[0] = '\0';
	while ((entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			assert_true(file_join(to, FILE_PATH_BYTES, bench->folder,
					      entry->d_name));
	closedir(folder);
	assert_true(to[0] != '\0');
}

static void test_what_is_damaged_is_passed_over(void **state)
{
	struct bench *bench = *state;
	const struct parcel_head head = make(bench, 1, 9, PARCEL_LETTER, 1, 1000);
	const struct parcel_head next = make(bench, 1, 9, PARCEL_LETTER, 2, 1000);
	char path[FILE_PATH_BYTES];
	struct buf bytes;

	assert_int_equal(spool_put(bench->spool, &head, bench->body), OK);
	only_file(bench, path);
	assert_int_equal(file_read(path, 1024 * 1024, &bytes, NULL), OK);
	assert_int_equal(truncate(path, 200), 0);
	assert_int_equal(first_number(bench, 9), 0);
	/* What comes again is not taken for what cannot be read any more. */
	assert_int_equal(spool_put(bench->spool, &head, bench->body), OK);
	assert_int_equal(first_number(bench, 9), 1);
	assert_int_equal(truncate(path, 200), 0);
	assert_int_equal(first_number(bench, 9), 0);
	assert_int_equal(spool_put(bench->spool, &next, bench->body), OK);
	assert_int_equal(first_number(bench, 9), 2);
	open_again(bench); /* what is cut is no parcel */
	assert_int_equal(spool_count(bench->spool), 1);
	assert_int_equal(file_write(path, "BEHESTP1", 8, 0600, NULL), OK);
	open_again(bench);
	assert_int_equal(spool_count(bench->spool), 1);
	bytes.bytes[9] ^= 1; /* another head than its name says */
	assert_int_equal(file_write(path, bytes.bytes, bytes.size, 0600, NULL), OK);
	open_again(bench);
	assert_int_equal(spool_count(bench->spool), 1);
	/* What a program had begun to write when it died. */
	assert_true(str_append(path, sizeof(path), ".new"));
	assert_int_equal(file_write(path, "BEHESTP1", 8, 0600, NULL), OK);
	open_again(bench);
	assert_false(file_exists(path));
	buf_finish(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_what_was_put_is_there_until_it_was_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_the_oldest_comes_first_and_letters_last, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_house_fills_it_alone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_of_many_houses_each_has_a_share,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_letter_that_comes_again_is_one,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_is_put_off_keeps_nobody_else_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_question_is_not_kept_for_long,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_nobody_fetches_goes_in_time,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_damaged_is_passed_over,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
