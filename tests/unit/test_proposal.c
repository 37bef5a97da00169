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
						    PROPOSAL_TIME, PROPOSAL_CARRIED,
						    PROPOSAL_LISTENED};
	static const enum proposal_event tapped[] = {PROPOSAL_TAPPED, PROPOSAL_TIME,
						     PROPOSAL_CARRIED};
	static const enum proposal_event cancelled[] = {PROPOSAL_CONFIRMED,
							PROPOSAL_RECEIVED,
							PROPOSAL_CALLED_OFF};
	static const enum proposal_event recalled[] = {PROPOSAL_TAPPED, PROPOSAL_TIME,
						       PROPOSAL_CARRIED,
						       PROPOSAL_CALLED_OFF};
	static const enum proposal_event stopped[] = {PROPOSAL_TAPPED, PROPOSAL_TIME,
						      PROPOSAL_CALLED_OFF};

	(void)state;
	assert_int_equal(walk(PROPOSAL_AT_ONCE, tap, STR_COUNT(tap)), PROPOSAL_DONE);
	assert_int_equal(walk(PROPOSAL_MESSAGE, voice, STR_COUNT(voice)),
			 PROPOSAL_FETCHED);
	assert_int_equal(walk(PROPOSAL_MESSAGE, tapped, STR_COUNT(tapped)),
			 PROPOSAL_SENT);
	assert_int_equal(walk(PROPOSAL_MAIL, tapped, STR_COUNT(tapped)), PROPOSAL_DONE);
	assert_int_equal(walk(PROPOSAL_MESSAGE, cancelled, STR_COUNT(cancelled)),
			 PROPOSAL_CANCELLED);
	assert_int_equal(walk(PROPOSAL_MESSAGE, recalled, STR_COUNT(recalled)),
			 PROPOSAL_RECALLED);
	assert_int_equal(walk(PROPOSAL_MAIL, stopped, STR_COUNT(stopped)),
			 PROPOSAL_STOPPED);
}

static void voice_completes_messages_alone(void **state)
{
	enum proposal_state to = PROPOSAL_DONE;
	enum reason reason;

	(void)state;
	assert_false(proposal_step(PROPOSAL_AT_ONCE, PROPOSAL_ASKED, PROPOSAL_CONFIRMED,
				   &to, &reason));
	assert_false(proposal_step(PROPOSAL_MAIL, PROPOSAL_ASKED, PROPOSAL_CONFIRMED, &to,
				   &reason));
	assert_int_equal(to, PROPOSAL_DONE); /* untouched */
}

/* What was listened to cannot be unheard, and a mail that left not be called back. */
static void what_cannot_be_called_back(void **state)
{
	enum proposal_state to = PROPOSAL_DONE;
	enum reason reason;

	(void)state;
	assert_false(proposal_step(PROPOSAL_MESSAGE, PROPOSAL_FETCHED,
				   PROPOSAL_CALLED_OFF, &to, &reason));
	assert_false(proposal_step(PROPOSAL_MAIL, PROPOSAL_DONE, PROPOSAL_CALLED_OFF, &to,
				   &reason));
	assert_false(proposal_step(PROPOSAL_AT_ONCE, PROPOSAL_ORDERED,
				   PROPOSAL_CALLED_OFF, &to, &reason));
}

/* Nobody is told that it did not go. */
static void a_mail_that_is_stopped_may_have_gone(void **state)
{
	(void)state;
	assert_true(proposal_is_over(PROPOSAL_STOPPED));
	assert_non_null(strstr(proposal_state_words(PROPOSAL_STOPPED), "may have gone"));
}

