/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_keys - what the keeper does with its owners' keys: the key above the epochs, its
 * end and the next one.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "fake/desk_bench.h"
#include "keeper/desk_inner.h"

enum { SEED = 46, SAMPLES = 8000 };

static const char PASSPHRASE[] = "correct horse";
static int16_t sound[SAMPLES];

/* A house with alice and her kitchen. */
struct house {
	struct desk_bench *bench;
	struct desk_bench_link *hub;
	struct desk_bench_link *alice;
	uint64_t turns;
};

static void sign_in(struct house *house)
{
	house->hub = desk_bench_link(house->bench, DESK_HUB);
	house->alice = desk_bench_link(house->bench, DESK_OWNER);
	assert_true(desk_bench_unlock(house->bench, house->alice, "alice", PASSPHRASE));
}

static struct house make_house(void)
{
	struct house house = {.bench = desk_bench_create(SEED)};

	house.alice = desk_bench_link(house.bench, DESK_OWNER);
	assert_true(desk_bench_make_owner(house.bench, house.alice, "alice", PASSPHRASE,
					  NULL, NULL));
	sign_in(&house);
	assert_true(desk_bench_add_room(house.bench, house.alice, "kitchen"));
	return house;
}

static void restart(struct house *house)
{
	desk_bench_restart(house->bench);
	sign_in(house);
}

static enum err record(struct house *house, struct record_id *out_record)
{
	uint64_t number = ++house->turns;

	while (desk_bench_take(house->hub))
		;
	desk_bench_seal(house->bench, house->hub, number,
			(uint64_t)house->bench->clock.wall_ms << 16 | number, "kitchen",
			"turn on the light", sound, SAMPLES);
	desk_bench_settle(house->bench);
	return desk_bench_done(house->hub, number, NULL, out_record);
}

/* How playing it ends. */
static enum err play(struct house *house, struct record_id record)
{
	const struct wire_message *message;
	struct wire_play_get get;
	enum err err = ERR_TIMEOUT;

	memset(&get, 0, sizeof(get));
	memcpy(get.record.bytes, record.bytes, ID_BYTES);
	while (desk_bench_take(house->alice))
		;
	desk_bench_say(house->bench, house->alice, WIRE_play_get, &get);
	desk_bench_settle(house->bench);
	while ((message = desk_bench_take(house->alice))) {
		if (message->type == WIRE_play_sound)
			err = OK;
		else if (message->type == WIRE_end && message->end.err != ERR_OK)
			err = (enum err)message->end.err;
	}
	return err;
}

/* The index of the n-th row of a space, or the number of all rows. */
static size_t row_of(const struct house *house, enum store_space space, size_t n)
{
	size_t count = store_fake_row_count(house->bench->rows);
	size_t at = 0;

	for (; at < count; at++) {
		if (store_fake_row(house->bench->rows, at, NULL)->key.space == space &&
		    n-- == 0)
			break;
	}
	return at;
}

static bool has_row(const struct house *house, enum store_space space, size_t n)
{
	return row_of(house, space, n) < store_fake_row_count(house->bench->rows);
}

static uint64_t generation_of(const struct house *house, size_t n)
{
	const struct store_row *row =
		store_fake_row(house->bench->rows, row_of(house, STORE_KEK, n), NULL);
	struct owner_id owner;
	uint64_t generation = 0;

	assert_int_equal(kek_from_store_key(row->key.bytes, row->key.size, &owner,
					    &generation),
			 OK);
	return generation;
}

static void an_owner_comes_with_a_key(void **state)
{
	struct house house = make_house();
	struct record_id id;

	(void)state;
	assert_true(has_row(&house, STORE_KEK, 0));
	assert_false(has_row(&house, STORE_KEK, 1));
	assert_int_equal(generation_of(&house, 0), 1);
	assert_int_equal(record(&house, &id), OK);
	restart(&house);
	assert_false(has_row(&house, STORE_KEK, 1));
	assert_int_equal(play(&house, id), OK);
	assert_int_equal(record(&house, &id), OK);
	assert_int_equal(play(&house, id), OK);
	desk_bench_destroy(house.bench);
}

/* --- the end of a generation ------------------------------------------------------------ */

static void renewed(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	(void)place;
	desk_kek_written(desk, item, err);
}

static enum err renew(struct house *house)
{
	struct item *item = NULL;
	enum err err;

	assert_int_equal(item_create(NULL, 0, renewed, &item), OK);
	desk_event(house->bench->desk, &item->event, EVENT_KEK_BEGUN, "");
	err = desk_kek_renew(house->bench->desk, 0, item);
	if (err == OK)
		desk_write_take(house->bench->desk, &item);
	item_destroy(item);
	return err;
}

static void its_end_is_the_end_of_all_before(void **state)
{
	struct house house = make_house();
	struct record_id before;
	struct record_id after;

	(void)state;
	assert_int_equal(record(&house, &before), OK);
	assert_int_equal(renew(&house), OK);
	assert_int_equal(renew(&house), ERR_BUSY);
	desk_bench_settle(house.bench);
	assert_false(has_row(&house, STORE_KEK, 1));
	assert_int_equal(generation_of(&house, 0), 2);
	assert_true(has_row(&house, STORE_RECORD, 0)); /* and is of no use any more */
	assert_int_equal(play(&house, before), ERR_MISSING);
	assert_int_equal(record(&house, &after), OK);
	assert_int_equal(play(&house, after), OK);
	restart(&house);
	assert_int_equal(play(&house, before), ERR_MISSING);
	assert_int_equal(play(&house, after), OK);
	desk_bench_destroy(house.bench);
}

