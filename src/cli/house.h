/* SPDX-License-Identifier: Apache-2.0 */
/*
 * house - a whole household as child processes: broker where none is configured, toy
 * home, keeper, hub and room, in this order, supervised.
 *
 * For `behest up` and for the benchmarks, which run one in a folder of their own. One
 * thread: the loop's.
 */
#ifndef CLI_HOUSE_H
#define CLI_HOUSE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/loop.h"
#include "cli/paths.h"
#include "domain/settings.h"

struct house;

struct house_plan {
	const struct paths *paths;       /* borrowed while the house stands */
	const struct settings *settings; /* likewise */
	bool toy_home;
	const char *
		pipe; /* the room hears this named pipe instead of its microphone; NULL */
};

struct house_listener {
	void *context;
	void (*line)(void *context, const char *program, bool out, const char *line);
	/* The keeper is ready for the first time: the moment for a first owner. */
	enum err (*settle)(void *context, struct err_note *note);
	void (*died)(void *context, const char *program, const char *how, int pause_ms);
	void (*up)(void *context);
	void (*gave_up)(void *context, const char *why);
};

/* Plans it and starts the first program; the rest follows from the loop. */
MUST_CHECK enum err house_create(struct loop *loop, const struct house_plan *plan,
				 const struct house_listener *listener,
				 struct house **out_house, struct err_note *note);
/* Stops everything in reverse order and waits for it. NULL is fine. */
void house_destroy(struct house *house);

/* The process of "keeper", "hub" ...; 0 while it does not run. */
pid_t house_pid(const struct house *house, const char *program);

#endif
