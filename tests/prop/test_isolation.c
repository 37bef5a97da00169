/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_isolation - a recording opens for its owner's unlocked key and for nothing else,
 * whatever is exchanged, changed, cut or forged around it.
 *
 * In memory: random owners of several households, their keys, epochs and recordings, and one
 * mistake per trial; most of them with an opened epoch, where nothing but the recording's own
 * authentication stands between; every bit of one recording's rows. Through the whole keeper: random rows changed in its store, then every owner asks
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
#include <time.h>

#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "fake/desk_bench.h"
#include "fake/rand_fake.h"
#include "keeper/desk_inner.h"
#include "keeper/policy_row.h"
#include "vault/epoch.h"
#include "vault/kek.h"
#include "vault/owner.h"
#include "vault/recording.h"

/* Under sanitizers each takes several times as long. */
#ifdef __SANITIZE_ADDRESS__
enum { TRIALS = 100000 };
#else
enum { TRIALS = 1000000 };
#endif

enum {
	SLOW_ONE_IN = 4, /* with all rows, whose signatures take most of the time */
	HOUSES = 3,
	OWNERS = 9, /* by turns in the houses */
	EPOCHS = 3, /* of each owner */
	RECORDS = 64,
	POLICIES = 6,     /* versions, by turns in the houses */
	HEAD_LEAST = 150, /* of a recording's row: more than its visible head's ids */
	PLAIN_MAX = 2 * RECORDING_CHUNK_BYTES,
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
	uint8_t next_row[KEK_ROW_BYTES]; /* the next generation's */
	uint8_t epoch_rows[EPOCHS][EPOCH_ROW_BYTES];
	struct epoch_opened *opened[EPOCHS];
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
static struct {
	size_t house;
	uint64_t version;
	struct buf row;
} policies[POLICIES];

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
	struct kek next;
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
	assert_int_equal(kek_create(&person->made.owner, 2, 1, seeds[house_of(at)],
				    &rand_port, person->next_row, &next),
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
	record->plain_size = below(16) ? below(64) : below(PLAIN_MAX);
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

/* --- one mistake per trial -------------------------------------------------------------- */

/* Everything that opening one takes; a trial gets one thing wrong. */
struct attempt {
	struct owner_view *view;
	struct household_id household;
	const uint8_t *keeper_public;
	struct record_id record;
	enum recording_kind kind;
	struct recording_rows rows;
	const struct epoch_opened *opened; /* instead of the epoch's rows; or NULL */
	uint8_t *copy;                     /* owned: a row that was changed */
};

/* opened: with an epoch that its owner has opened already, as an export does. */
static struct attempt right_attempt(const struct sealed *record, bool opened)
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
		.opened = opened ? person->opened[record->epoch] : NULL,
	};
}

static enum err try_it(const struct attempt *attempt, struct secret **out_plain)
{
	struct recording_about about;

	if (attempt->opened)
		return recording_open_under(attempt->view, attempt->household,
					    attempt->opened, attempt->record,
					    attempt->kind, &attempt->rows, &about,
					    out_plain);
	return recording_open(attempt->view, attempt->household, attempt->keeper_public,
			      attempt->record, attempt->kind, &attempt->rows, &about,
			      out_plain);
}

/* Gets one thing wrong; false when chance made it right. */
typedef bool mistake_fn(struct attempt *attempt, const struct sealed *record);

static bool anothers_view(struct attempt *attempt, const struct sealed *record)
{
	size_t owner = below(OWNERS);

	attempt->view = people[owner].view;
	return owner != record->owner;
}

static bool another_household(struct attempt *attempt, const struct sealed *record)
{
	attempt->household = houses[(house_of(record->owner) + 1) % HOUSES];
	return true;
}

static bool another_keeper(struct attempt *attempt, const struct sealed *record)
{
	attempt->keeper_public = publics[(house_of(record->owner) + 1) % HOUSES];
	return !attempt->opened; /* else nobody asks who signed */
}

static bool another_record(struct attempt *attempt, const struct sealed *record)
{
	const struct sealed *other = &records[below(RECORDS)];

	attempt->record = other->id;
	return other != record;
}

static bool another_kind(struct attempt *attempt, const struct sealed *record)
{
	attempt->kind =
		record->kind == RECORDING_SOUND ? RECORDING_TRANSCRIPT : RECORDING_SOUND;
	return true;
}

