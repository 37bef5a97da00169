/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar_ical - cuts a file into events and time zones, and has libical read each alone.
 *
 * libical would take a whole calendar into memory, and repeat without end: here it is given
 * one item of bounded size, and its repetitions are counted. It also looks for the next one
 * without giving the word back, and takes a zone's changes into memory at its first use:
 * each rule gets an end before it is followed, and a zone only rules of once a year. Floating
 * times and whole days are the house's own (TZ). Invariants: the first trouble is told, and
 * only it; every occurrence counts against a limit before it is looked at.
 */
#include "adapter/calendar_ical.h"

#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/str.h"

enum {
	DAY_S = 24 * 3600,
	DAY_MINUTES = 24 * 60,
	DAY_HOURS = 24,
	LOOKS_OF_STEP = 4,
	YEAR_MAX = 2200,     /* what is later is far away, and no zone is looked at */
	MONTH_DAYS_MIN = 28, /* every month has so many */
	MONTH_WEEKDAYS_MAX = 5,
};

/* Before and behind all times that there are; their differences can still be told. */
#define NEVER_S (INT64_MIN / 4)
#define FAR_S (INT64_MAX / 4)

struct moved {
	uint64_t series;
	int64_t start_s; /* of the occurrence that it replaces */
};

struct reading {
	const char *name;
	const struct calendar_span *span;
	struct agenda *agenda;
	struct err_note *note;
	FILE *file;
	size_t bytes;     /* that were read */
	size_t line;      /* from 1 */
	size_t item_line; /* where the item began */
	size_t events;
	size_t steps;
	bool is_calendar;
	size_t zone_count;
	icaltimezone *zones[CALENDAR_ZONES_MAX]; /* owned */
	size_t moved_count;
	struct moved moved[CALENDAR_MOVED_MAX];
};

static void complain(struct reading *reading, size_t line, const char *words)
{
	if (!reading->note->text[0])
		(void)err_say(ERR_FORMAT, reading->note, "%s:%zu: %s", reading->name,
			      line, words);
}

/* --- times ------------------------------------------------------------------------------ */

static const icaltimezone *find_zone(const struct reading *reading, const char *id)
{
	for (size_t i = 0; i < reading->zone_count; i++) {
		const char *known = icaltimezone_get_tzid(reading->zones[i]);

		if (known && str_equal(known, id))
			return reading->zones[i];
	}
	return icaltimezone_get_builtin_timezone(id);
}

/* NULL: of the house's own. */
static const icaltimezone *zone_of(struct reading *reading, icalproperty *property)
{
	icalparameter *parameter =
		icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
	const char *id = parameter ? icalparameter_get_tzid(parameter) : NULL;
	const icaltimezone *zone = id ? find_zone(reading, id) : NULL;

	if (id && !zone)
		complain(reading, reading->item_line,
			 "an unknown time zone; taken for the house's own");
	return zone;
}

static int64_t local_seconds(struct icaltimetype time)
{
	struct tm local = {.tm_year = time.year - 1900,
			   .tm_mon = time.month - 1,
			   .tm_mday = time.day,
			   .tm_hour = time.is_date ? 0 : time.hour,
			   .tm_min = time.is_date ? 0 : time.minute,
			   .tm_sec = time.is_date ? 0 : time.second,
			   .tm_isdst = -1};

	return (int64_t)mktime(&local);
}

/* libical takes the 99th of the 99th. */
static bool is_time(struct icaltimetype time)
{
	return time.year >= 1900 && time.month >= 1 && time.month <= 12 &&
	       time.day >= 1 && time.day <= 31 && time.hour >= 0 && time.hour <= 23 &&
	       time.minute >= 0 && time.minute <= 59 && time.second >= 0 &&
	       time.second <= 60;
}

static int64_t seconds_of(struct icaltimetype time, const icaltimezone *zone)
{
	union {
		const icaltimezone *given;
		icaltimezone *wanted;
	} as = {.given = zone};

	if (!is_time(time))
		return NEVER_S;
	if (time.year > YEAR_MAX)
		return FAR_S;
	if (time.is_date)
		return local_seconds(time);
	if (icaltime_is_utc(time))
		as.wanted = icaltimezone_get_utc_timezone();
	return as.wanted ? (int64_t)icaltime_as_timet_with_zone(time, as.wanted)
			 : local_seconds(time);
}

