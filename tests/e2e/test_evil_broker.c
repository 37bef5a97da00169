/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_evil_broker - somebody on the broker who may publish anything, against the home bus
 * and then a whole house.
 *
 * Each attack is a row: what is published, and its expected end. After each the lock, the
 * lamps and their states are as they were, nothing but our own words went to a command
 * topic, and the next request works. What tried to be believed is named to the owner.
 */
#include "unit/cmocka_all.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/bus_mqtt.h"
#include "adapter/rand_system.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/journal_reader.h"

enum {
	ACL_BYTES = 16384,
	STEPS_MAX = 3,
	NAMED_MAX = 512,
	FLOOD = 3000,
	SWARM = 2200, /* more devices than there may be */
	GIANT = 200000,
	DEEP = 2000,
};

#define LAMP "light.toy_kitchen_light"
#define DOOR "lock.toy_front_door_lock"
#define CONFIG(kind, id) "homeassistant/" kind "/" id "/config"

static struct house house;
static struct fixture *const fixture = &house.fixture;
static struct loop *loop;
static struct bus bus;
static struct onlooker attacker;
static struct onlooker witness;

/* --- what is told ----------------------------------------------------------------------- */

static struct {
	size_t count;
	char lines[NAMED_MAX][384];
	unsigned done;
	enum err err;
} told;

static void on_refused(void *context, const char *topic, const char *why)
{
	(void)context;
	if (told.count < NAMED_MAX)
		(void)str_format(told.lines[told.count++], sizeof(told.lines[0]),
				 "%s: %s", topic, why);
}

static void on_done(void *context, uint64_t token, enum err err)
{
	(void)context;
	(void)token;
	told.done++;
	told.err = err;
}

static bool is_named(const char *part, const char *why)
{
	for (size_t i = 0; i < told.count; i++)
		if (strstr(told.lines[i], part) && strstr(told.lines[i], why))
			return true;
	return false;
}

/* --- a broker whose list lets the attacker do all --------------------------------------- */

static void allow_everything(void)
{
	char path[FILE_PATH_BYTES];
	struct buf text;

	assert_true(file_join(path, sizeof(path), fixture->folder, "acl"));
	assert_int_equal(file_read(path, ACL_BYTES, &text, NULL), OK);
	assert_int_equal(buf_add_format(&text, "topic readwrite #\n"),
			 OK); /* the toy's */
	assert_int_equal(file_write(path, text.bytes, text.size, 0600, NULL), OK);
	buf_finish(&text);
}

typedef bool question(const void *context);

static void until(question *is_so, const void *context)
{
	const int64_t end_ms = loop_now_ms() + FIXTURE_WAIT_MS;

	while (!is_so(context)) {
		if (loop_now_ms() > end_ms)
			fail_msg(
				"it never happened; the bus says \"%s\", last told \"%s\"",
				bus_trouble(&bus),
				told.count ? told.lines[told.count - 1] : "");
		assert_int_equal(loop_run_once(loop, 1), OK);
	}
}

static const struct entity *entity(const char *id)
{
	return home_find_const(bus_home(&bus), id);
}

static bool is_up(const void *context)
{
	(void)context;
	return bus_is_up(&bus) && entity(LAMP) && entity(LAMP)->state.known &&
	       entity(DOOR) && entity(DOOR)->state.known;
}

static bool is_down(const void *context)
{
	(void)context;
	return !bus_is_up(&bus);
}

static int begin(void **state)
{
	const struct bus_listener listener = {NULL, on_done, NULL, on_refused};

	(void)state;
	memset(&told, 0, sizeof(told));
	if (!fixture_begin(fixture) || loop_create(&loop))
		return -1;
	allow_everything();
	if (!fixture_start_broker(fixture) || !fixture_start_toy(fixture))
		return -1;
	const struct bus_mqtt_settings settings = {.host = "127.0.0.1",
						   .port = fixture->broker.port,
						   .user = "hub",
						   .password = fixture->hub_password,
						   .discovery = "homeassistant"};
	if (bus_mqtt_open(loop, &settings, listener, rand_system(), &bus))
		return -1;
	until(is_up, NULL);
	return !onlooker_begin(&attacker, fixture, "toy", "nothing") ||
	       !onlooker_begin(&witness, fixture, "hub", "+/+/+/set");
}

static int end(void **state)
{
	(void)state;
	onlooker_end(&attacker);
	onlooker_end(&witness);
	bus_close(&bus);
	loop_destroy(loop);
	fixture_end(fixture);
	return 0;
}

/* --- the control ------------------------------------------------------------------------ */

