/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire_room - a room that the test plays, at the hub's own socket: it holds a key and signs
 * what it says that it has heard, but has neither microphone nor loudspeaker.
 *
 * What is said in it is a sound that the caller has, sent faster than it lasts; what the
 * hub says to it is taken as it comes. Rooms of one loop go side by side. Waits are bounded
 * and fail the test, unless the hub is gone: then they end. One thread: the loop's.
 */
#ifndef E2E_WIRE_ROOM_H
#define E2E_WIRE_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapter/link_unix.h"
#include "base/seal.h"
#include "domain/audio.h"
#include "domain/event.h"
#include "domain/evidence.h"
#include "domain/lease.h"

struct wire_room {
	struct loop *loop; /* borrowed */
	const char *name;
	uint8_t seed[SEAL_SIGN_SEED_BYTES];
	struct link *link; /* NULL: the hub is gone */
	bool is_let_in;
	int64_t hub_ms;  /* the hub's clock when it came */
	int64_t came_ms; /* ours */
	uint64_t turns;  /* numbers given */
	uint64_t sequence;
	uint64_t turn;     /* of the newest request */
	uint64_t say;      /* the newest that came whole; 0: none, or it was answered */
	uint64_t say_turn; /* its turn */
	char say_then[16]; /* what follows it */
	uint64_t says;     /* so many came whole */
	uint64_t said_ms;  /* how much sound came with them, all together */
	uint64_t say_samples;  /* how much sound that was */
	uint64_t said_samples; /* of the one that comes now */
	uint64_t said_parent;  /* its reason on record, the same in each piece */
	size_t ended;          /* leases that the hub ended */
	size_t overs; /* turns that the hub said are over, since the newest request */
	uint32_t messages; /* that wait here, as the hub told last */
	bool is_held;      /* something can be called off here */
};

/* Its key; seal_init() came before. */
void wire_room_init(struct wire_room *room, struct loop *loop, const char *name);
void wire_room_key(const struct wire_room *room, uint8_t to[SEAL_SIGN_PUBLIC_BYTES]);

/* Until it is let in, again and again while nobody listens at the path. */
void wire_room_open(struct wire_room *room, const char *path);
void wire_room_close(struct wire_room *room);

/* Somebody says the house's name and, without it, this: the whole lease, from the name to
 * its end. */
void wire_room_request(struct wire_room *room, struct audio_span sound);
/* Until the hub has said something whole to it; false: the hub is gone. */
bool wire_room_wait_say(struct wire_room *room);
/* Until the hub has said that the newest request's turn is over; false: it is gone. */
bool wire_room_wait_over(struct wire_room *room);
/* What it said last was played whole, and measured as heard. */
void wire_room_heard(struct wire_room *room);

/* The microphone is leased for a memo of the newest request, and closed again. */
void wire_room_lease_memo(struct wire_room *room);
void wire_room_end_memo(struct wire_room *room, uint32_t used_ms);
/* Signs that these bytes were spoken, and sends a part of them. */
void wire_room_sign_memo(struct wire_room *room, uint32_t sound_ms, const uint8_t *opus,
			 size_t size);
void wire_room_send_memo(struct wire_room *room, const uint8_t *opus, size_t size,
			 bool last);

#endif
