/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remember - what is kept of a turn that is over, in memory and for a while: for "why" and
 * "what did you hear", and for what is said next and leans on it. Writes nothing down.
 */
#include <string.h>

#include "base/str.h"
#include "record/record.h"
#include "turn/turn_inner.h"
#include "understand/follow.h"

/* Keeps the turn for "why" and "what did you hear", but not those two themselves, and no
 * words that were not meant for us. */
static void remember_words(struct turn_line *line)
{
	const struct turn *turn = &line->turn;
	const struct decision *decision = &turn->decision;
	struct recent_turn recent = {
		.turn = turn->id,
		.at_ms = clock_now_ms(line->parts.clock),
		.decision = decision->kind,
		.action = decision->action,
		.reason = turn->outcome,
	};

	if (!record_may_keep(decision))
		return;
	if (decision->kind == DECISION_ACT && (decision->action == ACTION_TELL_WHY ||
					       decision->action == ACTION_TELL_HEARD))
		return;
	(void)str_copy(recent.text, sizeof(recent.text), turn->heard.text);
	recent_add(line->parts.recent, &recent);
	explicit_bzero(&recent, sizeof(recent));
}

/* What binds is not leaned on, and what was leaned on before it is over. */
static bool binds(const struct turn *turn)
{
	return turn->decision.class_of == CLASS_C &&
	       (turn->decision.kind == DECISION_HOLD ||
		turn->decision.kind == DECISION_ASK);
}

/* In words: what the room told is leaned on by nothing. */
static bool did(const struct turn *turn)
{
	return turn->decision.kind == DECISION_ACT && turn->outcome == REASON_NONE &&
	       turn->heard.news == DIALOGUE_WORDS;
}

/* Keeps what the next words may lean on: the question that was asked, or what was done. A
 * question is over with whatever is said next, unless it is asked again. */
static void lead_on(struct turn_line *line)
{
	static const struct intent something = {.slot_count = 0};
	const struct turn *turn = &line->turn;
	const struct intent *intent = &turn->understanding.intent;
	const struct decision *decision = &turn->decision;
	struct follow *follow = line->parts.follow;
	const int64_t now_ms = clock_now_ms(line->parts.clock);

	if (!follow)
		return;
	if (decision->dialogue.step == DIALOGUE_WHICH && decision->repeats)
		follow->at_ms = now_ms;
	else if (decision->dialogue.step == DIALOGUE_WHICH)
		follow_asked(follow, turn->id, intent, &decision->said,
			     !turn->heard.spoken, now_ms);
	else if (did(turn))
		follow_did(follow, turn->id,
			   understand_can_follow(intent) ? intent : &something, now_ms);
	else if (binds(turn) || follow->kind == FOLLOW_QUESTION)
		follow_forget(follow);
}

void turn_remember(struct turn_line *line)
{
	remember_words(line);
	lead_on(line);
}
