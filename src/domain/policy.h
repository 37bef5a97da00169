/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy - what the owner decided: kept by the keeper, changed by its owner socket.
 *
 * A plain value; the hub holds a copy that it may read and never change.
 */
#ifndef DOMAIN_POLICY_H
#define DOMAIN_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/ids.h"

enum { POLICY_ROOMS_MAX = 64, POLICY_HARMLESS_MAX = 256, POLICY_KEY_BYTES = 32 };

/* Capabilities that can be taken from a room; bits. */
enum room_capability {
	ROOM_MAY_MOVE = 1,   /* class B */
	ROOM_MAY_TELL = 2,   /* class A */
	ROOM_MAY_RECORD = 4, /* keep recordings for the owner */
};
enum { ROOM_MAY_ALL = 7 };

struct room_policy {
	struct room_name room;
	unsigned capabilities;
	bool muted;
	bool is_private; /* the owner declared it private: turns file to them */
	struct owner_id private_owner; /* none unless is_private */
	bool has_key;                  /* its key was recorded: no other is let in */
	uint8_t key[POLICY_KEY_BYTES]; /* Ed25519, public; zeros unless has_key */
	bool is_thin;    /* the owner said: its word proves nothing (see below) */
	bool is_revoked; /* is not let in any more */
};

struct policy {
	bool has_owner;     /* before an owner exists nothing is recorded or done */
	double celsius_min; /* limits of what voice may set the heating to */
	double celsius_max;
	size_t room_count;
	struct room_policy rooms[POLICY_ROOMS_MAX];
	size_t harmless_count; /* entities of unknown effect that an owner marked */
	char harmless[POLICY_HARMLESS_MAX][128];
};

/* A house without owner, rooms or marks; heat 5..30 degrees. */
void policy_init(struct policy *policy);
/* The room's row, or NULL: an unknown room may do nothing. */
const struct room_policy *policy_room(const struct policy *policy, const char *room);
/* A room that cannot prove what it heard: marked so, or without a recorded key. */
bool policy_room_is_thin(const struct room_policy *room);
/* The row whose recorded key this is (also a revoked one), or NULL. */
const struct room_policy *policy_room_of_key(const struct policy *policy,
					     const uint8_t key[POLICY_KEY_BYTES]);

#endif
