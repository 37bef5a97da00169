/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verbs - a command's own first word ("rooms add"), looked up in that command's table.
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "base/err.h"
#include "cli/command.h"
#include "cli/paths.h"

/* Words behind the verb are args->rest[1] and following. ERR_RANGE: they or the options
 * are wrong, which is CLI_USAGE. */
typedef enum err verb_fn(const struct args *args, const struct paths *paths,
			 struct err_note *note);

struct verb {
	const char *name;
	size_t least; /* words behind it */
	size_t most;
	const char *expected; /* "the name of one room"; NULL: nothing may stand there */
	verb_fn *run;
};

/* Runs the verb that args begin with; the first one without any. what is what the command
 * is about, for complaints: "the rooms". */
enum cli_exit verbs_run(const struct verb *verbs, size_t count, const struct args *args,
			const char *what);

#endif
