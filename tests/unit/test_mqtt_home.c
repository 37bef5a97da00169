/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests adapter/mqtt_home: who keeps an id, what is heard, and what floods do.
 */
#include "cmocka_all.h"

#include <string.h>

#include "adapter/mqtt_home.h"
#include "base/must.h"
#include "base/str.h"

enum { TOPICS_MAX = 4096, LINE_BYTES = 128 };

/* Remembers what the home wants to hear: "+topic" or "-topic", in order. */
struct wishes {
	size_t count;
	char lines[TOPICS_MAX][LINE_BYTES];
};

static struct wishes wishes;
static struct mqtt_home *home;
static struct err_note note;

static void remember(void *context, const char *topic, bool wanted)
{
	(void)context;
	if (wishes.count < TOPICS_MAX)
		(void)str_format(wishes.lines[wishes.count++], LINE_BYTES, "%c%s",
				 wanted ? '+' : '-', topic);
}

static int make_home(void **state)
{
	(void)state;
	wishes.count = 0;
	return mqtt_home_create("homeassistant", remember, NULL, &home) != OK;
}

static int end_home(void **state)
{
	(void)state;
	mqtt_home_destroy(home);
	home = NULL;
	return 0;
}

static bool announce(const char *topic, const char *payload)
{
	bool changed = false;

	note.text[0] = 0;
	if (mqtt_home_announce(home, topic, payload, strlen(payload), &changed, &note))
		return false;
	return changed;
}

static bool hear(const char *topic, const char *payload)
{
	return mqtt_home_hear(home, topic, payload, strlen(payload), NULL);
}

static const struct entity *entity(const char *id)
{
	return home_find_const(mqtt_home_value(home), id);
}

static bool wished(const char *line)
{
	for (size_t i = 0; i < wishes.count; i++)
		if (str_equal(wishes.lines[i], line))
			return true;
	return false;
}

static const char LAMP[] =
	"{\"name\":\"lamp\",\"uniq_id\":\"1\",\"cmd_t\":\"l/set\",\"stat_t\":\"l\","
	"\"dev\":{\"sa\":\"kitchen\"}}";

static void test_a_device_lives(void **state)
{
	uint64_t version = 0;

	(void)state;
	assert_true(announce("homeassistant/light/x/config", LAMP));
	assert_true(wished("+l"));
	assert_non_null(entity("light.1"));
	assert_int_equal(entity("light.1")->area, 0);
	assert_string_equal(mqtt_home_value(home)->areas[0].name, "kitchen");
	version = mqtt_home_value(home)->names_version;
	assert_true(hear("l", "ON"));
	assert_true(entity("light.1")->state.on);
	assert_false(announce("homeassistant/light/x/config", LAMP)); /* the same again */
	assert_true(mqtt_home_value(home)->names_version == version);
	assert_true(entity("light.1")->state.on);
	assert_true(announce("homeassistant/light/x/config", ""));
	assert_true(wished("-l"));
	assert_null(entity("light.1"));
	assert_int_equal(mqtt_home_value(home)->area_count, 0);
	assert_true(mqtt_home_value(home)->names_version > version);
	assert_false(hear("l", "OFF"));
}

static void test_a_refused_message_changes_nothing(void **state)
{
	(void)state;
	assert_true(announce("homeassistant/light/x/config", LAMP));
	assert_false(announce("homeassistant/light/x/config", "{\"name\":7}"));
	assert_string_equal(note.text,
			    "homeassistant/light/x/config: name: expected text");
	assert_string_equal(entity("light.1")->name, "lamp");
}

static void test_the_first_keeps_an_id(void **state)
{
	(void)state;
	assert_true(announce("homeassistant/light/x/config", LAMP));
	assert_false(
		announce("homeassistant/light/evil/config",
			 "{\"name\":\"evil\",\"uniq_id\":\"1\",\"cmd_t\":\"evil\"}"));
	assert_string_equal(note.text,
			    "homeassistant/light/evil/config: its unique_id belongs to "
			    "homeassistant/light/x/config");
	assert_string_equal(entity("light.1")->name, "lamp");
	assert_false(announce("homeassistant/light/evil/config",
			      "")); /* nor can it take it away */
	assert_non_null(entity("light.1"));
	/* of another kind it is another thing */
	assert_true(
		announce("homeassistant/switch/other/config",
			 "{\"name\":\"other\",\"uniq_id\":\"1\",\"cmd_t\":\"other\"}"));
	assert_non_null(entity("switch.1"));
}

