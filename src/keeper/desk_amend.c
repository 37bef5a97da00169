/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_amend - what paired devices change of the policy: they mute a room and end that, and
 * approve what a room may do where somebody asked for it.
 *
 * The keeper carries out both by itself: neither hub nor gate has a part in it. What is
 * written is the device's own word over exactly this change (keeper/amend_row.h), judged
 * by the policy as it is then, and again when it is read. An owner's next change of the
 * policy carries it on.
 *
 * Invariants: a word about a mute counts on the link it was signed for, and there once; a
 * room is given nothing but messages and recordings in this way, also by an old row; no
 * change of the policy is under way beside another.
 */
#include <stdlib.h>
#include <string.h>

#include "base/key_text.h"
#include "base/log.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "keeper/amend_row.h"
#include "keeper/desk_inner.h"

enum { RETRY_MS = 1000 }; /* after one that could not be written */

/* --- one change, from a verified word to its end ---------------------------------------- */

static void describe(const struct amendment *amendment, char to[EVENT_FIELD_VALUE_BYTES])
{
	const unsigned capability = amendment->capability;
	const char *is_or_may = capability ? "may" : "is";
	const char *words =
		capability ? capability_words((enum capability)capability) : "muted";

	to[0] = '\0';
	(void)str_append(to, EVENT_FIELD_VALUE_BYTES, "%.40s", amendment->room);
	str_clean(to);
	(void)str_append(to, EVENT_FIELD_VALUE_BYTES, " %s %s%s", is_or_may,
			 amendment->on ? "" : "not ", words);
}

/* "phone of alice": people are told by name; the journal knows it by its key. */
static void describe_device(const struct policy *policy, const uint8_t *key,
			    char to[POLICY_CHANGE_BYTES])
{
	const struct device *device = policy_device(policy, key);
	const struct person *person =
		device ? policy_person(policy, device->person) : NULL;

	to[0] = '\0';
	(void)str_append(to, POLICY_CHANGE_BYTES, "the device %.40s of %.40s",
			 device ? device->name : "", person ? person->name : "");
	str_clean(to);
}

static void amend_written(struct desk *desk, struct item *item, enum err err,
			  uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);
	struct desk_proposal *proposal = desk_proposal_find(desk, item->proposal);

	desk->policy_changing = false;
	if (proposal)
		proposal->is_amending = false;
	if (err != OK) {
		if (proposal)
			proposal->retry_ms = clock_now_ms(&desk->parts.clock) + RETRY_MS;
		if (link)
			desk_refuse_token(link, item->token, DESK_REFUSE_NOT_WRITTEN);
		return;
	}
	desk->policy = *item->policy;
	desk_policy_settle(desk); /* an owner may have come meanwhile */
	desk_policy_is_new(desk);
	desk_news_changed(desk, item->change_number);
	if (link)
		desk_say_done(link, item->token, OK, place, (struct record_id){{0}});
}

static enum err add_rows(struct desk *desk, struct item *item,
			 const struct amendment *amendment)
{
	uint8_t key_bytes[AMEND_KEY_BYTES];
	uint8_t row[AMEND_ROW_BYTES_MAX];
	size_t size = 0;
	enum err err =
		amend_row_write(desk->parts.household, desk->policy_version, amendment,
				secret_view(desk->parts.seed), row, &size);

	if (err != OK)
		return err;
	amend_row_key(&desk->policy, desk->policy_version, amendment, key_bytes);
	const struct store_key key =
		desk_key(desk, STORE_AMENDMENT, key_bytes, sizeof(key_bytes));
	err = item_put_row(item, &key, row, size);
	if (err == OK && amendment->capability == 0 && !amendment->on)
		desk_fuse_clear(desk, item, amendment->room);
	return err;
}

