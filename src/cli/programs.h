/* SPDX-License-Identifier: Apache-2.0 */
/*
 * programs - which processes `behest up` keeps running, told in DIR/run/programs.json for
 * `behest status`: {"supervisor": PID, "programs": [{"program", "pid", "starts"}]}.
 *
 * The file is a hint, not a promise: whoever reads it asks the system whether each process
 * is still the supervisor's child.
 */
#ifndef CLI_PROGRAMS_H
#define CLI_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "cli/paths.h"
#include "cli/supervise.h"

struct programs {
	pid_t supervisor; /* 0: none runs */
	size_t count;
	struct {
		char name[SUPERVISE_NAME_BYTES];
		pid_t pid; /* 0: does not run */
		unsigned starts;
	} items[SUPERVISE_CHILDREN_MAX];
};

/* Writes what runs now. */
MUST_CHECK enum err programs_write(const struct paths *paths,
				   const struct supervisor *supervisor,
				   struct err_note *note);
void programs_remove(const struct paths *paths);

/* None, when there is no file: nobody supervises this house. */
MUST_CHECK enum err programs_read(const struct paths *paths,
				  struct programs *out_programs, struct err_note *note);

#endif
