/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar_ical - cuts a file into events and time zones, and has libical read each alone.
 *
 * libical would take a whole calendar into memory, and repeat without end: here it is given
 * one item of bounded size, and its repetitions are counted. Floating times and whole days
 * are the house's own (TZ). Invariants: the first trouble is told, and only it; every
 * occurrence counts against a limit before it is looked at.
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

enum { DAY_S = 24 * 3600 };

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

static int64_t seconds_of(struct icaltimetype time, const icaltimezone *zone)
{
	union {
		const icaltimezone *given;
		icaltimezone *wanted;
	} as = {.given = zone};

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

/* A rule without a count can be entered late; so it does not matter how old it is. */
static void enter_late(struct reading *reading, const struct happening *happening,
		       struct icalrecurrencetype rule, icalrecur_iterator *iterator)
{
	const int64_t from_s = reading->span->from_s - happening->lasts_s - 2 * DAY_S;
	struct icaltimetype from;

	if (rule.count > 0 || from_s <= happening->start_s)
		return;
	from = icaltime_from_timet_with_zone((time_t)from_s, 0, NULL);
	from.is_date = happening->start.is_date;
	(void)icalrecur_iterator_set_start(iterator, from);
}

static void follow_rule(struct reading *reading, const struct happening *happening,
			icalproperty *property)
{
	const struct icalrecurrencetype rule = icalproperty_get_rrule(property);
	icalrecur_iterator *iterator = icalrecur_iterator_new(rule, happening->start);
	size_t steps = 0;

	if (!iterator) {
		complain(reading, reading->item_line, "a rule that nobody can follow");
		return;
	}
	enter_late(reading, happening, rule, iterator);
	for (struct icaltimetype at = icalrecur_iterator_next(iterator);
	     !icaltime_is_null_time(at); at = icalrecur_iterator_next(iterator)) {
		const int64_t start_s = seconds_of(at, happening->zone);

		if (start_s >= reading->span->until_s || !step(reading, &steps))
			break;
		if (start_s != happening->start_s) /* which is added by itself */
			add_at(reading, happening, start_s);
	}
	icalrecur_iterator_free(iterator);
}

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

/* libical takes the 99th of the 99th. */
static bool is_time(struct icaltimetype time)
{
	return time.year >= 1900 && time.month >= 1 && time.month <= 12 &&
	       time.day >= 1 && time.day <= 31 && time.hour >= 0 && time.hour <= 23 &&
	       time.minute >= 0 && time.minute <= 59 && time.second >= 0 &&
	       time.second <= 60;
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
	    !happening.entry.text[0])
		return;
	read_skipped(reading, &happening);
	add_at(reading, &happening, happening.start_s);
	follow_rules(reading, &happening);
}

static void take_zone(struct reading *reading, icalcomponent *component)
{
	icaltimezone *zone = NULL;

	if (reading->zone_count == CALENDAR_ZONES_MAX) {
		complain(reading, reading->item_line, "too many time zones");
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

/* One line with its end; a longer one is cut. False at the end. */
static bool read_line(struct reading *reading, char line[CALENDAR_LINE_BYTES])
{
	size_t size;
	int c;

	if (!fgets(line, CALENDAR_LINE_BYTES, reading->file))
		return false;
	reading->line++;
	size = strlen(line);
	if (size + 1 < CALENDAR_LINE_BYTES || line[size - 1] == '\n')
		return true;
	complain(reading, reading->line, "a line that is too long; the rest is left out");
	do
		c = fgetc(reading->file);
	while (c != EOF && c != '\n');
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