static void add_event(struct desk *desk, struct item *item,
		      const struct amendment *amendment)
{
	char what[EVENT_FIELD_VALUE_BYTES];
	char device[KEY_FINGERPRINT_BYTES] = "";
	char signature[SEAL_BASE64_BYTES(SEAL_SIGNATURE_BYTES)];
	const struct room_policy *room = policy_room(&desk->policy, amendment->room);

	must(room);
	desk_event(desk, &item->event, EVENT_POLICY_CHANGED, room->room.text);
	describe(amendment, what);
	event_add(&item->event, "what", what);
	if (key_fingerprint(amendment->device, device) == OK)
		event_add(&item->event, "device", device);
	event_add_int(&item->event, "version", (int64_t)desk->policy_version);
	seal_base64(signature, sizeof(signature), amendment->signature,
		    sizeof(amendment->signature));
	event_add(&item->event, "signature", signature);
	if (amendment->capability != 0)
		desk_event_add_id(&item->event, "proposal", amendment->proposal.bytes);
}

/* Completes amendment by the number of what is remembered of it. */
static void note(struct desk *desk, struct item *item, struct amendment *amendment)
{
	char by[POLICY_CHANGE_BYTES];
	char device[KEY_FINGERPRINT_BYTES] = "";
	char how[EVENT_FIELD_VALUE_BYTES];
	const struct desk_change change = {
		.by = by,
		.factor = amendment->capability ? "tap" : "device",
		.how = how,
	};

	describe_device(&desk->policy, amendment->device, by);
	(void)!key_fingerprint(amendment->device, device);
	must(str_format(how, sizeof(how), "; %s the device %s",
			amendment->capability ? "approved by" : "by", device));
	amendment->change_number =
		desk_news_note(desk, item->policy, &item->event, &change);
	item->change_number = amendment->change_number;
}

/* It was verified and judged, and no other change is under way. */
static enum err write_amendment(struct desk *desk, struct item *item,
				struct amendment *amendment)
{
	enum err err;

	item->policy = malloc(sizeof(*item->policy));
	if (!item->policy)
		return ERR_MEMORY;
	*item->policy = desk->policy;
	amend_apply(item->policy, amendment);
	add_event(desk, item, amendment);
	note(desk, item, amendment);
	err = add_rows(desk, item, amendment);
	desk->policy_changing = err == OK;
	return err;
}

static bool is_so(const struct policy *policy, const struct amendment *amendment)
{
	const struct room_policy *room = policy_room(policy, amendment->room);

	if (!room)
		return false;
	return amendment->capability == 0
		       ? room->muted == amendment->on
		       : ((room->capabilities & amendment->capability) != 0) ==
				 amendment->on;
}

/* --- muting ----------------------------------------------------------------------------- */

static const enum desk_refusal REFUSALS[] = {
	[AMEND_UNKNOWN_ROOM] = DESK_REFUSE_UNKNOWN_ROOM,
	[AMEND_UNKNOWN_DEVICE] = DESK_REFUSE_UNKNOWN_DEVICE,
	[AMEND_GUEST] = DESK_REFUSE_MAY_NOT_MUTE,
	[AMEND_MAY_NOT] = DESK_REFUSE_MAY_NOT_UNMUTE,
	[AMEND_OWNERS] = DESK_REFUSE_MAY_NOT_UNMUTE, /* of no mute */
	[AMEND_NOT_YOURS] = DESK_REFUSE_NOT_YOURS,
};

/* Room and way as they were signed, over this link's own nonce. */
static bool read_mute(const struct desk *desk, const struct desk_link *link,
		      const struct wire_room_mute *said, struct amendment *amendment)
{
	if (said->signature.size != SEAL_SIGNATURE_BYTES || said->on > 1 ||
	    !str_copy(amendment->room, sizeof(amendment->room), said->room))
		return false;
	amendment->on = said->on != 0;
	amendment->number = said->token;
	amendment->at_ms = clock_wall_ms(&desk->parts.clock);
	memcpy(amendment->device, link->key, sizeof(amendment->device));
	memcpy(amendment->nonce, link->nonce, sizeof(amendment->nonce));
	memcpy(amendment->signature, said->signature.bytes, SEAL_SIGNATURE_BYTES);
	return amend_verify(desk->parts.household, amendment) == OK;
}