static void test_a_namesake_is_not_exposed(void **state)
{
	(void)state;
	assert_true(announce("homeassistant/light/x/config", LAMP));
	assert_true(announce("homeassistant/light/evil/config",
			     "{\"name\":\"LAMP\",\"uniq_id\":\"2\",\"cmd_t\":\"evil\","
			     "\"dev\":{\"sa\":\"Kitchen\"}}"));
	assert_true(entity("light.1")->exposed);
	assert_false(entity("light.2")->exposed);
	assert_true(str_starts(note.text,
			       "homeassistant/light/evil/config: its name and room"));
	/* announced anew, the first does not find itself a namesake */
	assert_true(announce("homeassistant/light/x/config",
			     "{\"name\":\"lamp\",\"uniq_id\":\"1\",\"cmd_t\":\"l/set2\","
			     "\"dev\":{\"sa\":\"kitchen\"}}"));
	assert_true(entity("light.1")->exposed);
}

static const char LOCK[] =
	"{\"name\":\"door\",\"uniq_id\":\"d\",\"cmd_t\":\"z/door/set\",\"stat_t\":\"z/door\"}";

/* A light is class B; one that sends to the lock's topic would be a way around. */
static void test_nothing_commands_a_lock_but_the_lock(void **state)
{
	static const char *const topics[] = {"z/door/set", "z/door/set/state", "z/door",
					     "z"};

	(void)state;
	assert_true(announce("homeassistant/lock/d/config", LOCK));
	for (size_t i = 0; i < STR_COUNT(topics); i++) {
		char payload[256];

		assert_true(str_format(
			payload, sizeof(payload),
			"{\"name\":\"evil %zu\",\"uniq_id\":\"e\",\"cmd_t\":\"%s\"}", i,
			topics[i]));
		assert_true(announce("homeassistant/light/evil/config", payload));
		assert_true(entity("light.e")->read_only);
	}
	assert_true(announce(
		"homeassistant/light/good/config",
		"{\"name\":\"good\",\"uniq_id\":\"g\",\"cmd_t\":\"z/doorlight/set\"}"));
	assert_false(entity("light.g")->read_only);
	assert_false(entity("lock.d")->read_only);
}

static void test_nor_when_the_lock_comes_later(void **state)
{
	(void)state;
	assert_true(announce("homeassistant/light/evil/config",
			     "{\"name\":\"evil\",\"uniq_id\":\"e\",\"cmd_t\":\"x\","
			     "\"bri_cmd_t\":\"z/door/set\"}"));
	assert_false(entity("light.e")->read_only);
	assert_true(announce("homeassistant/lock/d/config", LOCK));
	assert_true(entity("light.e")->read_only);
	assert_false(entity("lock.d")->read_only);
	/* the lock itself may be announced anew */
	assert_true(announce(
		"homeassistant/lock/d/config",
		"{\"name\":\"front door\",\"uniq_id\":\"d\",\"cmd_t\":\"z/door/set\"}"));
	assert_false(entity("lock.d")->read_only);
	/* a lock whose "secure" topic is another's command is no better */
	assert_true(announce("homeassistant/lock/f/config",
			     "{\"name\":\"fake\",\"uniq_id\":\"f\",\"cmd_t\":\"f\","
			     "\"secure_command_topic\":\"z/door/set\"}"));
	assert_true(entity("lock.f")->read_only);
}

