/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_erase - recordings that are destroyed: one, some, all; by their owner, and for
 * their age. What is gone opens for nobody, also from rows that were kept aside.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/erasure.h"
#include "fake/desk_bench.h"
#include "journal/entry.h"
#include "keeper/chores_row.h"
#include "keeper/desk_inner.h"
#include "keeper/receipt.h"
#include "keeper/recorded.h"
#include "tlog/note.h"
#include "tlog/proof_text.h"

enum {
	SEED = 47,
	SAMPLES = 6000,
	MINUTE_MS = 60 * 1000,
	HOUR_MS = 60 * MINUTE_MS,
	DAY_MS = 24 * HOUR_MS,
	ROWS_OF_ONE = 4, /* salt and record, of sound and transcript */
};

static const char PASSPHRASE[] = DESK_BENCH_PASSPHRASE;
static int16_t sound[SAMPLES];

/* A house with alice and her kitchen and study. */
struct house {
	struct desk_bench *bench;
	struct desk_bench_link *hub;
	struct desk_bench_link *alice;
};

static void sign_in(struct house *house)
{
	house->hub = desk_bench_link(house->bench, DESK_HUB);
	house->alice = desk_bench_sign_in(house->bench, "alice");
}

static struct house make_house(void)
{
	struct house house = {.bench = desk_bench_create(SEED)};

	house.hub = desk_bench_link(house.bench, DESK_HUB);
	house.alice = desk_bench_add_owner(house.bench, NULL, "alice", "kitchen");
	assert_true(desk_bench_add_room(house.bench, house.alice, "study"));
	return house;
}

static enum err try_record(struct house *house, const char *room,
			   struct record_id *out_record)
{
	return desk_bench_record(house->bench, house->hub,
				 &(struct desk_bench_said){room, "turn on the light",
							   sound, SAMPLES},
				 out_record);
}

static struct record_id record(struct house *house, const char *room)
{
	struct record_id made;

	assert_int_equal(try_record(house, room, &made), OK);
	return made;
}

static enum err play(struct house *house, struct desk_bench_link *link,
		     struct record_id which)
{
	return desk_bench_play(house->bench, link, which);
}

static bool is_whole(struct house *house)
{
	const struct wire_message *message;

	desk_bench_forget(house->alice);
	desk_bench_say(house->bench, house->alice, WIRE_verify_get,
		       &(struct wire_verify_get){.unused = 0});
	desk_bench_settle(house->bench);
	message = desk_bench_take(house->alice);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_verified);
	return message->verified.whole;
}

/* Rows of salts and records whose key holds it. */
static size_t rows_of(const struct house *house, struct record_id which)
{
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_row *row = store_fake_row(house->bench->rows, i, NULL);

		count += (row->key.space == STORE_SALT ||
			  row->key.space == STORE_RECORD) &&
			 memcmp(row->key.bytes + ID_BYTES, which.bytes, ID_BYTES) == 0;
	}
	return count;
}

static size_t rows_in(const struct house *house, enum store_space space)
{
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++)
		count += store_fake_row(house->bench->rows, i, NULL)->key.space == space;
	return count;
}

static void tick(struct house *house, int64_t ms)
{
	clock_fake_pass(&house->bench->clock, ms);
	for (size_t i = 0; i < 6; i++) {
		desk_tick(house->bench->desk);
		desk_bench_settle(house->bench);
	}
}

/* --- asking and doing ------------------------------------------------------------------- */

static const struct wire_message *ask(struct house *house, struct desk_bench_link *link,
				      const struct wire_erase_ask *asked)
{
	desk_bench_forget(link);
	desk_bench_say(house->bench, link, WIRE_erase_ask, asked);
	desk_bench_settle(house->bench);
	return desk_bench_take(link);
}

static uint64_t found(struct house *house, const struct wire_erase_ask *asked)
{
	const struct wire_message *message = ask(house, house->alice, asked);

	assert_non_null(message);
	assert_int_equal(message->type, WIRE_erase_found);
	return message->erase_found.count;
}

struct outcome {
	enum err err;
	uint64_t done;
	struct buf receipt;
};

/* Everything that is answered, up to the end. */
static struct outcome outcome(struct desk_bench_link *link)
{
	struct outcome out = {.err = ERR_TIMEOUT};
	const struct wire_message *message;

	buf_init(&out.receipt, 1 << 20);
	while ((message = desk_bench_take(link))) {
		if (message->type == WIRE_erased) {
			assert_true(message->erased.done >= out.done);
			out.done = message->erased.done;
		} else if (message->type == WIRE_receipt) {
			assert_int_equal(buf_add(&out.receipt,
						 message->receipt.text.bytes,
						 message->receipt.text.size),
					 OK);
		} else {
			assert_int_equal(message->type, WIRE_end);
			out.err = (enum err)message->end.err;
		}
	}
	return out;
}

static struct outcome erase(struct house *house, uint64_t count)
{
	const struct wire_erase_do asked = {.count = count};

	desk_bench_forget(house->alice);
	desk_bench_say(house->bench, house->alice, WIRE_erase_do, &asked);
	desk_bench_settle(house->bench);
	return outcome(house->alice);
}

static struct outcome erase_all(struct house *house)
{
	desk_bench_forget(house->alice);
	desk_bench_say(house->bench, house->alice, WIRE_erase_all,
		       &(struct wire_erase_all){.unused = 0});
	desk_bench_settle(house->bench);
	return outcome(house->alice);
}

static struct wire_erase_ask ask_of(struct record_id which)
{
	struct wire_erase_ask asked = {.what = ERASURE_RECORD};

	memcpy(asked.record.bytes, which.bytes, ID_BYTES);
	return asked;
}

static const struct wire_erase_ask EVERYTHING = {.what = ERASURE_RANGE,
						 .from_ms = INT64_MIN,
						 .to_ms = INT64_MAX};

static void expect_refused(const struct wire_message *message, const char *reason)
{
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_refused);
	assert_string_equal(message->refused.reason, reason);
}

/* --- some ------------------------------------------------------------------------------- */

static void one_is_gone_and_the_others_are_there(void **state)
{
	struct house house = make_house();
	const struct record_id first = record(&house, "kitchen");
	const struct record_id second = record(&house, "kitchen");
	const struct wire_erase_ask asked = ask_of(first);
	struct outcome out;

	(void)state;
	assert_int_equal(rows_of(&house, first), ROWS_OF_ONE);
	assert_int_equal(found(&house, &asked), 1);
	assert_int_equal(rows_of(&house, first), ROWS_OF_ONE); /* asked only */
	out = erase(&house, 1);
	assert_int_equal(out.err, OK);
	assert_int_equal(out.done, 1);
	assert_true(out.receipt.size > 0);
	buf_finish(&out.receipt);
	assert_int_equal(rows_of(&house, first), 0);
	assert_int_equal(rows_of(&house, second), ROWS_OF_ONE);
	assert_int_equal(play(&house, house.alice, first), ERR_MISSING);
	assert_int_equal(play(&house, house.alice, second), OK);
	assert_true(is_whole(&house));
	expect_refused(ask(&house, house.alice, &asked), "UNKNOWN_RECORDING");
	desk_bench_destroy(house.bench);
}

static void nobody_names_anothers(void **state)
{
	struct house house = make_house();
	struct desk_bench_link *bob = desk_bench_link(house.bench, DESK_OWNER);
	const struct record_id hers = record(&house, "kitchen");
	const struct wire_erase_ask asked = ask_of(hers);
	const struct wire_message *message;

	(void)state;
	assert_true(desk_bench_make_owner(house.bench, house.alice, "bob", PASSPHRASE,
					  NULL, NULL));
	assert_true(desk_bench_unlock(house.bench, bob, "bob", PASSPHRASE));
	expect_refused(ask(&house, bob, &asked), "UNKNOWN_RECORDING");
	message = ask(&house, bob, &EVERYTHING);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_erase_found);
	assert_int_equal(message->erase_found.count, 0);
	desk_bench_say(house.bench, bob, WIRE_erase_all,
		       &(struct wire_erase_all){.unused = 0});
	desk_bench_settle(house.bench);
	for (size_t i = 0; i < 4; i++)
		tick(&house, 5000);
	assert_int_equal(rows_of(&house, hers), ROWS_OF_ONE);
	assert_int_equal(play(&house, house.alice, hers), OK);
	desk_bench_destroy(house.bench);
}

static void a_time_and_a_room_choose(void **state)
{
	struct house house = make_house();
	struct wire_erase_ask asked = EVERYTHING;
	struct record_id old[2];
	struct record_id young[2];
	struct outcome out;

	(void)state;
	old[0] = record(&house, "kitchen");
	old[1] = record(&house, "study");
	clock_fake_pass(&house.bench->clock, HOUR_MS);
	house.alice = desk_bench_link(house.bench, DESK_OWNER);
	assert_true(desk_bench_unlock(house.bench, house.alice, "alice", PASSPHRASE));
	young[0] = record(&house, "kitchen");
	young[1] = record(&house, "study");
	assert_int_equal(found(&house, &asked), 4);
	asked.from_ms = house.bench->clock.wall_ms - MINUTE_MS;
	asked.to_ms = house.bench->clock.wall_ms;
	assert_int_equal(found(&house, &asked), 2);
	assert_true(str_copy(asked.room, sizeof(asked.room), "Study"));
	assert_int_equal(found(&house, &asked), 1);
	out = erase(&house, 1);
	assert_int_equal(out.err, OK);
	buf_finish(&out.receipt);
	assert_int_equal(rows_of(&house, young[1]), 0);
	asked.from_ms = INT64_MIN;
	asked.to_ms = INT64_MAX;
	assert_true(str_copy(asked.room, sizeof(asked.room), "kitchen"));
	assert_int_equal(found(&house, &asked), 2);
	out = erase(&house, 2);
	assert_int_equal(out.done, 2);
	buf_finish(&out.receipt);
	assert_int_equal(rows_of(&house, old[0]) + rows_of(&house, young[0]), 0);
	assert_int_equal(rows_of(&house, old[1]), ROWS_OF_ONE);
	desk_bench_destroy(house.bench);
}

