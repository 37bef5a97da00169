/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar - answers from the household's calendar: what is on a day, and when something is.
 *
 * The days are those of the house's own clock (TZ). Moves nothing and asks nobody.
 */
#include <time.h>

#include "act/actions.h"
#include "base/must.h"
#include "base/str.h"

enum {
	MS_OF_SECOND = 1000,
	MINUTES_OF_HOUR = 60,
	YEAR_ZERO = 1900,
	DAYS_OF_WEEK = 7,
	SAID_MAX = 4
};

static struct tm local_of(int64_t seconds)
{
	const time_t at = (time_t)seconds;
	struct tm local;

	must(localtime_r(&at, &local));
	return local;
}

static int64_t midnight(const struct tm *today, int days)
{
	struct tm local = {.tm_year = today->tm_year,
			   .tm_mon = today->tm_mon,
			   .tm_mday = today->tm_mday + days,
			   .tm_isdst = -1};

	return (int64_t)mktime(&local);
}

/* How many days from today; a weekday is the next that comes, and today is one. */
static bool days_until(const char *key, const struct tm *today, int *out_days,
		       enum forecast_span *out_span)
{
	if (!forecast_span_from_key(key, out_span))
		return false;
	if (*out_span == SPAN_TODAY || *out_span == SPAN_TOMORROW ||
	    *out_span == SPAN_AFTER_TOMORROW) {
		*out_days = *out_span == SPAN_TODAY      ? 0
			    : *out_span == SPAN_TOMORROW ? 1
							 : 2;
		return true;
	}
	if (*out_span < SPAN_SUNDAY || *out_span > SPAN_SATURDAY)
		return false;
	*out_days = ((int)*out_span - (int)SPAN_SUNDAY - today->tm_wday + DAYS_OF_WEEK) %
		    DAYS_OF_WEEK;
	return true;
}

static void add_entry(struct saying *said, const struct agenda_entry *entry,
		      int64_t from_s)
{
	const struct tm local = local_of(entry->start_s);
	char text[NAME_BYTES];

	if (entry->all_day || entry->start_s < from_s)
		must(str_format(text, sizeof(text), "---- %s", entry->text));
	else
		must(str_format(text, sizeof(text), "%02d%02d %s", local.tm_hour,
				local.tm_min, entry->text));
	saying_add_name(said, SLOT_ENTRIES, text);
}

static struct saying day_say(const struct agenda *agenda, enum forecast_span span,
			     int64_t from_s, int64_t until_s)
{
	const struct agenda_entry *entry;
	size_t count = 0;
	struct saying said;

	while (agenda_on(agenda, from_s, until_s, count))
		count++;
	said = saying_make(count == 0         ? SAYING_TOLD_CALENDAR_NONE
			   : count > SAID_MAX ? SAYING_TOLD_CALENDAR_MORE
					      : SAYING_TOLD_CALENDAR);
	saying_set_number(&said, SLOT_DAY, span);
	for (size_t i = 0;
	     i < SAID_MAX && (entry = agenda_on(agenda, from_s, until_s, i)); i++)
		add_entry(&said, entry, from_s);
	if (count > SAID_MAX)
		saying_set_number(&said, SLOT_COUNT_OF, (double)(count - SAID_MAX));
	return said;
}

static struct saying event_say(const struct agenda *agenda, const char *what,
			       int64_t now_s)
{
	const struct agenda_entry *entry = agenda_next(agenda, what, now_s);
	struct saying said = saying_make(!entry           ? SAYING_TOLD_EVENT_NONE
					 : entry->all_day ? SAYING_TOLD_EVENT_DAY
							  : SAYING_TOLD_EVENT);

	saying_set_text(&said, SLOT_NAME, entry ? entry->text : what);
	if (!entry)
		return said;
	const struct tm local = local_of(entry->start_s);
	const struct saying_date date = {.year = local.tm_year + YEAR_ZERO,
					 .month = local.tm_mon,
					 .day = local.tm_mday,
					 .weekday = local.tm_wday};

	saying_set_date(&said, SLOT_DATE, &date);
	if (!entry->all_day)
		saying_set_number(&said, SLOT_TIME,
				  local.tm_hour * MINUTES_OF_HOUR + local.tm_min);
	return said;
}

void act_tell_calendar(const struct action *action, const struct act_ports *ports,
		       uint64_t token, struct act_result *result)
{
	const int64_t now_s = clock_wall_ms(ports->clock) / MS_OF_SECOND;
	const struct tm today = local_of(now_s);
	enum forecast_span span = SPAN_TODAY;
	int days = 0;

	(void)token;
	if (!ports->agenda)
		result->reason = REASON_NO_CALENDAR;
	else if (action->item[0])
		result->said = event_say(ports->agenda, action->item, now_s);
	else if (!days_until(action->words, &today, &days, &span))
		result->reason = REASON_NO_ACTION;
	else
		result->said = day_say(ports->agenda, span, midnight(&today, days),
				       midnight(&today, days + 1));
}
