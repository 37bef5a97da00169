/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_told_turns - turns come out whole, once, newest first, however their events lie
 * between one another.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fake/rand_fake.h"
#include "keeper/told_turns.h"

#define BEGIN_MS INT64_C(1790000000000)

enum { TURNS = 400, EVENTS_EACH = 5, SEED = 7, EVENTS = TURNS * EVENTS_EACH };

static struct turn_id turn_at(int64_t ms, unsigned number)
{
	return (struct turn_id){(uint64_t)ms << 16 | number};
}

static struct event event_of(enum event_kind kind, struct turn_id turn, int64_t at_ms)
{
	struct event event;

	event_init(&event, kind, turn, "kitchen", at_ms);
	return event;
}

static void expect_outcome(const struct told_turn *turn, const char *words)
{
	char outcome[128];

	told_turn_outcome(turn, outcome, sizeof(outcome));
	assert_string_equal(outcome, words);
}

/* --- one turn --------------------------------------------------------------------------- */

static void a_turn_is_put_together(void **state)
{
	static struct told_turns turns;
	const struct turn_id turn = turn_at(BEGIN_MS, 1);
	struct told_turn told;
	struct event event;

	(void)state;
	told_turns_init(&turns);
	event = event_of(EVENT_PROPOSAL, turn, BEGIN_MS + 90000);
	event_add(&event, "device", "aa bb");
	told_turns_take(&turns, &event);
	assert_false(told_turns_next(&turns, &told));
	event = event_of(EVENT_RECORDED, turn, BEGIN_MS + 4000);
	event_add(&event, "record", "00112233445566778899aabbccddeeff");
	event_add(&event, "owner", "ffeeddccbbaa99887766554433221100");
	event_add(&event, "ms", "2500");
	event_add(&event, "by", "room");
	told_turns_take(&turns, &event);
	event = event_of(EVENT_DECIDED, turn, BEGIN_MS + 3000);
	event_add(&event, "decision", "hold");
	event_add(&event, "action", "lock.unlock");
	event_add(&event, "reason", "NEEDS_TAP");
	told_turns_take(&turns, &event);
	assert_false(told_turns_next(&turns, &told)); /* older ones may be its own */
	event = event_of(EVENT_STARTED, (struct turn_id){0}, BEGIN_MS - 10000);
	told_turns_take(&turns, &event);
	assert_true(told_turns_next(&turns, &told));
	assert_true(told.turn.value == turn.value);
	assert_string_equal(told.room.text, "kitchen");
	assert_string_equal(told.device, "aa bb");
	assert_string_equal(told.by, "room");
	assert_int_equal(told.sound_ms, 2500);
	assert_int_equal(told.record.bytes[1], 0x11);
	assert_int_equal(told.owner.bytes[1], 0xee);
	expect_outcome(&told, "hold lock.unlock: NEEDS_TAP");
	assert_false(told_turns_next(&turns, &told));
	/* A late piece makes no second turn of it. */
	event = event_of(EVENT_WAKE, turn, BEGIN_MS - 10000);
	told_turns_take(&turns, &event);
	told_turns_end(&turns);
	assert_false(told_turns_next(&turns, &told));
}