static bool is_done(const void *context)
{
	const unsigned *before = context;

	onlooker_step(&witness);
	return told.done > *before;
}

/* A request as any other: it goes through, to where it is meant to go, unretained. */
static void must_still_work(bool on)
{
	const struct action action = {.kind = on ? ACTION_TURN_ON : ACTION_TURN_OFF,
				      .entity = LAMP};
	const unsigned before = told.done;

	assert_int_equal(bus_command(&bus, &action, 7), OK);
	until(is_done, &before);
	assert_int_equal(told.err, OK);
	assert_true(entity(LAMP)->state.on == on);
	assert_string_equal(entity(DOOR)->state.text, "locked");
	assert_false(entity(DOOR)->read_only);
	assert_string_equal(entity(LAMP)->name, "kitchen light");
}

static bool flushed(const void *context)
{
	(void)context;
	onlooker_step(&attacker);
	return attacker.acknowledged == attacker.published;
}

/* --- attacks that are announcements ----------------------------------------------------- */

struct attack {
	const char *name;
	struct {
		const char *topic;
		const char *payload;
	} steps[STEPS_MAX];
	const char *named; /* what the owner is told holds this; NULL: there is nothing */
	const char *entity;    /* that it makes; NULL none */
	bool can_be_commanded; /* whether something is sent for it at all */
};

#define LOCK_TOPIC "toy/lock/front_door_lock"

