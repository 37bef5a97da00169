/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_place - `behest place` and what comes of it: a whole house with its gate, and a
 * weather service of the test's. Nobody is asked before a place is set, once then, and never
 * because somebody in the house asks.
 *
 * One house for all tests; they build on each other in their order.
 */
#include "unit/cmocka_all.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/seal.h"
#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/loopback.h"
#include "e2e/process.h"

enum { GOT_MAX = 64 * 1024, TEXT_BYTES_MAX = 16 * 1024 };

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct house house;
static pid_t gate;
static pid_t service;
static char passphrase[FILE_PATH_BYTES];
static char got[FILE_PATH_BYTES];

/* --- the house -------------------------------------------------------------------------- */

static uint16_t start_service(void)
{
	const uint16_t port = loopback_free_port();
	char script[FILE_PATH_BYTES];
	char number[8];

	assert_true(file_join(script, sizeof(script), getenv("BEHEST_SOURCE"),
			      "tests/e2e/weather_peer.py"));
	assert_true(str_format(number, sizeof(number), "%u", port));
	const char *const words[] = {"/usr/bin/python3", script, number, got, NULL};
	service = process_start(words, house.log);
	for (int waited_ms = 0; !loopback_is_listening(port) && waited_ms < HOUSE_WAIT_MS;
	     waited_ms += HOUSE_STEP_MS)
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	return port;
}

static void configure(uint16_t port)
{
	char path[FILE_PATH_BYTES];
	char text[TEXT_BYTES_MAX];
	struct buf before;

	assert_true(file_join(path, sizeof(path), house.data, "behest.conf"));
	assert_int_equal(file_read(path, sizeof(text), &before, NULL), OK);
	assert_true(str_format(text, sizeof(text),
			       "%.*s[weather]\nurl = http://127.0.0.1:%u/v1/forecast\n",
			       (int)before.size, (const char *)before.bytes, port));
	buf_finish(&before);
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
}

static void start_gate(void)
{
	const char *words[] = {process_program("behest-gate"), "--data", house.data,
			       NULL};

	gate = process_start(words, house.log);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(seal_init(), OK);
	house_begin(&house);
	assert_true(file_join(passphrase, sizeof(passphrase), house.fixture.folder,
			      "passphrase"));
	assert_int_equal(file_write(passphrase, HOUSE_PASSPHRASE "\n",
				    strlen(HOUSE_PASSPHRASE "\n"), 0600, NULL),
			 OK);
	assert_true(file_join(got, sizeof(got), house.fixture.folder, "got"));
	configure(start_service());
	house_up(&house);
	start_gate();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)process_end(&gate, SIGTERM);
	(void)process_end(&service, SIGTERM);
	house_end(&house);
	return 0;
}

static void behest(const char *const *words, int status, const char *out, const char *err)
{
	const char *all[PROCESS_WORDS_MAX] = {process_program("behest")};
	const char *const who[] = {"--data",    house.data,          "--owner",
				   HOUSE_OWNER, "--passphrase-file", passphrase};
	struct process_ran ran;
	size_t count = 1;

	for (size_t i = 0; words[i]; i++)
		all[count++] = words[i];
	for (size_t i = 0; i < STR_COUNT(who); i++)
		all[count++] = who[i];
	process_run(all, HOUSE_WAIT_MS, &ran);
	assert_false(ran.hung);
	if (ran.status != status || !strstr(process_out(&ran), out) ||
	    !strstr(process_err(&ran), err))
		fail_msg("%s %s: status %d\nout: %s\nerr: %s", words[0],
			 words[1] ? words[1] : "", ran.status, process_out(&ran),
			 process_err(&ran));
	process_ran_finish(&ran);
}

static void ask(const char *words, const char *reason, const char *said)
{
	struct house_turn turn;

	house_ask(&house, words, &turn);
	if (!str_equal(turn.reason, reason) || !strstr(turn.said, said))
		fail_msg("%s: %s \"%s\"", words, turn.reason, turn.said);
}