/* --- one event -------------------------------------------------------------------------- */

struct happening {
	icalcomponent *component;
	struct icaltimetype start;
	const icaltimezone *zone;
	int64_t lasts_s;
	int64_t start_s;
	struct agenda_entry entry; /* but for its times */
	size_t skipped_count;
	int64_t skipped[CALENDAR_SKIPPED_MAX];
};

static uint64_t hash_of(const char *text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * UINT64_C(1099511628211);
	return hash;
}

static bool is_skipped(const struct happening *happening, int64_t start_s)
{
	for (size_t i = 0; i < happening->skipped_count; i++)
		if (happening->skipped[i] == start_s)
			return true;
	return false;
}

static void add_at(struct reading *reading, const struct happening *happening,
		   int64_t start_s)
{
	struct agenda_entry entry = happening->entry;

	if (start_s >= reading->span->until_s ||
	    (start_s < reading->span->from_s &&
	     start_s + happening->lasts_s <= reading->span->from_s) ||
	    is_skipped(happening, start_s))
		return;
	entry.start_s = start_s;
	entry.end_s = start_s + happening->lasts_s;
	agenda_add(reading->agenda, &entry);
}

/* True while it may go on. */
static bool step(struct reading *reading, size_t *steps)
{
	(*steps)++;
	reading->steps++;
	if (*steps <= CALENDAR_STEPS_MAX && reading->steps <= CALENDAR_STEPS_ALL_MAX)
		return true;
	complain(reading, reading->item_line, "repeats too often; the rest is left out");
	return false;
}

/* --- a rule ----------------------------------------------------------------------------- */

static int64_t count_of(const short *list)
{
	int64_t count = 0;

	while (list[count] != ICAL_RECURRENCE_ARRAY_MAX)
		count++;
	return count;
}

/* Of the hours, minutes or seconds that a rule names: one where it names none. */
static int64_t times_of(const short *list)
{
	return list[0] == ICAL_RECURRENCE_ARRAY_MAX ? 1 : count_of(list);
}

/* At how many instants of a day, at most, libical looks whether the rule holds. */
static int64_t looks_a_day(const struct icalrecurrencetype *rule)
{
	const int64_t interval = rule->interval > 0 ? rule->interval : 1;
	const int64_t seconds = times_of(rule->by_second);
	const int64_t minutes = times_of(rule->by_minute) * seconds;

	if (rule->freq == ICAL_SECONDLY_RECURRENCE)
		return DAY_S / interval + 1;
	if (rule->freq == ICAL_MINUTELY_RECURRENCE)
		return (DAY_MINUTES / interval + 1) * seconds;
	if (rule->freq == ICAL_HOURLY_RECURRENCE)
		return (DAY_HOURS / interval + 1) * minutes;
	return times_of(rule->by_hour) * minutes;
}

/* RFC 5545 has the end in UTC where the event has a zone, and libical holds it against the
 * event's own time. A day as the end of what has a time is all of that day. */
static void set_until(const struct happening *happening, struct icalrecurrencetype *rule)
{
	struct icaltimetype *until = &rule->until;
	struct tm local;
	time_t at;

	if (icaltime_is_null_time(*until) || happening->start.is_date == until->is_date) {
		if (!icaltime_is_utc(*until) || icaltime_is_utc(happening->start))
			return;
	}
	if (until->is_date) {
		until->is_date = 0;
		until->hour = 23;
		until->minute = until->second = 59;
		return;
	}
	at = (time_t)seconds_of(*until, NULL);
	if (happening->zone) {
		*until = icaltime_from_timet_with_zone(at, 0, happening->zone);
	} else if (localtime_r(&at, &local)) {
		*until = (struct icaltimetype){.year = local.tm_year + 1900,
					       .month = local.tm_mon + 1,
					       .day = local.tm_mday,
					       .hour = local.tm_hour,
					       .minute = local.tm_min,
					       .second = local.tm_sec};
	}
	until->zone = NULL;
}

/* Where libical begins to look: a rule without a count can be entered late, so that it does
 * not matter how old it is. */
static int64_t entry_of(const struct reading *reading, const struct happening *happening,
			const struct icalrecurrencetype *rule)
{
	const int64_t late_s = reading->span->from_s - happening->lasts_s - 2 * DAY_S;

	return rule->count > 0 || late_s <= happening->start_s ? happening->start_s
							       : late_s;
}