static bool another_salt(struct attempt *attempt, const struct sealed *record)
{
	const struct sealed *other = &records[below(RECORDS)];

	attempt->rows.salt = other->salt;
	return other != record;
}

static bool another_row(struct attempt *attempt, const struct sealed *record)
{
	const struct sealed *other = &records[below(RECORDS)];

	attempt->rows.record = other->row;
	attempt->rows.record_size = other->row_size;
	return other != record;
}

static bool another_epoch(struct attempt *attempt, const struct sealed *record)
{
	size_t owner = below(OWNERS);
	size_t epoch = below(EPOCHS);

	if (attempt->opened)
		attempt->opened = people[owner].opened[epoch];
	attempt->rows.epoch = people[owner].epoch_rows[epoch];
	return owner != record->owner || epoch != record->epoch;
}

/* Another owner's, or another generation of the same one's. */
static bool another_kek(struct attempt *attempt, const struct sealed *record)
{
	size_t owner = below(OWNERS);

	attempt->rows.kek = below(2) ? people[owner].kek_row : people[owner].next_row;
	if (below(8) == 0)
		attempt->rows.kek = NULL;
	return !attempt->opened && attempt->rows.kek != people[record->owner].kek_row;
}

/* A copy of the row, with room for one byte more. */
static uint8_t *copy_row(struct attempt *attempt, const uint8_t **row, size_t size)
{
	attempt->copy = calloc(1, size + 1);
	assert_non_null(attempt->copy);
	memcpy(attempt->copy, *row, size);
	*row = attempt->copy;
	return attempt->copy;
}

/* Flips a bit of one of the rows, or cuts or lengthens it. */
static bool damage(struct attempt *attempt, const struct sealed *record)
{
	struct recording_rows *rows = &attempt->rows;
	const struct {
		const uint8_t **row;
		size_t *size;
	} all[] = {{&rows->salt, &rows->salt_size},
		   {&rows->record, &rows->record_size},
		   {&rows->epoch, &rows->epoch_size},
		   {&rows->kek, &rows->kek_size}};
	uint32_t which = below(attempt->opened ? 2 : STR_COUNT(all));
	size_t *size = all[which].size;
	uint8_t *copy = copy_row(attempt, all[which].row, *size);
	uint32_t how = below(8);

	(void)record;
	if (how == 0)
		*size = below((uint32_t)*size);
	else if (how == 1)
		(*size)++;
	else
		copy[below((uint32_t)*size)] ^= (uint8_t)(1 << below(8));
	return true;
}

/* A column of its head is another row's: household, owner, record or epoch. */
static bool forged_column(struct attempt *attempt, const struct sealed *record)
{
	enum { HEAD_IDS_AT = 2, HEAD_IDS = 4 };
	const struct sealed *other = &records[below(RECORDS)];
	size_t at = HEAD_IDS_AT + below(HEAD_IDS) * ID_BYTES;
	uint8_t *copy = copy_row(attempt, &attempt->rows.record, record->row_size);

	memcpy(copy + at, other->row + at, ID_BYTES);
	return memcmp(copy, record->row, record->row_size) != 0;
}

/* Its own head and another's sound, as far as that goes. */
static bool anothers_sound(struct attempt *attempt, const struct sealed *record)
{
	const struct sealed *other = &records[below(RECORDS)];
	size_t least =
		record->row_size < other->row_size ? record->row_size : other->row_size;
	size_t part = 1 + below((uint32_t)least - HEAD_LEAST);
	uint8_t *copy = copy_row(attempt, &attempt->rows.record, record->row_size);

	memcpy(copy + record->row_size - part, other->row + other->row_size - part, part);
	return memcmp(copy, record->row, record->row_size) != 0;
}

/* A signed row says that it is that record's: its own, under another's ids. */
static bool all_columns_forged(struct attempt *attempt, const struct sealed *record)
{
	enum { HEAD_IDS_AT = 2, OWNER_AT = HEAD_IDS_AT + ID_BYTES };
	size_t owner = below(OWNERS);
	uint8_t *copy = copy_row(attempt, &attempt->rows.record, record->row_size);

	memcpy(copy + HEAD_IDS_AT, houses[house_of(owner)].bytes, ID_BYTES);
	memcpy(copy + OWNER_AT, people[owner].made.owner.id.bytes, ID_BYTES);
	attempt->view = people[owner].view;
	attempt->household = houses[house_of(owner)];
	attempt->keeper_public = publics[house_of(owner)];
	return owner != record->owner;
}