static void many_go_in_several_batches(void **state)
{
	enum { COUNT = 200 };
	struct house house = make_house();
	struct outcome out;

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		(void)record(&house, "kitchen");
	assert_int_equal(found(&house, &EVERYTHING), COUNT);
	out = erase(&house, COUNT);
	assert_int_equal(out.err, OK);
	assert_int_equal(out.done, COUNT);
	buf_finish(&out.receipt);
	assert_int_equal(rows_in(&house, STORE_SALT), 0);
	assert_int_equal(rows_in(&house, STORE_RECORD), 0);
	assert_int_equal(found(&house, &EVERYTHING), 0);
	assert_true(is_whole(&house));
	desk_bench_destroy(house.bench);
}

static void only_what_was_told_is_done(void **state)
{
	struct house house = make_house();
	const struct record_id told = record(&house, "kitchen");
	struct record_id later;
	struct outcome out;

	(void)state;
	desk_bench_say(house.bench, house.alice, WIRE_erase_do,
		       &(struct wire_erase_do){.count = 1});
	desk_bench_forget(house.hub);
	assert_int_equal(found(&house, &EVERYTHING), 1);
	desk_bench_say(house.bench, house.alice, WIRE_erase_do,
		       &(struct wire_erase_do){.count = 2});
	desk_bench_settle(house.bench);
	expect_refused(desk_bench_take(house.alice), "ERASE_STALE");
	later = record(&house, "kitchen");
	out = erase(&house, 1);
	assert_int_equal(out.done, 1);
	buf_finish(&out.receipt);
	assert_int_equal(rows_of(&house, told), 0);
	assert_int_equal(rows_of(&house, later), ROWS_OF_ONE);
	/* Done once. */
	desk_bench_say(house.bench, house.alice, WIRE_erase_do,
		       &(struct wire_erase_do){.count = 1});
	desk_bench_settle(house.bench);
	expect_refused(desk_bench_take(house.alice), "ERASE_STALE");
	desk_bench_destroy(house.bench);
}

static void what_makes_no_sense_is_refused(void **state)
{
	struct house house = make_house();
	struct desk_bench_link *stranger = desk_bench_link(house.bench, DESK_OWNER);
	const struct wire_erase_ask bad[] = {
		{.what = 0},
		{.what = 4},
		{.what = UINT8_MAX},
		{.what = ERASURE_RECORD},
		{.what = ERASURE_RANGE, .from_ms = 2, .to_ms = 1},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(bad); i++)
		expect_refused(ask(&house, house.alice, &bad[i]), "OUT_OF_RANGE");
	expect_refused(ask(&house, stranger, &EVERYTHING), "NOT_SIGNED_IN");
	desk_bench_say(house.bench, stranger, WIRE_erase_all,
		       &(struct wire_erase_all){.unused = 0});
	expect_refused(desk_bench_take(stranger), "NOT_SIGNED_IN");
	desk_bench_destroy(house.bench);
}

static void what_is_not_written_is_not_called_deleted(void **state)
{
	struct house house = make_house();
	const struct record_id kept = record(&house, "kitchen");
	struct outcome out;

	(void)state;
	assert_int_equal(found(&house, &EVERYTHING), 1);
	store_fake_fail_after(house.bench->rows, 0, ERR_LIMIT, false);
	out = erase(&house, 1);
	assert_int_equal(out.err, ERR_IO);
	assert_int_equal(out.done, 0);
	assert_int_equal(out.receipt.size, 0);
	buf_finish(&out.receipt);
	out = erase_all(&house);
	assert_int_equal(out.err, ERR_IO);
	assert_int_equal(out.receipt.size, 0);
	buf_finish(&out.receipt);
	store_fake_heal(house.bench->rows);
	assert_int_equal(play(&house, house.alice, kept), OK);
	assert_int_equal(found(&house, &EVERYTHING), 1);
	out = erase(&house, 1);
	assert_int_equal(out.err, OK);
	buf_finish(&out.receipt);
	assert_int_equal(rows_of(&house, kept), 0);
	desk_bench_destroy(house.bench);
}

/* While one plays it, and while another is being sealed. */
static void erasing_beside_playing_and_sealing(void **state)
{
	struct house house = make_house();
	struct desk_bench_link *again = desk_bench_link(house.bench, DESK_OWNER);
	const struct record_id gone = record(&house, "kitchen");
	struct record_id made;
	struct wire_play_get get;
	struct outcome out;

	(void)state;
	assert_true(desk_bench_unlock(house.bench, again, "alice", PASSPHRASE));
	assert_int_equal(found(&house, &EVERYTHING), 1);
	memset(&get, 0, sizeof(get));
	memcpy(get.record.bytes, gone.bytes, ID_BYTES);
	desk_bench_forget(house.hub);
	desk_bench_say(house.bench, again, WIRE_play_get, &get);
	desk_bench_say(house.bench, house.alice, WIRE_erase_do,
		       &(struct wire_erase_do){.count = 1});
	desk_bench_seal(house.bench, house.hub, 900, 900, "kitchen", "words", sound,
			SAMPLES);
	desk_bench_settle(house.bench);
	out = outcome(house.alice);
	assert_int_equal(out.err, OK);
	buf_finish(&out.receipt);
	assert_int_equal(rows_of(&house, gone), 0);
	assert_int_equal(desk_bench_done(house.hub, 900, NULL, &made), OK);
	assert_int_equal(play(&house, house.alice, made), OK);
	desk_bench_destroy(house.bench);
}

/* The link that asked goes at any moment: each recording is there or gone, none by half. */
static void a_link_goes_in_the_middle(void **state)
{
	enum { COUNT = 150 };

	(void)state;
	for (size_t steps = 0; steps < 12; steps++) {
		struct house house = make_house();
		struct record_id made[COUNT];

		for (size_t i = 0; i < COUNT; i++)
			made[i] = record(&house, "kitchen");
		assert_int_equal(found(&house, &EVERYTHING), COUNT);
		desk_bench_say(house.bench, house.alice, WIRE_erase_do,
			       &(struct wire_erase_do){.count = COUNT});
		for (size_t i = 0; i < steps && store_fake_waiting(house.bench->rows) > 0;
		     i++)
			store_step(&house.bench->store);
		if (steps % 2 == 0) {
			desk_bench_unlink(house.bench, house.alice);
			desk_bench_settle(house.bench);
			sign_in(&house);
		} else { /* as after kill -9 */
			desk_bench_restart(house.bench);
			sign_in(&house);
		}
		for (size_t i = 0; i < COUNT; i++) {
			const size_t rows = rows_of(&house, made[i]);

			assert_true(rows == 0 || rows == ROWS_OF_ONE);
		}
		const uint64_t left = found(&house, &EVERYTHING);
		assert_int_equal(rows_in(&house, STORE_SALT), 2 * left);
		struct outcome out = erase(&house, left);
		assert_int_equal(out.err, OK);
		buf_finish(&out.receipt);
		assert_int_equal(rows_in(&house, STORE_SALT), 0);
		assert_true(is_whole(&house));
		desk_bench_destroy(house.bench);
	}
}

/* Two links of one owner erase the same at once, and the first goes: nothing is named twice
 * in a batch, and what the hub writes meanwhile is written. */
static void the_same_by_two(void **state)
{
	enum { COUNT = 100 };

	(void)state;
	for (size_t steps = 0; steps < 6; steps++) {
		struct house house = make_house();
		struct desk_bench_link *other = desk_bench_link(house.bench, DESK_OWNER);
		struct outcome out;

		assert_true(desk_bench_unlock(house.bench, other, "alice", PASSPHRASE));
		for (size_t i = 0; i < COUNT; i++)
			(void)record(&house, "kitchen");
		assert_int_equal(found(&house, &EVERYTHING), COUNT);
		assert_int_equal(ask(&house, other, &EVERYTHING)->erase_found.count,
				 COUNT);
		desk_bench_forget(house.hub);
		desk_bench_say(house.bench, house.alice, WIRE_erase_do,
			       &(struct wire_erase_do){.count = COUNT});
		for (size_t i = 0; i < steps; i++)
			store_step(&house.bench->store);
		desk_bench_say(house.bench, other, WIRE_erase_do,
			       &(struct wire_erase_do){.count = COUNT});
		desk_bench_append(house.bench, house.hub, 5, EVENT_DECIDED, 1, "kitchen");
		desk_bench_unlink(house.bench, house.alice);
		desk_bench_settle(house.bench);
		assert_int_equal(desk_bench_done(house.hub, 5, NULL, NULL), OK);
		const struct wire_message *first = desk_bench_take(other);
		assert_non_null(first);
		if (first->type == WIRE_refused)
			assert_string_equal(first->refused.reason, "TOO_MUCH_WAITS");
		house.alice = other;
		const uint64_t left = found(&house, &EVERYTHING);
		out = erase(&house, left);
		assert_int_equal(out.err, OK);
		buf_finish(&out.receipt);
		assert_int_equal(rows_in(&house, STORE_SALT), 0);
		desk_bench_destroy(house.bench);
	}
}

/* --- twice ------------------------------------------------------------------------------ */

/* How often the journal says that something was deleted. */
static size_t told_deleted(const struct house *house)
{
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_row *row = store_fake_row(house->bench->rows, i, NULL);
		struct entry_visible visible;

		count += row->key.space == STORE_JOURNAL &&
			 entry_peek(row->value, row->size, &visible) == OK &&
			 str_equal(visible.kind, event_kind_text(EVENT_DELETED));
	}
	return count;
}

static void steps_pass(struct house *house, size_t steps)
{
	for (size_t i = 0; i < steps; i++)
		store_step(&house->bench->store);
}

/* Something that whoever looks again has to read. */
static void news_come(struct house *house, uint64_t token)
{
	desk_bench_append(house->bench, house->hub, token, EVENT_DECIDED, token,
			  "kitchen");
	desk_bench_settle(house->bench);
	desk_bench_forget(house->hub);
}

/* Two links have found the same, or one of it, and do it at moments that differ: each is
 * deleted once, by one of them, and both are told the end. */
