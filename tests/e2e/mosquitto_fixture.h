/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mosquitto_fixture - a real broker, a toy home and onlookers, for end-to-end tests.
 *
 * The broker listens on a free loopback port and keeps its files in a folder of its own,
 * which fixture_end removes. Everything that was started is ended by fixture_end. Waits
 * are bounded by FIXTURE_WAIT_MS and fail the test; no test depends on how long one
 * takes.
 */
#ifndef E2E_MOSQUITTO_FIXTURE_H
#define E2E_MOSQUITTO_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "adapter/broker_private.h"
#include "base/buf.h"

enum {
	FIXTURE_WAIT_MS = 20000,
	FIXTURE_STEP_MS = 10,
	FIXTURE_OUTPUT_MAX = 1024 * 1024,
	ONLOOKER_MESSAGES_MAX = 512,
};

struct mosquitto;

struct fixture {
	char folder[FILE_PATH_BYTES];
	struct broker_private broker;
	char hub_password[BROKER_PRIVATE_PASSWORD_BYTES];
	char toy_password[BROKER_PRIVATE_PASSWORD_BYTES];
	pid_t broker_pid; /* 0: not running */
	pid_t toy_pid;
	int toy_output; /* what it printed; -1 none */
	struct buf toy_printed;
};

/* Makes the folder and its files; starts nothing. False with a line on stderr. */
bool fixture_begin(struct fixture *fixture);
void fixture_end(struct fixture *fixture);

/* Starts the broker and waits until it listens. */
bool fixture_start_broker(struct fixture *fixture);
/* Sends the signal; after SIGTERM and SIGKILL waits for its end. */
void fixture_signal_broker(struct fixture *fixture, int number);

/* Starts tools/toy-home of the build folder, with --print. */
bool fixture_start_toy(struct fixture *fixture);
void fixture_stop_toy(struct fixture *fixture, int number);
/* Reads what it printed so far: true when a line holds both texts. */
bool fixture_toy_printed(struct fixture *fixture, const char *device, const char *text);

/* Somebody else on the broker, who sees all that their user may read. */
struct onlooker {
	struct mosquitto *client;
	bool connected;
	bool subscribed;
	size_t published;
	size_t acknowledged;
	size_t count;
	struct {
		char topic[128];
		char payload[512];
		bool retained;
	} messages[ONLOOKER_MESSAGES_MAX];
};

/* user is "hub" or "toy". Connects and subscribes to filter. */
bool onlooker_begin(struct onlooker *onlooker, const struct fixture *fixture,
		    const char *user, const char *filter);
/* The same under TLS, with files of the fixture's folder. */
bool onlooker_begin_tls(struct onlooker *onlooker, const struct fixture *fixture,
			const char *user, const char *filter, const char *authority,
			const char *certificate, const char *key);
void onlooker_end(struct onlooker *onlooker);
/* Lets it read and write for a moment. */
void onlooker_step(struct onlooker *onlooker);
void onlooker_publish(struct onlooker *onlooker, const char *topic, const char *payload,
		      bool retain);
/* Until the broker has taken all that was published. */
bool onlooker_flush(struct onlooker *onlooker);
/* How many messages it saw on the topic that hold text. */
size_t onlooker_saw(const struct onlooker *onlooker, const char *topic, const char *text);

#endif
