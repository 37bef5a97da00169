/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_device - the devices that approve: pairing one, knowing it again, and its verdicts.
 *
 * A device is its key. It is paired by a code that an owner, signed in, asked for and
 * showed to it; the change of policy that records the key is that owner's. Later it shows
 * that it holds the key, is told what waits, and signs its verdicts one by one. Nothing
 * that the hub says can stand for one.
 *
 * Invariants: a code serves once, while its owner's link is open and not longer than
 * PAIRING_LASTS_MS; a verdict counts for the proposal, action and household it was signed
 * for, and only from somebody who may approve such a thing. Calling off needs no such right while it
 * waits; what was sent is recalled by who may approve it, or by whom it is for.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "domain/evidence.h"
#include "domain/pairing.h"
#include "keeper/desk_inner.h"

enum {
	LATELY_MS = 10 * 60 * 1000, /* not heard for longer: not counted on */
};

/* An owner waits for one device. */
struct desk_pairing {
	char code[DESK_CODE_BYTES];
	char name[PEOPLE_NAME_BYTES];
	struct person_id person;
	int64_t since_ms;
};

/* --- pairing ---------------------------------------------------------------------------- */

static void forget_pairing(struct desk_link *link)
{
	if (!link->pairing)
		return;
	seal_wipe(link->pairing, sizeof(*link->pairing));
	free(link->pairing);
	link->pairing = NULL;
}

void desk_pair_begin(struct desk *desk, struct desk_link *link,
		     const struct wire_pair_begin *begin)
{
	struct wire_pair_offer offer = {
		.key = {desk->public_key, sizeof(desk->public_key)}};
	struct desk_pairing *pairing;
	struct person_id person;

	memcpy(person.bytes, begin->person.bytes, ID_BYTES);
	if (!desk_owner_is_active(desk, owner_view_id(link->view))) {
		desk_refuse(link, DESK_REFUSE_REMOVED);
		return;
	}
	if (!policy_person(&desk->policy, person) || begin->name[0] == '\0') {
		desk_refuse(link, DESK_REFUSE_UNKNOWN_PERSON);
		return;
	}
	forget_pairing(link);
	pairing = calloc(1, sizeof(*pairing));
	if (!pairing) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	desk_make_code(desk, pairing->code);
	must(str_copy(pairing->name, sizeof(pairing->name), begin->name));
	pairing->person = person;
	pairing->since_ms = clock_now_ms(&desk->parts.clock);
	link->pairing = pairing;
	must(str_copy(offer.code, sizeof(offer.code), pairing->code));
	desk_say(link, WIRE_pair_offer, &offer);
	seal_wipe(&offer, sizeof(offer));
}

/* The owner's link that offered this code, or NULL. Takes as long for each. */
static struct desk_link *offerer_of(struct desk *desk, const char *code)
{
	char given[DESK_CODE_BYTES] = "";
	struct desk_link *found = NULL;

	if (!str_copy(given, sizeof(given), code))
		return NULL;
	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		struct desk_link *link = desk->links[i];

		if (link && link->pairing &&
		    seal_equal(given, link->pairing->code, sizeof(given)))
			found = link;
	}
	seal_wipe(given, sizeof(given));
	return found && owner_view_is_open(found->view) ? found : NULL;
}

static bool is_signed_by_its_key(const struct wire_pair *pair)
{
	uint8_t bytes[APPROVAL_PAIRING_BYTES_MAX];

	if (pair->key.size != PEOPLE_KEY_BYTES ||
	    pair->signature.size != SEAL_SIGNATURE_BYTES)
		return false;
	const size_t size =
		approval_pairing_bytes(pair->code, pair->name, pair->key.bytes, bytes);
	return seal_verify_labelled(pair->key.bytes, APPROVAL_PAIRING_LABEL, bytes, size,
				    pair->signature.bytes) == OK;
}

