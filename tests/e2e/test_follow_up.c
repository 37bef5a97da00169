/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_follow_up - what is said without the name, in a household of real programs: heard
 * under a lease for an answer, and nowhere else; and never what binds the household.
 *
 * One house for all tests; each leaves it as it found it. Waits for what must happen, with a
 * limit; nothing depends on how long it takes.
 */
#include "unit/cmocka_all.h"

#include <poll.h>
#include <string.h>

#include "base/loop.h"
#include "base/seal.h"
#include "base/str.h"
#include "e2e/process.h"
#include "e2e/spoken.h"

enum {
	QUIET_MS = 4000, /* in which nothing comes of what was said */
};

#define NAME HOUSE_WORD ", "

static struct house house;
static struct onlooker toys;

/* --- the house -------------------------------------------------------------------------- */

/* Of two things of one name it has to ask. They tell of no state. */
static void announce_lamp(const char *area)
{
	char topic[128];
	char payload[512];

	assert_true(str_format(topic, sizeof(topic),
			       "homeassistant/light/reading_%c/config", area[0]));
	assert_true(str_format(payload, sizeof(payload),
			       "{\"name\":\"reading lamp\",\"uniq_id\":\"reading_%c\","
			       "\"cmd_t\":\"toy/light/reading_%c/set\",\"device\":"
			       "{\"ids\":\"reading_%c\",\"sa\":\"%s\"}}",
			       area[0], area[0], area[0], area));
	onlooker_publish(&toys, topic, payload, true);
}

/* As the owner. */
static void set_room(const char *option, const char *value)
{
	char passphrase[FILE_PATH_BYTES];
	struct process_ran ran;

	assert_true(file_join(passphrase, sizeof(passphrase), house.data, "passphrase"));
	assert_int_equal(file_write(passphrase, HOUSE_PASSPHRASE,
				    strlen(HOUSE_PASSPHRASE), 0600, NULL),
			 OK);
	process_run((const char *const[]){process_program("behest"), "rooms", "set",
					  HOUSE_ROOM, option, value, "--owner",
					  HOUSE_OWNER, "--passphrase-file", passphrase,
					  "--data", house.data, NULL},
		    PROCESS_WAIT_MS, &ran);
	if (ran.status != 0)
		fail_msg("%s", process_err(&ran));
	process_ran_finish(&ran);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(seal_init(), OK);
	spoken_begin(&house);
	assert_true(fixture_start_broker(&house.fixture));
	assert_true(fixture_start_toy(&house.fixture));
	assert_true(onlooker_begin(&toys, &house.fixture, "toy", "toy/#"));
	announce_lamp("bedroom");
	announce_lamp("living room");
	house_start_keeper(&house);
	house_settle(&house);
	set_room("--key", "local"); /* it can prove what it heard: all may be asked for */
	house_start_hub(&house);
	house_wait_count(&house, "devices", HOUSE_DEVICES + 2);
	house_wait_flag(&house, "words_current", true);
	spoken_start_room();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	onlooker_end(&toys);
	spoken_end();
	return 0;
}

static void wait_commanded(const char *topic, size_t count)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	while (onlooker_saw(&toys, topic, "ON") < count) {
		if (loop_now_ms() > until_ms)
			fail_msg("nothing came on %s", topic);
		onlooker_step(&toys);
	}
}

static void expect_nothing(const char *words)
{
	struct house_turn turn;

	spoken_wait_idle();
	(void)poll(NULL, 0, SPOKEN_TONE_MS);
	spoken_say(words);
	if (house_turn_within(&house, QUIET_MS, &turn))
		fail_msg("\"%s\" without a name: %s %s", words, turn.decision,
			 turn.reason);
}

static void expect_ground(uint64_t turn, const char *ground)
{
	struct link_client *owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	struct house_events events;
	char sentence[EVENT_SENTENCE_BYTES];
	bool found = false;

	assert_non_null(owner);
	house_wait_written(&house);
	house_why(owner, turn, &events);
	for (size_t i = 0; i < events.count && !found; i++) {
		event_sentence(&events.events[i], sentence);
		found = strstr(sentence, ground) != NULL;
	}
	if (!found)
		fail_msg("no event of the turn says \"%s\"", ground);
	link_client_close(owner);
}

/* --- the tests -------------------------------------------------------------------------- */

/* The question, until the room listens for its answer. */
static uint64_t ask(void)
{
	struct house_turn turn;

	spoken_wait_idle();
	(void)poll(NULL, 0, SPOKEN_TONE_MS);
	spoken_say(NAME "turn on the reading lamp.");
	spoken_turn(&turn, "ask", "AMBIGUOUS");
	assert_non_null(strstr(turn.said, "bedroom"));
	spoken_wait_light("listening");
	return turn.id;
}

static void a_question_is_answered_without_the_name(void **state)
{
	const size_t before = onlooker_saw(&toys, "toy/light/reading_b/set", "ON");
	struct house_turn turn;
	const uint64_t asked = ask();

	(void)state;
	spoken_say("the bedroom one.");
	spoken_turn(&turn, "act", "NONE");
	assert_string_equal(turn.intent, "HassTurnOn");
	assert_int_equal(turn.id, asked);
	wait_commanded("toy/light/reading_b/set", before + 1);
	assert_int_equal(onlooker_saw(&toys, "toy/light/reading_l/set", "ON"), 0);
	expect_ground(asked, "without the name, in answer to our question");
	expect_nothing("the living room one.");
	expect_nothing("turn off the kitchen light.");
}

