/* SPDX-License-Identifier: Apache-2.0 */
/*
 * supervise - starts our programs in order, restarts what dies, stops them in reverse.
 *
 * The next program starts when the one before is ready (its socket takes connections).
 * One that dies is started again after a pause that doubles; after SUPERVISE_QUICK_MAX
 * deaths in a row, each within SUPERVISE_QUICK_MS, it is given up loudly. Only own
 * children are ever signalled, by pid; they get SIGTERM should we vanish. One thread:
 * the loop's.
 */
#ifndef CLI_SUPERVISE_H
#define CLI_SUPERVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/file.h"
#include "base/loop.h"

enum {
	SUPERVISE_CHILDREN_MAX = 8,
	SUPERVISE_NAME_BYTES = 24,
	SUPERVISE_WORDS_MAX = 24,
	SUPERVISE_LINE_BYTES = 1024,
	SUPERVISE_QUICK_MAX = 5,
	SUPERVISE_QUICK_MS = 10000,
	SUPERVISE_PAUSE_MS = 200, /* before the first restart; doubles */
	SUPERVISE_PAUSE_MAX_MS = 5000,
	SUPERVISE_READY_MS = 30000, /* until a started program must be ready */
	SUPERVISE_STOP_MS = 5000,   /* from SIGTERM to SIGKILL */
};

struct supervisor;

/* A program to be kept running. Everything is copied. */
struct supervise_plan {
	const char *name;                       /* "keeper": stands before its lines */
	const char *program;                    /* path */
	const char *words[SUPERVISE_WORDS_MAX]; /* behind the program's name; NULL ends */
	const char *socket; /* ready when this unix socket takes connections; or NULL */
	int port;           /* ready when this loopback port does; 0 none */
};

struct supervise_listener {
	void *context;
	/* One line that a program wrote; out: on stdout, else stderr. */
	void (*line)(void *context, const char *name, bool out, const char *line);
	/* It is ready, for the first time or again. An error here stops the start-up. */
	enum err (*ready)(void *context, const char *name, bool again,
			  struct err_note *note);
	/* It died; pause_ms until it is started again. */
	void (*died)(void *context, const char *name, const char *how, int pause_ms);
	/* All programs were ready once. */
	void (*up)(void *context);
	/* It is of no use to go on: stop. why is one line. */
	void (*gave_up)(void *context, const char *why);
};

MUST_CHECK enum err supervisor_create(struct loop *loop,
				      const struct supervise_listener *listener,
				      struct supervisor **out_supervisor);
MUST_CHECK enum err supervisor_add(struct supervisor *supervisor,
				   const struct supervise_plan *plan);

/* Starts the first; the rest follows from the loop. */
MUST_CHECK enum err supervisor_start(struct supervisor *supervisor,
				     struct err_note *note);

/* Stops all in reverse order and waits for them; no callbacks but line(). */
void supervisor_stop(struct supervisor *supervisor);
void supervisor_destroy(struct supervisor *supervisor); /* stops; NULL is fine */

/* The index-th program; name is borrowed. */
struct supervise_child {
	const char *name;
	pid_t pid;       /* 0 while it does not run */
	unsigned starts; /* how often it was started */
};
size_t supervisor_count(const struct supervisor *supervisor);
struct supervise_child supervisor_child(const struct supervisor *supervisor,
					size_t index);

/* Its process, or 0 while it does not run or is not known. */
pid_t supervisor_pid(const struct supervisor *supervisor, const char *name);

#endif
