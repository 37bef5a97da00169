/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock_fake - time by hand.
 */
#include "fake/clock_fake.h"

static int64_t fake_now_us(void *self)
{
	const struct clock_fake *fake = self;
	return fake->now_us;
}

static int64_t fake_wall_ms(void *self)
{
	const struct clock_fake *fake = self;
	return fake->wall_ms;
}

struct clock clock_fake_init(struct clock_fake *fake)
{
	static const struct clock_ops ops = {.now_us = fake_now_us,
					     .wall_ms = fake_wall_ms};

	fake->now_us = 10000000;
	fake->wall_ms = 1772366400000;
	return (struct clock){.ops = &ops, .self = fake};
}

void clock_fake_pass(struct clock_fake *fake, int64_t ms)
{
	fake->now_us += ms * 1000;
	fake->wall_ms += ms;
}
