/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_isolation - a recording opens for its owner's unlocked key and for nothing else,
 * whatever is exchanged, changed, cut or forged around it.
 *
 * In memory: random owners of two households, epochs and recordings, and one mistake per
 * trial. Through the whole keeper: random rows changed in its store, then every owner asks
 * for everything. $BEHEST_TRIALS makes it longer, $BEHEST_SEED different.
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
#include "fake/clock_fake.h"
#include "fake/desk_bench.h"
#include "fake/rand_fake.h"
#include "vault/epoch.h"
#include "vault/kek.h"
#include "vault/owner.h"
#include "vault/recording.h"

enum {
	TRIALS = 20000,
	HOUSES = 2,
	OWNERS = 6, /* even ones live in the first house */
	EPOCHS = 3, /* of each owner */
	RECORDS = 48,
	PLAIN_MAX = 3 * RECORDING_CHUNK_BYTES,
	ROUNDS = 60, /* through the keeper */
	HOUSE_OWNERS = 3,
	HOUSE_RECORDS = 4, /* of each owner */
	SAMPLES = 3000,
};

struct someone {
	struct owner_made made;
	struct owner_view *view;
	struct kek kek;
	uint8_t kek_row[KEK_ROW_BYTES];
	struct epoch *epochs[EPOCHS];
	uint8_t epoch_rows[EPOCHS][EPOCH_ROW_BYTES];
};

struct sealed {
	size_t owner;
	size_t epoch;
	struct record_id id;
	enum recording_kind kind;
	uint8_t plain_byte;
	size_t plain_size;
	uint8_t salt[RECORDING_SALT_ROW_BYTES];
	uint8_t *row;
	size_t row_size;
};

static uint64_t seed;
static struct rand_fake dice;
static struct rand rand_port;
static struct clock_fake the_clock;
static struct clock clock_port;
static struct household_id houses[HOUSES];
static uint8_t seeds[HOUSES][SEAL_SIGN_SEED_BYTES];
static uint8_t publics[HOUSES][SEAL_SIGN_PUBLIC_BYTES];
static struct someone people[OWNERS];
static struct sealed records[RECORDS];

static uint32_t below(uint32_t limit)
{
	return rand_fake_below(&dice, limit);
}

static size_t house_of(size_t owner)
{
	return owner % HOUSES;
}

static void make_person(size_t at)
{
	struct someone *person = &people[at];
	const struct owner_request request = {
		.household = houses[house_of(at)],
		.name = "somebody",
		.passphrase =
			"correct horse", /* the same for all, even that is no way in */
		.cost = {.memory_kib = 8, .passes = 1},
		.keeper_seed = seeds[house_of(at)],
	};

	assert_int_equal(owner_create(&request, &rand_port, &person->made), OK);
	assert_int_equal(owner_unlock(&person->made.owner, OWNER_WRAP_PASSPHRASE,
				      person->made.wraps[0], OWNER_WRAP_BYTES,
				      request.passphrase, &clock_port, &person->view),
			 OK);
	assert_int_equal(kek_create(&person->made.owner, 1, 1, seeds[house_of(at)],
				    &rand_port, person->kek_row, &person->kek),
			 OK);
	for (size_t i = 0; i < EPOCHS; i++)
		assert_int_equal(epoch_create(&person->kek, seeds[house_of(at)],
					      &rand_port, &clock_port,
					      person->epoch_rows[i], &person->epochs[i]),
				 OK);
}

static void make_record(struct sealed *record)
{
	struct recording_writer *writer = NULL;
	struct recording_about about = {.at_ms = 5, .room = {"kitchen"}};
	uint8_t *plain;
	const uint8_t *row;

	record->owner = below(OWNERS);
	record->epoch = below(EPOCHS);
	record->kind = below(2) ? RECORDING_SOUND : RECORDING_TRANSCRIPT;
	record->plain_byte = (uint8_t)below(256);
	record->plain_size = below(4) ? below(2000) : below(PLAIN_MAX);
	rand_fill(&rand_port, record->id.bytes, ID_BYTES);
	about.household = houses[house_of(record->owner)];
	about.owner = people[record->owner].made.owner.id;
	about.record = record->id;
	about.kind = record->kind;
	about.epoch = epoch_id_of(people[record->owner].epochs[record->epoch]);
	about.size = record->plain_size;
	plain = malloc(record->plain_size + 1);
	assert_non_null(plain);
	memset(plain, record->plain_byte, record->plain_size);
	assert_int_equal(recording_begin(&about,
					 people[record->owner].epochs[record->epoch],
					 &rand_port, &writer),
			 OK);
	assert_int_equal(recording_add(writer, plain, record->plain_size), OK);
	assert_int_equal(recording_end(writer), OK);
	memcpy(record->salt, recording_salt_row(writer), sizeof(record->salt));
	row = recording_row(writer, &record->row_size);
	record->row = malloc(record->row_size + 1);
	assert_non_null(record->row);
	memcpy(record->row, row, record->row_size);
	recording_writer_destroy(writer);
	free(plain);
}

