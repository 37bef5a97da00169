/* SPDX-License-Identifier: Apache-2.0 */
/*
 * announce - says something in the other rooms of the house, or plays what was spoken.
 */
#include "act/actions.h"

void act_announce(const struct action *action, const struct act_ports *ports,
		  uint64_t token, struct act_result *result)
{
	const struct act_announcement what = {
		.turn = ports->turn,
		.because = ports->because,
		.room = action->entity,
		.words = action->words,
		.memo = action->body,
	};
	size_t rooms = 0;

	(void)token;
	if (ports->announce)
		result->reason = ports->announce(ports->context, &what, &rooms);
	if (rooms == 0) {
		result->said = saying_make(SAYING_TOLD_NO_ROOMS);
		return;
	}
	result->said = saying_make(SAYING_DONE_ANNOUNCED);
	saying_set_number(&result->said, SLOT_COUNT_OF, (double)rooms);
}
