/* SPDX-License-Identifier: Apache-2.0 */
/*
 * volume - how loud the room's speaker answers.
 */
#include "act/actions.h"
#include "base/str.h"

void act_volume(const struct action *action, const struct act_ports *ports,
		uint64_t token, struct act_result *result)
{
	(void)token;
	ports->set_volume(ports->context, action->percent);
	(void)str_format(result->said, sizeof(result->said), "Volume %d percent.",
			 action->percent);
}
