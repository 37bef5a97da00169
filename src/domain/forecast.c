/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forecast - see the header.
 *
 * Knows nothing of the service that the numbers came from, and has no words. Invariant:
 * what forecast_read lets through is sane.
 */
#include "domain/forecast.h"

#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"

enum {
	FORM = 1,
	CODE_MAX = 99,
	CELSIUS_BIAS = 10000, /* so that tenths of degrees are no negative number */
	DEGREES_BIAS = 10000,
	LATITUDE_DECI_MAX = 900,
	LONGITUDE_DECI_MAX = 1800,
	MINUTES_OF_DAY = 24 * 60,
	CENTI_OF_DECI = 10,
	MORNING_HOUR = 6,
	NOON_HOUR = 12,
	EVENING_HOUR = 18,
	DAYS_OF_WEEK = 7,
	SATURDAY_WEEKDAY = 6,
};

static const char *const SKY_KEYS[SKY_COUNT] = {
#define SKY(name, key) [SKY_##name] = key,
#include "domain/forecast.def"
#undef SKY
};

static const char *const SPAN_KEYS[SPAN_COUNT] = {
#define SPAN(name, key) [SPAN_##name] = key,
#include "domain/forecast.def"
#undef SPAN
};

static const struct {
	unsigned code;
	enum forecast_sky sky;
} CODES[] = {
#define CODE(number, sky) {number, SKY_##sky},
#include "domain/forecast.def"
#undef CODE
};

bool forecast_sky_of(unsigned code, enum forecast_sky *out_sky)
{
	for (size_t i = 0; i < STR_COUNT(CODES); i++) {
		if (CODES[i].code != code)
			continue;
		*out_sky = CODES[i].sky;
		return true;
	}
	return false;
}

const char *forecast_sky_key(enum forecast_sky sky)
{
	must(sky < SKY_COUNT);
	return SKY_KEYS[sky];
}

const char *forecast_span_key(enum forecast_span span)
{
	must(span < SPAN_COUNT);
	return SPAN_KEYS[span];
}

bool forecast_span_from_key(const char *key, enum forecast_span *out_span)
{
	for (size_t i = 0; i < SPAN_COUNT; i++) {
		if (!str_equal(SPAN_KEYS[i], key))
			continue;
		*out_span = (enum forecast_span)i;
		return true;
	}
	return false;
}

int32_t forecast_deci_of(int32_t centi)
{
	const int32_t half = centi < 0 ? -CENTI_OF_DECI / 2 : CENTI_OF_DECI / 2;

	return (centi + half) / CENTI_OF_DECI;
}

/* --- sense ------------------------------------------------------------------------------ */

static bool is_within(int64_t value, int64_t smallest, int64_t largest)
{
	return value >= smallest && value <= largest;
}

static bool row_is_sane(const struct forecast_row *row)
{
	enum forecast_sky sky;

	return forecast_sky_of(row->code, &sky) &&
	       (row->rain_percent <= 100 ||
		row->rain_percent == FORECAST_PERCENT_UNKNOWN) &&
	       is_within(row->low_deci, FORECAST_CELSIUS_DECI_MIN,
			 FORECAST_CELSIUS_DECI_MAX) &&
	       is_within(row->high_deci, row->low_deci, FORECAST_CELSIUS_DECI_MAX) &&
	       row->rain_deci <= FORECAST_RAIN_DECI_MAX &&
	       row->wind_kmh <= FORECAST_WIND_KMH_MAX &&
	       row->sun_minutes <= MINUTES_OF_DAY;
}

static bool rows_are_sane(const struct forecast_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!row_is_sane(&rows[i]))
			return false;
	return true;
}

bool forecast_is_sane(const struct forecast *forecast)
{
	/* 1970 to 9999: what a calendar can say. */
	const int64_t last_day = INT64_C(2932896);

	return forecast->hour_count <= FORECAST_HOURS_MAX && forecast->day_count >= 1 &&
	       forecast->day_count <= FORECAST_DAYS_MAX &&
	       is_within(forecast->fetched_ms, 0,
			 last_day * FORECAST_SECONDS_OF_DAY * 1000) &&
	       is_within(forecast->first_hour_s, 0, last_day * FORECAST_SECONDS_OF_DAY) &&
	       is_within(forecast->first_day, 0, last_day) &&
	       is_within(forecast->latitude_deci, -LATITUDE_DECI_MAX,
			 LATITUDE_DECI_MAX) &&
	       is_within(forecast->longitude_deci, -LONGITUDE_DECI_MAX,
			 LONGITUDE_DECI_MAX) &&
	       row_is_sane(&forecast->now) &&
	       rows_are_sane(forecast->hours, forecast->hour_count) &&
	       rows_are_sane(forecast->days, forecast->day_count);
}

/* --- bytes ------------------------------------------------------------------------------ */

static void pack_row(struct pack *pack, const struct forecast_row *row, bool is_day)
{
	pack_u8(pack, row->code);
	pack_u8(pack, row->rain_percent);
	pack_u32(pack, (uint32_t)(row->low_deci + CELSIUS_BIAS));
	if (is_day)
		pack_u32(pack, (uint32_t)(row->high_deci + CELSIUS_BIAS));
	pack_u32(pack, row->rain_deci);
	pack_u32(pack, row->wind_kmh);
	if (is_day)
		pack_u32(pack, row->sun_minutes);
}

