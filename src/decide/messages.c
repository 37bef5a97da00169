/* SPDX-License-Identifier: Apache-2.0 */
/*
 * messages - events of the dialogue (domain/dialogue.def) out of words and news.
 *
 * Invariants: a message is proposed only with the hash of its memo and to a contact that
 * the policy still holds; it is confirmed only by the phrase with that contact's whole
 * name; whatever else ends the dialogue calls off what it made.
 */
#include "decide/messages.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "decide/floor.h"

bool messages_wait(const struct decide_input *input)
{
	return input->dialogue && input->dialogue->step != DIALOGUE_NONE;
}

/* The one contact of exactly that name. NONE, UNKNOWN_RECIPIENT or AMBIGUOUS. */
static enum reason find_contact(const struct policy *policy, const char *name,
				const struct contact **out_contact)
{
	enum reason reason = REASON_UNKNOWN_RECIPIENT;

	for (size_t i = 0; i < policy->contact_count; i++) {
		if (!str_equal_folded(policy->contacts[i].name, name))
			continue;
		if (reason == REASON_NONE)
			return REASON_AMBIGUOUS;
		*out_contact = &policy->contacts[i];
		reason = REASON_NONE;
	}
	return reason;
}

static bool may_be_voiced(const struct contact *contact)
{
	return contact->voice_allowed && contact_kind_can_recall(contact->kind);
}

static struct saying say(const struct decide_input *input,
			 const struct dialogue *dialogue,
			 const struct dialogue_went *went)
{
	struct saying saying = saying_make(went->says);

	if (went->says == SAYING_REFUSED)
		return saying_refusal(went->reason);
	for (size_t i = 0; saying_slot_at(saying.key, i) != SLOT_NONE; i++) {
		const enum saying_slot slot = saying_slot_at(saying.key, i);

		if (slot == SLOT_NAME)
			saying_set_text(&saying, slot, dialogue->name);
		else if (slot == SLOT_WAKE)
			saying_set_text(&saying, slot, input->wake_word);
		else
			saying_set_number(&saying, slot, input->policy->hold_s);
	}
	return saying;
}

static enum decision_kind kind_of(const struct dialogue *after,
				  const struct dialogue_went *went)
{
	if (went->does == DIALOGUE_DOES_PROPOSE || went->does == DIALOGUE_DOES_CONFIRM)
		return DECISION_HOLD;
	return after->step == DIALOGUE_NONE ? DECISION_REFUSE : DECISION_ASK;
}

/* Makes the step on a copy and puts all that follows from it into the decision. */
static void go(const struct decide_input *input, struct dialogue from,
	       enum dialogue_event event, struct decision *decision)
{
	struct dialogue_went went;

	decision->action = ACTION_SEND_MESSAGE;
	decision->class_of = CLASS_C;
	if (!dialogue_go(&from, event, &went)) {
		messages_end(input, REASON_NO_ACTION, decision);
		return;
	}
	decision->kind = kind_of(&from, &went);
	decision->reason = went.reason;
	decision->does = went.does;
	decision->then = went.then;
	decision->said = say(input, &from, &went);
	decision->dialogue = from;
}

void messages_end(const struct decide_input *input, enum reason reason,
		  struct decision *decision)
{
	decision->action = ACTION_SEND_MESSAGE;
	decision->class_of = CLASS_C;
	decision->kind = DECISION_REFUSE;
	decision->reason = reason;
	decision->said = saying_make(SAYING_NONE);
	decision->dialogue = (struct dialogue){.step = DIALOGUE_NONE};
	decision->does = input->dialogue && input->dialogue->step == DIALOGUE_CONFIRM
				 ? DIALOGUE_DOES_CALL_OFF
				 : DIALOGUE_DOES_NOTHING;
}

/* With a name: to whom it is, where exactly one contact has it. */
static void go_named(const struct decide_input *input, struct dialogue from,
		     const char *name, struct decision *decision)
{
	const struct contact *contact = NULL;
	enum reason reason = find_contact(input->policy, name, &contact);

	/* Said before anybody speaks a message that would lie here. */
	if (reason == REASON_NONE && contact->kind == CONTACT_PEER &&
	    !input->carries_to_houses)
		reason = REASON_NO_ACTION;
	if (reason != REASON_NONE) {
		messages_end(input, reason, decision);
		return;
	}
	from.contact = contact->id;
	must(str_copy(from.name, sizeof(from.name), contact->name));
	go(input, from, DIALOGUE_NAMED, decision);
}

static bool is_reached(const struct decide_input *input)
{
	return input->reach & action_capability(ACTION_SEND_MESSAGE);
}