static void what_became_of_it(void **state)
{
	static const struct {
		enum event_kind kind;
		const char *reason;
		const char *outcome;
		const char *word;     /* that finds it */
		const char *not_word; /* that does not */
	} rows[] = {
		{EVENT_WAKE_REJECTED, "", "refuse: WAKE_REJECTED", "wake_rejected",
		 "act"},
		{EVENT_STOPPED, "", "refuse: STOPPED", "refuse", "kept"},
		{EVENT_STOP_REJECTED, "", "refuse: STOP_REJECTED", "STOP_REJECTED",
		 "STOPPED"},
		{EVENT_FAILED, "NO_DEVICE", "refuse: NO_DEVICE", "no_device", "ask"},
		{EVENT_WAKE, "", "no request", "", "refuse"},
		{EVENT_DECIDED, "NONE", "act light.on: NONE", "light.on", "light.off"},
		{EVENT_PLAYED, "", NULL, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		static struct told_turns turns;
		struct told_turn told;
		struct event event =
			event_of(rows[i].kind, turn_at(BEGIN_MS, 1), BEGIN_MS);

		told_turns_init(&turns);
		if (rows[i].kind == EVENT_DECIDED) {
			event_add(&event, "decision", "act");
			event_add(&event, "action", "light.on");
		}
		if (rows[i].reason[0])
			event_add(&event, "reason", rows[i].reason);
		told_turns_take(&turns, &event);
		told_turns_end(&turns);
		assert_int_equal(told_turns_next(&turns, &told), rows[i].outcome != NULL);
		if (!rows[i].outcome)
			continue;
		expect_outcome(&told, rows[i].outcome);
		assert_true(told_turn_became(&told, rows[i].word));
		assert_false(told_turn_became(&told, rows[i].not_word));
	}
}

/* The failure counts, whichever of the two is read first. */
static void a_failure_stands_over_the_decision(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		static struct told_turns turns;
		const struct turn_id turn = turn_at(BEGIN_MS, 1);
		struct told_turn told;

		told_turns_init(&turns);
		for (int i = 0; i < 2; i++) {
			const bool is_failure = (i == 0) == (first == 0);
			struct event event =
				event_of(is_failure ? EVENT_FAILED : EVENT_DECIDED, turn,
					 BEGIN_MS);

			event_add(&event, "decision", "act");
			event_add(&event, "action", "light.on");
			event_add(&event, "reason",
				  is_failure ? "NOT_CONFIRMED" : "NONE");
			told_turns_take(&turns, &event);
		}
		told_turns_end(&turns);
		assert_true(told_turns_next(&turns, &told));
		expect_outcome(&told, "act light.on: NOT_CONFIRMED");
	}
}

/* --- many ------------------------------------------------------------------------------- */

struct piece {
	struct turn_id turn;
	int64_t at_ms;
};

static int newest_first(const void *one, const void *other)
{
	const struct piece *a = one;
	const struct piece *b = other;

	return (a->at_ms < b->at_ms) - (a->at_ms > b->at_ms);
}

/* Turns of several rooms, some with pieces an hour late. */
static void turns_come_out_once_and_in_order(void **state)
{
	static struct piece pieces[EVENTS];
	static struct told_turns turns;
	struct rand_fake dice;
	struct told_turn told;
	uint64_t last = UINT64_MAX;
	size_t count = 0;

	(void)state;
	(void)rand_fake_init(&dice, SEED);
	for (size_t i = 0; i < TURNS; i++) {
		const int64_t at_ms = BEGIN_MS + (int64_t)i * 3000;

		for (size_t j = 0; j < EVENTS_EACH; j++) {
			const bool is_late = j > 0 && rand_fake_below(&dice, 100) == 0;
			const uint32_t later = is_late ? 300000 : 9000;

			pieces[i * EVENTS_EACH + j] =
				(struct piece){turn_at(at_ms, (unsigned)i),
					       at_ms + (j == 0 ? 0
							       : (int64_t)rand_fake_below(
									 &dice, later))};
		}
	}
	qsort(pieces, EVENTS, sizeof(pieces[0]), newest_first);
	told_turns_init(&turns);
	for (size_t i = 0; i <= EVENTS; i++) {
		if (i == EVENTS) {
			told_turns_end(&turns);
		} else {
			const struct event event =
				event_of(EVENT_WAKE, pieces[i].turn, pieces[i].at_ms);

			told_turns_take(&turns, &event);
		}
		while (told_turns_next(&turns, &told)) {
			assert_true(told.turn.value < last);
			last = told.turn.value;
			count++;
		}
	}
	assert_int_equal(count, TURNS);
}

/* However many are open, there is room for one more. */
static void more_than_fit_come_out_early(void **state)
{
	static struct told_turns turns;
	struct told_turn told;
	size_t count = 0;

	(void)state;
	told_turns_init(&turns);
	for (unsigned i = 0; i < 3 * TOLD_TURNS_OPEN_MAX; i++) {
		/* They began long before what is read: none is whole. */
		const struct event event =
			event_of(EVENT_WAKE, turn_at(BEGIN_MS - i, i), BEGIN_MS + 100000);

		told_turns_take(&turns, &event);
		while (told_turns_next(&turns, &told))
			count++;
	}
	told_turns_end(&turns);
	while (told_turns_next(&turns, &told))
		count++;
	assert_int_equal(count, 3 * TOLD_TURNS_OPEN_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_turn_is_put_together),
		cmocka_unit_test(what_became_of_it),
		cmocka_unit_test(a_failure_stands_over_the_decision),
		cmocka_unit_test(turns_come_out_once_and_in_order),
		cmocka_unit_test(more_than_fit_come_out_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
