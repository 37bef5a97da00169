/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_house_book - timers, alarm clocks, reminders and lists in a house of real programs:
 * set by command and by words, there again after kill -9 of hub and keeper, rung in the room,
 * silenced by a word without the name, and all of it in the journal.
 *
 * Waits for what must happen, with a limit; a timer of a second is as long as it must be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/loop.h"
#include "base/str.h"
#include "e2e/house_commands.h"

enum { KILLS = 12, KILL_MS_MAX = 60 };

static struct house house;

#define SAYS(status, needle, ...) \
	house_says(&house, HOUSE_COMMAND(__VA_ARGS__), status, needle)

/* --- what the room shows ---------------------------------------------------------------- */

/* Real time passes while it is spoken; where it was not heard it is said again. */
static void say_stop(void)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	while (!house_light_is(&house, "waiting")) {
		if (loop_now_ms() > until_ms)
			fail_msg("nobody heard the word");
		house_speak(&house, "Stop!");
	}
}

/* The journal of the turn that set it. */
static void check_journal(uint64_t turn, enum event_kind last)
{
	struct house_events events;
	struct link_client *alice;
	uint64_t decided = 0;
	const struct event *rang;

	house_wait_written(&house);
	alice = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(alice);
	house_why(alice, turn, &events);
	assert_non_null(house_event(&events, EVENT_DECIDED, &decided));
	rang = house_event(&events, EVENT_RANG, NULL);
	assert_non_null(rang);
	assert_string_equal(event_value(rang, "kind"), "timer");
	assert_true(strtoull(event_value(rang, "parent"), NULL, 10) == decided);
	assert_non_null(house_event(&events, last, NULL));
	link_client_close(alice);
}

static void kill_hub(void)
{
	link_client_close(house.client);
	house.client = NULL;
	(void)process_end(&house.hub, SIGKILL);
}

static void kill_both(void)
{
	assert_int_equal(kill(house.keeper, SIGKILL), 0);
	kill_hub();
	(void)process_end(&house.keeper, SIGKILL);
	house_start_keeper(&house);
	house_start_hub(&house);
}

/* --- the tests -------------------------------------------------------------------------- */

static void set_by_words_killed_rung_and_stopped_by_a_word(void **state)
{
	struct house_turn turn;

	(void)state;
	house_ask(&house, "set a pizza timer for 5 seconds", &turn);
	assert_string_equal(turn.decision, "act");
	assert_string_equal(turn.reason, "NONE");
	assert_string_equal(turn.said, "The pizza timer is set for 5 seconds.");
	kill_both();
	house_wait_light(&house, "ringing");
	SAYS(0, "rings now  pizza", "timer");
	say_stop();
	SAYS(0, "there are none", "timer");
	check_journal(turn.id, EVENT_RING_OVER);
}

/* Through the microphone: what a day asks for, as it is said. */
static void it_is_asked_for_aloud(void **state)
{
	static const struct {
		const char *aloud;
		const char *text;
		const char *said;
	} ASKED[] = {
		{"set a pizza timer for twelve minutes",
		 "set a pizza timer for twelve minutes",
		 "The pizza timer is set for 12 minutes."},
		{"cancel the pizza timer", "cancel the pizza timer",
		 "The timer is cancelled."},
		{"wake me up at half past six tomorrow",
		 "wake me up at half past six tomorrow",
		 "is set for 6 30 A M, tomorrow."},
		{"cancel my alarm", "cancel my alarm", "is cancelled."},
		{"remind me to feed the cat in two hours",
		 "remind me to feed the cat in two hours",
		 "I will remind you in 2 hours."},
		{"add milk to the shopping list", "add milk to the shopping list",
		 "Milk: it is on the list"},
		{"what is seven times eight", "what is seven times eight", "56"},
		{"what is the weather tomorrow", "what is the weather tomorrow", ""},
		{"what is on the calendar today", "what is on the calendar today", ""},
	};
	struct house_turn turn;
	char words[128];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(ASKED); i++) {
		assert_true(str_format(words, sizeof(words), HOUSE_WORD ", %s.",
				       ASKED[i].aloud));
		house_speak(&house, words);
		house_turn(&house, &turn);
		print_message("\"%s\": %s %s, \"%s\"\n", turn.text, turn.decision,
			      turn.reason, turn.said);
		assert_string_equal(turn.text, ASKED[i].text);
		assert_non_null(strstr(turn.said, ASKED[i].said));
		house_wait_light(&house, "waiting");
	}
	SAYS(0, "feed the cat", "remind");
	SAYS(0, "The reminder is cancelled", "remind", "cancel");
	SAYS(0, "there are none", "timer");
	SAYS(0, "", "list", "clear");
}

/* In the middle of a ring, too. */
static void it_rings_on_behind_a_restart_until_it_is_told(void **state)
{
	(void)state;
	SAYS(0, "The timer is set for 1 second.", "timer", "1s");
	house_wait_light(&house, "ringing");
	kill_both();
	house_wait_light(&house, "ringing");
	SAYS(0, "", "stop");
	house_wait_light(&house, "waiting");
	SAYS(0, "there are none", "timer");
}

