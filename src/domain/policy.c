/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy - a house's policy before anybody decided anything. Pure.
 */
#include "domain/policy.h"

#include <string.h>

#include "base/str.h"

static const double CELSIUS_MIN = 5;
static const double CELSIUS_MAX = 30;

void policy_init(struct policy *policy)
{
	memset(policy, 0, sizeof(*policy));
	policy->celsius_min = CELSIUS_MIN;
	policy->celsius_max = CELSIUS_MAX;
}

const struct room_policy *policy_room(const struct policy *policy, const char *room)
{
	for (size_t i = 0; i < policy->room_count; i++)
		if (str_equal_folded(policy->rooms[i].room.text, room))
			return &policy->rooms[i];
	return NULL;
}

bool policy_room_is_thin(const struct room_policy *room)
{
	return room->is_thin || !room->has_key;
}

const struct room_policy *policy_room_of_key(const struct policy *policy,
					     const uint8_t key[POLICY_KEY_BYTES])
{
	for (size_t i = 0; i < policy->room_count; i++)
		if (policy->rooms[i].has_key &&
		    memcmp(policy->rooms[i].key, key, POLICY_KEY_BYTES) == 0)
			return &policy->rooms[i];
	return NULL;
}