/* Everything that opening one takes; a trial gets one thing wrong. */
struct attempt {
	struct owner_view *view;
	struct household_id household;
	const uint8_t *keeper_public;
	struct record_id record;
	enum recording_kind kind;
	struct recording_rows rows;
};

static struct attempt right_attempt(const struct sealed *record)
{
	struct someone *person = &people[record->owner];

	return (struct attempt){
		.view = person->view,
		.household = houses[house_of(record->owner)],
		.keeper_public = publics[house_of(record->owner)],
		.record = record->id,
		.kind = record->kind,
		.rows = {.epoch = person->epoch_rows[record->epoch],
			 .epoch_size = EPOCH_ROW_BYTES,
			 .kek = person->kek_row,
			 .kek_size = KEK_ROW_BYTES,
			 .salt = record->salt,
			 .salt_size = RECORDING_SALT_ROW_BYTES,
			 .record = record->row,
			 .record_size = record->row_size},
	};
}

static enum err try_it(const struct attempt *attempt, struct secret **out_plain)
{
	struct recording_about about;

	return recording_open(attempt->view, attempt->household, attempt->keeper_public,
			      attempt->record, attempt->kind, &attempt->rows, &about,
			      out_plain);
}

/* Flips a bit of one of the three rows, or cuts or lengthens it. copy is freed by the
 * caller. */
static void damage(struct attempt *attempt, uint8_t **out_copy)
{
	const uint8_t **row = &attempt->rows.epoch;
	size_t *size = &attempt->rows.epoch_size;
	uint32_t which = below(3);
	uint32_t how = below(8);

	if (which == 1) {
		row = &attempt->rows.salt;
		size = &attempt->rows.salt_size;
	} else if (which == 2) {
		row = &attempt->rows.record;
		size = &attempt->rows.record_size;
	}
	*out_copy = calloc(1, *size + 1);
	assert_non_null(*out_copy);
	memcpy(*out_copy, *row, *size);
	if (how == 0)
		*size = below((uint32_t)*size);
	else if (how == 1)
		(*size)++;
	else
		(*out_copy)[below((uint32_t)*size)] ^= (uint8_t)(1 << below(8));
	*row = *out_copy;
}

/* Gets one thing wrong; false when chance made it right. */
static bool get_wrong(struct attempt *attempt, const struct sealed *record,
		      uint8_t **out_copy)
{
	const struct sealed *other = &records[below(RECORDS)];
	size_t owner = below(OWNERS);

	switch (below(9)) {
	case 0:
		attempt->view = people[owner].view;
		return owner != record->owner;
	case 1:
		attempt->household = houses[1 - house_of(record->owner)];
		return true;
	case 2:
		attempt->keeper_public = publics[1 - house_of(record->owner)];
		return true;
	case 3:
		attempt->record = other->id;
		return other != record;
	case 4:
		attempt->kind = record->kind == RECORDING_SOUND ? RECORDING_TRANSCRIPT
								: RECORDING_SOUND;
		return true;
	case 5:
		attempt->rows.salt = other->salt;
		return other != record;
	case 6:
		attempt->rows.record = other->row;
		attempt->rows.record_size = other->row_size;
		return other != record;
	case 7: {
		size_t epoch = below(EPOCHS);

		attempt->rows.epoch = people[owner].epoch_rows[epoch];
		return owner != record->owner || epoch != record->epoch;
	}
	default:
		damage(attempt, out_copy);
		return true;
	}
}

static void expect_right(const struct sealed *record)
{
	const struct attempt attempt = right_attempt(record);
	struct secret *plain = NULL;

	assert_int_equal(try_it(&attempt, &plain), OK);
	assert_int_equal(plain ? secret_size(plain) : 0, record->plain_size);
	for (size_t i = 0; i < record->plain_size; i++)
		assert_int_equal(secret_view(plain)[i], record->plain_byte);
	secret_destroy(plain);
}

