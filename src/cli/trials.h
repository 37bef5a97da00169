/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trials - numbered trials on all processors, each worker with a context of its own.
 *
 * A trial writes its result at its own place, so the outcome does not depend on who was
 * faster. Shows progress on a terminal. The first error stops everybody.
 */
#ifndef CLI_TRIALS_H
#define CLI_TRIALS_H

#include <stddef.h>

#include "base/err.h"

struct trials {
	const char *name; /* beside the progress bar */
	size_t count;
	void *shared; /* given to every call; the workers only read it and write results */
	enum err (*open)(void *shared, void **out_worker, struct err_note *note);
	enum err (*try_one)(void *shared, void *worker, size_t index,
			    struct err_note *note);
	void (*close)(void *worker); /* NULL is fine */
};

MUST_CHECK enum err trials_run(const struct trials *trials, struct err_note *note);

#endif
