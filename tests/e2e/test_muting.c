/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_muting - this computer as a paired device mutes a room and ends that; and what a
 * room may do is asked for aloud and typed in it, and approved here. Keeper, hub, room,
 * broker and command line are real. What was changed holds in the room itself, and after
 * all programs were started anew.
 *
 * One house for all tests; they build on each other in their order.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/seal.h"
#include "base/str.h"
#include "e2e/house_commands.h"

enum { PREFIX_LETTERS = 4 };

#define WORDS HOUSE_COMMAND
#define AS_ALICE "--owner", HOUSE_OWNER, "--passphrase-file", alices
#define AS_BOB "--owner", "bob", "--passphrase-file", bobs

static struct house house;
static char alices[FILE_PATH_BYTES];
static char bobs[FILE_PATH_BYTES];

/* --- the command line ------------------------------------------------------------------- */

static void says(const char *const *words, int status, const char *needle)
{
	house_says(&house, words, status, needle);
}

static void says_not(const char *const *words, const char *needle)
{
	house_says_not(&house, words, needle);
}

/* The first digits of the one thing that waits. */
static void what_waits(char to[PREFIX_LETTERS + 1])
{
	struct process_ran ran;
	const char *at;

	house_behest(&house, WORDS("approve", "--json"), &ran);
	at = strstr(process_out(&ran), "\"id\":\"");
	if (!at)
		fail_msg("nothing waits: %s", process_out(&ran));
	assert_true(str_copy_bytes(to, PREFIX_LETTERS + 1, at + strlen("\"id\":\""),
				   PREFIX_LETTERS));
	process_ran_finish(&ran);
}

/* --- the house -------------------------------------------------------------------------- */

static void expect_turn(const char *words, const char *decision, const char *reason)
{
	struct house_turn turn;

	house_ask(&house, words, &turn);
	if (!str_equal(turn.decision, decision) || !str_equal(turn.reason, reason))
		fail_msg("\"%s\": %s %s, expected %s %s", words, turn.decision,
			 turn.reason, decision, reason);
}

static void write_secret(char path[FILE_PATH_BYTES], const char *name, const char *text)
{
	assert_true(file_join(path, FILE_PATH_BYTES, house.data, name));
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
}

static void start_programs(void)
{
	house_start_hub(&house);
	house_wait_flag(&house, "has_owner", true);
	house_wait_devices(&house);
	house_start_room(&house);
}

static void start_anew(void)
{
	house_stop_room(&house);
	house_stop_hub(&house);
	house_stop_keeper(&house);
	house_start_keeper(&house);
	house_start_hub(&house);
	house_wait_flag(&house, "has_owner", true);
	house_wait_devices(&house);
}

static const char *archive_path(void)
{
	static char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), house.data, "mine.zip"));
	return path;
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(seal_init(), OK);
	house_begin(&house);
	write_secret(alices, "alices", HOUSE_PASSPHRASE);
	write_secret(bobs, "bobs", "another long passphrase");
	assert_true(fixture_start_broker(&house.fixture));
	assert_true(fixture_start_toy(&house.fixture));
	house_start_keeper(&house);
	house_settle(&house);
	says(WORDS("rooms", "mute", HOUSE_ROOM), 1, "pair it: behest pair --here");
	says(WORDS("rooms", "set", HOUSE_ROOM, "--key", "local", AS_ALICE), 0, "");
	says(WORDS("pair", "--here", "--name", "desk", AS_ALICE), 0, "paired: desk");
	start_programs();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

/* --- muting ----------------------------------------------------------------------------- */

static void a_device_mutes_the_room_itself(void **state)
{
	(void)state;
	house_wait_light(&house, "waiting");
	says(WORDS("rooms", "mute", "KITCHEN"), 0, "the kitchen is muted\n");
	house_wait_light(&house, "muted");
	says(WORDS("rooms"), 0, ", muted");
	expect_turn("what time is it", "refuse", "MUTED");
	says(WORDS("rooms", "mute", "cellar"), 3, "there is no such room (UNKNOWN_ROOM)");
	says(WORDS("rooms", "mute"), 2, "the name of one room");
}

static void it_is_muted_after_all_was_started_anew(void **state)
{
	(void)state;
	start_anew();
	expect_turn("what time is it", "refuse", "MUTED");
	house_start_room(&house);
	house_wait_light(&house, "muted");
}

static void a_device_ends_it(void **state)
{
	(void)state;
	says(WORDS("rooms", "unmute", HOUSE_ROOM, "--json"), 0,
	     "{\"name\":\"kitchen\",\"muted\":false}\n");
	house_wait_light(&house, "waiting");
	expect_turn("what time is it", "act", "NONE");
	says(WORDS("why", "--policy", AS_ALICE), 0,
	     "kitchen is not muted; that loosens (class C): kitchen is not muted any "
	     "more; by the device ");
}

/* --- what was asked for ----------------------------------------------------------------- */

