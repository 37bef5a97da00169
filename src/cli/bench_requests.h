/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_requests - real requests that somebody has labelled: how many are understood, asked
 * back, and taken for something else.
 *
 * One JSON object a line: {"text", "scenario", "action"}, in the labels of SLURP and of
 * NLU-Evaluation-Data. A table says which of our intents a label means; what has no row is
 * another domain, of which nothing may be accepted.
 */
#ifndef CLI_BENCH_REQUESTS_H
#define CLI_BENCH_REQUESTS_H

#include "cli/bench.h"
#include "understand/understand.h"

enum { BENCH_REQUESTS_BYTES_MAX = 16 * 1024 * 1024 };

/* Adds its figures; names what came out wrong with run->verbose. here: the speaker's
 * area. */
MUST_CHECK enum err bench_requests(struct bench_run *run, const char *path,
				   const struct understand *understand, const char *here,
				   struct err_note *note);

#endif
