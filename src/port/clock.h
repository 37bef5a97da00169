/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock - what time it is, as a port, so that a story can pass a minute in no time.
 * tour 8/10: the smallest port, the shape of them all; next: adapter/bus_mqtt.c.
 *
 * A port is a table of functions and the value they work on; small inline functions
 * make the call sites read as normal calls.
 */
#ifndef PORT_CLOCK_H
#define PORT_CLOCK_H

#include <stdint.h>

struct clock_ops {
	int64_t (*now_us)(void *self);  /* monotonic, any start, microseconds */
	int64_t (*wall_ms)(void *self); /* since 1970, UTC */
};

struct clock {
	const struct clock_ops *ops;
	void *self;
};

static inline int64_t clock_now_us(const struct clock *clock)
{
	return clock->ops->now_us(clock->self);
}

static inline int64_t clock_now_ms(const struct clock *clock)
{
	return clock->ops->now_us(clock->self) / 1000;
}

static inline int64_t clock_wall_ms(const struct clock *clock)
{
	return clock->ops->wall_ms(clock->self);
}

#endif
