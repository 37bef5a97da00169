/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_zigbee2mqtt - a house whose devices are zigbee2mqtt's: the real one, as it is
 * published, on a radio that tests/e2e/z2m/radio.cjs plays. What is asked for is seen where
 * it leaves for the air.
 *
 * Skipped, with the reason, where nobody fetched zigbee2mqtt (tools/fetch-data check). One
 * house for all tests; they build on each other in their order.
 */
#include "unit/cmocka_all.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/bus_mqtt.h"
#include "adapter/rand_system.h"
#include "base/key_text.h"
#include "base/loop.h"
#include "base/seal.h"
#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/process.h"

enum {
	SKIPPED = 77,
	TOLD_MAX = 256 * 1024,
	WORDS_MAX = 16,
	ID_PREFIX = 8,
};

#define Z2M "tests/e2e/z2m"
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* What zigbee2mqtt itself needs on the house's broker, and the hub of what is its. */
static const char ACL[] = "user hub\n"
			  "topic write zigbee2mqtt/+/set\n"
			  "topic write zigbee2mqtt/+/set/+\n"
			  "user gate\n"
			  "topic write zigbee2mqtt/+/set\n"
			  "user toy\n"
			  "topic readwrite homeassistant/#\n"
			  "topic readwrite zigbee2mqtt/#\n";

static struct house house;
static char passphrase_path[FILE_PATH_BYTES];
static pid_t gate;

/* --- zigbee2mqtt and its radio ---------------------------------------------------------- */

static struct {
	pid_t pid; /* 0: does not run */
	int in;    /* -1 none */
	int out;
	struct buf told;
} radio = {.in = -1, .out = -1};

static bool radio_path(char to[FILE_PATH_BYTES], const char *name)
{
	const char *source = getenv("BEHEST_SOURCE");
	char folder[FILE_PATH_BYTES];

	return source && file_join(folder, sizeof(folder), source, Z2M) &&
	       file_join(to, FILE_PATH_BYTES, folder, name);
}

static bool radio_is_fetched(void)
{
	char marker[FILE_PATH_BYTES];

	return radio_path(marker, "node_modules/.package-lock.json") &&
	       file_exists(marker);
}

static void radio_spawn(const char *const *words, const int child_ends[2],
			const char *log)
{
	union {
		const char *const *given;
		char *const *wanted;
	} argv = {.given = words};
	posix_spawn_file_actions_t actions;

	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, child_ends[0],
							  STDIN_FILENO),
			 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, child_ends[1],
							  STDOUT_FILENO),
			 0);
	assert_int_equal(posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log,
							  O_WRONLY | O_CREAT | O_APPEND,
							  0600),
			 0);
	assert_int_equal(posix_spawn(&radio.pid, words[0], &actions, NULL, argv.wanted,
				     environ),
			 0);
	(void)posix_spawn_file_actions_destroy(&actions);
}

static void radio_close(void)
{
	if (radio.in >= 0)
		close(radio.in);
	if (radio.out >= 0)
		close(radio.out);
	radio.in = -1;
	radio.out = -1;
}

static void radio_start(void)
{
	char node[FILE_PATH_BYTES];
	char script[FILE_PATH_BYTES];
	char folder[FILE_PATH_BYTES];
	char port[8];
	int in[2];
	int out[2];

	radio_close();
	buf_clear(&radio.told);
	assert_true(radio_path(node, "node_modules/.bin/node"));
	assert_true(radio_path(script, "radio.cjs"));
	assert_true(file_join(folder, sizeof(folder), house.fixture.folder, "z2m"));
	assert_true(str_format(port, sizeof(port), "%u", house.fixture.broker.port));
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC | O_NONBLOCK), 0);
	radio_spawn(WORDS(node, script, folder, port, "toy", house.fixture.toy_password),
		    (const int[]){in[0], out[1]}, house.log);
	close(in[0]);
	close(out[1]);
	radio.in = in[1];
	radio.out = out[0];
}

static void radio_say(const char *line)
{
	const ssize_t size = (ssize_t)strlen(line);

	assert_int_equal(write(radio.in, line, (size_t)size), size);
	assert_int_equal(write(radio.in, "\n", 1), 1);
}

static void radio_read(void)
{
	char bytes[4096];
	ssize_t size;

	while ((size = read(radio.out, bytes, sizeof(bytes))) > 0)
		assert_int_equal(buf_add(&radio.told, bytes, (size_t)size), OK);
}

