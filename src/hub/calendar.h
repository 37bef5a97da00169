/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar - the household's calendar file, read on a thread of its own.
 *
 * Looks every CALENDAR_LOOK_MS whether the file is another, and reads it anew then, and
 * once a day because the span moves on. Nothing waits for it.
 */
#ifndef HUB_CALENDAR_H
#define HUB_CALENDAR_H

#include "base/err.h"
#include "domain/agenda.h"

struct calendar;

enum { CALENDAR_LOOK_MS = 2000, CALENDAR_DAYS = 400 };

/* path is copied. ERR_MEMORY, ERR_LIMIT: no thread. */
MUST_CHECK enum err calendar_create(const char *path, struct calendar **out_calendar);
/* Waits for the thread, which stops between two events. NULL is fine. */
void calendar_destroy(struct calendar *calendar);

/* The newest; borrowed until the next call. NULL: none was read yet, or the file is gone.
 * From one thread. */
const struct agenda *calendar_newest(struct calendar *calendar);

#endif
