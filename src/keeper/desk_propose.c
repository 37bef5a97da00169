/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_propose - what the hub asks for that binds the household, and what the gate says of
 * it. Writes nothing itself: see desk_proposal.c.
 *
 * The hub asks; the keeper looks again by itself whether that may be asked for: the room,
 * what it may do, who can be reached, how often it was asked for within the hour. What a
 * message needs beside that is in desk_message.c. The hub can call off what it asked for;
 * it can bring a message on only by a turn in which, as the room signed, the phrase may
 * have been said.
 */
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "keeper/desk_inner.h"

/* --- asking ----------------------------------------------------------------------------- */

/* The room's part of it: whether anything that binds is asked for there. */
static enum reason room_may_ask(const struct desk *desk, const struct action *action)
{
	const struct room_policy *room = policy_room(&desk->policy, action->room);

	if (action_class(action->kind) == CLASS_A || !room || room->is_revoked)
		return REASON_NO_ACTION;
	if (room->muted)
		return REASON_MUTED;
	if (policy_room_is_thin(room))
		return REASON_THIN_ROOM;
	return room->capabilities & desk_action_needs(action) ? REASON_NONE
							      : REASON_CAPABILITY_OFF;
}

/* The keeper's own look at what the hub asks for; it has no parser and no home, but the
 * policy it has. Completes what is asked for. */
static enum reason may_be_asked(struct desk *desk, struct proposal *asked,
				const struct memo_writer *memo)
{
	enum reason reason = REASON_NO_OWNER;

	if (desk->owner_count > 0)
		reason = room_may_ask(desk, &asked->action);
	/* Nobody said the name. A message's own question is part of its way. */
	if (reason == REASON_NONE && asked->action.kind != ACTION_SEND_MESSAGE &&
	    desk_attest_is_answer(desk, asked->action.room, asked->turn))
		reason = REASON_NAME_NEEDED;
	if (reason == REASON_NONE &&
	    !desk_device_reaches(desk, desk_action_needs(&asked->action)))
		reason = REASON_NO_APPROVER;
	if (reason == REASON_NONE && asked->action.kind == ACTION_SEND_MESSAGE)
		reason = desk_message_judge(desk, asked, memo);
	if (reason == REASON_NONE && desk_amend_is_own(&asked->action))
		reason = desk_amend_may_ask(desk, &asked->action);
	if (reason == REASON_NONE && desk_order_is(&asked->action))
		reason = desk_order_may_ask(desk, &asked->action);
	if (reason == REASON_NONE && (desk->proposal_count == DESK_PROPOSALS_MAX ||
				      hourly_too_many(&desk->hourly, asked->action.kind,
						      clock_now_ms(&desk->parts.clock))))
		reason = REASON_TOO_MANY;
	return reason;
}

/* A message's id was chosen when its sound began to come. */
static void choose_id(struct desk *desk, const struct memo_writer *memo,
		      struct proposal *asked)
{
	if (memo)
		asked->id = memo_row_proposal(memo);
	else
		rand_fill(&desk->parts.rand, asked->id.bytes, ID_BYTES);
}

/* Returns why not, or hands over to what is told when it is written. */
static enum reason ask(struct desk *desk, const struct desk_asker *asker,
		       struct proposal *asked, struct memo_writer **memo)
{
	const enum reason reason = may_be_asked(desk, asked, *memo);

	if (reason != REASON_NONE)
		return reason;
	if (desk_forget_is(&asked->action)) {
		const enum err err = desk_forget_count(desk, asked, asker);

		if (err != ERR_UNSUPPORTED)
			return err == OK ? REASON_NONE : REASON_TOO_MANY;
	}
	choose_id(desk, *memo, asked);
	/* Also when it cannot be written: a memo is asked for once. */
	if (*memo)
		witness_take(desk_witness(desk, asked->action.room), asked->id);
	return desk_proposal_begin(desk, asked, memo, asker) == OK
		       ? REASON_NONE
		       : REASON_JOURNAL_UNAVAILABLE;
}

void desk_propose(struct desk *desk, struct desk_link *link,
		  const struct wire_propose *propose)
{
	const struct desk_asker asker = {link, propose->token};
	struct proposal asked = {.turn = {propose->turn}, .kind = PROPOSAL_AT_ONCE};
	struct memo_writer *memo = NULL;
	enum reason reason = REASON_NO_ACTION;

	if (action_read((const char *)propose->action.bytes, propose->action.size,
			&asked.action) == OK) {
		if (desk_order_is(&asked.action))
			asked.kind = PROPOSAL_PURCHASE;
		if (asked.action.kind == ACTION_SEND_MESSAGE)
			memo = desk_memo_take(desk, link, asked.turn);
		reason = ask(desk, &asker, &asked, &memo);
	}
	memo_writer_destroy(memo);
	if (reason != REASON_NONE)
		desk_tell_refusal(link, propose->token, reason);
}

