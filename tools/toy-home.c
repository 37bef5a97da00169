/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toy-home - a small home of pretended devices on an MQTT broker.
 *
 * Announces them by Home Assistant discovery, obeys commands, and says with --print what
 * changed, so that a tour or a test can look at the real state. Connects again for ever.
 * What the devices are is in toy_device.c.
 */
#include <errno.h>
#include <getopt.h>
#include <mosquitto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "toy_device.h"

enum { PASSWORD_MAX = 256, LOOP_MS = 500, RETRY_MS = 250, KEEPALIVE_S = 20 };

static const char HELP[] =
	"usage: toy-home [--host HOST] [--port PORT] [--user NAME --password-file FILE]\n"
	"                [--print]\n"
	"\n"
	"Pretends to be a home: lights, a thermostat, a blind, a lock, an alarm and a button\n"
	"in three rooms, announced on an MQTT broker by Home Assistant discovery.\n"
	"\n"
	"  --host HOST           the broker (127.0.0.1)\n"
	"  --port PORT           its port (1883)\n"
	"  --user NAME           the user name (none)\n"
	"  --password-file FILE  a file with the password in its first line\n"
	"  --print               one JSON line on stdout for each device at the start, and\n"
	"                        for each command that was obeyed\n"
	"  --help                this text\n"
	"\n"
	"Ends with status 0 on SIGTERM, 1 when it cannot start, 2 for a wrong option.\n";

struct toy_home {
	const char *host;
	int64_t port;
	const char *user;
	char password[PASSWORD_MAX];
	bool print;
	struct mosquitto *client;
};

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

