/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skill - hands a question to a skill. What it answers is words, and words alone: it comes
 * back later, judged, as what is said.
 */
#include "act/actions.h"

void act_skill(const struct action *action, const struct act_ports *ports, uint64_t token,
	       struct act_result *result)
{
	result->reason = ports->ask_skill
				 ? ports->ask_skill(ports->context, action, token)
				 : REASON_NO_ACTION;
	result->waits = result->reason == REASON_NONE;
}
