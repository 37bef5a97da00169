/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_broker_tls - a real broker that speaks TLS and wants a certificate of everybody: who
 * is let in, and what is said of each way in which it fails. At the end the hub and the
 * gate in their sandboxes.
 */
#include "unit/cmocka_all.h"

#include <poll.h>
#include <signal.h>
#include <string.h>

#include "adapter/broker_user.h"
#include "adapter/bus_mqtt.h"
#include "adapter/rand_system.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/str.h"
#include "e2e/house_fixture.h"
#include "e2e/process.h"

enum { CERTIFICATE_WAIT_MS = 60000, CONFIG_BYTES = 4096, LOG_BYTES = 1 << 20 };

static struct house house;
static struct loop *loop;
static struct bus bus;
static pid_t gate;

static void path_of(char to[FILE_PATH_BYTES], const char *name)
{
	assert_true(file_join(to, FILE_PATH_BYTES, house.fixture.folder, name));
}

/* NAME.crt and NAME.key; signed by SIGNER, or by itself. */
static void make_certificate(const char *name, const char *subject, const char *signer)
{
	char certificate[FILE_PATH_BYTES];
	char key[FILE_PATH_BYTES];
	char by[FILE_PATH_BYTES];
	char by_key[FILE_PATH_BYTES];
	char text[64];
	struct process_ran ran;

	assert_true(str_format(text, sizeof(text), "%s.crt", name));
	path_of(certificate, text);
	assert_true(str_format(text, sizeof(text), "%s.key", name));
	path_of(key, text);
	assert_true(str_format(text, sizeof(text), "%s.crt", signer));
	path_of(by, text);
	assert_true(str_format(text, sizeof(text), "%s.key", signer));
	path_of(by_key, text);
	const bool is_own = str_equal(name, signer);
	const char *const words[] = {"/usr/bin/openssl",
				     "req",
				     "-x509",
				     "-newkey",
				     "rsa:2048",
				     "-nodes",
				     "-days",
				     "2",
				     "-subj",
				     subject,
				     "-addext",
				     is_own ? "keyUsage=keyCertSign"
					    : "subjectAltName=IP:127.0.0.1",
				     "-keyout",
				     key,
				     "-out",
				     certificate,
				     is_own ? NULL : "-CA",
				     by,
				     "-CAkey",
				     by_key,
				     NULL};

	process_run(words, CERTIFICATE_WAIT_MS, &ran);
	if (ran.status != 0)
		print_message("%s\n", process_err(&ran));
	assert_int_equal(ran.status, 0);
	process_ran_finish(&ran);
}

/* The private broker's configuration, with TLS behind it. */
static void make_broker_strict(void)
{
	const char *const path = house.fixture.broker.config;
	struct buf text;

	assert_int_equal(file_read(path, CONFIG_BYTES, &text, NULL), OK);
	assert_int_equal(
		buf_add_format(&text,
			       "\ncafile %s/house.crt\ncertfile %s/broker.crt\n"
			       "keyfile %s/broker.key\nrequire_certificate true\n",
			       house.fixture.folder, house.fixture.folder,
			       house.fixture.folder),
		OK);
	assert_int_equal(file_write(path, text.bytes, text.size, 0600, NULL), OK);
	buf_finish(&text);
}

static int set_up(void **state)
{
	(void)state;
	house_begin(&house);
	make_certificate("house", "/CN=house", "house");
	make_certificate("other", "/CN=other", "other");
	make_certificate("broker", "/CN=broker", "house");
	make_certificate("hub", "/CN=hub", "house");
	make_certificate("gate", "/CN=gate", "house");
	make_certificate("stranger", "/CN=hub", "other");
	make_broker_strict();
	return loop_create(&loop) != OK || !fixture_start_broker(&house.fixture);
}

static int tear_down(void **state)
{
	(void)state;
	(void)process_end(&gate, SIGKILL);
	loop_destroy(loop);
	house_end(&house);
	return 0;
}

struct files {
	const char *host;
	const char *authority;
	const char *certificate;
	const char *key;
	const char *password;
	bool plain;
};

static void open_bus(const struct files *files)
{
	static char paths[3][FILE_PATH_BYTES];
	const char *const names[3] = {files->authority, files->certificate, files->key};
	struct bus_mqtt_settings settings = {
		.host = files->host ? files->host : "127.0.0.1",
		.port = house.fixture.broker.port,
		.user = "hub",
		.password =
			files->password ? files->password : house.fixture.hub_password,
		.discovery = "homeassistant"};

	for (size_t i = 0; i < STR_COUNT(names); i++) {
		paths[i][0] = '\0';
		if (names[i])
			path_of(paths[i], names[i]);
	}
	settings.tls = (struct bus_mqtt_tls){.on = !files->plain,
					     .authority = paths[0],
					     .certificate = paths[1],
					     .key = paths[2]};
	assert_int_equal(bus_mqtt_open(loop, &settings, (struct bus_listener){0},
				       rand_system(), &bus),
			 OK);
}

