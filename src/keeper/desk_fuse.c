/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_fuse - a room whose fuse blew stays muted until its owner unmutes it.
 *
 * Policy is signed by owners, and no owner is at hand when a fuse blows; so the mute is a
 * row of its own, bound to the policy's version: it counts until an owner changes the
 * policy, and that change carries it on unless the change is to unmute the room. A device that
 * unmutes the room (desk_amend.c) destroys the row; so a row that is there is newer than
 * whatever a device said. The hub
 * can mute a room in this way and cannot unmute one. Which rooms did it is told with the
 * status, until their owner unmutes them; a change that carried the mute on is not asked
 * again why after the keeper was started anew.
 */
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

static const uint8_t BLOWN[] = {1}; /* the key says all */

static struct store_key fuse_key(const struct desk *desk, uint8_t room)
{
	uint8_t bytes[9];
	struct pack pack;

	pack_init(&pack, bytes, sizeof(bytes));
	pack_u64(&pack, desk->policy_version);
	pack_u8(&pack, room);
	return desk_key(desk, STORE_FUSE, bytes, sizeof(bytes));
}

_Static_assert(POLICY_ROOMS_MAX <= UINT8_MAX, "a room's index is a byte of the key");

/* The room's index in the policy, or POLICY_ROOMS_MAX. */
static size_t room_index(const struct policy *policy, const char *name)
{
	size_t at = 0;

	while (at < policy->room_count && !str_equal(policy->rooms[at].room.text, name))
		at++;
	return at < policy->room_count ? at : POLICY_ROOMS_MAX;
}

enum err desk_fuse_add(struct desk *desk, struct item *item)
{
	const size_t room = room_index(&desk->policy, item->event.room.text);

	/* A policy is on its way that would not carry this, and may unmute a room that is
	 * muted now; the hub tells it again. */
	if (desk->policy_changing)
		return ERR_BUSY;
	if (room == POLICY_ROOMS_MAX || desk->policy.rooms[room].muted)
		return OK; /* nothing to mute; the row in the journal is written */
	const struct store_key key = fuse_key(desk, (uint8_t)room);
	const enum err err = item_add_row(item, &key, BLOWN, sizeof(BLOWN));

	/* An owner's change made meanwhile would not know of it and unmute the room. */
	desk->policy_changing = err == OK;
	return err;
}

void desk_fuse_done(struct desk *desk, const struct item *item, enum err err)
{
	const size_t room = room_index(&desk->policy, item->event.room.text);

	if (item->event.kind != EVENT_FUSE_BLOWN || item->row_count == 0)
		return;
	desk->policy_changing = false;
	if (err != OK)
		return;
	must(room < POLICY_ROOMS_MAX); /* the policy has not changed since */
	desk->policy.rooms[room].muted = true;
	desk->fuse_blown[room] = true;
	desk_say_policy_to_all(desk);
	desk_proposal_policy_changed(desk);
}

void desk_fuse_policy_changed(struct desk *desk)
{
	for (size_t i = 0; i < POLICY_ROOMS_MAX; i++)
		desk->fuse_blown[i] = desk->fuse_blown[i] &&
				      i < desk->policy.room_count &&
				      desk->policy.rooms[i].muted;
}

void desk_fuse_clear(const struct desk *desk, struct item *item, const char *room_name)
{
	const struct room_policy *room = policy_room(&desk->policy, room_name);

	must(room);
	const struct store_key key = fuse_key(desk, (uint8_t)(room - desk->policy.rooms));
	item_clear_row(item, &key);
}

struct store_range desk_fuse_range(const struct desk *desk)
{
	return (struct store_range){
		.first = fuse_key(desk, 0),
		.last = fuse_key(desk, UINT8_MAX),
		.limit = POLICY_ROOMS_MAX,
	};
}

/* A policy that was not believed has no rooms, and permits nothing anyway. */
void desk_fuse_loaded(struct desk *desk, const struct store_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct store_key *key = &rows->rows[i].key;
		const size_t room = key->bytes[key->size - 1];

		if (room >= desk->policy.room_count)
			continue;
		desk->policy.rooms[room].muted = true;
		desk->fuse_blown[room] = true;
	}
}
