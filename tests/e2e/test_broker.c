/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_broker - a whole house whose broker is absent, dies in the middle of a turn, comes
 * back, or refuses the password. What the adapter does by itself is test_bus_mqtt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "base/loop.h"
#include "base/str.h"
#include "e2e/house_fixture.h"

#define TOY_SAYS(device, state) \
	"\"event\":\"command\",\"device\":\"" device "\",\"state\":\"" state "\""

enum { OBEY_MS = 500 };

static struct house house;

static int set_up(void **state)
{
	(void)state;
	house_begin(&house);
	house_start_keeper(&house);
	house_settle(&house);
	house_start_hub(&house);
	house_wait_flag(&house, "has_owner", true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

/* Until a request succeeds and the device has heard of it: the broker is there before its
 * devices are, and takes a command for one that is not. */
static void ask_until_done(const char *words, const char *line)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	bool obeyed = false;

	while (!obeyed) {
		struct house_turn turn;

		house_ask(&house, words, &turn);
		if (loop_now_ms() > until_ms)
			fail_msg("'%s' still ends with %s and without a change", words,
				 turn.reason);
		for (int waited_ms = 0; !obeyed && waited_ms < OBEY_MS;
		     waited_ms += HOUSE_STEP_MS) {
			(void)poll(NULL, 0, HOUSE_STEP_MS);
			obeyed = fixture_toy_printed(&house.fixture, line, line);
		}
		if (obeyed) {
			assert_string_equal(turn.reason, "NONE");
			assert_int_equal(turn.done, 1);
		}
	}
}

static bool room_is_busy(void)
{
	struct json *json = house_status(&house);
	const struct json_value *room = json_at(json_get(json_root(json), "rooms"), 0);
	const bool busy = json_bool(json_get(room, "busy"), false);

	json_destroy(json);
	return busy;
}

static void trouble(char to[HOUSE_WORDS_BYTES])
{
	struct json *json = house_status(&house);

	assert_true(str_copy(to, HOUSE_WORDS_BYTES,
			     json_text(json_get(json_root(json), "broker_trouble"), "")));
	json_destroy(json);
}

/* The journal has the decision, the failure with its reason, and nothing that was done. */
static void must_be_written_as_failed(uint64_t turn)
{
	static struct house_events events;
	struct link_client *owner;
	uint64_t decided = 0;
	uint64_t failed = 0;

	house_wait_written(&house);
	owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	assert_non_null(owner);
	house_why(owner, turn, &events);
	link_client_close(owner);
	assert_non_null(house_event(&events, EVENT_DECIDED, &decided));
	assert_non_null(house_event(&events, EVENT_FAILED, &failed));
	assert_true(failed > decided);
	assert_string_equal(event_value(house_event(&events, EVENT_FAILED, NULL),
					"reason"),
			    "DEVICE_UNREACHABLE");
	assert_null(house_event(&events, EVENT_DONE, NULL));
}

static void test_absent_at_the_start(void **state)
{
	char words[HOUSE_WORDS_BYTES];
	struct house_turn turn;

	(void)state;
	house_wait_flag(&house, "broker", false);
	trouble(words);
	assert_true(words[0] != '\0');
	/* What no broker ever told of is not known; other things work. */
	house_ask(&house, "turn on the kitchen light", &turn);
	print_message("without a broker: %s %s \"%s\" (%s)\n", turn.decision, turn.reason,
		      turn.said, words);
	assert_string_equal(turn.decision, "refuse");
	assert_int_equal(turn.done, 0);
	assert_true(turn.said[0] != '\0');
	house_ask(&house, "what time is it", &turn);
	assert_string_equal(turn.reason, "NONE");

	assert_true(fixture_start_broker(&house.fixture));
	assert_true(fixture_start_toy(&house.fixture));
	house_wait_flag(&house, "broker", true);
	house_wait_devices(&house);
	ask_until_done("turn on the kitchen light", TOY_SAYS("kitchen light", "ON"));
}

static void test_dies_in_the_middle_of_a_turn(void **state)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	struct house_turn turn;

	(void)state;
	fixture_signal_broker(&house.fixture, SIGSTOP);
	house_type(&house, "turn off the kitchen light");
	while (!room_is_busy()) {
		if (loop_now_ms() > until_ms)
			fail_msg("the turn is over although nothing confirmed it");
	}
	fixture_signal_broker(&house.fixture, SIGKILL);
	house_turn(&house, &turn);
	assert_int_equal(turn.token, house.token);
	assert_string_equal(turn.decision, "act");
	assert_string_equal(turn.reason, "DEVICE_UNREACHABLE");
	assert_non_null(strstr(turn.said, "I can't reach"));
	assert_int_equal(turn.done, 0);
	must_be_written_as_failed(turn.id);

	/* And while it is away: known, and out of reach. */
	house_wait_flag(&house, "broker", false);
	house_ask(&house, "turn off the kitchen light", &turn);
	assert_string_equal(turn.reason, "DEVICE_UNREACHABLE");
	assert_non_null(strstr(turn.said, "I can't reach"));
	must_be_written_as_failed(turn.id);
}

static void test_comes_back_and_nothing_is_repeated(void **state)
{
	(void)state;
	assert_true(fixture_start_broker(&house.fixture));
	house_wait_flag(&house, "broker", true);
	ask_until_done("turn on the bedroom light", TOY_SAYS("bedroom light", "ON"));
	/* Commands keep their order: what was not confirmed was not sent again. */
	assert_false(fixture_toy_printed(&house.fixture, TOY_SAYS("kitchen light", "OFF"),
					 "kitchen"));
}

static void write_password(const char *password)
{
	char path[FILE_PATH_BYTES];

	assert_true(file_join(path, sizeof(path), house.data, "broker.password"));
	assert_int_equal(file_write(path, password, strlen(password), 0600, NULL), OK);
}

static void test_refuses_the_password(void **state)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	char words[HOUSE_WORDS_BYTES];
	struct house_turn turn;

	(void)state;
	house_stop_hub(&house);
	write_password("not the password");
	house_start_hub(&house);
	house_wait_flag(&house, "has_owner", true);
	do {
		trouble(words);
		if (loop_now_ms() > until_ms)
			fail_msg("the trouble is not told: %s", words);
	} while (!strstr(words, "password"));
	print_message("broker_trouble: %s\n", words);
	house_ask(&house, "turn off the kitchen light", &turn);
	assert_int_equal(turn.done, 0);
	assert_true(turn.said[0] != '\0');

	house_stop_hub(&house);
	write_password(house.fixture.hub_password);
	house_start_hub(&house);
	house_wait_flag(&house, "broker", true);
	house_wait_devices(&house);
	ask_until_done("turn off the kitchen light", TOY_SAYS("kitchen light", "OFF"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_absent_at_the_start),
		cmocka_unit_test(test_dies_in_the_middle_of_a_turn),
		cmocka_unit_test(test_comes_back_and_nothing_is_repeated),
		cmocka_unit_test(test_refuses_the_password),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