/* Gives it an end that is near enough, and counts what it takes to get there. */
static bool set_end(struct reading *reading, int64_t entry_s,
		    struct icalrecurrencetype *rule)
{
	const int64_t looks = looks_a_day(rule);
	const int64_t reach_s = CALENDAR_LOOKS_MAX * (int64_t)DAY_S / looks;
	int64_t end_s = reading->span->until_s + DAY_S; /* whatever the zone */
	struct icaltimetype end;

	if (end_s - entry_s > reach_s)
		end_s = entry_s + reach_s;
	end = icaltime_from_timet_with_zone((time_t)end_s, 0, NULL);
	if (icaltime_is_null_time(rule->until) ||
	    icaltime_compare(rule->until, end) > 0) {
		rule->until = end;
		if (end_s < reading->span->until_s)
			complain(reading, reading->item_line,
				 "repeats too often; the rest is left out");
	}
	if (end_s > entry_s)
		reading->steps +=
			(size_t)((end_s - entry_s) * looks / DAY_S / LOOKS_OF_STEP);
	return step(reading, &(size_t){0});
}

static bool enter(const struct happening *happening, int64_t entry_s,
		  icalrecur_iterator *iterator)
{
	struct icaltimetype from =
		icaltime_from_timet_with_zone((time_t)entry_s, 0, NULL);

	from.is_date = happening->start.is_date;
	return entry_s <= happening->start_s ||
	       icalrecur_iterator_set_start(iterator, from);
}

static void follow(struct reading *reading, const struct happening *happening,
		   icalrecur_iterator *iterator)
{
	size_t steps = 0;

	for (struct icaltimetype at = icalrecur_iterator_next(iterator);
	     !icaltime_is_null_time(at); at = icalrecur_iterator_next(iterator)) {
		const int64_t start_s = seconds_of(at, happening->zone);

		if (start_s >= reading->span->until_s || !step(reading, &steps))
			break;
		if (start_s != happening->start_s) /* which is added by itself */
			add_at(reading, happening, start_s);
	}
}

static void follow_rule(struct reading *reading, const struct happening *happening,
			icalproperty *property)
{
	struct icalrecurrencetype rule = icalproperty_get_rrule(property);
	const int64_t entry_s = entry_of(reading, happening, &rule);
	icalrecur_iterator *iterator = NULL;

	set_until(happening, &rule);
	if (!set_end(reading, entry_s, &rule))
		return;
	/* Other calendars than the usual one take libical a thousand times as long. */
	if (!rule.rscale)
		iterator = icalrecur_iterator_new(rule, happening->start);
	if (iterator && enter(happening, entry_s, iterator)) {
		follow(reading, happening, iterator);
	} else {
		complain(reading, reading->item_line, "a rule that nobody can follow");
		reading->steps += CALENDAR_STEPS_MAX; /* it took that long to know */
	}
	if (iterator)
		icalrecur_iterator_free(iterator);
}

/* --- an event --------------------------------------------------------------------------- */

static void read_skipped(struct reading *reading, struct happening *happening)
{
	icalcomponent *component = happening->component;

	for (icalproperty *property =
		     icalcomponent_get_first_property(component, ICAL_EXDATE_PROPERTY);
	     property; property = icalcomponent_get_next_property(component,
								  ICAL_EXDATE_PROPERTY)) {
		if (happening->skipped_count == CALENDAR_SKIPPED_MAX) {
			complain(reading, reading->item_line, "too many exceptions");
			return;
		}
		happening->skipped[happening->skipped_count++] =
			seconds_of(icalproperty_get_exdate(property),
				   zone_of(reading, property));
	}
}

static void follow_rules(struct reading *reading, const struct happening *happening)
{
	icalcomponent *component = happening->component;
	size_t steps = 0;

	for (icalproperty *property =
		     icalcomponent_get_first_property(component, ICAL_RRULE_PROPERTY);
	     property;
	     property = icalcomponent_get_next_property(component, ICAL_RRULE_PROPERTY))
		follow_rule(reading, happening, property);
	for (icalproperty *property =
		     icalcomponent_get_first_property(component, ICAL_RDATE_PROPERTY);
	     property && step(reading, &steps);
	     property = icalcomponent_get_next_property(component, ICAL_RDATE_PROPERTY)) {
		const struct icaldatetimeperiodtype at = icalproperty_get_rdate(property);
		const struct icaltimetype start =
			icaltime_is_null_time(at.time) ? at.period.start : at.time;

		if (!icaltime_is_null_time(start))
			add_at(reading, happening,
			       seconds_of(start, zone_of(reading, property)));
	}
}

