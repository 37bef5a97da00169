/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_box - what is nobody's: kept where the owners want that, for a day, for each of
 * them, opened before the eyes of all; and not kept otherwise.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "fake/desk_bench.h"
#include "keeper/desk_inner.h"
#include "vault/kek.h"

enum { SEED = 11, SAMPLES = 2000, HOUR_MS = 3600 * 1000 };

static const char PASSPHRASE[] = DESK_BENCH_PASSPHRASE;
static int16_t sound[SAMPLES];

struct house {
	struct desk_bench *bench;
	struct desk_bench_link *hub;
	struct desk_bench_link *alice;
	struct desk_bench_link *bob;
};

static void sign_in(struct house *house)
{
	assert_true(desk_bench_unlock(house->bench, house->alice, "alice", PASSPHRASE));
	assert_true(desk_bench_unlock(house->bench, house->bob, "bob", PASSPHRASE));
}

static void set_box(struct house *house, bool on)
{
	const struct wire_box_set set = {.on = on};

	assert_string_equal(desk_bench_change(house->bench, house->alice, WIRE_box_set,
					      &set),
			    "");
	desk_bench_settle(house->bench);
}

/* Two owners, a hall that is nobody's, and bob's attic. */
static struct house make_house(void)
{
	struct house house = {.bench = desk_bench_create(SEED)};
	const struct wire_room_set hall = {.room = "hall", .capabilities = MAY_ALL};

	for (size_t i = 0; i < SAMPLES; i++)
		sound[i] = (int16_t)(i * 7);
	house.hub = desk_bench_link(house.bench, DESK_HUB);
	house.alice = desk_bench_add_owner(house.bench, NULL, "alice", NULL);
	clock_fake_pass(&house.bench->clock, 1000); /* bob comes later */
	house.bob = desk_bench_add_owner(house.bench, house.alice, "bob", "attic");
	assert_string_equal(desk_bench_change(house.bench, house.alice, WIRE_room_set,
					      &hall),
			    "");
	desk_bench_forget(house.hub);
	return house;
}

static void pass(struct house *house, int64_t ms)
{
	clock_fake_pass(&house->bench->clock, ms);
	desk_tick(house->bench->desk);
	desk_bench_settle(house->bench);
}

static enum err seal(struct house *house, const char *room, struct record_id *out_record)
{
	const enum err err =
		desk_bench_record(house->bench, house->hub,
				  &(struct desk_bench_said){room, "secret words", sound,
							    SAMPLES},
				  out_record);

	desk_bench_forget(house->hub);
	return err;
}

static enum err play(struct house *house, struct desk_bench_link *link,
		     struct record_id record)
{
	static int16_t heard[SAMPLES];
	const struct wire_message *message;
	struct wire_play_get get;
	size_t count = 0;

	memset(&get, 0, sizeof(get));
	memcpy(get.record.bytes, record.bytes, ID_BYTES);
	desk_bench_say(house->bench, link, WIRE_play_get, &get);
	desk_bench_settle(house->bench);
	while ((message = desk_bench_take(link)) && message->type == WIRE_play_sound)
		count += wire_to_samples(message->play_sound.pcm, heard + count,
					 SAMPLES - count);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_end);
	if (message->end.err == OK) {
		assert_int_equal(count, SAMPLES);
		assert_memory_equal(heard, sound, sizeof(sound));
	} else {
		assert_int_equal(count, 0);
	}
	return (enum err)message->end.err;
}

static size_t rows_in(const struct house *house, enum store_space space)
{
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(house->bench->rows); i++)
		count += store_fake_row(house->bench->rows, i, NULL)->key.space == space;
	return count;
}

/* The only row of the history; wiped by the next take. */
static struct wire_history_row only_row(struct house *house, struct desk_bench_link *link,
					const char *words)
{
	struct wire_history_get get = {.before_ms = INT64_MAX, .limit = 10};
	struct wire_history_row row = {.turn = 0};
	const struct wire_message *message;
	size_t count = 0;

	assert_true(str_copy(get.words, sizeof(get.words), words));
	desk_bench_say(house->bench, link, WIRE_history_get, &get);
	desk_bench_settle(house->bench);
	while ((message = desk_bench_take(link)) && message->type == WIRE_history_row) {
		row = message->history_row;
		count++;
	}
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_end);
	assert_true(count <= 1);
	return row;
}

