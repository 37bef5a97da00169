/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_routines - a routine in a real house: broker, toy home, keeper, hub, and the
 * command line as a paired device. What its file says is listed and checked, what calls it
 * does what may be done, what binds waits for a tap of its own, and a file that is wrong is
 * told of by its line.
 */
#include "unit/cmocka_all.h"

#include <signal.h>
#include <string.h>

#include "base/loop.h"
#include "base/seal.h"
#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/process.h"

enum { WORDS_MAX = 12 };

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define AS_ALICE "--owner", HOUSE_OWNER, "--passphrase-file", alices

static struct house house;
static char alices[FILE_PATH_BYTES];

static const char GROUPS[] =
	"floors:\n"
	"  upstairs: [bedroom]\n"
	"groups:\n"
	"  evening lamps: [kitchen light, living room lamp, attic lamp]\n";
static const char ROUTINES[] = "routines:\n"
			       "  - name: good night\n"
			       "    sentences: [we go to bed]\n"
			       "    do:\n"
			       "      - turn on the kitchen light\n"
			       "      - lock the front door\n"
			       "      - unlock the front door\n"
			       "      - turn off the attic lamp\n";

static void run(const char *const *words, struct process_ran *out_ran)
{
	const char *all[WORDS_MAX + 4] = {process_program("behest"), words[0], "--data",
					  house.data};
	size_t count = 4;

	for (size_t i = 1; words[i]; i++) {
		assert_true(count < STR_COUNT(all) - 1);
		all[count++] = words[i];
	}
	process_run(all, HOUSE_WAIT_MS, out_ran);
	assert_false(out_ran->hung);
}

static void says(const char *const *words, int status, const char *needle)
{
	struct process_ran ran;

	run(words, &ran);
	if (ran.status != status ||
	    (!strstr(process_out(&ran), needle) && !strstr(process_err(&ran), needle)))
		fail_msg("behest %s: status %d, \"%s\" \"%s\", expected %d and \"%s\"",
			 words[0], ran.status, process_out(&ran), process_err(&ran),
			 status, needle);
	process_ran_finish(&ran);
}

/* The same, sooner or later. */
static void wait_for(const char *const *words, const char *needle)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	struct process_ran ran;
	bool found = false;

	while (!found) {
		run(words, &ran);
		found = strstr(process_out(&ran), needle) ||
			strstr(process_err(&ran), needle);
		if (!found && loop_now_ms() > until_ms)
			fail_msg("behest %s never says \"%s\", but \"%s\"", words[0],
				 needle, process_out(&ran));
		process_ran_finish(&ran);
	}
}

static void write_file(const char *name, const char *text)
{
	char folder[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];

	assert_true(file_join(folder, sizeof(folder), house.data, "house"));
	assert_int_equal(file_make_folder(folder, NULL), OK);
	assert_true(file_join(path, sizeof(path), folder, name));
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
}

