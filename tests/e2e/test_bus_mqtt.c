/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The home bus against a real broker and the toy home: what goes well, and every way in
 * which the broker can fail.
 */
#include "unit/cmocka_all.h"

#include <math.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "adapter/bus_mqtt.h"
#include "adapter/rand_system.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/str.h"
#include "fake/bus_contract.h"
#include "mosquitto_fixture.h"

enum { TOY_DEVICES = 9 }; /* eight, and the lock's battery */

static struct fixture fixture;
static struct loop *loop;
static struct bus bus;

struct heard {
	unsigned done_count;
	unsigned changed_count;
	unsigned refused_count;
	unsigned refused_badly;
	uint64_t token;
	enum err err;
	char why[ERR_NOTE_BYTES];
};
static struct heard heard;

static void on_done(void *context, uint64_t token, enum err err)
{
	(void)context;
	heard.done_count++;
	heard.token = token;
	heard.err = err;
}

static void on_changed(void *context)
{
	(void)context;
	heard.changed_count++;
}

static void on_refused(void *context, const char *topic, const char *why)
{
	(void)context;
	heard.refused_count++;
	if (strstr(why, topic) == why) /* the topic is told beside it */
		heard.refused_badly++;
	if (strstr(topic, "evil4"))
		(void)str_copy(heard.why, sizeof(heard.why), why);
}

static int begin(void **state)
{
	(void)state;
	heard = (struct heard){0};
	bus = (struct bus){0};
	return !fixture_begin(&fixture) || loop_create(&loop) != OK;
}

static int end(void **state)
{
	(void)state;
	bus_close(&bus);
	loop_destroy(loop);
	fixture_end(&fixture);
	return 0;
}

static void open_bus_for(const char *password, struct bus_listener listener)
{
	struct bus_mqtt_settings settings = {.host = "127.0.0.1",
					     .port = fixture.broker.port,
					     .user = "hub",
					     .password = password,
					     .discovery = "homeassistant"};

	assert_int_equal(bus_mqtt_open(loop, &settings, listener, rand_system(), &bus),
			 OK);
}

static void open_bus(const char *password)
{
	open_bus_for(password,
		     (struct bus_listener){NULL, on_done, on_changed, on_refused});
}

typedef bool question(const void *context);

/* Runs the loop until the answer is yes. */
static void until(question *is_so, const void *context)
{
	int64_t end_ms = loop_now_ms() + FIXTURE_WAIT_MS;

	while (!is_so(context)) {
		if (loop_now_ms() > end_ms)
			fail_msg("it never happened; the bus says \"%s\"",
				 bus_trouble(&bus));
		assert_int_equal(loop_run_once(loop, FIXTURE_STEP_MS), OK);
	}
}

static bool is_up(const void *context)
{
	(void)context;
	return bus_is_up(&bus);
}

static bool is_down(const void *context)
{
	(void)context;
	return !bus_is_up(&bus);
}

static bool has_trouble(const void *context)
{
	return strstr(bus_trouble(&bus), context) != NULL;
}

static bool has_devices(const void *context)
{
	const size_t *count = context;

	return bus_home(&bus)->entity_count == *count;
}

static const struct entity *entity(const char *id)
{
	return home_find_const(bus_home(&bus), id);
}

static bool knows_state(const void *context)
{
	const struct entity *found = entity(context);

	return found && found->state.known && found->state.available;
}

static bool has_heard(const void *context)
{
	const unsigned *count = context;

	return heard.done_count >= *count;
}

static bool is_on(const void *context)
{
	return entity(context) && entity(context)->state.on;
}

static bool is_away(const void *context)
{
	return entity(context) && !entity(context)->state.available;
}

static void all_up(void)
{
	const size_t devices = TOY_DEVICES;

	assert_true(fixture_start_broker(&fixture));
	assert_true(fixture_start_toy(&fixture));
	open_bus(fixture.hub_password);
	until(is_up, NULL);
	until(has_devices, &devices);
	until(knows_state, "light.toy_kitchen_light");
}

