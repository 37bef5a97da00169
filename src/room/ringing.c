/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ringing - see the header. Invariant: what is on ends RING_MS after it began, and a clock
 * that runs backwards ends it at once.
 */
#include "room/ringing.h"

#include "room/playing.h"

enum { QUIET_MS = 1000, PERCENT_MAX = 100 };

bool ringing_begin(struct ringing *ringing, const struct wire_ring *asked, int64_t now_ms)
{
	const int64_t left_ms = asked->left_ms < RING_MS ? asked->left_ms : RING_MS;

	if (!playing_is_reason((struct event_id){asked->parent}) ||
	    asked->pattern >= RING_PATTERN_COUNT)
		return false;
	*ringing = (struct ringing){
		.is_on = true,
		.ring = asked->ring,
		.parent = {asked->parent},
		.pattern = (enum ring_pattern)asked->pattern,
		.percent =
			asked->percent < PERCENT_MAX ? (int)asked->percent : PERCENT_MAX,
		.began_ms = now_ms,
		.until_ms = now_ms + left_ms,
		.next_ms = now_ms,
	};
	return true;
}

void ringing_end(struct ringing *ringing)
{
	*ringing = (struct ringing){.is_on = false};
}

void ringing_alone(struct ringing *ringing, int64_t now_ms)
{
	if (ringing->is_on && ringing->until_ms > now_ms + RING_ALONE_MS)
		ringing->until_ms = now_ms + RING_ALONE_MS;
}

bool ringing_is_over(const struct ringing *ringing, int64_t now_ms)
{
	return ringing->is_on &&
	       (now_ms < ringing->began_ms || now_ms >= ringing->until_ms);
}

bool ringing_is_due(const struct ringing *ringing, int64_t now_ms)
{
	return ringing->is_on && !ringing_is_over(ringing, now_ms) &&
	       now_ms >= ringing->next_ms;
}

void ringing_sounds(struct ringing *ringing, int64_t now_ms)
{
	ringing->next_ms = now_ms + RING_CYCLE_MS;
}

void ringing_waits(struct ringing *ringing, int64_t now_ms)
{
	if (ringing->is_on && ringing->next_ms < now_ms + QUIET_MS)
		ringing->next_ms = now_ms + QUIET_MS;
}

uint32_t ringing_ms(const struct ringing *ringing, int64_t now_ms)
{
	const int64_t end_ms = now_ms < ringing->until_ms ? now_ms : ringing->until_ms;

	return end_ms > ringing->began_ms ? (uint32_t)(end_ms - ringing->began_ms) : 0;
}