static void start_hub(void)
{
	house_start_hub(&house);
	house_wait_flag(&house, "has_owner", true);
	house_wait_devices(&house);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(seal_init(), OK);
	house_begin(&house);
	write_file("alices", HOUSE_PASSPHRASE);
	assert_true(file_join(alices, sizeof(alices), house.data, "house/alices"));
	write_file("groups.yaml", GROUPS);
	write_file("routines.yaml", ROUTINES);
	assert_true(fixture_start_broker(&house.fixture));
	assert_true(fixture_start_toy(&house.fixture));
	house_start_keeper(&house);
	house_settle(&house);
	says(WORDS("rooms", "set", HOUSE_ROOM, "--key", "local", AS_ALICE), 0, "");
	says(WORDS("pair", "--here", "--name", "desk", AS_ALICE), 0, "paired: desk");
	start_hub();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

static void it_is_listed_with_what_would_become_of_it(void **state)
{
	(void)state;
	says(WORDS("routines"), 3, "good night\n  also called by: we go to bed\n");
	says(WORDS("routines"), 3, "lock the front door                          ok\n");
	says(WORDS("routines"), 3,
	     "unlock the front door                        asks for 1 approval\n");
	says(WORDS("routines", "--json"), 3,
	     "\"text\":\"turn off the attic lamp\",\"line\":8,\"decision\":\"refuse\"");
	says(WORDS("routines", "walk"), 2, "run and a name");
	struct json *json = house_status(&house);
	assert_int_equal((int)json_number(json_get(json_root(json), "routines_broken"),
					  -1),
			 1);
	json_destroy(json);
}

static void it_does_what_it_may_and_says_the_rest(void **state)
{
	struct house_turn turn;

	(void)state;
	house_ask(&house, "good night", &turn);
	assert_string_equal(turn.intent, "BehestRunRoutine");
	assert_string_equal(turn.reason, "NOT_ALL_DONE");
	assert_int_equal(turn.done, 2);
	if (!strstr(turn.said, "waiting for your approval on a paired device: the front "
			       "door") ||
	    !strstr(turn.said, "not understood: \"turn off the attic lamp\""))
		fail_msg("it said: %s", turn.said);
	says(WORDS("approve"), 0, "unlock a door: ");
	says(WORDS("why", AS_ALICE), 0, "It is line 3 of the routine that was called.");
}

static void it_is_called_by_its_sentence_and_by_the_command_line(void **state)
{
	struct house_turn turn;

	(void)state;
	house_ask(&house, "we go to bed", &turn);
	assert_int_equal(turn.done, 2);
	says(WORDS("routines", "run", "good night", "--json"), 1,
	     "\"done\":2,\"waits\":1,\"failed\":1");
	says(WORDS("routines", "run", "good morning"), 3, "");
}

static void groups_and_floors_are_understood(void **state)
{
	struct house_turn turn;

	(void)state;
	house_ask(&house, "turn off the evening lamps", &turn);
	assert_int_equal(turn.done, 2);
	assert_non_null(strstr(turn.said, "not done: the attic lamp"));
	house_ask(&house, "turn on the lights upstairs", &turn);
	assert_int_equal(turn.done, 1);
}

/* Read anew while the hub runs, also where another file took its place; one that is wrong
 * changes nothing. */
static void changes_are_seen_and_faults_change_nothing(void **state)
{
	struct house_turn turn;

	(void)state;
	write_file("routines.yaml", "routines:\n"
				    "  - name: good morning\n"
				    "    do: [turn on the reading lamps]\n");
	write_file("groups.yaml", "groups:\n  reading lamps: [kitchen light]\n");
	wait_for(WORDS("routines"), "turn on the reading lamps                    ok\n");
	house_ask(&house, "good morning", &turn);
	assert_string_equal(turn.reason, "NONE");
	assert_int_equal(turn.done, 1);
	house_ask(&house, "good night", &turn);
	assert_string_equal(turn.decision, "refuse");
	write_file("routines.yaml", "routines:\n  - name: good night\n    do: []\n");
	wait_for(WORDS("routines"), "routines.yaml:3:9: nothing; expected at least one");
	says(WORDS("routines"), 1, "turn on the reading lamps                    ok\n");
	house_ask(&house, "good morning", &turn);
	assert_int_equal(turn.done, 1);
	write_file("routines.yaml", ROUTINES);
	write_file("groups.yaml", GROUPS);
	wait_for(WORDS("routines"),
		 "unlock the front door                        asks for 1 approval\n");
}

/* One whose devices are silent: of each line its end is waited for. A hub that is killed
 * there leaves an outcome, once there is a hub again; nothing is done twice. */
static void a_hub_that_dies_in_the_middle_is_told_of(void **state)
{
	static const char slow[] =
		"routines:\n"
		"  - name: slow walk\n"
		"    do: [turn on the kitchen light, turn off the kitchen "
		"light, turn on the kitchen light, turn off the kitchen "
		"light, turn on the kitchen light, turn off the kitchen "
		"light, turn on the kitchen light, turn off the kitchen "
		"light]\n";

	(void)state;
	write_file("routines.yaml", slow);
	wait_for(WORDS("routines"), "slow walk");
	assert_int_equal(kill(house.fixture.toy_pid, SIGSTOP), 0);
	house_type(&house, "slow walk");
	wait_for(WORDS("why", AS_ALICE), "It is line 2 of the routine that was called.");
	link_client_close(house.client);
	house.client = NULL;
	(void)process_end(&house.hub, SIGKILL);
	assert_int_equal(kill(house.fixture.toy_pid, SIGCONT), 0);
	start_hub();
	wait_for(WORDS("why", AS_ALICE),
		 "It failed: routine.run on slow walk: BROKEN_OFF. "
		 "No line behind line ");
	says(WORDS("history", AS_ALICE), 0, "routine");
}

/* The house goes on without a file that is wrong, and says which line it is. */
static void a_wrong_file_is_told_of(void **state)
{
	struct house_turn turn;

	(void)state;
	house_stop_hub(&house);
	write_file("routines.yaml", "routines:\n  - name: good night\n    do: []\n");
	start_hub();
	says(WORDS("routines"), 1, "routines.yaml:3:9: nothing; expected at least one");
	house_ask(&house, "good night", &turn);
	assert_string_equal(turn.decision, "refuse");
	house_ask(&house, "turn on the kitchen light", &turn);
	assert_string_equal(turn.reason, "NONE");
}

/* A slip of the pen takes no room's place: more of them than a hub has rooms. */
static void what_is_no_room_is_refused(void **state)
{
	enum { SLIPS = 20 };
	struct house_turn turn;
	char name[16];

	(void)state;
	for (int i = 0; i < SLIPS; i++) {
		assert_true(str_format(name, sizeof(name), "nowhere%d", i));
		says(WORDS("say", "--room", name, "turn on the kitchen light"), 1,
		     "there is no such room");
	}
	struct json *json = house_status(&house);
	assert_int_equal(json_count(json_get(json_root(json), "rooms")), 1);
	json_destroy(json);
	house_ask(&house, "turn on the kitchen light", &turn);
	assert_string_equal(turn.reason, "NONE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_listed_with_what_would_become_of_it),
		cmocka_unit_test(it_does_what_it_may_and_says_the_rest),
		cmocka_unit_test(it_is_called_by_its_sentence_and_by_the_command_line),
		cmocka_unit_test(groups_and_floors_are_understood),
		cmocka_unit_test(changes_are_seen_and_faults_change_nothing),
		cmocka_unit_test(a_hub_that_dies_in_the_middle_is_told_of),
		cmocka_unit_test(a_wrong_file_is_told_of),
		cmocka_unit_test(what_is_no_room_is_refused),
	};
	return cmocka_run_group_tests_name("routines", tests, set_up, tear_down);
}
