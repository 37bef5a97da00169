/* SPDX-License-Identifier: Apache-2.0 */
/* Formats times; asks the C library for the zone and nothing for the time. */
#include "cli/when.h"

#include <time.h>

#include "base/str.h"

enum {
	MS_PER_SECOND = 1000,
	MINUTE = 60, /* in seconds, as the others */
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,
	DAYS_MIN = 2, /* fewer are said in hours */
};

void when_local(char to[WHEN_BYTES], int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / MS_PER_SECOND);
	struct tm parts;

	if (!localtime_r(&seconds, &parts) ||
	    strftime(to, WHEN_BYTES, "%Y-%m-%d %H:%M:%S", &parts) == 0)
		(void)str_copy(to, WHEN_BYTES, "?");
}

void when_utc(char to[WHEN_BYTES], int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / MS_PER_SECOND);
	struct tm parts;

	if (!gmtime_r(&seconds, &parts) ||
	    strftime(to, WHEN_BYTES, "%Y-%m-%dT%H:%M:%S", &parts) == 0)
		(void)str_copy(to, WHEN_BYTES, "?");
	else
		(void)str_append(to, WHEN_BYTES, ".%03dZ",
				 (int)(wall_ms % MS_PER_SECOND));
}

void when_span(char to[WHEN_BYTES], int64_t span_ms)
{
	const long long seconds = span_ms > 0 ? span_ms / MS_PER_SECOND : 0;

	if (seconds >= DAYS_MIN * DAY)
		(void)str_format(to, WHEN_BYTES, "%lld d", seconds / DAY);
	else if (seconds >= HOUR)
		(void)str_format(to, WHEN_BYTES, "%lld h %lld min", seconds / HOUR,
				 seconds % HOUR / MINUTE);
	else
		(void)str_format(to, WHEN_BYTES, "%lld:%02lld", seconds / MINUTE,
				 seconds % MINUTE);
}
