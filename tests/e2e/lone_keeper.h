/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lone_keeper - a real behest-keeper alone, with an owner and a private room: started,
 * killed, and spoken to as a hub and as its owner.
 *
 * Whatever goes wrong in between fails the test. One thread.
 */
#ifndef E2E_LONE_KEEPER_H
#define E2E_LONE_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "adapter/link_unix.h"
#include "base/err.h"

enum {
	LONE_KEEPER_SAMPLES = 6000, /* of each recording: 12 KB */
	LONE_KEEPER_ANSWER_MS = 30000,
};

struct lone_keeper {
	char data[64];
	char log[80];
	char passphrase[64]; /* the owner's; who changes it changes it here */
	pid_t pid;
	size_t starts; /* that somebody waited for, and how long */
	int64_t start_ms_max;
	int64_t start_ms_sum;
};

/* In a folder that is there, or, NULL, in a new one; with the owner "alice" and her private
 * room "kitchen". */
void lone_keeper_begin(struct lone_keeper *keeper, const char *folder);
void lone_keeper_end(
	struct lone_keeper *keeper); /* SIGTERM; it must end well, and is gone */
void lone_keeper_start(struct lone_keeper *keeper);
void lone_keeper_kill(struct lone_keeper *keeper); /* it must not have ended before */

/* Wait until it is there. */
struct link_client *lone_keeper_hub(struct lone_keeper *keeper);
struct link_client *lone_keeper_owner(struct lone_keeper *keeper); /* not signed in */
struct link_client *lone_keeper_sign_in(struct lone_keeper *keeper);
/* Over a link that is open; false: these are not the words. */
bool lone_keeper_unlock(struct link_client *client, const char *passphrase);

/* Says it and takes the next message. */
const struct wire_message *lone_keeper_ask(struct link_client *client,
					   enum wire_type type, const void *fields);
/* Sends one; `done` follows. */
void lone_keeper_send_recording(struct link_client *client, uint64_t token,
				uint64_t turn);
/* How it went, of that token; others' are passed over. */
enum err lone_keeper_take_done(struct link_client *client, uint64_t token,
			       struct record_id *out_record);
/* False: it is not there. What plays is the sound that was sent. */
bool lone_keeper_plays(struct link_client *client, struct record_id record);
/* It plays. */
void lone_keeper_expect_sound(struct link_client *client, struct record_id record);
void lone_keeper_expect_whole_journal(struct link_client *client);

#endif
