/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_names - the home that benchmarks of many names are run in: 300 devices in 25
 * rooms, and some more that people speak of by several names.
 */
#ifndef CLI_BENCH_NAMES_H
#define CLI_BENCH_NAMES_H

#include "base/err.h"
#include "domain/home.h"

/* A room of it, to ask in. */
#define BENCH_NAMES_ROOM "kitchen"

/* Adds them to a home, which may hold others. */
MUST_CHECK enum err bench_names_fill(struct home *home);

#endif
