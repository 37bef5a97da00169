/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mosquitto_fixture - processes, and a client of libmosquitto for onlookers.
 *
 * An onlooker runs in the test's own thread: onlooker_step lets it look.
 */
#include "mosquitto_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <mosquitto.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/rand_system.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/str.h"
#include "e2e/loopback.h"
#include "folder.h"

static void step(void)
{
	(void)poll(NULL, 0, FIXTURE_STEP_MS);
}

static bool read_line(const char *path, char to[BROKER_PRIVATE_PASSWORD_BYTES])
{
	struct buf bytes = {0};
	bool read = file_read(path, BROKER_PRIVATE_PASSWORD_BYTES, &bytes, NULL) == OK &&
		    str_copy_bytes(to, BROKER_PRIVATE_PASSWORD_BYTES,
				   (const char *)bytes.bytes, bytes.size);

	buf_finish(&bytes);
	return read;
}

bool fixture_begin(struct fixture *fixture)
{
	const char *base = getenv("TMPDIR");
	struct err_note note = {""};

	*fixture = (struct fixture){.toy_output = -1};
	buf_init(&fixture->toy_printed, FIXTURE_OUTPUT_MAX);
	if (!str_format(fixture->folder, sizeof(fixture->folder), "%s/behest-e2e-XXXXXX",
			base ? base : "/tmp") ||
	    !mkdtemp(fixture->folder))
		return false;
	if (broker_private_prepare(fixture->folder, rand_system(), &fixture->broker,
				   &note)) {
		(void)fprintf(stderr, "%s\n", note.text);
		return false;
	}
	return read_line(fixture->broker.hub_password, fixture->hub_password) &&
	       read_line(fixture->broker.toy_password, fixture->toy_password);
}

void fixture_end(struct fixture *fixture)
{
	fixture_stop_toy(fixture, SIGTERM);
	if (fixture->broker_pid > 0)
		(void)kill(fixture->broker_pid, SIGCONT);
	fixture_signal_broker(fixture, SIGTERM);
	buf_finish(&fixture->toy_printed);
	if (fixture->folder[0])
		(void)folder_remove(fixture->folder);
}

/* posix_spawn wants changeable texts, and changes none. */
static pid_t start(const char *const *argv, int output)
{
	union {
		const char *const *given;
		char *const *wanted;
	} words = {.given = argv};
	posix_spawn_file_actions_t actions;
	pid_t pid = 0;

	must(posix_spawn_file_actions_init(&actions) == 0);
	if (output >= 0)
		must(posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) ==
		     0);
	if (posix_spawn(&pid, argv[0], &actions, NULL, words.wanted, environ) != 0)
		pid = 0;
	(void)posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static void end_process(pid_t *pid, int number)
{
	int status = 0;

	if (*pid <= 0)
		return;
	(void)kill(*pid, number);
	if (number != SIGTERM && number != SIGKILL)
		return;
	while (waitpid(*pid, &status, 0) < 0 && errno == EINTR)
		;
	*pid = 0;
}

bool fixture_start_broker(struct fixture *fixture)
{
	fixture->broker_pid = start(fixture->broker.argv, -1);
	for (int waited_ms = 0; fixture->broker_pid > 0 && waited_ms < FIXTURE_WAIT_MS;
	     waited_ms += FIXTURE_STEP_MS) {
		if (loopback_is_listening(fixture->broker.port))
			return true;
		step();
	}
	(void)fprintf(stderr, "mosquitto does not listen\n");
	return false;
}

void fixture_signal_broker(struct fixture *fixture, int number)
{
	end_process(&fixture->broker_pid, number);
}

