/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_keeper - what a keeper (cli/keeper_alone.h) used while it was measured.
 *
 * One thread.
 */
#ifndef CLI_BENCH_KEEPER_H
#define CLI_BENCH_KEEPER_H

#include <stdint.h>

#include "base/err.h"
#include "cli/keeper_alone.h"

/* One on the disk, with its first owner and their room. The caller closes it, also after
 * failure. */
MUST_CHECK enum err bench_keeper_open(struct keeper_alone *keeper, struct err_note *note);

/* Seconds of its user and system time so far; NAN where the system does not say. */
double bench_keeper_cpu(const struct keeper_alone *keeper);
/* Batches that it has made durable since it was started, each with one sync of the log. */
MUST_CHECK enum err bench_keeper_batches(const struct keeper_alone *keeper,
					 uint64_t *out_batches, struct err_note *note);

/* Seconds on the monotonic clock. */
double bench_keeper_now(void);

#endif