static void two_links_delete_each_once(void **state)
{
	enum { COUNT = 5, MOMENTS = 8 };

	(void)state;
	for (size_t way = 0; way < 4 * MOMENTS; way++) {
		struct house house = make_house();
		struct desk_bench_link *other = desk_bench_link(house.bench, DESK_OWNER);
		const bool is_one = way % 2 == 1;
		const bool has_news = way / 2 % 2 == 1;
		struct wire_erase_ask asked = EVERYTHING;
		struct record_id which = {{0}};
		uint64_t others;
		struct outcome out[2];

		assert_true(desk_bench_unlock(house.bench, other, "alice", PASSPHRASE));
		for (size_t i = 0; i < COUNT; i++)
			which = record(&house, "kitchen");
		if (is_one)
			asked = ask_of(which);
		assert_int_equal(found(&house, &EVERYTHING), COUNT);
		if (has_news)
			news_come(&house, 99);
		others = ask(&house, other, &asked)->erase_found.count;
		assert_int_equal(others, is_one ? 1 : COUNT);
		desk_bench_forget(house.alice);
		desk_bench_forget(other);
		desk_bench_say(house.bench, house.alice, WIRE_erase_do,
			       &(struct wire_erase_do){.count = COUNT});
		steps_pass(&house, way / 4);
		desk_bench_say(house.bench, other, WIRE_erase_do,
			       &(struct wire_erase_do){.count = others});
		desk_bench_settle(house.bench);
		out[0] = outcome(house.alice);
		out[1] = outcome(other);
		assert_int_equal(out[0].err, OK);
		assert_int_equal(out[1].err, OK);
		assert_int_equal(out[0].done + out[1].done, COUNT);
		assert_int_equal(told_deleted(&house), COUNT);
		assert_int_equal(rows_in(&house, STORE_SALT), 0);
		assert_true(is_whole(&house));
		buf_finish(&out[0].receipt);
		buf_finish(&out[1].receipt);
		desk_bench_destroy(house.bench);
	}
}

/* --- everything ------------------------------------------------------------------------- */

/* Rows that somebody has copied. */
struct copies {
	size_t count;
	struct store_row rows[64];
};

static void copy_rows(const struct house *house, enum store_space space,
		      struct copies *copies)
{
	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_row *row = store_fake_row(house->bench->rows, i, NULL);
		uint8_t *value;

		if (row->key.space != space)
			continue;
		assert_true(copies->count < STR_COUNT(copies->rows));
		value = malloc(row->size);
		assert_non_null(value);
		memcpy(value, row->value, row->size);
		copies->rows[copies->count] = *row;
		copies->rows[copies->count].value = value;
		copies->count++;
	}
}

static void put_back(struct house *house, struct copies *copies)
{
	for (size_t i = 0; i < copies->count; i++) {
		assert_int_equal(store_fake_put(house->bench->rows, &copies->rows[i]),
				 OK);
		free((void *)(uintptr_t)copies->rows[i].value);
	}
	copies->count = 0;
}

static void a_copy_of_the_ciphertext_opens_no_more(void **state)
{
	struct house house = make_house();
	const struct record_id gone = record(&house, "kitchen");
	const struct wire_erase_ask asked = ask_of(gone);
	struct copies copies = {.count = 0};
	struct outcome out;

	(void)state;
	copy_rows(&house, STORE_RECORD, &copies);
	assert_int_equal(found(&house, &asked), 1);
	out = erase(&house, 1);
	assert_int_equal(out.err, OK);
	buf_finish(&out.receipt);
	put_back(&house, &copies);
	assert_int_equal(rows_of(&house, gone), ROWS_OF_ONE / 2);
	assert_int_equal(play(&house, house.alice, gone), ERR_MISSING); /* its salt */
	desk_bench_destroy(house.bench);
}

/* Whoever kept everything but the key table: the owner's wraps are still there, and open
 * nothing of it. */
static void after_all_not_even_the_salts_help(void **state)
{
	struct house house = make_house();
	const struct record_id gone = record(&house, "kitchen");
	struct copies copies = {.count = 0};
	struct outcome out;

	(void)state;
	copy_rows(&house, STORE_RECORD, &copies);
	copy_rows(&house, STORE_SALT, &copies);
	copy_rows(&house, STORE_EPOCH, &copies);
	out = erase_all(&house);
	assert_int_equal(out.err, OK);
	buf_finish(&out.receipt);
	for (size_t i = 0; i < 4; i++)
		tick(&house, 1000);
	assert_int_equal(rows_of(&house, gone), 0);
	put_back(&house, &copies);
	assert_int_equal(rows_of(&house, gone), ROWS_OF_ONE);
	assert_int_not_equal(play(&house, house.alice, gone), OK);
	desk_bench_restart(house.bench);
	sign_in(&house);
	assert_int_not_equal(play(&house, house.alice, gone), OK);
	desk_bench_destroy(house.bench);
}

static void all_is_gone_at_once_and_new_ones_are_kept(void **state)
{
	enum { COUNT = 30 };
	struct house house = make_house();
	struct record_id made[COUNT];
	struct record_id young;
	struct outcome out;

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		made[i] = record(&house, "kitchen");
	out = erase_all(&house);
	assert_int_equal(out.err, OK);
	assert_true(out.receipt.size > 0);
	buf_finish(&out.receipt);
	for (size_t i = 0; i < COUNT; i++) /* not swept yet, and closed */
		assert_int_not_equal(play(&house, house.alice, made[i]), OK);
	assert_int_equal(found(&house, &EVERYTHING), 0);
	young = record(&house, "kitchen");
	for (size_t i = 0; i < 4; i++)
		tick(&house, 1000);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(rows_of(&house, made[i]), 0);
	assert_int_equal(rows_of(&house, young), ROWS_OF_ONE);
	assert_int_equal(rows_in(&house, STORE_EPOCH), 1);
	assert_int_equal(play(&house, house.alice, young), OK);
	assert_int_equal(found(&house, &EVERYTHING), 1);
	assert_true(is_whole(&house));
	desk_bench_destroy(house.bench);
}

/* Killed at any moment of erasing and sweeping: it goes on, and nothing young is touched. */
static void the_sweep_goes_on_after_a_kill(void **state)
{
	enum { COUNT = 40 };

	(void)state;
	for (size_t steps = 0; steps < 40; steps++) {
		struct house house = make_house();
		struct record_id young;
		bool was_erased;

		for (size_t i = 0; i < COUNT; i++)
			(void)record(&house, "kitchen");
		desk_bench_forget(house.alice);
		desk_bench_say(house.bench, house.alice, WIRE_erase_all,
			       &(struct wire_erase_all){.unused = 0});
		for (size_t i = 0; i < steps; i++) {
			if (store_fake_waiting(house.bench->rows) == 0)
				desk_tick(house.bench->desk);
			store_step(&house.bench->store);
		}
		desk_bench_restart(house.bench);
		sign_in(&house);
		was_erased = found(&house, &EVERYTHING) == 0;
		assert_true(was_erased || rows_in(&house, STORE_SALT) == 2 * COUNT);
		young = record(&house, "kitchen");
		for (size_t i = 0; i < 4; i++)
			tick(&house, 1000);
		assert_int_equal(rows_in(&house, STORE_SALT),
				 was_erased ? 2 : 2 * (COUNT + 1));
		assert_int_equal(rows_in(&house, STORE_RECORD),
				 was_erased ? 2 : 2 * (COUNT + 1));
		assert_int_equal(play(&house, house.alice, young), OK);
		assert_true(is_whole(&house));
		desk_bench_destroy(house.bench);
	}
}

static void all_twice(void **state)
{
	struct house house = make_house();
	struct outcome out;
	struct record_id young;

	(void)state;
	(void)record(&house, "kitchen");
	out = erase_all(&house);
	assert_int_equal(out.err, OK);
	buf_finish(&out.receipt);
	(void)record(&house, "kitchen");
	out = erase_all(&house);
	assert_int_equal(out.err, OK);
	buf_finish(&out.receipt);
	young = record(&house, "study");
	for (size_t i = 0; i < 4; i++)
		tick(&house, 1000);
	assert_int_equal(rows_in(&house, STORE_SALT), 2);
	assert_int_equal(play(&house, house.alice, young), OK);
	desk_bench_destroy(house.bench);
}

/* --- the receipt ------------------------------------------------------------------------ */

/* The note ends where its own signature line does. */
static size_t note_size(const struct buf *receipt)
{
	const char *text = (const char *)receipt->bytes;
	const char *line = strstr(text, "\n\n\xe2\x80\x94 ");

	assert_non_null(line);
	line = strchr(line + 2, '\n');
	assert_non_null(line);
	return (size_t)(line + 1 - text);
}

static void check_note(const struct house *house, const struct buf *receipt)
{
	const char *text = (const char *)receipt->bytes;
	const char *line = strstr(text, "\n\n\xe2\x80\x94 ") + 2;
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	char household[ID_TEXT_BYTES];
	char name[128];
	const struct note_key key = {name, NOTE_ED25519, public_key};
	const size_t signed_size = (size_t)(line - 1 - text);

	seal_sign_pair(secret_view(house->bench->seed), public_key);
	id_to_text(household, house->bench->household.bytes);
	must(str_format(name, sizeof(name), "behest/%s/receipt", household));
	assert_int_equal(note_read_line(&key, line, note_size(receipt) - signed_size - 1,
					signature, sizeof(signature)),
			 OK);
	assert_int_equal(seal_verify(public_key, text, signed_size, signature), OK);
	assert_int_not_equal(seal_verify(public_key, text, signed_size - 1, signature),
			     OK);
}

/* The proofs behind it, each of them right; how many. */
static size_t check_proofs(const struct house *house, const struct buf *receipt)
{
	const char *at = (const char *)receipt->bytes + note_size(receipt);
	uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES];
	size_t count = 0;

	seal_sign_pair(secret_view(house->bench->seed), public_key);
	while (*at) {
		struct proof_text proof;
		struct merkle_head head;
		uint8_t leaf[SEAL_HASH_BYTES];
		char *end;
		assert_true(str_starts(at, "\nentry "));
		const uint64_t place = strtoull(at + 7, &end, 10);
		const char *line = strchr(end, '\n');
		assert_non_null(line);
		assert_int_equal(seal_from_base64(end + 1, (size_t)(line - end - 1), leaf,
						  sizeof(leaf)),
				 OK);
		const char *next = strstr(line, "\nentry ");
		if (!next)
			next = line + strlen(line);
		assert_int_equal(proof_text_check(house->bench->household, public_key,
						  leaf, line + 1,
						  (size_t)(next - line - 1), &proof,
						  &head),
				 OK);
		assert_int_equal(proof.index + 1, place);
		count++;
		at = next;
	}
	return count;
}

