/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proposal_row - writes and reads rows of proposals. Decides nothing.
 *
 * Layout: version of the layout, household, proposal, step, turn, when it was asked, kind,
 * state (text), the action's canonical bytes (4 of length), approver; since layout 2: since
 * when it is in this state, whose message it is, the way to them, its length; since layout
 * 3, of what came from another house: where it came from; signature of the keeper over all
 * before it. Layout 1 had no messages.
 */
#include "keeper/proposal_row.h"

#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"

enum {
	ROW_VERSION = 3,
	ROW_VERSION_INBOUND = 3,
	ROW_VERSION_FIRST = 1,
	STATE_BYTES = 16
};

static const char LABEL[] = "behest proposal row v1";

enum err proposal_hash(struct proposal *proposal)
{
	char bytes[ACTION_BYTES_MAX];
	size_t size = 0;
	enum err err = action_bytes(&proposal->action, bytes, &size);

	return err ? err
		   : seal_sha256(&(struct seal_part){bytes, size}, 1, proposal->hash);
}

enum err proposal_way(const struct contact *contact, uint8_t to[APPROVAL_HASH_BYTES])
{
	const uint8_t kind = (uint8_t)contact->kind;
	const struct seal_part parts[] = {
		{&kind, 1},
		{contact->person.bytes, ID_BYTES},
		{contact->key, PEOPLE_KEY_BYTES},
		{contact->box_key, PEOPLE_KEY_BYTES},
		{contact->address, strlen(contact->address)},
	};

	return seal_sha256(parts, STR_COUNT(parts), to);
}

void proposal_row_key(const struct proposal *proposal, uint8_t to[PROPOSAL_KEY_BYTES])
{
	memcpy(to, proposal->id.bytes, ID_BYTES);
	to[ID_BYTES] = proposal->step;
}

static void pack_origin(struct pack *pack, const struct proposal_origin *origin)
{
	pack_bytes(pack, origin->household.bytes, ID_BYTES);
	pack_bytes(pack, origin->id.bytes, ID_BYTES);
	pack_bytes(pack, origin->key, sizeof(origin->key));
	pack_bytes(pack, origin->commit, sizeof(origin->commit));
	pack_bytes(pack, origin->ticket, sizeof(origin->ticket));
}

static void unpack_origin(struct unpack *unpack, struct proposal_origin *origin)
{
	unpack_bytes(unpack, origin->household.bytes, ID_BYTES);
	unpack_bytes(unpack, origin->id.bytes, ID_BYTES);
	unpack_bytes(unpack, origin->key, sizeof(origin->key));
	unpack_bytes(unpack, origin->commit, sizeof(origin->commit));
	unpack_bytes(unpack, origin->ticket, sizeof(origin->ticket));
}

enum err proposal_row_write(struct household_id household,
			    const struct proposal *proposal, const uint8_t *keeper_seed,
			    uint8_t to[PROPOSAL_ROW_BYTES_MAX], size_t *out_size)
{
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	char bytes[ACTION_BYTES_MAX];
	struct pack pack;
	size_t size = 0;
	enum err err = action_bytes(&proposal->action, bytes, &size);

	if (err)
		return err;
	pack_init(&pack, to, PROPOSAL_ROW_BYTES_MAX);
	pack_u8(&pack, ROW_VERSION);
	pack_bytes(&pack, household.bytes, ID_BYTES);
	pack_bytes(&pack, proposal->id.bytes, ID_BYTES);
	pack_u8(&pack, proposal->step);
	pack_u64(&pack, proposal->turn.value);
	pack_i64(&pack, proposal->asked_ms);
	pack_u8(&pack, (uint8_t)proposal->kind);
	pack_text(&pack, proposal_state_text(proposal->state));
	pack_u32(&pack, (uint32_t)size);
	pack_bytes(&pack, bytes, size);
	pack_bytes(&pack, proposal->approver, sizeof(proposal->approver));
	pack_i64(&pack, proposal->since_ms);
	pack_bytes(&pack, proposal->person.bytes, ID_BYTES);
	pack_bytes(&pack, proposal->way, sizeof(proposal->way));
	pack_u32(&pack, proposal->sound_ms);
	if (proposal->kind == PROPOSAL_INBOUND)
		pack_origin(&pack, &proposal->origin);
	must(pack_is_whole(&pack));
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

	if (!bytes || action_read((const char *)bytes, size, action) != OK)
		unpack->overrun = true;
}

static void unpack_message(struct unpack *unpack, struct proposal *proposal)
{
	proposal->since_ms = unpack_i64(unpack);
	unpack_bytes(unpack, proposal->person.bytes, ID_BYTES);
	unpack_bytes(unpack, proposal->way, sizeof(proposal->way));
	proposal->sound_ms = unpack_u32(unpack);
}

static void unpack_proposal(struct unpack *unpack, unsigned version,
			    struct proposal *proposal)
{
	char state[STATE_BYTES];
	unsigned kind;

	unpack_bytes(unpack, proposal->id.bytes, ID_BYTES);
	proposal->step = unpack_u8(unpack);
	proposal->turn.value = unpack_u64(unpack);
	proposal->asked_ms = unpack_i64(unpack);
	kind = unpack_u8(unpack);
	proposal->kind = (enum proposal_kind)kind;
	unpack_text(unpack, state, sizeof(state));
	if (kind >= PROPOSAL_KIND_COUNT ||
	    (version == ROW_VERSION_FIRST && kind != PROPOSAL_AT_ONCE) ||
	    (version < ROW_VERSION_INBOUND && kind == PROPOSAL_INBOUND) ||
	    !proposal_state_from_text(state, &proposal->state))
		unpack->overrun = true;
	unpack_action(unpack, &proposal->action);
	unpack_bytes(unpack, proposal->approver, sizeof(proposal->approver));
	proposal->since_ms = proposal->asked_ms;
	if (version > ROW_VERSION_FIRST)
		unpack_message(unpack, proposal);
	if (proposal->kind == PROPOSAL_INBOUND)
		unpack_origin(unpack, &proposal->origin);
}

enum err proposal_row_read(struct household_id household,
			   const uint8_t key[PROPOSAL_KEY_BYTES],
			   const uint8_t *keeper_public, const uint8_t *row, size_t size,
			   struct proposal *out_proposal)
{
	struct proposal proposal = {.step = 0};
	uint8_t stated_key[PROPOSAL_KEY_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	struct household_id stated;
	struct unpack unpack;
	unsigned version;
	enum err err;

	unpack_init(&unpack, row, size);
	version = unpack_u8(&unpack);
	if (version < ROW_VERSION_FIRST || version > ROW_VERSION)
		return ERR_VERSION;
	unpack_bytes(&unpack, stated.bytes, ID_BYTES);
	unpack_proposal(&unpack, version, &proposal);
	unpack_bytes(&unpack, signature, sizeof(signature));
	if (!unpack_is_whole(&unpack))
		return ERR_FORMAT;
	proposal_row_key(&proposal, stated_key);
	if (!id_equal(stated.bytes, household.bytes) ||
	    memcmp(stated_key, key, sizeof(stated_key)) != 0)
		return ERR_AUTH;
	err = seal_verify_labelled(keeper_public, LABEL, row, size - sizeof(signature),
				   signature);
	if (err == OK)
		err = proposal_hash(&proposal);
	if (err == OK)
		*out_proposal = proposal;
	return err;
}