void desk_propose_counted(struct desk *desk, struct proposal *asked, uint64_t asker,
			  uint64_t token, enum err err)
{
	const struct desk_asker who = {desk_link_by_id(desk, asker), token};
	struct memo_writer *memo = NULL;

	if (!who.link)
		return;
	choose_id(desk, memo, asked);
	if (err == OK)
		err = desk_proposal_begin(desk, asked, &memo, &who);
	if (err != OK)
		desk_tell_refusal(who.link, token,
				  err == ERR_MISSING ? REASON_NOTHING_RECORDED
						     : REASON_JOURNAL_UNAVAILABLE);
}

/* May the phrase that was said in that turn have confirmed it? */
static bool may_be_confirmed(struct desk *desk, const struct proposal *now,
			     struct turn_id said_in)
{
	const struct contact *contact = desk_message_contact(desk, now);
	const struct witness *witness = desk_witness(desk, now->action.room);

	return now->kind == PROPOSAL_MESSAGE && contact && contact->voice_allowed &&
	       room_may_ask(desk, &now->action) == REASON_NONE && witness &&
	       witness_phrase(witness, now->id, said_in);
}

void desk_confirm(struct desk *desk, struct desk_link *link,
		  const struct wire_confirm *confirm)
{
	const struct desk_signed by = {.said_in = {confirm->turn}};
	struct desk_proposal *proposal;
	struct proposal_id id;
	enum err err = ERR_DENIED;

	memcpy(id.bytes, confirm->proposal.bytes, ID_BYTES);
	proposal = desk_proposal_own(desk, id);
	if (!proposal || proposal->is_new) {
		desk_tell_refusal(link, confirm->token, REASON_EXPIRED);
		return;
	}
	if (!proposal->is_writing && may_be_confirmed(desk, &proposal->now, by.said_in)) {
		proposal->asker = link->id;
		proposal->asker_token = confirm->token;
		err = desk_proposal_happens(desk, proposal, PROPOSAL_CONFIRMED, &by);
		if (err == OK)
			witness_use(desk_witness(desk, proposal->now.action.room),
				    by.said_in);
		else
			proposal->asker = 0;
	}
	if (err != OK)
		desk_tell_hub(link, proposal, confirm->token, REASON_NEEDS_TAP);
}

/* Where it cannot be called off any more, the hub hears how it stands. What lies there is
 * recalled by a device alone: nobody's voice, and no hub, destroys what nobody has heard. */
void desk_call_off(struct desk *desk, struct desk_link *link,
		   const struct wire_call_off *call_off)
{
	struct proposal_id id;
	struct desk_proposal *proposal;

	memcpy(id.bytes, call_off->proposal.bytes, ID_BYTES);
	proposal = desk_proposal_own(desk, id);
	if (!proposal)
		return;
	if (proposal_is_kept(proposal->now.state) ||
	    desk_proposal_happens(desk, proposal, PROPOSAL_CALLED_OFF, NULL) ==
		    ERR_DENIED)
		desk_tell_hub(link, proposal, 0, proposal->reason);
}

/* What may pass: a message waits for the next try; also when another house has too many.
 * What is done at once is not tried again, since nobody expects it any more. */
static bool may_pass(const struct desk_proposal *proposal, uint32_t err)
{
	return proposal->now.kind != PROPOSAL_AT_ONCE &&
	       proposal->now.kind != PROPOSAL_PURCHASE &&
	       (err == ERR_CLOSED || err == ERR_TIMEOUT || err == ERR_BUSY ||
		err == ERR_IO ||
		(err == ERR_LIMIT && proposal->now.kind == PROPOSAL_MESSAGE));
}

/* What may have been bought, and nobody knows, counts as spent. */
static enum proposal_event what_came(const struct desk_proposal *proposal, uint32_t err)
{
	if (err == OK)
		return PROPOSAL_CARRIED;
	return proposal->now.kind == PROPOSAL_PURCHASE &&
			       (err == ERR_EXISTS || err == ERR_TIMEOUT)
		       ? PROPOSAL_DOUBTED
		       : PROPOSAL_FAILED_OUT;
}

void desk_carried(struct desk *desk, const struct wire_carried *carried)
{
	struct proposal_id id;
	struct desk_proposal *proposal;

	memcpy(id.bytes, carried->id.bytes, ID_BYTES);
	proposal = desk_proposal_own(desk, id);
	if (!proposal || !id_is_none(proposal->now.person.bytes) ||
	    desk_amend_is_own(&proposal->now.action) || may_pass(proposal, carried->err))
		return;
	const enum proposal_event event = what_came(proposal, carried->err);

	/* Its key was asked for before the gate heard that it is there; or the gate was asked,
	 * and knows no more. */
	if ((event == PROPOSAL_CARRIED && proposal_is_kept(proposal->now.state)) ||
	    (event == PROPOSAL_DOUBTED && proposal->now.state == PROPOSAL_UNSURE))
		return;
	if (desk_proposal_happens(desk, proposal, event, NULL) == ERR_DENIED)
		log_line("keeper: the gate tells of something that it was not told");
}
