/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_row - writes and reads policy versions. Decides nothing about who may change
 * what.
 *
 * Layout: version of the layout, household, policy version, signer, heat limits in
 * hundredths of a degree, rooms, harmless entities, the hold, people but owners, contacts,
 * devices, removed owners, what loosened lately, retentions, box, operator, everyday things (domain/day.h); signature of the owner, and of the keeper, each over all before it.
 */
#include "keeper/policy_row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/seal.h"

/* Version 1 had rooms without keys, version 2 neither people nor the keeper's signature,
 * version 3 neither the capability POLICY nor changes, version 4 nothing of recordings,
 * version 5 nothing of everyday things, nor the capabilities BUY and LISTS. */
enum {
	ROW_VERSION_OLDEST = 1,
	ROW_VERSION_KEYS = 2,
	ROW_VERSION_PEOPLE = 3,
	ROW_VERSION_KEEPER = 3,
	ROW_VERSION_CHANGES = 4,
	ROW_VERSION_KEEPING = 5,
	ROW_VERSION_DAY = 6,
	ROW_VERSION = 6,
	CENTI = 100,
};

/* All there was before POLICY, and before BUY. Nobody was given those by a row of then, not
 * even by all of it: a new version loosens nothing. Owners are in no row. */
enum {
	MAY_ALL_BEFORE_DAY = MAY_ALL & ~(MAY_BUY | MAY_LISTS),
	MAY_ALL_BEFORE = MAY_ALL_BEFORE_DAY & ~MAY_POLICY,
};

enum { ROOM_IS_THIN = 1, ROOM_IS_REVOKED = 2, ROOM_HAS_KEY = 4, ROOM_FLAGS = 7 };

static const char LABEL[] = "behest policy row v1";

size_t policy_row_people(const struct policy *policy)
{
	size_t count = 0;

	for (size_t i = 0; i < policy->person_count; i++)
		count += policy->people[i].role != ROLE_OWNER;
	return count;
}

static void pack_people(struct pack *pack, const struct policy *policy)
{
	pack_u32(pack, (uint32_t)policy_row_people(policy));
	for (size_t i = 0; i < policy->person_count; i++) {
		const struct person *person = &policy->people[i];

		if (person->role == ROLE_OWNER)
			continue;
		pack_bytes(pack, person->id.bytes, ID_BYTES);
		pack_text(pack, person->name);
		pack_text(pack, role_text(person->role));
		pack_u32(pack, person->capabilities);
	}
}

static void pack_contacts(struct pack *pack, const struct policy *policy)
{
	pack_u32(pack, (uint32_t)policy->contact_count);
	for (size_t i = 0; i < policy->contact_count; i++) {
		const struct contact *contact = &policy->contacts[i];

		pack_bytes(pack, contact->id.bytes, ID_BYTES);
		pack_text(pack, contact->name);
		pack_text(pack, contact_kind_text(contact->kind));
		pack_u8(pack, contact->voice_allowed);
		pack_bytes(pack, contact->person.bytes, ID_BYTES);
		pack_text(pack, contact->address);
		pack_bytes(pack, contact->key, PEOPLE_KEY_BYTES);
		pack_bytes(pack, contact->box_key, PEOPLE_KEY_BYTES);
	}
}

static void pack_devices(struct pack *pack, const struct policy *policy)
{
	pack_u32(pack, (uint32_t)policy->device_count);
	for (size_t i = 0; i < policy->device_count; i++) {
		const struct device *device = &policy->devices[i];

		pack_bytes(pack, device->key, PEOPLE_KEY_BYTES);
		pack_text(pack, device->name);
		pack_bytes(pack, device->person.bytes, ID_BYTES);
		pack_u8(pack, device->is_revoked);
	}
}

static void pack_changes(struct pack *pack, const struct policy *policy)
{
	pack_u32(pack, (uint32_t)policy->change_count);
	for (size_t i = 0; i < policy->change_count; i++) {
		const struct policy_change *change = &policy->changes[i];

		pack_u64(pack, change->number);
		pack_i64(pack, change->at_ms);
		pack_text(pack, change->by);
		pack_text(pack, change->words);
	}
}