size_t forecast_bytes(const struct forecast *forecast, uint8_t to[FORECAST_BYTES_MAX])
{
	struct pack pack;

	must(forecast_is_sane(forecast));
	pack_init(&pack, to, FORECAST_BYTES_MAX);
	pack_u8(&pack, FORM);
	pack_i64(&pack, forecast->fetched_ms);
	pack_u32(&pack, (uint32_t)(forecast->latitude_deci + DEGREES_BIAS));
	pack_u32(&pack, (uint32_t)(forecast->longitude_deci + DEGREES_BIAS));
	pack_row(&pack, &forecast->now, false);
	pack_i64(&pack, forecast->first_hour_s);
	pack_u8(&pack, (uint8_t)forecast->hour_count);
	for (size_t i = 0; i < forecast->hour_count; i++)
		pack_row(&pack, &forecast->hours[i], false);
	pack_i64(&pack, forecast->first_day);
	pack_u8(&pack, (uint8_t)forecast->day_count);
	for (size_t i = 0; i < forecast->day_count; i++)
		pack_row(&pack, &forecast->days[i], true);
	must(pack_is_whole(&pack));
	return pack.size;
}

/* Beyond what any field may be, whatever was biased; is_sane says no to it. */
static int32_t unbiased(uint32_t value, int32_t bias)
{
	return value > INT32_MAX ? INT32_MAX : (int32_t)value - bias;
}

static void unpack_row(struct unpack *unpack, struct forecast_row *row, bool is_day)
{
	row->code = unpack_u8(unpack);
	row->rain_percent = unpack_u8(unpack);
	row->low_deci = unbiased(unpack_u32(unpack), CELSIUS_BIAS);
	row->high_deci =
		is_day ? unbiased(unpack_u32(unpack), CELSIUS_BIAS) : row->low_deci;
	row->rain_deci = unpack_u32(unpack);
	row->wind_kmh = unpack_u32(unpack);
	row->sun_minutes = is_day ? unpack_u32(unpack) : 0;
}

/* Returns how many rows; more than fit are a format of its own, which is none. */
static size_t unpack_rows(struct unpack *unpack, struct forecast_row *rows,
			  size_t count_max, bool is_day)
{
	const size_t count = unpack_u8(unpack);

	for (size_t i = 0; i < count && i < count_max; i++)
		unpack_row(unpack, &rows[i], is_day);
	return count;
}

enum err forecast_read(const uint8_t *bytes, size_t size, struct forecast *out_forecast)
{
	struct forecast read = {.fetched_ms = 0};
	struct unpack unpack;

	unpack_init(&unpack, bytes, size);
	if (unpack_u8(&unpack) != FORM)
		return ERR_FORMAT;
	read.fetched_ms = unpack_i64(&unpack);
	read.latitude_deci = unbiased(unpack_u32(&unpack), DEGREES_BIAS);
	read.longitude_deci = unbiased(unpack_u32(&unpack), DEGREES_BIAS);
	unpack_row(&unpack, &read.now, false);
	read.first_hour_s = unpack_i64(&unpack);
	read.hour_count = unpack_rows(&unpack, read.hours, FORECAST_HOURS_MAX, false);
	read.first_day = unpack_i64(&unpack);
	read.day_count = unpack_rows(&unpack, read.days, FORECAST_DAYS_MAX, true);
	if (!unpack_is_whole(&unpack))
		return ERR_FORMAT;
	if (!forecast_is_sane(&read))
		return ERR_RANGE;
	*out_forecast = read;
	return OK;
}

/* --- of a time -------------------------------------------------------------------------- */

/* By the rule of the calendar: years begin in March here, so that the day that some have
 * more comes last. */
int64_t forecast_day_of(const struct tm *local)
{
	const int64_t month = local->tm_mon < 2 ? local->tm_mon + 10 : local->tm_mon - 2;
	const int64_t year = 1900 + (int64_t)local->tm_year - (local->tm_mon < 2 ? 1 : 0);
	const int64_t days_of_months = (153 * month + 2) / 5;

	return 365 * year + year / 4 - year / 100 + year / 400 + days_of_months +
	       local->tm_mday - 719469;
}

static uint8_t worse_percent(uint8_t one, uint8_t other)
{
	if (one == FORECAST_PERCENT_UNKNOWN || other == FORECAST_PERCENT_UNKNOWN)
		return one == FORECAST_PERCENT_UNKNOWN ? other : one;
	return one > other ? one : other;
}

static void add_row(struct forecast_row *to, const struct forecast_row *row)
{
	enum forecast_sky was = SKY_CLEAR;
	enum forecast_sky is = SKY_CLEAR;

	must(forecast_sky_of(to->code, &was) && forecast_sky_of(row->code, &is));
	if (is > was)
		to->code = row->code;
	to->rain_percent = worse_percent(to->rain_percent, row->rain_percent);
	if (row->low_deci < to->low_deci)
		to->low_deci = row->low_deci;
	if (row->high_deci > to->high_deci)
		to->high_deci = row->high_deci;
	to->rain_deci += row->rain_deci;
	if (row->wind_kmh > to->wind_kmh)
		to->wind_kmh = row->wind_kmh;
	to->sun_minutes += row->sun_minutes;
}

