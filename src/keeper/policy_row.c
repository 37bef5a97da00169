/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_row - writes and reads policy versions. Decides nothing about who may change
 * what.
 *
 * Layout: version of the layout, household, policy version, signer, heat limits in
 * hundredths of a degree, rooms, harmless entities, signature over all before it.
 */
#include "keeper/policy_row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/seal.h"

/* Version 1 had rooms without keys. */
enum { ROW_VERSION_OLDEST = 1, ROW_VERSION_KEYS = 2, ROW_VERSION = 2, CENTI = 100 };
enum { ROOM_IS_THIN = 1, ROOM_IS_REVOKED = 2, ROOM_HAS_KEY = 4, ROOM_FLAGS = 7 };

static const char LABEL[] = "behest policy row v1";

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
}

enum err policy_row_write(struct household_id household, uint64_t version,
			  const struct policy *policy, struct owner_view *view,
			  struct buf *to)
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

static void unpack_room(struct unpack *unpack, unsigned version, struct room_policy *room)
{
	unpack_text(unpack, room->room.text, sizeof(room->room.text));
	room->capabilities = unpack_u32(unpack);
	room->muted = unpack_u8(unpack) != 0;
	room->is_private = unpack_u8(unpack) != 0;
	unpack_bytes(unpack, room->private_owner.bytes, ID_BYTES);
	if (room->capabilities & ~(unsigned)ROOM_MAY_ALL)
		unpack->overrun = true;
	if (version >= ROW_VERSION_KEYS)
		unpack_key(unpack, room);
}

static void unpack_policy(struct unpack *unpack, unsigned version, struct policy *policy)
{
	policy_init(policy);
	policy->celsius_min = (double)unpack_i64(unpack) / CENTI;
	policy->celsius_max = (double)unpack_i64(unpack) / CENTI;
	policy->room_count = unpack_u32(unpack);
	if (policy->room_count > POLICY_ROOMS_MAX) {
		unpack->overrun = true;
		policy->room_count = 0;
	}
	for (size_t i = 0; i < policy->room_count; i++)
		unpack_room(unpack, version, &policy->rooms[i]);
	policy->harmless_count = unpack_u32(unpack);
	if (policy->harmless_count > POLICY_HARMLESS_MAX) {
		unpack->overrun = true;
		policy->harmless_count = 0;
	}
	for (size_t i = 0; i < policy->harmless_count; i++)
		unpack_text(unpack, policy->harmless[i], sizeof(policy->harmless[i]));
}

static enum err check_signer(struct owner_id signer, const struct owner *owners,
			     size_t owner_count, const uint8_t *row, size_t size,
			     const uint8_t signature[SEAL_SIGNATURE_BYTES])
{
	for (size_t i = 0; i < owner_count; i++) {
		if (id_equal(owners[i].id.bytes, signer.bytes))
			return seal_verify_labelled(owners[i].sign_public, LABEL, row,
						    size - SEAL_SIGNATURE_BYTES,
						    signature);
	}
	return ERR_AUTH;
}

enum err policy_row_read(struct household_id household, uint64_t version,
			 const struct owner *owners, size_t owner_count,
			 const uint8_t *row, size_t size, struct policy *out_policy)
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
	if (!unpack_is_whole(&unpack))
		return ERR_FORMAT;
	if (stated != version || !id_equal(stated_household.bytes, household.bytes))
		return ERR_AUTH;
	err = check_signer(signer, owners, owner_count, row, size, signature);
	if (err == OK)
		*out_policy = policy;
	return err;
}