/* Sends it and waits for the acknowledgement. */
static enum err send(const struct action *action)
{
	unsigned count = heard.done_count + 1;
	enum err err = bus_command(&bus, action, count);

	if (err)
		return err;
	until(has_heard, &count);
	assert_int_equal(heard.token, count);
	return heard.err;
}

static bool toy_says(const void *context)
{
	const char *const *texts = context;

	return fixture_toy_printed(&fixture, texts[0], texts[1]);
}

static void until_toy(const char *device, const char *text)
{
	const char *const texts[] = {device, text};

	until(toy_says, texts);
}

struct sight {
	struct onlooker *onlooker;
	const char *topic;
	const char *text;
};

static bool has_seen(const void *context)
{
	const struct sight *sight = context;

	onlooker_step(sight->onlooker);
	return onlooker_saw(sight->onlooker, sight->topic, sight->text) > 0;
}

static void until_seen(struct onlooker *onlooker, const char *topic, const char *text)
{
	const struct sight sight = {onlooker, topic, text};

	until(has_seen, &sight);
}

static bool was_told(const void *context)
{
	const unsigned *count = context;

	return heard.changed_count > *count;
}

static const struct action KITCHEN_ON = {.kind = ACTION_TURN_ON,
					 .entity = "light.toy_kitchen_light"};
static const struct action BEDROOM_ON = {.kind = ACTION_TURN_ON,
					 .entity = "light.toy_bedroom_light"};

static void turn_loop(void *context)
{
	(void)context;
	assert_int_equal(loop_run_once(loop, FIXTURE_STEP_MS), OK);
}

static void kill_broker(void *context)
{
	(void)context;
	fixture_signal_broker(&fixture, SIGKILL);
}

static void test_contract(void **state)
{
	struct bus_contract contract = {.bus = &bus,
					.light = "light.toy_kitchen_light",
					.lock = "lock.toy_front_door_lock",
					.turn = turn_loop,
					.fall = kill_broker};
	const size_t devices = TOY_DEVICES;

	(void)state;
	assert_true(fixture_start_broker(&fixture));
	assert_true(fixture_start_toy(&fixture));
	open_bus_for(fixture.hub_password, bus_contract_listener(&contract));
	until(is_up, NULL);
	until(has_devices, &devices);
	until(knows_state, "light.toy_kitchen_light");
	bus_contract_check(&contract);
	bus_close(&bus);
}

static void test_finds_the_toy_home(void **state)
{
	const struct entity *found = NULL;

	(void)state;
	all_up();
	assert_string_equal(bus_trouble(&bus), "");
	found = entity("light.toy_kitchen_light");
	assert_string_equal(found->name, "kitchen light");
	assert_string_equal(bus_home(&bus)->areas[found->area].name, "kitchen");
	assert_int_equal(found->features,
			 ENTITY_CAN_SWITCH | ENTITY_CAN_DIM | ENTITY_CAN_COLOUR);
	assert_int_equal(bus_home(&bus)->area_count, 3);
	until(knows_state, "climate.toy_living_room_thermostat");
	found = entity("climate.toy_living_room_thermostat");
	assert_true(found->celsius_min > 4.9 && found->celsius_max < 30.1);
	assert_true(fabs(found->state.target_celsius - 19.0) < 0.01);
	assert_true(fabs(found->state.measured_celsius - 18.5) < 0.01);
	until(knows_state, "cover.toy_bedroom_blind");
	assert_int_equal(entity("cover.toy_bedroom_blind")->state.position_percent, 100);
	until(knows_state, "lock.toy_front_door_lock");
	assert_string_equal(entity("lock.toy_front_door_lock")->state.text, "locked");
	until(knows_state, "alarm_control_panel.toy_alarm");
	assert_string_equal(entity("alarm_control_panel.toy_alarm")->state.text,
			    "disarmed");
	assert_false(entity("sensor.toy_front_door_battery")->exposed);
	assert_non_null(entity("button.toy_garden_gate"));
}