/* Who approves that the shed is unlocked does not mean the front door. */
static void test_of_two_locks_on_one_topic_none_is_commanded(void **state)
{
	static const char shed[] = "{\"name\":\"shed\",\"uniq_id\":\"s\",\"cmd_t\":"
				   "\"z/door/set\"}";
	static const char cellar[] = "{\"name\":\"cellar\",\"uniq_id\":\"c\",\"cmd_t\":"
				     "\"z/cellar/set\"}";

	(void)state;
	assert_true(announce("homeassistant/lock/evil/config", shed));
	assert_true(announce("homeassistant/lock/cellar/config", cellar));
	assert_false(entity("lock.s")->read_only);
	assert_true(announce("homeassistant/lock/d/config", LOCK));
	assert_true(entity("lock.s")->read_only);
	assert_true(entity("lock.d")->read_only);
	assert_false(entity("lock.c")->read_only);
	/* and not by being announced last either */
	assert_true(announce("homeassistant/lock/evil/config",
			     "{\"name\":\"shed\",\"uniq_id\":\"s\",\"cmd_t\":"
			     "\"z/cellar/set\"}"));
	assert_true(entity("lock.s")->read_only);
	assert_true(entity("lock.c")->read_only);
}

static const char FRONT_DOOR[] =
	"{\"name\":\"door\",\"uniq_id\":\"d\",\"cmd_t\":\"d/set\",\"stat_t\":\"d/is\"}";

/* A lamp that is told ON where the lock says LOCKED would speak for the lock. */
static void test_nobody_speaks_for_a_lock(void **state)
{
	static const char lamp[] =
		"{\"name\":\"e\",\"uniq_id\":\"e\",\"cmd_t\":\"d/is\",\"pl_on\":\"LOCKED\"}";

	(void)state;
	assert_true(announce("homeassistant/light/e/config", lamp));
	assert_false(entity("light.e")->read_only);
	assert_true(announce("homeassistant/lock/d/config", FRONT_DOOR));
	assert_true(entity("light.e")->read_only);
	assert_false(entity("lock.d")->read_only);
	assert_non_null(strstr(note.text, "homeassistant/light/e/config: "));
	assert_true(announce("homeassistant/light/e/config", ""));
	assert_true(announce("homeassistant/light/e/config", lamp));
	assert_true(entity("light.e")->read_only);
}

/* Who takes away the lock's announcement does not get its topic. */
static void test_a_lock_that_is_gone_is_remembered(void **state)
{
	static const char lamp[] =
		"{\"name\":\"e\",\"uniq_id\":\"e\",\"cmd_t\":\"d/set\",\"pl_on\":\"OPEN\"}";

	(void)state;
	assert_true(announce("homeassistant/lock/d/config", FRONT_DOOR));
	assert_true(announce("homeassistant/lock/d/config", ""));
	assert_null(entity("lock.d"));
	assert_true(announce("homeassistant/light/e/config", lamp));
	assert_true(entity("light.e")->read_only);
	assert_non_null(strstr(note.text, "a lock, an alarm or a door"));
	assert_true(announce("homeassistant/lock/d/config", FRONT_DOOR));
	assert_false(entity("lock.d")->read_only);
}

/* Who announces so many locks that the first is forgotten gets no lamp for it. */
static void test_more_locks_than_are_remembered(void **state)
{
	enum { LOCKS = 513 };
	char topic[LINE_BYTES];
	char payload[LINE_BYTES];

	(void)state;
	for (int i = 0; i < LOCKS; i++) {
		must(str_format(topic, sizeof(topic), "homeassistant/lock/l%d/config",
				i));
		must(str_format(
			payload, sizeof(payload),
			"{\"name\":\"l%d\",\"uniq_id\":\"l%d\",\"cmd_t\":\"l%d/set\"}", i,
			i, i));
		assert_true(announce(topic, payload));
	}
	assert_true(announce("homeassistant/lock/l512/config", ""));
	assert_true(
		announce("homeassistant/light/e/config",
			 "{\"name\":\"e\",\"uniq_id\":\"e\",\"cmd_t\":\"l512/set\"}"));
	assert_true(entity("light.e")->read_only);
	assert_non_null(strstr(note.text, "a lock, an alarm or a door"));
}