static void pack_keeping(struct pack *pack, const struct policy *policy)
{
	pack_u32(pack, (uint32_t)policy->retention_count);
	for (size_t i = 0; i < policy->retention_count; i++) {
		pack_bytes(pack, policy->retentions[i].owner.bytes, ID_BYTES);
		pack_u32(pack, policy->retentions[i].days);
	}
	pack_u8(pack, policy->has_box);
	pack_text(pack, policy->operator_name);
	pack_text(pack, policy->operator_contact);
}

static void pack_policy(struct pack *pack, const struct policy *policy)
{
	pack_i64(pack, llround(policy->celsius_min * CENTI));
	pack_i64(pack, llround(policy->celsius_max * CENTI));
	pack_u32(pack, (uint32_t)policy->room_count);
	for (size_t i = 0; i < policy->room_count; i++) {
		const struct room_policy *room = &policy->rooms[i];

		pack_text(pack, room->room.text);
		pack_u32(pack, room->capabilities);
		pack_u8(pack, room->muted);
		pack_u8(pack, room->is_private);
		pack_bytes(pack, room->private_owner.bytes, ID_BYTES);
		pack_u8(pack, (uint8_t)((room->is_thin ? ROOM_IS_THIN : 0) |
					(room->is_revoked ? ROOM_IS_REVOKED : 0) |
					(room->has_key ? ROOM_HAS_KEY : 0)));
		pack_bytes(pack, room->key, POLICY_KEY_BYTES);
	}
	pack_u32(pack, (uint32_t)policy->harmless_count);
	for (size_t i = 0; i < policy->harmless_count; i++)
		pack_text(pack, policy->harmless[i]);
	pack_u32(pack, policy->hold_s);
	pack_people(pack, policy);
	pack_contacts(pack, policy);
	pack_devices(pack, policy);
	pack_u32(pack, (uint32_t)policy->removed_count);
	for (size_t i = 0; i < policy->removed_count; i++)
		pack_bytes(pack, policy->removed[i].bytes, ID_BYTES);
	pack_changes(pack, policy);
	pack_keeping(pack, policy);
	day_pack(pack, &policy->day);
}

enum err policy_row_write(struct household_id household, uint64_t version,
			  const struct policy *policy, struct owner_view *view,
			  const uint8_t *keeper_seed, struct buf *to)
{
	uint8_t *bytes = malloc(POLICY_ROW_BYTES_MAX);
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct owner_id signer = owner_view_id(view);
	struct pack pack;
	enum err err;

	if (!bytes)
		return ERR_MEMORY;
	pack_init(&pack, bytes, POLICY_ROW_BYTES_MAX);
	pack_u8(&pack, ROW_VERSION);
	pack_bytes(&pack, household.bytes, ID_BYTES);
	pack_u64(&pack, version);
	pack_bytes(&pack, signer.bytes, ID_BYTES);
	pack_policy(&pack, policy);
	must(pack_is_whole(&pack));
	err = owner_view_sign(view, LABEL, bytes, pack.size, signature);
	pack_bytes(&pack, signature, sizeof(signature));
	if (err == OK)
		err = seal_sign_labelled(keeper_seed, LABEL, bytes, pack.size, signature);
	pack_bytes(&pack, signature, sizeof(signature));
	must(pack_is_whole(&pack));
	if (err == OK)
		err = buf_add(to, bytes, pack.size);
	free(bytes);
	return err;
}

static void unpack_key(struct unpack *unpack, struct room_policy *room)
{
	const unsigned flags = unpack_u8(unpack);

	unpack_bytes(unpack, room->key, POLICY_KEY_BYTES);
	room->is_thin = flags & ROOM_IS_THIN;
	room->is_revoked = flags & ROOM_IS_REVOKED;
	room->has_key = flags & ROOM_HAS_KEY;
	if (flags & ~(unsigned)ROOM_FLAGS)
		unpack->overrun = true;
}

static unsigned unpack_capabilities(struct unpack *unpack, unsigned version)
{
	const unsigned set = unpack_u32(unpack);
	const unsigned known = version < ROW_VERSION_CHANGES ? MAY_ALL_BEFORE
			       : version < ROW_VERSION_DAY   ? MAY_ALL_BEFORE_DAY
							     : MAY_ALL;

	if (set & ~known)
		unpack->overrun = true;
	return set;
}

