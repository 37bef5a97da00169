/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decision - its kinds as text. Pure.
 */
#include "domain/decision.h"

#include "base/must.h"

const char *decision_kind_text(enum decision_kind kind)
{
	static const char *const TEXTS[] = {
		[DECISION_REFUSE] = "refuse",
		[DECISION_ACT] = "act",
		[DECISION_ASK] = "ask",
		[DECISION_HOLD] = "hold",
	};

	must(kind <= DECISION_HOLD);
	return TEXTS[kind];
}
