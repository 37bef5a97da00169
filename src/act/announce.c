/* SPDX-License-Identifier: Apache-2.0 */
/*
 * announce - says something in the other rooms of the house.
 */
#include "act/actions.h"

void act_announce(const struct action *action, const struct act_ports *ports,
		  uint64_t token, struct act_result *result)
{
	const size_t rooms = ports->announce
				     ? ports->announce(ports->context, ports->turn,
						       ports->because, action->entity)
				     : 0;

	(void)token;
	if (rooms == 0) {
		result->said = saying_make(SAYING_TOLD_NO_ROOMS);
		return;
	}
	result->said = saying_make(SAYING_DONE_ANNOUNCED);
	saying_set_number(&result->said, SLOT_COUNT_OF, (double)rooms);
}
