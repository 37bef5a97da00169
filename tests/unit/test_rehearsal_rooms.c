/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rehearsal_rooms - several rooms at the level of words: one answers, what binds waits
 * for a device of somebody who may, and fuses and limits mute and refuse.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>

#include "base/seal.h"
#include "base/str.h"
#include "cli/rehearsal.h"
#include "cli/rehearsal_rooms.h"

enum { MINUTE_MS = 60 * 1000, KITCHEN = 0, BEDROOM = 1 };

static const struct rehearsal_contact PEOPLE[] = {{"Mike Wright", CONTACT_PEER, true}};
static const struct rehearsal_place PLACES[] = {{"kitchen", 0, 0}, {"bedroom", -6, 100}};

static struct rehearsal_house *house;
static struct arena *arena;
static struct rehearsal_rooms *rooms;

static int set_up_group(void **state)
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

static int tear_down_group(void **state)
{
	(void)state;
	arena_destroy(arena);
	rehearsal_house_destroy(house);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	return rehearsal_rooms_create(house, arena, "jarvis", PLACES, STR_COUNT(PLACES),
				      &rooms)
		       ? -1
		       : 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(rooms);
	return 0;
}

static struct rehearsal_turn say(const char *text)
{
	struct rehearsal_turn turn;

	rehearsal_rooms_say(rooms, &(struct rehearsal_said){.text = text}, &turn);
	return turn;
}

static void the_loudest_room_answers_and_moves_its_own(void **state)
{
	struct rehearsal_turn turn = say("jarvis turn on the light");

	(void)state;
	assert_int_equal(turn.answers, 1);
	assert_int_equal(turn.room, KITCHEN);
	assert_int_equal(rooms->moved, 1);
	assert_int_equal(rooms->rooms[BEDROOM].taken, 1);
	assert_int_equal(rooms->rooms[BEDROOM].answered, 0);
}

static void a_muted_room_takes_up_nothing(void **state)
{
	struct rehearsal_turn turn;

	(void)state;
	rehearsal_rooms_policy(rooms, KITCHEN)->muted = true;
	turn = say("jarvis turn on the light");
	assert_int_equal(turn.room, BEDROOM);
	assert_int_equal(rooms->rooms[KITCHEN].taken, 0);
}

static void without_the_name_nothing_is_answered(void **state)
{
	struct rehearsal_turn turn = say("turn on the light");

	(void)state;
	assert_int_equal(turn.answers, 0);
	assert_int_equal(turn.reason, REASON_WAKE_REJECTED);
	assert_int_equal(rooms->moved, 0);
}

static void what_binds_waits_for_whoever_may(void **state)
{
	const size_t child = rehearsal_rooms_pair(rooms, ROLE_CHILD);
	struct rehearsal_turn turn = say("jarvis unlock the front door");
	size_t adult;

	(void)state;
	assert_int_equal(turn.reason, REASON_NO_APPROVER);
	adult = rehearsal_rooms_pair(rooms, ROLE_ADULT);
	turn = say("jarvis unlock the front door");
	assert_int_equal(turn.reason, REASON_NEEDS_TAP);
	assert_false(
		rehearsal_rooms_verdict(rooms, turn.proposal, child, APPROVAL_APPROVE));
	assert_int_equal(rooms->bound_by_tap, 0);
	assert_true(
		rehearsal_rooms_verdict(rooms, turn.proposal, adult, APPROVAL_APPROVE));
	assert_int_equal(rooms->bound_by_tap, 1);
	assert_int_equal(rooms->bound, 0);
}

static void nobody_taps_and_it_expires(void **state)
{
	struct rehearsal_turn turn;

	(void)state;
	(void)rehearsal_rooms_pair(rooms, ROLE_ADULT);
	turn = say("jarvis unlock the front door");
	rehearsal_rooms_pass(rooms, 10 * MINUTE_MS);
	assert_int_equal(rooms->proposals[turn.proposal].reason, REASON_EXPIRED);
	assert_int_equal(rooms->bound + rooms->bound_by_tap, 0);
}

/* The phrase, a device that has told its owner, and a minute: the house's own way out. */
static void a_whole_message_goes_out(void **state)
{
	(void)state;
	(void)rehearsal_rooms_pair(rooms, ROLE_ADULT);
	assert_int_equal(say("jarvis send a message to mike wright").kind, DECISION_ASK);
	assert_int_equal(say("are you there on sunday").reason, REASON_NEEDS_TAP);
	(void)say("send it to mike wright");
	rehearsal_rooms_pass(rooms, 10 * MINUTE_MS);
	assert_int_equal(rooms->bound, 1);
}

static void an_unanswered_message_is_called_off(void **state)
{
	(void)state;
	(void)rehearsal_rooms_pair(rooms, ROLE_ADULT);
	(void)say("jarvis send a message to mike wright");
	(void)say("are you there on sunday");
	rehearsal_rooms_pass(rooms, 10 * MINUTE_MS);
	assert_int_equal(rooms->proposal_count, 1);
	assert_int_equal(rooms->proposals[0].reason, REASON_CANCELLED);
	assert_int_equal(rooms->bound, 0);
}

static void the_third_proposal_mutes_the_room(void **state)
{
	(void)state;
	(void)rehearsal_rooms_pair(rooms, ROLE_ADULT);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(say("jarvis unlock the front door").room, KITCHEN);
		rehearsal_rooms_pass(rooms, MINUTE_MS);
	}
	assert_true(rehearsal_rooms_policy(rooms, KITCHEN)->muted);
	assert_int_equal(say("jarvis unlock the front door").room, BEDROOM);
	rooms->without = REHEARSAL_WITHOUT_FUSES;
	for (size_t i = 0; i < 6; i++) {
		rehearsal_rooms_pass(rooms, MINUTE_MS);
		(void)say("jarvis unlock the front door");
	}
	rehearsal_rooms_pass(rooms, MINUTE_MS);
	assert_int_equal(say("jarvis unlock the front door").reason, REASON_TOO_MANY);
	assert_int_equal(rooms->proposal_count, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_loudest_room_answers_and_moves_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_muted_room_takes_up_nothing, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(without_the_name_nothing_is_answered,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_binds_waits_for_whoever_may, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(nobody_taps_and_it_expires, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_whole_message_goes_out, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_unanswered_message_is_called_off,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_third_proposal_mutes_the_room, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
