/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_portland - the second half of `behest bench portland`: what nobody says by chance
 * is said on purpose, and everything that can happen happens in every order.
 */
#ifndef CLI_BENCH_PORTLAND_H
#define CLI_BENCH_PORTLAND_H

#include "base/arena.h"
#include "cli/bench.h"

/* Adds its figures; out are the barriers taken out. *out_is_harm: something went out that
 * no device had agreed to, or was confirmed by other words than the phrase. */
MUST_CHECK enum err bench_portland_search(struct bench_run *run, struct arena *arena,
					  unsigned out, bool *out_is_harm,
					  struct err_note *note);

#endif