/* How many whole lines hold all the texts. */
static size_t radio_count(const char *const *texts)
{
	char line[2048];
	size_t count = 0;
	size_t from = 0;

	radio_read();
	for (size_t i = 0; i < radio.told.size; i++) {
		bool has = true;

		if (radio.told.bytes[i] != '\n')
			continue;
		(void)str_copy_bytes(line, sizeof(line),
				     (const char *)radio.told.bytes + from, i - from);
		for (size_t t = 0; texts[t]; t++)
			has = has && strstr(line, texts[t]);
		count += has;
		from = i + 1;
	}
	return count;
}

static void radio_wait(const char *const *texts)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	while (radio_count(texts) == 0) {
		if (loop_now_ms() > until_ms)
			fail_msg("the radio never saw %s %s; it saw:\n%.*s", texts[0],
				 texts[1] ? texts[1] : "", (int)radio.told.size,
				 (const char *)radio.told.bytes);
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

/* A command to the device, with what it holds. */
static void radio_sees(const char *device, const char *command, const char *holds)
{
	char named[NAME_BYTES];
	char ordered[NAME_BYTES];

	assert_true(str_format(named, sizeof(named), "\"device\":\"%s\"", device));
	assert_true(str_format(ordered, sizeof(ordered), "\"command\":\"%s\"", command));
	radio_wait(WORDS(named, ordered, holds));
}

/* --- the house -------------------------------------------------------------------------- */

static void append(const char *folder, const char *name, const char *text)
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;

	assert_true(file_join(path, sizeof(path), folder, name));
	assert_int_equal(file_read(path, TOLD_MAX, &bytes, NULL), OK);
	assert_int_equal(buf_add(&bytes, text, strlen(text)), OK);
	assert_int_equal(file_write(path, bytes.bytes, bytes.size, 0600, NULL), OK);
	buf_finish(&bytes);
}

static void copy_file(const char *from_folder, const char *from, const char *to)
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;

	assert_true(file_join(path, sizeof(path), from_folder, from));
	assert_int_equal(file_read(path, TOLD_MAX, &bytes, NULL), OK);
	assert_true(file_join(path, sizeof(path), house.data, to));
	assert_int_equal(file_write(path, bytes.bytes, bytes.size, 0600, NULL), OK);
	buf_finish(&bytes);
}

/* What no key stands behind never asks for what binds the household. */
static void give_room_a_key(void)
{
	struct wire_room_set set = {.room = HOUSE_ROOM, .capabilities = MAY_ALL};
	struct link_client *owner = house_sign_in(&house, HOUSE_OWNER, HOUSE_PASSPHRASE);
	const struct wire_message *message = NULL;
	uint8_t key[POLICY_KEY_BYTES];

	assert_non_null(owner);
	memset(key, 9, sizeof(key));
	assert_int_equal(key_to_text(key, set.key), OK);
	assert_int_equal(link_client_send_room_set(owner, &set, NULL), OK);
	assert_int_equal(link_client_wait(owner, HOUSE_WAIT_MS, &message, NULL), OK);
	assert_int_equal(message->type, WIRE_done);
	link_client_close(owner);
}

static void behest(const char *const *words, struct process_ran *ran)
{
	const char *all[WORDS_MAX + 8] = {process_program("behest"), words[0], "--data",
					  house.data};
	size_t count = 4;

	for (size_t i = 1; words[i]; i++)
		all[count++] = words[i];
	assert_true(count < STR_COUNT(all));
	process_run(all, HOUSE_WAIT_MS, ran);
	assert_false(ran->hung);
	if (ran->status != 0)
		fail_msg("behest %s: status %d, %s", words[0], ran->status,
			 process_err(ran));
}

static void pair_this_computer(void)
{
	struct process_ran ran;

	assert_true(file_join(passphrase_path, sizeof(passphrase_path), house.data,
			      "passphrase"));
	assert_int_equal(file_write(passphrase_path, HOUSE_PASSPHRASE,
				    strlen(HOUSE_PASSPHRASE), 0600, NULL),
			 OK);
	behest(WORDS("pair", "--here", "--name", "desk", "--owner", HOUSE_OWNER,
		     "--passphrase-file", passphrase_path),
	       &ran);
	process_ran_finish(&ran);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(seal_init(), OK);
	buf_init(&radio.told, TOLD_MAX);
	house_begin(&house);
	append(house.fixture.folder, "acl", ACL);
	append(house.data, "behest.conf", "gate_user = gate\n");
	copy_file(house.fixture.folder, "gate.password", "broker.gate.password");
	assert_true(fixture_start_broker(&house.fixture));
	radio_start();
	house_start_keeper(&house);
	house_settle(&house);
	give_room_a_key();
	gate = process_start(WORDS(process_program("behest-gate"), "--data", house.data),
			     house.log);
	house_start_hub(&house);
	house_wait_flag(&house, "has_owner", true);
	pair_this_computer();
	radio_wait(WORDS("\"event\":\"ready\"", "\"devices\":8"));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)process_end(&radio.pid, SIGTERM);
	radio_close();
	(void)process_end(&gate, SIGTERM);
	house_end(&house);
	buf_finish(&radio.told);
	return 0;
}

