/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decision - what decide/ answers: act, ask, hold or refuse, and always why.
 */
#ifndef DOMAIN_DECISION_H
#define DOMAIN_DECISION_H

#include <stdbool.h>
#include <stddef.h>

#include "domain/action.h"
#include "domain/dialogue.h"
#include "domain/reason.h"
#include "domain/saying.h"

enum decision_kind { DECISION_REFUSE, DECISION_ACT, DECISION_ASK, DECISION_HOLD };

enum {
	DECISION_WARRANTS_MAX = 64,
	DECISION_PROPOSALS_MAX = 8, /* of one request: each takes a tap of its own */
	DECISION_LEFT_MAX = 16,
};

struct warrant; /* decide/warrant.h: made nowhere else */

/* Of several things, one that is left as it is although it was meant. */
struct decision_left {
	char entity[ENTITY_ID_BYTES]; /* or its name, where it is gone */
	enum reason reason;
};

struct decision {
	enum decision_kind kind;
	enum reason reason;
	enum action_class
		class_of; /* the highest among what is permitted, held or refused:
				     * with DECISION_ACT nothing of class C */
	enum action_kind
		action; /* what was asked; meaningless with NO_MATCH and NO_ACTION */
	size_t warrant_count; /* > 0 exactly when kind is DECISION_ACT */
	struct warrant *warrants[DECISION_WARRANTS_MAX]; /* in the turn's arena */
	/* What awaits approval, each for itself; no permission. With DECISION_HOLD at least
	 * one, with DECISION_ACT what binds of several things; else none. */
	size_t proposed_count;
	struct action proposed[DECISION_PROPOSALS_MAX];
	size_t left_count; /* with DECISION_ACT and DECISION_HOLD */
	struct decision_left left[DECISION_LEFT_MAX];
	struct saying said; /* a question or refusal; silence takes the reason's own. With
			     * DECISION_ACT what is told instead of what act/ says */
	struct saying
		adds; /* a second sentence behind it; silence: none. Where it is known
			     * only when it is done, turn/ adds it */
	bool repeats; /* with DECISION_ASK: the question that was asked before */
	struct dialogue dialogue; /* where it stands now; step NONE: there is none */
	enum evidence_then then;  /* what the room does once it has heard what is said */
	enum dialogue_does does;  /* with DECISION_HOLD: PROPOSE or CONFIRM; else CALL_OFF
				   * or nothing */
};

const char *decision_kind_text(enum decision_kind kind); /* "act" "ask" "hold" "refuse" */

#endif
