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

#include "domain/day.h"
#include "domain/ids.h"
#include "domain/people.h"

enum {
	POLICY_ROOMS_MAX = 64,
	POLICY_HARMLESS_MAX = 256,
	POLICY_PEOPLE_MAX = 32, /* beside the owners */
	POLICY_DEVICES_MAX = 32,
	POLICY_CONTACTS_MAX = 256,
	POLICY_OWNERS_MAX = 16,
	POLICY_KEY_BYTES = 32,
	POLICY_HOLD_S = 60, /* how long a message can be called off */
	POLICY_HOLD_S_MIN = 10,
	POLICY_HOLD_S_MAX = 600,
	POLICY_RETENTION_DAYS = 30, /* of an owner's recordings, unless they choose */
	POLICY_RETENTION_DAYS_MAX = 548, /* 18 months */
	POLICY_OPERATOR_BYTES = 128,
	POLICY_CHANGES_MAX = 16, /* that are remembered */
	POLICY_CHANGE_BYTES = 96,
};

struct room_policy {
	struct room_name room;
	unsigned capabilities; /* domain/capabilities.def */
	bool muted;
	bool is_private; /* the owner declared it private: turns file to them */
	struct owner_id private_owner; /* none unless is_private */
	bool has_key;                  /* its key was recorded: no other is let in */
	uint8_t key[POLICY_KEY_BYTES]; /* Ed25519, public; zeros unless has_key */
	bool is_thin;    /* the owner said: its word proves nothing (see below) */
	bool is_revoked; /* is not let in any more */
};

/* How long one owner's recordings are kept; 0: nothing is. */
struct retention_policy {
	struct owner_id owner;
	uint32_t days;
};

/* One change that loosened what held, as people are told of it. */
struct policy_change {
	uint64_t number; /* grows with each; about its time in ms since 1970 */
	int64_t at_ms;   /* wall clock */
	char by[POLICY_CHANGE_BYTES];    /* "the owner alice" */
	char words[POLICY_CHANGE_BYTES]; /* "the kitchen may unlock, disarm ..." */
};

struct policy {
	bool has_owner;     /* before an owner exists nothing is recorded or done */
	double celsius_min; /* limits of what voice may set the heating to */
	double celsius_max;
	size_t room_count;
	struct room_policy rooms[POLICY_ROOMS_MAX];
	size_t harmless_count; /* entities of unknown effect that an owner marked */
	char harmless[POLICY_HARMLESS_MAX][128];
	uint32_t hold_s;
	size_t person_count; /* owners among them: the keeper adds these by their keys */
	struct person people[POLICY_PEOPLE_MAX + POLICY_OWNERS_MAX];
	/* The hub is told names, kinds and trust of contacts, not their addresses and keys,
	 * and nothing of devices: it needs none of that. */
	size_t contact_count;
	struct contact contacts[POLICY_CONTACTS_MAX];
	size_t device_count;
	struct device devices[POLICY_DEVICES_MAX];
	size_t removed_count; /* owners who decide nothing any more */
	struct owner_id removed[POLICY_OWNERS_MAX];
	/* Of what is recorded, which the hub is not told: */
	size_t retention_count; /* of owners who chose */
	struct retention_policy retentions[POLICY_OWNERS_MAX];
	bool has_box; /* what is nobody's is kept for a day, for all owners */
	/* Who runs this house for others, and whom to write to: then the duties of somebody
	 * who processes others' data hold. "": a household runs it for itself. */
	char operator_name[POLICY_OPERATOR_BYTES];
	char operator_contact[POLICY_OPERATOR_BYTES];
	struct day_policy day; /* everyday things */
	/* The newest that loosened, oldest first: devices that were away are told of them.
	 * The hub is not. */
	size_t change_count;
	struct policy_change changes[POLICY_CHANGES_MAX];
};

/* A house without owner, rooms, people or marks; heat 5..30 degrees. */
void policy_init(struct policy *policy);
/* The room's row, or NULL: an unknown room may do nothing. */
const struct room_policy *policy_room(const struct policy *policy, const char *room);
/* A room that cannot prove what it heard: marked so, or without a recorded key. */
bool policy_room_is_thin(const struct room_policy *room);
/* The row whose recorded key this is (also a revoked one), or NULL. */
const struct room_policy *policy_room_of_key(const struct policy *policy,
					     const uint8_t key[POLICY_KEY_BYTES]);
/* May what was asked for in the one room be said in the other? What is of a private room is
 * its owner's alone; of a room that is not there any more nobody knows whose it was. */
bool policy_may_say_of(const struct policy *policy, const char *here, const char *from);
/* How many days that owner's recordings are kept. */
uint32_t policy_retention_days(const struct policy *policy, struct owner_id owner);
/* Remembers a change, in the order of numbers, and forgets the oldest where there is no
 * room. */
void policy_add_change(struct policy *policy, const struct policy_change *change);
/* By id, or NULL. */
const struct person *policy_person(const struct policy *policy, struct person_id id);
const struct contact *policy_contact(const struct policy *policy, struct contact_id id);
/* The device whose key this is (also a revoked one), or NULL. */
const struct device *policy_device(const struct policy *policy,
				   const uint8_t key[PEOPLE_KEY_BYTES]);
/* What a device may approve now: its person's capabilities; nothing once either is gone. */
unsigned policy_device_may(const struct policy *policy, const struct device *device);

#endif