static void act(const char *words)
{
	struct house_turn turn;

	house_ask(&house, words, &turn);
	if (!str_equal(turn.decision, "act") || !str_equal(turn.reason, "NONE") ||
	    turn.done != 1)
		fail_msg("\"%s\": %s %s, %d done: %s", words, turn.decision, turn.reason,
			 (int)turn.done, turn.said);
}

/* Until it answers so: a report takes its way. */
static void wait_said(const char *words, const char *expected)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	struct house_turn turn;

	do {
		house_ask(&house, words, &turn);
		if (loop_now_ms() > until_ms)
			fail_msg("\"%s\": \"%s\", and never \"%s\"", words, turn.said,
				 expected);
	} while (!strstr(turn.said, expected));
}

/* Until it is carried out, or (done 0) no longer is. */
static void wait_turn(const char *words, int64_t done, struct house_turn *out_turn)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;

	do {
		house_ask(&house, words, out_turn);
		if (loop_now_ms() > until_ms)
			fail_msg("\"%s\": %s %s, %d done", words, out_turn->decision,
				 out_turn->reason, (int)out_turn->done);
	} while (out_turn->done != done);
}

static void wait_done(const char *words)
{
	struct house_turn turn;

	wait_turn(words, 1, &turn);
}

static void wait_undone(const char *words, struct house_turn *out_turn)
{
	wait_turn(words, 0, out_turn);
}

static void hold(const char *words)
{
	struct house_turn turn;

	house_ask(&house, words, &turn);
	if (!str_equal(turn.decision, "hold") || !str_equal(turn.reason, "NEEDS_TAP"))
		fail_msg("\"%s\": %s %s: %s", words, turn.decision, turn.reason,
			 turn.said);
}

/* What waits, on this computer as a paired device. */
static void approve(void)
{
	char prefix[ID_PREFIX + 1];
	struct process_ran ran;
	const char *at;

	behest(WORDS("approve", "--json"), &ran);
	at = strstr(process_out(&ran), "\"id\":\"");
	if (!at)
		fail_msg("nothing waits: %s", process_out(&ran));
	assert_true(str_copy_bytes(prefix, sizeof(prefix), at + strlen("\"id\":\""),
				   ID_PREFIX));
	process_ran_finish(&ran);
	behest(WORDS("approve", prefix, "--yes"), &ran);
	process_ran_finish(&ran);
}

/* --- what the hub sees on the broker ---------------------------------------------------- */

/* All that can be named. */
static const struct {
	const char *name;
	enum entity_domain domain;
	bool read_only;
	unsigned features;
} EXPOSED[] = {
	{"living room lamp", ENTITY_LIGHT, false,
	 ENTITY_CAN_SWITCH | ENTITY_CAN_DIM | ENTITY_CAN_WHITE},
	{"bedroom lamp", ENTITY_LIGHT, false,
	 ENTITY_CAN_SWITCH | ENTITY_CAN_DIM | ENTITY_CAN_WHITE | ENTITY_CAN_COLOUR},
	{"coffee plug", ENTITY_SWITCH, false, ENTITY_CAN_SWITCH},
	{"kitchen radiator", ENTITY_CLIMATE, false,
	 ENTITY_CAN_SET_HEAT | ENTITY_CAN_MODE},
	{"office blind", ENTITY_COVER, false, ENTITY_CAN_POSITION},
	{"front door", ENTITY_LOCK, false, 0},
	{"balcony climate temperature", ENTITY_SENSOR, true, 0},
	{"balcony climate humidity", ENTITY_SENSOR, true, 0},
	{"balcony climate atmospheric pressure", ENTITY_SENSOR, true, 0},
	{"kitchen radiator temperature", ENTITY_SENSOR, true, 0},
	{"window contact", ENTITY_BINARY_SENSOR, true, 0},
};

static void on_nothing(void *context, uint64_t token, enum err err)
{
	(void)context;
	(void)token;
	(void)err;
}

static void on_change(void *context)
{
	(void)context;
}

static struct bus open_bus(struct loop *loop)
{
	const struct bus_mqtt_settings settings = {.host = "127.0.0.1",
						   .port = house.fixture.broker.port,
						   .user = "hub",
						   .password = house.fixture.hub_password,
						   .discovery = "homeassistant"};
	struct bus bus = {0};

