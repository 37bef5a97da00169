/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intercom - events of the step ANNOUNCE out of words and news; see the header.
 *
 * Invariants: what was spoken is played only with the hash that the room signed for it,
 * and in rooms that the policy lets tell something when it is played, not when it was
 * asked for; the room that it was spoken in is never one of them.
 */
#include "decide/intercom.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

static bool may_tell(const struct room_policy *room)
{
	return !room->muted && (room->capabilities & action_capability(ACTION_ANNOUNCE));
}

enum reason intercom_place(const struct decide_input *input, const char *name,
			   struct action *action)
{
	const struct room_policy *room = policy_room(input->policy, name);

	if (name[0] == '\0')
		return REASON_NONE;
	if (!room || str_equal_folded(room->room.text, input->room))
		return REASON_NO_ROOM;
	if (!may_tell(room))
		return REASON_ROOM_MUTED;
	must(str_copy(action->entity, sizeof(action->entity), room->room.text));
	return REASON_NONE;
}

bool intercom_is_spoken(const struct plan *plan)
{
	return plan->kind == ACTION_ANNOUNCE && plan->action_count == 1 &&
	       plan->actions[0].words[0] == '\0';
}

bool intercom_waits(const struct decide_input *input)
{
	return input->dialogue && input->dialogue->step == DIALOGUE_ANNOUNCE;
}

static void end(enum reason reason, struct decision *decision)
{
	decision->kind = DECISION_REFUSE;
	decision->reason = reason;
	decision->dialogue = (struct dialogue){.step = DIALOGUE_NONE};
}

static struct saying say(const struct dialogue *dialogue,
			 const struct dialogue_went *went)
{
	struct saying saying = saying_make(went->says);

	if (went->says == SAYING_REFUSED)
		return saying_refusal(went->reason);
	if (went->says == SAYING_ASK_ANNOUNCE_IN)
		saying_set_text(&saying, SLOT_NAME, dialogue->name);
	return saying;
}

static void go(struct dialogue from, enum dialogue_event event, struct decision *decision)
{
	struct dialogue_went went;

	decision->action = ACTION_ANNOUNCE;
	decision->class_of = action_class(ACTION_ANNOUNCE);
	if (!dialogue_go(&from, event, &went)) {
		end(REASON_NO_ACTION, decision);
		return;
	}
	must(went.does == DIALOGUE_DOES_NOTHING);
	decision->kind = from.step == DIALOGUE_NONE ? DECISION_REFUSE : DECISION_ASK;
	decision->reason = went.reason;
	decision->then = went.then;
	decision->said = say(&from, &went);
	decision->dialogue = from;
}

/* Is there any but the one it is asked for in? Said before anybody speaks. */
static bool has_listener(const struct decide_input *input)
{
	const struct policy *policy = input->policy;

	for (size_t i = 0; i < policy->room_count; i++)
		if (may_tell(&policy->rooms[i]) &&
		    !str_equal_folded(policy->rooms[i].room.text, input->room))
			return true;
	return false;
}

void intercom_begin(const struct decide_input *input, const struct plan *plan,
		    struct decision *decision)
{
	const char *room = plan->actions[0].entity;
	struct dialogue none = {.step = DIALOGUE_NONE};

	if (!input->spoken) {
		end(REASON_NOT_SPOKEN, decision);
		return;
	}
	if (!has_listener(input)) {
		end(REASON_NO_ROOM, decision);
		decision->said = saying_make(SAYING_TOLD_NO_ROOMS);
		return;
	}
	must(str_copy(none.name, sizeof(none.name), room));
	go(none, room[0] ? DIALOGUE_TO_ROOM : DIALOGUE_TO_ALL, decision);
}

/* The policy may have changed since it was asked for. */
static enum reason may_play(const struct decide_input *input, struct action *action)
{
	const struct room_policy *room = policy_room(input->policy, input->room);

	if (!room || !(room->capabilities & action_capability(ACTION_ANNOUNCE)))
		return REASON_CAPABILITY_OFF;
	if (!input->memo)
		return REASON_MEMO_LOST;
	return intercom_place(input, input->dialogue->name, action);
}

static void play(const struct decide_input *input, struct plan *plan,
		 struct decision *decision)
{
	struct action action = {.kind = ACTION_ANNOUNCE};
	const enum reason reason = may_play(input, &action);

	go(*input->dialogue, DIALOGUE_SPOKEN, decision);
	if (reason != REASON_NONE) {
		end(reason, decision);
		return;
	}
	must(str_copy(action.room, sizeof(action.room), input->room));
	memcpy(action.body, input->memo, sizeof(action.body));
	plan->classes[plan->action_count] = action_class(action.kind);
	plan->actions[plan->action_count++] = action;
}

/* No words belong here but those that call it off. */
static enum dialogue_event event_of(const struct decide_input *input)
{
	if (input->news != DIALOGUE_WORDS)
		return input->news;
	if (input->media_match)
		return DIALOGUE_OWN_VOICE;
	if (input->one_sided)
		return DIALOGUE_ONE_SIDED;
	if (str_equal(input->understanding->intent.name, "HassNevermind"))
		return DIALOGUE_CALLED_OFF;
	return DIALOGUE_WORDS;
}

void intercom_judge(const struct decide_input *input, enum reason house,
		    struct plan *out_plan, struct decision *decision)
{
	const enum dialogue_event event = event_of(input);

	decision->action = ACTION_ANNOUNCE;
	decision->class_of = action_class(ACTION_ANNOUNCE);
	out_plan->action_count = 0;
	if (house != REASON_NONE)
		end(house, decision);
	else if (event == DIALOGUE_SPOKEN)
		play(input, out_plan, decision);
	else
		go(*input->dialogue, event, decision);
}