static void test_commands_reach_their_devices(void **state)
{
	static const struct {
		struct action action;
		const char *device;
		const char *text;
	} rows[] = {
		{{.kind = ACTION_TURN_ON, .entity = "light.toy_kitchen_light"},
		 "kitchen light",
		 "\"state\":\"ON\""},
		{{.kind = ACTION_LIGHT_DIM,
		  .entity = "light.toy_kitchen_light",
		  .percent = 40},
		 "kitchen light",
		 "\"brightness\":102"},
		{{.kind = ACTION_LIGHT_COLOUR,
		  .entity = "light.toy_kitchen_light",
		  .colour = "red"},
		 "kitchen light",
		 "\"r\":255,\"g\":0,\"b\":0"},
		{{.kind = ACTION_LIGHT_DIM,
		  .entity = "light.toy_living_room_lamp",
		  .percent = 30},
		 "living room lamp",
		 "\"brightness\":30"},
		{{.kind = ACTION_TURN_ON, .entity = "light.toy_bedroom_light"},
		 "bedroom light",
		 "\"state\":\"ON\""},
		{{.kind = ACTION_SET_HEAT,
		  .entity = "climate.toy_living_room_thermostat",
		  .celsius = 21.5},
		 "living room thermostat",
		 "\"temperature\":21.5"},
		{{.kind = ACTION_SET_POSITION,
		  .entity = "cover.toy_bedroom_blind",
		  .percent = 25},
		 "bedroom blind",
		 "\"position\":25"},
		{{.kind = ACTION_CLOSE_COVER, .entity = "cover.toy_bedroom_blind"},
		 "bedroom blind",
		 "\"position\":0"},
		{{.kind = ACTION_ARM_ALARM,
		  .entity = "alarm_control_panel.toy_alarm",
		  .mode = "home"},
		 "alarm",
		 "armed_home"},
	};

	(void)state;
	all_up();
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		assert_int_equal(send(&rows[i].action), OK);
		until_toy(rows[i].device, rows[i].text);
	}
	until(is_on, "light.toy_kitchen_light"); /* the device's own word for it */
	assert_int_equal(heard.done_count, STR_COUNT(rows));
}

static void test_binding_actions_have_no_way_out(void **state)
{
	static const struct action rows[] = {
		{.kind = ACTION_UNLOCK, .entity = "lock.toy_front_door_lock"},
		{.kind = ACTION_DISARM_ALARM, .entity = "alarm_control_panel.toy_alarm"},
		{.kind = ACTION_PRESS, .entity = "button.toy_garden_gate"},
		{.kind = ACTION_TURN_ON, .entity = "button.toy_garden_gate"},
		{.kind = ACTION_TURN_OFF, .entity = "lock.toy_front_door_lock"},
	};
	const struct action unknown = {.kind = ACTION_TURN_ON, .entity = "light.nobody"};

	(void)state;
	all_up();
	for (size_t i = 0; i < STR_COUNT(rows); i++)
		assert_int_equal(bus_command(&bus, &rows[i], 1), ERR_UNSUPPORTED);
	assert_int_equal(bus_command(&bus, &unknown, 1), ERR_MISSING);
	assert_int_equal(heard.done_count, 0);
}

static void test_no_broker_then_one(void **state)
{
	(void)state;
	open_bus(fixture.hub_password);
	until(has_trouble, "does not answer");
	assert_false(bus_is_up(&bus));
	assert_int_equal(bus_command(&bus, &KITCHEN_ON, 1), ERR_CLOSED);
	assert_int_equal(heard.done_count, 0);
	assert_true(fixture_start_broker(&fixture));
	until(is_up, NULL);
	assert_string_equal(bus_trouble(&bus), "");
}

/* A broker that lets everybody in. */
static void drop_passwords(void)
{
	char text[128];
	struct err_note note = {""};

	assert_true(str_format(
		text, sizeof(text),
		"listener %u 127.0.0.1\nallow_anonymous true\nlog_type error\n",
		fixture.broker.port));
	assert_int_equal(file_write(fixture.broker.config, text, strlen(text), 0600,
				    &note),
			 OK);
}

