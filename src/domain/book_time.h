/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book_time - days and times of day as people mean them, in a zone whose clocks are moved.
 *
 * The zone is a function that its caller has: how far local time is ahead of UTC at a moment.
 * Nothing here reads a clock. Days are of the Gregorian calendar. Pure.
 *
 * A time of day that is skipped when clocks go forward is the moment of the skip; one that
 * comes twice when they go back is its first. Of two such moves within two days of each other,
 * which no zone makes, one may be overlooked.
 */
#ifndef DOMAIN_BOOK_TIME_H
#define DOMAIN_BOOK_TIME_H

#include <stdint.h>

enum {
	BOOK_MINUTES_OF_DAY = 24 * 60,
	BOOK_YEAR_MIN = 1970,
	BOOK_YEAR_MAX = 9999,
};

struct book_zone {
	/* Seconds that local time is ahead of UTC at that moment; within a day. */
	int64_t (*offset_s)(void *context, int64_t utc_s);
	void *context;
};

struct book_date {
	int year;
	int month; /* 1..12 */
	int day;   /* 1..31 */
};

struct book_local {
	struct book_date date;
	int weekday; /* 0..6 from Sunday */
	int minute;  /* of the day */
	int second;
};

/* Since 1970-01-01; the date need not exist: February 30 is March 1 or 2. */
int64_t book_day_number(struct book_date date);
struct book_date book_date_of_day(int64_t day_number);
int book_weekday_of_day(int64_t day_number);

struct book_local book_local_of(const struct book_zone *zone, int64_t utc_s);
/* The moment of that day at which local time is so many minutes into it. */
int64_t book_utc_of(const struct book_zone *zone, struct book_date date, int minute);

#endif