/* --- on and off ------------------------------------------------------------------------- */

static void without_a_box_nothing_is_kept(void **state)
{
	struct house house = make_house();
	struct record_id record;

	(void)state;
	assert_int_equal(seal(&house, "hall", &record), ERR_DENIED);
	assert_int_equal(rows_in(&house, STORE_RECORD), 0);
	assert_int_equal(rows_in(&house, STORE_BOX), 0);
	desk_bench_destroy(house.bench);
}

static void every_owner_can_listen(void **state)
{
	struct house house = make_house();
	struct wire_history_row row;
	struct record_id record;

	(void)state;
	set_box(&house, true);
	assert_int_equal(rows_in(&house, STORE_BOX), 2);
	assert_int_equal(seal(&house, "hall", &record), OK);
	row = only_row(&house, house.bob, "");
	assert_string_equal(row.by, "box");
	assert_string_equal(row.opened, "");
	assert_string_equal(row.transcript, ""); /* looking through opens nothing */
	assert_int_equal(play(&house, house.alice, record), OK);
	assert_int_equal(play(&house, house.bob, record), OK);
	assert_int_equal(play(&house, house.alice, record), OK);
	/* And both see it. */
	row = only_row(&house, house.alice, "");
	assert_string_equal(row.opened, "alice, bob");
	row = only_row(&house, house.bob, "");
	assert_string_equal(row.opened, "alice, bob");
	/* Nobody searches in it. */
	row = only_row(&house, house.bob, "secret");
	assert_true(row.turn == 0);
	desk_bench_destroy(house.bench);
}

static void private_rooms_stay_their_owners(void **state)
{
	struct house house = make_house();
	struct record_id record;

	(void)state;
	set_box(&house, true);
	assert_int_equal(seal(&house, "attic", &record), OK);
	assert_int_equal(play(&house, house.alice, record), ERR_MISSING);
	assert_int_equal(play(&house, house.bob, record), OK);
	assert_string_equal(only_row(&house, house.bob, "secret").by, "room");
	desk_bench_destroy(house.bench);
}

static void switched_off_everything_is_gone(void **state)
{
	struct house house = make_house();
	struct record_id record;
	struct record_id later;

	(void)state;
	set_box(&house, true);
	assert_int_equal(seal(&house, "hall", &record), OK);
	set_box(&house, false);
	assert_int_equal(rows_in(&house, STORE_BOX), 0);
	assert_int_not_equal(play(&house, house.alice, record), OK);
	assert_int_equal(seal(&house, "hall", &record), ERR_DENIED);
	/* It can be begun again, and opens nothing of before. */
	set_box(&house, true);
	assert_int_equal(seal(&house, "hall", &later), OK);
	assert_int_equal(play(&house, house.bob, later), OK);
	/* What is dead is gone, and nobody's fault: within the same minute, too. */
	assert_int_equal(play(&house, house.bob, record), ERR_MISSING);
	desk_bench_destroy(house.bench);
}

/* --- time ------------------------------------------------------------------------------- */

/* The newest hours are there, and nothing that is a day old. */
static void a_day_is_all_it_lasts(void **state)
{
	enum { HOURS = 60 };
	struct house house = make_house();
	struct record_id records[HOURS];

	(void)state;
	set_box(&house, true);
	for (int i = 0; i < HOURS; i++) {
		assert_int_equal(seal(&house, "hall", &records[i]), OK);
		if (i == HOURS / 2) { /* also over a restart */
			desk_bench_restart(house.bench);
			house.hub = desk_bench_link(house.bench, DESK_HUB);
			house.alice = desk_bench_link(house.bench, DESK_OWNER);
			house.bob = desk_bench_link(house.bench, DESK_OWNER);
		}
		pass(&house, HOUR_MS);
	}
	assert_true(rows_in(&house, STORE_BOX) <= (size_t)2 * 25);
	sign_in(&house);
	for (int i = 0; i < HOURS; i++) {
		const enum err err = play(&house, house.bob, records[i]);
		const int age = HOURS - i; /* in hours */

		if (age < 24)
			assert_int_equal(err, OK);
		else if (age > 24)
			assert_int_not_equal(err, OK);
	}
	pass(&house, 30 * (int64_t)HOUR_MS);
	assert_int_equal(rows_in(&house, STORE_BOX), 2); /* the one to go on under */
	desk_bench_destroy(house.bench);
}

