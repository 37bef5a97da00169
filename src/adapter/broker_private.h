/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_private - a private mosquitto for a house that has no broker of its own.
 *
 * Writes its configuration, users and access list into a folder and says how to start
 * it. It listens on 127.0.0.1 only, and knows three users with random passwords: "hub"
 * (reads all; may command lights, heating, blinds ... and may lock and arm, but has no
 * topic to unlock, disarm, press or open a door), "gate" (has them) and "toy" (the toy
 * home). Starts
 * nothing itself. Not thread-safe against a second one in the same folder.
 */
#ifndef ADAPTER_BROKER_PRIVATE_H
#define ADAPTER_BROKER_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/file.h"
#include "port/rand.h"

enum { BROKER_PRIVATE_PASSWORD_BYTES = 33 };

struct broker_private {
	uint16_t port;
	char config[FILE_PATH_BYTES];       /* mosquitto.conf */
	char hub_password[FILE_PATH_BYTES]; /* a file of mode 0600 with one line */
	char toy_password[FILE_PATH_BYTES];
	char program[FILE_PATH_BYTES]; /* of mosquitto */
	/* To be started with; points into this struct, which must not be moved. */
	const char *argv[4];
};

/* Makes folder (0700) and everything in it anew: passwords, a free port. What the broker
 * retained stays. ERR_MISSING when Debian's mosquitto or mosquitto_passwd is not there,
 * ERR_IO when something cannot be written; the note says which. */
MUST_CHECK enum err broker_private_prepare(const char *folder, struct rand rand,
					   struct broker_private *out_broker,
					   struct err_note *note);

#endif
