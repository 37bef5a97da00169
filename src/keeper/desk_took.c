/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_took - which owner's device took part in a turn, or which owner, signed in: approved
 * what was asked for in it, or what was confirmed in it aloud. What was said there is that
 * owner's, also in a room that is nobody's (desk_seal.c).
 *
 * The keeper goes by what it has verified and written down by itself: the signature
 * over exactly what was asked for, and the room and the turn that it was asked for in, which
 * the hub named before anybody was asked. That a device was told, or called something off,
 * is no part in it.
 *
 * Invariants: of two owners it is neither's; one approval files one recording; none longer
 * than TOOK_MS after it, and none after a restart.
 */
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

enum { TOOK_MS = 10 * 60 * 1000 };

static bool is_of(const struct desk *desk, const char *room_name,
		  const struct room_policy *room)
{
	return policy_room(&desk->policy, room_name) == room;
}

/* Does it stand, and for a turn of that number there? */
static bool holds(const struct desk *desk, const struct desk_took *took,
		  const struct room_policy *room, struct turn_id turn)
{
	return turn.value != 0 && took->turn.value == turn.value && !took->is_used &&
	       is_of(desk, took->room.text, room) &&
	       clock_now_ms(&desk->parts.clock) - took->at_ms < TOOK_MS;
}

static void note(struct desk *desk, const struct desk_took *took, struct turn_id turn)
{
	const struct room_policy *room = policy_room(&desk->policy, took->room.text);
	struct desk_took *place;

	if (turn.value == 0 || !room)
		return;
	for (size_t i = 0; i < DESK_TOOK_MAX; i++) {
		if (!holds(desk, &desk->took[i], room, turn))
			continue;
		desk->took[i].is_disputed |=
			!id_equal(desk->took[i].owner.bytes, took->owner.bytes);
		desk->took[i].is_session &= took->is_session;
		return;
	}
	place = &desk->took[desk->took_count++ % DESK_TOOK_MAX];
	*place = *took;
	place->turn = turn;
}

void desk_took_note(struct desk *desk, const struct desk_proposal *proposal)
{
	const struct proposal *now = &proposal->now;
	const struct person_id person = desk_person_of_key(desk, now->approver);
	struct desk_took took = {
		.room = {""},
		.at_ms = clock_now_ms(&desk->parts.clock),
		.is_session = desk_owner_of_key(desk, now->approver) != NULL,
	};

	memcpy(took.owner.bytes, person.bytes, ID_BYTES); /* an owner's are the same */
	if (!desk_owner_is_active(desk, took.owner))
		return;
	must(str_copy(took.room.text, sizeof(took.room.text), now->action.room));
	note(desk, &took, now->turn);
	note(desk, &took, proposal->said_in);
}

bool desk_took_waits(const struct desk *desk, const struct room_policy *room,
		     struct turn_id turn)
{
	for (size_t i = 0; turn.value != 0 && i < desk->proposal_count; i++) {
		const struct desk_proposal *proposal = desk->proposals[i];
		const struct proposal *now = &proposal->now;
		enum proposal_state to;
		enum reason reason;

		if ((now->turn.value == turn.value ||
		     proposal->said_in.value == turn.value) &&
		    proposal_step(now->kind, now->state, PROPOSAL_TAPPED, &to, &reason) &&
		    is_of(desk, now->action.room, room))
			return true;
	}
	return false;
}

static const struct desk_took *find(const struct desk *desk,
				    const struct room_policy *room, struct turn_id turn)
{
	for (size_t i = 0; i < DESK_TOOK_MAX; i++)
		if (holds(desk, &desk->took[i], room, turn))
			return &desk->took[i];
	return NULL;
}

bool desk_took_any(const struct desk *desk, const struct room_policy *room,
		   struct turn_id turn)
{
	return find(desk, room, turn) || desk_took_waits(desk, room, turn);
}

size_t desk_took_owner(const struct desk *desk, const struct room_policy *room,
		       struct turn_id turn, bool *out_is_session)
{
	const struct desk_took *took = find(desk, room, turn);
	size_t owner;

	if (!took || took->is_disputed || !desk_owner_is_active(desk, took->owner))
		return DESK_NOBODY;
	owner = desk_owner_index(desk, took->owner);
	*out_is_session = took->is_session;
	return owner == DESK_OWNERS_MAX ? DESK_NOBODY : owner;
}

void desk_took_use(struct desk *desk, struct turn_id turn)
{
	for (size_t i = 0; i < DESK_TOOK_MAX; i++)
		if (desk->took[i].turn.value == turn.value)
			desk->took[i].is_used = true;
}
