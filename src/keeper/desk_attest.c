/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_attest - is what a room says to have witnessed signed with that room's key?
 *
 * Every event of a kind that rooms sign gets the field `attested`: yes, or no and why;
 * with yes also the number and the signature, so that whoever exports the journal can
 * verify it again. The row is written in any case: what was not attested is told, not
 * hidden. Invariants: one number of a room attests one row (since the keeper's start; a
 * number that grows with the room's clock keeps older ones behind it), and the hub cannot
 * write the verdict itself. What was attested of a spoken message is followed as it comes
 * (domain/witness.h).
 */
#include <string.h>

#include "base/seal.h"
#include "base/str.h"
#include "domain/evidence.h"
#include "keeper/desk_inner.h"

bool desk_attest_may(const struct event *event)
{
	for (size_t i = 0; i < event->field_count; i++) {
		if (evidence_is_verdict(event->fields[i].name))
			return false;
	}
	return !evidence_is_kind(event->kind) ||
	       event->field_count <= EVIDENCE_FIELDS_MAX;
}

/* What the room with this key attested; NULL: nothing yet. */
static struct desk_attested *find(struct desk *desk, const uint8_t key[POLICY_KEY_BYTES])
{
	for (size_t i = 0; i < desk->attested_count; i++) {
		if (memcmp(desk->attested[i].key, key, POLICY_KEY_BYTES) == 0)
			return &desk->attested[i];
	}
	return NULL;
}

/* The same, made at number 0; NULL when there is no place. */
static struct desk_attested *attested_of(struct desk *desk,
					 const uint8_t key[POLICY_KEY_BYTES])
{
	struct desk_attested *made = find(desk, key);

	if (made || desk->attested_count == POLICY_ROOMS_MAX)
		return made;
	made = &desk->attested[desk->attested_count++];
	memset(made, 0, sizeof(*made));
	memcpy(made->key, key, POLICY_KEY_BYTES);
	return made;
}

static const char *judge(struct desk *desk, const struct event *event)
{
	const struct room_policy *room = policy_room(&desk->policy, event->room.text);
	uint8_t bytes[EVIDENCE_BYTES_MAX];
	struct desk_attested *attested;
	size_t size = 0;

	if (!room || !room->has_key)
		return "no: the room has no recorded key";
	if (room->is_revoked)
		return "no: the room's key is revoked";
	if (room->is_thin)
		return "no: the room is marked thin";
	if (!event->is_signed)
		return "no: not signed";
	if (evidence_bytes(event, event->sequence, bytes, &size) != OK ||
	    seal_verify_labelled(room->key, EVIDENCE_LABEL, bytes, size,
				 event->signature) != OK)
		return "no: the signature is wrong";
	attested = attested_of(desk, room->key);
	if (!attested || event->sequence <= attested->sequence)
		return "no: used before";
	attested->sequence = event->sequence;
	witness_see(&attested->witness, event);
	return "yes";
}

void desk_attest(struct desk *desk, struct event *event)
{
	char signature[SEAL_BASE64_BYTES(EVENT_SIGNATURE_BYTES)];
	const char *verdict;

	if (!evidence_is_kind(event->kind))
		return;
	verdict = judge(desk, event);
	event_add(event, "attested", verdict);
	if (!str_equal(verdict, "yes"))
		return;
	seal_base64(signature, sizeof(signature), event->signature,
		    sizeof(event->signature));
	event_add_int(event, "sequence", (int64_t)event->sequence);
	event_add(event, "signature", signature);
}

void desk_attest_lost(struct desk *desk, const struct event *event)
{
	struct witness *witness = desk_witness(desk, event->room.text);

	if (witness && evidence_is_kind(event->kind))
		witness_init(witness);
}

struct witness *desk_witness(struct desk *desk, const char *room_name)
{
	const struct room_policy *room = policy_room(&desk->policy, room_name);
	struct desk_attested *attested =
		room && room->has_key ? find(desk, room->key) : NULL;

	return attested ? &attested->witness : NULL;
}
