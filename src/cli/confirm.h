/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confirm - before what cannot be undone its name is typed again, at a terminal, unless --yes.
 */
#ifndef CLI_CONFIRM_H
#define CLI_CONFIRM_H

#include "base/err.h"
#include "cli/args.h"

#define CONFIRM_OPTION_YES(act)                                   \
	{                                                         \
		.name = "yes", .kind = OPTION_FLAG,               \
		.words = act " without asking for the name again" \
	}

struct confirm {
	const char *to_do;        /* before the name: "remove" */
	const char *without_name; /* "remove somebody" */
	const char *undone;       /* when another name was typed: "nobody was removed" */
	const char *warning;      /* lines before the question; NULL: none */
};

/* ERR_RANGE: nobody can be asked; ERR_DENIED: it is another name. */
MUST_CHECK enum err confirm_name(const struct args *args, const struct confirm *confirm,
				 const char *name, struct err_note *note);

#endif
