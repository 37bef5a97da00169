/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_order - what is bought: looks by itself whether it may be asked for, approved and
 * handed over, and makes the card that people approve it by.
 *
 * Rules are domain/shop.h's. What was spent is not a number of its own that could be lost or
 * put back: it is counted from what was ordered within a day, each of which is a row of the
 * store that was written in one batch with its row of the journal, and is read again at start.
 * What was heard is in memory until its proposal is over, and nowhere else.
 *
 * Invariants: what is bought is of the owner's catalogue, at its price, when it is asked for
 * and again when it is approved; what may have been bought counts as bought.
 */
#include <string.h>

#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "domain/shop.h"
#include "keeper/desk_inner.h"

bool desk_order_is(const struct action *action)
{
	return action->kind == ACTION_ORDER;
}

/* --- what was heard --------------------------------------------------------------------- */

void desk_order_heard(struct desk *desk, const struct wire_heard *heard)
{
	struct desk_words *words = &desk->heard_words[desk->heard_words_at];

	desk->heard_words_at = (desk->heard_words_at + 1) % DESK_HEARD_WORDS;
	words->turn.value = heard->turn;
	must(str_copy(words->words, sizeof(words->words), heard->words));
}

void desk_order_take_heard(struct desk *desk, struct desk_proposal *proposal)
{
	for (size_t i = 0; i < DESK_HEARD_WORDS; i++) {
		struct desk_words *words = &desk->heard_words[i];

		if (words->turn.value == 0 ||
		    words->turn.value != proposal->now.turn.value)
			continue;
		must(str_copy(proposal->heard, sizeof(proposal->heard), words->words));
		seal_wipe(words, sizeof(*words));
	}
}

/* --- what was spent --------------------------------------------------------------------- */

/* Also what is just being written. */
static bool is_spent(const struct desk_proposal *proposal)
{
	const struct proposal *as =
		proposal->is_writing ? &proposal->next : &proposal->now;

	return proposal->now.kind == PROPOSAL_PURCHASE &&
	       (as->state == PROPOSAL_ORDERED || as->state == PROPOSAL_BOUGHT ||
		as->state == PROPOSAL_UNSURE);
}

static bool is_persons(const struct desk *desk, const struct desk_proposal *proposal,
		       struct person_id person)
{
	const struct proposal *as =
		proposal->is_writing ? &proposal->next : &proposal->now;
	const struct device *device = policy_device(&desk->policy, as->approver);

	return device && id_equal(device->person.bytes, person.bytes);
}

/* person NULL: nobody's. */
static struct shop_spent spent_by(const struct desk *desk, const struct person *person)
{
	struct shop_spent spent = {.person_most = UINT32_MAX};

	if (person)
		spent.person_most = day_spend_cents(&desk->policy.day, person->id,
						    person->role == ROLE_OWNER);
	for (size_t i = 0; i < desk->proposal_count; i++) {
		const struct desk_proposal *proposal = desk->proposals[i];

		if (!is_spent(proposal))
			continue;
		spent.day_cents += proposal->now.action.cents;
		if (person && is_persons(desk, proposal, person->id))
			spent.person_cents += proposal->now.action.cents;
	}
	return spent;
}

/* --- may it? ---------------------------------------------------------------------------- */

bool desk_order_goes_to(const struct desk *desk, const struct action *action,
			struct contact *out_contact)
{
	const struct shop_policy *shop = &desk->policy.day.shop;
	struct contact contact = {.kind = CONTACT_MAIL};
	const char *address = "";

	/* `list` has no address: what goes that way is only put on the shopping list, and
	 * binds nobody. */
	if (str_equal(action->mode, shop_way_text(SHOP_WEBHOOK)))
		address = shop->webhook;
	else if (str_equal(action->mode, shop_way_text(SHOP_MAIL)))
		address = shop->mail;
	if (!shop->is_on || address[0] == '\0' ||
	    !str_copy(contact.address, sizeof(contact.address), address) ||
	    !str_copy(contact.name, sizeof(contact.name), shop->currency))
		return false;
	*out_contact = contact;
	return true;
}

enum reason desk_order_may_ask(const struct desk *desk, const struct action *action)
{
	const struct shop_policy *shop = &desk->policy.day.shop;
	const struct shop_spent spent = spent_by(desk, NULL);
	enum reason reason = shop_judge(shop, action);
	struct contact contact;

	if (reason == REASON_NONE && action->entity[0] != '\0')
		reason = REASON_OUT_OF_RANGE;
	if (reason == REASON_NONE && !desk_order_goes_to(desk, action, &contact))
		reason = REASON_NO_WAY;
	return reason == REASON_NONE ? shop_judge_spent(shop, action->cents, &spent)
				     : reason;
}

static enum desk_refusal refusal_of(enum reason reason)
{
	static const struct {
		enum reason reason;
		enum desk_refusal refusal;
	} rows[] = {
		{REASON_NO_WAY, DESK_REFUSE_NO_WAY},
		{REASON_SHOP_OFF, DESK_REFUSE_SHOP_OFF},
		{REASON_SPENT, DESK_REFUSE_SPENT},
		{REASON_TOO_DEAR, DESK_REFUSE_TOO_DEAR},
	};

	for (size_t i = 0; i < STR_COUNT(rows); i++)
		if (rows[i].reason == reason)
			return rows[i].refusal;
	return DESK_REFUSE_NOT_FOR_SALE;
}

/* The owner may have changed anything since it was asked for. */
bool desk_order_may_tap(const struct desk *desk, const struct device *device,
			const struct desk_proposal *proposal, enum desk_refusal *out_why)
{
	const struct action *action = &proposal->now.action;
	const struct person *person = policy_person(&desk->policy, device->person);
	const enum reason reason = desk_order_may_ask(desk, action);

	if (reason != REASON_NONE || !person) {
		*out_why = person ? refusal_of(reason) : DESK_REFUSE_UNKNOWN_PERSON;
		return false;
	}
	const struct shop_spent spent = spent_by(desk, person);

	*out_why = DESK_REFUSE_SPENT_PERSON;
	return shop_judge_spent(&desk->policy.day.shop, action->cents, &spent) ==
	       REASON_NONE;
}

/* --- the card --------------------------------------------------------------------------- */

static uint32_t left(uint32_t most, int64_t spent)
{
	return spent >= most ? 0 : most - (uint32_t)spent;
}

void desk_order_tell_card(struct desk *desk, struct desk_link *link,
			  const struct desk_proposal *proposal)
{
	const struct shop_policy *shop = &desk->policy.day.shop;
	const struct device *device = policy_device(&desk->policy, link->key);
	const struct person *person =
		device ? policy_person(&desk->policy, device->person) : NULL;
	const struct shop_spent spent = spent_by(desk, person);
	struct wire_order_card card = {
		.order_cents = shop->order_cents,
		.day_left_cents = left(shop->day_cents, spent.day_cents),
		.person_left_cents =
			person ? left(spent.person_most, spent.person_cents) : 0,
	};

	memcpy(card.id.bytes, proposal->now.id.bytes, ID_BYTES);
	must(str_copy(card.heard, sizeof(card.heard), proposal->heard));
	must(str_copy(card.currency, sizeof(card.currency), shop->currency));
	desk_say(link, WIRE_order_card, &card);
}