/* A key that was made by a wrong clock does not last until that time comes. */
static void a_wrong_clock_keeps_nothing_longer(void **state)
{
	struct house house = make_house();
	struct record_id record;
	struct record_id later;

	(void)state;
	house.bench->clock.wall_ms += (int64_t)365 * 24 * HOUR_MS;
	set_box(&house, true);
	assert_int_equal(seal(&house, "hall", &record), OK);
	house.bench->clock.wall_ms -= (int64_t)365 * 24 * HOUR_MS;
	pass(&house, 1000);
	assert_int_not_equal(play(&house, house.alice, record), OK);
	assert_int_equal(seal(&house, "hall", &later), OK);
	assert_int_equal(play(&house, house.alice, later), OK);
	desk_bench_destroy(house.bench);
}

/* --- what is left of it ----------------------------------------------------------------- */

/* Chores come one after the other. */
static void do_chores(struct house *house)
{
	for (size_t i = 0; i < 10; i++)
		pass(house, 1000);
}

static size_t rows_left(const struct house *house)
{
	return rows_in(house, STORE_RECORD) + rows_in(house, STORE_SALT);
}

/* Nothing lies there that nobody can open; what is in a private room stays. */
static void what_is_dead_is_cleared_away(void **state)
{
	enum { HOURS = 30, ROWS_OF_ONE = 4 };
	struct house house = make_house();
	struct record_id records[HOURS];
	struct record_id bobs;
	size_t living = 0;

	(void)state;
	set_box(&house, true);
	assert_int_equal(seal(&house, "attic", &bobs), OK);
	for (int i = 0; i < HOURS; i++) {
		assert_int_equal(seal(&house, "hall", &records[i]), OK);
		pass(&house, HOUR_MS);
	}
	do_chores(&house);
	sign_in(&house);
	for (int i = 0; i < HOURS; i++)
		living += play(&house, house.alice, records[i]) == OK;
	assert_true(living > 20 && living < HOURS);
	assert_int_equal(rows_left(&house), ROWS_OF_ONE * (living + 1));
	/* Switched off: at once all is dead, and soon it is gone. */
	set_box(&house, false);
	do_chores(&house);
	assert_int_equal(rows_left(&house), ROWS_OF_ONE);
	assert_int_equal(rows_in(&house, STORE_EPOCH), 1);
	assert_int_equal(play(&house, house.bob, bobs), OK);
	desk_bench_destroy(house.bench);
}

/* Killed behind any step: the next start goes on, and touches nothing that lives. */
static void the_clearing_goes_on_after_a_kill(void **state)
{
	enum { COUNT = 3, STEPS = 24, ROWS_OF_ONE = 4 };

	(void)state;
	for (size_t steps = 0; steps < STEPS; steps++) {
		struct house house = make_house();
		struct record_id record;

		set_box(&house, true);
		for (size_t i = 0; i < COUNT; i++)
			assert_int_equal(seal(&house, "hall", &record), OK);
		do_chores(&house);
		set_box(&house, false);
		set_box(&house, true);
		assert_int_equal(seal(&house, "hall", &record), OK);
		for (size_t i = 0; i < steps; i++) {
			if (store_fake_waiting(house.bench->rows) == 0)
				desk_tick(house.bench->desk);
			store_step(&house.bench->store);
		}
		desk_bench_restart(house.bench);
		do_chores(&house);
		assert_int_equal(rows_left(&house), ROWS_OF_ONE);
		house.alice = desk_bench_link(house.bench, DESK_OWNER);
		assert_true(
			desk_bench_unlock(house.bench, house.alice, "alice", PASSPHRASE));
		assert_int_equal(play(&house, house.alice, record), OK);
		desk_bench_destroy(house.bench);
	}
}