static void test_a_refused_password_is_said_and_tried_again(void **state)
{
	(void)state;
	assert_true(fixture_start_broker(&fixture));
	open_bus("not the password");
	until(has_trouble, "refused the user name or password");
	assert_false(bus_is_up(&bus));
	assert_int_equal(bus_command(&bus, &KITCHEN_ON, 1), ERR_CLOSED);
	fixture_signal_broker(&fixture, SIGTERM);
	drop_passwords();
	assert_true(fixture_start_broker(&fixture));
	until(is_up, NULL);
}

/* What went out before the broker died, and what came after it returned. */
static void test_a_broker_killed_in_mid_command(void **state)
{
	static struct onlooker onlooker;
	const size_t devices = TOY_DEVICES;
	unsigned one = 1;

	(void)state;
	all_up();
	fixture_signal_broker(&fixture, SIGSTOP);
	assert_int_equal(bus_command(&bus, &KITCHEN_ON, 7), OK);
	assert_int_equal(loop_run_once(loop, FIXTURE_STEP_MS), OK);
	assert_int_equal(heard.done_count, 0);
	fixture_signal_broker(&fixture, SIGKILL);
	until(has_heard, &one);
	assert_int_equal(heard.token, 7);
	assert_int_equal(heard.err, ERR_CLOSED);
	until(is_down, NULL);
	assert_int_equal(bus_command(&bus, &KITCHEN_ON, 8), ERR_CLOSED);
	assert_true(fixture_start_broker(&fixture));
	assert_true(onlooker_begin(&onlooker, &fixture, "hub", "#"));
	until(is_up, NULL);
	until(has_devices, &devices);
	until(knows_state, "light.toy_bedroom_light"); /* back later than its broker */
	assert_int_equal(send(&BEDROOM_ON), OK);
	/* The fence has passed: nothing of before can come behind it. */
	until_seen(&onlooker, "toy/light/bedroom_light/set", "ON");
	assert_int_equal(onlooker_saw(&onlooker, "toy/light/kitchen_light/set", ""), 0);
	assert_int_equal(onlooker_saw(&onlooker, "toy/light/bedroom_light/set", ""), 1);
	assert_int_equal(heard.done_count, 2);
	onlooker_end(&onlooker);
}

/* The command lies in the stalled broker's own memory, and still is not carried out. */
static void test_a_broker_that_stalls(void **state)
{
	static struct onlooker onlooker;
	unsigned one = 1;

	(void)state;
	all_up();
	assert_true(onlooker_begin(&onlooker, &fixture, "hub", "#"));
	fixture_signal_broker(&fixture, SIGSTOP);
	assert_int_equal(bus_command(&bus, &KITCHEN_ON, 7), OK);
	until(has_heard, &one);
	assert_int_equal(heard.err, ERR_TIMEOUT);
	assert_false(bus_is_up(&bus));
	assert_true(has_trouble("does not acknowledge commands"));
	fixture_signal_broker(&fixture, SIGCONT);
	until(is_up, NULL);
	until(knows_state, "light.toy_bedroom_light");
	assert_int_equal(send(&BEDROOM_ON), OK);
	until_seen(&onlooker, "toy/light/bedroom_light/set", "ON");
	assert_int_equal(onlooker_saw(&onlooker, "toy/light/kitchen_light/set", ""), 0);
	assert_int_equal(onlooker_saw(&onlooker, "toy/light/bedroom_light/set", ""), 1);
	assert_int_equal(heard.done_count, 2);
	onlooker_end(&onlooker);
}