static int64_t wall_ms(void)
{
	struct timespec now = {0};

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return 0;
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void print_device(const struct toy_device *device, const char *event)
{
	struct json_write write;
	struct buf line;

	buf_init(&line, TOY_MESSAGE_MAX);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_int(&write, "at_ms", wall_ms());
	json_add_text(&write, "event", event);
	json_add_text(&write, "device", toy_device_name(device));
	toy_device_describe(device, &write);
	json_close(&write, '}');
	if (json_write_finish(&write) == OK) {
		(void)puts((const char *)line.bytes);
		(void)fflush(stdout);
	}
	buf_finish(&line);
}

static void publish(struct toy_home *home, const char *topic, const struct buf *payload,
		    bool retain)
{
	if (mosquitto_publish(home->client, NULL, topic, (int)payload->size,
			      payload->bytes, 1, retain) != MOSQ_ERR_SUCCESS)
		log_line("toy-home: cannot publish");
}

static void say(struct toy_home *home, const struct toy_device *device)
{
	char topic[TOY_TOPIC_BYTES];
	enum err err = OK;

	for (size_t i = 0; !err; i++) {
		struct buf payload;

		buf_init(&payload, TOY_MESSAGE_MAX);
		err = toy_device_say(device, i, topic, &payload);
		if (!err)
			publish(home, topic, &payload, true);
		buf_finish(&payload);
	}
}

static void announce(struct toy_home *home, const struct toy_device *device)
{
	char topic[TOY_TOPIC_BYTES];
	struct buf payload;

	buf_init(&payload, TOY_MESSAGE_MAX);
	if (toy_device_announce(device, topic, &payload) == OK)
		publish(home, topic, &payload, true);
	buf_finish(&payload);
}

static void announce_all(struct toy_home *home)
{
	for (size_t i = 0; i < toy_device_count(); i++) {
		announce(home, toy_device_at(i));
		say(home, toy_device_at(i));
	}
	(void)!mosquitto_publish(home->client, NULL, "toy/status", 6, "online", 1, true);
}

static void on_connect(struct mosquitto *client, void *context, int rc)
{
	static const char *const filters[] = {"homeassistant/status", "toy/+/+/set",
					      "toy/+/+/secure", "toy/+/+/+/set"};

	if (rc != 0) {
		log_line("toy-home: the broker refused the connection code=%d", rc);
		return;
	}
	for (size_t i = 0; i < STR_COUNT(filters); i++)
		if (mosquitto_subscribe(client, NULL, filters[i], 1) != MOSQ_ERR_SUCCESS)
			log_line("toy-home: cannot subscribe");
	announce_all(context);
}

static void on_message(struct mosquitto *client, void *context,
		       const struct mosquitto_message *message)
{
	struct toy_home *home = context;
	size_t size = message->payloadlen > 0 ? (size_t)message->payloadlen : 0;

	(void)client;
	if (str_equal(message->topic, "homeassistant/status")) {
		if (size == 6 && memcmp(message->payload, "online", size) == 0)
			announce_all(home);
		return;
	}
	if (size == 0 ||
	    message->retain) /* a retained command would be obeyed at each start */
		return;
	for (size_t i = 0; i < toy_device_count(); i++) {
		struct toy_device *device = toy_device_at(i);

		if (!toy_device_obey(device, message->topic, message->payload, size))
			continue;
		say(home, device);
		if (home->print)
			print_device(device, "command");
		return;
	}
	log_line("toy-home: a command that no device understands");
}

static bool connect_client(struct toy_home *home)
{
	home->client = mosquitto_new(NULL, true, home);
	if (!home->client)
		return false;
	mosquitto_connect_callback_set(home->client, on_connect);
	mosquitto_message_callback_set(home->client, on_message);
	if (home->user && mosquitto_username_pw_set(home->client, home->user,
						    home->password) != MOSQ_ERR_SUCCESS)
		return false;
	if (mosquitto_will_set(home->client, "toy/status", 7, "offline", 1, true) !=
	    MOSQ_ERR_SUCCESS)
		return false;
	/* A failure is tried again in run(). */
	(void)!mosquitto_connect(home->client, home->host, (int)home->port, KEEPALIVE_S);
	return true;
}

static void run(struct toy_home *home)
{
	const struct timespec wait = {.tv_nsec = RETRY_MS * 1000000L};

	while (!stopped) {
		if (mosquitto_loop(home->client, LOOP_MS, 1) == MOSQ_ERR_SUCCESS ||
		    stopped)
			continue;
		(void)nanosleep(&wait, NULL);
		if (!stopped)
			(void)!mosquitto_reconnect(home->client);
	}
	(void)!mosquitto_publish(home->client, NULL, "toy/status", 7, "offline", 1, true);
	(void)!mosquitto_disconnect(home->client);
}

static bool read_password(const char *path, char to[PASSWORD_MAX])
{
	struct err_note note = {""};
	struct buf bytes = {0};
	enum err err = file_read(path, PASSWORD_MAX - 1, &bytes, &note);

	if (err)
		(void)fprintf(stderr, "toy-home: %s\n",
			      note.text[0] ? note.text : err_words(err));
	else if (!str_copy_bytes(to, PASSWORD_MAX, (const char *)bytes.bytes, bytes.size))
		err = ERR_LIMIT;
	to[strcspn(to, "\r\n")] = 0;
	buf_finish(&bytes);
	return err == OK;
}

/* False with *out_status when the program is to end. */
static bool read_options(struct toy_home *home, int count, char **words, int *out_status)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{"host", required_argument, NULL, 'H'},
		{"password-file", required_argument, NULL, 'f'},
		{"port", required_argument, NULL, 'p'},
		{"print", no_argument, NULL, 'P'},
		{"user", required_argument, NULL, 'u'},
		{NULL, 0, NULL, 0},
	};
	int option = 0;
	bool good = true;

	*out_status = 2;
	while (good && (option = getopt_long(count, words, "", options, NULL)) != -1) {
		if (option == 'h') {
			(void)fputs(HELP, stdout);
			*out_status = 0;
			return false;
		}
		if (option == 'H')
			home->host = optarg;
		else if (option == 'u')
			home->user = optarg;
		else if (option == 'P')
			home->print = true;
		else if (option == 'p')
			good = str_to_int(optarg, 1, 65535, &home->port);
		else if (option == 'f')
			good = read_password(optarg, home->password);
		else
			good = false;
	}
	if (!good || optind != count)
		(void)fputs("toy-home: wrong options; toy-home --help shows them\n",
			    stderr);
	return good && optind == count;
}

int main(int count, char **words)
{
	struct toy_home home = {.host = "127.0.0.1", .port = 1883};
	struct sigaction action = {.sa_handler = on_signal};
	int status = 0;

	log_name("toy-home");
	if (!read_options(&home, count, words, &status))
		return status;
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	if (mosquitto_lib_init() != MOSQ_ERR_SUCCESS || !connect_client(&home)) {
		(void)fputs("toy-home: out of memory\n", stderr);
		return 1;
	}
	for (size_t i = 0; home.print && i < toy_device_count(); i++)
		print_device(toy_device_at(i), "start");
	run(&home);
	mosquitto_destroy(home.client);
	(void)!mosquitto_lib_cleanup();
	return 0;
}
