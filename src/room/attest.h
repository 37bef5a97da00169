/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attest - the room's key at work: shows the hub who the room is, and signs what the room
 * alone can witness (domain/evidence.h).
 *
 * Also keeps the hub's time, which numbers turns: the room's own clock is never believed
 * by anybody. One thread.
 */
#ifndef ROOM_ATTEST_H
#define ROOM_ATTEST_H

#include <stdbool.h>
#include <stdint.h>

#include "adapter/identity.h"
#include "adapter/link.h"
#include "domain/event.h"
#include "room/message.h"

struct attest {
	const struct identity *identity; /* borrowed; NULL: a room without a key */
	char name[LINK_NAME_BYTES];
	bool has_time;
	int64_t hub_ms; /* the hub's clock ... */
	int64_t at_ms;  /* ... when ours, monotonic, was this */
	uint64_t sequence;
};

/* identity may be NULL or without a seed. */
void attest_init(struct attest *attest, const struct identity *identity,
		 const char *name);

/* Answers the hub's challenge and takes its time over. ERR_FORMAT: it was none. */
MUST_CHECK enum err attest_answer(struct attest *attest,
				  const struct wire_challenge *challenge, int64_t now_ms,
				  struct link *link);

/* The hub's wall clock now; other_ms before it was told. */
int64_t attest_hub_ms(const struct attest *attest, int64_t now_ms, int64_t other_ms);

/* Starts an event of this room about a turn. */
void attest_begin(const struct attest *attest, struct event *event, enum event_kind kind,
		  uint64_t turn, int64_t now_ms);
/* Signs the event, whose fields are filled, and sends it. Never a MEMO. Without a key:
 * nothing, OK. */
MUST_CHECK enum err attest_send(struct attest *attest, struct event *event,
				struct link *link);
/* The same for a voice message that was spoken here: no other sound can be signed as one. */
MUST_CHECK enum err attest_message(struct attest *attest, const struct message *message,
				   uint64_t turn, int64_t now_ms, struct link *link);
/* Without a key nothing is signed, and a message that nobody vouches for goes nowhere. */
bool attest_has_key(const struct attest *attest);

#endif