/* The owner's change of policy records the key; the device is told when that is written. */
static void on_pair(struct desk *desk, struct desk_link *link,
		    const struct wire_pair *pair)
{
	struct desk_link *owner = offerer_of(desk, pair->code);
	struct device device = {.is_revoked = false};

	if (!owner) {
		desk_refuse(link, DESK_REFUSE_WRONG_PAIR_CODE);
		return;
	}
	if (!is_signed_by_its_key(pair)) {
		desk_refuse(link, DESK_REFUSE_WRONG_SIGNATURE);
		return;
	}
	memcpy(device.key, pair->key.bytes, sizeof(device.key));
	/* Whoever it was: from here on it is who it is paired as, or nobody. */
	link->has_key = false;
	memcpy(link->key, pair->key.bytes, sizeof(link->key));
	must(str_copy(device.name, sizeof(device.name),
		      pair->name[0] ? pair->name : owner->pairing->name));
	device.person = owner->pairing->person;
	forget_pairing(owner);
	desk_policy_pair(desk, owner, link, &device);
}

/* --- knowing one again ------------------------------------------------------------------ */

void desk_device_opened(struct desk *desk, struct desk_link *link)
{
	const struct wire_challenge challenge = {
		.nonce = {link->nonce, sizeof(link->nonce)},
		.wall_ms = clock_wall_ms(&desk->parts.clock),
	};

	rand_fill(&desk->parts.rand, link->nonce, sizeof(link->nonce));
	desk_say(link, WIRE_challenge, &challenge);
}

void desk_device_closed(struct desk_link *link)
{
	forget_pairing(link);
}

static size_t device_index(const struct desk *desk, const uint8_t *key)
{
	const struct device *device = policy_device(&desk->policy, key);

	return device ? (size_t)(device - desk->policy.devices) : POLICY_DEVICES_MAX;
}

/* It was heard so lately that it is counted on. */
static bool was_heard(const struct desk *desk, size_t device)
{
	const struct desk_heard *heard = &desk->heard[device];

	return memcmp(heard->key, desk->policy.devices[device].key, PEOPLE_KEY_BYTES) ==
		       0 &&
	       clock_now_ms(&desk->parts.clock) - heard->at_ms < LATELY_MS;
}

static unsigned reach_now(const struct desk *desk)
{
	const struct policy *policy = &desk->policy;
	unsigned reach = 0;

	for (size_t i = 0; i < policy->device_count; i++)
		if (was_heard(desk, i))
			reach |= policy_device_may(policy, &policy->devices[i]);
	return reach;
}

void desk_device_tell_reach(struct desk *desk, struct desk_link *link)
{
	const struct wire_reach reach = {.capabilities = desk->reach};

	desk_say(link, WIRE_reach, &reach);
}

static void reach_changed(struct desk *desk)
{
	const unsigned reach = reach_now(desk);

	if (reach == desk->reach)
		return;
	desk->reach = reach;
	for (size_t i = 0; i < DESK_LINKS_MAX; i++)
		if (desk->links[i] && desk->links[i]->side == DESK_HUB)
			desk_device_tell_reach(desk, desk->links[i]);
}

static void hear(struct desk *desk, const struct desk_link *link)
{
	const size_t at = device_index(desk, link->key);

	if (at == POLICY_DEVICES_MAX)
		return;
	memcpy(desk->heard[at].key, link->key, sizeof(link->key));
	desk->heard[at].at_ms = clock_now_ms(&desk->parts.clock);
	reach_changed(desk);
}

/* It holds the key, and the key is paired: what waits is told. */
static void welcome(struct desk *desk, struct desk_link *link,
		    const struct device *device)
{
	const struct person *person = policy_person(&desk->policy, device->person);
	struct wire_paired paired = {.unused = 0};

	link->has_key = true;
	hear(desk, link);
	memcpy(paired.household.bytes, desk->parts.household.bytes, ID_BYTES);
	must(str_copy(paired.name, sizeof(paired.name), device->name));
	must(str_copy(paired.person, sizeof(paired.person), person ? person->name : ""));
	desk_say(link, WIRE_paired, &paired);
	desk_tell_device(desk, link);
	desk_news_tell(desk, link);
	desk_incident_tell_device(desk, link);
	desk_say(link, WIRE_end, &(struct wire_end){.err = OK});
}

