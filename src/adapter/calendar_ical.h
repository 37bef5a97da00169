/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar_ical - what is on within a span of time, from an iCalendar file (RFC 5545).
 *
 * Read as a stream, one event in memory at a time. Repetitions are only followed within the
 * span. What is not understood is left out, and the first of it is told with its line.
 * libical keeps state of its own: one thread at a time reads.
 */
#ifndef ADAPTER_CALENDAR_ICAL_H
#define ADAPTER_CALENDAR_ICAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/agenda.h"

enum {
	CALENDAR_LINE_BYTES = 8 * 1024,
	CALENDAR_ITEM_BYTES = 64 * 1024, /* an event, a time zone */
	CALENDAR_FILE_BYTES = 64 * 1024 * 1024,
	CALENDAR_EVENTS_MAX = 20000,
	CALENDAR_ZONES_MAX = 32,
	CALENDAR_CHANGES_MAX = 64, /* rules of one zone, by which its clock changes */
	CALENDAR_STEPS_MAX = 4000, /* occurrences that are looked at, of an event */
	CALENDAR_STEPS_ALL_MAX = 500000, /* and of all */
	/* Instants at which a rule is looked at for whether it holds then; four are a step. */
	CALENDAR_LOOKS_MAX = 40000,
	CALENDAR_SKIPPED_MAX = 256, /* exceptions of one event */
	CALENDAR_MOVED_MAX = 1024,  /* occurrences that were moved, of all */
};

struct calendar_span {
	int64_t from_s;
	int64_t until_s;
	/* NULL, or asked between events: false ends the reading with ERR_CLOSED. */
	bool (*go_on)(void *context);
	void *context;
};

/* OK with what there is, also where note tells what was left out (it is "" where nothing
 * was). ERR_MISSING, ERR_IO: the file cannot be read. ERR_FORMAT: it is no calendar. */
MUST_CHECK enum err calendar_ical_read(const char *path, const struct calendar_span *span,
				       struct agenda *out_agenda, struct err_note *note);

/* The same of bytes that are there; name stands for the path. */
MUST_CHECK enum err calendar_ical_parse(const char *name, const char *bytes, size_t size,
					const struct calendar_span *span,
					struct agenda *out_agenda, struct err_note *note);

#endif
