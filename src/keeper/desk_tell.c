/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_tell - who hears what of that which binds the household.
 *
 * Devices hear of each change, and when they come of what waits for them. The hub hears of
 * each change but the end of what lay long enough, and when it comes of what waits. The gate gets an order for what it is
 * to carry out: of a device's move once, and again when it connects; of a message again
 * and again, a few at a time, until it has said how it went. Each order is signed anew
 * and void soon after. It also hears that something waits for people, which it may tell
 * them outside of the house. Of what came from another house nobody hears here: it waits
 * in the inbox (desk_inbox.c).
 *
 * Invariant: the gate gets an order only for what the store holds as ordered, and only to
 * where it was going when it was approved, or, of what is bought, where it would go now.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "keeper/desk_inner.h"

enum {
	AHEAD_MS = 50 * 1000, /* the gate refuses what counts for longer than a minute */
	AGAIN_MS = 30 * 1000,
	AGAIN_AT_ONCE = 32, /* the gate has not more hands, and a link not more room */
	AGAIN_PAUSE_MS = 1000,
	OUTBOX_MAX = 512, /* told at one asking */
};

/* The canonical bytes, as a field of a message; they were made before. */
static struct wire_slice slice_of(const struct action *action,
				  char bytes[ACTION_BYTES_MAX])
{
	size_t size = 0;

	must(action_bytes(action, bytes, &size) == OK);
	return (struct wire_slice){(const uint8_t *)bytes, size};
}

/* --- devices and the hub ---------------------------------------------------------------- */

/* Whether the device's approval counts, or that of the owner who is signed in. */
static bool may_approve(const struct desk *desk, const struct desk_link *link,
			const struct device *device, const struct desk_proposal *proposal)
{
	if (link->side == DESK_OWNER)
		return desk_forget_may_owner(desk, link, proposal);
	return device && desk_device_may_approve(desk, device, proposal);
}

void desk_tell_notice(struct desk *desk, struct desk_link *link,
		      const struct desk_proposal *proposal)
{
	const struct proposal *now = &proposal->now;
	const struct device *device = policy_device(&desk->policy, link->key);
	char bytes[ACTION_BYTES_MAX];
	struct wire_notice notice = {
		.turn = now->turn.value,
		.asked_ms = now->asked_ms,
		.action = slice_of(&now->action, bytes),
		.left_ms = (uint32_t)desk_proposal_left_ms(desk, proposal),
		.may = may_approve(desk, link, device, proposal),
		.sound_ms = now->sound_ms,
		.can_recall = desk_device_can_recall(desk, device, proposal),
	};
	const struct contact *contact =
		proposal_is_message(now->kind) ? desk_message_contact(desk, now) : NULL;

	memcpy(notice.id.bytes, now->id.bytes, ID_BYTES);
	must(str_copy(notice.state, sizeof(notice.state),
		      proposal_state_text(now->state)));
	must(str_copy(notice.reason, sizeof(notice.reason),
		      reason_code(proposal->reason)));
	if (contact)
		must(str_copy(notice.to, sizeof(notice.to), contact->name));
	/* First, so that it is there when the notice is shown. */
	if (now->kind == PROPOSAL_PURCHASE && link->side == DESK_DEVICE)
		desk_order_tell_card(desk, link, proposal);
	desk_say(link, WIRE_notice, &notice);
}

_Static_assert(PROPOSAL_KEEP_MS <= UINT32_MAX, "what is left fits a notice");

void desk_tell_hub(struct desk_link *link, const struct desk_proposal *proposal,
		   uint64_t token, enum reason reason)
{
	const struct proposal *now = &proposal->now;
	char bytes[ACTION_BYTES_MAX];
	struct wire_proposal told = {.token = token,
				     .turn = now->turn.value,
				     .action = slice_of(&now->action, bytes)};

	memcpy(told.id.bytes, now->id.bytes, ID_BYTES);
	must(str_copy(told.state, sizeof(told.state), proposal_state_text(now->state)));
	must(str_copy(told.reason, sizeof(told.reason), reason_code(reason)));
	desk_say(link, WIRE_proposal, &told);
}

void desk_tell_refusal(struct desk_link *link, uint64_t token, enum reason reason)
{
	struct wire_proposal told = {.token = token};

	must(str_copy(told.reason, sizeof(told.reason), reason_code(reason)));
	desk_say(link, WIRE_proposal, &told);
}

/* --- the gate --------------------------------------------------------------------------- */

