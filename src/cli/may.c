/* SPDX-License-Identifier: Apache-2.0 */
/*
 * may - see the header.
 */
#include "cli/may.h"

#include "domain/capability.h"

enum err may_read(const struct args *args, uint32_t *out_capabilities,
		  struct err_note *note)
{
	const char *list = args_text(args, "may", NULL);
	unsigned set = 0;

	if (!list)
		return OK;
	if (!capabilities_from_text(list, &set))
		return err_say(ERR_RANGE, note,
			       "--may %s: expected message, move, policy, record, "
			       "security and tell, with commas between, or nothing",
			       list);
	*out_capabilities = set;
	return OK;
}
