/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decide - the order of the questions that stand between words and deeds.
 * tour 5/10: every safety rule is a line here or a row next door; next: act/act.c.
 *
 * Invariants: warrants exist exactly when the decision is ACT; nothing of class C ever
 * gets one here, whatever was said, however clearly: of several things those that bind are
 * proposed, each for itself; the first reason found is the reason given. Pure.
 */
#include "decide/decide.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "decide/floor.h"
#include "decide/follow.h"
#include "decide/intercom.h"
#include "decide/messages.h"
#include "decide/plan.h"
#include "decide/warrant.h"
#include "domain/skill.h"

/* What rings is silenced by command also where nobody is heard. */
static bool is_typed_stop(const struct decide_input *input)
{
	return !input->spoken && !input->in_routine &&
	       str_equal(input->understanding->intent.name, "HassNevermind");
}

/* Is anybody entitled to be answered here at all? */
static enum reason check_house(const struct decide_input *input)
{
	const struct room_policy *room = policy_room(input->policy, input->room);

	if (!input->policy->has_owner)
		return REASON_NO_OWNER;
	if (!room)
		return REASON_CAPABILITY_OFF;
	return room->muted && !is_typed_stop(input) ? REASON_MUTED : REASON_NONE;
}

/* Was it a request to us, and not talk that a closed grammar made a sentence of? */
static enum reason check_heard(const struct decide_input *input)
{
	if (!input->spoken)
		return REASON_NONE;
	if (input->word_count == 0)
		return REASON_NOTHING_HEARD;
	if (!(input->ratio >= floor_addressed(input->speech_frames)))
		return REASON_NOT_ADDRESSED;
	return REASON_NONE;
}

/* A home that was never reached has no names, so that nothing said of it can be understood:
 * the honest answer is that it cannot be reached. */
static enum reason check_understood(const struct decide_input *input)
{
	enum reason reason = input->understanding->reason;

	bool unknown = reason == REASON_NO_MATCH || reason == REASON_UNEXPLAINED_WORDS;
	if (unknown && input->bus_down && input->home->entity_count == 0)
		return REASON_DEVICE_UNREACHABLE;
	return reason;
}

/* What moves something of unknown effect binds, and then it takes what binding takes. */
static enum reason check_capability(const struct decide_input *input,
				    enum action_kind kind, enum action_class class_of)
{
	const struct room_policy *room = policy_room(input->policy, input->room);
	const bool is_raised = class_of == CLASS_C && action_class(kind) != CLASS_C;
	const unsigned needed = is_raised ? MAY_SECURITY : action_capability(kind);

	must(room);
	if (needed == MAY_LISTS && (!input->spoken || room->is_private))
		return REASON_NONE; /* it is read, or heard by its owner */
	return (room->capabilities & needed) ? REASON_NONE : REASON_CAPABILITY_OFF;
}

/* A room without a key of its own cannot prove what was said there. */
static bool is_thin(const struct decide_input *input)
{
	const struct room_policy *room = policy_room(input->policy, input->room);

	return !room || policy_room_is_thin(room);
}

static bool is_private(const struct decide_input *input)
{
	const struct room_policy *room = policy_room(input->policy, input->room);

	return room && room->is_private;
}

/* May it be done on the strength of what was heard? */
static enum reason check_action(const struct decide_input *input, enum action_kind kind,
				enum action_class class_of)
{
	if (input->spoken &&
	    !(input->ratio >= floor_for_class(class_of, input->speech_frames)))
		return REASON_LOW_CONFIDENCE;
	/* What binds is asked for with the name of the house, and in full. */
	if (class_of == CLASS_C && (input->is_answer || input->understanding->leans))
		return REASON_NAME_NEEDED;
	/* What was read out of other words than the household's own sentences never so much
	 * as proposes what binds it. */
	if (class_of == CLASS_C && input->understanding->confidence < 1)
		return REASON_LOW_CONFIDENCE;
	if (class_of == CLASS_C && input->spoken && is_thin(input))
		return REASON_THIN_ROOM;
	if (class_of != CLASS_A && input->media_match)
		return REASON_MEDIA_MATCH;
	if (class_of != CLASS_A && input->one_sided)
		return REASON_UNTRUSTED_SOURCE;
	if (kind == ACTION_PLAY_MESSAGES && !is_private(input))
		return REASON_NOT_PRIVATE;
	const enum reason reason = check_capability(input, kind, class_of);
	return reason == REASON_NONE && class_of == CLASS_C ? REASON_NEEDS_TAP : reason;
}

