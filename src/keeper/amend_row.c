/* SPDX-License-Identifier: Apache-2.0 */
/*
 * amend_row - see the header. Invariant: what a row says of the room is what the device
 * signed; nothing of it is taken from anywhere else.
 *
 * Layout: version of the layout, household, version of the policy, room (text), capability
 * (4; 0: the mute), on (1), when (8), number of the remembered change (8), device's key,
 * nonce (32) and number (8) of a mute, proposal (16) and the action's canonical bytes (4 of
 * length; 0: none) of a capability, the device's signature; signature of the keeper over
 * all before it.
 */
#include "keeper/amend_row.h"

#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"

enum { ROW_VERSION = 1 };

static const char LABEL[] = "behest amendment row v1";

/* --- what may be changed ---------------------------------------------------------------- */

static struct room_policy *room_in(struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->room_count; i++)
		if (str_equal_folded(policy->rooms[i].room.text, name))
			return &policy->rooms[i];
	return NULL;
}

bool amend_is_for_devices(const struct amendment *amendment)
{
	return amendment->capability == 0 || !amendment->on ||
	       (amendment->capability & ~(unsigned)AMEND_MAY_GIVE) == 0;
}

enum amend_verdict amend_judge(const struct policy *policy,
			       const struct amendment *amendment)
{
	const struct room_policy *room = policy_room(policy, amendment->room);
	const struct device *device = policy_device(policy, amendment->device);
	const struct person *person = device && !device->is_revoked
					      ? policy_person(policy, device->person)
					      : NULL;

	if (!person)
		return AMEND_UNKNOWN_DEVICE;
	if (!room)
		return AMEND_UNKNOWN_ROOM;
	const bool may_policy = (policy_device_may(policy, device) & MAY_POLICY) != 0;
	if (amendment->capability == 0 && amendment->on)
		return may_policy || person->role != ROLE_GUEST ? AMEND_MAY : AMEND_GUEST;
	if (!may_policy)
		return AMEND_MAY_NOT;
	if (!amend_is_for_devices(amendment))
		return AMEND_OWNERS;
	return room->is_private && !id_equal(room->private_owner.bytes, person->id.bytes)
		       ? AMEND_NOT_YOURS
		       : AMEND_MAY;
}

void amend_apply(struct policy *policy, const struct amendment *amendment)
{
	struct room_policy *room = room_in(policy, amendment->room);

	must(room && (amendment->capability & ~(unsigned)MAY_ALL) == 0);
	if (amendment->capability == 0)
		room->muted = amendment->on;
	else if (amendment->on)
		room->capabilities |= amendment->capability;
	else
		room->capabilities &= ~amendment->capability;
}

bool amend_of_action(const struct action *action, struct amendment *out_amendment)
{
	struct amendment amendment = {.on = action->kind == ACTION_ROOM_ALLOW,
				      .action = *action};

	if ((action->kind != ACTION_ROOM_ALLOW && action->kind != ACTION_ROOM_FORBID) ||
	    !capabilities_from_text(action->mode, &amendment.capability) ||
	    amendment.capability == 0 ||
	    (amendment.capability & (amendment.capability - 1)) != 0)
		return false;
	must(str_copy(amendment.room, sizeof(amendment.room), action->entity));
	*out_amendment = amendment;
	return true;
}

_Static_assert((int)ENTITY_ID_BYTES <= (int)NAME_BYTES, "an entity's name fits a room's");

/* --- what the device signed ------------------------------------------------------------- */

static enum err verify_mute(struct household_id household,
			    const struct amendment *amendment)
{
	struct approval_mute mute = {.household = household,
				     .number = amendment->number,
				     .on = amendment->on};
	uint8_t bytes[APPROVAL_MUTE_BYTES_MAX];

	memcpy(mute.nonce, amendment->nonce, sizeof(mute.nonce));
	must(str_copy(mute.room, sizeof(mute.room), amendment->room));
	const size_t size = approval_mute_bytes(&mute, bytes);
	return seal_verify_labelled(amendment->device, APPROVAL_MUTE_LABEL, bytes, size,
				    amendment->signature);
}

/* The room, the thing and which way are those of the action. */
static bool is_of_its_action(const struct amendment *amendment)
{
	struct amendment of_action;

	return amend_of_action(&amendment->action, &of_action) &&
	       of_action.capability == amendment->capability &&
	       of_action.on == amendment->on &&
	       str_equal_folded(of_action.room, amendment->room);
}

static enum err verify_approval(struct household_id household,
				const struct amendment *amendment)
{
	char canonical[ACTION_BYTES_MAX];
	uint8_t hash[APPROVAL_HASH_BYTES];
	uint8_t bytes[APPROVAL_BYTES];
	size_t size = 0;
	enum err err;

	if (!is_of_its_action(amendment))
		return ERR_AUTH;
	err = action_bytes(&amendment->action, canonical, &size);
	if (err == OK)
		err = seal_sha256(&(struct seal_part){canonical, size}, 1, hash);
	if (err != OK)
		return err;
	approval_bytes(household, amendment->proposal, hash, bytes);
	return seal_verify_labelled(amendment->device, approval_label(APPROVAL_APPROVE),
				    bytes, sizeof(bytes), amendment->signature);
}