/* What a wrong clock made is dead before its time, and lies behind what lives. */
static void what_is_of_a_time_to_come_is_cleared_too(void **state)
{
	enum { ROWS_OF_ONE = 4 };
	struct house house = make_house();
	struct record_id record;

	(void)state;
	house.bench->clock.wall_ms += (int64_t)365 * 24 * HOUR_MS;
	set_box(&house, true);
	assert_int_equal(seal(&house, "hall", &record), OK);
	house.bench->clock.wall_ms -= (int64_t)365 * 24 * HOUR_MS;
	pass(&house, 1000);
	assert_int_equal(seal(&house, "hall", &record), OK);
	do_chores(&house);
	assert_int_equal(rows_left(&house), ROWS_OF_ONE);
	assert_int_equal(play(&house, house.alice, record), OK);
	desk_bench_destroy(house.bench);
}

/* --- numbers ---------------------------------------------------------------------------- */

/* The journal and the incidents name nobody for what is merely dead. */
static void expect_dead(struct house *house, struct record_id record)
{
	assert_int_equal(play(house, house->alice, record), ERR_MISSING);
	assert_false(desk_incident_freezes(house->bench->desk));
}

/* Several end in the same minute, the newest not the last of them; the next one is made
 * before anything is cleared away. */
static void no_number_is_given_twice(void **state)
{
	enum { HOURS = 4 };
	struct house house = make_house();
	struct record_id records[HOURS];
	struct record_id later;

	(void)state;
	set_box(&house, true);
	for (int i = 0; i < HOURS; i++) {
		if (i > 0)
			pass(&house, HOUR_MS);
		assert_int_equal(seal(&house, "hall", &records[i]), OK);
	}
	sign_in(&house);
	set_box(&house, false);
	set_box(&house, true);
	assert_int_equal(seal(&house, "hall", &later), OK);
	for (int i = 0; i < HOURS; i++)
		expect_dead(&house, records[i]);
	assert_int_equal(play(&house, house.alice, later), OK);
	desk_bench_destroy(house.bench);
}

/* Killed before it was cleared away, and begun again in the same minute. */
static void nor_over_a_restart(void **state)
{
	struct house house = make_house();
	struct record_id record;
	struct record_id later;

	(void)state;
	set_box(&house, true);
	assert_int_equal(seal(&house, "hall", &record), OK);
	set_box(&house, false);
	desk_bench_restart(house.bench);
	house.hub = desk_bench_link(house.bench, DESK_HUB);
	house.alice = desk_bench_sign_in(house.bench, "alice");
	set_box(&house, true);
	do_chores(&house);
	assert_int_equal(seal(&house, "hall", &later), OK);
	expect_dead(&house, record);
	assert_int_equal(play(&house, house.alice, later), OK);
	desk_bench_destroy(house.bench);
}

/* The clock goes back behind a key, whose minute then comes again; the store does not clear
 * anything away before that. */
static void nor_when_its_minute_comes_again(void **state)
{
	enum { HOURS = 3 };
	struct house house = make_house();
	struct record_id record;
	struct record_id later;

	(void)state;
	set_box(&house, true);
	assert_int_equal(seal(&house, "hall", &record), OK);
	house.bench->clock.wall_ms -= (int64_t)HOURS * HOUR_MS;
	desk_tick(house.bench->desk); /* it ends, and another one begins */
	desk_bench_settle(house.bench);
	set_box(&house, false);
	for (int i = 0; i < HOURS; i++) {
		house.bench->clock.wall_ms += HOUR_MS;
		set_box(&house, i % 2 == 0);
	}
	assert_int_equal(seal(&house, "hall", &later), OK);
	expect_dead(&house, record);
	assert_int_equal(play(&house, house.alice, later), OK);
	desk_bench_destroy(house.bench);
}