/* A device that does not answer is something else than a message that nobody takes. */
static void what_failed_says_why(void **state)
{
	static const enum reason reasons[PROPOSAL_KIND_COUNT] = {
		[PROPOSAL_AT_ONCE] = REASON_NOT_CONFIRMED,
		[PROPOSAL_MESSAGE] = REASON_NOT_DELIVERED,
		[PROPOSAL_MAIL] = REASON_NOT_DELIVERED,
		[PROPOSAL_PURCHASE] = REASON_NOT_DELIVERED,
	};
	static const enum proposal_event events[] = {PROPOSAL_FAILED_OUT, PROPOSAL_TIME};

	(void)state;
	for (enum proposal_kind kind = 0; kind < PROPOSAL_KIND_COUNT; kind++) {
		for (size_t i = 0; i < STR_COUNT(events); i++) {
			enum proposal_state to;
			enum reason reason;
			const bool is_step = proposal_step(kind, PROPOSAL_ORDERED,
							   events[i], &to, &reason);

			/* What comes from another house is never ordered. */
			assert_int_equal(is_step, kind != PROPOSAL_INBOUND);
			if (!is_step)
				continue;
			/* Of what may have been bought nobody says that it was not. */
			if (kind == PROPOSAL_PURCHASE && events[i] == PROPOSAL_TIME) {
				assert_int_equal(to, PROPOSAL_UNSURE);
				continue;
			}
			assert_int_equal(to, PROPOSAL_FAILED);
			assert_int_equal(reason, reasons[kind]);
		}
	}
}

static void time_without_a_receipt_is_the_end(void **state)
{
	static const enum proposal_event events[] = {PROPOSAL_CONFIRMED, PROPOSAL_TIME};

	(void)state;
	assert_int_equal(walk(PROPOSAL_MESSAGE, events, STR_COUNT(events)),
			 PROPOSAL_EXPIRED);
}

static void a_restart_takes_the_receipt_back(void **state)
{
	static const enum proposal_event events[] = {PROPOSAL_CONFIRMED,
						     PROPOSAL_RECEIVED,
						     PROPOSAL_RESTARTED};

	(void)state;
	assert_int_equal(walk(PROPOSAL_MESSAGE, events, STR_COUNT(events)),
			 PROPOSAL_UNRECEIPTED);
}

/* It lies there from the beginning: nobody here brings it on, holds it or calls it back. */
static void what_came_from_elsewhere(void **state)
{
	static const enum proposal_event mays[] = {PROPOSAL_LISTENED, PROPOSAL_CALLED_OFF,
						   PROPOSAL_UNWANTED, PROPOSAL_TIME};
	unsigned seen = 0;

	(void)state;
	for (int from = 0; from < PROPOSAL_STATE_COUNT; from++)
		for (int event = 0; event < PROPOSAL_EVENT_COUNT; event++) {
			enum proposal_state to;
			enum reason reason;

			if (!proposal_step(PROPOSAL_INBOUND, (enum proposal_state)from,
					   (enum proposal_event)event, &to, &reason))
				continue;
			assert_true(proposal_is_kept((enum proposal_state)from));
			assert_true(to == PROPOSAL_FETCHED || proposal_is_over(to));
			seen++;
		}
	assert_int_equal(seen, STR_COUNT(mays) + 1); /* what was heard has its time too */
}

static void what_is_over_stays_over(void **state)
{
	enum proposal_state to;
	enum reason reason;

	(void)state;
	for (int from = 0; from < PROPOSAL_STATE_COUNT; from++)
		for (int event = 0; event < PROPOSAL_EVENT_COUNT; event++)
			for (int kind = 0; kind < PROPOSAL_KIND_COUNT; kind++)
				if (proposal_is_over((enum proposal_state)from))
					assert_false(
						proposal_step((enum proposal_kind)kind,
							      (enum proposal_state)from,
							      (enum proposal_event)event,
							      &to, &reason));
}

/* Only a tap orders goods, and whatever the gate says of them they count for a day, unless
 * they were not taken. */
