/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jobs - independent pieces of work on a few threads.
 *
 * Each piece writes its own results only, so that nothing depends on who was faster.
 */
#ifndef TRAIN_JOBS_H
#define TRAIN_JOBS_H

#include <stddef.h>

#include "base/err.h"
#include "train/outside.h"

struct jobs {
	const char *stage;
	size_t count;
	size_t parts; /* of a piece, when it tells of its progress by itself; else 0 */
	void *context;
	/* worker < outside->jobs: each has things of its own. Note: the first error's. */
	enum err (*run)(void *context, size_t worker, size_t index,
			struct err_note *note);
};

/* Runs all pieces; after an error no new one is begun. Shows progress. */
MUST_CHECK enum err jobs_run(const struct outside *outside, const struct jobs *jobs,
			     struct err_note *note);

#endif
