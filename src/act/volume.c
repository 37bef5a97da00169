/* SPDX-License-Identifier: Apache-2.0 */
/*
 * volume - how loud the room's speaker answers.
 */
#include "act/actions.h"

void act_volume(const struct action *action, const struct act_ports *ports,
		uint64_t token, struct act_result *result)
{
	(void)token;
	ports->set_volume(ports->context, action->percent);
	result->said = saying_make(SAYING_DONE_VOLUME);
	saying_set_number(&result->said, SLOT_PERCENT, action->percent);
}