static void what_is_bought(void **state)
{
	static const enum proposal_event tap[] = {PROPOSAL_TAPPED, PROPOSAL_CARRIED};
	enum proposal_state to = PROPOSAL_ASKED;
	enum reason reason;

	(void)state;
	assert_int_equal(walk(PROPOSAL_PURCHASE, tap, STR_COUNT(tap)), PROPOSAL_BOUGHT);
	for (int event = 0; event < PROPOSAL_EVENT_COUNT; event++)
		if (proposal_step(PROPOSAL_PURCHASE, PROPOSAL_ASKED,
				  (enum proposal_event)event, &to, &reason))
			assert_true((to == PROPOSAL_ORDERED) ==
				    (event == PROPOSAL_TAPPED));
	assert_true(proposal_step(PROPOSAL_PURCHASE, PROPOSAL_ORDERED, PROPOSAL_DOUBTED,
				  &to, &reason));
	assert_int_equal(to, PROPOSAL_UNSURE);
	assert_true(proposal_step(PROPOSAL_PURCHASE, PROPOSAL_ORDERED, PROPOSAL_RESTARTED,
				  &to, &reason));
	assert_int_equal(to, PROPOSAL_UNSURE);
	assert_int_equal(proposal_lasts_ms(PROPOSAL_PURCHASE, PROPOSAL_BOUGHT, 7),
			 PROPOSAL_DAY_MS);
	assert_int_equal(proposal_lasts_ms(PROPOSAL_PURCHASE, PROPOSAL_UNSURE, 7),
			 PROPOSAL_DAY_MS);
	assert_true(proposal_is_settled(PROPOSAL_BOUGHT));
	assert_false(proposal_is_settled(PROPOSAL_ORDERED));
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
	unsigned ordered[PROPOSAL_KIND_COUNT] = {0};

	(void)state;
	(void)rand_fake_init(&dice, rand_fake_seed());
	for (unsigned n = 0; n < WALKS; n++) {
		const enum proposal_kind kind =
			(enum proposal_kind)rand_fake_below(&dice, PROPOSAL_INBOUND);
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
		assert_true(seen.tapped || (kind == PROPOSAL_MESSAGE && seen.received));
		assert_true(kind == PROPOSAL_AT_ONCE || seen.held_to_its_end);
	}
	for (unsigned kind = 0; kind < PROPOSAL_INBOUND; kind++)
		assert_true(ordered[kind] > 100); /* or nothing was tried */
}

/* All steps there are, from each state backwards: a message is ordered only by a hold that
 * ended, held only by a device, and sent only by being ordered. It is listened to where it
 * was sent; at another house that may be before its gate has said that it is there. */
static void every_step_on_the_way_out(void **state)
{
	static const struct {
		enum proposal_state to;
		unsigned from;   /* bits */
		unsigned events; /* bits */
	} ways[] = {
		{PROPOSAL_ORDERED, 1U << PROPOSAL_HELD, 1U << PROPOSAL_TIME},
		{PROPOSAL_SENT, 1U << PROPOSAL_ORDERED, 1U << PROPOSAL_CARRIED},
		{PROPOSAL_FETCHED, 1U << PROPOSAL_ORDERED | 1U << PROPOSAL_SENT,
		 1U << PROPOSAL_LISTENED},
	};
	unsigned seen = 0;

	(void)state;
	for (unsigned at = 0;
	     at < PROPOSAL_KIND_COUNT * PROPOSAL_STATE_COUNT * PROPOSAL_EVENT_COUNT;
	     at++) {
		const unsigned kind = at % PROPOSAL_KIND_COUNT;
		const unsigned from = at / PROPOSAL_KIND_COUNT % PROPOSAL_STATE_COUNT;
		const unsigned event = at / PROPOSAL_KIND_COUNT / PROPOSAL_STATE_COUNT;
		enum proposal_state to;
		enum reason reason;

		if (!proposal_is_message((enum proposal_kind)kind) ||
		    !proposal_step((enum proposal_kind)kind, (enum proposal_state)from,
				   (enum proposal_event)event, &to, &reason))
			continue;
		for (size_t i = 0; i < STR_COUNT(ways); i++) {
			if (to != ways[i].to)
				continue;
			assert_true(ways[i].from & (1U << from));
			assert_true(ways[i].events & (1U << event));
			seen++;
		}
		if (to == PROPOSAL_HELD)
			assert_true(event == PROPOSAL_TAPPED ||
				    event == PROPOSAL_RECEIVED);
	}
	/* Ordered twice: a message, a mail; listened to three times. */
	assert_int_equal(seen, 6);
}