static const struct attack ATTACKS[] = {
	{"no JSON", {{CONFIG("light", "a01"), "{"}}, "a01", NULL, false},
	{"a list", {{CONFIG("light", "a02"), "[]"}}, "expected an object", NULL, false},
	{"a key twice",
	 {{CONFIG("light", "a03"), "{\"name\":\"x\",\"name\":\"y\",\"cmd_t\":\"c\"}"}},
	 "a03",
	 NULL,
	 false},
	{"a topic of all",
	 {{CONFIG("light", "a04"), "{\"name\":\"a04\",\"cmd_t\":\"#\"}"}},
	 "without wildcards",
	 NULL,
	 false},
	{"the broker's own topics",
	 {{CONFIG("sensor", "a05"),
	   "{\"name\":\"a05\",\"stat_t\":\"$SYS/broker/load\"}"}},
	 "without wildcards",
	 NULL,
	 false},
	{"another's announcement as command",
	 {{CONFIG("light", "a06"),
	   "{\"name\":\"a06\",\"cmd_t\":\"" CONFIG("lock", "toy_front_door_lock") "\"}"}},
	 "outside of others' discovery",
	 NULL,
	 false},
	{"a hijacked command topic",
	 {{CONFIG("light", "a07"),
	   "{\"name\":\"a07\",\"uniq_id\":\"a07\",\"cmd_t\":\"" LOCK_TOPIC "/set\"}"}},
	 "would reach a lock",
	 "light.a07",
	 false},
	{"a topic below it",
	 {{CONFIG("light", "a08"),
	   "{\"name\":\"a08\",\"uniq_id\":\"a08\",\"cmd_t\":\"" LOCK_TOPIC "/set/x\"}"}},
	 "would reach a lock",
	 "light.a08",
	 false},
	{"speaking for the lock",
	 {{CONFIG("switch", "a09"),
	   "{\"name\":\"a09\",\"uniq_id\":\"a09\",\"cmd_t\":\"" LOCK_TOPIC
	   "/state\",\"pl_on\":\"LOCKED\"}"}},
	 "would reach a lock",
	 "switch.a09",
	 false},
	{"words that unlock",
	 {{CONFIG("light", "a10"),
	   "{\"name\":\"a10\",\"uniq_id\":\"a10\",\"cmd_t\":\"e\",\"pl_on\":\"UnLock\"}"}},
	 "unlock or disarm",
	 "light.a10",
	 false},
	{"words that disarm in a template",
	 {{CONFIG("switch", "a11"),
	   "{\"name\":\"a11\",\"uniq_id\":\"a11\",\"cmd_t\":\"e\",\"cmd_tpl\":"
	   "\"DISARM{{ value }}\"}"}},
	 "unlock or disarm",
	 "switch.a11",
	 false},
	{"somebody else's id",
	 {{CONFIG("light", "a12"),
	   "{\"name\":\"a12\",\"uniq_id\":\"toy_kitchen_light\",\"cmd_t\":\"e\"}"}},
	 "its unique_id belongs to",
	 NULL,
	 false},
	{"somebody else's name",
	 {{CONFIG("light", "a13"),
	   "{\"name\":\"Kitchen-Light!\",\"uniq_id\":\"a13\",\"cmd_t\":\"e\","
	   "\"dev\":{\"sa\":\"kitchen\"}}"}},
	 "it is not exposed",
	 "light.a13",
	 true},
	{"a name of control characters",
	 {{CONFIG("light", "a14"),
	   "{\"name\":\"\\u001b[2Jlamp\",\"uniq_id\":\"a14\",\"cmd_t\":\"e\"}"}},
	 "that can be seen",
	 NULL,
	 false},
	{"a name that turns around",
	 {{CONFIG("light", "a15"),
	   "{\"name\":\"\\u202egnik\",\"uniq_id\":\"a15\",\"cmd_t\":\"e\"}"}},
	 "that can be seen",
	 NULL,
	 false},
	{"no name at all",
	 {{CONFIG("light", "a16"),
	   "{\"name\":\"  \",\"uniq_id\":\"a16\",\"cmd_t\":\"e\"}"}},
	 "that can be seen",
	 NULL,
	 false},
	{"a loop in a template",
	 {{CONFIG("cover", "a17"),
	   "{\"name\":\"a17\",\"uniq_id\":\"a17\",\"cmd_t\":\"e\",\"pos_t\":\"s\",\"pos_tpl\":"
	   "\"{% for i in range(99999999) %}{{ i }}{% endfor %}\"}"}},
	 "no shape of a template",
	 "cover.a17",
	 false},
	{"a template that calls",
	 {{CONFIG("climate", "a18"),
	   "{\"name\":\"a18\",\"uniq_id\":\"a18\",\"temp_cmd_t\":\"e\",\"temp_cmd_tpl\":"
	   "\"{{ ''.__class__.__mro__ }}\"}"}},
	 "no shape of a template",
	 "climate.a18",
	 false},
	{"numbers beyond reason",
	 {{CONFIG("light", "a19"),
	   "{\"name\":\"a19\",\"cmd_t\":\"e\",\"bri_scl\":1e300}"}},
	 "a number within its limits",
	 NULL,
	 false},
	{"a thermostat without limits",
	 {{CONFIG("climate", "a20"),
	   "{\"name\":\"a20\",\"temp_cmd_t\":\"e\",\"max_temp\":\"1e9\"}"}},
	 "a number within its limits",
	 NULL,
	 false},
	{"a lock that becomes a lamp",
	 {{CONFIG("device", "a21"),
	   "{\"dev\":{\"ids\":\"a21\"},\"cmps\":{\"a\":{\"p\":\"lock\",\"name\":\"a21\","
	   "\"uniq_id\":\"a21\",\"cmd_t\":\"a21/set\"}}}"},
	  {CONFIG("device", "a21"),
	   "{\"dev\":{\"ids\":\"a21\"},\"cmps\":{\"a\":{\"p\":\"light\",\"name\":\"a21\","
	   "\"uniq_id\":\"a21\",\"cmd_t\":\"a21/set\",\"pl_on\":\"OPEN\"}}}"}},
	 "what was a lock says",
	 "light.a21",
	 false},
	{"a lock that is taken away",
	 {{CONFIG("lock", "a22"),
	   "{\"name\":\"a22\",\"uniq_id\":\"a22\",\"cmd_t\":\"a22/set\"}"},
	  {CONFIG("lock", "a22"), ""},
	  {CONFIG("light", "a22"),
	   "{\"name\":\"a22\",\"uniq_id\":\"a22\",\"cmd_t\":\"a22/set\",\"pl_on\":\"OPEN\"}"}},
	 "would reach a lock",
	 "light.a22",
	 false},
	{"the bridge's switch for strangers",
	 {{CONFIG("switch", "a23"),
	   "{\"name\":\"permit join\",\"uniq_id\":\"a23\",\"cmd_t\":\"e\","
	   "\"dev\":{\"ids\":\"zigbee2mqtt_bridge_1\"}}"}},
	 NULL,
	 "switch.a23",
	 false},
	{"a code for the alarm",
	 {{CONFIG("alarm_control_panel", "a24"),
	   "{\"name\":\"a24\",\"uniq_id\":\"a24\",\"cmd_t\":\"a24/set\",\"code\":\"1234\"}"}},
	 NULL,
	 "alarm_control_panel.a24",
	 false},
	{"availability of nothing",
	 {{CONFIG("light", "a25"),
	   "{\"name\":\"a25\",\"cmd_t\":\"e\",\"avty\":[{\"t\":\"\"}]}"}},
	 "availability",
	 NULL,
	 false},
};