/* The highest class among the actions that do not bind. Of nothing that is planned yet
 * the plan's own: a refusal says as well what was asked. */
static enum action_class class_to_check(const struct plan *plan)
{
	enum action_class highest = CLASS_A;
	bool binds_all = true;

	for (size_t i = 0; i < plan->action_count; i++) {
		if (plan->classes[i] == CLASS_C)
			continue;
		binds_all = false;
		if (plan->classes[i] > highest)
			highest = plan->classes[i];
	}
	return binds_all ? plan->class_of : highest;
}

/* What is nothing without its sound; an announcement is one in other rooms. */
static bool is_sound(const struct plan *plan)
{
	return plan->kind == ACTION_ANNOUNCE || plan->kind == ACTION_PLAY_MESSAGES ||
	       (plan->kind == ACTION_SKILL && plan->actions[0].mode[0] != '\0');
}

static enum reason check_sound(const struct decide_input *input, const struct plan *plan)
{
	/* "Laugh" alone is too easily heard in talk. */
	if (plan->kind == ACTION_SKILL && plan->actions[0].mode[0] != '\0' &&
	    input->said_words < SKILL_EFFECT_WORDS)
		return REASON_TOO_SHORT;
	return input->is_quiet && is_sound(plan) ? REASON_QUIET_HOURS : REASON_NONE;
}

/* With a plan in hand: what stands against it, or NEEDS_TAP where all of it binds. */
static enum reason check_plan(const struct decide_input *input, const struct plan *plan)
{
	const enum reason reason = check_sound(input, plan);

	if (reason != REASON_NONE)
		return reason;
	return check_action(input, plan->kind, class_to_check(plan));
}

static enum err permit(const struct plan *plan, int64_t now_ms, struct arena *arena,
		       struct decision *decision)
{
	for (size_t i = 0; i < plan->action_count; i++) {
		if (plan->classes[i] == CLASS_C)
			continue;
		enum err err =
			warrant_create(arena, &plan->actions[i], now_ms,
				       &decision->warrants[decision->warrant_count]);
		if (err)
			return err;
		decision->warrant_count++;
	}
	must(decision->warrant_count > 0);
	decision->kind = DECISION_ACT;
	return OK;
}

static bool is_question(enum reason reason, const struct saying *said)
{
	return reason == REASON_AMBIGUOUS ||
	       (reason == REASON_UNEXPLAINED_WORDS && said->key != SAYING_NONE);
}

static void refuse(struct decision *decision, enum reason reason,
		   const struct saying *said)
{
	decision->reason = reason;
	decision->kind = is_question(reason, said) ? DECISION_ASK : DECISION_REFUSE;
	decision->said = *said;
}

static void leave(struct decision *decision, const char *entity, enum reason reason)
{
	if (decision->left_count == DECISION_LEFT_MAX)
		return;
	struct decision_left *left = &decision->left[decision->left_count++];
	left->reason = reason;
	(void)str_copy(left->entity, sizeof(left->entity), entity);
}

/* What binds is asked for, each for itself, for an approval is over exactly one action;
 * or left, where something stands against it. */
static void propose_binding(const struct plan *plan, enum reason stands,
			    struct decision *decision)
{
	for (size_t i = 0; i < plan->action_count; i++) {
		if (plan->classes[i] != CLASS_C)
			continue;
		if (stands != REASON_NEEDS_TAP)
			leave(decision, plan->actions[i].entity, stands);
		else if (decision->proposed_count == DECISION_PROPOSALS_MAX)
			leave(decision, plan->actions[i].entity, REASON_TOO_MANY);
		else
			decision->proposed[decision->proposed_count++] = plan->actions[i];
	}
	for (size_t i = 0; i < plan->left_count; i++)
		leave(decision, plan->left[i].entity, plan->left[i].reason);
}