static void the_receipt_is_signed_and_proved(void **state)
{
	struct house house = make_house();
	const struct record_id gone = record(&house, "kitchen");
	const struct wire_erase_ask asked = ask_of(gone);
	char id[ID_TEXT_BYTES];
	char line[128];
	struct outcome out;

	(void)state;
	tick(&house, 1000); /* the tiles are known by then */
	for (size_t i = 0; i < 300; i++)
		(void)record(&house, "kitchen");
	assert_int_equal(found(&house, &asked), 1);
	out = erase(&house, 1);
	assert_int_equal(out.err, OK);
	id_to_text(id, gone.bytes);
	must(str_format(line, sizeof(line), "\nrecord %s of ", id));
	assert_non_null(strstr((const char *)out.receipt.bytes, line));
	check_note(&house, &out.receipt);
	assert_int_equal(check_proofs(&house, &out.receipt), 1);
	buf_finish(&out.receipt);
	assert_int_equal(found(&house, &EVERYTHING), 300);
	out = erase(&house, 300);
	assert_int_equal(out.err, OK);
	check_note(&house, &out.receipt);
	assert_int_equal(check_proofs(&house, &out.receipt), 300);
	buf_finish(&out.receipt);
	out = erase_all(&house);
	assert_int_equal(out.err, OK);
	check_note(&house, &out.receipt);
	assert_int_equal(check_proofs(&house, &out.receipt), 1);
	buf_finish(&out.receipt);
	desk_bench_destroy(house.bench);
}

/* The clock runs evenly for that long. */
static void run_for(struct house *house, int64_t ms)
{
	for (int64_t passed = 0; passed < ms; passed += HOUR_MS)
		tick(house, HOUR_MS);
}

/* Looked at first, as the others; then it is all, whatever came since. */
static void all_by_asking_first(void **state)
{
	const struct wire_erase_ask asked = {.what = ERASURE_ALL};
	struct house house = make_house();
	struct record_id made[2];
	struct outcome out;

	(void)state;
	made[0] = record(&house, "kitchen");
	assert_int_equal(found(&house, &asked), 1);
	made[1] = record(&house, "kitchen");
	out = erase(&house, 1);
	assert_int_equal(out.err, OK);
	assert_true(out.receipt.size > 0);
	buf_finish(&out.receipt);
	for (size_t i = 0; i < 4; i++)
		tick(&house, 5000);
	assert_int_equal(rows_of(&house, made[0]) + rows_of(&house, made[1]), 0);
	desk_bench_destroy(house.bench);
}

/* Whoever asks may be gone before it is written: all is erased and swept all the same. */
static void all_by_somebody_who_is_gone(void **state)
{
	struct house house = make_house();
	const struct record_id gone = record(&house, "kitchen");

	(void)state;
	desk_bench_say(house.bench, house.alice, WIRE_erase_all,
		       &(struct wire_erase_all){.unused = 0});
	desk_bench_unlink(house.bench, house.alice);
	desk_bench_settle(house.bench);
	for (size_t i = 0; i < 4; i++)
		tick(&house, 5000);
	assert_int_equal(rows_of(&house, gone), 0);
	desk_bench_destroy(house.bench);
}

/* What is left of one of which somebody removed rows is deleted by its name. */
static void what_is_left_of_one_goes(void **state)
{
	static const enum store_space first[] = {STORE_RECORD, STORE_SALT};

	(void)state;
	for (size_t space = 0; space < STR_COUNT(first); space++) {
		struct house house = make_house();
		const struct record_id left = record(&house, "kitchen");
		const struct wire_erase_ask asked = ask_of(left);
		struct outcome out;

		for (size_t i = store_fake_row_count(house.bench->rows); i-- > 0;)
			if (store_fake_row(house.bench->rows, i, NULL)->key.space ==
			    first[space])
				store_fake_remove(house.bench->rows, i);
		assert_int_equal(rows_of(&house, left), ROWS_OF_ONE / 2);
		assert_int_equal(found(&house, &asked), 1);
		out = erase(&house, 1);
		assert_int_equal(out.err, OK);
		buf_finish(&out.receipt);
		assert_int_equal(rows_of(&house, left), 0);
		desk_bench_destroy(house.bench);
	}
}

/* Its head is spoilt, so that not even its time can be shown. */
static void one_that_cannot_be_read_goes(void **state)
{
	struct house house = make_house();
	const struct record_id spoilt = record(&house, "kitchen");
	const struct wire_erase_ask asked = ask_of(spoilt);
	struct outcome out;

	(void)state;
	for (size_t i = 0; i < store_fake_row_count(house.bench->rows); i++) {
		uint8_t *value = NULL;

		if (store_fake_row(house.bench->rows, i, &value)->key.space ==
		    STORE_RECORD)
			value[0] ^= 0xff;
	}
	assert_int_equal(found(&house, &asked), 1);
	out = erase(&house, 1);
	assert_int_equal(out.err, OK);
	buf_finish(&out.receipt);
	assert_int_equal(rows_of(&house, spoilt), 0);
	desk_bench_destroy(house.bench);
}

static void append_many(struct house *house, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		desk_bench_append(house->bench, house->hub, 5, EVENT_DECIDED, i + 1,
				  "kitchen");
		desk_bench_settle(house->bench);
	}
	desk_bench_forget(house->hub);
}

static void spoil_entries(struct house *house, size_t count)
{
	for (size_t i = store_fake_row_count(house->bench->rows); count > 0 && i-- > 0;) {
		uint8_t *value = NULL;
		const struct store_row *row =
			store_fake_row(house->bench->rows, i, &value);

		if (row->key.space == STORE_JOURNAL) {
			memset(value, (int)count % 2 ? 0xff : value[0], 3);
			value[row->size - 1] ^= 1;
			count--;
		}
	}
}

/* Of more than a thousand two entries are proved, the first and the last; and what the journal
 * got between asking and doing may be long. */
static void very_many_take_two_proofs(void **state)
{
	enum { COUNT = 1030 };
	struct house house = make_house();
	struct outcome out;

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		(void)record(&house, "kitchen");
	assert_int_equal(found(&house, &EVERYTHING), COUNT);
	append_many(&house, 300);
	out = erase(&house, COUNT);
	assert_int_equal(out.err, OK);
	assert_int_equal(out.done, COUNT);
	assert_int_equal(check_proofs(&house, &out.receipt), 2);
	buf_finish(&out.receipt);
	assert_int_equal(rows_in(&house, STORE_SALT), 0);
	desk_bench_destroy(house.bench);
}

/* Entries that do not open are counted, and what else there is is found. */
static void entries_that_do_not_open_are_counted(void **state)
{
	struct house house = make_house();
	const struct wire_message *message;

	(void)state;
	(void)record(&house, "kitchen");
	append_many(&house, 3);
	(void)record(&house, "kitchen");
	(void)record(&house, "kitchen");
	spoil_entries(&house, 2);
	message = ask(&house, house.alice, &EVERYTHING);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_erase_found);
	assert_int_equal(message->erase_found.count, 1);
	assert_int_equal(message->erase_found.unreadable, 2);
	desk_bench_destroy(house.bench);
}

/* Of so many it names the first and the last; and where there is no room it says so. */
static void a_receipt_of_too_many_lines_names_two(void **state)
{
	struct house house = make_house();
	struct recorded_set set = {.count = RECEIPT_LINES_MAX + 2};
	struct receipt receipt = {.why = "a test",
				  .count = RECEIPT_LINES_MAX + 1,
				  .set = &set};
	struct buf text;
	size_t size;

	(void)state;
	set.list = calloc(set.count, sizeof(*set.list));
	assert_non_null(set.list);
	for (size_t i = 1; i < set.count; i++) /* the first was not written */
		set.list[i].deleted = 10 + i;
	set.list[7].deleted = 5;
	buf_init(&text, 1 << 20);
	assert_int_equal(receipt_write(house.bench->desk, &receipt, &text), OK);
	assert_int_equal(buf_add(&text, "", 1), OK);
	assert_non_null(strstr((const char *)text.bytes, "\ndeleted 5 to "));
	buf_finish(&text);
	receipt.count = 2;
	set.count = 3;
	buf_init(&text, 1 << 20);
	assert_int_equal(receipt_write(house.bench->desk, &receipt, &text), OK);
	size = text.size;
	buf_finish(&text);
	for (size_t most = 0; most < size; most++) {
		buf_init(&text, most);
		assert_int_equal(receipt_write(house.bench->desk, &receipt, &text),
				 ERR_LIMIT);
		buf_finish(&text);
	}
	free(set.list);
	desk_bench_destroy(house.bench);
}

/* It says whether there is a backup and of when; and where there is no room for all that it
 * says, there is no receipt. */
static void a_receipt_tells_of_backups(void **state)
{
	static const struct {
		bool has_backup;
		bool is_older;
		bool is_house;
		const char *words;
	} rows[] = {
		{false, false, false, "\nbackup none\n"},
		{true, false, false, "\nbackup newer "},
		{true, true, false, "\nbackup older "},
		{true, false, true, "\nbackup older "}, /* none comes any more */
		{true, true, true, "\nbackup older "},
		{false, false, true, "\nbackup none\n"},
	};
	struct house house = make_house();
	struct desk *desk = house.bench->desk;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		const struct receipt receipt = {.why = "a test",
						.generation = 1,
						.erased = rows[i].is_house ? 0 : 7,
						.ended = rows[i].is_house ? 8 : 0};
		struct buf text;
		size_t size;

		desk->backup.last.made_ms =
			rows[i].has_backup ? house.bench->clock.wall_ms : 0;
		desk->backup.last.key_number = desk->backup.number + rows[i].is_older;
		desk->keks[0].is_over = rows[i].is_older; /* nothing is kept for her */
		buf_init(&text, 1 << 20);
		assert_int_equal(receipt_write(desk, &receipt, &text), OK);
		size = text.size;
		assert_int_equal(buf_add(&text, "", 1), OK);
		assert_non_null(strstr((const char *)text.bytes, rows[i].words));
		buf_finish(&text);
		for (size_t most = 0; most < size; most++) {
			buf_init(&text, most);
			assert_int_equal(receipt_write(desk, &receipt, &text), ERR_LIMIT);
			buf_finish(&text);
		}
	}
	desk_bench_destroy(house.bench);
}

/* More of them are old than are looked at together. */
static void very_many_that_are_old_take_two_looks(void **state)
{
	enum { COUNT = 1003 };
	struct house house = make_house();

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		(void)record(&house, "kitchen");
	assert_string_equal(desk_bench_change(house.bench, house.alice,
					      WIRE_retention_set,
					      &(struct wire_retention_set){.days = 0}),
			    "");
	tick(&house, 1000);
	tick(&house, 1000);
	assert_int_equal(rows_in(&house, STORE_SALT), 0);
	assert_int_equal(told_deleted(&house), COUNT);
	desk_bench_destroy(house.bench);
}

