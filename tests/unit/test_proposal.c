/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proposal: the table itself. Whatever order things happen in, what binds the household is
 * carried out only with a device's word, and never once it was called off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/str.h"
#include "domain/proposal.h"
#include "fake/rand_fake.h"

enum { WALKS = 200000, STEPS_MAX = 12 };

static enum proposal_state walk(enum proposal_kind kind,
				const enum proposal_event *events, size_t count)
{
	enum proposal_state state = PROPOSAL_ASKED;
	enum reason reason;

	for (size_t i = 0; i < count; i++)
		assert_true(proposal_step(kind, state, events[i], &state, &reason));
	return state;
}

static void the_ways_there_are(void **state)
{
	static const enum proposal_event tap[] = {PROPOSAL_TAPPED, PROPOSAL_CARRIED};
	static const enum proposal_event voice[] = {PROPOSAL_CONFIRMED, PROPOSAL_RECEIVED,
						    PROPOSAL_TIME, PROPOSAL_CARRIED};
	static const enum proposal_event tapped[] = {PROPOSAL_TAPPED, PROPOSAL_TIME,
						     PROPOSAL_CARRIED};
	static const enum proposal_event recalled[] = {PROPOSAL_CONFIRMED,
						       PROPOSAL_RECEIVED,
						       PROPOSAL_CALLED_OFF};

	(void)state;
	assert_int_equal(walk(PROPOSAL_AT_ONCE, tap, STR_COUNT(tap)), PROPOSAL_DONE);
	assert_int_equal(walk(PROPOSAL_WITH_HOLD, voice, STR_COUNT(voice)),
			 PROPOSAL_DONE);
	assert_int_equal(walk(PROPOSAL_WITH_HOLD, tapped, STR_COUNT(tapped)),
			 PROPOSAL_DONE);
	assert_int_equal(walk(PROPOSAL_WITH_HOLD, recalled, STR_COUNT(recalled)),
			 PROPOSAL_CANCELLED);
}

static void voice_completes_nothing_that_is_done_at_once(void **state)
{
	enum proposal_state to = PROPOSAL_DONE;
	enum reason reason;

	(void)state;
	assert_false(proposal_step(PROPOSAL_AT_ONCE, PROPOSAL_ASKED, PROPOSAL_CONFIRMED,
				   &to, &reason));
	assert_int_equal(to, PROPOSAL_DONE); /* untouched */
}

static void time_without_a_receipt_is_the_end(void **state)
{
	static const enum proposal_event events[] = {PROPOSAL_CONFIRMED, PROPOSAL_TIME};

	(void)state;
	assert_int_equal(walk(PROPOSAL_WITH_HOLD, events, STR_COUNT(events)),
			 PROPOSAL_EXPIRED);
}

static void a_restart_takes_the_receipt_back(void **state)
{
	static const enum proposal_event events[] = {PROPOSAL_CONFIRMED,
						     PROPOSAL_RECEIVED,
						     PROPOSAL_RESTARTED};

	(void)state;
	assert_int_equal(walk(PROPOSAL_WITH_HOLD, events, STR_COUNT(events)),
			 PROPOSAL_UNRECEIPTED);
}

static void what_is_over_stays_over(void **state)
{
	enum proposal_state to;
	enum reason reason;

	(void)state;
	for (int from = 0; from < PROPOSAL_STATE_COUNT; from++)
		for (int event = 0; event < PROPOSAL_EVENT_COUNT; event++)
			for (int kind = 0; kind <= PROPOSAL_WITH_HOLD; kind++)
				if (proposal_is_over((enum proposal_state)from))
					assert_false(
						proposal_step((enum proposal_kind)kind,
							      (enum proposal_state)from,
							      (enum proposal_event)event,
							      &to, &reason));
}

/* A walk of random events, with what had happened by the time it was ordered. */
struct seen {
	bool tapped;
	bool received;
	bool called_off;
	bool held_to_its_end;
};

