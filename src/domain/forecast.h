/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forecast - the weather of one place, now and for the days to come, as plain numbers, and
 * the bytes that it travels in between our programs.
 *
 * All numbers are whole and have limits, which forecast_is_sane holds them against: what a
 * service far away says is never believed further than that. Pure.
 */
#ifndef DOMAIN_FORECAST_H
#define DOMAIN_FORECAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"

enum {
	FORECAST_HOURS_MAX = 48,
	FORECAST_DAYS_MAX = 7,
	FORECAST_BYTES_MAX = 1024,
	FORECAST_PERCENT_UNKNOWN = 255,
	FORECAST_SECONDS_OF_HOUR = 3600,
	FORECAST_SECONDS_OF_DAY = 24 * FORECAST_SECONDS_OF_HOUR,
	/* The service is asked so often; after STALE an answer says how old it is, and after
	 * OLD there is none. */
	FORECAST_EVERY_MS = 30 * 60 * 1000,
	FORECAST_STALE_MS = 2 * 3600 * 1000,
	FORECAST_OLD_MS = 24 * 3600 * 1000,
	/* What is in sense: beyond every record that was ever measured, and no further. */
	FORECAST_CELSIUS_DECI_MIN = -950,
	FORECAST_CELSIUS_DECI_MAX = 650,
	FORECAST_RAIN_DECI_MAX = 30000, /* tenths of a millimetre */
	FORECAST_WIND_KMH_MAX = 500,
};

enum forecast_sky {
#define SKY(name, key) SKY_##name,
#include "domain/forecast.def"
#undef SKY
	SKY_COUNT
};

enum forecast_span {
#define SPAN(name, key) SPAN_##name,
#include "domain/forecast.def"
#undef SPAN
	SPAN_COUNT
};

/* Of an hour, a day, or now. */
struct forecast_row {
	uint8_t code;         /* domain/forecast.def */
	uint8_t rain_percent; /* probability; FORECAST_PERCENT_UNKNOWN */
	int32_t low_deci; /* tenths of a degree Celsius; of an hour both are the same */
	int32_t high_deci;
	uint32_t rain_deci;   /* tenths of a millimetre, melted */
	uint32_t wind_kmh;    /* the strongest */
	uint32_t sun_minutes; /* of a day; else 0 */
};

struct forecast {
	int64_t fetched_ms;    /* wall clock */
	int32_t latitude_deci; /* of the place, tenths of a degree: nobody needs more */
	int32_t longitude_deci;
	struct forecast_row now;
	int64_t first_hour_s; /* seconds since 1970; each row is an hour later */
	size_t hour_count;
	struct forecast_row hours[FORECAST_HOURS_MAX];
	int64_t first_day; /* whole days since 1970, where the place is; each row is one later */
	size_t day_count;
	struct forecast_row days[FORECAST_DAYS_MAX];
};

/* False for a code that has no row. */
bool forecast_sky_of(unsigned code, enum forecast_sky *out_sky);
const char *forecast_sky_key(enum forecast_sky sky);
const char *forecast_span_key(enum forecast_span span);
bool forecast_span_from_key(const char *key, enum forecast_span *out_span);

/* From hundredths of a degree, rounded half away from zero. */
int32_t forecast_deci_of(int32_t centi);

bool forecast_is_sane(const struct forecast *forecast);

/* Returns how many bytes; the forecast is sane. */
size_t forecast_bytes(const struct forecast *forecast, uint8_t to[FORECAST_BYTES_MAX]);
/* ERR_FORMAT: not exactly such bytes; ERR_RANGE: out of sense. */
MUST_CHECK enum err forecast_read(const uint8_t *bytes, size_t size,
				  struct forecast *out_forecast);

/* Whole days since 1970 of a date. */
int64_t forecast_day_of(const struct tm *local);

/* What a span of time will be like, seen from a local time that is at_s; of several rows the
 * worst of each. ERR_RANGE: the forecast does not reach so far. */
MUST_CHECK enum err forecast_of_span(const struct forecast *forecast,
				     enum forecast_span span, const struct tm *local,
				     int64_t at_s, struct forecast_row *out_row);

#endif
