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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "e2e/gated_house.h"

enum { GOT_MAX = 64 * 1024, LINE_MAX = 128 };

static struct gated_house all;

/* --- the house -------------------------------------------------------------------------- */

static int set_up(void **state)
{
	char text[LINE_MAX];

	(void)state;
	gated_house_begin(&all);
	assert_true(str_format(text, sizeof(text),
			       "[weather]\nurl = http://127.0.0.1:%u/v1/forecast\n",
			       gated_house_serve(&all, "weather_peer.py")));
	gated_house_configure(&all, text);
	gated_house_up(&all);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gated_house_end(&all);
	return 0;
}

static void behest(const char *const *words, int status, const char *out, const char *err)
{
	gated_house_check(&all, words, true, status, out, err);
}

static void ask(const char *words, const char *reason, const char *said)
{
	struct house_turn turn;

	house_ask(&all.house, words, &turn);
	if (!str_equal(turn.reason, reason) || !strstr(turn.said, said))
		fail_msg("%s: %s \"%s\"", words, turn.reason, turn.said);
}

/* Until the forecast is there. */
static void await_weather(void)
{
	struct house_turn turn = {.reason = ""};

	for (int waited_ms = 0; waited_ms < HOUSE_WAIT_MS; waited_ms += HOUSE_STEP_MS) {
		house_ask(&all.house, "what is the weather", &turn);
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

	if (!file_exists(all.got))
		return 0;
	assert_int_equal(file_read(all.got, GOT_MAX, &bytes, NULL), OK);
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
	house_stop_hub(&all.house);
	house_start_hub(&all.house);
	house_wait_devices(&all.house);
	await_weather();
	house_stop_keeper(&all.house);
	house_start_keeper(&all.house);
	house_wait_flag(&all.house, "keeper", true);
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
