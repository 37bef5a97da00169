/* SPDX-License-Identifier: Apache-2.0 */
/*
 * witness: one order of what a room signs proves a memo and its phrase, and every other
 * order, every omission and every foreign turn proves nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/str.h"
#include "domain/witness.h"

enum { T1 = 11, T2 = 22, T3 = 33, T4 = 44, T5 = 55, SOUND_MS = 4200, WAY = 5 };

static const uint8_t HASH[EVIDENCE_HASH_BYTES] = {1, 2, 3};
static const uint8_t OTHER[EVIDENCE_HASH_BYTES] = {1, 2, 4};

static const struct proposal_id PROPOSAL = {{7}};
static const struct proposal_id ANOTHER = {{8}};

/* --- events ----------------------------------------------------------------------------- */

static struct event event_of(enum event_kind kind, uint64_t turn)
{
	struct event event;

	event_init(&event, kind, (struct turn_id){turn}, "kitchen", 1);
	return event;
}

static struct event prompt(uint64_t turn, enum evidence_then then)
{
	struct event event = event_of(EVENT_PROMPT_HEARD, turn);

	evidence_prompt_heard(&event, then, 12, 0.9);
	return event;
}

static struct event lease(uint64_t turn, enum lease_reason reason)
{
	struct event event = event_of(EVENT_LEASE_OPENED, turn);

	evidence_lease_opened(&event, reason);
	return event;
}

static struct event memo(uint64_t turn, const uint8_t *hash)
{
	struct event event = event_of(EVENT_MEMO, turn);

	evidence_memo(&event, SOUND_MS, 9000, hash);
	return event;
}

static void make_way(struct event way[WAY])
{
	way[0] = prompt(T1, THEN_MEMO);
	way[1] = lease(T1, LEASE_MEMO);
	way[2] = memo(T1, HASH);
	way[3] = prompt(T1, THEN_CONFIRM);
	way[4] = lease(T2, LEASE_REQUEST);
}

static struct witness seen(const struct event *events, size_t count)
{
	struct witness witness;

	witness_init(&witness);
	for (size_t i = 0; i < count; i++)
		witness_see(&witness, &events[i]);
	return witness;
}

static struct witness seen_all(void)
{
	struct event way[WAY];

	make_way(way);
	return seen(way, WAY);
}

static bool has_memo(const struct witness *witness)
{
	uint32_t sound_ms = 0;
	const bool has = witness_memo(witness, (struct turn_id){T1}, HASH, &sound_ms);

	assert_int_equal(sound_ms, has ? SOUND_MS : 0);
	return has;
}

static bool has_phrase(const struct witness *witness, uint64_t turn)
{
	struct witness asked = *witness;

	if (has_memo(witness))
		witness_take(&asked, PROPOSAL);
	return witness_phrase(&asked, PROPOSAL, (struct turn_id){turn});
}

/* --- tests ------------------------------------------------------------------------------ */

static void the_way(void **state)
{
	struct event way[WAY];

	(void)state;
	make_way(way);
	for (size_t count = 0; count <= WAY; count++) {
		const struct witness witness = seen(way, count);

		assert_int_equal(has_memo(&witness), count >= 3);
		assert_int_equal(has_phrase(&witness, T2), count >= 5);
	}
}

static void of_another_memo_it_proves_nothing(void **state)
{
	const struct witness witness = seen_all();
	uint32_t sound_ms;

	(void)state;
	assert_false(witness_memo(&witness, (struct turn_id){T1}, OTHER, &sound_ms));
	assert_false(witness_memo(&witness, (struct turn_id){T2}, HASH, &sound_ms));
	assert_false(has_phrase(&witness, T1));
	assert_false(has_phrase(&witness, T3));
	assert_false(has_phrase(&witness, 0));
}

/* Also when what it was asked for as is over: who says then that it is not to be sent has
 * said the name as well. */
static void a_memo_serves_one_proposal(void **state)
{
	struct witness witness = seen_all();
	const struct event cancelling = lease(T3, LEASE_REQUEST);

	(void)state;
	assert_false(witness_phrase(&witness, (struct proposal_id){{0}},
				    (struct turn_id){T2}));
	witness_take(&witness, PROPOSAL);
	assert_false(has_memo(&witness));
	witness_see(&witness, &cancelling);
	assert_false(has_memo(&witness));
	assert_false(witness_phrase(&witness, ANOTHER, (struct turn_id){T2}));
	assert_false(witness_phrase(&witness, ANOTHER, (struct turn_id){T3}));
	assert_true(witness_phrase(&witness, PROPOSAL, (struct turn_id){T2}));
}

/* Of all 5^5 sequences of these events exactly the one way proves the phrase, but for
 * those that only add what does not matter in front. */
static void every_other_order_fails(void **state)
{
	struct event way[WAY];
	unsigned proven = 0;

	(void)state;
	make_way(way);
	for (unsigned n = 0; n < 3125; n++) {
		struct event events[WAY];
		unsigned digits = n;
		bool is_the_way = true;

		for (unsigned i = 0; i < WAY; i++, digits /= WAY) {
			events[i] = way[digits % WAY];
			is_the_way = is_the_way && digits % WAY == i;
		}
		const struct witness witness = seen(events, WAY);

		assert_int_equal(has_phrase(&witness, T2), is_the_way);
		proven += has_phrase(&witness, T2);
	}
	assert_int_equal(proven, 1);
}