	assert_int_equal(bus_mqtt_open(loop, &settings,
				       (struct bus_listener){NULL, on_nothing, on_change,
							     NULL},
				       rand_system(), &bus),
			 OK);
	return bus;
}

static const struct entity *find_main(const struct home *home, size_t row)
{
	for (size_t i = 0; i < home->entity_count; i++)
		if (home->entities[i].exposed &&
		    home->entities[i].domain == EXPOSED[row].domain &&
		    str_equal(home->entities[i].name, EXPOSED[row].name))
			return &home->entities[i];
	return NULL;
}

static bool all_are_there(const struct home *home)
{
	for (size_t i = 0; i < STR_COUNT(EXPOSED); i++)
		if (!find_main(home, i))
			return false;
	return true;
}

static void fail_missing(const struct home *home)
{
	for (size_t i = 0; i < STR_COUNT(EXPOSED); i++)
		if (!find_main(home, i))
			fail_msg("of %zu things none is \"%s\"", home->entity_count,
				 EXPOSED[i].name);
}

static void expect_only_these(const struct home *home)
{
	for (size_t i = 0; i < home->entity_count; i++) {
		const struct entity *entity = &home->entities[i];
		bool listed = false;

		for (size_t row = 0; row < STR_COUNT(EXPOSED); row++)
			listed = listed || (entity->domain == EXPOSED[row].domain &&
					    str_equal(entity->name, EXPOSED[row].name));
		if (entity->exposed && !entity->read_only && !listed)
			fail_msg("%s is exposed as \"%s\"", entity->id, entity->name);
	}
}

static void eight_devices_can_be_named_and_nothing_else(void **state)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	struct loop *loop = NULL;
	struct bus bus;

	(void)state;
	assert_int_equal(loop_create(&loop), OK);
	bus = open_bus(loop);
	while (!all_are_there(bus_home(&bus))) {
		if (loop_now_ms() > until_ms)
			fail_missing(bus_home(&bus));
		assert_int_equal(loop_run_once(loop, HOUSE_STEP_MS), OK);
	}
	for (size_t i = 0; i < STR_COUNT(EXPOSED); i++) {
		const struct entity *found = find_main(bus_home(&bus), i);

		assert_int_equal(found->read_only, EXPOSED[i].read_only);
		assert_int_equal(found->features, EXPOSED[i].features);
	}
	expect_only_these(bus_home(&bus));
	bus_close(&bus);
	loop_destroy(loop);
}

/* --- what is asked for, and what leaves for the air -------------------------------------- */

static void wait_named(void)
{
	house_wait_count(&house, "devices", (int64_t)STR_COUNT(EXPOSED));
	house_wait_flag(&house, "words_current", true);
}

static void lamps_blinds_and_heat_obey(void **state)
{
	(void)state;
	wait_named();
	act("set the living room lamp to forty percent");
	radio_sees("living_room_lamp", "moveToLevelWithOnOff", "\"level\":102");
	act("turn off the living room lamp");
	radio_sees("living_room_lamp", "off", "\"cluster\":\"genOnOff\"");
	act("make the bedroom lamp blue");
	radio_sees("bedroom_lamp", "moveToColor", "\"colorx\":");
	act("set the office blind to thirty percent");
	radio_sees("office_blind", "goToLiftPercentage", "\"percentageliftvalue\":70");
	act("close the office blind");
	radio_sees("office_blind", "downClose", "\"payload\":{}");
	act("set the kitchen radiator to twenty one degrees");
	radio_sees("kitchen_radiator", "danfossSetpointCommand", "\"setpoint\":2100");
}

static void what_a_device_reports_is_believed(void **state)
{
	(void)state;
	wait_said("is the front door locked", "is unlocked");
	radio_say("{\"report\":\"front_door\",\"cluster\":\"closuresDoorLock\","
		  "\"attributes\":{\"lockState\":1}}");
	wait_said("is the front door locked", "is locked");
	radio_say("{\"report\":\"front_door\",\"cluster\":\"closuresDoorLock\","
		  "\"attributes\":{\"lockState\":2}}");
	wait_said("is the front door locked", "is unlocked");
}

/* Locking obeys; unlocking waits for a tap, which the gate then carries out. */
static void a_door_is_locked_at_once_and_unlocked_by_tap(void **state)
{
	const char *const unlocked[] = {"\"command\":\"unlockDoor\"", NULL};

	(void)state;
	act("lock the front door");
	radio_sees("front_door", "lockDoor", "\"cluster\":\"closuresDoorLock\"");
	wait_said("is the front door locked", "is locked");
	hold("unlock the front door");
	assert_int_equal(radio_count(unlocked), 0);
	approve();
	radio_sees("front_door", "unlockDoor", "\"cluster\":\"closuresDoorLock\"");
	wait_said("is the front door locked", "is unlocked");
	assert_int_equal(radio_count(unlocked), 1);
}