static void unpack_room(struct unpack *unpack, unsigned version, struct room_policy *room)
{
	unpack_text(unpack, room->room.text, sizeof(room->room.text));
	room->capabilities = unpack_capabilities(unpack, version);
	room->muted = unpack_u8(unpack) != 0;
	room->is_private = unpack_u8(unpack) != 0;
	unpack_bytes(unpack, room->private_owner.bytes, ID_BYTES);
	if (version >= ROW_VERSION_KEYS)
		unpack_key(unpack, room);
}

static void unpack_people(struct unpack *unpack, unsigned version, struct policy *policy)
{
	char role[PEOPLE_NAME_BYTES];

	policy->person_count = unpack_count(unpack, POLICY_PEOPLE_MAX);
	for (size_t i = 0; i < policy->person_count; i++) {
		struct person *person = &policy->people[i];

		unpack_bytes(unpack, person->id.bytes, ID_BYTES);
		unpack_text(unpack, person->name, sizeof(person->name));
		unpack_text(unpack, role, sizeof(role));
		person->capabilities = unpack_capabilities(unpack, version);
		if (!role_from_text(role, &person->role) || person->role == ROLE_OWNER)
			unpack->overrun = true;
	}
}

static void unpack_contacts(struct unpack *unpack, struct policy *policy)
{
	char kind[PEOPLE_NAME_BYTES];

	policy->contact_count = unpack_count(unpack, POLICY_CONTACTS_MAX);
	for (size_t i = 0; i < policy->contact_count; i++) {
		struct contact *contact = &policy->contacts[i];

		unpack_bytes(unpack, contact->id.bytes, ID_BYTES);
		unpack_text(unpack, contact->name, sizeof(contact->name));
		unpack_text(unpack, kind, sizeof(kind));
		contact->voice_allowed = unpack_u8(unpack) != 0;
		unpack_bytes(unpack, contact->person.bytes, ID_BYTES);
		unpack_text(unpack, contact->address, sizeof(contact->address));
		unpack_bytes(unpack, contact->key, PEOPLE_KEY_BYTES);
		unpack_bytes(unpack, contact->box_key, PEOPLE_KEY_BYTES);
		if (!contact_kind_from_text(kind, &contact->kind))
			unpack->overrun = true;
	}
}

static void unpack_devices(struct unpack *unpack, struct policy *policy)
{
	policy->device_count = unpack_count(unpack, POLICY_DEVICES_MAX);
	for (size_t i = 0; i < policy->device_count; i++) {
		struct device *device = &policy->devices[i];

		unpack_bytes(unpack, device->key, PEOPLE_KEY_BYTES);
		unpack_text(unpack, device->name, sizeof(device->name));
		unpack_bytes(unpack, device->person.bytes, ID_BYTES);
		device->is_revoked = unpack_u8(unpack) != 0;
	}
}

static void unpack_changes(struct unpack *unpack, struct policy *policy)
{
	policy->change_count = unpack_count(unpack, POLICY_CHANGES_MAX);
	for (size_t i = 0; i < policy->change_count; i++) {
		struct policy_change *change = &policy->changes[i];

		change->number = unpack_u64(unpack);
		change->at_ms = unpack_i64(unpack);
		unpack_text(unpack, change->by, sizeof(change->by));
		unpack_text(unpack, change->words, sizeof(change->words));
	}
}

static void unpack_keeping(struct unpack *unpack, struct policy *policy)
{
	policy->retention_count = unpack_count(unpack, POLICY_OWNERS_MAX);
	for (size_t i = 0; i < policy->retention_count; i++) {
		unpack_bytes(unpack, policy->retentions[i].owner.bytes, ID_BYTES);
		policy->retentions[i].days = unpack_u32(unpack);
		if (policy->retentions[i].days > POLICY_RETENTION_DAYS_MAX)
			unpack->overrun = true;
	}
	policy->has_box = unpack_u8(unpack) != 0;
	unpack_text(unpack, policy->operator_name, sizeof(policy->operator_name));
	unpack_text(unpack, policy->operator_contact, sizeof(policy->operator_contact));
}

