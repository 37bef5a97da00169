/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book_time - see the header.
 *
 * Invariant: book_utc_of gives the same moment for the same day, minute and zone, whenever it
 * is asked: an alarm does not wander while it is waited for.
 */
#include "domain/book_time.h"

enum {
	DAY_S = 24 * 60 * 60,
	MINUTE_S = 60,
	DAYS_OF_ERA = 146097,  /* 400 years */
	DAYS_TO_1970 = 719468, /* from 0000-03-01 */
	THURSDAY = 4,          /* 1970-01-01 was one */
};

static int64_t floor_div(int64_t number, int64_t by)
{
	const int64_t quotient = number / by;

	return number % by < 0 ? quotient - 1 : quotient;
}

/* Years that begin in March have their odd day at their end. */
int64_t book_day_number(struct book_date date)
{
	const int64_t year = date.month <= 2 ? date.year - 1 : date.year;
	const int64_t era = floor_div(year, 400);
	const int64_t of_era = year - era * 400;
	const int64_t month = (date.month + 9) % 12;
	const int64_t of_year = (153 * month + 2) / 5 + date.day - 1;

	return era * DAYS_OF_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
	       DAYS_TO_1970;
}

struct book_date book_date_of_day(int64_t day_number)
{
	const int64_t days = day_number + DAYS_TO_1970;
	const int64_t era = floor_div(days, DAYS_OF_ERA);
	const int64_t of_era = days - era * DAYS_OF_ERA;
	const int64_t year =
		(of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	const int64_t month = (5 * of_year + 2) / 153;
	const int64_t of_calendar = month < 10 ? month + 3 : month - 9;

	return (struct book_date){
		.year = (int)(year + era * 400 + (of_calendar <= 2)),
		.month = (int)of_calendar,
		.day = (int)(of_year - (153 * month + 2) / 5 + 1),
	};
}

int book_weekday_of_day(int64_t day_number)
{
	const int64_t shifted = day_number + THURSDAY;

	return (int)(shifted - floor_div(shifted, 7) * 7);
}

static int64_t offset_at(const struct book_zone *zone, int64_t utc_s)
{
	return zone->offset_s(zone->context, utc_s);
}

struct book_local book_local_of(const struct book_zone *zone, int64_t utc_s)
{
	const int64_t local_s = utc_s + offset_at(zone, utc_s);
	const int64_t day = floor_div(local_s, DAY_S);
	const int64_t of_day = local_s - day * DAY_S;

	return (struct book_local){
		.date = book_date_of_day(day),
		.weekday = book_weekday_of_day(day),
		.minute = (int)(of_day / MINUTE_S),
		.second = (int)(of_day % MINUTE_S),
	};
}

/* The first moment behind `before` at which local time is ahead by another offset; there is
 * one up to `after`. */
static int64_t move_between(const struct book_zone *zone, int64_t before, int64_t after)
{
	const int64_t was = offset_at(zone, before);

	while (after - before > 1) {
		const int64_t middle = before + (after - before) / 2;

		if (offset_at(zone, middle) == was)
			before = middle;
		else
			after = middle;
	}
	return after;
}

int64_t book_utc_of(const struct book_zone *zone, struct book_date date, int minute)
{
	const int64_t wanted = book_day_number(date) * DAY_S + (int64_t)minute * MINUTE_S;
	const int64_t before = offset_at(zone, wanted - DAY_S);
	const int64_t after = offset_at(zone, wanted + DAY_S);
	const int64_t first = wanted - (before > after ? before : after);
	const int64_t second = wanted - (before > after ? after : before);

	if (offset_at(zone, first) == wanted - first)
		return first;
	if (offset_at(zone, second) == wanted - second)
		return second;
	return move_between(zone, wanted - DAY_S, wanted + DAY_S);
}
