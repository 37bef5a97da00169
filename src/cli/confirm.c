/* SPDX-License-Identifier: Apache-2.0 */
/* confirm - see the header. */
#include "cli/confirm.h"

#include <stdio.h>

#include "base/str.h"
#include "cli/terminal.h"
#include "domain/people.h"

enum { QUESTION_BYTES = 200 };

enum err confirm_name(const struct args *args, const struct confirm *confirm,
		      const char *name, struct err_note *note)
{
	char question[QUESTION_BYTES];
	char answer[PEOPLE_NAME_BYTES] = "";
	enum err err;

	if (args_flag(args, "yes"))
		return OK;
	if (!terminal_asks())
		return err_say(ERR_RANGE, note,
			       "to %s give --yes, or run this at a terminal",
			       confirm->without_name);
	if (confirm->warning)
		fputs(confirm->warning, stderr);
	(void)str_format(question, sizeof(question),
			 "To %s \"%.63s\" type the name again:", confirm->to_do, name);
	err = terminal_ask(question, "", answer, sizeof(answer));
	if (!err && !str_equal_folded(answer, name))
		err = err_say(ERR_DENIED, note, "that is not \"%s\": %s", name,
			      confirm->undone);
	return err;
}
