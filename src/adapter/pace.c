/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pace - see the header. After a stall it does not hurry more than CATCH_UP_US.
 */
#include "adapter/pace.h"

#include <time.h>

#include "base/must.h"

enum { FRAME_US = 19980, CATCH_UP_US = 200000 };

static int64_t now_us(void)
{
	struct timespec now;

	must(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void pace_start(struct pace *pace)
{
	pace->due_us = now_us();
}

int pace_left_ms(const struct pace *pace)
{
	const int64_t left_us = pace->due_us - now_us();

	return left_us > 0 ? (int)((left_us + 999) / 1000) : 0;
}

void pace_step(struct pace *pace)
{
	const int64_t earliest_us = now_us() - CATCH_UP_US;

	pace->due_us += FRAME_US;
	if (pace->due_us < earliest_us)
		pace->due_us = earliest_us;
}