/* What a policy says that is not believed is not done, nor anything while it is being read. */
static void nothing_old_goes_by_a_policy_that_does_not_count(void **state)
{
	struct house house = make_house();
	const struct record_id old = record(&house, "kitchen");

	(void)state;
	assert_string_equal(desk_bench_change(house.bench, house.alice,
					      WIRE_retention_set,
					      &(struct wire_retention_set){.days = 0}),
			    "");
	house.bench->desk->policy_counts = false;
	tick(&house, HOUR_MS);
	assert_int_equal(rows_of(&house, old), ROWS_OF_ONE);
	house.bench->desk->policy_counts = true;
	tick(&house, HOUR_MS);
	assert_int_equal(rows_of(&house, old), 0);
	for (size_t i = 0; i < 4; i++)
		tick(&house, HOUR_MS); /* and then there is nothing new to be looked at */
	desk_bench_destroy(house.bench);
}

static size_t deleted_entries(struct house *house, struct record_id which)
{
	size_t count = 0;
	char text[ID_TEXT_BYTES];

	id_to_text(text, which.bytes);
	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_row *row = store_fake_row(house->bench->rows, i, NULL);
		struct event event;
		uint64_t place = 0;

		if (row->key.space != STORE_JOURNAL || !desk_number_of(&row->key, &place))
			continue;
		assert_int_equal(journal_read(house->bench->desk->journal, place,
					      row->value, row->size, &event),
				 OK);
		count += event.kind == EVENT_DELETED &&
			 str_equal(event_value(&event, "record"), text);
	}
	return count;
}

/* One list waits for the other, and nothing is deleted twice. */
static void what_is_old_waits_for_what_its_owner_deletes(void **state)
{
	struct house house = make_house();
	struct record_id made[3];
	struct wire_erase_ask asked;
	struct desk_bench_link *again = desk_bench_link(house.bench, DESK_OWNER);
	const struct wire_retention_set set = {.days = 0};
	struct outcome out;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(made); i++)
		made[i] = record(&house, "kitchen");
	tick(&house, 1000);
	assert_true(desk_bench_unlock(house.bench, again, "alice", PASSPHRASE));
	assert_string_equal(desk_bench_change(house.bench, again, WIRE_retention_set,
					      &set),
			    "");
	asked = ask_of(made[1]);
	assert_int_equal(found(&house, &asked), 1);
	store_fake_hold_writes(house.bench->rows, true);
	desk_bench_say(house.bench, house.alice, WIRE_erase_do,
		       &(struct wire_erase_do){.count = 1});
	clock_fake_pass(&house.bench->clock, 1000);
	for (size_t i = 0; i < 100; i++) {
		desk_tick(house.bench->desk);
		store_step(&house.bench->store);
	}
	assert_non_null(house.bench->desk->self->erasing);
	assert_true(house.bench->desk->self->erasing->waits);
	store_fake_hold_writes(house.bench->rows, false);
	desk_bench_settle(house.bench);
	out = outcome(house.alice);
	assert_int_equal(out.err, OK);
	assert_int_equal(out.done, 1);
	buf_finish(&out.receipt);
	for (size_t i = 0; i < STR_COUNT(made); i++) {
		assert_int_equal(rows_of(&house, made[i]), 0);
		assert_int_equal(deleted_entries(&house, made[i]), 1);
	}
	desk_bench_destroy(house.bench);
}

/* --- one of which all is gone already ---------------------------------------------------- */

/* What everything was deleted with is not found again by its name, swept away or not. */
static void one_of_all_is_not_found_before_it_is_swept(void **state)
{
	struct house house = make_house();
	const struct record_id old = record(&house, "kitchen");
	struct wire_erase_ask asked = ask_of(old);
	struct record_id young;
	struct outcome out;

	(void)state;
	out = erase_all(&house);
	assert_int_equal(out.err, OK);
	buf_finish(&out.receipt);
	young = record(&house, "kitchen");
	assert_int_equal(rows_of(&house, old), ROWS_OF_ONE);
	expect_refused(ask(&house, house.alice, &asked), "UNKNOWN_RECORDING");
	asked = ask_of(young);
	assert_int_equal(found(&house, &asked), 1);
	for (unsigned at_once = 0; at_once < 2;
	     at_once++) { /* its epoch cannot be read */
		store_fake_fail_question(house.bench->rows, 1, ERR_IO, at_once);
		expect_refused(ask(&house, house.alice, &asked), "DAMAGED");
		store_fake_heal(house.bench->rows);
	}
	for (size_t i = store_fake_row_count(house.bench->rows); i-- > 0;) {
		uint8_t *value = NULL;
		const struct store_row *row =
			store_fake_row(house.bench->rows, i, &value);

		if (row->key.space == STORE_EPOCH)
			value[0] ^= 0xff;
		else if (row->key.space == STORE_RECORD &&
			 memcmp(row->key.bytes + ID_BYTES, old.bytes, ID_BYTES) == 0)
			value[0] ^= 0xff;
	}
	expect_refused(ask(&house, house.alice, &asked), "UNKNOWN_RECORDING");
	asked = ask_of(old); /* of one that says nothing it is not known */
	assert_int_equal(found(&house, &asked), 1);
	for (size_t i = store_fake_row_count(house.bench->rows); i-- > 0;)
		if (store_fake_row(house.bench->rows, i, NULL)->key.space == STORE_RECORD)
			store_fake_remove(house.bench->rows, i);
	assert_int_equal(found(&house, &asked), 1); /* its salts alone */
	desk_bench_destroy(house.bench);
}

/* How often the journal says so of that kind. */
static size_t told(const struct house *house, enum event_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_row *row = store_fake_row(house->bench->rows, i, NULL);
		struct entry_visible visible;

		count += row->key.space == STORE_JOURNAL &&
			 entry_peek(row->value, row->size, &visible) == OK &&
			 str_equal(visible.kind, event_kind_text(kind));
	}
	return count;
}

/* While its end is being written nothing begins anew, however often the time comes. */
static void a_sweep_ends_once(void **state)
{
	struct house house = make_house();
	struct outcome out;

	(void)state;
	(void)record(&house, "kitchen");
	out = erase_all(&house);
	buf_finish(&out.receipt);
	do {
		desk_tick(house.bench->desk);
		store_step(&house.bench->store);
	} while (!house.bench->desk->chores[0].is_sweeping ||
		 house.bench->desk->self->job);
	store_fake_hold_writes(house.bench->rows, true);
	for (size_t i = 0; i < 100; i++) {
		desk_tick(house.bench->desk);
		store_step(&house.bench->store);
	}
	assert_int_equal(told(&house, EVENT_SWEPT), 0);
	store_fake_hold_writes(house.bench->rows, false);
	for (size_t i = 0; i < 4; i++)
		tick(&house, 1000);
	assert_int_equal(told(&house, EVENT_SWEPT), 1);
	desk_bench_destroy(house.bench);
}

/* Everything is deleted a second time at any moment of the sweep of the first. */
static void all_again_while_the_first_is_swept(void **state)
{
	(void)state;
	for (size_t steps = 0; steps < 24; steps++) {
		struct house house = make_house();
		struct outcome out;

		(void)record(&house, "kitchen");
		out = erase_all(&house);
		buf_finish(&out.receipt);
		(void)record(&house, "kitchen");
		for (size_t i = 0; i < steps; i++) {
			desk_tick(house.bench->desk);
			store_step(&house.bench->store);
		}
		desk_bench_forget(house.alice);
		store_fake_hold_writes(house.bench->rows, steps % 2 == 0);
		desk_bench_say(house.bench, house.alice, WIRE_erase_all,
			       &(struct wire_erase_all){.unused = 0});
		for (size_t i = 0; i < 40; i++) {
			desk_tick(house.bench->desk);
			store_step(&house.bench->store);
		}
		store_fake_hold_writes(house.bench->rows, false);
		desk_bench_settle(house.bench);
		out = outcome(house.alice);
		assert_int_equal(out.err, OK);
		buf_finish(&out.receipt);
		for (size_t i = 0; i < 4; i++)
			tick(&house, 1000);
		assert_int_equal(rows_in(&house, STORE_SALT), 0);
		assert_false(house.bench->desk->chores[0].must_sweep);
		assert_false(house.bench->desk->chores[0].is_sweeping);
		desk_bench_destroy(house.bench);
	}
}

static void erase_all_is_refused(struct house *house, const char *reason)
{
	desk_bench_forget(house->alice);
	desk_bench_say(house->bench, house->alice, WIRE_erase_all,
		       &(struct wire_erase_all){.unused = 0});
	desk_bench_settle(house->bench);
	expect_refused(desk_bench_take(house->alice), reason);
}

/* Keys of before: what they opened goes first. And where there is no key yet it has to wait. */
static void all_of_a_house_of_before(void **state)
{
	struct house house = make_house();
	const struct record_id gone = record(&house, "kitchen");
	struct outcome out;

	(void)state;
	house.bench->desk->keks[0].is_known = false;
	erase_all_is_refused(&house, "TOO_MUCH_WAITS");
	house.bench->desk->keks[0].is_known = true;
	house.bench->desk->keks[0].now.created_ms++;
	assert_true(desk_all_is_of_before(house.bench->desk,
					  house.bench->desk->owners[0].id));
	assert_false(desk_all_is_of_before(house.bench->desk, (struct owner_id){{9}}));
	for (unsigned at_once = 0; at_once < 2; at_once++) {
		store_fake_fail_question(house.bench->rows, 0, ERR_IO, at_once);
		erase_all_is_refused(&house, "NOT_WRITTEN");
		store_fake_heal(house.bench->rows);
	}
	assert_int_equal(play(&house, house.alice, gone), OK);
	out = erase_all(&house);
	assert_int_equal(out.err, OK);
	buf_finish(&out.receipt);
	assert_int_not_equal(play(&house, house.alice, gone), OK);
	assert_int_equal(told(&house, EVENT_ERASED), 1);
	desk_bench_destroy(house.bench);
}

/* Nothing is swept while it is not known which key is the living one; of an owner who was
 * removed there is none. What it cannot read stops it at nothing else. */