/* Of what needs a tap; what could not be done anyway is not asked for. */
static void hold(struct decision *decision, const struct plan *plan, enum reason planned)
{
	if (planned != REASON_NONE) {
		refuse(decision, planned, &plan->said);
		return;
	}
	decision->kind = DECISION_HOLD;
	decision->reason = REASON_NEEDS_TAP;
	propose_binding(plan, REASON_NEEDS_TAP, decision);
}

/* Of several things some bind: the others are done. */
static void hold_rest(const struct decide_input *input, const struct plan *plan,
		      struct decision *decision)
{
	enum reason stands = REASON_NONE;

	if (plan->class_of == CLASS_C) {
		stands = check_action(input, plan->kind, CLASS_C);
		decision->class_of = class_to_check(plan);
	}
	/* Nobody is there who would hold it. */
	if (stands == REASON_NEEDS_TAP && !input->can_hold)
		stands = REASON_NO_APPROVER;
	propose_binding(plan, stands, decision);
}

/* "Cancel", where something that was asked for here can still be called off. */
static void call_off(const struct decide_input *input, const struct plan *plan,
		     struct decision *decision)
{
	if (plan->kind != ACTION_STOP || !input->can_call_off)
		return;
	decision->does = DIALOGUE_DOES_CALL_OFF;
	decision->said = saying_make(SAYING_TOLD_CALLED_OFF);
}

/* The question back, where the words themselves are what is doubted. */
static struct saying asked(const struct understanding *understanding, enum reason reason)
{
	return reason == REASON_AMBIGUOUS || reason == REASON_UNEXPLAINED_WORDS
		       ? understanding->asks
		       : saying_make(SAYING_NONE);
}

/* True where a question back would suggest what binds the household, though nobody said
 * it in its own sentences. */
static bool suggests_binding(const struct decide_input *input, enum reason reason,
			     struct plan *scratch)
{
	if ((reason != REASON_AMBIGUOUS && reason != REASON_UNEXPLAINED_WORDS) ||
	    input->understanding->confidence >= 1)
		return false;
	(void)plan_make(input, scratch);
	return scratch->class_of == CLASS_C;
}

/* What is said or told in a dialogue is judged by its steps and nothing else. False: it is
 * of none. */
static bool judge_dialogue(const struct decide_input *input, enum reason heard,
			   struct decision *decision)
{
	const enum reason house = check_house(input);
	const bool is_news = input->news != DIALOGUE_WORDS;

	if (follow_waits(input) || (!messages_wait(input) && !is_news))
		return false;
	if (house != REASON_NONE)
		messages_end(input, house, decision);
	else if (is_news)
		messages_news(input, decision);
	else
		messages_answer(input, heard, decision);
	return true;
}

/* The same of an announcement that was to be spoken, which is played by a warrant. */
static enum err judge_intercom(const struct decide_input *input, struct plan *plan,
			       struct arena *arena, struct decision *decision)
{
	intercom_judge(input, check_house(input), plan, decision);
	return plan->action_count > 0 ? permit(plan, input->now_ms, arena, decision) : OK;
}

/* What talks with whoever asks, or runs lines itself, is no line of a routine: each has an
 * end, and asks for nothing. */
static bool may_be_line(const struct plan *plan)
{
	static const bool NEVER[ACTION_KIND_COUNT] = {
		[ACTION_PLAY_MESSAGES] = true, [ACTION_RUN_ROUTINE] = true,
		[ACTION_SEND_MESSAGE] = true,  [ACTION_STOP] = true,
		[ACTION_TELL_HEARD] = true,    [ACTION_TELL_WHY] = true,
	};

	return !NEVER[plan->kind] && !intercom_is_spoken(plan);
}

/* A request in the household's own words, in nobody's dialogue. */
static enum err judge_request(const struct decide_input *input, struct plan *plan,
			      struct arena *arena, struct decision *decision)
{
	const enum reason planned = plan_make(input, plan);
	enum reason reason = planned;

