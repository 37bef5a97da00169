/* SPDX-License-Identifier: Apache-2.0 */
/*
 * messages - tells how many voice messages wait, and has them played once that was said.
 */
#include "act/actions.h"

void act_play_messages(const struct action *action, const struct act_ports *ports,
		       uint64_t token, struct act_result *result)
{
	(void)action;
	(void)token;
	if (ports->message_count == 0) {
		result->said = saying_make(SAYING_TOLD_NO_MESSAGES);
		return;
	}
	result->said = saying_make(SAYING_TOLD_MESSAGES);
	saying_set_number(&result->said, SLOT_COUNT_OF, (double)ports->message_count);
	ports->play_messages(ports->context);
}