enum err amend_verify(struct household_id household, const struct amendment *amendment)
{
	return amendment->capability == 0 ? verify_mute(household, amendment)
					  : verify_approval(household, amendment);
}

/* --- the row ---------------------------------------------------------------------------- */

_Static_assert(POLICY_ROOMS_MAX <= UINT8_MAX && MAY_ALL <= UINT8_MAX,
	       "a room's index and a capability are a byte of the key each");

void amend_row_key(const struct policy *policy, uint64_t version,
		   const struct amendment *amendment, uint8_t to[AMEND_KEY_BYTES])
{
	const struct room_policy *room = policy_room(policy, amendment->room);
	struct pack pack;

	must(room);
	pack_init(&pack, to, AMEND_KEY_BYTES);
	pack_u64(&pack, version);
	pack_u8(&pack, (uint8_t)(room - policy->rooms));
	pack_u8(&pack, (uint8_t)amendment->capability);
	must(pack_is_whole(&pack));
}

static enum err pack_action(struct pack *pack, const struct amendment *amendment)
{
	char bytes[ACTION_BYTES_MAX];
	size_t size = 0;
	enum err err = OK;

	if (amendment->capability != 0)
		err = action_bytes(&amendment->action, bytes, &size);
	pack_u32(pack, (uint32_t)size);
	pack_bytes(pack, bytes, size);
	return err;
}

enum err amend_row_write(struct household_id household, uint64_t version,
			 const struct amendment *amendment, const uint8_t *keeper_seed,
			 uint8_t to[AMEND_ROW_BYTES_MAX], size_t *out_size)
{
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct pack pack;
	enum err err;

	pack_init(&pack, to, AMEND_ROW_BYTES_MAX);
	pack_u8(&pack, ROW_VERSION);
	pack_bytes(&pack, household.bytes, ID_BYTES);
	pack_u64(&pack, version);
	pack_text(&pack, amendment->room);
	pack_u32(&pack, amendment->capability);
	pack_u8(&pack, amendment->on);
	pack_i64(&pack, amendment->at_ms);
	pack_u64(&pack, amendment->change_number);
	pack_bytes(&pack, amendment->device, PEOPLE_KEY_BYTES);
	pack_bytes(&pack, amendment->nonce, APPROVAL_NONCE_BYTES);
	pack_u64(&pack, amendment->number);
	pack_bytes(&pack, amendment->proposal.bytes, ID_BYTES);
	err = pack_action(&pack, amendment);
	pack_bytes(&pack, amendment->signature, SEAL_SIGNATURE_BYTES);
	must(pack_is_whole(&pack));
	if (err == OK)
		err = seal_sign_labelled(keeper_seed, LABEL, to, pack.size, signature);
	pack_bytes(&pack, signature, sizeof(signature));
	must(pack_is_whole(&pack));
	if (err == OK)
		*out_size = pack.size;
	return err;
}

static void unpack_action(struct unpack *unpack, struct action *action)
{
	const size_t size = unpack_u32(unpack);
	const uint8_t *bytes =
		size <= ACTION_BYTES_MAX ? unpack_borrow(unpack, size) : NULL;

	if (size == 0)
		return;
	if (!bytes || action_read((const char *)bytes, size, action) != OK)
		unpack->overrun = true;
}

static void unpack_amendment(struct unpack *unpack, struct amendment *amendment)
{
	unsigned on;

	unpack_text(unpack, amendment->room, sizeof(amendment->room));
	amendment->capability = unpack_u32(unpack);
	on = unpack_u8(unpack);
	amendment->on = on != 0;
	if (on > 1 || (amendment->capability & ~(unsigned)MAY_ALL))
		unpack->overrun = true;
	amendment->at_ms = unpack_i64(unpack);
	amendment->change_number = unpack_u64(unpack);
	unpack_bytes(unpack, amendment->device, PEOPLE_KEY_BYTES);
	unpack_bytes(unpack, amendment->nonce, APPROVAL_NONCE_BYTES);
	amendment->number = unpack_u64(unpack);
	unpack_bytes(unpack, amendment->proposal.bytes, ID_BYTES);
	unpack_action(unpack, &amendment->action);
	unpack_bytes(unpack, amendment->signature, SEAL_SIGNATURE_BYTES);
}

enum err amend_row_read(struct household_id household, uint64_t version,
			const uint8_t *keeper_public, const uint8_t *row, size_t size,
			struct amendment *out_amendment)
{
	struct amendment amendment = {.capability = 0};
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct household_id stated;
	struct unpack unpack;
	uint64_t stated_version;
	enum err err;

	unpack_init(&unpack, row, size);
	if (unpack_u8(&unpack) != ROW_VERSION)
		return ERR_VERSION;
	unpack_bytes(&unpack, stated.bytes, ID_BYTES);
	stated_version = unpack_u64(&unpack);
	unpack_amendment(&unpack, &amendment);
	unpack_bytes(&unpack, signature, sizeof(signature));
	if (!unpack_is_whole(&unpack))
		return ERR_FORMAT;
	if (!id_equal(stated.bytes, household.bytes) || stated_version != version)
		return ERR_AUTH;
	err = seal_verify_labelled(keeper_public, LABEL, row, size - sizeof(signature),
				   signature);
	if (err == OK)
		err = amend_verify(household, &amendment);
	if (err == OK)
		*out_amendment = amendment;
	return err;
}
