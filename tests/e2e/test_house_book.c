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
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/process.h"

enum { WORDS_MAX = 12 };

static struct house house;

/* --- the command line ------------------------------------------------------------------- */

static void behest(const char *const *words, struct process_ran *ran)
{
	const char *all[WORDS_MAX + 4] = {process_program("behest"), words[0], "--data",
					  house.data};
	size_t count = 4;

	for (size_t i = 1; words[i]; i++) {
		assert_true(count < STR_COUNT(all) - 1);
		all[count++] = words[i];
	}
	process_run(all, HOUSE_WAIT_MS, ran);
	assert_false(ran->hung);
}

static void says(const char *const *words, int status, const char *needle)
{
	struct process_ran ran;
	const char *text;

	behest(words, &ran);
	text = status ? process_err(&ran) : process_out(&ran);
	if (ran.status != status || !strstr(text, needle))
		fail_msg("behest %s %s: status %d, \"%s\" \"%s\", expected %d and \"%s\"",
			 words[0], words[1] ? words[1] : "", ran.status,
			 process_out(&ran), process_err(&ran), status, needle);
}

#define SAYS(status, needle, ...) \
	says((const char *const[]){__VA_ARGS__, NULL}, status, needle)

/* --- what the room shows ---------------------------------------------------------------- */

static bool light_is(const char *word)
{
	struct json *json = house_status(&house);
	const struct json_value *room = json_at(json_get(json_root(json), "rooms"), 0);
	const bool is = str_equal(json_text(json_get(room, "light"), ""), word);

	json_destroy(json);
	return is;
}

static void wait_light(const char *word)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	while (!light_is(word))
		if (loop_now_ms() > until_ms)
			fail_msg("the light never showed %s", word);
}

/* Real time passes while it is spoken; where it was not heard it is said again. */
static void say_stop(void)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	while (!light_is("waiting")) {
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

static void kill_both(void)
{
	assert_int_equal(kill(house.hub, SIGKILL), 0);
	assert_int_equal(kill(house.keeper, SIGKILL), 0);
	link_client_close(house.client);
	house.client = NULL;
	(void)process_end(&house.hub, SIGKILL);
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
	wait_light("ringing");
	SAYS(0, "rings now  pizza", "timer");
	say_stop();
	SAYS(0, "there are none", "timer");
	check_journal(turn.id, EVENT_RING_OVER);
}

/* In the middle of a ring, too. */
static void it_rings_on_behind_a_restart_until_it_is_told(void **state)
{
	(void)state;
	SAYS(0, "The timer is set for 1 second.", "timer", "1s");
	wait_light("ringing");
	kill_both();
	wait_light("ringing");
	SAYS(0, "", "stop");
	wait_light("waiting");
	SAYS(0, "there are none", "timer");
}

static void what_is_set_is_there_after_kills(void **state)
{
	struct process_ran ran;

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
	behest((const char *const[]){"list", NULL}, &ran);
	assert_null(strstr(process_out(&ran), "milk"));
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
}

static int set_up(void **state)
{
	(void)state;
	house_begin(&house);
	house_up(&house);
	wait_light("waiting");
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
		cmocka_unit_test(it_rings_on_behind_a_restart_until_it_is_told),
		cmocka_unit_test(what_is_set_is_there_after_kills),
		cmocka_unit_test(what_cannot_be_is_refused),
	};

	/* A program that gave up its rights cannot be searched for leaks from inside. */
	if (setenv("ASAN_OPTIONS", "detect_leaks=0", 1) != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
