/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock_fake - a clock that stands still until a test moves it.
 */
#ifndef FAKE_CLOCK_FAKE_H
#define FAKE_CLOCK_FAKE_H

#include <stdint.h>

#include "port/clock.h"

struct clock_fake {
	int64_t now_us;
	int64_t wall_ms;
};

/* Starts at 10 s monotonic, on 2026-03-01 12:00:00 UTC. fake must outlive the port. */
struct clock clock_fake_init(struct clock_fake *fake);
/* Moves both clocks on. */
void clock_fake_pass(struct clock_fake *fake, int64_t ms);

#endif