bool fixture_start_toy(struct fixture *fixture)
{
	const char *build = getenv("BEHEST_BUILD");
	char program[FILE_PATH_BYTES];
	char port[8];
	int ends[2];

	must(str_format(port, sizeof(port), "%u", fixture->broker.port));
	if (!build || !str_format(program, sizeof(program), "%s/tools/toy-home", build) ||
	    pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	const char *const argv[] = {program,
				    "--port",
				    port,
				    "--user",
				    "toy",
				    "--password-file",
				    fixture->broker.toy_password,
				    "--print",
				    NULL};
	fixture->toy_pid = start(argv, ends[1]);
	close(ends[1]);
	fixture->toy_output = ends[0];
	return fixture->toy_pid > 0;
}

void fixture_stop_toy(struct fixture *fixture, int number)
{
	end_process(&fixture->toy_pid, number);
	if (fixture->toy_pid == 0 && fixture->toy_output >= 0) {
		close(fixture->toy_output);
		fixture->toy_output = -1;
	}
}

static void read_toy(struct fixture *fixture)
{
	char bytes[4096];
	ssize_t size = 0;

	if (fixture->toy_output < 0)
		return;
	while ((size = read(fixture->toy_output, bytes, sizeof(bytes))) > 0)
		must(buf_add(&fixture->toy_printed, bytes, (size_t)size) == OK);
}

bool fixture_toy_printed(struct fixture *fixture, const char *device, const char *text)
{
	const char *at = NULL;

	read_toy(fixture);
	for (at = (const char *)fixture->toy_printed.bytes; at && *at;) {
		size_t size = strcspn(at, "\n");

		if (memmem(at, size, device, strlen(device)) &&
		    memmem(at, size, text, strlen(text)))
			return true;
		at += size + (at[size] == '\n');
	}
	return false;
}

static void on_connect(struct mosquitto *client, void *context, int rc)
{
	struct onlooker *onlooker = context;

	(void)client;
	onlooker->connected = rc == 0;
}

static void on_subscribe(struct mosquitto *client, void *context, int id, int count,
			 const int *granted)
{
	struct onlooker *onlooker = context;

	(void)client;
	(void)id;
	onlooker->subscribed = count == 1 && granted[0] <= 2;
}

static void on_message(struct mosquitto *client, void *context,
		       const struct mosquitto_message *message)
{
	struct onlooker *onlooker = context;
	size_t at = onlooker->count;

	(void)client;
	must(at < ONLOOKER_MESSAGES_MAX);
	(void)str_copy(onlooker->messages[at].topic, sizeof(onlooker->messages[at].topic),
		       message->topic);
	if (message->payloadlen > 0)
		(void)str_copy_bytes(onlooker->messages[at].payload,
				     sizeof(onlooker->messages[at].payload),
				     message->payload, (size_t)message->payloadlen);
	onlooker->messages[at].retained = message->retain;
	onlooker->count++;
}

static void on_publish(struct mosquitto *client, void *context, int id)
{
	struct onlooker *onlooker = context;

	(void)client;
	(void)id;
	onlooker->acknowledged++;
}

void onlooker_step(struct onlooker *onlooker)
{
	(void)!mosquitto_loop(onlooker->client, FIXTURE_STEP_MS, 1);
}

static void make_client(struct onlooker *onlooker, const struct fixture *fixture,
			const char *user)
{
	const char *password =
		str_equal(user, "hub") ? fixture->hub_password : fixture->toy_password;

	*onlooker = (struct onlooker){0};
	must(mosquitto_lib_init() == MOSQ_ERR_SUCCESS);
	onlooker->client = mosquitto_new(NULL, true, onlooker);
	must(onlooker->client);
	mosquitto_connect_callback_set(onlooker->client, on_connect);
	mosquitto_subscribe_callback_set(onlooker->client, on_subscribe);
	mosquitto_message_callback_set(onlooker->client, on_message);
	mosquitto_publish_callback_set(onlooker->client, on_publish);
	must(mosquitto_username_pw_set(onlooker->client, user, password) ==
	     MOSQ_ERR_SUCCESS);
}

static bool connect_client(struct onlooker *onlooker, const struct fixture *fixture,
			   const char *filter)
{
	if (mosquitto_connect(onlooker->client, "127.0.0.1", fixture->broker.port, 60) !=
	    MOSQ_ERR_SUCCESS)
		return false;
	for (int waited_ms = 0; !onlooker->connected && waited_ms < FIXTURE_WAIT_MS;
	     waited_ms += FIXTURE_STEP_MS)
		onlooker_step(onlooker);
	if (mosquitto_subscribe(onlooker->client, NULL, filter, 1) != MOSQ_ERR_SUCCESS)
		return false;
	for (int waited_ms = 0; !onlooker->subscribed && waited_ms < FIXTURE_WAIT_MS;
	     waited_ms += FIXTURE_STEP_MS)
		onlooker_step(onlooker);
	return onlooker->subscribed;
}

bool onlooker_begin(struct onlooker *onlooker, const struct fixture *fixture,
		    const char *user, const char *filter)
{
	make_client(onlooker, fixture, user);
	return connect_client(onlooker, fixture, filter);
}

bool onlooker_begin_tls(struct onlooker *onlooker, const struct fixture *fixture,
			const char *user, const char *filter, const char *authority,
			const char *certificate, const char *key)
{
	char paths[3][FILE_PATH_BYTES];

	make_client(onlooker, fixture, user);
	return file_join(paths[0], FILE_PATH_BYTES, fixture->folder, authority) &&
	       file_join(paths[1], FILE_PATH_BYTES, fixture->folder, certificate) &&
	       file_join(paths[2], FILE_PATH_BYTES, fixture->folder, key) &&
	       mosquitto_tls_set(onlooker->client, paths[0], NULL, paths[1], paths[2],
				 NULL) == MOSQ_ERR_SUCCESS &&
	       connect_client(onlooker, fixture, filter);
}

void onlooker_end(struct onlooker *onlooker)
{
	if (!onlooker->client)
		return;
	mosquitto_destroy(onlooker->client);
	onlooker->client = NULL;
	(void)!mosquitto_lib_cleanup();
}

void onlooker_publish(struct onlooker *onlooker, const char *topic, const char *payload,
		      bool retain)
{
	must(mosquitto_publish(onlooker->client, NULL, topic, (int)strlen(payload),
			       payload, 1, retain) == MOSQ_ERR_SUCCESS);
	onlooker->published++;
	onlooker_step(onlooker);
}

bool onlooker_flush(struct onlooker *onlooker)
{
	for (int waited_ms = 0;
	     onlooker->acknowledged < onlooker->published && waited_ms < FIXTURE_WAIT_MS;
	     waited_ms += FIXTURE_STEP_MS)
		onlooker_step(onlooker);
	return onlooker->acknowledged == onlooker->published;
}

size_t onlooker_saw(const struct onlooker *onlooker, const char *topic, const char *text)
{
	size_t seen = 0;

	for (size_t i = 0; i < onlooker->count; i++)
		if (str_equal(onlooker->messages[i].topic, topic) &&
		    strstr(onlooker->messages[i].payload, text))
			seen++;
	return seen;
}