/* From DTEND, else DURATION, else a whole day or no time at all. */
static int64_t lasting(struct reading *reading, const struct happening *happening)
{
	icalproperty *end = icalcomponent_get_first_property(happening->component,
							     ICAL_DTEND_PROPERTY);
	icalproperty *duration = icalcomponent_get_first_property(happening->component,
								  ICAL_DURATION_PROPERTY);
	int64_t lasts_s = happening->start.is_date ? DAY_S : 0;

	if (end)
		lasts_s = seconds_of(icalproperty_get_dtend(end), zone_of(reading, end)) -
			  happening->start_s;
	else if (duration)
		lasts_s = icaldurationtype_as_int(icalproperty_get_duration(duration));
	return lasts_s < 0 ? 0 : lasts_s;
}

static void read_text(icalcomponent *component, char to[AGENDA_TEXT_BYTES])
{
	const char *text = icalcomponent_get_summary(component);
	size_t size = text ? strlen(text) : 0;

	if (size >= AGENDA_TEXT_BYTES)
		size = AGENDA_TEXT_BYTES - 1;
	while (size > 0 && text && !str_is_utf8(text, size))
		size--;
	(void)str_copy_bytes(to, AGENDA_TEXT_BYTES, text ? text : "", size);
	str_clean(to);
	str_trim(to);
}

/* It stands for another occurrence, which then is not there. */
static void read_moved(struct reading *reading, struct happening *happening)
{
	icalproperty *property =
		icalcomponent_get_first_property(happening->component,
						 ICAL_RECURRENCEID_PROPERTY);

	if (!property)
		return;
	happening->entry.is_exception = true;
	if (reading->moved_count == CALENDAR_MOVED_MAX) {
		complain(reading, reading->item_line, "too many moved occurrences");
		return;
	}
	reading->moved[reading->moved_count++] =
		(struct moved){happening->entry.series,
			       seconds_of(icalproperty_get_recurrenceid(property),
					  zone_of(reading, property))};
}

static void take_event(struct reading *reading, icalcomponent *component)
{
	static struct happening happening; /* large; one thread reads */
	icalproperty *start =
		icalcomponent_get_first_property(component, ICAL_DTSTART_PROPERTY);
	const char *uid = icalcomponent_get_uid(component);

	memset(&happening, 0, sizeof(happening));
	happening.component = component;
	if (start)
		happening.start = icalproperty_get_dtstart(start);
	if (!start || !is_time(happening.start)) {
		complain(reading, reading->item_line, "an event without a beginning");
		return;
	}
	happening.zone = zone_of(reading, start);
	happening.start_s = seconds_of(happening.start, happening.zone);
	happening.lasts_s = lasting(reading, &happening);
	happening.entry.all_day = happening.start.is_date;
	happening.entry.series = hash_of(uid ? uid : "");
	read_text(component, happening.entry.text);
	read_moved(reading, &happening);
	if (icalcomponent_get_status(component) == ICAL_STATUS_CANCELLED ||
	    !happening.entry.text[0] || happening.start_s >= reading->span->until_s)
		return;
	read_skipped(reading, &happening);
	add_at(reading, &happening, happening.start_s);
	follow_rules(reading, &happening);
}

/* --- a time zone ------------------------------------------------------------------------ */

/* Once a year, on a day that comes in all of them or nearly so. */
static bool is_yearly(const struct icalrecurrencetype *rule)
{
	const int64_t day_count = count_of(rule->by_month_day);
	bool comes = day_count == 0;

	for (int64_t i = 0; i < day_count; i++)
		comes |= abs(rule->by_month_day[i]) <= MONTH_DAYS_MIN;
	return rule->freq == ICAL_YEARLY_RECURRENCE && !rule->rscale && comes &&
	       day_count <= 7 && count_of(rule->by_month) <= 1 &&
	       count_of(rule->by_day) <= 1 &&
	       (count_of(rule->by_day) == 0 ||
		abs(icalrecurrencetype_day_position(rule->by_day[0])) <=
			(day_count > 0 ? 0 : MONTH_WEEKDAYS_MAX)) &&
	       count_of(rule->by_second) + count_of(rule->by_minute) +
			       count_of(rule->by_hour) + count_of(rule->by_year_day) +
			       count_of(rule->by_week_no) + count_of(rule->by_set_pos) ==
		       0;
}