static const struct {
	const char *name;
	mistake_fn *make;
} mistakes[] = {
	{"another's session", anothers_view},
	{"another household", another_household},
	{"another keeper", another_keeper},
	{"another record's id", another_record},
	{"the other kind", another_kind},
	{"another's salt", another_salt},
	{"another's row", another_row},
	{"another epoch", another_epoch},
	{"another key above it", another_kek},
	{"damage", damage},
	{"a forged column", forged_column},
	{"another's sound", anothers_sound},
	{"all columns forged", all_columns_forged},
};

enum { MISTAKES = STR_COUNT(mistakes) };

static void expect_right(const struct sealed *record, bool opened)
{
	const struct attempt attempt = right_attempt(record, opened);
	struct secret *plain = NULL;

	assert_int_equal(try_it(&attempt, &plain), OK);
	assert_int_equal(plain ? secret_size(plain) : 0, record->plain_size);
	for (size_t i = 0; i < record->plain_size; i++)
		assert_int_equal(secret_view(plain)[i], record->plain_byte);
	secret_destroy(plain);
}

static unsigned long trials_wanted(void)
{
	const char *given = getenv("BEHEST_TRIALS");

	return given ? strtoul(given, NULL, 10) : TRIALS;
}

static double seconds_now(void)
{
	struct timespec now;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* False when chance made it right. */
static bool one_trial(size_t *out_mistake)
{
	const struct sealed *record = &records[below(RECORDS)];
	struct attempt attempt = right_attempt(record, below(SLOW_ONE_IN) != 0);
	struct secret *plain = NULL;
	size_t which = below(MISTAKES);
	bool is_wrong = mistakes[which].make(&attempt, record);

	if (is_wrong) {
		enum err err = try_it(&attempt, &plain);

		if (err == OK || plain)
			fail_msg("%s: it opened", mistakes[which].name);
	}
	free(attempt.copy);
	*out_mistake = which;
	return is_wrong;
}

static void no_mistake_opens_a_recording(void **state)
{
	unsigned long trials = trials_wanted();
	unsigned long wrong = 0;
	unsigned long by[MISTAKES] = {0};
	double began = seconds_now();
	double took;

	(void)state;
	while (wrong < trials) {
		size_t which = 0;

		if (one_trial(&which)) {
			by[which]++;
			wrong++;
		}
	}
	took = seconds_now() - began;
	for (size_t i = 0; i < RECORDS; i++) {
		expect_right(&records[i], false);
		expect_right(&records[i], true);
	}
	for (size_t i = 0; i < MISTAKES; i++)
		printf("%9lu  %s\n", by[i], mistakes[i].name);
	printf("%lu mistakes in %.1f s, %.0f a second: none opened\n", wrong, took,
	       (double)wrong / took);
}

/* --- the rows above a recording --------------------------------------------------------- */

/* A bit of size bytes, or the length; a copy for the caller to free. */
static uint8_t *spoil(const uint8_t *row, size_t *size)
{
	uint8_t *copy = calloc(1, *size + 1);
	uint32_t how = below(8);

	assert_non_null(copy);
	memcpy(copy, row, *size);
	if (how == 0)
		*size = below((uint32_t)*size);
	else if (how == 1)
		(*size)++;
	else
		copy[below((uint32_t)*size)] ^= (uint8_t)(1 << below(8));
	return copy;
}

/* Another owner's wrap, or one under another number, or a changed one. */
static bool wrong_wrap(void)
{
	size_t at = below(OWNERS);
	size_t from = below(OWNERS);
	uint8_t number = (uint8_t)(1 + below(3));
	uint8_t of = (uint8_t)(1 + below(2));
	size_t size = OWNER_WRAP_BYTES;
	bool is_spoilt = from == at && of == number;
	const uint8_t *row = people[from].made.wraps[of - 1];
	uint8_t *copy = is_spoilt ? spoil(row, &size) : NULL;
	const struct owner_wrap_row given = {number, copy ? copy : row, size};
	struct owner_wrap_about about;

	assert_int_not_equal(owner_wrap_read(&people[at].made.owner, &given, &about), OK);
	free(copy);
	return true;
}

/* The right row, and what opens somebody else's; all passphrases are the same. */
static bool wrong_words(void)
{
	size_t at = below(OWNERS);
	size_t from = below(OWNERS);
	struct owner_view *view = NULL;

	if (at == from)
		return false;
	assert_int_equal(owner_unlock(&people[at].made.owner, OWNER_WRAP_RECOVERY,
				      people[at].made.wraps[1], OWNER_WRAP_BYTES,
				      people[from].made.recovery, &clock_port, &view),
			 ERR_AUTH);
	assert_null(view);
	return true;
}

static bool wrong_kek(void)
{
	size_t at = below(OWNERS);
	size_t from = below(OWNERS);
	uint64_t generation = 1 + below(2);
	uint64_t of = 1 + below(2);
	size_t size = KEK_ROW_BYTES;
	const uint8_t *row = of == 1 ? people[from].kek_row : people[from].next_row;
	uint8_t *copy = at == from && of == generation ? spoil(row, &size) : NULL;
	struct secret *secret = NULL;

	assert_int_not_equal(kek_open(people[at].view, houses[house_of(at)],
				      publics[house_of(at)], generation,
				      copy ? copy : row, size, &secret),
			     OK);
	assert_null(secret);
	free(copy);
	return true;
}

/* An owner's own row in another house, or changed: then their public keys are not believed. */
static bool wrong_owner(void)
{
	size_t at = below(OWNERS);
	size_t house = below(HOUSES);
	size_t size = people[at].made.row_size;
	uint8_t *copy = house == house_of(at) ? spoil(people[at].made.row, &size) : NULL;
	struct owner owner;

	assert_int_not_equal(owner_read(houses[house], publics[house],
					copy ? copy : people[at].made.row, size, &owner),
			     OK);
	free(copy);
	return true;
}

/* What rooms, roles, devices and contacts may: of another house, another version, signed by
 * another owner, or changed. */
static bool wrong_policy(void)
{
	size_t of = below(POLICIES);
	size_t house = below(HOUSES);
	uint64_t version = 1 + below(POLICIES);
	bool is_right = policies[of].house == house && policies[of].version == version;
	size_t size = policies[of].row.size;
	uint8_t *copy = is_right ? spoil(policies[of].row.bytes, &size) : NULL;
	struct owner owners[OWNERS];
	struct policy_signers signers = {.keeper_public = publics[house],
					 .owners = owners};
	static struct policy policy;

	for (size_t i = 0; i < OWNERS; i++) {
		if (house_of(i) == house)
			owners[signers.owner_count++] = people[i].made.owner;
	}
	assert_int_not_equal(policy_row_read(houses[house], version, &signers,
					     copy ? copy : policies[of].row.bytes, size,
					     &policy),
			     OK);
	free(copy);
	return true;
}

static void no_exchanged_key_or_right_counts(void **state)
{
	static bool (*const wrongs[])(void) = {wrong_wrap, wrong_words, wrong_kek,
					       wrong_owner, wrong_policy};
	unsigned long trials = trials_wanted() / 40;
	unsigned long count = 0;
	double began = seconds_now();
	double took;

	(void)state;
	while (count < trials)
		count += wrongs[below(STR_COUNT(wrongs))]();
	took = seconds_now() - began;
	printf("%lu exchanged keys and rights in %.1f s, %.0f a second: none counted\n",
	       count, took, (double)count / took);
}

/* --- every bit -------------------------------------------------------------------------- */

/* Of the smallest recording there is, all rows, with each bit in turn the other way. */
static void no_bit_may_differ(void **state)
{
	const struct sealed *record = &records[0];
	unsigned long bits = 0;

	(void)state;
	for (size_t i = 1; i < RECORDS; i++)
		if (records[i].plain_size > 0 &&
		    (record->plain_size == 0 ||
		     records[i].plain_size < record->plain_size))
			record = &records[i];
	for (size_t row = 0; row < 4; row++) {
		struct attempt attempt = right_attempt(record, false);
		const uint8_t **of[] = {&attempt.rows.record, &attempt.rows.salt,
					&attempt.rows.epoch, &attempt.rows.kek};
		const size_t sizes[] = {attempt.rows.record_size, attempt.rows.salt_size,
					attempt.rows.epoch_size, attempt.rows.kek_size};
		uint8_t *copy = copy_row(&attempt, of[row], sizes[row]);
		struct secret *plain = NULL;

		for (size_t bit = 0; bit < sizes[row] * 8; bit++, bits++) {
			copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_not_equal(try_it(&attempt, &plain), OK);
			assert_null(plain);
			copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		assert_int_equal(try_it(&attempt, &plain), OK);
		secret_destroy(plain);
		free(copy);
	}
	printf("%lu bits, each noticed\n", bits);
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

static size_t incidents; /* recordings that did not open, and were made one */

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
		/* What does not open for its owner is an incident, and exports end. */
		if (message && message->type == WIRE_end &&
		    message->end.err == ERR_AUTH) {
			assert_true(desk_incident_freezes(bench->desk));
			incidents++;
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
	assert_true(incidents > 0);
	printf("%zu recordings came, all to their owners; %zu did not open, each an "
	       "incident; %zu houses refused to open\n",
	       opened, incidents, broken);
}

static void open_epochs(size_t at)
{
	struct someone *person = &people[at];

	for (size_t i = 0; i < EPOCHS; i++) {
		const struct epoch_rows rows = {.epoch = person->epoch_rows[i],
						.epoch_size = EPOCH_ROW_BYTES,
						.kek = person->kek_row,
						.kek_size = KEK_ROW_BYTES};

		assert_int_equal(epoch_open(person->view, houses[house_of(at)],
					    publics[house_of(at)],
					    epoch_id_of(person->epochs[i]), &rows,
					    &person->opened[i]),
				 OK);
	}
}

/* A room, a contact and a person, so that there is something to exchange. */
static void make_policy(size_t at)
{
	size_t house = at % HOUSES;
	size_t owner = house; /* the first who lives there */
	static struct policy policy;
	struct policy read;
	const struct policy_signers signers = {.keeper_public = publics[house],
					       .owners = &people[owner].made.owner,
					       .owner_count = 1};

	policy_init(&policy);
	policies[at].house = house;
	policies[at].version = 1 + at;
	policy.room_count = 1;
	must(str_copy(policy.rooms[0].room.text, NAME_BYTES, "kitchen"));
	policy.rooms[0].capabilities = below(MAY_ALL + 1) & MAY_ALL;
	policy.contact_count = 1;
	rand_fill(&rand_port, policy.contacts[0].id.bytes, ID_BYTES);
	must(str_copy(policy.contacts[0].name, NAME_BYTES, "anna"));
	must(str_copy(policy.contacts[0].address, sizeof(policy.contacts[0].address),
		      "anna@example.org"));
	policy.contacts[0].kind = CONTACT_MAIL;
	buf_init(&policies[at].row, POLICY_ROW_BYTES_MAX);
	must(policy_row_write(houses[house], policies[at].version, &policy,
			      people[owner].view, seeds[house], &policies[at].row) == OK);
	must(policy_row_read(houses[house], policies[at].version, &signers,
			     policies[at].row.bytes, policies[at].row.size, &read) == OK);
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
	for (size_t i = 0; i < OWNERS; i++)
		open_epochs(i);
	for (size_t i = 0; i < POLICIES; i++)
		make_policy(i);
	for (size_t i = 0; i < RECORDS; i++)
		make_record(&records[i]);
}

static void end_world(void)
{
	for (size_t i = 0; i < OWNERS; i++) {
		owner_view_destroy(people[i].view);
		for (size_t j = 0; j < EPOCHS; j++)
			epoch_destroy(people[i].epochs[j]);
		for (size_t j = 0; j < EPOCHS; j++)
			epoch_opened_destroy(people[i].opened[j]);
	}
	for (size_t i = 0; i < POLICIES; i++)
		buf_finish(&policies[i].row);
	for (size_t i = 0; i < RECORDS; i++)
		free(records[i].row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_mistake_opens_a_recording),
		cmocka_unit_test(no_exchanged_key_or_right_counts),
		cmocka_unit_test(no_bit_may_differ),
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