static void no_mistake_opens_a_recording(void **state)
{
	const char *given = getenv("BEHEST_TRIALS");
	unsigned long trials = given ? strtoul(given, NULL, 10) : TRIALS;
	unsigned long wrong = 0;

	(void)state;
	for (unsigned long i = 0; i < trials; i++) {
		const struct sealed *record = &records[below(RECORDS)];
		struct attempt attempt = right_attempt(record);
		struct secret *plain = NULL;
		uint8_t *copy = NULL;

		if (get_wrong(&attempt, record, &copy)) {
			assert_int_not_equal(try_it(&attempt, &plain), OK);
			assert_null(plain);
			wrong++;
		}
		free(copy);
	}
	for (size_t i = 0; i < RECORDS; i++)
		expect_right(&records[i]);
	printf("%lu mistakes, none opened\n", wrong);
}

/* Nothing that lies in the keeper's or the hub's files is an owner's key. */
static void no_key_of_the_house_opens_an_epoch(void **state)
{
	enum { BOX_AT = 1 + 3 * ID_BYTES + 8 + 8 + SEAL_COMMIT_BYTES };
	enum { BOX_BYTES = SEAL_KEY_BYTES + SEAL_BOX_EXTRA_BYTES };
	uint8_t plain[SEAL_KEY_BYTES];
	uint8_t any[SEAL_BOX_SECRET_BYTES];

	(void)state;
	for (size_t i = 0; i < OWNERS; i++) {
		const uint8_t *box = people[i].epoch_rows[0] + BOX_AT;

		assert_int_equal(seal_box_open(seeds[0], box, BOX_BYTES, plain),
				 ERR_AUTH);
		assert_int_equal(seal_box_open(seeds[1], box, BOX_BYTES, plain),
				 ERR_AUTH);
		for (size_t j = 0; j < 200; j++) {
			rand_fill(&rand_port, any, sizeof(any));
			assert_int_equal(seal_box_open(any, box, BOX_BYTES, plain),
					 ERR_AUTH);
		}
	}
}

/* --- through the whole keeper ----------------------------------------------------------- */

struct house_record {
	struct record_id id;
	size_t owner;
	int16_t sample;
	char words[32];
};

static const char *const NAMES[HOUSE_OWNERS] = {"alice", "bob", "carol"};
static const char *const ROOMS[HOUSE_OWNERS] = {"attic", "kitchen", "study"};

/* Owners sign in on links of their own; the rooms are theirs. */
static void fill_house(struct desk_bench *bench, struct house_record *of)
{
	struct desk_bench_link *hub = desk_bench_link(bench, DESK_HUB);
	struct desk_bench_link *links[HOUSE_OWNERS];
	int16_t sound[SAMPLES];
	size_t count = 0;

	for (size_t i = 0; i < HOUSE_OWNERS; i++) {
		links[i] = desk_bench_link(bench, DESK_OWNER);
		assert_true(desk_bench_make_owner(bench, links[i ? 0 : i], NAMES[i],
						  "correct horse", NULL, NULL));
		assert_true(
			desk_bench_unlock(bench, links[i], NAMES[i], "correct horse"));
		assert_true(desk_bench_add_room(bench, links[i], ROOMS[i]));
	}
	while (desk_bench_take(hub))
		;
	for (size_t i = 0; i < HOUSE_OWNERS * HOUSE_RECORDS; i++) {
		struct house_record *record = &of[count++];

		record->owner = i % HOUSE_OWNERS;
		record->sample = (int16_t)(1000 + i);
		assert_true(str_format(record->words, sizeof(record->words),
				       "words number %zu of %s", i,
				       NAMES[record->owner]));
		for (size_t j = 0; j < SAMPLES; j++)
			sound[j] = record->sample;
		desk_bench_seal(bench, hub, i, (uint64_t)bench->clock.wall_ms << 16 | i,
				ROOMS[record->owner], record->words, sound, SAMPLES);
		desk_bench_settle(bench);
		assert_int_equal(desk_bench_done(hub, i, NULL, &record->id), OK);
	}
}

/* What somebody with SQL might do to any row but the newest state of the house. */
static void tamper(struct desk_bench *bench)
{
	size_t count = store_fake_row_count(bench->rows);
	size_t at = below((uint32_t)count);
	size_t other = below((uint32_t)count);
	uint8_t *value;
	const struct store_row *row = store_fake_row(bench->rows, at, &value);
	const struct store_row *second = store_fake_row(bench->rows, other, NULL);
	struct store_row copy;

	switch (below(4)) {
	case 0:
		store_fake_remove(bench->rows, at);
		break;
	case 1:
		store_fake_swap_values(bench->rows, at, other);
		break;
	case 2: /* a row under another's key */
		copy = *row;
		copy.key = second->key;
		store_fake_remove(bench->rows, other);
		if (at != other)
			assert_int_equal(store_fake_put(bench->rows, &copy), OK);
		break;
	default:
		if (row->size > 0)
			value[below((uint32_t)row->size)] ^= (uint8_t)(1 << below(8));
		break;
	}
}