static void a_sweep_needs_to_know_the_key(void **state)
{
	struct house house = make_house();
	struct desk *desk = house.bench->desk;
	struct record_id made[2];
	struct outcome out;
	uint8_t *value = NULL;

	(void)state;
	made[0] = record(&house, "kitchen");
	for (size_t i = 0; i < store_fake_row_count(house.bench->rows); i++) {
		const struct store_row *row =
			store_fake_row(house.bench->rows, i, &value);
		struct entry_visible visible;

		if (row->key.space == STORE_JOURNAL &&
		    entry_peek(row->value, row->size, &visible) == OK &&
		    str_equal(visible.kind, event_kind_text(EVENT_RECORDED)))
			value[row->size - 1] ^= 1;
	}
	made[1] = record(&house, "kitchen");
	out = erase_all(&house);
	assert_int_equal(out.err, OK);
	buf_finish(&out.receipt);
	desk->keks[0].is_known = false;
	tick(&house, 1000);
	assert_int_equal(rows_of(&house, made[1]), ROWS_OF_ONE);
	desk->keks[0].is_over = true;
	desk->chores[0].sweep_from = 0;
	tick(&house, 1000);
	assert_int_equal(rows_of(&house, made[1]), 0);
	assert_int_equal(rows_in(&house, STORE_EPOCH), 0);
	assert_int_equal(rows_of(&house, made[0]), ROWS_OF_ONE); /* and opens no more */
	desk_bench_destroy(house.bench);
}

/* What was recorded while the clock was at its beginning is as old as what came after it. */
static void a_clock_that_begins_at_nought(void **state)
{
	struct house house = make_house();
	const int64_t now_ms = house.bench->clock.wall_ms;
	struct record_id early;
	struct record_id unread;
	uint8_t *value = NULL;
	size_t last = 0;

	(void)state;
	house.bench->clock.wall_ms = 1000;
	early = record(&house, "kitchen");
	house.bench->clock.wall_ms = now_ms;
	unread = record(&house, "kitchen");
	for (size_t i = 0; i < store_fake_row_count(house.bench->rows); i++)
		if (store_fake_row(house.bench->rows, i, NULL)->key.space ==
		    STORE_JOURNAL)
			last = i;
	value = NULL;
	const size_t size = store_fake_row(house.bench->rows, last, &value)->size;
	value[size - 1] ^= 1; /* its entry does not open */
	run_for(&house, 29 * (int64_t)DAY_MS);
	assert_int_equal(rows_of(&house, early), ROWS_OF_ONE);
	run_for(&house, 2 * (int64_t)DAY_MS);
	assert_int_equal(rows_of(&house, early), 0);
	assert_int_equal(rows_of(&house, unread), ROWS_OF_ONE); /* verify names it */
	desk_bench_destroy(house.bench);
}

/* More epochs than one answer of the store holds, of before and of now. */
static void all_of_many_epochs(void **state)
{
	enum { EPOCHS = 260 };

	(void)state;
	for (unsigned is_of_before = 0; is_of_before < 2; is_of_before++) {
		struct house house = make_house();
		struct outcome out;

		for (size_t i = 0; i < EPOCHS; i++) {
			clock_fake_pass(&house.bench->clock, EPOCH_LIFE_MS + 1);
			(void)record(&house, "kitchen");
		}
		assert_int_equal(rows_in(&house, STORE_EPOCH), EPOCHS);
		house.alice = desk_bench_sign_in(house.bench, "alice");
		house.bench->desk->keks[0].now.created_ms += is_of_before;
		out = erase_all(&house);
		assert_int_equal(out.err, OK);
		buf_finish(&out.receipt);
		if (is_of_before) /* those of the newest key are ended by it */
			assert_int_equal(rows_in(&house, STORE_EPOCH), EPOCHS);
		for (size_t i = 0; i < 4; i++)
			tick(&house, 1000);
		assert_int_equal(rows_in(&house, STORE_EPOCH), 0);
		assert_int_equal(rows_in(&house, STORE_SALT), 0);
		desk_bench_destroy(house.bench);
	}
}

/* In a house of before whoever asks may be gone while the epochs go: nothing is by half. */
static void all_of_before_by_somebody_who_goes(void **state)
{
	(void)state;
	for (size_t steps = 0; steps < 8; steps++) {
		struct house house = make_house();
		uint8_t *value = NULL;

		(void)record(&house, "kitchen");
		for (size_t i = 0; i < store_fake_row_count(house.bench->rows); i++)
			if (store_fake_row(house.bench->rows, i, &value)->key.space ==
			    STORE_EPOCH)
				value[0] ^= 0xff; /* it opens nothing any more */
		house.bench->desk->keks[0].now.created_ms++;
		desk_bench_say(house.bench, house.alice, WIRE_erase_all,
			       &(struct wire_erase_all){.unused = 0});
		steps_pass(&house, steps);
		desk_bench_unlink(house.bench, house.alice);
		desk_bench_settle(house.bench);
		for (size_t i = 0; i < 4; i++)
			tick(&house, 1000);
		sign_in(&house);
		if (told(&house, EVENT_ERASED) == 0) {
			struct outcome out = erase_all(&house);

			assert_int_equal(out.err, OK);
			buf_finish(&out.receipt);
			for (size_t i = 0; i < 4; i++)
				tick(&house, 1000);
		}
		assert_int_equal(rows_in(&house, STORE_SALT), 0);
		assert_int_equal(rows_in(&house, STORE_EPOCH), 0);
		desk_bench_destroy(house.bench);
	}
}

/* Before it is ready it does nothing unasked. */
static void nothing_is_begun_before_it_is_ready(void **state)
{
	struct house house = make_house();
	size_t waiting;

	(void)state;
	desk_bench_begin_restart(house.bench);
	waiting = store_fake_waiting(house.bench->rows);
	desk_chores_tick(house.bench->desk);
	assert_int_equal(store_fake_waiting(house.bench->rows), waiting);
	desk_bench_settle(house.bench);
	desk_bench_destroy(house.bench);
}

/* --- what fails in the middle ------------------------------------------------------------ */

/* What was written by then is told, and has its receipt; the rest is there. */
static void some_are_written_and_some_are_not(void **state)
{
	enum { COUNT = 150 };
	struct house house = make_house();
	struct outcome out;

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		(void)record(&house, "kitchen");
	assert_int_equal(found(&house, &EVERYTHING), COUNT);
	store_fake_fail_after(house.bench->rows, 2, ERR_LIMIT, false);
	out = erase(&house, COUNT);
	assert_int_not_equal(out.err, OK);
	assert_true(out.done > 0 && out.done < COUNT);
	assert_int_equal(rows_in(&house, STORE_SALT), 2 * (COUNT - out.done));
	assert_int_equal(check_proofs(&house, &out.receipt), out.done);
	store_fake_heal(house.bench->rows);
	assert_int_equal(found(&house, &EVERYTHING), COUNT - out.done);
	buf_finish(&out.receipt);
	desk_bench_destroy(house.bench);
}

/* What was deleted meanwhile cannot be read: nothing is deleted, and that is said. */
static void news_that_cannot_be_read(void **state)
{
	(void)state;
	for (unsigned at_once = 0; at_once < 2; at_once++) {
		struct house house = make_house();
		const struct record_id kept = record(&house, "kitchen");
		struct outcome out;

		assert_int_equal(found(&house, &EVERYTHING), 1);
		news_come(&house, 99);
		store_fake_fail_question(house.bench->rows, 0, ERR_IO, at_once);
		out = erase(&house, 1);
		assert_int_equal(out.err, ERR_IO);
		assert_int_equal(out.done, 0);
		assert_int_equal(out.receipt.size, 0);
		buf_finish(&out.receipt);
		assert_int_equal(rows_of(&house, kept), ROWS_OF_ONE);
		store_fake_heal(house.bench->rows);
		assert_int_equal(found(&house, &EVERYTHING), 1);
		out = erase(&house, 1);
		assert_int_equal(out.err, OK);
		buf_finish(&out.receipt);
		desk_bench_destroy(house.bench);
	}
}

/* A link that goes while it reads what was deleted meanwhile deletes nothing, and nobody waits
 * for it. */
static void a_link_goes_while_it_reads_the_news(void **state)
{
	struct house house = make_house();
	const struct record_id made = record(&house, "kitchen");
	struct outcome out;

	(void)state;
	assert_int_equal(found(&house, &EVERYTHING), 1);
	news_come(&house, 99);
	desk_bench_say(house.bench, house.alice, WIRE_erase_do,
		       &(struct wire_erase_do){.count = 1});
	desk_bench_unlink(house.bench, house.alice);
	desk_bench_settle(house.bench);
	assert_int_equal(rows_of(&house, made), ROWS_OF_ONE);
	house.alice = desk_bench_sign_in(house.bench, "alice");
	assert_int_equal(found(&house, &EVERYTHING), 1);
	out = erase(&house, 1);
	assert_int_equal(out.err, OK);
	assert_int_equal(rows_of(&house, made), 0);
	buf_finish(&out.receipt);
	desk_bench_destroy(house.bench);
}

/* A row among the journal's whose key is no place of it. */
static void put_stray(struct house *house)
{
	static const uint8_t value[] = {1, 2, 3};
	struct store_row row = {.value = value, .size = sizeof(value)};

	row.key = desk_key_number(house->bench->desk, STORE_JOURNAL, 3);
	row.key.bytes[row.key.size++] = 7;
	assert_int_equal(store_fake_put(house->bench->rows, &row), OK);
}

/* It stops neither who looks nor who deletes, and it is counted. */
static void a_row_that_is_no_entry_stops_nothing(void **state)
{
	struct house house = make_house();
	const struct record_id old = record(&house, "kitchen");
	const struct wire_message *message;
	struct outcome out;

	(void)state;
	append_many(&house, 300); /* the sweep reads more than a page */
	spoil_entries(&house, 1);
	(void)record(&house, "kitchen");
	put_stray(&house);
	message = ask(&house, house.alice, &EVERYTHING);
	assert_non_null(message);
	assert_int_equal(message->erase_found.count, 2);
	assert_int_equal(message->erase_found.unreadable, 2);
	assert_false(is_whole(&house));
	out = erase_all(&house);
	assert_int_equal(out.err, OK);
	buf_finish(&out.receipt);
	for (size_t i = 0; i < 4; i++)
		tick(&house, 1000);
	assert_int_equal(rows_of(&house, old), 0);
	assert_int_equal(rows_in(&house, STORE_SALT), 0);
	(void)record(&house, "kitchen");
	run_for(&house, 30 * (int64_t)DAY_MS + 4 * HOUR_MS);
	assert_int_equal(rows_in(&house, STORE_SALT), 0);
	desk_bench_destroy(house.bench);
}