/* The same message makes a lamp of it. */
static void test_a_lock_that_becomes_a_lamp(void **state)
{
	static const char *const forms[] = {
		"{\"dev\":{\"ids\":\"d\"},\"cmps\":{\"a\":{\"p\":\"lock\",\"name\":\"door\","
		"\"uniq_id\":\"d\",\"cmd_t\":\"d/set\"}}}",
		"{\"dev\":{\"ids\":\"d\"},\"cmps\":{\"a\":{\"p\":\"light\",\"name\":\"door\","
		"\"uniq_id\":\"d\",\"cmd_t\":\"d/set\",\"pl_on\":\"OPEN\"}}}",
	};

	(void)state;
	assert_true(announce("homeassistant/device/d/config", forms[0]));
	assert_true(announce("homeassistant/device/d/config", forms[1]));
	assert_string_equal(note.text,
			    "homeassistant/device/d/config: what was a lock says "
			    "that it is a light; it is taken as another device");
	assert_null(entity("lock.d"));
	assert_true(entity("light.d")->read_only);
}

/* Letters are what is spoken. */
static void test_a_name_that_sounds_the_same(void **state)
{
	static const char *const names[] = {"Lamp!", "l-a-m-p", " lamp ", "LAMP."};

	(void)state;
	assert_true(announce("homeassistant/light/x/config", LAMP));
	for (size_t i = 0; i < STR_COUNT(names); i++) {
		char payload[256];

		assert_true(
			str_format(payload, sizeof(payload),
				   "{\"name\":\"%s\",\"uniq_id\":\"2\",\"cmd_t\":\"e\","
				   "\"dev\":{\"sa\":\"Kitchen\"}}",
				   names[i]));
		assert_true(announce("homeassistant/light/y/config", payload));
		assert_false(entity("light.2")->exposed);
		assert_non_null(strstr(note.text, "not exposed"));
	}
	assert_true(announce("homeassistant/light/y/config",
			     "{\"name\":\"lamp two\",\"uniq_id\":\"2\",\"cmd_t\":\"e\","
			     "\"dev\":{\"sa\":\"kitchen\"}}"));
	assert_true(entity("light.2")->exposed);
}

/* What is no state is told of once, and says nothing. */
static void test_states_that_are_none(void **state)
{
	static char giant[70000];
	char deep[200];

	(void)state;
	assert_true(announce("homeassistant/light/x/config", LAMP));
	memset(giant, 'x', sizeof(giant));
	note.text[0] = 0;
	assert_false(mqtt_home_hear(home, "l", giant, sizeof(giant), &note));
	assert_non_null(strstr(note.text, "l: a state of 70000 bytes"));
	memset(deep, '[', sizeof(deep));
	note.text[0] = 0;
	assert_false(mqtt_home_hear(home, "l", deep, sizeof(deep), &note));
	assert_non_null(strstr(note.text, "nested"));
	note.text[0] = 0;
	assert_false(mqtt_home_hear(home, "l", "{plain", 6, &note));
	assert_true(mqtt_home_hear(home, "l", "ON", 2, &note));
	assert_string_equal(note.text, "");
}

static void test_shared_topics(void **state)
{
	(void)state;
	assert_true(announce("homeassistant/light/x/config", LAMP));
	assert_true(announce(
		"homeassistant/light/y/config",
		"{\"name\":\"other\",\"uniq_id\":\"2\",\"cmd_t\":\"y\",\"stat_t\":\"l\"}"));
	assert_int_equal(wishes.count, 2); /* asked for again, for what is retained */
	assert_true(hear("l", "ON"));
	assert_true(entity("light.1")->state.on && entity("light.2")->state.on);
	assert_true(announce("homeassistant/light/x/config", ""));
	assert_false(wished("-l"));
	assert_true(announce("homeassistant/light/y/config", ""));
	assert_true(wished("-l"));
}