/* We ourselves were stopped: the broker's answer waits beside a deadline that is over. */
static void test_a_hub_that_stalls(void **state)
{
	static struct onlooker onlooker;
	unsigned one = 1;

	(void)state;
	all_up();
	assert_true(onlooker_begin(&onlooker, &fixture, "hub", "#"));
	assert_int_equal(bus_command(&bus, &KITCHEN_ON, 7), OK);
	(void)poll(NULL, 0, BUS_ACK_MS + 10);
	until(has_heard, &one);
	assert_int_equal(heard.err, ERR_TIMEOUT);
	until(is_up, NULL);
	until(knows_state, "light.toy_bedroom_light");
	assert_int_equal(send(&BEDROOM_ON), OK);
	until_seen(&onlooker, "toy/light/bedroom_light/set", "ON");
	assert_int_equal(onlooker_saw(&onlooker, "toy/light/kitchen_light/set", ""), 0);
	onlooker_end(&onlooker);
}

static void test_a_broker_that_restarts(void **state)
{
	unsigned changed = 0;

	(void)state;
	all_up();
	assert_int_equal(send(&KITCHEN_ON), OK);
	until(is_on, "light.toy_kitchen_light");
	fixture_signal_broker(&fixture, SIGTERM);
	until(is_down, NULL);
	changed = heard.changed_count;
	assert_non_null(entity("light.toy_kitchen_light")); /* still known by name */
	assert_true(fixture_start_broker(&fixture));
	until(is_up, NULL);
	until(is_on, "light.toy_kitchen_light"); /* and its state is learned anew */
	until(was_told, &changed);
	until(knows_state,
	      "light.toy_bedroom_light"); /* it is back later than its broker */
	assert_int_equal(send(&BEDROOM_ON), OK);
	assert_int_equal(heard.done_count, 2);
}

static void test_devices_that_leave(void **state)
{
	(void)state;
	all_up();
	fixture_stop_toy(&fixture, SIGKILL);
	until(is_away, "light.toy_kitchen_light");
	assert_int_equal(bus_command(&bus, &KITCHEN_ON, 1), ERR_CLOSED);
	assert_int_equal(heard.done_count, 0);
	assert_true(fixture_start_toy(&fixture));
	until(knows_state, "light.toy_kitchen_light");
}

/* The broker acknowledges, and nobody does it. */
static void test_a_device_that_does_not_answer(void **state)
{
	(void)state;
	all_up();
	assert_int_equal(kill(fixture.toy_pid, SIGSTOP), 0);
	assert_int_equal(send(&KITCHEN_ON), ERR_BUSY);
	assert_true(bus_is_up(&bus));
	assert_int_equal(kill(fixture.toy_pid, SIGCONT), 0);
	assert_int_equal(send(&BEDROOM_ON), OK);
}

/* It is there, and was unlocked; LOCK goes where our user may not publish. */
static void test_what_the_broker_drops_is_not_done(void **state)
{
	static const char config[] =
		"{\"name\":\"shed\",\"uniq_id\":\"shed\",\"stat_t\":\"toy/shed\","
		"\"cmd_t\":\"toy/lock/shed/set\",\"avty_t\":\"toy/status\"}";
	const struct action lock = {.kind = ACTION_LOCK, .entity = "lock.shed"};
	static struct onlooker device;

	(void)state;
	all_up();
	assert_true(onlooker_begin(&device, &fixture, "toy", "toy/lock/shed/set"));
	onlooker_publish(&device, "homeassistant/lock/shed/config", config, false);
	onlooker_publish(&device, "toy/shed", "UNLOCKED", true);
	until(knows_state, "lock.shed");
	assert_int_equal(send(&lock), ERR_BUSY);
	assert_int_equal(onlooker_saw(&device, "toy/lock/shed/set", ""), 0);
	assert_string_equal(entity("lock.shed")->state.text, "unlocked");
	onlooker_end(&device);
}