/* Of more than a set holds the rest is not in it, and it says so until all is erased. */
static void a_set_has_an_end(void **state)
{
	struct house house = make_house();
	struct desk *desk = house.bench->desk;
	const struct recorded_filter filter = {.owner = desk->owners[0].id,
					       .from_ms = INT64_MIN,
					       .to_ms = INT64_MAX};
	struct recorded_set set;
	struct outcome out;

	(void)state;
	(void)record(&house, "kitchen");
	for (unsigned is_erased = 0; is_erased < 2; is_erased++) {
		recorded_begin(desk, &filter, &set);
		set.count = RECORDED_MAX;
		for (size_t i = 0; i < store_fake_row_count(house.bench->rows); i++) {
			const struct store_row *row =
				store_fake_row(house.bench->rows, i, NULL);
			const struct store_rows rows = {.rows = row, .count = 1};

			if (row->key.space == STORE_JOURNAL)
				assert_int_equal(recorded_take(desk, &set, &rows), OK);
		}
		assert_int_equal(set.is_too_large, !is_erased);
		assert_int_equal(set.count, is_erased ? 0 : RECORDED_MAX);
		set.count = 0;
		recorded_finish(&set);
		out = erase_all(&house);
		buf_finish(&out.receipt);
	}
	desk_bench_destroy(house.bench);
}

/* --- how far it has come ---------------------------------------------------------------- */

/* Rows that no keeper writes: it looks at everything anew, and goes on. */
static void rows_of_its_own_that_are_none_are_not_believed(void **state)
{
	struct desk_chores chores = {.kept_from = 1, .must_sweep = true, .sweep_from = 1};
	struct desk_clock watch = {.even_ms = 5, .wall_ms = 7};
	struct desk_chores read;
	struct desk_clock read_watch;
	uint8_t row[CHORES_ROW_BYTES + 1] = {0};

	(void)state;
	chores_row_write(&chores, row);
	assert_int_equal(chores_row_read(row, CHORES_ROW_BYTES, 10, &read), OK);
	assert_int_equal(chores_row_read(row, CHORES_ROW_BYTES + 1, 10, &read),
			 ERR_FORMAT);
	assert_int_equal(chores_row_read(row, CHORES_ROW_BYTES - 1, 10, &read),
			 ERR_FORMAT);
	assert_int_equal(chores_row_read(row, 0, 10, &read), ERR_FORMAT);
	row[0] ^= 1;
	assert_int_equal(chores_row_read(row, CHORES_ROW_BYTES, 10, &read), ERR_VERSION);
	row[0] ^= 1;
	row[1 + 8 + 8] = 2; /* whether it must sweep */
	assert_int_equal(chores_row_read(row, CHORES_ROW_BYTES, 10, &read), ERR_FORMAT);
	for (size_t i = 0; i < 5; i++) {
		struct desk_chores wrong = chores;

		wrong.kept_ms = i == 0 ? -1 : 0;
		wrong.kept_from = i == 1 ? 12 : 0;
		wrong.sweep_from = i == 2 ? 12 : 0;
		wrong.sweep_size = i == 3 ? 11 : 0;
		wrong.swept = i == 4 ? 11 : 0;
		chores_row_write(&wrong, row);
		assert_int_equal(chores_row_read(row, CHORES_ROW_BYTES, 10, &read),
				 ERR_FORMAT);
	}
	for (size_t i = 0; i < 3; i++) {
		struct desk_clock wrong = watch;

		wrong.even_ms = i == 0 ? -1 : 5;
		wrong.wall_ms = i == 1 ? 0 : 7;
		chores_row_write_clock(&wrong, row);
		assert_int_equal(chores_row_read_clock(row, CHORES_CLOCK_ROW_BYTES,
						       &read_watch),
				 i < 2 ? ERR_FORMAT : OK);
	}
	row[0] ^= 1;
	assert_int_equal(chores_row_read_clock(row, CHORES_CLOCK_ROW_BYTES, &read_watch),
			 ERR_VERSION);
	assert_int_equal(chores_row_read_clock(row, 0, &read_watch), ERR_FORMAT);
}

static void put_chores(struct house *house, const uint8_t *key, size_t key_size)
{
	const uint8_t value[] = {0xff, 1, 2};
	struct store_row row = {.key = {.household = house->bench->household,
					.space = STORE_RETENTION,
					.size = key_size},
				.value = value,
				.size = sizeof(value)};

	memcpy(row.key.bytes, key, key_size);
	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++) {
		const struct store_key *at =
			&store_fake_row(house->bench->rows, i, NULL)->key;

		if (at->space == STORE_RETENTION && at->size == key_size &&
		    memcmp(at->bytes, key, key_size) == 0) {
			store_fake_remove(house->bench->rows, i);
			break;
		}
	}
	assert_int_equal(store_fake_put(house->bench->rows, &row), OK);
}

static void it_looks_again_where_it_does_not_know(void **state)
{
	static const uint8_t stranger[ID_BYTES] = {9};
	static const uint8_t none[ID_BYTES] = {0};
	struct house house = make_house();
	const struct record_id gone = record(&house, "kitchen");
	struct record_id kept;
	struct outcome out;
	uint8_t alice[ID_BYTES];

	(void)state;
	memcpy(alice, house.bench->desk->owners[0].id.bytes, ID_BYTES);
	out = erase_all(&house);
	buf_finish(&out.receipt);
	kept = record(&house, "kitchen");
	desk_bench_stop(house.bench);
	put_chores(&house, alice, ID_BYTES);
	put_chores(&house, stranger, ID_BYTES);
	put_chores(&house, stranger, ID_BYTES - 1);
	put_chores(&house, none, ID_BYTES);
	desk_bench_start(house.bench);
	for (size_t i = 0; i < 6; i++)
		tick(&house, 5000);
	assert_int_equal(rows_of(&house, gone), 0);
	assert_int_equal(rows_of(&house, kept), ROWS_OF_ONE);
	sign_in(&house);
	assert_int_equal(play(&house, house.alice, kept), OK);
	desk_bench_destroy(house.bench);
}

/* A long journal is walked page by page, and entries that do not open stop nothing. */
static void what_is_old_goes_from_a_long_and_spoilt_journal(void **state)
{
	struct house house = make_house();
	struct record_id old[2];
	struct desk_bench_link *bob = desk_bench_link(house.bench, DESK_OWNER);

	(void)state;
	assert_true(desk_bench_make_owner(house.bench, house.alice, "bob", PASSPHRASE,
					  NULL, NULL));
	assert_true(desk_bench_unlock(house.bench, bob, "bob", PASSPHRASE));
	assert_true(desk_bench_add_room(house.bench, bob, "bobs"));
	desk_bench_forget(house.hub);
	(void)record(&house, "bobs");
	append_many(&house, 300);
	spoil_entries(&house, 2);
	old[0] = record(&house, "kitchen");
	append_many(&house, 300);
	old[1] = record(&house, "kitchen");
	run_for(&house, 30 * (int64_t)DAY_MS + 4 * HOUR_MS);
	assert_int_equal(rows_of(&house, old[0]) + rows_of(&house, old[1]), 0);
	desk_bench_destroy(house.bench);
}

/* --- age -------------------------------------------------------------------------------- */

static void keep_for(struct house *house, uint32_t days)
{
	const struct wire_retention_set set = {.days = days};

	house->alice = desk_bench_link(house->bench, DESK_OWNER);
	assert_true(desk_bench_unlock(house->bench, house->alice, "alice", PASSPHRASE));
	assert_string_equal(desk_bench_change(house->bench, house->alice,
					      WIRE_retention_set, &set),
			    "");
	desk_bench_unlink(house->bench, house->alice);
}

static void what_is_old_goes(void **state)
{
	struct house house = make_house();
	const struct record_id old = record(&house, "kitchen");
	struct record_id young;

	(void)state;
	keep_for(&house, 3);
	run_for(&house, 2 * DAY_MS);
	young = record(&house, "kitchen");
	assert_int_equal(rows_of(&house, old), ROWS_OF_ONE);
	run_for(&house, DAY_MS + 2 * HOUR_MS);
	assert_int_equal(rows_of(&house, old), 0);
	assert_int_equal(rows_of(&house, young), ROWS_OF_ONE);
	keep_for(&house, 1);
	run_for(&house, 2 * HOUR_MS);
	assert_int_equal(rows_of(&house, young), 0);
	sign_in(&house);
	assert_true(is_whole(&house));
	desk_bench_destroy(house.bench);
}

/* Their time is over, and their owner wants them gone, at moments that differ. */
static void retention_and_an_owner_at_once(void **state)
{
	enum { COUNT = 3, MOMENTS = 12 };

	(void)state;
	for (size_t moment = 0; moment < MOMENTS; moment++) {
		const struct wire_retention_set none = {.days = 0};
		struct house house = make_house();
		struct outcome out;

		tick(&house, 1000);
		for (size_t i = 0; i < COUNT; i++)
			(void)record(&house, "kitchen");
		assert_int_equal(found(&house, &EVERYTHING), COUNT);
		assert_string_equal(desk_bench_change(house.bench, house.alice,
						      WIRE_retention_set, &none),
				    "");
		desk_bench_forget(house.alice);
		if (moment % 2 == 0)
			desk_bench_say(house.bench, house.alice, WIRE_erase_do,
				       &(struct wire_erase_do){.count = COUNT});
		else
			desk_tick(house.bench->desk);
		steps_pass(&house, moment / 2);
		if (moment % 2 == 0)
			desk_tick(house.bench->desk);
		else
			desk_bench_say(house.bench, house.alice, WIRE_erase_do,
				       &(struct wire_erase_do){.count = COUNT});
		desk_bench_settle(house.bench);
		tick(&house, 1000);
		out = outcome(house.alice);
		assert_int_equal(out.err, OK);
		assert_int_equal(told_deleted(&house), COUNT);
		assert_int_equal(rows_in(&house, STORE_SALT), 0);
		assert_true(is_whole(&house));
		buf_finish(&out.receipt);
		desk_bench_destroy(house.bench);
	}
}

/* The days that are told first are added up. */
static struct outcome receipts(struct house *house, struct desk_bench_link *link,
			       const struct wire_receipts_get *get,
			       struct wire_receipt_day *out_all)
{
	const struct wire_message *message;
	struct outcome out = {.err = ERR_TIMEOUT};

