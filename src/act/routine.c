/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routine - has the lines of a routine gone through. Permits none of them: each is
 * understood and decided by itself when it is its turn, and takes a warrant of its own.
 */
#include "act/actions.h"

void act_run_routine(const struct action *action, const struct act_ports *ports,
		     uint64_t token, struct act_result *result)
{
	(void)token;
	result->reason = ports->run_routine
				 ? ports->run_routine(ports->line, action->entity)
				 : REASON_NO_ACTION;
}