static void on_identity(struct desk *desk, struct desk_link *link,
			const struct wire_identity *identity)
{
	const struct device *device = NULL;
	uint8_t bytes[EVIDENCE_IDENTITY_BYTES_MAX];
	size_t size;

	if (identity->key.size == PEOPLE_KEY_BYTES &&
	    identity->signature.size == SEAL_SIGNATURE_BYTES)
		device = policy_device(&desk->policy, identity->key.bytes);
	if (!device || device->is_revoked) {
		desk_refuse(link, DESK_REFUSE_UNKNOWN_DEVICE);
		return;
	}
	size = evidence_identity_bytes(link->nonce, APPROVAL_IDENTITY_NAME, bytes);
	if (seal_verify_labelled(device->key, APPROVAL_IDENTITY_LABEL, bytes, size,
				 identity->signature.bytes) != OK) {
		desk_refuse(link, DESK_REFUSE_WRONG_SIGNATURE);
		return;
	}
	memcpy(link->key, device->key, sizeof(link->key));
	welcome(desk, link, device);
}

void desk_device_policy_changed(struct desk *desk)
{
	static const uint8_t none[PEOPLE_KEY_BYTES];

	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		struct desk_link *link = desk->links[i];

		if (!link || link->side != DESK_DEVICE ||
		    memcmp(link->key, none, sizeof(none)) == 0)
			continue;
		const struct device *device = policy_device(&desk->policy, link->key);
		if (device && !device->is_revoked && !link->has_key)
			welcome(desk, link, device);
		else if (!device || device->is_revoked)
			link->has_key = false;
	}
	reach_changed(desk);
}

bool desk_device_reaches(const struct desk *desk, unsigned capability)
{
	return (reach_now(desk) & capability) != 0;
}

/* --- verdicts --------------------------------------------------------------------------- */

/* Which step a verdict asks for, and whether it takes the right to approve. */
static const struct {
	enum proposal_event event;
	bool needs_right;
} VERDICTS[APPROVAL_VERDICT_COUNT] = {
	[APPROVAL_RECEIPT] = {PROPOSAL_RECEIVED, true},
	[APPROVAL_APPROVE] = {PROPOSAL_TAPPED, true},
	[APPROVAL_CANCEL] = {PROPOSAL_CALLED_OFF, false},
};

static bool is_signed(const struct desk *desk, const struct desk_link *link,
		      const struct proposal *proposal, enum approval_verdict verdict,
		      const struct wire_verdict *said)
{
	uint8_t bytes[APPROVAL_BYTES];

	approval_bytes(desk->parts.household, proposal->id, proposal->hash, bytes);
	return said->signature.size == SEAL_SIGNATURE_BYTES &&
	       seal_verify_labelled(link->key, approval_label(verdict), bytes,
				    sizeof(bytes), said->signature.bytes) == OK;
}

/* Not what only waits, and not what nobody can recall. */
static bool is_recall(const struct proposal *now)
{
	enum proposal_state to;
	enum reason reason;

	return !proposal_waits(now->state) &&
	       proposal_step(now->kind, now->state, PROPOSAL_CALLED_OFF, &to, &reason);
}

bool desk_device_may_approve(const struct desk *desk, const struct device *device,
			     const struct desk_proposal *proposal)
{
	const struct action *action = &proposal->now.action;

	return (policy_device_may(&desk->policy, device) &
		desk_proposal_needs(proposal)) != 0 &&
	       (!desk_amend_is_own(action) ||
		desk_amend_may_approve(desk, device, action));
}

/* Else any device of the house, a child's too, could destroy what nobody has heard. */
static bool may_recall(const struct desk *desk, const struct device *device,
		       const struct desk_proposal *proposal)
{
	const struct proposal *now = &proposal->now;

	return desk_device_may_approve(desk, device, proposal) ||
	       (!id_is_none(now->person.bytes) &&
		id_equal(now->person.bytes, device->person.bytes));
}

bool desk_device_can_recall(const struct desk *desk, const struct device *device,
			    const struct desk_proposal *proposal)
{
	const struct proposal *now = &proposal->now;

	return device && now->kind == PROPOSAL_MESSAGE &&
	       now->state != PROPOSAL_FETCHED && !proposal_is_over(now->state) &&
	       may_recall(desk, device, proposal);
}