/* Until the bus is up, or says words. */
static void until(const char *words)
{
	const int64_t end_ms = loop_now_ms() + FIXTURE_WAIT_MS;

	while (words ? !strstr(bus_trouble(&bus), words) : !bus_is_up(&bus)) {
		if (loop_now_ms() > end_ms)
			fail_msg("expected \"%s\"; the bus says \"%s\"",
				 words ? words : "up", bus_trouble(&bus));
		if (words)
			assert_false(bus_is_up(&bus));
		assert_int_equal(loop_run_once(loop, FIXTURE_STEP_MS), OK);
	}
}

/* As the toy's user, who may announce; the broker keeps it. */
static void must_retain(struct onlooker *toy, unsigned lights)
{
	char topic[64];
	char payload[128];

	assert_true(onlooker_begin_tls(toy, &house.fixture, "toy", "homeassistant/status",
				       "house.crt", "hub.crt", "hub.key"));
	for (unsigned i = 0; i < lights; i++) {
		assert_true(str_format(topic, sizeof(topic),
				       "homeassistant/light/l%u/config", i));
		assert_true(str_format(payload, sizeof(payload),
				       "{\"name\":\"l%u\",\"command_topic\":\"toy/%u\"}",
				       i, i));
		onlooker_publish(toy, topic, payload, true);
	}
	assert_true(onlooker_flush(toy));
	onlooker_end(toy);
}

static void test_lets_us_in(void **state)
{
	(void)state;
	open_bus(&(struct files){NULL, "house.crt", "hub.crt", "hub.key", NULL, false});
	until(NULL);
	assert_string_equal(bus_trouble(&bus), "");
	bus_close(&bus);
}

