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
	policy->hold_s = POLICY_HOLD_S;
}

const struct room_policy *policy_room(const struct policy *policy, const char *room)
{
	for (size_t i = 0; i < policy->room_count; i++)
		if (str_equal_folded(policy->rooms[i].room.text, room))
			return &policy->rooms[i];
	return NULL;
}

bool policy_may_say_of(const struct policy *policy, const char *here, const char *from)
{
	const struct room_policy *to = policy_room(policy, here);
	const struct room_policy *of = policy_room(policy, from);

	if (!to || !of || to == of || !of->is_private)
		return to && of;
	return to->is_private &&
	       id_equal(to->private_owner.bytes, of->private_owner.bytes);
}

uint32_t policy_retention_days(const struct policy *policy, struct owner_id owner)
{
	for (size_t i = 0; i < policy->retention_count; i++)
		if (id_equal(policy->retentions[i].owner.bytes, owner.bytes))
			return policy->retentions[i].days;
	return POLICY_RETENTION_DAYS;
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

void policy_add_change(struct policy *policy, const struct policy_change *change)
{
	size_t at = policy->change_count;

	while (at > 0 && policy->changes[at - 1].number > change->number)
		at--;
	if (policy->change_count == POLICY_CHANGES_MAX) {
		if (at == 0)
			return;
		at--;
		memmove(policy->changes, policy->changes + 1,
			at * sizeof(policy->changes[0]));
	} else {
		memmove(policy->changes + at + 1, policy->changes + at,
			(policy->change_count - at) * sizeof(policy->changes[0]));
		policy->change_count++;
	}
	policy->changes[at] = *change;
}

const struct person *policy_person(const struct policy *policy, struct person_id id)
{
	for (size_t i = 0; i < policy->person_count; i++)
		if (id_equal(policy->people[i].id.bytes, id.bytes))
			return &policy->people[i];
	return NULL;
}

const struct contact *policy_contact(const struct policy *policy, struct contact_id id)
{
	for (size_t i = 0; i < policy->contact_count; i++)
		if (id_equal(policy->contacts[i].id.bytes, id.bytes))
			return &policy->contacts[i];
	return NULL;
}

const struct device *policy_device(const struct policy *policy,
				   const uint8_t key[PEOPLE_KEY_BYTES])
{
	for (size_t i = 0; i < policy->device_count; i++)
		if (memcmp(policy->devices[i].key, key, PEOPLE_KEY_BYTES) == 0)
			return &policy->devices[i];
	return NULL;
}

unsigned policy_device_may(const struct policy *policy, const struct device *device)
{
	const struct person *person = policy_person(policy, device->person);

	return person && !device->is_revoked ? person->capabilities : 0;
}
