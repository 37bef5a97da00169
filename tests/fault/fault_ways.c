/* SPDX-License-Identifier: Apache-2.0 */
/* fault_ways - see the header. */
#include "fault/fault_ways.h"

#include <execinfo.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/must.h"

enum { WAYS_MAX = 1 << 16, FRAMES_MAX = 96, SEEN_EVERY = 5 };

static bool is_noting;
static size_t way_count;
static uint64_t ways[WAYS_MAX];
static size_t seen_count;
static uint64_t seen[WAYS_MAX]; /* of stories before, each once */
static size_t seen_last;        /* so many of these were asked for again */

/* FNV-1a over the return addresses: the same throughout one run of the program. */
static uint64_t this_way(void)
{
	void *frames[FRAMES_MAX];
	const int count = backtrace(frames, FRAMES_MAX);
	uint64_t way = UINT64_C(14695981039346656037);

	for (int i = 0; i < count; i++)
		way = (way ^ (uint64_t)(uintptr_t)frames[i]) * UINT64_C(1099511628211);
	return way;
}

void fault_ways_init(void)
{
	(void)this_way();
}

void fault_ways_begin(void)
{
	is_noting = true;
	way_count = 0;
}

size_t fault_ways_end(void)
{
	is_noting = false;
	return way_count;
}

void fault_ways_note(void)
{
	if (!is_noting)
		return;
	must(way_count < WAYS_MAX);
	ways[way_count++] = this_way();
}

static bool is_among(const uint64_t *list, size_t count, uint64_t way)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == way)
			return true;
	return false;
}

bool fault_ways_choose(size_t n)
{
	must(n < way_count);
	if (getenv("BEHEST_ALL"))
		return true;
	if (is_among(ways + n + 1, way_count - n - 1, ways[n]))
		return false;
	return !is_among(seen, seen_count, ways[n]) || seen_last++ % SEEN_EVERY == 0;
}

void fault_ways_remember(void)
{
	for (size_t i = 0; i < way_count; i++) {
		if (is_among(seen, seen_count, ways[i]))
			continue;
		must(seen_count < WAYS_MAX);
		seen[seen_count++] = ways[i];
	}
}

void fault_ways_forget(void)
{
	seen_count = 0;
	seen_last = 0;
}
