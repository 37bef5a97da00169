/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock_system - CLOCK_MONOTONIC and CLOCK_REALTIME. Keeps nothing; does not correct a
 * wall clock that is wrong.
 */
#include "adapter/clock_system.h"

#include <stddef.h>
#include <time.h>

#include "base/must.h"

static int64_t read_us(clockid_t which)
{
	struct timespec now;

	must(clock_gettime(which, &now) == 0);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t system_now_us(void *self)
{
	(void)self;
	return read_us(CLOCK_MONOTONIC);
}

static int64_t system_wall_ms(void *self)
{
	(void)self;
	return read_us(CLOCK_REALTIME) / 1000;
}

struct clock clock_system(void)
{
	static const struct clock_ops ops = {
		.now_us = system_now_us,
		.wall_ms = system_wall_ms,
	};

	return (struct clock){.ops = &ops, .self = NULL};
}
