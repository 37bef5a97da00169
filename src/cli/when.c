/* SPDX-License-Identifier: Apache-2.0 */
/* Formats times; asks the C library for the zone and nothing for the time. */
#include "cli/when.h"

#include <time.h>

#include "base/str.h"

enum { MS_PER_SECOND = 1000 };

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
