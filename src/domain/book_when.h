/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book_when - when something is to ring, as it was said or typed, and what that comes to.
 *
 * Two ways: in so much time, or at a time of day. Without a half of the day it is the next of
 * the two that is still to come; on another day than today it is the morning's, but for
 * reminders from one to six, which is the afternoon. Nothing is ever set for what is over. Pure.
 */
#ifndef DOMAIN_BOOK_WHEN_H
#define DOMAIN_BOOK_WHEN_H

#include "domain/book.h"

enum book_day {
	BOOK_DAY_SUNDAY, /* the next of them, today included */
	BOOK_DAY_MONDAY,
	BOOK_DAY_TUESDAY,
	BOOK_DAY_WEDNESDAY,
	BOOK_DAY_THURSDAY,
	BOOK_DAY_FRIDAY,
	BOOK_DAY_SATURDAY,
	BOOK_DAY_NONE,
	BOOK_DAY_TODAY,
	BOOK_DAY_TONIGHT,
	BOOK_DAY_TOMORROW,
	BOOK_DAY_EVERY,
	BOOK_DAY_WEEKDAYS,
	BOOK_DAY_WEEKENDS,
	BOOK_DAY_COUNT
};

struct book_when {
	int64_t span_s; /* from now; 0: by the clock */
	int minute;     /* of the day, or of one of its halves; -1: none was said */
	bool has_half;
	enum book_day day;
	bool is_again; /* of a day of the week: on each of them */
};

/* What an action asks of the book; all zero: nothing. Which fields count depends on it. */
struct book_ask {
	enum book_kind kind;
	struct book_id id; /* of the entry that is meant */
	bool is_all;       /* of that kind, or on that list */
	struct book_when when;
	char text[BOOK_TEXT_BYTES];
	char list[BOOK_LIST_BYTES];
};

/* What nobody said anything of. */
struct book_when book_when_none(void);
bool book_day_from_text(const char *text, enum book_day *out_day); /* "every day" */
const char *book_day_text(enum book_day day);                      /* "tomorrow" */

/* "5m", "1h30m", "90s", "7:30", "7:30pm tomorrow", "weekdays 6:45". ERR_FORMAT: it is neither;
 * ERR_RANGE: a span that is none or too long. */
MUST_CHECK enum err book_when_read(const char *text, struct book_when *out_when);

/* Fills in when the entry is due. ERR_RANGE: it counts down for no time or longer than
 * BOOK_SPAN_MAX_S; ERR_MISSING: that time is over, or none was said. */
MUST_CHECK enum err book_when_set(const struct book_when *when,
				  const struct book_zone *zone, int64_t now_ms,
				  struct book_entry *entry);

#endif
