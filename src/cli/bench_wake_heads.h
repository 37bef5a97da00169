/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_wake_heads - how often each head that comes along misses its name and wakes
 * without it, in the clips and the speech that are given.
 */
#ifndef CLI_BENCH_WAKE_HEADS_H
#define CLI_BENCH_WAKE_HEADS_H

#include "cli/bench.h"

bool bench_wake_heads_asked(const struct args *args); /* with --clips or --speech */

/* Says on stderr, for each head, what it learned from: files of that are no test. */
MUST_CHECK enum err bench_wake_heads(struct bench_run *run, struct err_note *note);

#endif