static void fill_contact(struct wire_order *order, const struct contact *contact)
{
	must(str_copy(order->kind, sizeof(order->kind),
		      contact_kind_text(contact->kind)));
	must(str_copy(order->name, sizeof(order->name), contact->name));
	must(str_copy(order->address, sizeof(order->address), contact->address));
	order->key = (struct wire_slice){contact->key, sizeof(contact->key)};
	order->box_key = (struct wire_slice){contact->box_key, sizeof(contact->box_key)};
}

/* What may have been bought is never ordered again. The gate is asked what it knows of it:
 * by an order that is void from the first, which it answers from its ledger alone. */
static bool is_question(const struct desk_proposal *proposal)
{
	return proposal->now.kind == PROPOSAL_PURCHASE &&
	       (proposal->must_restart || proposal->now.state == PROPOSAL_UNSURE);
}

static int64_t until_ms(const struct desk *desk, const struct desk_proposal *proposal)
{
	const int64_t left_ms = desk_proposal_left_ms(desk, proposal);

	if (is_question(proposal))
		return 0;
	return clock_wall_ms(&desk->parts.clock) +
	       (left_ms < AHEAD_MS ? left_ms : AHEAD_MS);
}

static void say_order(struct desk *desk, struct desk_link *link,
		      const struct desk_proposal *proposal, const struct contact *contact)
{
	const struct proposal *now = &proposal->now;
	uint8_t signed_bytes[APPROVAL_ORDER_BYTES_MAX];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	char bytes[ACTION_BYTES_MAX];
	struct wire_order order = {.action = slice_of(&now->action, bytes),
				   .until_ms = until_ms(desk, proposal),
				   .signature = {signature, sizeof(signature)}};

	memcpy(order.id.bytes, now->id.bytes, ID_BYTES);
	if (contact)
		fill_contact(&order, contact);
	const size_t size =
		approval_order_bytes(desk->parts.household, now->id, now->hash,
				     order.until_ms, contact, signed_bytes);
	if (seal_sign_labelled(secret_view(desk->parts.seed), APPROVAL_ORDER_LABEL,
			       signed_bytes, size, signature) == OK)
		desk_say(link, WIRE_order, &order);
}

/* Whom the gate takes a message to; NULL: it is none of the gate's. */
static const struct contact *addressee(const struct desk *desk,
				       const struct proposal *now)
{
	return id_is_none(now->person.bytes) ? desk_message_contact(desk, now) : NULL;
}

static void tell_gate(struct desk *desk, struct desk_link *link,
		      const struct desk_proposal *proposal)
{
	const struct proposal *now = &proposal->now;
	const struct contact *contact = NULL;
	struct contact shop;

	if ((now->state != PROPOSAL_ORDERED && !is_question(proposal)) ||
	    desk_amend_is_own(&now->action))
		return;
	if (now->kind == PROPOSAL_PURCHASE) {
		if (!desk_order_goes_to(desk, &now->action, &shop))
			return;
		contact = &shop;
	} else if (now->kind != PROPOSAL_AT_ONCE) {
		contact = addressee(desk, now);
		if (!contact)
			return;
	}
	say_order(desk, link, proposal, contact);
}

/* Somebody has to look at it; once for each state, and lost while the gate is away: the
 * devices hear of it in any case. */
static void alert_gate(struct desk *desk, struct desk_link *link,
		       const struct desk_proposal *proposal)
{
	const struct proposal *now = &proposal->now;
	const struct contact *contact = desk_message_contact(desk, now);
	struct wire_alert alert = {.state = ""};

	if (now->state != PROPOSAL_ASKED && now->state != PROPOSAL_UNRECEIPTED)
		return;
	memcpy(alert.id.bytes, now->id.bytes, ID_BYTES);
	must(str_copy(alert.state, sizeof(alert.state), proposal_state_text(now->state)));
	must(str_copy(alert.action, sizeof(alert.action), action_name(now->action.kind)));
	if (contact)
		must(str_copy(alert.to, sizeof(alert.to), contact->name));
	desk_say(link, WIRE_alert, &alert);
}

/* A message whose order is to be told again. */
static bool is_due(const struct desk *desk, const struct desk_proposal *proposal)
{
	return proposal->now.state == PROPOSAL_ORDERED && !proposal->is_writing &&
	       !proposal->must_restart && proposal_is_message(proposal->now.kind) &&
	       id_is_none(proposal->now.person.bytes) &&
	       (proposal->told_ms == 0 ||
		clock_now_ms(&desk->parts.clock) - proposal->told_ms >= AGAIN_MS);
}