static void give_verdict(struct desk *desk, struct desk_link *link,
			 struct desk_proposal *proposal, enum approval_verdict verdict,
			 const struct wire_verdict *said)
{
	const struct desk_signed by = {.link = link,
				       .token = said->token,
				       .key = link->key,
				       .signature = said->signature.bytes};
	const struct device *device = policy_device(&desk->policy, link->key);
	enum desk_refusal why;

	if (!is_signed(desk, link, &proposal->now, verdict, said)) {
		desk_refuse(link, DESK_REFUSE_WRONG_SIGNATURE);
		return;
	}
	if (VERDICTS[verdict].needs_right &&
	    !desk_device_may_approve(desk, device, proposal)) {
		desk_refuse(link, DESK_REFUSE_MAY_NOT_APPROVE);
		return;
	}
	if (verdict == APPROVAL_APPROVE && proposal->now.kind == PROPOSAL_PURCHASE &&
	    !desk_order_may_tap(desk, device, proposal, &why)) {
		desk_refuse(link, why);
		return;
	}
	if (verdict == APPROVAL_CANCEL && is_recall(&proposal->now) &&
	    !may_recall(desk, device, proposal)) {
		desk_refuse(link, DESK_REFUSE_MAY_NOT_RECALL);
		return;
	}
	const enum err err =
		desk_proposal_happens(desk, proposal, VERDICTS[verdict].event, &by);
	if (err == ERR_BUSY)
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
	else if (err == ERR_DENIED)
		desk_refuse(link, verdict == APPROVAL_CANCEL
					  ? desk_proposal_too_late(proposal)
					  : DESK_REFUSE_TOO_LATE);
	else if (err != OK)
		desk_refuse(link, DESK_REFUSE_NOT_WRITTEN);
}

static void on_verdict(struct desk *desk, struct desk_link *link,
		       const struct wire_verdict *said)
{
	struct desk_proposal *proposal;
	enum approval_verdict verdict;
	struct proposal_id id;

	memcpy(id.bytes, said->proposal.bytes, ID_BYTES);
	proposal = desk_proposal_own(desk, id);
	if (!proposal || proposal->is_new)
		desk_refuse(link, DESK_REFUSE_UNKNOWN_PROPOSAL);
	else if (!approval_verdict_from_text(said->verdict, &verdict))
		desk_refuse(link, DESK_REFUSE_OUT_OF_RANGE);
	else
		give_verdict(desk, link, proposal, verdict, said);
}

void desk_device_receive(struct desk *desk, struct desk_link *link,
			 const struct wire_message *message)
{
	if (desk->state != DESK_READY) {
		desk_refuse(link, DESK_REFUSE_TOO_MUCH_WAITS);
	} else if (message->type == WIRE_pair) {
		on_pair(desk, link, &message->pair);
	} else if (message->type == WIRE_identity) {
		on_identity(desk, link, &message->identity);
	} else if (!link->has_key) {
		desk_refuse(link, DESK_REFUSE_UNKNOWN_DEVICE);
	} else {
		hear(desk, link);
		if (message->type == WIRE_verdict)
			on_verdict(desk, link, &message->verdict);
		else if (message->type == WIRE_room_mute)
			desk_amend_mute(desk, link, &message->room_mute);
		else if (message->type == WIRE_log_get)
			desk_log_get(desk, link, &message->log_get);
		else if (message->type == WIRE_cosign)
			desk_cosign(desk, link, &message->cosign);
		else if (message->type == WIRE_outbox_get)
			desk_tell_outbox(desk, link, message->outbox_get.token);
		else if (message->type == WIRE_inbox_get)
			desk_inbox(desk, link, &message->inbox_get);
		else if (message->type == WIRE_memo_get)
			desk_memo_get(desk, link, &message->memo_get);
	}
}

void desk_device_tick(struct desk *desk)
{
	const int64_t now_ms = clock_now_ms(&desk->parts.clock);

	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		struct desk_link *link = desk->links[i];

		if (link && link->pairing &&
		    now_ms - link->pairing->since_ms >= PAIRING_LASTS_MS)
			forget_pairing(link);
	}
	reach_changed(desk);
}