/* Those of rows[first..last], both included, that there are. */
static enum err sum_up(const struct forecast_row *rows, size_t count, int64_t first,
		       int64_t last, struct forecast_row *out_row)
{
	struct forecast_row sum = {.code = 0};
	bool is_begun = false;

	for (int64_t i = first < 0 ? 0 : first; i <= last && i < (int64_t)count; i++) {
		if (is_begun)
			add_row(&sum, &rows[i]);
		else
			sum = rows[i];
		is_begun = true;
	}
	if (!is_begun)
		return ERR_RANGE;
	*out_row = sum;
	return OK;
}

/* Days from today on; the first of them has to be there. */
static enum err of_days(const struct forecast *forecast, int64_t today, int64_t first,
			int64_t last, struct forecast_row *out_row)
{
	const int64_t at = today + first - forecast->first_day;

	if (at < 0 || at >= (int64_t)forecast->day_count)
		return ERR_RANGE;
	return sum_up(forecast->days, forecast->day_count, at, at + last - first,
		      out_row);
}

/* Hours of today from..to, those that are over left out. */
static enum err of_hours(const struct forecast *forecast, const struct tm *local,
			 int64_t at_s, int64_t from_hour, int64_t to_hour,
			 struct forecast_row *out_row)
{
	const int64_t begun_s = at_s - local->tm_min * 60 - local->tm_sec;
	const int64_t hour = local->tm_hour;
	const int64_t now_at =
		(begun_s - forecast->first_hour_s) / FORECAST_SECONDS_OF_HOUR;

	return sum_up(forecast->hours, forecast->hour_count,
		      now_at + (from_hour > hour ? from_hour - hour : 0),
		      now_at + to_hour - 1 - hour, out_row);
}

/* Without hours, or when they are over, the day as a whole. */
static enum err of_part(const struct forecast *forecast, const struct tm *local,
			int64_t at_s, int64_t from_hour, int64_t to_hour,
			struct forecast_row *out_row)
{
	const enum err err = of_hours(forecast, local, at_s, from_hour, to_hour, out_row);

	return err ? of_days(forecast, forecast_day_of(local), 0, 0, out_row) : OK;
}

/* How many days from today; the weekday that it is, is today. */
static int64_t days_until(int weekday, const struct tm *local)
{
	return (weekday - local->tm_wday + DAYS_OF_WEEK) % DAYS_OF_WEEK;
}

/* Tonight lasts until six; past midnight it is the night that is going on. */
static enum err of_night(const struct forecast *forecast, const struct tm *local,
			 int64_t at_s, struct forecast_row *out_row)
{
	const int64_t from = local->tm_hour < MORNING_HOUR ? 0 : EVENING_HOUR;
	const int64_t to =
		local->tm_hour < MORNING_HOUR ? MORNING_HOUR : 24 + MORNING_HOUR;

	return of_part(forecast, local, at_s, from, to, out_row);
}

enum err forecast_of_span(const struct forecast *forecast, enum forecast_span span,
			  const struct tm *local, int64_t at_s,
			  struct forecast_row *out_row)
{
	const int64_t today = forecast_day_of(local);
	const int64_t saturday =
		local->tm_wday == 0 ? -1 : days_until(SATURDAY_WEEKDAY, local);

	switch (span) {
	case SPAN_NOW:
		*out_row = forecast->now;
		return OK;
	case SPAN_TODAY:
		return of_days(forecast, today, 0, 0, out_row);
	case SPAN_TONIGHT:
		return of_night(forecast, local, at_s, out_row);
	case SPAN_MORNING:
		return of_part(forecast, local, at_s, MORNING_HOUR, NOON_HOUR, out_row);
	case SPAN_AFTERNOON:
		return of_part(forecast, local, at_s, NOON_HOUR, EVENING_HOUR, out_row);
	case SPAN_TOMORROW:
		return of_days(forecast, today, 1, 1, out_row);
	case SPAN_AFTER_TOMORROW:
		return of_days(forecast, today, 2, 2, out_row);
	case SPAN_SUNDAY:
	case SPAN_MONDAY:
	case SPAN_TUESDAY:
	case SPAN_WEDNESDAY:
	case SPAN_THURSDAY:
	case SPAN_FRIDAY:
	case SPAN_SATURDAY: {
		const int64_t ahead = days_until((int)(span - SPAN_SUNDAY), local);

		return of_days(forecast, today, ahead, ahead, out_row);
	}
	case SPAN_WEEKEND:
		return of_days(forecast, today, saturday < 0 ? 0 : saturday, saturday + 1,
			       out_row);
	case SPAN_WEEK:
		return of_days(forecast, today, 0, FORECAST_DAYS_MAX - 1, out_row);
	case SPAN_LATER:
	case SPAN_COUNT:
		break;
	}
	return ERR_RANGE;
}
