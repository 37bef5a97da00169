/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_store - a house lives its life over a store that fails from its n-th write
 * on, for every n, in each way a store may fail; then the keeper dies and starts again.
 * What was acknowledged is there, what is there is whole, and nothing is half there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "fake/desk_bench.h"

enum { WRITES_MAX = 14, SAMPLES = 20000, EVENTS = 3, RECORDINGS = 2, SEEDS = 6 };

static const char PASSPHRASE[] = "correct horse";
static int16_t sound[SAMPLES];

/* The outside ledger: what somebody was told. */
struct ledger {
	bool owner;
	bool room;
	size_t event_count;
	uint64_t turns[EVENTS];
	size_t record_count;
	struct record_id records[RECORDINGS];
};

static uint64_t turn_at(const struct desk_bench *bench, uint64_t number)
{
	return (uint64_t)bench->clock.wall_ms << 16 | number;
}

static void live(struct desk_bench *bench, struct ledger *ledger)
{
	struct desk_bench_link *alice = desk_bench_link(bench, DESK_OWNER);
	struct desk_bench_link *hub = desk_bench_link(bench, DESK_HUB);
	uint64_t token = 0;

	ledger->owner =
		desk_bench_make_owner(bench, alice, "alice", PASSPHRASE, NULL, NULL);
	if (desk_bench_unlock(bench, alice, "alice", PASSPHRASE))
		ledger->room = desk_bench_add_room(bench, alice, "kitchen");
	while (desk_bench_take(hub))
		; /* the policy */
	for (size_t i = 0; i < EVENTS; i++) {
		token++;
		desk_bench_append(bench, hub, token, EVENT_DECIDED, turn_at(bench, token),
				  "kitchen");
		desk_bench_settle(bench);
		if (desk_bench_done(hub, token, NULL, NULL) == OK)
			ledger->turns[ledger->event_count++] = turn_at(bench, token);
	}
	for (size_t i = 0; i < RECORDINGS; i++) {
		token++;
		desk_bench_seal(bench, hub, token, turn_at(bench, token), "kitchen",
				"words", sound, SAMPLES);
		desk_bench_settle(bench);
		if (desk_bench_done(hub, token, NULL,
				    &ledger->records[ledger->record_count]) == OK)
			ledger->record_count++;
	}
}

static void expect_event(struct desk_bench *bench, struct desk_bench_link *link,
			 uint64_t turn)
{
	const struct wire_why_get get = {.turn = turn};
	const struct wire_message *message;

	desk_bench_say(bench, link, WIRE_why_get, &get);
	desk_bench_settle(bench);
	message = desk_bench_take(link);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_why_row);
	while ((message = desk_bench_take(link)))
		;
}

static void expect_sound(struct desk_bench *bench, struct desk_bench_link *link,
			 struct record_id record)
{
	static int16_t heard[SAMPLES];
	const struct wire_message *message;
	struct wire_play_get get;

	memset(&get, 0, sizeof(get));
	memcpy(get.record.bytes, record.bytes, ID_BYTES);
	desk_bench_say(bench, link, WIRE_play_get, &get);
	desk_bench_settle(bench);
	message = desk_bench_take(link);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_play_sound);
	assert_int_equal(wire_to_samples(message->play_sound.pcm, heard, SAMPLES),
			 SAMPLES);
	assert_memory_equal(heard, sound, sizeof(sound));
	message = desk_bench_take(link);
	assert_int_equal(message->type, WIRE_end);
}

static size_t count_rows(const struct desk_bench *bench, enum store_space space)
{
	size_t count = 0;

	for (size_t i = 0; i < store_fake_row_count(bench->rows); i++)
		count += store_fake_row(bench->rows, i, NULL)->key.space == space;
	return count;
}