_Static_assert((int)APPROVAL_NONCE_BYTES == (int)EVIDENCE_NONCE_BYTES,
	       "a mute is signed over the link's nonce");

static void mute(struct desk *desk, struct desk_link *link, struct amendment *amendment)
{
	struct item *item = NULL;
	enum err err;

	/* Whether it is so already is not known while another is being written. */
	if (desk->policy_changing) {
		desk_refuse_token(link, amendment->number, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	if (is_so(&desk->policy, amendment)) {
		desk_say_done(link, amendment->number, OK, 0, (struct record_id){{0}});
		return;
	}
	err = item_create(link, amendment->number, amend_written, &item);
	if (err == OK)
		err = write_amendment(desk, item, amendment);
	if (err == OK) {
		desk_write_take(desk, &item);
	} else {
		item_destroy(item);
		desk_refuse_token(link, amendment->number, DESK_REFUSE_NOT_WRITTEN);
	}
}

void desk_amend_mute(struct desk *desk, struct desk_link *link,
		     const struct wire_room_mute *said)
{
	struct amendment amendment = {.capability = 0};
	enum amend_verdict verdict;

	if (!read_mute(desk, link, said, &amendment)) {
		desk_refuse_token(link, said->token, DESK_REFUSE_WRONG_SIGNATURE);
		return;
	}
	if (said->token <= link->said_number) {
		desk_refuse_token(link, said->token, DESK_REFUSE_SAID_BEFORE);
		return;
	}
	link->said_number = said->token;
	verdict = amend_judge(&desk->policy, &amendment);
	if (verdict == AMEND_MAY)
		mute(desk, link, &amendment);
	else
		desk_refuse_token(link, said->token, REFUSALS[verdict]);
}

/* --- what was asked for ----------------------------------------------------------------- */

bool desk_amend_is_own(const struct action *action)
{
	return action->kind == ACTION_ROOM_ALLOW || action->kind == ACTION_ROOM_FORBID;
}

enum reason desk_amend_may_ask(const struct desk *desk, const struct action *action)
{
	struct amendment amendment;
	const struct room_policy *room = policy_room(&desk->policy, action->entity);

	return amend_of_action(action, &amendment) && amend_is_for_devices(&amendment) &&
			       room && !room->is_revoked
		       ? REASON_NONE
		       : REASON_NO_ACTION;
}

bool desk_amend_may_approve(const struct desk *desk, const struct device *device,
			    const struct action *action)
{
	struct amendment amendment;

	if (!amend_of_action(action, &amendment))
		return false;
	memcpy(amendment.device, device->key, sizeof(amendment.device));
	return amend_judge(&desk->policy, &amendment) == AMEND_MAY;
}

bool desk_amend_is_done(const struct desk *desk, const struct proposal *now)
{
	struct amendment amendment;

	/* What is being written may end that it is so. */
	return now->state == PROPOSAL_ORDERED && !desk->policy_changing &&
	       amend_of_action(&now->action, &amendment) &&
	       is_so(&desk->policy, &amendment);
}

/* As the device that tapped it signed; false: that is not what is asked for, or it may not
 * by now. */
static bool read_approval(const struct desk *desk, const struct desk_proposal *proposal,
			  struct amendment *amendment)
{
	if (!amend_of_action(&proposal->now.action, amendment))
		return false;
	amendment->at_ms = clock_wall_ms(&desk->parts.clock);
	amendment->proposal = proposal->now.id;
	memcpy(amendment->device, proposal->now.approver, sizeof(amendment->device));
	memcpy(amendment->signature, proposal->approval, sizeof(amendment->signature));
	return amend_verify(desk->parts.household, amendment) == OK &&
	       amend_judge(&desk->policy, amendment) == AMEND_MAY;
}

static enum err carry(struct desk *desk, struct desk_proposal *proposal)
{
	struct amendment amendment;
	struct item *item = NULL;
	enum err err;

	if (!read_approval(desk, proposal, &amendment))
		return ERR_DENIED;
	err = item_create(NULL, 0, amend_written, &item);
	if (err == OK)
		err = write_amendment(desk, item, &amendment);
	if (err != OK) {
		item_destroy(item);
		return err;
	}
	item->event.turn = proposal->now.turn;
	item->proposal = proposal->now.id;
	proposal->is_amending = true;
	desk_write_take(desk, &item);
	return OK;
}

void desk_amend_carry(struct desk *desk, struct desk_proposal *proposal)
{
	if (!desk_amend_is_own(&proposal->now.action) ||
	    proposal->now.state != PROPOSAL_ORDERED || proposal->is_writing ||
	    proposal->is_amending || proposal->must_restart || desk->policy_changing ||
	    desk_amend_is_done(desk, &proposal->now) ||
	    clock_now_ms(&desk->parts.clock) < proposal->retry_ms)
		return;
	const enum err err = carry(desk, proposal);
	if (err == ERR_DENIED)
		(void)!desk_proposal_happens(desk, proposal, PROPOSAL_FAILED_OUT, NULL);
	else if (err != OK)
		proposal->retry_ms = clock_now_ms(&desk->parts.clock) + RETRY_MS;
}

/* --- the store -------------------------------------------------------------------------- */

static struct store_key edge(const struct desk *desk, uint8_t fill)
{
	uint8_t bytes[AMEND_KEY_BYTES];
	struct store_key version =
		desk_key_number(desk, STORE_AMENDMENT, desk->policy_version);

	memset(bytes, fill, sizeof(bytes));
	memcpy(bytes, version.bytes, version.size);
	return desk_key(desk, STORE_AMENDMENT, bytes, sizeof(bytes));
}

struct store_range desk_amend_range(const struct desk *desk)
{
	return (struct store_range){.first = edge(desk, 0),
				    .last = edge(desk, UINT8_MAX),
				    .limit = STORE_RANGE_ROWS_MAX};
}

static bool is_its_key(const struct desk *desk, const struct amendment *amendment,
		       const struct store_key *key)
{
	uint8_t bytes[AMEND_KEY_BYTES];

	amend_row_key(&desk->policy, desk->policy_version, amendment, bytes);
	return key->size == sizeof(bytes) &&
	       memcmp(key->bytes, bytes, sizeof(bytes)) == 0;
}

static void take_loaded(struct desk *desk, const struct amendment *amendment)
{
	struct policy_change change = {.number = amendment->change_number,
				       .at_ms = amendment->at_ms};
	struct policy *before = malloc(sizeof(*before));

	if (before)
		*before = desk->policy;
	amend_apply(&desk->policy, amendment);
	if (before && amendment->change_number != 0) {
		(void)policy_effect(before, &desk->policy, change.words);
		describe_device(before, amendment->device, change.by);
		policy_add_change(&desk->policy, &change);
	}
	free(before);
}

/* One that is not believed is reported and left out: what the owner signed holds then. */
void desk_amend_loaded(struct desk *desk, const struct store_rows *rows)
{
	if (!desk->policy_counts)
		return;
	desk_policy_settle(desk);
	for (size_t i = 0; i < rows->count; i++) {
		const struct store_row *row = &rows->rows[i];
		struct amendment amendment;

		if (desk_load_counts(desk, amend_row_read(desk->parts.household,
							  desk->policy_version,
							  desk->public_key, row->value,
							  row->size, &amendment)) &&
		    amend_judge(&desk->policy, &amendment) == AMEND_MAY &&
		    is_its_key(desk, &amendment, &row->key))
			take_loaded(desk, &amendment);
		else if (desk->state != DESK_BROKEN)
			log_line("keeper: what a device changed of the policy is not "
				 "signed as it must be, and does not count");
	}
}