static void test_connections(void **state)
{
	(void)state;
	assert_true(announce("homeassistant/light/x/config", LAMP));
	assert_true(announce("homeassistant/lock/d/config", LOCK));
	assert_true(hear("l", "ON"));
	wishes.count = 0;
	mqtt_home_begin(home);
	assert_true(wished("+l") && wished("+z/door"));
	assert_false(entity("light.1")->state.known);
	assert_false(announce("homeassistant/light/x/config",
			      LAMP)); /* nothing new, but there */
	assert_true(mqtt_home_sweep(home));
	assert_non_null(entity("light.1"));
	assert_null(entity("lock.d"));
	assert_false(mqtt_home_sweep(home));
}

static void test_device_message_loses_a_component(void **state)
{
	(void)state;
	assert_true(announce(
		"homeassistant/device/x/config",
		"{\"dev\":{\"name\":\"x\"},\"cmps\":{"
		"\"a\":{\"p\":\"light\",\"uniq_id\":\"a\",\"cmd_t\":\"a\",\"name\":\"a\"},"
		"\"b\":{\"p\":\"light\",\"uniq_id\":\"b\",\"cmd_t\":\"b\",\"name\":\"b\"}}}"));
	assert_int_equal(mqtt_home_value(home)->entity_count, 2);
	assert_true(announce(
		"homeassistant/device/x/config",
		"{\"dev\":{\"name\":\"x\"},\"cmps\":{\"a\":{\"p\":\"light\"},"
		"\"b\":{\"p\":\"light\",\"uniq_id\":\"b\",\"cmd_t\":\"b\",\"name\":\"b\"}}}"));
	assert_int_equal(mqtt_home_value(home)->entity_count, 1);
	assert_non_null(entity("light.b"));
	/* the same id twice in one message: the first of them */
	(void)announce(
		"homeassistant/device/y/config",
		"{\"dev\":{\"name\":\"y\"},\"cmps\":{"
		"\"a\":{\"p\":\"light\",\"uniq_id\":\"y\",\"cmd_t\":\"a\",\"name\":\"1\"},"
		"\"b\":{\"p\":\"light\",\"uniq_id\":\"y\",\"cmd_t\":\"b\",\"name\":\"2\"}}}");
	assert_non_null(entity("light.y"));
}

static void test_a_flood(void **state)
{
	enum { FLOOD = 10000 };
	size_t accepted = 0;

	(void)state;
	assert_true(announce("homeassistant/light/x/config", LAMP));
	for (size_t i = 0; i < FLOOD; i++) {
		char topic[64];
		char payload[128];

		assert_true(str_format(topic, sizeof(topic),
				       "homeassistant/switch/f%zu/config", i));
		assert_true(str_format(payload, sizeof(payload),
				       "{\"name\":\"flood %zu\",\"cmd_t\":\"f/%zu\"}", i,
				       i));
		accepted += announce(topic, payload);
	}
	assert_int_equal(accepted, HOME_ENTITIES_MAX - 1);
	assert_string_equal(note.text,
			    "homeassistant/switch/f9999/config: more than 2048 devices");
	assert_int_equal(mqtt_home_value(home)->entity_count, HOME_ENTITIES_MAX);
	assert_non_null(entity("light.1"));
	assert_true(hear("l", "ON"));
}

static void test_areas_of_a_flood_go_with_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * HOME_AREAS_MAX; i++) {
		char topic[64];
		char payload[128];

		assert_true(str_format(topic, sizeof(topic),
				       "homeassistant/switch/f%zu/config", i));
		assert_true(str_format(payload, sizeof(payload),
				       "{\"name\":\"flood %zu\",\"cmd_t\":\"f/%zu\","
				       "\"dev\":{\"sa\":\"area %zu\"}}",
				       i, i, i));
		assert_true(announce(topic, payload));
	}
	assert_int_equal(mqtt_home_value(home)->area_count, HOME_AREAS_MAX);
	for (size_t i = 0; i < 2 * HOME_AREAS_MAX; i++) {
		char topic[64];

		assert_true(str_format(topic, sizeof(topic),
				       "homeassistant/switch/f%zu/config", i));
		assert_true(announce(topic, ""));
	}
	assert_int_equal(mqtt_home_value(home)->area_count, 0);
	assert_true(announce("homeassistant/light/x/config", LAMP));
	assert_int_equal(entity("light.1")->area, 0);
}

