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

enum { DECISION_WARRANTS_MAX = 64 };

struct warrant; /* decide/warrant.h: made nowhere else */

struct decision {
	enum decision_kind kind;
	enum reason reason;
	enum action_class class_of; /* the highest class among what was asked */
	enum action_kind
		action; /* what was asked; meaningless with NO_MATCH and NO_ACTION */
	size_t warrant_count; /* > 0 exactly when kind is DECISION_ACT */
	struct warrant *warrants[DECISION_WARRANTS_MAX]; /* in the turn's arena */
	struct action
		proposed;   /* with DECISION_HOLD: what awaits approval; no permission */
	struct saying said; /* a question or refusal; silence takes the reason's own */
	bool repeats;       /* with DECISION_ASK: the question that was asked before */
	struct dialogue dialogue; /* where it stands now; step NONE: there is none */
	enum evidence_then then;  /* what the room does once it has heard what is said */
	enum dialogue_does does;  /* with DECISION_HOLD: PROPOSE or CONFIRM; else CALL_OFF
				   * or nothing */
};

const char *decision_kind_text(enum decision_kind kind); /* "act" "ask" "hold" "refuse" */

#endif