void messages_begin(const struct decide_input *input, struct decision *decision)
{
	const struct dialogue none = {.step = DIALOGUE_NONE};
	const struct slot *name = intent_slot(&input->understanding->intent, "contact");

	if (!input->spoken)
		messages_end(input, REASON_NOT_SPOKEN, decision);
	else if (!is_reached(input)) /* said before anybody speaks a message */
		messages_end(input, REASON_NO_APPROVER, decision);
	else if (name)
		go_named(input, none, name->value, decision);
	else
		go(input, none, DIALOGUE_NOBODY, decision);
}

/* --- answers ---------------------------------------------------------------------------- */

/* What the words mean to a dialogue; wrong in the direction of calling off alone. */
static enum dialogue_event event_of(const struct decide_input *input, enum reason heard)
{
	const struct intent *intent = &input->understanding->intent;
	const char *name = intent_value(intent, "contact", "");

	if (input->media_match)
		return DIALOGUE_OWN_VOICE;
	if (input->one_sided)
		return DIALOGUE_ONE_SIDED;
	if (str_equal(intent->name, "HassNevermind"))
		return DIALOGUE_CALLED_OFF;
	if (heard != REASON_NONE || input->understanding->confidence < 1 ||
	    !(input->ratio >= floor_for_class(CLASS_C, input->speech_frames)))
		return DIALOGUE_UNCLEAR;
	if (str_equal(intent->name, "BehestToWhom") &&
	    input->dialogue->step == DIALOGUE_TO_WHOM)
		return DIALOGUE_NAMED;
	if (str_equal(intent->name, "BehestSendIt") &&
	    str_equal_folded(name, input->dialogue->name))
		return DIALOGUE_PHRASE;
	return DIALOGUE_UNCLEAR;
}

void messages_answer(const struct decide_input *input, enum reason heard,
		     struct decision *decision)
{
	const enum dialogue_event event = event_of(input, heard);
	const struct intent *intent = &input->understanding->intent;

	if (event == DIALOGUE_NAMED)
		go_named(input, *input->dialogue, intent_value(intent, "contact", ""),
			 decision);
	else
		go(input, *input->dialogue, event, decision);
}

/* --- news ------------------------------------------------------------------------------- */

/* The policy may have changed since the message was begun. */
static enum reason may_propose(const struct decide_input *input,
			       const struct contact *contact)
{
	const struct room_policy *room = policy_room(input->policy, input->room);

	if (!contact || !str_equal(contact->name, input->dialogue->name))
		return REASON_UNKNOWN_RECIPIENT;
	if (!room || policy_room_is_thin(room))
		return REASON_THIN_ROOM;
	if (!(room->capabilities & action_capability(ACTION_SEND_MESSAGE)))
		return REASON_CAPABILITY_OFF;
	return is_reached(input) ? REASON_NONE : REASON_NO_APPROVER;
}

static void propose(const struct decide_input *input, struct decision *decision)
{
	const struct contact *contact =
		policy_contact(input->policy, input->dialogue->contact);
	const enum reason reason = may_propose(input, contact);
	struct action *action = &decision->proposed[0];

	if (reason != REASON_NONE || !input->memo) {
		messages_end(input, reason ? reason : REASON_MEMO_LOST, decision);
		return;
	}
	go(input, *input->dialogue,
	   may_be_voiced(contact) ? DIALOGUE_SPOKEN_VOICE : DIALOGUE_SPOKEN_TAP,
	   decision);
	if (decision->does != DIALOGUE_DOES_PROPOSE)
		return;
	decision->proposed_count = 1;
	*action = (struct action){.kind = ACTION_SEND_MESSAGE};
	must(str_copy(action->room, sizeof(action->room), input->room));
	id_to_text(action->entity, contact->id.bytes);
	memcpy(action->body, input->memo, sizeof(action->body));
}

/* What a room can tell; the rest is for words to be. */
static bool is_news(enum dialogue_event event)
{
	return event == DIALOGUE_SPOKEN || event == DIALOGUE_SILENT ||
	       event == DIALOGUE_LOST || event == DIALOGUE_NOT_HEARD ||
	       event == DIALOGUE_TIME;
}

void messages_news(const struct decide_input *input, struct decision *decision)
{
	if (!messages_wait(input) || !is_news(input->news))
		messages_end(input, REASON_NO_ACTION, decision);
	else if (input->news == DIALOGUE_SPOKEN)
		propose(input, decision);
	else
		go(input, *input->dialogue, input->news, decision);
}