static void what_is_set_is_there_after_kills(void **state)
{
	(void)state;
	SAYS(0, "pasta timer", "timer", "20m", "pasta");
	SAYS(0, "The timer stands at", "timer", "pause", "pasta");
	SAYS(0, "every day", "alarm", "every", "day", "6:45");
	SAYS(0, "I will remind you", "remind", "tomorrow 7:30pm", "call", "the",
	     "dentist");
	SAYS(0, "Milk: it is on the list", "list", "add", "milk");
	SAYS(0, "Bread: it is on the list", "list", "add", "bread");
	SAYS(0, "Milk: it is off the list", "list", "remove", "milk");
	kill_both();
	SAYS(0, "paused  pasta", "timer");
	SAYS(0, "6:45  every day", "alarm");
	SAYS(0, "call the dentist", "remind");
	SAYS(0, "bread", "list");
	house_says_not(&house, HOUSE_COMMAND("list"), "milk");
	SAYS(0, "\"text\":\"bread\"", "list", "--json");
	SAYS(0, "1 thing is off the list", "list", "clear");
	SAYS(0, "there is nothing on the list", "list");
	SAYS(0, "1 thing is back on the list", "list", "restore");
	SAYS(0, "bread", "list");
	SAYS(0, "The timer is cancelled", "timer", "cancel", "pasta");
	SAYS(0, "is cancelled", "alarm", "cancel", "--all");
	SAYS(0, "The reminder is cancelled", "remind", "cancel");
	SAYS(0, "there are none", "remind");
}

static void what_cannot_be_is_refused(void **state)
{
	(void)state;
	SAYS(2, "from 1s to 7d", "timer", "1000y");
	SAYS(2, "from 1s to 7d", "timer", "0s");
	SAYS(2, "expected a time", "timer", "soon");
	SAYS(2, "for a time", "timer", "7:30");
	SAYS(3, "OUT_OF_RANGE", "say", "set a timer for 1000 years");
	SAYS(3, "NOTHING_SET", "timer", "cancel", "tea");
	SAYS(3, "NOTHING_SET", "list", "remove", "caviar");
	SAYS(2, "a ; cannot be in it", "list", "add", "a;b");
	SAYS(2, "expected add", "list", "burn");
	SAYS(1, "", "list", "add", "a\x1b[2Jb"); /* nothing that moves a terminal */
	house_says_not(&house, HOUSE_COMMAND("list"), "\x1b");
}

/* A thing may be called by a number, and the shopping list by several names. */
static void names_are_kept_as_they_are(void **state)
{
	(void)state;
	SAYS(0, "007: it is on the list", "list", "add", "007");
	SAYS(0, "1e3 timer is set", "timer", "20m", "1e3");
	SAYS(0, "  1e3  (", "timer");
	SAYS(0, "is cancelled", "timer", "cancel", "1e3");
	SAYS(0, "on the list", "list", "add", "--list", "groceries", "7up");
	SAYS(0, "007", "list", "--list", "grocery");
	SAYS(0, "7up", "list");
	SAYS(0, "there is nothing", "list", "--list", "christmas");
	SAYS(0, "things are off", "list", "clear");
}

/* --- killed at any moment --------------------------------------------------------------- */

static uint64_t luck;

static uint32_t random_below(uint32_t limit)
{
	luck = luck * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(luck >> 33) % limit;
}

/* What was asked before may still be answered, too. */
static bool is_acknowledged(int wait_ms)
{
	struct house_turn turn;

	do {
		if (!house_turn_within(&house, wait_ms, &turn))
			return false;
	} while (turn.token != house.token);
	return str_equal(turn.reason, "NONE");
}

/* Asks for it, and kills hub, keeper or both soon after. True: it was acknowledged. */
static bool add_and_kill(unsigned number)
{
	char words[64];
	bool is_told;

	assert_true(str_format(words, sizeof(words), "add thing%u to the shopping list",
			       number));
	house_type(&house, words);
	is_told = is_acknowledged((int)random_below(KILL_MS_MAX) + 1);
	if (number % 3 != 0)
		kill_hub();
	if (number % 3 != 1)
		(void)process_end(&house.keeper, SIGKILL);
	if (house.keeper == 0)
		house_start_keeper(&house);
	if (house.hub == 0)
		house_start_hub(&house);
	house_wait_flag(&house, "keeper", true);
	return is_told;
}

static void expect_thing(unsigned number)
{
	char words[32];

	assert_true(str_format(words, sizeof(words), "thing%u\n", number));
	SAYS(0, words, "list");
}

/* A ledger of what was answered "it is on the list". */
static void what_was_answered_is_there_after_any_kill(void **state)
{
	bool was_told[KILLS];
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < KILLS; i++) {
		was_told[i] = add_and_kill(i);
		count += was_told[i];
		for (unsigned k = 0; k <= i; k++)
			if (was_told[k])
				expect_thing(k);
	}
	print_message("%u of %d were acknowledged, and are there\n", count, KILLS);
	assert_true(count > 0);
}

static int set_up(void **state)
{
	(void)state;
	luck = (uint64_t)time(NULL);
	print_message("BEHEST_SEED=%" PRIu64 "\n", luck);
	house_begin(&house);
	house_up(&house);
	house_wait_light(&house, "waiting");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_by_words_killed_rung_and_stopped_by_a_word),
		cmocka_unit_test(it_is_asked_for_aloud),
		cmocka_unit_test(it_rings_on_behind_a_restart_until_it_is_told),
		cmocka_unit_test(what_is_set_is_there_after_kills),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(names_are_kept_as_they_are),
		cmocka_unit_test(what_was_answered_is_there_after_any_kill),
	};

	/* A program that gave up its rights cannot be searched for leaks from inside. */
	if (setenv("ASAN_OPTIONS", "detect_leaks=0", 1) != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