/* The broker itself refuses the hub's user what binds the household. */
static void test_the_access_list(void **state)
{
	static const struct {
		const char *topic;
		const char *payload;
	} refused[] = {
		{"toy/lock/front_door_lock/set", "UNLOCK"},
		{"toy/lock/front_door_lock/set", "LOCK"},
		{"toy/alarm_control_panel/alarm/set", "DISARM"},
		{"toy/button/garden_gate/set", "PRESS"},
		{"toy/lock/front_door_lock/state", "UNLOCKED"},
		{"homeassistant/light/evil/config", "{}"},
		{"toy/status", "offline"},
	};
	static struct onlooker attacker;
	static struct onlooker witness;

	(void)state;
	all_up();
	assert_true(onlooker_begin(&witness, &fixture, "toy", "toy/#"));
	assert_true(onlooker_begin(&attacker, &fixture, "hub", "homeassistant/#"));
	for (size_t i = 0; i < STR_COUNT(refused); i++)
		onlooker_publish(&attacker, refused[i].topic, refused[i].payload, false);
	/* Allowed, and behind them: when this is seen, they were dropped. */
	onlooker_publish(&attacker, "toy/lock/front_door_lock/secure", "LOCK", false);
	onlooker_publish(&attacker, "toy/light/bedroom_light/set", "ON", false);
	until_seen(&witness, "toy/light/bedroom_light/set", "ON");
	assert_int_equal(onlooker_saw(&witness, "toy/lock/front_door_lock/secure",
				      "LOCK"),
			 1);
	for (size_t i = 0; i < STR_COUNT(refused); i++)
		assert_int_equal(onlooker_saw(&witness, refused[i].topic,
					      refused[i].payload),
				 0);
	assert_int_equal(onlooker_saw(&attacker, "homeassistant/light/evil/config", ""),
			 0);
	until_toy("bedroom light", "\"ON\"");
	until_toy("front door", "\"state\":\"LOCKED\"");
	assert_false(fixture_toy_printed(&fixture, "front door", "UNLOCKED"));
	assert_false(fixture_toy_printed(&fixture, "garden gate", "\"presses\":1"));
	onlooker_end(&attacker);
	onlooker_end(&witness);
}

static bool has_good_light(const void *context)
{
	(void)context;
	return entity("light.good") != NULL;
}

static void test_announcements_that_lie(void **state)
{
	static const struct {
		const char *topic;
		const char *payload;
	} lies[] = {
		{"homeassistant/light/evil1/config", "{"},
		{"homeassistant/light/evil2/config",
		 "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["},
		{"homeassistant/light/evil3/config", "{\"name\":\"e\",\"cmd_t\":\"#\"}"},
		{"homeassistant/light/evil4/config",
		 "{\"name\":\"e\",\"cmd_t\":\"homeassistant/light/toy_kitchen_light/config\"}"},
		{"homeassistant/light/evil5/config",
		 "{\"name\":\"e\",\"uniq_id\":\"toy_kitchen_light\",\"cmd_t\":\"e\"}"},
		{"homeassistant/light/evil6/config",
		 "{\"name\":\"\\u001b[31mkitchen light\",\"cmd_t\":\"e\"}"},
		{"homeassistant/light/good/config",
		 "{\"name\":\"good\",\"uniq_id\":\"good\",\"cmd_t\":\"toy/light/good/set\"}"},
	};
	static struct onlooker liar;
	struct action action = {.kind = ACTION_TURN_ON, .entity = "light.way around"};

	(void)state;
	all_up();
	assert_true(onlooker_begin(&liar, &fixture, "toy", "toy/#"));
	onlooker_publish(
		&liar, "homeassistant/light/around/config",
		"{\"name\":\"around\",\"uniq_id\":\"way around\","
		"\"cmd_t\":\"toy/lock/front_door_lock/set\",\"payload_on\":\"UNLOCK\"}",
		false);
	for (unsigned round = 0; round < 3; round++)
		for (size_t i = 0; i < STR_COUNT(lies); i++)
			if (round > 0 || !strstr(lies[i].topic, "good"))
				onlooker_publish(&liar, lies[i].topic, lies[i].payload,
						 false);
	until(has_good_light, NULL);
	assert_int_equal(heard.refused_count, STR_COUNT(lies)); /* each once */
	assert_int_equal(heard.refused_badly, 0);
	assert_non_null(strstr(heard.why, "expected"));
	assert_int_equal(bus_home(&bus)->entity_count, TOY_DEVICES + 2);
	assert_string_equal(entity("light.toy_kitchen_light")->name, "kitchen light");
	assert_true(entity("light.way around")->read_only);
	assert_int_equal(bus_command(&bus, &action, 1), ERR_UNSUPPORTED);
	assert_int_equal(send(&KITCHEN_ON), OK);
	until_toy("kitchen light", "\"ON\"");
	onlooker_end(&liar);
}