static void nothing_changes_before_the_tap(void **state)
{
	struct house_turn turn;
	char id[PREFIX_LETTERS + 1];

	(void)state;
	house_speak(&house, HOUSE_WORD ", no messages from this room.");
	house_turn(&house, &turn);
	if (!str_equal(turn.decision, "hold") || !str_equal(turn.reason, "NEEDS_TAP"))
		fail_msg("heard \"%s\": %s %s", turn.text, turn.decision, turn.reason);
	assert_string_equal(turn.intent, "BehestForbid");
	says(WORDS("rooms"), 0, "may buy,lists,message,move,policy,record,security,tell");
	says(WORDS("rooms"), 0,
	     "asked for: may not message; it waits for a tap (behest approve)\n");
	says(WORDS("rooms", "--json"), 0,
	     "\"asked\":[{\"may\":\"message\",\"on\":false}]");
	says(WORDS("approve"), 0,
	     "let a room do less: kitchen, message, asked for in the kitchen");
	what_waits(id);
	says(WORDS("approve", "--cancel", id), 0, "was called off");
	says(WORDS("rooms", "--json"), 0, "\"asked\":[]");
	says(WORDS("rooms"), 0, "may buy,lists,message,move,policy,record,security,tell");
}

static void a_tap_takes_it_away(void **state)
{
	char id[PREFIX_LETTERS + 1];

	(void)state;
	expect_turn("turn off messages here", "hold", "NEEDS_TAP");
	what_waits(id);
	says(WORDS("approve", id, "--yes"), 0, "is being carried out");
	says(WORDS("approve"), 0, "nothing waits\n");
	says(WORDS("rooms"), 0, "may buy,lists,move,policy,record,security,tell");
	says(WORDS("why", AS_ALICE), 0,
	     "The policy was changed: kitchen may not send messages out of the house; "
	     "approved by the device ");
	expect_turn("send a message", "refuse", "CAPABILITY_OFF");
	expect_turn("turn on the kitchen light", "act", "NONE"); /* lights still work */
}

static void it_stays_so_until_another_tap(void **state)
{
	char id[PREFIX_LETTERS + 1];

	(void)state;
	start_anew();
	says(WORDS("rooms"), 0, "may buy,lists,move,policy,record,security,tell");
	expect_turn("send a message", "refuse", "CAPABILITY_OFF");
	says(WORDS("approve"), 0, "nothing waits\n");
	expect_turn("allow messages again", "hold", "NEEDS_TAP");
	what_waits(id);
	says(WORDS("approve", id, "--yes"), 0, "is being carried out");
	says(WORDS("rooms"), 0, "may buy,lists,message,move,policy,record,security,tell");
	says(WORDS("why", AS_ALICE), 0,
	     "that loosens (class C): kitchen may send messages");
}

/* --- who hears of it -------------------------------------------------------------------- */

static void what_a_co_owner_loosens_is_seen_once(void **state)
{
	static const char loosened[] =
		"the owner bob loosened what holds: messages are held for a shorter time";

	(void)state;
	says(WORDS("people", "add", "bob", "--role", "owner", "--new-passphrase-file",
		   bobs, AS_ALICE),
	     0, "recovery code");
	says(WORDS("approve"), 0, "loosened what holds: bob is an owner as well");
	says(WORDS("contacts", "hold", "10", AS_BOB), 0, "");
	start_anew(); /* no device was there when he did it, nor since */
	says(WORDS("approve"), 0, loosened);
	says_not(WORDS("approve"), "loosened");
	says(WORDS("contacts", "hold", "300", AS_BOB), 0, "");
	says_not(WORDS("approve"), "loosened");
	says(WORDS("people", "remove-owner", "bob", "--yes", AS_ALICE), 0, "");
	says(WORDS("contacts", "hold", "10", AS_BOB), 3, "another owner removed you");
	says(WORDS("approve", "--json"), 0,
	     "\"by\":\"the owner alice\",\"words\":\"an owner was removed\"}}\n");
}

/* --- whose it is ------------------------------------------------------------------------ */

/* In a room that is nobody's, with the box off: what was asked for waits for the tap, and the
 * sound with it, on no disk; then it is theirs who tapped it, and can be listened to. */
static void what_was_tapped_is_theirs_who_did(void **state)
{
	struct house_turn turn;
	char id[PREFIX_LETTERS + 1];

	(void)state;
	says(WORDS("rooms", "set", HOUSE_ROOM, "--private", "no", AS_ALICE), 0, "");
	house_start_room(&house);
	house_wait_light(&house, "waiting");
	house_speak(&house, HOUSE_WORD ", no messages from this room.");
	house_turn(&house, &turn);
	assert_string_equal(turn.decision, "hold");
	assert_string_equal(turn.record, "");
	says_not(WORDS("history", "--json", AS_ALICE), "\"by\":\"device\"");
	what_waits(id);
	says(WORDS("approve", id, "--yes"), 0, "is being carried out");
	says(WORDS("history", "--json", "--outcome", "kept", AS_ALICE), 0,
	     "\"by\":\"device\",\"person\":\"alice\"");
	says(WORDS("history", "--json", "--search", "messages", AS_ALICE), 0,
	     "\"by\":\"device\"");
	says(WORDS("export", "--out", archive_path(), AS_ALICE), 0, "");
	says(WORDS("verify", archive_path()), 0, "is whole: 1 recording");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_mutes_the_room_itself),
		cmocka_unit_test(it_is_muted_after_all_was_started_anew),
		cmocka_unit_test(a_device_ends_it),
		cmocka_unit_test(nothing_changes_before_the_tap),
		cmocka_unit_test(a_tap_takes_it_away),
		cmocka_unit_test(it_stays_so_until_another_tap),
		cmocka_unit_test(what_a_co_owner_loosens_is_seen_once),
		cmocka_unit_test(what_was_tapped_is_theirs_who_did),
	};

	return cmocka_run_group_tests_name("muting", tests, set_up, tear_down);
}
