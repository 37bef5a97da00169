/* SPDX-License-Identifier: Apache-2.0 */
/*
 * room - one room's microphone, speaker and light, between its devices and the hub.
 *
 * Sound goes to the hub only under a lease (listen/listen.h). The microphone is open only
 * while the hub is connected and has said that the room is not muted: without a hub there
 * is nothing to listen for, and the light says deaf. Nothing is ever stored. One thread,
 * but for the capture thread inside.
 */
#ifndef ROOM_ROOM_H
#define ROOM_ROOM_H

#include "adapter/identity.h"
#include "adapter/link_tls.h"
#include "base/err.h"
#include "base/loop.h"
#include "port/clock.h"
#include "port/rand.h"
#include "room/parts.h"

enum {
	ROOM_TICK_MS = 100,  /* how soon the end of a lease is noticed without frames */
	ROOM_RETRY_MS = 250, /* the first pause before the hub is tried again; doubles */
	ROOM_RETRY_MAX_MS = 8000,
};

struct room;

struct room_settings {
	const char *name;                /* of the room */
	const char *hub_socket;          /* path */
	const struct identity *identity; /* NULL: it has no key */
	struct link_tls_place *place; /* NULL: hub_socket; else identity is needed ... */
	const uint8_t *hub_key;       /* ... and the key that the hub there must hold */
	struct loop *loop;            /* all borrowed */
	struct parts *parts;
	struct clock clock;
	struct rand rand;
};

/* Connects as soon as the loop runs, and again whenever the hub was away. */
MUST_CHECK enum err room_create(const struct room_settings *settings,
				struct room **out_room, struct err_note *note);
void room_destroy(struct room *room); /* NULL is fine */

#endif