static void every_omission_fails(void **state)
{
	struct event way[WAY];

	(void)state;
	for (size_t left_out = 0; left_out < WAY; left_out++) {
		make_way(way);
		memmove(&way[left_out], &way[left_out + 1],
			(WAY - 1 - left_out) * sizeof(way[0]));
		const struct witness witness = seen(way, WAY - 1);

		assert_false(has_phrase(&witness, T2));
		assert_int_equal(has_memo(&witness), left_out >= 3);
	}
}

static void every_foreign_turn_fails(void **state)
{
	struct event way[WAY];

	(void)state;
	for (size_t foreign = 0; foreign < WAY; foreign++) {
		make_way(way);
		way[foreign].turn.value = T3;
		const struct witness witness = seen(way, WAY);

		assert_false(has_phrase(&witness, T2));
	}
	make_way(way);
	way[WAY - 1].turn.value = T1;
	const struct witness witness = seen(way, WAY);
	assert_false(has_phrase(&witness, T1));
}

static void every_other_meaning_fails(void **state)
{
	struct event way[WAY];
	const struct event others[WAY] = {
		prompt(T1, THEN_ANSWER),  lease(T1, LEASE_ANSWER),
		event_of(EVENT_MEMO, T1), prompt(T1, THEN_NOTHING),
		lease(T2, LEASE_ANSWER),
	};

	(void)state;
	for (size_t changed = 0; changed < WAY; changed++) {
		make_way(way);
		way[changed] = others[changed];
		const struct witness witness = seen(way, WAY);

		assert_false(has_phrase(&witness, T2));
	}
}

/* Closings, answers to a question before, and the lease in which it was asked for. */
static void what_does_not_matter_does_not(void **state)
{
	struct event way[WAY];
	const struct event others[] = {
		event_of(EVENT_LEASE_CLOSED, T1), prompt(T1, THEN_ANSWER),
		lease(T1, LEASE_ANSWER),          event_of(EVENT_WAKE, T3),
		prompt(T3, THEN_NOTHING),
	};

	(void)state;
	make_way(way);
	for (size_t i = 0; i < STR_COUNT(others); i++) {
		struct witness witness;

		witness_init(&witness);
		witness_see(&witness, &(struct event){.kind = EVENT_LEASE_OPENED});
		for (size_t at = 0; at < WAY; at++) {
			witness_see(&witness, &others[i]);
			witness_see(&witness, &way[at]);
		}
		assert_true(has_phrase(&witness, T2));
	}
}

/* Somebody wakes the room while it waits for the memo: that dialogue is over. */
static void a_wake_before_the_memo_ends_it(void **state)
{
	struct event way[WAY];
	const struct event wake = lease(T3, LEASE_REQUEST);

	(void)state;
	make_way(way);
	for (size_t before = 1; before < WAY; before++) {
		struct witness witness;

		witness_init(&witness);
		for (size_t i = 0; i < WAY; i++) {
			if (i == before)
				witness_see(&witness, &wake);
			witness_see(&witness, &way[i]);
		}
		assert_int_equal(has_phrase(&witness, T2), before >= 3);
	}
}

static void each_turn_confirms_once(void **state)
{
	struct witness witness = seen_all();
	const struct event again = lease(T2, LEASE_REQUEST);

	(void)state;
	witness_use(&witness, (struct turn_id){T2});
	assert_false(has_phrase(&witness, T2));
	witness_see(&witness, &again);
	assert_false(has_phrase(&witness, T2));
	assert_true(has_memo(&witness));
}

/* Misunderstood, it is said again; but not for ever. */
static void three_turns_may_hold_the_phrase(void **state)
{
	struct witness witness = seen_all();
	const struct event more[] = {
		lease(T3, LEASE_REQUEST),
		lease(T4, LEASE_REQUEST),
		lease(T5, LEASE_REQUEST),
	};

	(void)state;
	witness_see(&witness, &more[0]);
	witness_see(&witness, &more[1]);
	assert_true(has_phrase(&witness, T2) && has_phrase(&witness, T3) &&
		    has_phrase(&witness, T4));
	witness_see(&witness, &more[2]);
	for (uint64_t turn = T2; turn <= T5; turn += T1)
		assert_false(has_phrase(&witness, turn));
	assert_true(has_memo(&witness)); /* a tap still sends it */
}

static void a_new_message_begins_anew(void **state)
{
	struct witness witness = seen_all();
	const struct event next = prompt(T3, THEN_MEMO);

	(void)state;
	witness_see(&witness, &next);
	assert_false(has_memo(&witness));
	assert_false(has_phrase(&witness, T2));
}

static void a_second_memo_under_one_lease_is_none(void **state)
{
	struct witness witness = seen_all();
	const struct event second = memo(T1, OTHER);
	uint32_t sound_ms;

	(void)state;
	witness_see(&witness, &second);
	assert_false(has_memo(&witness));
	assert_false(witness_memo(&witness, (struct turn_id){T1}, OTHER, &sound_ms));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_way),
		cmocka_unit_test(of_another_memo_it_proves_nothing),
		cmocka_unit_test(a_memo_serves_one_proposal),
		cmocka_unit_test(every_other_order_fails),
		cmocka_unit_test(every_omission_fails),
		cmocka_unit_test(every_foreign_turn_fails),
		cmocka_unit_test(every_other_meaning_fails),
		cmocka_unit_test(what_does_not_matter_does_not),
		cmocka_unit_test(a_wake_before_the_memo_ends_it),
		cmocka_unit_test(each_turn_confirms_once),
		cmocka_unit_test(three_turns_may_hold_the_phrase),
		cmocka_unit_test(a_new_message_begins_anew),
		cmocka_unit_test(a_second_memo_under_one_lease_is_none),
	};

	return cmocka_run_group_tests_name("witness", tests, NULL, NULL);
}