/* What was begun before the end is not finished behind it. */
static void an_unfinished_recording_ends_with_it(void **state)
{
	struct house house = make_house();
	struct wire_seal_begin begin = {.token = 90, .samples = SAMPLES, .turn = 5};

	(void)state;
	while (desk_bench_take(house.hub))
		;
	assert_true(str_copy(begin.room, sizeof(begin.room), "kitchen"));
	desk_bench_say(house.bench, house.hub, WIRE_seal_begin, &begin);
	assert_int_equal(renew(&house), OK);
	assert_int_equal(desk_bench_done(house.hub, 90, NULL, NULL), ERR_DENIED);
	/* Nor is one begun before the next key is durable. */
	begin.token = 91;
	desk_bench_say(house.bench, house.hub, WIRE_seal_begin, &begin);
	assert_int_equal(desk_bench_done(house.hub, 91, NULL, NULL), ERR_BUSY);
	desk_bench_destroy(house.bench);
}

static void an_end_that_is_not_written_is_none(void **state)
{
	struct house house = make_house();
	struct record_id before;
	struct record_id after;

	(void)state;
	assert_int_equal(record(&house, &before), OK);
	store_fake_fail_after(house.bench->rows, 0, ERR_LIMIT, false);
	assert_int_equal(renew(&house), OK);
	desk_bench_settle(house.bench);
	store_fake_heal(house.bench->rows);
	assert_int_equal(generation_of(&house, 0), 1);
	assert_int_equal(play(&house, before), OK);
	assert_int_equal(record(&house, &after), OK);
	assert_int_equal(play(&house, after), OK);
	desk_bench_destroy(house.bench);
}

/* --- what is found at the start --------------------------------------------------------- */

static void a_house_of_before_gets_one(void **state)
{
	struct house house = make_house();
	struct record_id id;

	(void)state;
	store_fake_remove(house.bench->rows, row_of(&house, STORE_KEK, 0));
	restart(&house);
	assert_int_equal(generation_of(&house, 0), 1);
	assert_int_equal(record(&house, &id), OK);
	assert_int_equal(play(&house, id), OK);
	desk_bench_destroy(house.bench);
}

/* Only what it opens is lost, and the owner can go on. */
static void a_changed_one_is_not_sealed_to(void **state)
{
	struct house house = make_house();
	struct record_id before;
	struct record_id after;
	uint8_t *value;

	(void)state;
	assert_int_equal(record(&house, &before), OK);
	(void)store_fake_row(house.bench->rows, row_of(&house, STORE_KEK, 0), &value);
	value[60] ^= 1;
	restart(&house);
	assert_true(desk_trouble(house.bench->desk)[0] != '\0');
	assert_int_equal(play(&house, before), ERR_AUTH);
	assert_int_equal(generation_of(&house, 1), 2);
	assert_int_equal(record(&house, &after), OK);
	assert_int_equal(play(&house, after), OK);
	/* It goes with the next end all the same. */
	assert_int_equal(renew(&house), OK);
	desk_bench_settle(house.bench);
	assert_false(has_row(&house, STORE_KEK, 1));
	assert_int_equal(generation_of(&house, 0), 3);
	desk_bench_destroy(house.bench);
}

static void too_many_are_refused(void **state)
{
	struct house house = make_house();
	struct store_row row;
	size_t at = row_of(&house, STORE_KEK, 0);

	(void)state;
	for (size_t i = 0; i < DESK_KEK_OTHERS_MAX + 1; i++) {
		row = *store_fake_row(house.bench->rows, at, NULL);
		row.key.bytes[KEK_STORE_KEY_BYTES - 1] = (uint8_t)(10 + i);
		assert_int_equal(store_fake_put(house.bench->rows, &row), OK);
	}
	desk_bench_restart(house.bench);
	assert_int_equal(desk_state_of(house.bench->desk), DESK_BROKEN);
	desk_bench_destroy(house.bench);
}

/* Nobody's, and one of a number that no house reaches: said, and left alone. */
static void what_is_nobodys_is_left_alone(void **state)
{
	struct house house = make_house();
	struct store_row row;
	struct record_id id;
	size_t at = row_of(&house, STORE_KEK, 0);

	(void)state;
	row = *store_fake_row(house.bench->rows, at, NULL);
	row.key.bytes[0] ^= 1;
	assert_int_equal(store_fake_put(house.bench->rows, &row), OK);
	row = *store_fake_row(house.bench->rows, row_of(&house, STORE_KEK, 0), NULL);
	row.key.bytes[ID_BYTES] = 0xff;
	assert_int_equal(store_fake_put(house.bench->rows, &row), OK);
	restart(&house);
	assert_int_equal(record(&house, &id), OK);
	assert_int_equal(play(&house, id), OK);
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_owner_comes_with_a_key),
		cmocka_unit_test(its_end_is_the_end_of_all_before),
		cmocka_unit_test(an_unfinished_recording_ends_with_it),
		cmocka_unit_test(an_end_that_is_not_written_is_none),
		cmocka_unit_test(a_house_of_before_gets_one),
		cmocka_unit_test(a_changed_one_is_not_sealed_to),
		cmocka_unit_test(too_many_are_refused),
		cmocka_unit_test(what_is_nobodys_is_left_alone),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests_name("desk_keys", tests, NULL, NULL);
}
