/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_message - what a message needs beside all else that binds: somebody it may go to, and
 * proof that its body was spoken for it. Writes nothing and tells nobody.
 *
 * A contact is known by its id. Whose a message is and how it gets there is fixed when it
 * is asked for: who changes the contact afterwards has not turned it elsewhere.
 */
#include <string.h>

#include "keeper/desk_inner.h"

static const struct contact *contact_of(const struct desk *desk,
					const struct action *action)
{
	struct contact_id id;

	return id_from_text(id.bytes, action->entity) ? policy_contact(&desk->policy, id)
						      : NULL;
}

/* Whoever was to hear it lives here, or it is for another house. */
static bool is_reachable(const struct desk *desk, const struct contact *contact)
{
	return contact->kind != CONTACT_HOUSE ||
	       policy_person(&desk->policy, contact->person);
}

/* A room signed that exactly this was spoken there, for this. */
static bool is_witnessed(struct desk *desk, struct proposal *asked,
			 const struct memo_writer *memo)
{
	const struct witness *witness = desk_witness(desk, asked->action.room);

	return memo && witness &&
	       seal_equal(memo_row_hash(memo), asked->action.body, ACTION_BODY_BYTES) &&
	       witness_memo(witness, asked->turn, asked->action.body, &asked->sound_ms);
}

enum reason desk_message_judge(struct desk *desk, struct proposal *asked,
			       const struct memo_writer *memo)
{
	const struct contact *contact = contact_of(desk, &asked->action);

	if (!contact || !is_reachable(desk, contact))
		return REASON_UNKNOWN_RECIPIENT;
	if (!is_witnessed(desk, asked, memo))
		return REASON_MEMO_LOST;
	asked->kind =
		contact_kind_can_recall(contact->kind) ? PROPOSAL_MESSAGE : PROPOSAL_MAIL;
	asked->person = contact->person;
	return proposal_way(contact, asked->way) == OK ? REASON_NONE
						       : REASON_JOURNAL_UNAVAILABLE;
}

const struct contact *desk_message_contact(const struct desk *desk,
					   const struct proposal *now)
{
	const struct contact *contact = contact_of(desk, &now->action);
	uint8_t way[APPROVAL_HASH_BYTES];

	if (!proposal_is_message(now->kind) || now->kind == PROPOSAL_INBOUND ||
	    !contact || !is_reachable(desk, contact) ||
	    proposal_way(contact, way) != OK || !seal_equal(way, now->way, sizeof(way)))
		return NULL;
	return contact;
}

const struct contact *desk_message_asked(const struct desk *desk,
					 const struct proposal *now)
{
	return contact_of(desk, &now->action);
}

/* Once it lies here only its listener counts; at another house, that its key may still be
 * given to that one. */
bool desk_message_has_way(const struct desk *desk, const struct proposal *now)
{
	if (now->kind == PROPOSAL_INBOUND)
		return desk_inbound_has_way(desk, now);
	if (!proposal_is_kept(now->state) || id_is_none(now->person.bytes))
		return desk_message_contact(desk, now) != NULL;
	return policy_person(&desk->policy, now->person) != NULL;
}