static bool is_told(const void *context)
{
	const struct attack *attack = context;
	const char *topic = attack->steps[0].topic;

	for (size_t i = 0; i < STEPS_MAX; i++)
		if (attack->steps[i].topic)
			topic = attack->steps[i].topic;
	return is_named(topic, attack->named);
}

static bool is_there(const void *context)
{
	return entity(context) != NULL;
}

/* Whatever is asked of it. */
static void must_not_obey(const char *id)
{
	for (size_t kind = 0; kind < ACTION_KIND_COUNT; kind++) {
		struct action action = {.kind = (enum action_kind)kind,
					.percent = 50,
					.celsius = 20,
					.mode = "heat",
					.colour = "red"};

		assert_true(str_copy(action.entity, sizeof(action.entity), id));
		assert_int_equal(bus_command(&bus, &action, 9), ERR_UNSUPPORTED);
	}
}

static void run_attack(const struct attack *attack)
{
	for (size_t i = 0; i < STEPS_MAX && attack->steps[i].topic; i++)
		onlooker_publish(&attacker, attack->steps[i].topic,
				 attack->steps[i].payload, false);
	until(flushed, NULL);
	if (attack->named)
		until(is_told, attack);
	if (attack->entity) {
		until(is_there, attack->entity);
		if (!attack->can_be_commanded)
			must_not_obey(attack->entity);
	}
}

/* A minute's worth of lines is told, so each attack has a bus of its own. */
static void test_announcements(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(ATTACKS); i++) {
		if (i > 0)
			assert_int_equal(begin(state), 0);
		print_message("%s\n", ATTACKS[i].name);
		run_attack(&ATTACKS[i]);
		must_still_work(i % 2 == 0);
		if (i + 1 < STR_COUNT(ATTACKS))
			(void)end(state);
	}
}

/* --- attacks of size and number --------------------------------------------------------- */

static char giant[GIANT + 1];

static bool names(const void *context)
{
	const char *const *texts = context;

	onlooker_step(&attacker);
	return is_named(texts[0], texts[1]);
}

static void until_named(const char *topic, const char *why)
{
	const char *const texts[] = {topic, why};

	until(names, texts);
}

static void test_giant_and_deep(void **state)
{
	(void)state;
	memset(giant, ' ', GIANT);
	onlooker_publish(&attacker, CONFIG("light", "giant"), giant, false);
	until_named(CONFIG("light", "giant"), "bytes");
	memset(giant, '[', DEEP);
	giant[DEEP] = '\0';
	onlooker_publish(&attacker, CONFIG("light", "deep"), giant, false);
	until_named(CONFIG("light", "deep"), "nested");
	onlooker_publish(&attacker, "toy/light/kitchen_light/state", giant, false);
	until_named("toy/light/kitchen_light/state", "nested");
	memset(giant, 'x', GIANT);
	giant[GIANT] = '\0';
	onlooker_publish(&attacker, "toy/light/kitchen_light/state", giant, false);
	until_named("toy/light/kitchen_light/state", "a state of");
	must_still_work(true);
}

static void test_a_flood_of_states(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FLOOD; i++) {
		onlooker_publish(&attacker, "toy/light/kitchen_light/state",
				 "{\"state\":\"maybe\"}", false);
		assert_int_equal(loop_run_once(loop, 0), OK);
	}
	until(flushed, NULL);
	must_still_work(true);
}

static bool is_full(const void *context)
{
	(void)context;
	onlooker_step(&attacker);
	return bus_home(&bus)->entity_count == HOME_ENTITIES_MAX &&
	       is_named("homeassistant/light/s", "more than");
}

/* Those that were there stay, and work. */
static void test_a_swarm_of_devices(void **state)
{
	char topic[64];
	char payload[160];

	(void)state;
	for (unsigned i = 0; i < SWARM; i++) {
		assert_true(str_format(topic, sizeof(topic), CONFIG("light", "s%u"), i));
		assert_true(str_format(
			payload, sizeof(payload),
			"{\"name\":\"s%u\",\"uniq_id\":\"s%u\",\"cmd_t\":\"s/%u\","
			"\"stat_t\":\"t/%u\"}",
			i, i, i, i));
		onlooker_publish(&attacker, topic, payload, true);
		assert_int_equal(loop_run_once(loop, 0), OK);
	}
	until(is_full, NULL);
	must_still_work(true);
}

/* --- attacks on states and commands ----------------------------------------------------- */

static bool has_seen_marker(const void *context)
{
	onlooker_step(&witness);
	return onlooker_saw(&witness, "toy/light/bedroom_light/set", context) > 0;
}

