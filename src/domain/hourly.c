/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hourly - see the header. Keeps times and nothing of what was asked. Invariant: of each
 * kind at most its limit was counted within any hour.
 */
#include "domain/hourly.h"

#include "base/must.h"

bool hourly_count(struct hourly_times *times, unsigned limit, int64_t now_ms)
{
	must(limit < HOURLY_MAX);
	if (limit > 0 && times->count >= limit &&
	    now_ms - times->at_ms[(times->count - limit) % HOURLY_MAX] < HOURLY_MS)
		return false;
	hourly_add(times, now_ms);
	return true;
}

size_t hourly_within(const struct hourly_times *times, int64_t now_ms)
{
	size_t within = 0;

	while (within < times->count && within < HOURLY_MAX &&
	       now_ms - times->at_ms[(times->count - 1 - within) % HOURLY_MAX] <
		       HOURLY_MS)
		within++;
	return within;
}

void hourly_add(struct hourly_times *times, int64_t now_ms)
{
	times->at_ms[times->count++ % HOURLY_MAX] = now_ms;
}

bool hourly_too_many(struct hourly *hourly, enum action_kind kind, int64_t now_ms)
{
	const bool is_raised = action_class(kind) != CLASS_C;
	struct hourly_times *times = is_raised ? &hourly->raised : &hourly->of[kind];
	const unsigned limit = is_raised ? HOURLY_RAISED_PER_HOUR : action_per_hour(kind);

	return !hourly_count(times, limit, now_ms);
}
