/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rehearsal - a whole dialogue through the real stages: what goes out, and whether that
 * was harm, is told by the proposal's steps and a device's signature; each barrier that is
 * taken out lets through what it stands against, and nothing else.
 */
#include "unit/cmocka_all.h"

#include "base/seal.h"
#include "base/str.h"
#include "cli/naive.h"
#include "cli/rehearsal.h"

enum { FRAMES = 200, VOICED = 0, TAP = 1, MAIL = 2 };

static const struct rehearsal_contact PEOPLE[] = {
	{"Mike Wright", CONTACT_PEER, true},
	{"Anna Keller", CONTACT_HOUSE, false},
	{"Tom Baker", CONTACT_MAIL, true},
};
static const struct rehearsal_sound SOUND = {.ring = 7, .behind_tone = 11};

static struct rehearsal_house *house;
static struct arena *arena;

static int set_up(void **state)
{
	struct err_note note = {""};

	(void)state;
	if (seal_init() ||
	    rehearsal_house_create(PEOPLE, STR_COUNT(PEOPLE), &house, &note)) {
		print_error("%s\n", note.text);
		return -1;
	}
	return arena_create(REHEARSAL_ARENA_BYTES, &arena) ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_destroy(arena);
	rehearsal_house_destroy(house);
	return 0;
}

static void say(struct rehearsal *rehearsal, const char *text)
{
	rehearsal_hears(rehearsal, &(struct rehearsal_heard){.text = text,
							     .word_count = 1,
							     .speech_frames = FRAMES});
}

/* All that a person does, up to the phrase. */
static struct rehearsal confirmed(unsigned out)
{
	struct rehearsal rehearsal;

	rehearsal_begin(&rehearsal, house, arena, out);
	say(&rehearsal, "send a message");
	assert_int_equal(rehearsal.dialogue.step, DIALOGUE_TO_WHOM);
	say(&rehearsal, "mike wright");
	assert_int_equal(rehearsal.dialogue.step, DIALOGUE_RECORD);
	rehearsal_records(&rehearsal, &SOUND);
	assert_int_equal(rehearsal.dialogue.step, DIALOGUE_CONFIRM);
	say(&rehearsal, "send it to mike wright");
	assert_int_equal(rehearsal.dialogue.step, DIALOGUE_NONE);
	assert_true(rehearsal.reached_intent && rehearsal.reached_recipient &&
		    rehearsal.reached_memo && rehearsal.reached_phrase);
	return rehearsal;
}

static void nothing_goes_out_unseen(void **state)
{
	struct rehearsal rehearsal = confirmed(BARRIERS_NONE);

	(void)state;
	rehearsal_waits(&rehearsal);
	assert_int_equal(rehearsal.reason, REASON_EXPIRED);
	assert_true(proposal_is_over(rehearsal.state));
	assert_false(rehearsal.is_released || rehearsal.is_harm);
	assert_int_equal(rehearsal.now_ms, PROPOSAL_WAIT_MS);
}

static void a_receipt_lets_it_out_when_the_hold_is_over(void **state)
{
	struct rehearsal rehearsal = confirmed(BARRIERS_NONE);

	(void)state;
	assert_true(rehearsal_happens(&rehearsal, PROPOSAL_RECEIVED));
	assert_false(rehearsal.is_released);
	rehearsal_waits(&rehearsal);
	assert_true(rehearsal.is_released);
	assert_false(rehearsal.is_harm);
	assert_int_equal(rehearsal.released.behind_tone, SOUND.behind_tone);
	assert_int_equal(rehearsal.released.ring, 0);
}

static void a_tap_lets_it_out(void **state)
{
	struct rehearsal rehearsal;

	(void)state;
	rehearsal_begin(&rehearsal, house, arena, BARRIERS_NONE);
	rehearsal_begin_in(&rehearsal, DIALOGUE_RECORD, TAP);
	rehearsal_records(&rehearsal, &SOUND);
	assert_int_equal(rehearsal.dialogue.step, DIALOGUE_NONE);
	assert_true(rehearsal.is_proposed);
	assert_true(rehearsal_happens(&rehearsal, PROPOSAL_TAPPED));
	rehearsal_waits(&rehearsal);
	assert_true(rehearsal.is_released);
	assert_false(rehearsal.is_harm);
}

static void a_cancel_keeps_it(void **state)
{
	struct rehearsal rehearsal = confirmed(BARRIERS_NONE);

	(void)state;
	assert_true(rehearsal_happens(&rehearsal, PROPOSAL_RECEIVED));
	say(&rehearsal, "cancel");
	rehearsal_waits(&rehearsal);
	assert_true(proposal_is_over(rehearsal.state));
	assert_false(rehearsal.is_released);
}

static void voice_confirms_no_mail(void **state)
{
	struct rehearsal rehearsal;

	(void)state;
	rehearsal_begin(&rehearsal, house, arena, BARRIERS_NONE);
	rehearsal_begin_in(&rehearsal, DIALOGUE_RECORD, MAIL);
	rehearsal_records(&rehearsal, &SOUND);
	assert_int_equal(rehearsal.dialogue.step, DIALOGUE_NONE);
	say(&rehearsal, "send it to tom baker");
	rehearsal_waits(&rehearsal);
	assert_false(rehearsal.reached_phrase || rehearsal.is_released);
}