/* What others say of a device, where it does not speak itself. */
static void test_states_from_elsewhere(void **state)
{
	static const char *const topics[] = {
		LOCK_TOPIC,
		LOCK_TOPIC "/state/x",
		"toy/lock/front_door_lock/State",
		"toy/lock/front_door",
		"homeassistant/lock/toy_front_door_lock/state",
		"zigbee2mqtt/front_door_lock",
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(topics); i++)
		onlooker_publish(&attacker, topics[i], "UNLOCKED", true);
	until(flushed, NULL);
	must_still_work(true);
	assert_string_equal(entity(DOOR)->state.text, "locked");
}

static bool is_back(const void *context)
{
	onlooker_step(&witness);
	return is_up(context);
}

/* Commands that the broker keeps are not ours, are not heard, and are not said again. */
static void test_retained_commands(void **state)
{
	(void)state;
	onlooker_publish(&attacker, LOCK_TOPIC "/secure", "LOCK", true);
	onlooker_publish(&attacker, "toy/light/kitchen_light/set", "{\"state\":\"OFF\"}",
			 true);
	onlooker_publish(&attacker, "toy/light/bedroom_light/set", "marker", false);
	until(has_seen_marker, "marker");
	const size_t before = witness.count;

	fixture_signal_broker(fixture, SIGKILL);
	until(is_down, NULL);
	onlooker_end(&witness);
	onlooker_end(&attacker);
	assert_true(fixture_start_broker(fixture));
	assert_true(onlooker_begin(&attacker, fixture, "toy", "nothing"));
	assert_true(onlooker_begin(&witness, fixture, "hub", "+/+/+/set"));
	until(is_back, NULL);
	must_still_work(true);
	(void)before;
	/* Of all that went to command topics since, ours is one, and it is not kept. */
	for (size_t i = 0; i < witness.count; i++)
		if (!witness.messages[i].retained)
			assert_string_equal(witness.messages[i].topic,
					    "toy/light/kitchen_light/set");
}

/* --- a whole house ---------------------------------------------------------------------- */

static int begin_house(void **state)
{
	(void)state;
	house_begin(&house);
	allow_everything();
	house_up(&house);
	return !onlooker_begin(&attacker, fixture, "toy", "nothing");
}

static int end_house(void **state)
{
	(void)state;
	onlooker_end(&attacker);
	house_end(&house);
	return 0;
}

/* In the keeper's journal, read when it has ended. */
static bool is_written(const struct journal_copy *journal, const char *topic)
{
	for (uint64_t place = 1; place <= journal->count; place++) {
		const struct event *event = journal_copy_at(journal, place);

		if (event->kind == EVENT_ANNOUNCEMENT_REFUSED &&
		    str_equal(event_value(event, "topic"), topic))
			return true;
	}
	return false;
}

static void test_named_in_the_journal(void **state)
{
	static const size_t chosen[] = {0, 6, 9, 11, 16, 20};
	struct journal_copy journal;
	char folder[FILE_PATH_BYTES];
	struct house_turn turn;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(chosen); i++) {
		const struct attack *attack = &ATTACKS[chosen[i]];

		for (size_t j = 0; j < STEPS_MAX && attack->steps[j].topic; j++)
			onlooker_publish(&attacker, attack->steps[j].topic,
					 attack->steps[j].payload, false);
	}
	assert_true(onlooker_flush(&attacker));
	house_ask(&house, "turn on the kitchen light", &turn);
	assert_string_equal(turn.reason, "NONE");
	house_ask(&house, "is the front door locked", &turn);
	assert_string_equal(turn.reason, "NONE");
	assert_non_null(strstr(turn.said, "locked"));
	house_wait_written(&house);
	house_stop_room(&house);
	house_stop_hub(&house);
	house_stop_keeper(&house);
	assert_true(file_join(folder, sizeof(folder), house.data, "keeper"));
	journal_copy_read(&journal, folder);
	for (size_t i = 0; i < STR_COUNT(chosen); i++)
		if (!is_written(&journal, ATTACKS[chosen[i]].steps[0].topic))
			fail_msg("\"%s\" is not in the journal", ATTACKS[chosen[i]].name);
	journal_copy_finish(&journal);
}

#define EVIL_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EVIL_TEST(test_announcements),
		EVIL_TEST(test_giant_and_deep),
		EVIL_TEST(test_a_flood_of_states),
		EVIL_TEST(test_a_swarm_of_devices),
		EVIL_TEST(test_states_from_elsewhere),
		EVIL_TEST(test_retained_commands),
		cmocka_unit_test_setup_teardown(test_named_in_the_journal, begin_house,
						end_house),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
