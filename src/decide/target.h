/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target - which devices a request means. Pure; used by decide/ only.
 */
#ifndef DECIDE_TARGET_H
#define DECIDE_TARGET_H

#include <stddef.h>

#include "decide/decide.h"

struct targets {
	size_t count;
	const struct entity *entities[DECISION_WARRANTS_MAX];
};

/* Finds the devices by the slots of the intent (docs/INTENTS.md, "target"). domain is
 * what the intent is about where its slots do not say. NONE, or why there are none;
 * out_said gets the question for AMBIGUOUS. */
enum reason target_find(const struct decide_input *input, enum entity_domain domain,
			struct targets *out_targets, struct saying *out_said);

#endif
