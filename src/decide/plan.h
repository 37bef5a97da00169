/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan - from an intent to the exact actions it asks for, and their class. Pure; used
 * by decide/ only. A plan is not a permission.
 */
#ifndef DECIDE_PLAN_H
#define DECIDE_PLAN_H

#include <stddef.h>

#include "decide/decide.h"

struct plan {
	enum action_kind kind;
	enum action_class class_of; /* the highest among the actions */
	size_t action_count;
	struct action actions[DECISION_WARRANTS_MAX];
	enum action_class classes[DECISION_WARRANTS_MAX]; /* of each */
	size_t left_count; /* of several devices: what cannot be commanded at all */
	struct decision_left left[DECISION_LEFT_MAX];
	struct saying adds; /* behind it */
	struct saying said; /* with a reason: more than it tells; may be silence */
};

/* NONE: at least one action. Else why there is no plan; kind and class are set all the
 * same whenever the intent is known, so that a refusal can say what was asked. */
enum reason plan_make(const struct decide_input *input, struct plan *out_plan);

#endif