static void test_says_it_is_there(void **state)
{
	static struct onlooker onlooker;

	(void)state;
	assert_true(fixture_start_broker(&fixture));
	assert_true(onlooker_begin(&onlooker, &fixture, "hub", "homeassistant/status"));
	open_bus(fixture.hub_password);
	until(is_up, NULL);
	until_seen(&onlooker, "homeassistant/status", "online");
	bus_close(&bus);
	until_seen(&onlooker, "homeassistant/status", "offline");
	assert_false(onlooker.messages[0].retained);
	onlooker_end(&onlooker);
}

static bool said_twice(const void *context)
{
	struct onlooker *onlooker = (struct onlooker *)(uintptr_t)context;

	onlooker_step(onlooker);
	return onlooker_saw(onlooker, "homeassistant/status", "online") >= 3;
}

/* Somebody else says that the house is there: we do not say that it is gone. When they
 * say so, we say that it is not. */
static void test_beside_another_who_says_it(void **state)
{
	static struct onlooker neighbour;

	(void)state;
	assert_true(fixture_start_broker(&fixture));
	assert_true(onlooker_begin(&neighbour, &fixture, "hub", "homeassistant/#"));
	open_bus(fixture.hub_password);
	until(is_up, NULL);
	until_seen(&neighbour, "homeassistant/status", "online");
	onlooker_publish(&neighbour, "homeassistant/status", "online", false);
	onlooker_publish(&neighbour, "homeassistant/status", "offline", false);
	until(said_twice, &neighbour); /* ours, theirs, and ours again */
	bus_close(&bus);
	onlooker_publish(&neighbour, "homeassistant/status", "the end", false);
	until_seen(&neighbour, "homeassistant/status", "the end");
	assert_int_equal(onlooker_saw(&neighbour, "homeassistant/status", "offline"), 1);
	onlooker_end(&neighbour);
}

static void test_settings(void **state)
{
	const struct bus_mqtt_settings wrong[] = {
		{.host = "", .port = 1883, .discovery = "homeassistant"},
		{.host = NULL, .port = 1883, .discovery = "homeassistant"},
		{.host = "h", .port = 0, .discovery = "homeassistant"},
		{.host = "h", .port = 1, .discovery = ""},
		{.host = "h", .port = 1, .discovery = "home/#"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(wrong); i++)
		assert_int_equal(bus_mqtt_open(loop, &wrong[i], (struct bus_listener){0},
					       rand_system(), &bus),
				 ERR_RANGE);
	assert_null(bus.ops);
}

#define BUS_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BUS_TEST(test_settings),
		BUS_TEST(test_contract),
		BUS_TEST(test_finds_the_toy_home),
		BUS_TEST(test_commands_reach_their_devices),
		BUS_TEST(test_binding_actions_have_no_way_out),
		BUS_TEST(test_says_it_is_there),
		BUS_TEST(test_beside_another_who_says_it),
		BUS_TEST(test_no_broker_then_one),
		BUS_TEST(test_a_refused_password_is_said_and_tried_again),
		BUS_TEST(test_a_broker_killed_in_mid_command),
		BUS_TEST(test_a_broker_that_stalls),
		BUS_TEST(test_a_hub_that_stalls),
		BUS_TEST(test_a_broker_that_restarts),
		BUS_TEST(test_devices_that_leave),
		BUS_TEST(test_a_device_that_does_not_answer),
		BUS_TEST(test_what_the_broker_drops_is_not_done),
		BUS_TEST(test_the_access_list),
		BUS_TEST(test_announcements_that_lie),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
