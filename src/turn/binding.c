/* SPDX-License-Identifier: Apache-2.0 */
/*
 * binding - what of a decision binds the household: asked of the keeper, each for itself.
 *
 * Invariant: nothing is asked for whose decision could not be written down.
 */
#include "base/str.h"
#include "turn/turn_inner.h"

/* What binds, of a decision that does the rest: a decision of its own. */
struct event turn_held_event(const struct turn_line *line)
{
	const struct decision *whole = &line->turn.decision;
	struct decision held = {
		.kind = DECISION_HOLD,
		.reason = REASON_NEEDS_TAP,
		.class_of = CLASS_C,
		.action = whole->action,
		.proposed_count = 1,
	};

	held.proposed[0] = whole->proposed[0];
	return turn_decision_event(line, &held);
}

/* That could not be written down, so nothing is asked for; the rest is as it was. */
void turn_unheld(struct turn_line *line)
{
	struct decision *decision = &line->turn.decision;

	for (size_t i = 0; i < decision->proposed_count; i++) {
		if (decision->left_count == DECISION_LEFT_MAX)
			break;
		struct decision_left *left = &decision->left[decision->left_count++];
		left->reason = REASON_JOURNAL_UNAVAILABLE;
		(void)str_copy(left->entity, sizeof(left->entity),
			       decision->proposed[i].entity);
	}
	decision->proposed_count = 0;
}

/* Who is asked to pay for something sees what was heard; for nothing else it leaves here. */
static enum err propose_it(struct turn_line *line, size_t index, uint64_t token)
{
	const struct turn *turn = &line->turn;
	const struct action *proposed = &turn->decision.proposed[index];

	if (proposed->kind == ACTION_ORDER)
		keep_heard(line->parts.keep, turn->id, turn->heard.text);
	return keep_propose(line->parts.keep, proposed, turn->id, token);
}

/* What binds the household is the keeper's to hold and the gate's to do. */
static void propose(struct turn_line *line, size_t index)
{
	const struct turn *turn = &line->turn;
	const struct decision *decision = &turn->decision;
	const uint64_t token = line->token_base | (TOKEN_PROPOSED + index);
	enum err err;

	line->waiting++;
	line->held[index] = REASON_JOURNAL_UNAVAILABLE;
	if (decision->does == DIALOGUE_DOES_CONFIRM)
		err = keep_confirm(line->parts.keep, decision->dialogue.proposal,
				   turn->id, token);
	else
		err = propose_it(line, index, token);
	if (err)
		line->waiting--;
}

void turn_propose_all(struct turn_line *line)
{
	const struct decision *decision = &line->turn.decision;

	if (decision->does == DIALOGUE_DOES_CONFIRM)
		propose(line, 0);
	for (size_t i = 0; i < decision->proposed_count; i++)
		propose(line, i);
}