/* More keys end than are kept in mind before anything is cleared away: the next one waits. */
static void a_crowd_of_ended_keys_is_cleared_first(void **state)
{
	enum { TIMES = DESK_BOX_ENDED_MAX + 1 };
	struct house house = make_house();
	struct record_id record;
	struct record_id later;

	(void)state;
	for (int i = 0; i < TIMES; i++) {
		set_box(&house, true);
		if (i == 0)
			assert_int_equal(seal(&house, "hall", &record), OK);
		set_box(&house, false);
	}
	set_box(&house, true);
	assert_int_equal(seal(&house, "hall", &later), ERR_BUSY);
	do_chores(&house);
	assert_int_equal(seal(&house, "hall", &later), OK);
	expect_dead(&house, record);
	assert_int_equal(play(&house, house.alice, later), OK);
	desk_bench_destroy(house.bench);
}

/* --- who -------------------------------------------------------------------------------- */

static void who_was_removed_opens_nothing_more(void **state)
{
	struct house house = make_house();
	const struct wire_owner_remove removal = {.name = "bob"};
	struct record_id record;
	struct record_id later;

	(void)state;
	set_box(&house, true);
	assert_int_equal(seal(&house, "hall", &record), OK);
	assert_string_equal(desk_bench_change(house.bench, house.alice, WIRE_owner_remove,
					      &removal),
			    "");
	desk_bench_settle(house.bench);
	assert_int_equal(seal(&house, "hall", &later), OK);
	assert_int_not_equal(play(&house, house.bob, record), OK);
	assert_int_not_equal(play(&house, house.bob, later), OK);
	assert_int_equal(play(&house, house.alice, record), OK);
	assert_int_equal(play(&house, house.alice, later), OK);
	pass(&house, HOUR_MS);
	assert_int_equal(rows_in(&house, STORE_BOX), 2); /* alice's two */
	desk_bench_destroy(house.bench);
}

/* One reader's row in place of another's opens nothing, nor does an owner's. */
static void exchanged_rows_open_nothing(void **state)
{
	struct house house = make_house();
	struct record_id record;
	size_t box[2];
	size_t count = 0;

	(void)state;
	set_box(&house, true);
	assert_int_equal(seal(&house, "hall", &record), OK);
	for (size_t i = 0; i < store_fake_row_count(house.bench->rows); i++)
		if (store_fake_row(house.bench->rows, i, NULL)->key.space == STORE_BOX)
			box[count++] = i;
	assert_int_equal(count, 2);
	store_fake_swap_values(house.bench->rows, box[0], box[1]);
	assert_int_equal(play(&house, house.alice, record), ERR_AUTH);
	assert_int_equal(play(&house, house.bob, record), ERR_AUTH);
	store_fake_swap_values(house.bench->rows, box[0], box[1]);
	for (size_t i = 0; i < store_fake_row_count(house.bench->rows) && count > 0; i++)
		if (store_fake_row(house.bench->rows, i, NULL)->key.space == STORE_KEK)
			store_fake_swap_values(house.bench->rows, box[--count], i);
	assert_int_equal(play(&house, house.alice, record), ERR_AUTH);
	assert_int_equal(play(&house, house.bob, record), ERR_AUTH);
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_box_nothing_is_kept),
		cmocka_unit_test(every_owner_can_listen),
		cmocka_unit_test(private_rooms_stay_their_owners),
		cmocka_unit_test(switched_off_everything_is_gone),
		cmocka_unit_test(a_day_is_all_it_lasts),
		cmocka_unit_test(a_wrong_clock_keeps_nothing_longer),
		cmocka_unit_test(what_is_dead_is_cleared_away),
		cmocka_unit_test(the_clearing_goes_on_after_a_kill),
		cmocka_unit_test(what_is_of_a_time_to_come_is_cleared_too),
		cmocka_unit_test(no_number_is_given_twice),
		cmocka_unit_test(nor_over_a_restart),
		cmocka_unit_test(nor_when_its_minute_comes_again),
		cmocka_unit_test(a_crowd_of_ended_keys_is_cleared_first),
		cmocka_unit_test(who_was_removed_opens_nothing_more),
		cmocka_unit_test(exchanged_rows_open_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