static void what_binds_takes_the_name(void **state)
{
	struct house_turn turn;

	(void)state;
	(void)ask();
	spoken_say("unlock the front door.");
	spoken_turn(&turn, "refuse", "NAME_NEEDED");
	assert_int_equal(turn.done, 0);
	assert_non_null(strstr(turn.said, "name"));
}

static void it_asks_once_more_and_leaves_it(void **state)
{
	struct house_turn turn;

	(void)state;
	(void)ask();
	spoken_turn(&turn, "ask", "LOW_CONFIDENCE");
	assert_non_null(strstr(turn.said, "bedroom"));
	spoken_turn(&turn, "refuse", "NOT_ANSWERED");
}

static void with_the_name_it_leans_for_a_while(void **state)
{
	struct house_turn turn;

	(void)state;
	spoken_wait_idle();
	(void)poll(NULL, 0, SPOKEN_TONE_MS);
	spoken_say(NAME "turn on the kitchen light.");
	spoken_turn(&turn, "act", "NONE");
	expect_nothing("turn it off again.");
	spoken_wait_idle();
	spoken_say(NAME "turn it off again.");
	spoken_turn(&turn, "act", "NONE");
	assert_string_equal(turn.intent, "HassTurnOff");
	expect_ground(turn.id, "leans on t-");
}

/* Typed words are addressed; what was asked of a person who reads is answered by them. */
static void typed_words_lean_as_well(void **state)
{
	struct house_turn turn;

	(void)state;
	spoken_wait_idle();
	house_ask(&house, "turn on the living room lamp", &turn);
	assert_string_equal(turn.decision, "act");
	house_ask(&house, "a bit darker", &turn);
	assert_string_equal(turn.intent, "HassLightSet");
	assert_string_equal(turn.decision, "act");
	house_ask(&house, "turn on the reading lamp", &turn);
	assert_string_equal(turn.reason, "AMBIGUOUS");
	house_ask(&house, "the bedroom one", &turn);
	assert_string_equal(turn.decision, "act");
	house_ask(&house, "the kitchen one", &turn);
	assert_string_equal(turn.reason, "NO_MATCH");
	house_ask(&house, "and the front door", &turn);
	assert_string_not_equal(turn.decision, "act");
}

static void mute(bool on)
{
	set_room("--muted", on ? "yes" : "no");
	spoken_wait_light(on ? "muted" : "waiting");
}

static void a_muted_room_forgets(void **state)
{
	struct house_turn turn;

	(void)state;
	spoken_wait_idle();
	house_ask(&house, "turn on the living room lamp", &turn);
	assert_string_equal(turn.decision, "act");
	mute(true);
	mute(false);
	house_ask(&house, "turn it off again", &turn);
	assert_string_equal(turn.reason, "NO_MATCH");
	house_ask(&house, "turn off the living room lamp", &turn);
	assert_string_equal(turn.decision, "act");
}

static void let_replies_be_followed_up(void)
{
	char path[FILE_PATH_BYTES];
	char text[1024];
	struct buf settings;

	assert_true(file_join(path, sizeof(path), house.data, "behest.conf"));
	assert_int_equal(file_read(path, sizeof(text) - 64, &settings, NULL), OK);
	assert_true(str_format(text, sizeof(text), "%.*s\n[house]\nfollow_up = yes\n",
			       (int)settings.size, (const char *)settings.bytes));
	buf_finish(&settings);
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
	spoken_wait_idle();
	house_stop_hub(&house);
	house_start_hub(&house);
	house_wait_count(&house, "devices", HOUSE_DEVICES + 2);
	house_wait_flag(&house, "words_current", true);
}

/* Only where the house wants that; it ends without a word. */
static void a_reply_is_followed_up_where_that_is_wanted(void **state)
{
	struct house_turn turn;
	uint64_t first;

	(void)state;
	let_replies_be_followed_up();
	spoken_wait_idle();
	(void)poll(NULL, 0, SPOKEN_TONE_MS);
	spoken_say(NAME "turn on the kitchen light.");
	spoken_turn(&turn, "act", "NONE");
	first = turn.id;
	spoken_wait_light("listening");
	spoken_say("turn it off again.");
	spoken_turn(&turn, "act", "NONE");
	assert_string_equal(turn.intent, "HassTurnOff");
	assert_int_equal(turn.id, first);
	spoken_turn(&turn, "refuse", "NOT_ADDRESSED");
	assert_string_equal(turn.said, "");
	expect_nothing("turn it on again.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_is_answered_without_the_name),
		cmocka_unit_test(what_binds_takes_the_name),
		cmocka_unit_test(it_asks_once_more_and_leaves_it),
		cmocka_unit_test(with_the_name_it_leans_for_a_while),
		cmocka_unit_test(typed_words_lean_as_well),
		cmocka_unit_test(a_muted_room_forgets),
		cmocka_unit_test(a_reply_is_followed_up_where_that_is_wanted),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