static void follow(struct seen *seen, enum proposal_event event, enum proposal_state from)
{
	seen->tapped |= event == PROPOSAL_TAPPED;
	seen->received |= event == PROPOSAL_RECEIVED;
	seen->called_off |= event == PROPOSAL_CALLED_OFF;
	seen->held_to_its_end |= event == PROPOSAL_TIME && from == PROPOSAL_HELD;
}

static void no_order_without_a_device(void **state)
{
	struct rand_fake dice;
	unsigned ordered[2] = {0, 0};

	(void)state;
	(void)rand_fake_init(&dice, rand_fake_seed());
	for (unsigned n = 0; n < WALKS; n++) {
		const enum proposal_kind kind =
			(enum proposal_kind)rand_fake_below(&dice, 2);
		enum proposal_state at = PROPOSAL_ASKED;
		struct seen seen = {.tapped = false};

		for (unsigned i = 0; i < STEPS_MAX && at != PROPOSAL_ORDERED; i++) {
			const enum proposal_event event = (enum proposal_event)
				rand_fake_below(&dice, PROPOSAL_EVENT_COUNT);
			const enum proposal_state from = at;
			enum reason reason;

			if (proposal_step(kind, from, event, &at, &reason))
				follow(&seen, event, from);
		}
		if (at != PROPOSAL_ORDERED)
			continue;
		ordered[kind]++;
		assert_false(seen.called_off);
		assert_true(seen.tapped || (kind == PROPOSAL_WITH_HOLD && seen.received));
		assert_true(kind == PROPOSAL_AT_ONCE || seen.held_to_its_end);
	}
	assert_true(ordered[0] > 100 && ordered[1] > 100); /* or nothing was tried */
}

static void how_long_each_lasts(void **state)
{
	(void)state;
	assert_int_equal(proposal_lasts_ms(PROPOSAL_ASKED, 7), PROPOSAL_WAIT_MS);
	assert_int_equal(proposal_lasts_ms(PROPOSAL_UNRECEIPTED, 7), PROPOSAL_WAIT_MS);
	assert_int_equal(proposal_lasts_ms(PROPOSAL_HELD, 7), 7);
	assert_int_equal(proposal_lasts_ms(PROPOSAL_ORDERED, 7), PROPOSAL_ORDER_MS);
	assert_int_equal(proposal_lasts_ms(PROPOSAL_DONE, 7), 0);
}

/* Whoever asked in a room hears how it ended, and nothing in between. */
static void ends_have_a_tone(void **state)
{
	(void)state;
	for (int i = 0; i < PROPOSAL_STATE_COUNT; i++) {
		const enum proposal_state at = (enum proposal_state)i;

		assert_int_equal(proposal_state_tone(at)[0] != '\0',
				 proposal_is_over(at));
	}
	assert_string_equal(proposal_state_tone(PROPOSAL_DONE), "done");
	assert_string_equal(proposal_state_tone(PROPOSAL_EXPIRED), "refused");
}

static void names_go_both_ways(void **state)
{
	enum proposal_state back;

	(void)state;
	for (int i = 0; i < PROPOSAL_STATE_COUNT; i++) {
		assert_true(proposal_state_from_text(
			proposal_state_text((enum proposal_state)i), &back));
		assert_int_equal(back, i);
	}
	assert_false(proposal_state_from_text("nowhere", &back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ways_there_are),
		cmocka_unit_test(voice_completes_nothing_that_is_done_at_once),
		cmocka_unit_test(time_without_a_receipt_is_the_end),
		cmocka_unit_test(a_restart_takes_the_receipt_back),
		cmocka_unit_test(what_is_over_stays_over),
		cmocka_unit_test(no_order_without_a_device),
		cmocka_unit_test(how_long_each_lasts),
		cmocka_unit_test(ends_have_a_tone),
		cmocka_unit_test(names_go_both_ways),
	};

	return cmocka_run_group_tests_name("proposal", tests, NULL, NULL);
}