/* Until the forecast is there. */
static void await_weather(void)
{
	struct house_turn turn = {.reason = ""};

	for (int waited_ms = 0; waited_ms < HOUSE_WAIT_MS; waited_ms += HOUSE_STEP_MS) {
		house_ask(&house, "what is the weather", &turn);
		if (strstr(turn.said, "degrees"))
			return;
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
	fail_msg("no forecast came: %s \"%s\"", turn.reason, turn.said);
}

/* How often the service was asked, and that each was for that place. */
static size_t questions(const char *place)
{
	struct buf bytes = {0};
	size_t count = 0;

	if (!file_exists(got))
		return 0;
	assert_int_equal(file_read(got, GOT_MAX, &bytes, NULL), OK);
	for (char *line = strtok((char *)bytes.bytes, "\n"); line;
	     line = strtok(NULL, "\n")) {
		if (!strstr(line, place))
			fail_msg("no \"%s\" in %s", place, line);
		count++;
	}
	buf_finish(&bytes);
	return count;
}

/* --- tests ------------------------------------------------------------------------------ */

static void nobody_is_asked_at_first(void **state)
{
	(void)state;
	behest(WORDS("place"), 0, "No place is set: no weather is asked for", "");
	behest(WORDS("place", "show", "--json"), 0, "{\"place\":null}\n", "");
	ask("what is the weather", "NO_PLACE", "The owner has not told me");
	ask("will it rain tomorrow", "NO_PLACE", "");
	assert_int_equal(questions(""), 0);
}

static void wrong_words(void **state)
{
	(void)state;
	behest(WORDS("place", "set", "Home", "90.5", "0"), 2, "",
	       "behest place: the latitude 90.5: expected degrees, such as 52.5N or 3.7S, "
	       "at most 90\n");
	behest(WORDS("place", "set", "Home", "1", "181E"), 2, "", "the longitude 181E");
	behest(WORDS("place", "set", "Home", "nan", "1"), 2, "", "the latitude nan");
	behest(WORDS("place", "set", "Home", "1e400", "1"), 2, "", "the latitude");
	behest(WORDS("place", "set", "Home", "1", "E"), 2, "", "the longitude E");
	behest(WORDS("place", "set", "Home"), 2, "",
	       "a name, a latitude and a longitude");
	behest(WORDS("place", "move"), 2, "", "behest place");
	assert_int_equal(questions(""), 0);
}

static void the_service_is_asked_once(void **state)
{
	(void)state;
	behest(WORDS("place", "set", "Home", "52.54", "3.37W"), 0,
	       "Home, 52.5 N 3.4 W\nThe weather service", "");
	await_weather();
	ask("what is the weather", "NONE", "It is 12 degrees outside, partly cloudy.");
	ask("will it rain tomorrow", "NONE",
	    "Yes, rain is likely tomorrow, at 90 percent.");
	ask("what is the weather today", "NONE", "Today, cloudy, 5 to 13 degrees.");
	ask("will it snow next week", "TOO_FAR_AHEAD", "does not reach that far");
	behest(WORDS("place", "--json"), 0,
	       "{\"place\":\"Home\",\"latitude\":52.5,\"longitude\":-3.4}\n", "");
	assert_int_equal(questions("latitude=52.5&longitude=-3.4&"), 1);
}

/* What was fetched is told again; nobody is asked for it. */
static void others_may_come_and_go(void **state)
{
	(void)state;
	house_stop_hub(&house);
	house_start_hub(&house);
	house_wait_devices(&house);
	await_weather();
	house_stop_keeper(&house);
	house_start_keeper(&house);
	house_wait_flag(&house, "keeper", true);
	await_weather();
	assert_int_equal(questions("latitude=52.5&"), 1);
}

static void another_place_is_another_weather(void **state)
{
	(void)state;
	behest(WORDS("place", "set", "Sydney", "33.87S", "151.2"), 0,
	       "Sydney, 33.9 S 151.2 E", "");
	await_weather();
	behest(WORDS("place", "off"), 0, "No place is set", "");
	ask("what is the weather", "NO_PLACE", "");
	assert_int_equal(questions("GET /v1/forecast?latitude="), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_asked_at_first),
		cmocka_unit_test(wrong_words),
		cmocka_unit_test(the_service_is_asked_once),
		cmocka_unit_test(others_may_come_and_go),
		cmocka_unit_test(another_place_is_another_weather),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
