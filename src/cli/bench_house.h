/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_house - a whole household in a folder of its own, for a benchmark: real broker,
 * toy home, keeper, hub and room, with an owner; gone without a trace afterwards.
 */
#ifndef CLI_BENCH_HOUSE_H
#define CLI_BENCH_HOUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "cli/house.h"
#include "cli/paths.h"
#include "cli/wizard.h"

struct bench_house {
	char folder[FILE_PATH_BYTES];
	char pipe[FILE_PATH_BYTES];
	struct paths paths;
	struct settings settings;
	struct wizard wizard;
	struct loop *loop;
	struct house *house;
	bool is_up;
	bool gave_up;
	char why[256];
};

/* Starts it and waits until it is up. ERR_MISSING: a program is not installed. The caller
 * closes it, also after failure. */
MUST_CHECK enum err bench_house_open(struct bench_house *house, struct err_note *note);
void bench_house_close(struct bench_house *house);

/* Runs the loop for ms, or until *until (may be NULL) is true. ERR_IO: it gave up. */
MUST_CHECK enum err bench_house_wait(struct bench_house *house, int64_t ms,
				     const bool *until, struct err_note *note);

#endif