/* Counts the rules; false: one that it cannot have. */
static bool count_changes(icalcomponent *part, size_t *count)
{
	icalproperty *start =
		icalcomponent_get_first_property(part, ICAL_DTSTART_PROPERTY);

	if (start && !is_time(icalproperty_get_dtstart(start)))
		return false;
	for (icalproperty *property =
		     icalcomponent_get_first_property(part, ICAL_RRULE_PROPERTY);
	     property;
	     property = icalcomponent_get_next_property(part, ICAL_RRULE_PROPERTY)) {
		const struct icalrecurrencetype rule = icalproperty_get_rrule(property);

		if (++*count > CALENDAR_CHANGES_MAX || !is_yearly(&rule))
			return false;
	}
	return true;
}

static bool changes_seldom(icalcomponent *zone)
{
	size_t count = 0;

	for (icalcomponent *part =
		     icalcomponent_get_first_component(zone, ICAL_ANY_COMPONENT);
	     part; part = icalcomponent_get_next_component(zone, ICAL_ANY_COMPONENT))
		if (!count_changes(part, &count))
			return false;
	return true;
}

static void take_zone(struct reading *reading, icalcomponent *component)
{
	const bool is_sound = changes_seldom(component);
	icaltimezone *zone = NULL;

	if (!is_sound || reading->zone_count == CALENDAR_ZONES_MAX) {
		complain(reading, reading->item_line,
			 is_sound ? "too many time zones"
				  : "a time zone that changes too often");
		icalcomponent_free(component);
		return;
	}
	zone = icaltimezone_new();
	if (zone && icaltimezone_set_component(zone, component)) {
		reading->zones[reading->zone_count++] = zone; /* owns the component */
		return;
	}
	complain(reading, reading->item_line, "a time zone without a name");
	icalcomponent_free(component);
	if (zone)
		icaltimezone_free(zone, 1);
}

/* --- the file --------------------------------------------------------------------------- */

static void take_item(struct reading *reading, const char *text)
{
	icalcomponent *component = icalparser_parse_string(text);

	if (!component)
		complain(reading, reading->item_line, "nothing that can be read");
	else if (icalcomponent_isa(component) == ICAL_VTIMEZONE_COMPONENT)
		take_zone(reading, component);
	else {
		if (icalcomponent_isa(component) == ICAL_VEVENT_COMPONENT)
			take_event(reading, component);
		icalcomponent_free(component);
	}
}

/* Up to the line's end, or the file's, or as much of it as is read at all. */
static void skip_line(struct reading *reading)
{
	int c = 0;

	while (c != EOF && c != '\n' && reading->bytes <= CALENDAR_FILE_BYTES) {
		c = fgetc(reading->file);
		reading->bytes++;
	}
}

/* One line with its end; a longer one is cut. False at the end. */
static bool read_line(struct reading *reading, char line[CALENDAR_LINE_BYTES])
{
	size_t size;

	if (!fgets(line, CALENDAR_LINE_BYTES, reading->file))
		return false;
	reading->line++;
	size = strlen(line);
	reading->bytes += size + 1; /* also where it is nothing but NUL */
	if (reading->bytes > CALENDAR_FILE_BYTES) {
		complain(reading, reading->line,
			 "the file is too large; the rest is left out");
		return false;
	}
	if (size + 1 < CALENDAR_LINE_BYTES || line[size - 1] == '\n')
		return true;
	complain(reading, reading->line, "a line that is too long; the rest is left out");
	skip_line(reading);
	line[size - 1] = '\n';
	return true;
}

static bool is_line(const char *line, const char *words)
{
	const size_t size = strlen(words);

	return strncasecmp(line, words, size) == 0 &&
	       line[size + strspn(line + size, " \t\r\n")] == '\0';
}

static bool may_go_on(struct reading *reading)
{
	if (++reading->events <= CALENDAR_EVENTS_MAX)
		return true;
	complain(reading, reading->item_line,
		 "too many events; this and all that follow are left out");
	return false;
}