	decision->action = plan->kind;
	decision->class_of = plan->class_of;
	if (input->in_routine && planned != REASON_NO_ACTION && !may_be_line(plan)) {
		refuse(decision, REASON_NOT_IN_ROUTINE, &plan->said);
		return OK;
	}
	if (reason == REASON_NONE || plan->class_of == CLASS_C) {
		enum reason stands = check_plan(input, plan);
		reason = stands != REASON_NONE ? stands : planned;
	}
	if (reason == REASON_NONE && intercom_is_spoken(plan)) {
		intercom_begin(input, plan, decision);
		return OK;
	}
	if (reason == REASON_NONE) {
		if (plan->kind == ACTION_TELL_SURVEY) {
			decision->said = plan->said;
			decision->adds = plan->adds;
		}
		call_off(input, plan, decision);
		hold_rest(input, plan, decision);
		return permit(plan, input->now_ms, arena, decision);
	}
	if (reason == REASON_NEEDS_TAP && plan->kind == ACTION_SEND_MESSAGE)
		messages_begin(input, decision);
	else if (reason == REASON_NEEDS_TAP && input->can_hold)
		hold(decision, plan, planned);
	else
		refuse(decision, reason, &plan->said);
	return OK;
}

/* What was not understood, or is asked back about: then it is known what was asked. */
static void refuse_words(const struct decide_input *input, enum reason reason,
			 const struct saying *question, struct plan *scratch,
			 struct decision *decision)
{
	refuse(decision, reason, question);
	if (decision->kind != DECISION_ASK || !input->follow ||
	    plan_make(input, scratch) == REASON_NO_ACTION)
		return;
	decision->action = scratch->kind;
	decision->class_of = scratch->class_of;
}

static enum err decide_aloud(const struct decide_input *input, struct arena *arena,
			     struct decision *out_decision)
{
	void *memory = NULL;
	enum err err = arena_take(arena, sizeof(struct plan), &memory);

	if (err)
		return err;
	memset(out_decision, 0, sizeof(*out_decision));
	struct plan *plan = memory;
	enum reason reason = check_house(input);
	if (reason == REASON_NONE)
		reason = check_heard(input);
	if (reason == REASON_NONE)
		reason = check_understood(input);
	if (intercom_waits(input))
		return judge_intercom(input, plan, arena, out_decision);
	if (judge_dialogue(input, reason, out_decision))
		return OK;
	if (suggests_binding(input, reason, plan))
		reason = REASON_LOW_CONFIDENCE;
	struct saying question = asked(input->understanding, reason);
	if (follow_waits(input) &&
	    follow_judge(input, reason, &question, plan, out_decision))
		return OK;
	if (reason == REASON_NONE)
		err = judge_request(input, plan, arena, out_decision);
	else
		refuse_words(input, reason, &question, plan, out_decision);
	if (input->in_routine) {
		if (out_decision->kind == DECISION_ASK) /* there is nobody to ask */
			out_decision->kind = DECISION_REFUSE;
		return err;
	}
	follow_question(input, out_decision);
	follow_reply(input, out_decision);
	return err;
}

/* A question that nobody hears is not asked, and no microphone is opened behind it. What
 * was asked for and can be done without a word is done; what is held is held, without the
 * sentence that would release it by voice. */
static void hush(struct decision *decision)
{
	const bool asks = decision->kind == DECISION_ASK ||
			  decision->then != THEN_NOTHING ||
			  decision->dialogue.step != DIALOGUE_NONE;

	if (!asks)
		return;
	decision->dialogue = (struct dialogue){.step = DIALOGUE_NONE};
	decision->then = THEN_NOTHING;
	if (decision->kind == DECISION_ACT || decision->kind == DECISION_HOLD)
		return;
	decision->kind = DECISION_REFUSE;
	decision->reason = REASON_QUIET_HOURS;
	decision->said = saying_make(SAYING_NONE);
}

enum err decide(const struct decide_input *input, struct arena *arena,
		struct decision *out_decision)
{
	const enum err err = decide_aloud(input, arena, out_decision);

	if (!err && input->is_quiet)
		hush(out_decision);
	return err;
}
