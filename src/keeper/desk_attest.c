/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_attest - is what a room says to have witnessed signed with that room's key?
 *
 * Every event of a kind that rooms sign gets the field `attested`: yes, or no and why;
 * with yes also the number and the signature, so that whoever exports the journal can
 * verify it again. The row is written in any case: what was not attested is told, not
 * hidden. Invariants: one number of a room attests one row, also over restarts, since the
 * newest is written in the batch of what it attests; and the hub cannot write the verdict
 * itself. What was attested of a spoken message is followed as it comes
 * (domain/witness.h).
 */
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/pack.h"
#include "base/seal.h"
#include "base/str.h"
#include "domain/evidence.h"
#include "domain/lease.h"
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

/* A place for one more: that of a key which no room has any more, when there is no other. */
static struct desk_attested *place(struct desk *desk)
{
	if (desk->attested_count < DESK_ATTESTED_MAX)
		return &desk->attested[desk->attested_count++];
	for (size_t i = 0; i < DESK_ATTESTED_MAX; i++)
		if (!policy_room_of_key(&desk->policy, desk->attested[i].key))
			return &desk->attested[i];
	return NULL;
}

/* The same, made at number 0; NULL when there is no place. */
static struct desk_attested *attested_of(struct desk *desk,
					 const uint8_t key[POLICY_KEY_BYTES])
{
	struct desk_attested *made = find(desk, key);

	if (made)
		return made;
	made = place(desk);
	if (!made)
		return NULL;
	memset(made, 0, sizeof(*made));
	memcpy(made->key, key, POLICY_KEY_BYTES);
	return made;
}

/* A request begins with the name; an answer is heard without. */
static void see_lease(struct desk_attested *attested, const struct event *event)
{
	const bool is_answer =
		str_equal(event_value(event, "lease"), lease_reason_text(LEASE_ANSWER));

	if (event->kind == EVENT_LEASE_OPENED)
		attested->answered_in = is_answer ? event->turn : (struct turn_id){0};
}

/* How it ended, and over which sound. */
static void see_sound(struct desk_attested *attested, const struct event *event)
{
	struct desk_heard_sound *heard = &attested->heard;

	if (event->kind != EVENT_LEASE_CLOSED)
		return;
	*heard = (struct desk_heard_sound){.turn = event->turn,
					   .sequence = event->sequence};
	if (!evidence_sound_hash(event, &heard->frames, heard->hash))
		heard->frames = 0;
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
	see_lease(attested, event);
	see_sound(attested, event);
	return "yes";
}

/* The number goes with the row that it attests: it attests none a second time. */
static enum err keep_number(struct desk *desk, struct item *item)
{
	const struct room_policy *room =
		policy_room(&desk->policy, item->event.room.text);
	uint8_t bytes[8];
	struct pack pack;

	must(room && room->has_key);
	const struct store_key key =
		desk_key(desk, STORE_ATTESTED, room->key, sizeof(room->key));
	pack_init(&pack, bytes, sizeof(bytes));
	pack_u64(&pack, item->event.sequence);
	return item_put_row(item, &key, bytes, sizeof(bytes));
}

enum err desk_attest(struct desk *desk, struct item *item)
{
	char signature[SEAL_BASE64_BYTES(EVENT_SIGNATURE_BYTES)];
	struct event *event = &item->event;
	const char *verdict;
	enum err err;

	if (!evidence_is_kind(event->kind))
		return OK;
	verdict = judge(desk, event);
	event_add(event, "attested", verdict);
	if (!str_equal(verdict, "yes"))
		return OK;
	seal_base64(signature, sizeof(signature), event->signature,
		    sizeof(event->signature));
	event_add_int(event, "sequence", (int64_t)event->sequence);
	event_add(event, "signature", signature);
	err = keep_number(desk, item);
	if (err != OK)
		desk_attest_lost(desk, event);
	return err;
}

void desk_attest_lost(struct desk *desk, const struct event *event)
{
	struct witness *witness = desk_witness(desk, event->room.text);

	if (witness && evidence_is_kind(event->kind))
		witness_init(witness);
}

bool desk_attest_is_answer(struct desk *desk, const char *room_name, struct turn_id turn)
{
	const struct room_policy *room = policy_room(&desk->policy, room_name);
	const struct desk_attested *attested =
		room && room->has_key ? find(desk, room->key) : NULL;

	return attested && turn.value != 0 && attested->answered_in.value == turn.value;
}

const struct desk_heard_sound *desk_attest_heard(struct desk *desk, const char *room_name,
						 struct turn_id turn)
{
	const struct room_policy *room = policy_room(&desk->policy, room_name);
	const struct desk_attested *attested =
		room && room->has_key ? find(desk, room->key) : NULL;

	return attested && turn.value != 0 && attested->heard.turn.value == turn.value
		       ? &attested->heard
		       : NULL;
}

struct witness *desk_witness(struct desk *desk, const char *room_name)
{
	const struct room_policy *room = policy_room(&desk->policy, room_name);
	struct desk_attested *attested =
		room && room->has_key ? find(desk, room->key) : NULL;

	return attested ? &attested->witness : NULL;
}

/* --- the store -------------------------------------------------------------------------- */

struct store_range desk_attest_range(const struct desk *desk)
{
	uint8_t first[POLICY_KEY_BYTES];
	uint8_t last[POLICY_KEY_BYTES];

	memset(first, 0, sizeof(first));
	memset(last, UINT8_MAX, sizeof(last));
	return (struct store_range){
		.first = desk_key(desk, STORE_ATTESTED, first, sizeof(first)),
		.last = desk_key(desk, STORE_ATTESTED, last, sizeof(last)),
		.limit = STORE_RANGE_ROWS_MAX,
	};
}

_Static_assert((int)DESK_ATTESTED_MAX <= (int)STORE_RANGE_ROWS_MAX,
	       "one page holds them");

void desk_attest_loaded(struct desk *desk, const struct store_rows *rows)
{
	if (rows->more)
		log_line("keeper: more rooms attested than there is place for");
	for (size_t i = 0; i < rows->count; i++) {
		const struct store_row *row = &rows->rows[i];
		struct desk_attested *attested = NULL;
		struct unpack unpack;
		uint64_t number;

		unpack_init(&unpack, row->value, row->size);
		number = unpack_u64(&unpack);
		if (unpack_is_whole(&unpack) && row->key.size == POLICY_KEY_BYTES)
			attested = attested_of(desk, row->key.bytes);
		if (!attested)
			log_line("keeper: a room's stored number is not one");
		else if (attested->sequence < number)
			attested->sequence = number;
	}
}