/* False: there is no gate. */
static bool tell_gates(struct desk *desk, struct desk_proposal *proposal)
{
	bool has_gate = false;

	for (size_t i = 0; i < DESK_LINKS_MAX; i++) {
		if (!desk->links[i] || desk->links[i]->side != DESK_GATE)
			continue;
		tell_gate(desk, desk->links[i], proposal);
		has_gate = true;
	}
	if (has_gate)
		proposal->told_ms = clock_now_ms(&desk->parts.clock);
	return has_gate;
}

/* Goes round, so that many that fail do not keep others back. */
void desk_tell_orders(struct desk *desk)
{
	const size_t count = desk->proposal_count;
	size_t told = 0;

	for (size_t i = 0; i < count && told < AGAIN_AT_ONCE; i++) {
		desk->order_at = (desk->order_at + 1) % count;
		struct desk_proposal *proposal = desk->proposals[desk->order_at];

		if (!is_due(desk, proposal))
			continue;
		if (!tell_gates(desk, proposal))
			break;
		told++;
	}
	desk->orders_wait = told == AGAIN_AT_ONCE;
}

int64_t desk_tell_next_ms(const struct desk *desk, int64_t most_ms)
{
	return desk->orders_wait && most_ms > AGAIN_PAUSE_MS ? AGAIN_PAUSE_MS : most_ms;
}

/* --- all of them ------------------------------------------------------------------------ */

static void tell(struct desk *desk, struct desk_link *link,
		 const struct desk_proposal *proposal)
{
	const bool is_asker = link->id == proposal->asker;

	switch (link->side) {
	case DESK_DEVICE:
		if (link->has_key)
			desk_tell_notice(desk, link, proposal);
		break;
	case DESK_HUB:
		if (is_asker || !proposal->is_quiet)
			desk_tell_hub(link, proposal,
				      is_asker ? proposal->asker_token : 0,
				      proposal->reason);
		break;
	case DESK_GATE:
		tell_gate(desk, link, proposal);
		alert_gate(desk, link, proposal);
		break;
	case DESK_OWNER:
	case DESK_SELF:
		break;
	}
}

void desk_tell_all(struct desk *desk, struct desk_proposal *proposal)
{
	for (size_t i = 0; i < DESK_LINKS_MAX; i++)
		if (desk->links[i] && proposal->now.kind != PROPOSAL_INBOUND)
			tell(desk, desk->links[i], proposal);
	proposal->asker = 0;
	proposal->told_ms = clock_now_ms(&desk->parts.clock);
}

static bool is_waiting(const struct desk_proposal *proposal)
{
	return !proposal->is_new && proposal_waits(proposal->now.state);
}

void desk_tell_waiting(struct desk *desk, struct desk_link *link)
{
	for (size_t i = 0; i < desk->proposal_count; i++)
		if (is_waiting(desk->proposals[i]))
			desk_tell_hub(link, desk->proposals[i], 0,
				      desk->proposals[i]->reason);
}

static bool waits_for_people(const struct proposal *now)
{
	return proposal_waits(now->state);
}

static bool is_in_outbox(const struct proposal *now)
{
	return (now->kind == PROPOSAL_MESSAGE || now->kind == PROPOSAL_MAIL) &&
	       !proposal_is_over(now->state);
}

/* The newest `most` of those, oldest first. */
static void tell_sorted(struct desk *desk, struct desk_link *link,
			bool (*tells)(const struct proposal *now), size_t most)
{
	const struct desk_proposal **chosen =
		calloc(desk->proposal_count + 1, sizeof(struct desk_proposal *));
	size_t count = 0;

	if (!chosen)
		return;
	for (size_t i = 0; i < desk->proposal_count; i++)
		if (!desk->proposals[i]->is_new && tells(&desk->proposals[i]->now))
			chosen[count++] = desk->proposals[i];
	qsort(chosen, count, sizeof(chosen[0]), desk_proposal_by_age);
	for (size_t i = count > most ? count - most : 0; i < count; i++)
		desk_tell_notice(desk, link, chosen[i]);
	free(chosen);
}

void desk_tell_device(struct desk *desk, struct desk_link *link)
{
	tell_sorted(desk, link, waits_for_people, SIZE_MAX);
}

void desk_tell_outbox(struct desk *desk, struct desk_link *link, uint64_t token)
{
	tell_sorted(desk, link, is_in_outbox, OUTBOX_MAX);
	desk_say_done(link, token, OK, 0, (struct record_id){{0}});
}

void desk_tell_gate(struct desk *desk, struct desk_link *link)
{
	for (size_t i = 0; i < desk->proposal_count; i++) {
		struct desk_proposal *proposal = desk->proposals[i];

		proposal->told_ms = 0;
		if (!proposal_is_message(proposal->now.kind) && !proposal->is_new)
			tell_gate(desk, link, proposal);
	}
	desk_tell_orders(desk);
}