/* Reads to the item's last line. False at the end of the file. */
static bool read_item(struct reading *reading, const char *kind, struct buf *item,
		      char line[CALENDAR_LINE_BYTES])
{
	char last[32];
	bool fits = true;

	must(str_format(last, sizeof(last), "END:%s", kind));
	do {
		if (fits && buf_add(item, line, strlen(line)))
			fits = false;
		if (is_line(line, last)) {
			if (fits)
				take_item(reading, (const char *)item->bytes);
			else
				complain(reading, reading->item_line,
					 "an event that is too large; it is left out");
			return true;
		}
	} while (read_line(reading, line));
	complain(reading, reading->item_line, "the file ends within an event");
	return false;
}

static enum err read_all(struct reading *reading)
{
	static const char *const kinds[] = {"VEVENT", "VTIMEZONE"};
	const struct calendar_span *span = reading->span;
	char line[CALENDAR_LINE_BYTES];
	struct buf item;
	bool more = true;

	buf_init(&item, CALENDAR_ITEM_BYTES);
	while (more && read_line(reading, line)) {
		reading->is_calendar = reading->is_calendar ||
				       is_line(line, "BEGIN:VCALENDAR") ||
				       is_line(line, "\xef\xbb\xbf"
						     "BEGIN:VCALENDAR");
		if (!reading->is_calendar)
			break;
		for (size_t i = 0; more && i < STR_COUNT(kinds); i++) {
			char first[32];

			must(str_format(first, sizeof(first), "BEGIN:%s", kinds[i]));
			if (!is_line(line, first))
				continue;
			reading->item_line = reading->line;
			buf_clear(&item);
			more = may_go_on(reading) &&
			       read_item(reading, kinds[i], &item, line) &&
			       reading->steps <= CALENDAR_STEPS_ALL_MAX;
		}
		if (span->go_on && !span->go_on(span->context)) {
			buf_finish(&item);
			return ERR_CLOSED;
		}
	}
	buf_finish(&item);
	return OK;
}

/* They stand behind what they replace, or before. */
static void drop_moved(const struct reading *reading)
{
	for (size_t i = 0; i < reading->moved_count; i++)
		agenda_drop(reading->agenda, reading->moved[i].series,
			    reading->moved[i].start_s);
}

static enum err read_file(const char *name, FILE *file, const struct calendar_span *span,
			  struct agenda *out_agenda, struct err_note *note)
{
	struct reading *reading = calloc(1, sizeof(*reading));
	struct agenda *agenda = calloc(1, sizeof(*agenda));
	enum err err = ERR_MEMORY;

	note->text[0] = '\0';
	if (!reading || !agenda)
		goto out;
	icalerror_set_errors_are_fatal(0);
	reading->name = name;
	reading->span = span;
	reading->agenda = agenda;
	reading->note = note;
	reading->file = file;
	err = read_all(reading);
	if (!err && ferror(file))
		err = err_say(ERR_IO, note, "%s: cannot be read", name);
	if (!err && !reading->is_calendar)
		err = err_say(ERR_FORMAT, note, "%s:1: no BEGIN:VCALENDAR", name);
	if (err)
		goto out;
	drop_moved(reading);
	*out_agenda = *agenda;
out:
	for (size_t i = 0; reading && i < reading->zone_count; i++)
		icaltimezone_free(reading->zones[i], 1);
	free(agenda);
	free(reading);
	return err;
}

enum err calendar_ical_read(const char *path, const struct calendar_span *span,
			    struct agenda *out_agenda, struct err_note *note)
{
	FILE *file = fopen(path, "re");
	enum err err;

	if (!file)
		return err_say(ERR_MISSING, note, "%s: cannot be opened", path);
	err = read_file(path, file, span, out_agenda, note);
	(void)fclose(file);
	return err;
}

enum err calendar_ical_parse(const char *name, const char *bytes, size_t size,
			     const struct calendar_span *span, struct agenda *out_agenda,
			     struct err_note *note)
{
	union {
		const char *given;
		void *wanted;
	} as = {.given = bytes};
	FILE *file = size > 0 ? fmemopen(as.wanted, size, "r") : fopen("/dev/null", "re");
	enum err err;

	if (!file)
		return err_say(ERR_MEMORY, note, "%s: no memory", name);
	err = read_file(name, file, span, out_agenda, note);
	(void)fclose(file);
	return err;
}