static void how_long_each_lasts(void **state)
{
	static const struct {
		enum proposal_kind kind;
		enum proposal_state state;
		int64_t ms;
	} rows[] = {
		{PROPOSAL_AT_ONCE, PROPOSAL_ASKED, INT64_C(5) * 60 * 1000},
		{PROPOSAL_MESSAGE, PROPOSAL_ASKED, INT64_C(5) * 60 * 1000},
		{PROPOSAL_MESSAGE, PROPOSAL_UNRECEIPTED, INT64_C(5) * 60 * 1000},
		{PROPOSAL_MAIL, PROPOSAL_HELD, 7},
		{PROPOSAL_AT_ONCE, PROPOSAL_ORDERED, 15000},
		{PROPOSAL_MESSAGE, PROPOSAL_ORDERED, INT64_C(3) * 86400 * 1000},
		{PROPOSAL_MAIL, PROPOSAL_ORDERED, INT64_C(3) * 86400 * 1000},
		{PROPOSAL_MESSAGE, PROPOSAL_SENT, INT64_C(30) * 86400 * 1000},
		{PROPOSAL_MESSAGE, PROPOSAL_FETCHED, INT64_C(30) * 86400 * 1000},
		{PROPOSAL_MAIL, PROPOSAL_DONE, 0},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++)
		assert_int_equal(proposal_lasts_ms(rows[i].kind, rows[i].state, 7),
				 rows[i].ms);
}

static void each_state_is_of_one_sort(void **state)
{
	(void)state;
	for (int i = 0; i < PROPOSAL_STATE_COUNT; i++) {
		const enum proposal_state at = (enum proposal_state)i;

		assert_int_equal(proposal_waits(at) + proposal_is_kept(at) +
					 proposal_is_settled(at) +
					 (at == PROPOSAL_ORDERED),
				 1);
	}
}

/* Whoever asked in a room hears how it ended, or that it left, and nothing in between. */
static void ends_have_a_tone(void **state)
{
	(void)state;
	for (int i = 0; i < PROPOSAL_STATE_COUNT; i++) {
		const enum proposal_state at = (enum proposal_state)i;

		assert_int_equal(proposal_state_tone(at)[0] != '\0',
				 proposal_is_settled(at) || at == PROPOSAL_SENT);
	}
	assert_string_equal(proposal_state_tone(PROPOSAL_DONE), "done");
	assert_string_equal(proposal_state_tone(PROPOSAL_SENT), "done");
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
		cmocka_unit_test(voice_completes_messages_alone),
		cmocka_unit_test(what_cannot_be_called_back),
		cmocka_unit_test(a_mail_that_is_stopped_may_have_gone),
		cmocka_unit_test(what_failed_says_why),
		cmocka_unit_test(time_without_a_receipt_is_the_end),
		cmocka_unit_test(a_restart_takes_the_receipt_back),
		cmocka_unit_test(what_came_from_elsewhere),
		cmocka_unit_test(what_is_bought),
		cmocka_unit_test(what_is_over_stays_over),
		cmocka_unit_test(no_order_without_a_device),
		cmocka_unit_test(every_step_on_the_way_out),
		cmocka_unit_test(how_long_each_lasts),
		cmocka_unit_test(each_state_is_of_one_sort),
		cmocka_unit_test(ends_have_a_tone),
		cmocka_unit_test(names_go_both_ways),
	};

	return cmocka_run_group_tests_name("proposal", tests, NULL, NULL);
}
