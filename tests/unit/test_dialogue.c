/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_dialogue - what holds of the table of steps, whatever its rows are: only a memo makes
 * a proposal, only the phrase confirms one, every way out but that calls it off, and no
 * dialogue goes on for ever.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "domain/dialogue.h"

enum { LONGEST = 8 };

static struct dialogue in_step(enum dialogue_step step)
{
	return (struct dialogue){.step = step};
}

static void test_only_a_memo_proposes(void **state)
{
	(void)state;
	for (unsigned s = 0; s < DIALOGUE_STEP_COUNT; s++)
		for (unsigned e = 0; e < DIALOGUE_EVENT_COUNT; e++) {
			struct dialogue dialogue = in_step((enum dialogue_step)s);
			struct dialogue_went went;

			if (!dialogue_go(&dialogue, (enum dialogue_event)e, &went))
				continue;
			assert_int_equal(went.does == DIALOGUE_DOES_PROPOSE,
					 s == DIALOGUE_RECORD &&
						 (e == DIALOGUE_SPOKEN_VOICE ||
						  e == DIALOGUE_SPOKEN_TAP));
			assert_int_equal(went.does == DIALOGUE_DOES_CONFIRM,
					 s == DIALOGUE_CONFIRM && e == DIALOGUE_PHRASE);
		}
}

static void test_the_way_out_calls_off(void **state)
{
	(void)state;
	for (unsigned e = 0; e < DIALOGUE_EVENT_COUNT; e++) {
		struct dialogue dialogue = in_step(DIALOGUE_CONFIRM);
		struct dialogue_went went;

		dialogue.asked_again = true;
		if (!dialogue_go(&dialogue, (enum dialogue_event)e, &went))
			continue;
		assert_int_equal(dialogue.step, DIALOGUE_NONE);
		assert_int_equal(went.does, e == DIALOGUE_PHRASE
						    ? DIALOGUE_DOES_CONFIRM
						    : DIALOGUE_DOES_CALL_OFF);
	}
}

static void test_what_is_not_listed_changes_nothing(void **state)
{
	struct dialogue dialogue = in_step(DIALOGUE_TO_WHOM);
	struct dialogue_went went;

	(void)state;
	assert_false(dialogue_go(&dialogue, DIALOGUE_PHRASE, &went));
	assert_false(dialogue_go(&dialogue, DIALOGUE_SPOKEN_VOICE, &went));
	assert_false(dialogue_go(&dialogue, DIALOGUE_WORDS, &went));
	assert_int_equal(dialogue.step, DIALOGUE_TO_WHOM);
	assert_false(dialogue.asked_again);
}

static void test_one_retry_in_each_step(void **state)
{
	struct dialogue dialogue = in_step(DIALOGUE_TO_WHOM);
	struct dialogue_went went;

	(void)state;
	assert_true(dialogue_go(&dialogue, DIALOGUE_UNCLEAR, &went));
	assert_int_equal(dialogue.step, DIALOGUE_TO_WHOM);
	assert_int_equal(went.then, THEN_ANSWER);
	assert_true(dialogue_go(&dialogue, DIALOGUE_UNCLEAR, &went));
	assert_int_equal(dialogue.step, DIALOGUE_NONE);
	assert_int_equal(went.reason, REASON_NOT_ANSWERED);
}

/* What is spoken for an announcement is asked of no keeper and leads to no other step; and
 * no other step leads to it. */
static void test_an_announcement_stays_here(void **state)
{
	(void)state;
	for (unsigned s = 0; s < DIALOGUE_STEP_COUNT; s++)
		for (unsigned e = 0; e < DIALOGUE_EVENT_COUNT; e++) {
			struct dialogue dialogue = in_step((enum dialogue_step)s);
			struct dialogue_went went;

			if (!dialogue_go(&dialogue, (enum dialogue_event)e, &went))
				continue;
			if (s == DIALOGUE_ANNOUNCE) {
				assert_int_equal(went.does, DIALOGUE_DOES_NOTHING);
				assert_int_equal(dialogue.step, DIALOGUE_NONE);
			}
			if (dialogue.step == DIALOGUE_ANNOUNCE) {
				assert_int_equal(s, DIALOGUE_NONE);
				assert_int_equal(went.then, THEN_MEMO);
			}
		}
	assert_true(dialogue_records(DIALOGUE_ANNOUNCE));
	assert_true(dialogue_records(DIALOGUE_RECORD));
	assert_false(dialogue_records(DIALOGUE_TO_WHOM));
	assert_false(dialogue_records(DIALOGUE_CONFIRM));
	assert_false(dialogue_is_ordinary(DIALOGUE_ANNOUNCE));
}

/* Every order of events, as long as the longest way through: it is over by then, and what
 * was asked of the keeper on the way is what its end says. */
static unsigned walk(struct dialogue dialogue, unsigned left)
{
	unsigned longest = 0;

	assert_true(left > 0);
	for (unsigned e = 0; e < DIALOGUE_EVENT_COUNT; e++) {
		struct dialogue next = dialogue;
		struct dialogue_went went;
		unsigned more = 1;

		if (!dialogue_go(&next, (enum dialogue_event)e, &went))
			continue;
		if (next.step != DIALOGUE_NONE)
			more += walk(next, left - 1);
		longest = more > longest ? more : longest;
	}
	return longest;
}

static void test_it_ends(void **state)
{
	(void)state;
	assert_int_equal(walk(in_step(DIALOGUE_NONE), LONGEST), 6);
}

static void test_prompts_say_what_follows(void **state)
{
	struct dialogue dialogue = in_step(DIALOGUE_NONE);
	struct dialogue_went went;

	(void)state;
	assert_true(dialogue_go(&dialogue, DIALOGUE_NOBODY, &went));
	assert_int_equal(went.then, THEN_ANSWER);
	assert_int_equal(went.says, SAYING_ASK_TO_WHOM);
	assert_true(dialogue_go(&dialogue, DIALOGUE_NAMED, &went));
	assert_int_equal(went.then, THEN_MEMO);
	assert_true(dialogue_go(&dialogue, DIALOGUE_SPOKEN_VOICE, &went));
	assert_int_equal(went.then, THEN_CONFIRM);
	assert_true(dialogue_go(&dialogue, DIALOGUE_PHRASE, &went));
	assert_int_equal(went.then, THEN_NOTHING);
	assert_string_equal(dialogue_step_text(DIALOGUE_TO_WHOM), "to whom");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_a_memo_proposes),
		cmocka_unit_test(test_the_way_out_calls_off),
		cmocka_unit_test(test_what_is_not_listed_changes_nothing),
		cmocka_unit_test(test_one_retry_in_each_step),
		cmocka_unit_test(test_an_announcement_stays_here),
		cmocka_unit_test(test_it_ends),
		cmocka_unit_test(test_prompts_say_what_follows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