	*out_all = (struct wire_receipt_day){.count = 0};
	buf_init(&out.receipt, 1 << 20);
	desk_bench_forget(link);
	desk_bench_say(house->bench, link, WIRE_receipts_get, get);
	desk_bench_settle(house->bench);
	while ((message = desk_bench_take(link))) {
		if (message->type == WIRE_receipt_day) {
			out_all->count += message->receipt_day.count;
			out_all->aged += message->receipt_day.aged;
			out.done++;
		} else if (message->type == WIRE_receipt) {
			assert_int_equal(buf_add(&out.receipt,
						 message->receipt.text.bytes,
						 message->receipt.text.size),
					 OK);
		} else {
			assert_int_equal(message->type, WIRE_end);
			out.err = (enum err)message->end.err;
		}
	}
	return out;
}

/* Nobody waited for it: the journal has it, for its owner and nobody else. */
static void what_had_its_time_has_a_receipt(void **state)
{
	struct house house = make_house();
	const struct record_id old = record(&house, "kitchen");
	struct wire_receipts_get get = {.from_ms = INT64_MIN, .to_ms = INT64_MAX};
	struct desk_bench_link *bob = desk_bench_link(house.bench, DESK_OWNER);
	struct wire_erase_ask asked;
	struct wire_receipt_day all;
	struct record_id young;
	char id[ID_TEXT_BYTES];
	char line[64];
	struct outcome out;

	(void)state;
	assert_true(desk_bench_make_owner(house.bench, house.alice, "bob", PASSPHRASE,
					  NULL, NULL));
	keep_for(&house, 3);
	run_for(&house, 4 * (int64_t)DAY_MS);
	assert_int_equal(rows_of(&house, old), 0);
	sign_in(&house);
	young = record(&house, "kitchen");
	asked = ask_of(young);
	assert_int_equal(found(&house, &asked), 1);
	out = erase(&house, 1);
	buf_finish(&out.receipt);
	out = receipts(&house, house.alice, &get, &all);
	assert_int_equal(out.err, OK);
	assert_int_equal(out.done, 2); /* days */
	assert_int_equal(all.count, 2);
	assert_int_equal(all.aged, 1);
	assert_int_equal(out.receipt.size, 0); /* told only */
	buf_finish(&out.receipt);
	get.make = 1;
	get.to_ms = house.bench->clock.wall_ms - DAY_MS / 2; /* not what is of just now */
	out = receipts(&house, house.alice, &get, &all);
	assert_int_equal(out.err, OK);
	assert_int_equal(all.count, 1);
	id_to_text(id, old.bytes);
	must(str_format(line, sizeof(line), "\nrecord %s of 20", id));
	assert_non_null(strstr((const char *)out.receipt.bytes, line));
	assert_non_null(
		strstr((const char *)out.receipt.bytes, "\nwhy it had its time\n"));
	check_note(&house, &out.receipt);
	assert_int_equal(check_proofs(&house, &out.receipt), 1);
	buf_finish(&out.receipt);
	assert_true(desk_bench_unlock(house.bench, bob, "bob", PASSPHRASE));
	out = receipts(&house, bob, &get, &all);
	assert_int_equal(out.err, OK);
	assert_int_equal(all.count, 0);
	assert_int_equal(out.receipt.size, 0);
	buf_finish(&out.receipt);
	desk_bench_destroy(house.bench);
}

static void thirty_days_unless_they_chose(void **state)
{
	struct house house = make_house();
	const struct record_id old = record(&house, "kitchen");

	(void)state;
	run_for(&house, 30 * (int64_t)DAY_MS - 2 * HOUR_MS);
	assert_int_equal(rows_of(&house, old), ROWS_OF_ONE);
	run_for(&house, 4 * HOUR_MS);
	assert_int_equal(rows_of(&house, old), 0);
	desk_bench_destroy(house.bench);
}

static void keep_nothing_takes_what_is_there(void **state)
{
	struct house house = make_house();
	const struct record_id old = record(&house, "kitchen");
	struct record_id refused;

	(void)state;
	tick(&house, 1000);
	keep_for(&house, 0);
	tick(&house, 1000);
	assert_int_equal(rows_of(&house, old), 0);
	assert_int_equal(try_record(&house, "kitchen", &refused), ERR_UNSUPPORTED);
	desk_bench_destroy(house.bench);
}

/* Years ahead: nothing is destroyed for a day; set back, nothing was. */
static void a_clock_that_jumps_destroys_nothing(void **state)
{
	struct house house = make_house();
	const struct record_id kept = record(&house, "kitchen");
	const int64_t years_ms = 400 * (int64_t)DAY_MS;
	struct record_id ahead;

	(void)state;
	run_for(&house, 2 * DAY_MS);
	house.bench->clock.wall_ms += years_ms;
	run_for(&house, 12 * HOUR_MS);
	ahead = record(&house, "kitchen"); /* dated in the future */
	assert_int_equal(rows_of(&house, kept), ROWS_OF_ONE);
	house.bench->clock.wall_ms -= years_ms;
	run_for(&house, 5 * DAY_MS);
	assert_int_equal(rows_of(&house, kept), ROWS_OF_ONE);
	/* What was dated ahead is as old as what came after it. */
	run_for(&house, 26 * (int64_t)DAY_MS);
	assert_int_equal(rows_of(&house, kept), 0);
	assert_int_equal(rows_of(&house, ahead), 0);
	desk_bench_destroy(house.bench);
}

static void a_restart_with_another_clock_is_a_jump(void **state)
{
	struct house house = make_house();
	const struct record_id kept = record(&house, "kitchen");

	(void)state;
	run_for(&house, 2 * DAY_MS);
	desk_bench_begin_restart(house.bench);
	house.bench->clock.wall_ms += 400 * (int64_t)DAY_MS;
	desk_bench_settle(house.bench);
	run_for(&house, 20 * HOUR_MS);
	assert_int_equal(rows_of(&house, kept), ROWS_OF_ONE);
	run_for(&house, 8 * HOUR_MS); /* a day has passed evenly: it is believed */
	assert_int_equal(rows_of(&house, kept), 0);
	desk_bench_destroy(house.bench);
}

/* Switched off each night: the day is counted together. */
static void an_even_day_is_counted_across_restarts(void **state)
{
	struct house house = make_house();
	const struct record_id old = record(&house, "kitchen");

	(void)state;
	keep_for(&house, 2);
	for (size_t i = 0; i < 10; i++) {
		run_for(&house, 4 * HOUR_MS);
		clock_fake_pass(&house.bench->clock, 10 * HOUR_MS);
		desk_bench_restart(house.bench);
	}
	assert_int_equal(rows_of(&house, old), 0);
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_is_gone_and_the_others_are_there),
		cmocka_unit_test(nobody_names_anothers),
		cmocka_unit_test(a_time_and_a_room_choose),
		cmocka_unit_test(many_go_in_several_batches),
		cmocka_unit_test(only_what_was_told_is_done),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(what_is_not_written_is_not_called_deleted),
		cmocka_unit_test(erasing_beside_playing_and_sealing),
		cmocka_unit_test(a_link_goes_in_the_middle),
		cmocka_unit_test(the_same_by_two),
		cmocka_unit_test(two_links_delete_each_once),
		cmocka_unit_test(retention_and_an_owner_at_once),
		cmocka_unit_test(a_copy_of_the_ciphertext_opens_no_more),
		cmocka_unit_test(after_all_not_even_the_salts_help),
		cmocka_unit_test(all_is_gone_at_once_and_new_ones_are_kept),
		cmocka_unit_test(the_sweep_goes_on_after_a_kill),
		cmocka_unit_test(all_twice),
		cmocka_unit_test(the_receipt_is_signed_and_proved),
		cmocka_unit_test(all_by_asking_first),
		cmocka_unit_test(all_by_somebody_who_is_gone),
		cmocka_unit_test(what_is_left_of_one_goes),
		cmocka_unit_test(one_that_cannot_be_read_goes),
		cmocka_unit_test(very_many_take_two_proofs),
		cmocka_unit_test(entries_that_do_not_open_are_counted),
		cmocka_unit_test(a_receipt_of_too_many_lines_names_two),
		cmocka_unit_test(a_receipt_tells_of_backups),
		cmocka_unit_test(very_many_that_are_old_take_two_looks),
		cmocka_unit_test(nothing_old_goes_by_a_policy_that_does_not_count),
		cmocka_unit_test(what_is_old_waits_for_what_its_owner_deletes),
		cmocka_unit_test(one_of_all_is_not_found_before_it_is_swept),
		cmocka_unit_test(a_sweep_ends_once),
		cmocka_unit_test(all_again_while_the_first_is_swept),
		cmocka_unit_test(all_of_a_house_of_before),
		cmocka_unit_test(a_sweep_needs_to_know_the_key),
		cmocka_unit_test(a_clock_that_begins_at_nought),
		cmocka_unit_test(all_of_many_epochs),
		cmocka_unit_test(all_of_before_by_somebody_who_goes),
		cmocka_unit_test(nothing_is_begun_before_it_is_ready),
		cmocka_unit_test(some_are_written_and_some_are_not),
		cmocka_unit_test(news_that_cannot_be_read),
		cmocka_unit_test(a_link_goes_while_it_reads_the_news),
		cmocka_unit_test(a_row_that_is_no_entry_stops_nothing),
		cmocka_unit_test(a_set_has_an_end),
		cmocka_unit_test(rows_of_its_own_that_are_none_are_not_believed),
		cmocka_unit_test(it_looks_again_where_it_does_not_know),
		cmocka_unit_test(what_is_old_goes_from_a_long_and_spoilt_journal),
		cmocka_unit_test(what_is_old_goes),
		cmocka_unit_test(what_had_its_time_has_a_receipt),
		cmocka_unit_test(thirty_days_unless_they_chose),
		cmocka_unit_test(keep_nothing_takes_what_is_there),
		cmocka_unit_test(a_clock_that_jumps_destroys_nothing),
		cmocka_unit_test(a_restart_with_another_clock_is_a_jump),
		cmocka_unit_test(an_even_day_is_counted_across_restarts),
	};
	struct rand_fake dice;
	struct rand rand = rand_fake_init(&dice, SEED);

	rand_fill(&rand, (uint8_t *)sound, sizeof(sound));
	return cmocka_run_group_tests_name("desk_erase", tests, NULL, NULL);
}
