/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decide - the order of the questions that stand between words and deeds.
 * tour 5/10: every safety rule is a line here or a row next door; next: act/act.c.
 *
 * Invariants: warrants exist exactly when the decision is ACT; nothing of class C ever
 * gets one here, whatever was said, however clearly; the first reason found is the
 * reason given. Pure.
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

/* Is anybody entitled to be answered here at all? */
static enum reason check_house(const struct decide_input *input)
{
	const struct room_policy *room = policy_room(input->policy, input->room);

	if (!input->policy->has_owner)
		return REASON_NO_OWNER;
	if (!room)
		return REASON_CAPABILITY_OFF;
	return room->muted ? REASON_MUTED : REASON_NONE;
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
				    const struct plan *plan)
{
	const struct room_policy *room = policy_room(input->policy, input->room);
	const bool is_raised =
		plan->class_of == CLASS_C && action_class(plan->kind) != CLASS_C;
	const unsigned needed = is_raised ? MAY_SECURITY : action_capability(plan->kind);

	must(room);
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

/* What is nothing without its sound; an announcement is one in other rooms. */
static bool is_sound(const struct plan *plan)
{
	return plan->kind == ACTION_ANNOUNCE || plan->kind == ACTION_PLAY_MESSAGES ||
	       (plan->kind == ACTION_SKILL && plan->actions[0].mode[0] != '\0');
}

/* With a plan in hand: may it be done on the strength of what was heard? */
static enum reason check_plan(const struct decide_input *input, const struct plan *plan)
{
	if (input->spoken &&
	    !(input->ratio >= floor_for_class(plan->class_of, input->speech_frames)))
		return REASON_LOW_CONFIDENCE;
	/* What binds is asked for with the name of the house, and in full. */
	if (plan->class_of == CLASS_C &&
	    (input->is_answer || input->understanding->leans))
		return REASON_NAME_NEEDED;
	/* What was read out of other words than the household's own sentences never so much
	 * as proposes what binds it. */
	if (plan->class_of == CLASS_C && input->understanding->confidence < 1)
		return REASON_LOW_CONFIDENCE;
	if (plan->class_of == CLASS_C && input->spoken && is_thin(input))
		return REASON_THIN_ROOM;
	if (plan->class_of != CLASS_A && input->media_match)
		return REASON_MEDIA_MATCH;
	if (plan->class_of != CLASS_A && input->one_sided)
		return REASON_UNTRUSTED_SOURCE;
	/* "Laugh" alone is too easily heard in talk. */
	if (plan->kind == ACTION_SKILL && plan->actions[0].mode[0] != '\0' &&
	    input->said_words < SKILL_EFFECT_WORDS)
		return REASON_TOO_SHORT;
	if (input->is_quiet && is_sound(plan))
		return REASON_QUIET_HOURS;
	if (plan->kind == ACTION_PLAY_MESSAGES && !is_private(input))
		return REASON_NOT_PRIVATE;
	const enum reason reason = check_capability(input, plan);
	return reason == REASON_NONE && plan->class_of == CLASS_C ? REASON_NEEDS_TAP
								  : reason;
}

static enum err permit(const struct plan *plan, int64_t now_ms, struct arena *arena,
		       struct decision *decision)
{
	for (size_t i = 0; i < plan->action_count; i++) {
		enum err err = warrant_create(arena, &plan->actions[i], now_ms,
					      &decision->warrants[i]);
		if (err)
			return err;
	}
	decision->warrant_count = plan->action_count;
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

/* Of what needs a tap. One thing at a time, for an approval is over exactly one action;
 * and what could not be done anyway is not asked for. */
static void hold(struct decision *decision, const struct plan *plan, enum reason planned)
{
	static const struct saying one = {.key = SAYING_REFUSED_ONE_AT_A_TIME};

	if (planned != REASON_NONE) {
		refuse(decision, planned, &plan->said);
	} else if (plan->action_count > 1) {
		refuse(decision, REASON_NEEDS_TAP, &one);
	} else {
		decision->kind = DECISION_HOLD;
		decision->reason = REASON_NEEDS_TAP;
		decision->proposed = plan->actions[0];
	}
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

/* A request in the household's own words, in nobody's dialogue. */
static enum err judge_request(const struct decide_input *input, struct plan *plan,
			      struct arena *arena, struct decision *decision)
{
	const enum reason planned = plan_make(input, plan);
	enum reason reason = planned;

	decision->action = plan->kind;
	decision->class_of = plan->class_of;
	if (reason == REASON_NONE || plan->class_of == CLASS_C) {
		enum reason stands = check_plan(input, plan);
		reason = stands != REASON_NONE ? stands : planned;
	}
	if (reason == REASON_NONE && intercom_is_spoken(plan)) {
		intercom_begin(input, plan, decision);
		return OK;
	}
	if (reason == REASON_NONE) {
		call_off(input, plan, decision);
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