/* Whatever comes must be this owner's own, unchanged. How many recordings came. */
static size_t ask_for_all(struct desk_bench *bench, size_t owner,
			  const struct house_record *of)
{
	struct desk_bench_link *link = desk_bench_link(bench, DESK_OWNER);
	const struct wire_history_get all = {.before_ms = INT64_MAX, .limit = 100};
	const struct wire_message *message;
	int16_t heard[SAMPLES];
	size_t opened = 0;

	if (!desk_bench_unlock(bench, link, NAMES[owner], "correct horse"))
		return 0;
	for (size_t i = 0; i < HOUSE_OWNERS * HOUSE_RECORDS; i++) {
		struct wire_play_get get;

		memset(&get, 0, sizeof(get));
		memcpy(get.record.bytes, of[i].id.bytes, ID_BYTES);
		desk_bench_say(bench, link, WIRE_play_get, &get);
		desk_bench_settle(bench);
		while ((message = desk_bench_take(link)) &&
		       message->type == WIRE_play_sound) {
			assert_int_equal(of[i].owner, owner);
			assert_int_equal(wire_to_samples(message->play_sound.pcm, heard,
							 SAMPLES),
					 SAMPLES);
			for (size_t j = 0; j < SAMPLES; j++)
				assert_int_equal(heard[j], of[i].sample);
			opened++;
		}
	}
	desk_bench_say(bench, link, WIRE_history_get, &all);
	desk_bench_settle(bench);
	while ((message = desk_bench_take(link)) && message->type == WIRE_history_row) {
		const char *words = message->history_row.transcript;

		assert_true(words[0] == '\0' || str_ends(words, NAMES[owner]));
	}
	desk_bench_unlink(bench, link);
	return opened;
}

static void whatever_is_done_to_the_rows_nobody_hears_another(void **state)
{
	size_t opened = 0;
	size_t broken = 0;

	(void)state;
	for (size_t round = 0; round < ROUNDS; round++) {
		struct house_record of[HOUSE_OWNERS * HOUSE_RECORDS];
		struct desk_bench *bench = desk_bench_create(seed + round);
		size_t changes = below(4);

		fill_house(bench, of);
		for (size_t i = 0; i < changes; i++)
			tamper(bench);
		desk_bench_restart(bench);
		if (desk_state_of(bench->desk) == DESK_READY) {
			for (size_t i = 0; i < HOUSE_OWNERS; i++) {
				size_t came = ask_for_all(bench, i, of);

				assert_true(changes > 0 || came == HOUSE_RECORDS);
				opened += came;
			}
		} else {
			assert_true(changes > 0);
			broken++;
		}
		desk_bench_destroy(bench);
	}
	printf("%zu recordings came, all to their owners; %zu houses refused to open\n",
	       opened, broken);
}

static void make_world(void)
{
	for (size_t i = 0; i < HOUSES; i++) {
		rand_fill(&rand_port, houses[i].bytes, ID_BYTES);
		rand_fill(&rand_port, seeds[i], sizeof(seeds[i]));
		seal_sign_pair(seeds[i], publics[i]);
	}
	for (size_t i = 0; i < OWNERS; i++)
		make_person(i);
	for (size_t i = 0; i < RECORDS; i++)
		make_record(&records[i]);
}

static void end_world(void)
{
	for (size_t i = 0; i < OWNERS; i++) {
		owner_view_destroy(people[i].view);
		for (size_t j = 0; j < EPOCHS; j++)
			epoch_destroy(people[i].epochs[j]);
	}
	for (size_t i = 0; i < RECORDS; i++)
		free(records[i].row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_mistake_opens_a_recording),
		cmocka_unit_test(no_key_of_the_house_opens_an_epoch),
		cmocka_unit_test(whatever_is_done_to_the_rows_nobody_hears_another),
	};
	int failed;

	if (seal_init() != OK)
		return 1;
	seed = rand_fake_seed();
	rand_port = rand_fake_init(&dice, seed);
	clock_port = clock_fake_init(&the_clock);
	make_world();
	failed = cmocka_run_group_tests_name("isolation", tests, NULL, NULL);
	end_world();
	return failed;
}