/* Rows that belong together are there together. */
static void expect_nothing_half(const struct desk_bench *bench)
{
	assert_int_equal(count_rows(bench, STORE_WRAP),
			 2 * count_rows(bench, STORE_OWNER));
	assert_int_equal(count_rows(bench, STORE_SALT), count_rows(bench, STORE_RECORD));
	assert_int_equal(count_rows(bench, STORE_RECORD) % 2, 0);
	assert_true(count_rows(bench, STORE_RECORD) == 0 ||
		    count_rows(bench, STORE_EPOCH) > 0);
	assert_true(count_rows(bench, STORE_CHECKPOINT) <=
		    count_rows(bench, STORE_JOURNAL));
}

static void expect_kept(struct desk_bench *bench, const struct ledger *ledger)
{
	struct desk_bench_link *link = desk_bench_link(bench, DESK_OWNER);
	const struct wire_message *message;

	assert_int_equal(desk_state_of(bench->desk), DESK_READY);
	expect_nothing_half(bench);
	if (!desk_has_owner(bench->desk)) {
		assert_false(ledger->owner);
		assert_int_equal(ledger->record_count, 0);
		return;
	}
	/* An owner whose making was not confirmed may be there: the passphrase is known. */
	assert_true(desk_bench_unlock(bench, link, "alice", PASSPHRASE));
	for (size_t i = 0; i < ledger->event_count; i++)
		expect_event(bench, link, ledger->turns[i]);
	for (size_t i = 0; i < ledger->record_count; i++)
		expect_sound(bench, link, ledger->records[i]);
	desk_bench_say(bench, link, WIRE_verify_get,
		       &(struct wire_verify_get){.unused = 0});
	desk_bench_settle(bench);
	message = desk_bench_take(link);
	assert_non_null(message);
	assert_int_equal(message->type, WIRE_verified);
	assert_true(message->verified.whole);
}

static const struct {
	enum err err;
	bool may_be_written;
} ways[] = {{ERR_LIMIT, false}, {ERR_IO, false}, {ERR_IO, true}, {ERR_MEMORY, true}};

static void no_failing_write_loses_or_halves_anything(void **state)
{
	size_t acknowledged = 0;

	(void)state;
	for (size_t way = 0; way < STR_COUNT(ways); way++) {
		for (size_t n = 0; n < WRITES_MAX * SEEDS; n++) {
			struct desk_bench *bench = desk_bench_create(n);
			struct ledger ledger = {.owner = false};

			store_fake_fail_after(bench->rows, n % WRITES_MAX, ways[way].err,
					      ways[way].may_be_written);
			live(bench, &ledger);
			store_fake_heal(bench->rows);
			desk_bench_restart(bench);
			expect_kept(bench, &ledger);
			acknowledged += ledger.event_count + ledger.record_count;
			desk_bench_destroy(bench);
		}
	}
	printf("%zu acknowledged, none lost\n", acknowledged);
	assert_true(acknowledged > 0);
}

/* The failing goes by: the same keeper, without a restart, goes on. */
static void a_house_goes_on_when_the_store_is_well_again(void **state)
{
	(void)state;
	for (size_t n = 0; n < WRITES_MAX * SEEDS; n++) {
		struct desk_bench *bench = desk_bench_create(n);
		struct ledger first = {.owner = false};
		struct ledger second = {.owner = false};

		store_fake_fail_after(bench->rows, n % WRITES_MAX, ERR_IO, true);
		live(bench, &first);
		store_fake_heal(bench->rows);
		assert_int_equal(desk_state_of(bench->desk), DESK_READY);
		clock_fake_pass(&bench->clock, 60000);
		live(bench, &second);
		assert_int_equal(second.event_count, EVENTS);
		assert_int_equal(second.record_count, RECORDINGS);
		expect_kept(bench, &first);
		expect_kept(bench, &second);
		desk_bench_destroy(bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_failing_write_loses_or_halves_anything),
		cmocka_unit_test(a_house_goes_on_when_the_store_is_well_again),
	};

	for (size_t i = 0; i < SAMPLES; i++)
		sound[i] = (int16_t)(i * 37);
	return cmocka_run_group_tests_name("desk_store", tests, NULL, NULL);
}
