/* SPDX-License-Identifier: Apache-2.0 */
/* Formats and reads times; asks the C library for the zone and nothing for the time. */
#include "cli/when.h"

#include <string.h>
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

/* --- reading ---------------------------------------------------------------------------- */

/* The local time of these parts, if a calendar and a clock know it. */
static bool to_ms(const struct tm *parts, int64_t *out_ms)
{
	struct tm same = *parts;
	time_t seconds;

	same.tm_isdst = -1;
	seconds = mktime(&same);
	if (seconds == (time_t)-1 || same.tm_mday != parts->tm_mday)
		return false;
	*out_ms = (int64_t)seconds * MS_PER_SECOND;
	return true;
}

static bool range_from(const struct tm *begin, const struct tm *end,
		       struct when_range *out_range)
{
	struct when_range range;
	struct tm behind = *end;

	/* One behind the last day of a month is the first of the next: mktime sorts it. */
	behind.tm_isdst = -1;
	range.end_ms = (int64_t)mktime(&behind) * MS_PER_SECOND;
	if (!to_ms(begin, &range.begin_ms) || range.end_ms <= range.begin_ms)
		return false;
	*out_range = range;
	return true;
}

/* A day so many days from that of now. */
static bool read_day_name(int64_t now_ms, int days, struct when_range *out_range)
{
	time_t seconds = (time_t)(now_ms / MS_PER_SECOND);
	struct tm begin;
	struct tm end;

	if (!localtime_r(&seconds, &begin))
		return false;
	begin.tm_sec = 0;
	begin.tm_min = 0;
	begin.tm_hour = 0;
	begin.tm_mday += days;
	begin.tm_isdst = -1;
	(void)mktime(&begin);
	end = begin;
	end.tm_mday++;
	return range_from(&begin, &end, out_range);
}

bool when_read(const char *text, int64_t now_ms, struct when_range *out_range)
{
	static const struct {
		const char *format;
		int add_minutes;
	} forms[] = {{"%Y-%m-%d", DAY / MINUTE},
		     {"%Y-%m-%d %H", HOUR / MINUTE},
		     {"%Y-%m-%d %H:%M", 1},
		     {"%Y-%m-%dT%H", HOUR / MINUTE},
		     {"%Y-%m-%dT%H:%M", 1}};

	if (str_equal(text, "today"))
		return read_day_name(now_ms, 0, out_range);
	if (str_equal(text, "yesterday"))
		return read_day_name(now_ms, -1, out_range);
	for (size_t i = 0; i < STR_COUNT(forms); i++) {
		struct tm begin = {.tm_mday = 1};
		const char *rest = strptime(text, forms[i].format, &begin);
		struct tm end = begin;

		if (!rest || *rest || strchr("0123456789", text[0]) == NULL || !text[0])
			continue;
		if (forms[i].add_minutes == DAY / MINUTE)
			end.tm_mday++;
		else
			end.tm_min += forms[i].add_minutes;
		return range_from(&begin, &end, out_range);
	}
	return false;
}