static void test_payloads_that_are_no_text(void **state)
{
	static const char with_nul[] = "ON\0";
	(void)state;
	assert_true(announce("homeassistant/light/x/config", LAMP));
	assert_false(mqtt_home_hear(home, "l", with_nul, sizeof(with_nul) - 1, NULL));
	assert_false(mqtt_home_hear(home, "l", "\xff", 1, NULL));
	assert_false(mqtt_home_hear(home, "l", "", 0, NULL));
	assert_false(mqtt_home_hear(home, "l", NULL, 0, NULL));
	assert_false(hear("unheard", "ON"));
	assert_false(entity("light.1")->state.known);
}

#define HOME_TEST(name) cmocka_unit_test_setup_teardown(name, make_home, end_home)

/* The word that confirms an action, before it the one that does not. */
static void test_a_device_confirms_by_its_own_word(void **state)
{
	static const struct {
		const char *component;
		const char *more;
		struct action action;
		const char *topic;
		const char *before;
		const char *not_yet;
		const char *done;
	} rows[] = {
		{"light", "", {.kind = ACTION_TURN_ON}, "s", "OFF", "OFF", "ON"},
		{"light", "", {.kind = ACTION_TURN_OFF}, "s", "ON", "ON", "OFF"},
		{"light",
		 ",\"schema\":\"json\",\"brightness\":true",
		 {.kind = ACTION_LIGHT_DIM, .percent = 40},
		 "s",
		 "{\"state\":\"ON\",\"brightness\":254}",
		 "{\"state\":\"ON\",\"brightness\":200}",
		 "{\"state\":\"ON\",\"brightness\":102}"},
		{"lock", "", {.kind = ACTION_LOCK}, "s", "UNLOCKED", "JAMMED", "LOCKED"},
		{"alarm_control_panel",
		 "",
		 {.kind = ACTION_ARM_ALARM, .mode = "night"},
		 "s",
		 "disarmed",
		 "armed_home",
		 "armed_night"},
		{"cover",
		 ",\"pos_t\":\"p\",\"set_pos_t\":\"p/set\"",
		 {.kind = ACTION_SET_POSITION, .percent = 30},
		 "p",
		 "80",
		 "85",
		 "30"},
		{"cover",
		 "",
		 {.kind = ACTION_CLOSE_COVER},
		 "s",
		 "open",
		 "stopped",
		 "closing"},
		{"climate",
		 ",\"temp_stat_t\":\"s\",\"temp_cmd_t\":\"t/set\"",
		 {.kind = ACTION_SET_HEAT, .celsius = 21.5},
		 "s",
		 "18",
		 "19",
		 "21.5"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		const struct mqtt_device *device = NULL;
		struct mqtt_mark mark;
		char topic[LINE_BYTES];
		char config[512];
		char id[LINE_BYTES];

		assert_true(str_format(topic, sizeof(topic),
				       "homeassistant/%s/x%zu/config", rows[i].component,
				       i));
		assert_true(str_format(config, sizeof(config),
				       "{\"name\":\"d%zu\",\"uniq_id\":\"%zu\","
				       "\"cmd_t\":\"%zu/set\",\"stat_t\":\"s\","
				       "\"avty_t\":\"a\"%s}",
				       i, i, i, rows[i].more));
		assert_true(str_format(id, sizeof(id), "%s.%zu", rows[i].component, i));
		assert_true(announce(topic, config));
		device = mqtt_home_find(home, id);
		assert_non_null(device);
		hear(rows[i].topic, rows[i].done);
		hear("a", "online");
		mark = mqtt_device_mark(
			device); /* it was so already: nothing more comes */
		assert_true(mqtt_device_confirms(device, &rows[i].action, &mark));
		hear("a", "offline"); /* unless the device may be gone */
		assert_false(mqtt_device_confirms(device, &rows[i].action, &mark));
		assert_true(mqtt_device_is_offline(device));
		hear("a", "online");
		hear(rows[i].topic, rows[i].before);
		mark = mqtt_device_mark(device);
		assert_false(mqtt_device_confirms(device, &rows[i].action, &mark));
		hear(rows[i].topic, rows[i].not_yet);
		if (mqtt_device_confirms(device, &rows[i].action, &mark))
			fail_msg("%s: '%s' confirms", id, rows[i].not_yet);
		hear(rows[i].topic, rows[i].done);
		if (!mqtt_device_confirms(device, &rows[i].action, &mark))
			fail_msg("%s: '%s' does not confirm", id, rows[i].done);
		assert_true(announce(topic, ""));
	}
}

/* A cover needs its time: the right way is enough, the wrong one is not. */
static void test_a_cover_on_its_way(void **state)
{
	const struct action action = {.kind = ACTION_SET_POSITION, .percent = 30};
	const struct mqtt_device *blind = NULL;
	struct mqtt_mark mark;

	(void)state;
	assert_true(announce("homeassistant/cover/x/config",
			     "{\"name\":\"b\",\"uniq_id\":\"1\",\"cmd_t\":\"c\","
			     "\"pos_t\":\"p\",\"set_pos_t\":\"p/set\"}"));
	blind = mqtt_home_find(home, "cover.1");
	assert_non_null(blind);
	hear("p", "80");
	mark = mqtt_device_mark(blind);
	hear("p", "82");
	assert_false(mqtt_device_confirms(blind, &action, &mark));
	hear("p", "76");
	assert_true(mqtt_device_confirms(blind, &action, &mark));
}

/* Without a word on whether it is there, only what comes after the command counts; without
 * any topic of its own there is only the broker's word. */
static void test_devices_that_say_little(void **state)
{
	const struct action on = {.kind = ACTION_TURN_ON};
	const struct mqtt_device *lamp = NULL;
	struct mqtt_mark mark;

	(void)state;
	assert_true(announce("homeassistant/light/x/config", LAMP));
	lamp = mqtt_home_find(home, "light.1");
	hear("l", "ON");
	mark = mqtt_device_mark(lamp);
	assert_false(mqtt_device_confirms(lamp, &on, &mark));
	hear("l", "ON");
	assert_true(mqtt_device_confirms(lamp, &on, &mark));
	assert_false(mqtt_device_is_offline(lamp));
	assert_true(announce("homeassistant/light/y/config",
			     "{\"name\":\"n\",\"uniq_id\":\"2\",\"cmd_t\":\"n/set\"}"));
	lamp = mqtt_home_find(home, "light.2");
	mark = mqtt_device_mark(lamp);
	assert_true(mqtt_device_confirms(lamp, &on, &mark));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(test_a_device_lives),
		HOME_TEST(test_a_refused_message_changes_nothing),
		HOME_TEST(test_the_first_keeps_an_id),
		HOME_TEST(test_a_namesake_is_not_exposed),
		HOME_TEST(test_nothing_commands_a_lock_but_the_lock),
		HOME_TEST(test_nor_when_the_lock_comes_later),
		HOME_TEST(test_of_two_locks_on_one_topic_none_is_commanded),
		HOME_TEST(test_nobody_speaks_for_a_lock),
		HOME_TEST(test_a_lock_that_is_gone_is_remembered),
		HOME_TEST(test_more_locks_than_are_remembered),
		HOME_TEST(test_a_lock_that_becomes_a_lamp),
		HOME_TEST(test_a_name_that_sounds_the_same),
		HOME_TEST(test_states_that_are_none),
		HOME_TEST(test_shared_topics),
		HOME_TEST(test_connections),
		HOME_TEST(test_device_message_loses_a_component),
		HOME_TEST(test_a_flood),
		HOME_TEST(test_areas_of_a_flood_go_with_it),
		HOME_TEST(test_payloads_that_are_no_text),
		HOME_TEST(test_a_device_confirms_by_its_own_word),
		HOME_TEST(test_a_cover_on_its_way),
		HOME_TEST(test_devices_that_say_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