static void unpack_policy(struct unpack *unpack, unsigned version, struct policy *policy)
{
	policy_init(policy);
	policy->celsius_min = (double)unpack_i64(unpack) / CENTI;
	policy->celsius_max = (double)unpack_i64(unpack) / CENTI;
	policy->room_count = unpack_count(unpack, POLICY_ROOMS_MAX);
	for (size_t i = 0; i < policy->room_count; i++)
		unpack_room(unpack, version, &policy->rooms[i]);
	policy->harmless_count = unpack_count(unpack, POLICY_HARMLESS_MAX);
	for (size_t i = 0; i < policy->harmless_count; i++)
		unpack_text(unpack, policy->harmless[i], sizeof(policy->harmless[i]));
	if (version < ROW_VERSION_PEOPLE)
		return;
	policy->hold_s = unpack_u32(unpack);
	if (policy->hold_s < POLICY_HOLD_S_MIN || policy->hold_s > POLICY_HOLD_S_MAX)
		unpack->overrun = true;
	unpack_people(unpack, version, policy);
	unpack_contacts(unpack, policy);
	unpack_devices(unpack, policy);
	policy->removed_count = unpack_count(unpack, POLICY_OWNERS_MAX);
	for (size_t i = 0; i < policy->removed_count; i++)
		unpack_bytes(unpack, policy->removed[i].bytes, ID_BYTES);
	if (version >= ROW_VERSION_CHANGES)
		unpack_changes(unpack, policy);
	if (version >= ROW_VERSION_KEEPING)
		unpack_keeping(unpack, policy);
	if (version >= ROW_VERSION_DAY)
		day_unpack(unpack, &policy->day);
}

static enum err check_owner(const struct policy_signers *signers, struct owner_id signer,
			    const uint8_t *row, size_t size,
			    const uint8_t signature[SEAL_SIGNATURE_BYTES])
{
	for (size_t i = 0; i < signers->owner_count; i++) {
		if (id_equal(signers->owners[i].id.bytes, signer.bytes))
			return seal_verify_labelled(signers->owners[i].sign_public, LABEL,
						    row, size, signature);
	}
	return ERR_AUTH;
}

/* The signatures stand one behind the other at the row's end. */
static enum err check_signatures(const struct policy_signers *signers, unsigned layout,
				 struct owner_id signer, const uint8_t *row, size_t size)
{
	enum err err;

	if (layout >= ROW_VERSION_KEEPER) {
		size -= SEAL_SIGNATURE_BYTES;
		err = seal_verify_labelled(signers->keeper_public, LABEL, row, size,
					   row + size);
		if (err != OK)
			return err;
	}
	size -= SEAL_SIGNATURE_BYTES;
	return check_owner(signers, signer, row, size, row + size);
}

bool policy_row_has_keeper(const uint8_t *row, size_t size)
{
	return size > 0 && row[0] >= ROW_VERSION_KEEPER;
}

enum err policy_row_read(struct household_id household, uint64_t version,
			 const struct policy_signers *signers, const uint8_t *row,
			 size_t size, struct policy *out_policy)
{
	struct household_id stated_household;
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct owner_id signer;
	struct policy policy;
	struct unpack unpack;
	uint64_t stated;
	unsigned layout;
	enum err err;

	unpack_init(&unpack, row, size);
	layout = unpack_u8(&unpack);
	if (layout < ROW_VERSION_OLDEST || layout > ROW_VERSION)
		return ERR_VERSION;
	unpack_bytes(&unpack, stated_household.bytes, ID_BYTES);
	stated = unpack_u64(&unpack);
	unpack_bytes(&unpack, signer.bytes, ID_BYTES);
	unpack_policy(&unpack, layout, &policy);
	unpack_bytes(&unpack, signature, sizeof(signature));
	if (layout >= ROW_VERSION_KEEPER)
		unpack_bytes(&unpack, signature, sizeof(signature));
	if (!unpack_is_whole(&unpack))
		return ERR_FORMAT;
	if (stated != version || !id_equal(stated_household.bytes, household.bytes))
		return ERR_AUTH;
	err = check_signatures(signers, layout, signer, row, size);
	if (err == OK)
		*out_policy = policy;
	return err;
}