/* Each barrier alone: what is said or done there, and how far it gets with it and without. */
static void a_barrier_that_is_out_lets_through(void **state)
{
	static const char *const NEAR[] = {"election", NULL};
	static const struct {
		enum barrier barrier;
		enum dialogue_step step;
		const char *text;
		enum dialogue_step with;
		enum dialogue_step without;
	} ROWS[] = {
		{BARRIER_INTENT, DIALOGUE_NONE, "we should send the floor guys off",
		 DIALOGUE_NONE, DIALOGUE_TO_WHOM},
		{BARRIER_RECIPIENT, DIALOGUE_TO_WHOM, "mike right there said hardwood",
		 DIALOGUE_TO_WHOM, DIALOGUE_RECORD},
		{BARRIER_PHRASE, DIALOGUE_CONFIRM, "right right", DIALOGUE_CONFIRM,
		 DIALOGUE_NONE},
	};
	struct rehearsal rehearsal;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++)
		for (unsigned out = 0; out <= BARRIERS_ALL; out++) {
			const bool is_out = out & (1U << ROWS[i].barrier);

			rehearsal_begin(&rehearsal, house, arena, out);
			if (ROWS[i].step != DIALOGUE_NONE)
				rehearsal_begin_in(&rehearsal, ROWS[i].step, VOICED);
			say(&rehearsal, ROWS[i].text);
			assert_int_equal(rehearsal.dialogue.step,
					 is_out ? ROWS[i].without : ROWS[i].with);
		}
	for (unsigned out = 0; out <= BARRIERS_ALL; out++) {
		rehearsal_begin(&rehearsal, house, arena, out);
		assert_int_equal(rehearsal_wakes(&rehearsal, "ask the election people",
						 NEAR),
				 (out & (1U << BARRIER_WAKE)) != 0);
		assert_true(rehearsal_wakes(&rehearsal, "hey jarvis there", NEAR));
	}
}

static void without_the_hold_it_is_harm(void **state)
{
	struct rehearsal rehearsal = confirmed(1U << BARRIER_HOLD);

	(void)state;
	assert_true(rehearsal.is_released && rehearsal.is_harm);
	assert_int_equal(rehearsal.released.ring, 0);
	rehearsal = confirmed(1U << BARRIER_HOLD | 1U << BARRIER_MEMO);
	assert_true(rehearsal.is_harm);
	assert_int_equal(rehearsal.released.ring, SOUND.ring);
	assert_int_equal(rehearsal.released.behind_tone, 0);
}

static void silence_is_no_memo(void **state)
{
	static const struct rehearsal_sound SILENCE = {.ring = 7};
	struct rehearsal rehearsal;

	(void)state;
	rehearsal_begin(&rehearsal, house, arena, BARRIERS_NONE);
	rehearsal_begin_in(&rehearsal, DIALOGUE_RECORD, VOICED);
	rehearsal_records(&rehearsal, &SILENCE);
	assert_int_equal(rehearsal.reason, REASON_MEMO_EMPTY);
	assert_false(rehearsal.is_proposed);
}

static void what_else_talk_moves_is_counted(void **state)
{
	struct rehearsal rehearsal;

	(void)state;
	rehearsal_begin(&rehearsal, house, arena, BARRIERS_NONE);
	say(&rehearsal, "turn on the kitchen light");
	assert_int_equal(rehearsal.acts_moved, 1);
	say(&rehearsal, "unlock the front door");
	assert_int_equal(rehearsal.asked_others, 1);
	assert_int_equal(rehearsal.acts_bound, 0);
	assert_false(rehearsal.reached_intent || rehearsal.is_proposed);
}

static void single_words_are_what_2018_heard(void **state)
{
	(void)state;
	assert_true(naive_is_order("we should send the floor guys off"));
	assert_false(naive_is_order("a sender of messages"));
	assert_true(naive_is_yes("that is right"));
	assert_false(naive_is_yes("bright and wright"));
	assert_string_equal(naive_contact(&house->policy, "ask mike", true)->name,
			    "Mike Wright");
	assert_null(naive_contact(&house->policy, "he said wright", true));
	assert_non_null(naive_contact(&house->policy, "he said wright", false));
	assert_null(naive_contact(&house->policy, "", false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_goes_out_unseen),
		cmocka_unit_test(a_receipt_lets_it_out_when_the_hold_is_over),
		cmocka_unit_test(a_tap_lets_it_out),
		cmocka_unit_test(a_cancel_keeps_it),
		cmocka_unit_test(voice_confirms_no_mail),
		cmocka_unit_test(a_barrier_that_is_out_lets_through),
		cmocka_unit_test(without_the_hold_it_is_harm),
		cmocka_unit_test(silence_is_no_memo),
		cmocka_unit_test(what_else_talk_moves_is_counted),
		cmocka_unit_test(single_words_are_what_2018_heard),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
