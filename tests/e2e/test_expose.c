/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_expose - `behest expose` in a whole house: what an owner says about a device holds
 * in the room it was said of, for words and for deeds.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/loop.h"
#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/process.h"

#define LAMP "light.toy_kitchen_light"
#define BATTERY "sensor.toy_front_door_battery"
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct house house;
static char passphrase[FILE_PATH_BYTES];

static int set_up(void **state)
{
	(void)state;
	house_begin(&house);
	assert_true(file_join(passphrase, sizeof(passphrase), house.fixture.folder,
			      "passphrase"));
	assert_int_equal(file_write(passphrase, HOUSE_PASSPHRASE "\n",
				    strlen(HOUSE_PASSPHRASE) + 1, 0600, NULL),
			 OK);
	house_up(&house);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

static void expose(const char *const *words, struct process_ran *ran)
{
	const char *all[PROCESS_WORDS_MAX] = {process_program("behest"), "expose"};
	const char *const who[] = {"--data", house.data,          "--owner",
				   "alice",  "--passphrase-file", passphrase};
	size_t count = 2;

	for (size_t i = 0; words[i]; i++)
		all[count++] = words[i];
	for (size_t i = 0; i < STR_COUNT(who); i++)
		all[count++] = who[i];
	process_run(all, HOUSE_WAIT_MS, ran);
	assert_false(ran->hung);
}

static void change(const char *const *words)
{
	struct process_ran ran;

	expose(words, &ran);
	if (ran.status != 0)
		fail_msg("%s", process_err(&ran));
	process_ran_finish(&ran);
}

static void shows(const char *line, bool as_json)
{
	struct process_ran ran;

	expose(as_json ? WORDS("--json") : WORDS(NULL), &ran);
	assert_int_equal(ran.status, 0);
	if (!strstr(process_out(&ran), line))
		fail_msg("no \"%s\" in\n%s", line, process_out(&ran));
	process_ran_finish(&ran);
}

/* Asks until it ends so: the policy reaches the hub a moment after the command is done. */
static void until(const char *words, const char *reason)
{
	const int64_t end_ms = loop_now_ms() + HOUSE_WAIT_MS;
	struct house_turn turn;

	do {
		house_ask(&house, words, &turn);
		if (loop_now_ms() > end_ms)
			fail_msg("'%s' ends with %s", words, turn.reason);
	} while (!str_equal(turn.reason, reason));
}

static void test_lists_what_there_is(void **state)
{
	(void)state;
	shows(LAMP "                  kitchen light (kitchen): named\n", false);
	shows("front door battery: not named; only read\n", false);
	shows("{\"entity\":\"" BATTERY "\"", true);
	shows("\"named\":false,\"by_default\":false", true);
}

/* "The kitchen light" is also the light of the kitchen: of that name there is none here. */
static void test_a_room_may_not_name_it(void **state)
{
	(void)state;
	until("turn on the kitchen light", "NONE");
	change(WORDS(LAMP, "no", "--room", HOUSE_ROOM));
	until("turn on the kitchen light", "NO_DEVICE");
	shows(LAMP "                  kitchen light (kitchen): named, not in kitchen\n",
	      false);
	/* For the whole house no, and for this room yes. */
	change(WORDS(LAMP, "no"));
	change(WORDS(LAMP, "yes", "--room", HOUSE_ROOM));
	until("turn off the kitchen light", "NONE");
	shows("\"rooms\":{\"kitchen\":true}", true);
	change(WORDS(LAMP, "default", "--room", HOUSE_ROOM));
	until("turn on the kitchen light", "NO_DEVICE");
	change(WORDS(LAMP, "default"));
	until("turn on the kitchen light", "NONE");
}

/* What a device keeps for diagnosis, once the owner wants to hear it. */
static void test_what_is_hidden_can_be_named(void **state)
{
	(void)state;
	until("what is the state of the front door battery", "NO_MATCH");
	change(WORDS(BATTERY, "yes"));
	until("what is the state of the front door battery", "NONE");
}

static void test_says_what_is_wrong(void **state)
{
	static const struct {
		const char *words[5];
		int status;
		const char *line;
	} rows[] = {
		{{LAMP}, 2, "expected ENTITY yes|no|default"},
		{{LAMP, "maybe"}, 2, "maybe: expected yes, no or default"},
		{{"", "yes"}, 2, "no name of an entity"},
		{{"--room", "kitchen"}, 2, "--room needs ENTITY"},
		{{LAMP, "yes", "--room", "moon"}, 3, "there is no such room"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct process_ran ran;

		expose(rows[i].words, &ran);
		if (ran.status != rows[i].status ||
		    !strstr(process_err(&ran), rows[i].line))
			fail_msg("row %zu: %d %s", i, ran.status, process_err(&ran));
		assert_int_equal(process_lines(process_err(&ran)), 1);
		process_ran_finish(&ran);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists_what_there_is),
		cmocka_unit_test(test_a_room_may_not_name_it),
		cmocka_unit_test(test_what_is_hidden_can_be_named),
		cmocka_unit_test(test_says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