/* A plug may feed a kettle or a door: nobody marked it harmless. */
static void a_plug_waits_for_a_tap(void **state)
{
	(void)state;
	hold("turn on the coffee plug");
	approve();
	radio_sees("coffee_plug", "on", "\"cluster\":\"genOnOff\"");
}

static void nobody_is_let_into_the_network(void **state)
{
	static const char *const words[] = {
		"turn on zigbee2mqtt bridge permit join",
		"turn on permit join",
		"turn on kitchen radiator radiator covered",
		"turn on kitchen radiator window open external",
	};
	struct house_turn turn;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(words); i++) {
		house_ask(&house, words[i], &turn);
		if (turn.done > 0 || str_equal(turn.decision, "act") ||
		    str_equal(turn.decision, "hold"))
			fail_msg("\"%s\": %s", words[i], turn.decision);
	}
	assert_int_equal(radio_count(WORDS("permit_join")), 0);
}

/* --- coming and going ------------------------------------------------------------------- */

static void wait_over(void)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	int status = 0;

	while (!process_is_over(&radio.pid, &status)) {
		if (loop_now_ms() > until_ms)
			fail_msg("zigbee2mqtt does not end");
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

/* Without its radio nothing is done and nothing is kept for later. */
static void a_radio_that_was_unplugged_comes_back(void **state)
{
	struct house_turn turn;

	(void)state;
	radio_say("{\"unplug\":true}");
	wait_over();
	wait_undone("turn on the living room lamp", &turn);
	assert_true(turn.said[0] != '\0');
	radio_start();
	radio_wait(WORDS("\"event\":\"ready\""));
	wait_done("set the living room lamp to sixty percent");
	radio_sees("living_room_lamp", "moveToLevelWithOnOff", "\"level\":152");
	assert_int_equal(radio_count(WORDS("\"device\":\"living_room_lamp\"",
					   "\"command\":\"on\"")),
			 0);
}

/* Until the house knows nothing of that name. */
static void wait_forgotten(const char *words)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	struct house_turn turn;

	do {
		house_ask(&house, words, &turn);
		if (loop_now_ms() > until_ms)
			fail_msg("\"%s\": %s %s", words, turn.decision, turn.reason);
	} while (str_equal(turn.decision, "act"));
}

/* As the broker would after it lost its files. */
static void lose_announcement(const char *topic)
{
	const int64_t until_ms = loop_now_ms() + HOUSE_WAIT_MS;
	struct onlooker onlooker;

	assert_true(onlooker_begin(&onlooker, &house.fixture, "toy", topic));
	onlooker_publish(&onlooker, topic, "", true);
	while (onlooker.count == 0 ||
	       onlooker.messages[onlooker.count - 1].payload[0] != '\0') {
		assert_true(loop_now_ms() < until_ms);
		onlooker_step(&onlooker);
	}
	onlooker_end(&onlooker);
}

/* What the broker lost, zigbee2mqtt announces when it starts again (and only then: that the
 * house is back makes it repeat states, half a minute later, and no announcement). */
static void what_the_broker_lost_is_announced_again(void **state)
{
	(void)state;
	radio_say("{\"unplug\":true}");
	wait_over();
	lose_announcement("homeassistant/light/0x00158d00beef1000/light/config");
	wait_forgotten("set the living room lamp to twenty percent");
	radio_start();
	radio_wait(WORDS("\"event\":\"ready\""));
	wait_done("set the living room lamp to twenty percent");
	radio_sees("living_room_lamp", "moveToLevelWithOnOff", "\"level\":51");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eight_devices_can_be_named_and_nothing_else),
		cmocka_unit_test(lamps_blinds_and_heat_obey),
		cmocka_unit_test(what_a_device_reports_is_believed),
		cmocka_unit_test(a_door_is_locked_at_once_and_unlocked_by_tap),
		cmocka_unit_test(a_plug_waits_for_a_tap),
		cmocka_unit_test(nobody_is_let_into_the_network),
		cmocka_unit_test(a_radio_that_was_unplugged_comes_back),
		cmocka_unit_test(what_the_broker_lost_is_announced_again),
	};

	if (radio_is_fetched())
		return cmocka_run_group_tests(tests, set_up, tear_down);
	print_message("skipped: zigbee2mqtt was not fetched (tools/fetch-data check)\n");
	return SKIPPED;
}