/* Each is refused with a line that names what is wrong, and is tried again for ever. */
static void test_each_refusal_says_why(void **state)
{
	static const struct {
		struct files files;
		const char *words;
	} rows[] = {
		{{NULL, "other.crt", "hub.crt", "hub.key", NULL, false},
		 "shows a certificate that [broker] authority did not sign"},
		{{NULL, NULL, "hub.crt", "hub.key", NULL, false},
		 "shows a certificate that [broker] authority did not sign"},
		{{"localhost", "house.crt", "hub.crt", "hub.key", NULL, false},
		 "for another name"},
		{{NULL, "house.crt", NULL, NULL, NULL, false},
		 "wants a certificate of ours"},
		{{NULL, "house.crt", "stranger.crt", "stranger.key", NULL, false},
		 "does not know who signed our [broker] certificate"},
		{{NULL, "house.crt", "hub.crt", "stranger.key", NULL, false},
		 "is not that of certificate"},
		{{NULL, "house.crt", "hub.crt", "hub.key", "wrong", false},
		 "refused the user name or password"},
		{{NULL, "absent.crt", "hub.crt", "hub.key", NULL, false},
		 "cannot be read"},
		{{NULL, NULL, NULL, NULL, NULL, true}, "does not answer"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		open_bus(&rows[i].files);
		until(rows[i].words);
		print_message("%s\n", bus_trouble(&bus));
		bus_close(&bus);
	}
}

/* What was retained comes at once. */
static void test_hears_all_of_a_burst(void **state)
{
	enum { LIGHTS = 300 };
	const int64_t end_ms = loop_now_ms() + FIXTURE_WAIT_MS;
	static struct onlooker toy;

	(void)state;
	must_retain(&toy, LIGHTS);
	open_bus(&(struct files){NULL, "house.crt", "hub.crt", "hub.key", NULL, false});
	until(NULL);
	while (bus_home(&bus)->entity_count < LIGHTS) {
		if (loop_now_ms() > end_ms)
			fail_msg("%zu lights", bus_home(&bus)->entity_count);
		assert_int_equal(loop_run_once(loop, FIXTURE_STEP_MS), OK);
	}
	bus_close(&bus);
}

static void test_settings_are_checked(void **state)
{
	struct settings settings;
	struct err_note note = {""};
	char path[FILE_PATH_BYTES];

	(void)state;
	settings_init(&settings);
	note.text[0] = '\0';
	assert_int_equal(broker_user_check_tls(BROKER_USER_HUB, &settings, &note), OK);
	assert_true(str_copy(settings.broker_tls, sizeof(settings.broker_tls), "yes"));
	note.text[0] = '\0';
	assert_int_equal(broker_user_check_tls(BROKER_USER_HUB, &settings, &note),
			 ERR_RANGE);
	assert_non_null(strstr(note.text, "host"));
	assert_true(str_copy(settings.broker_host, sizeof(settings.broker_host), "h"));
	note.text[0] = '\0';
	assert_int_equal(broker_user_check_tls(BROKER_USER_HUB, &settings, &note), OK);
	path_of(path, "hub.crt");
	assert_true(str_copy(settings.broker_certificate,
			     sizeof(settings.broker_certificate), path));
	note.text[0] = '\0';
	assert_int_equal(broker_user_check_tls(BROKER_USER_HUB, &settings, &note),
			 ERR_RANGE);
	assert_non_null(strstr(note.text, "certificate and key"));
	path_of(path, "absent.key");
	assert_true(str_copy(settings.broker_key, sizeof(settings.broker_key), path));
	note.text[0] = '\0';
	assert_int_equal(broker_user_check_tls(BROKER_USER_HUB, &settings, &note),
			 ERR_MISSING);
	assert_non_null(strstr(note.text, "[broker] key: "));
	/* The gate's own pair takes the place of both. */
	path_of(path, "stranger.crt");
	assert_true(str_copy(settings.broker_gate_certificate,
			     sizeof(settings.broker_gate_certificate), path));
	path_of(path, "stranger.key");
	assert_true(str_copy(settings.broker_gate_key, sizeof(settings.broker_gate_key),
			     path));
	note.text[0] = '\0';
	assert_int_equal(broker_user_check_tls(BROKER_USER_GATE, &settings, &note), OK);
	assert_string_equal(broker_user_key(BROKER_USER_GATE, &settings), path);
	assert_non_null(strstr(broker_user_key(BROKER_USER_HUB, &settings), "absent"));
}

static void copy_password(const char *from, const char *to)
{
	char path[FILE_PATH_BYTES];
	struct buf text;

	path_of(path, from);
	assert_int_equal(file_read(path, CONFIG_BYTES, &text, NULL), OK);
	assert_true(file_join(path, sizeof(path), house.data, to));
	assert_int_equal(file_write(path, text.bytes, text.size, 0600, NULL), OK);
	buf_finish(&text);
}

static bool has_logged(const char *line)
{
	struct buf text;
	bool has = false;

	assert_int_equal(file_read(house.log, LOG_BYTES, &text, NULL), OK);
	has = strstr((const char *)text.bytes, line) != NULL;
	buf_finish(&text);
	return has;
}

/* By its own user and certificate, in its own sandbox. */
static void start_gate(void)
{
	const char *const words[] = {process_program("behest-gate"), "--data", house.data,
				     NULL};
	const int64_t end_ms = loop_now_ms() + HOUSE_WAIT_MS;

	gate = process_start(words, house.log);
	while (!has_logged("behest-gate: bus: connected")) {
		if (loop_now_ms() > end_ms)
			fail_msg("the gate is not let in");
		(void)poll(NULL, 0, HOUSE_STEP_MS);
	}
}

/* The files are read again for each connection: from within the sandbox. */
static void test_programs_in_their_sandboxes(void **state)
{
	char path[FILE_PATH_BYTES];
	char text[CONFIG_BYTES];

	(void)state;
	assert_true(str_format(
		text, sizeof(text),
		"[room]\nname = %s\n[wake]\nword = %s\n[broker]\nhost = 127.0.0.1\n"
		"port = %u\nuser = hub\ntls = yes\nauthority = %s/house.crt\n"
		"certificate = %s/hub.crt\nkey = %s/hub.key\ngate_user = gate\n"
		"gate_certificate = %s/gate.crt\ngate_key = %s/gate.key\n",
		HOUSE_ROOM, HOUSE_WORD, house.fixture.broker.port, house.fixture.folder,
		house.fixture.folder, house.fixture.folder, house.fixture.folder,
		house.fixture.folder));
	copy_password("gate.password", "broker.gate.password");
	assert_true(file_join(path, sizeof(path), house.data, "behest.conf"));
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
	house_start_keeper(&house);
	house_settle(&house);
	house_start_hub(&house);
	house_wait_flag(&house, "broker", true);
	start_gate();
	fixture_signal_broker(&house.fixture, SIGKILL);
	house_wait_flag(&house, "broker", false);
	assert_true(fixture_start_broker(&house.fixture));
	house_wait_flag(&house, "broker", true);
	assert_true(process_end(&gate, SIGTERM) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings_are_checked),
		cmocka_unit_test(test_lets_us_in),
		cmocka_unit_test(test_each_refusal_says_why),
		cmocka_unit_test(test_hears_all_of_a_burst),
		cmocka_unit_test(test_programs_in_their_sandboxes),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
