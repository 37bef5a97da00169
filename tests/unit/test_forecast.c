/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forecast: days of the calendar, spans of time, what is in sense, and its bytes there and
 * back.
 */
#include "cmocka_all.h"

#include <string.h>

#include "domain/forecast.h"

enum { HOUR = FORECAST_SECONDS_OF_HOUR };

/* Wednesday 2026-11-25, 14:30 UTC, when the sample was fetched at 14:00. */
static const int64_t NOON_DAY = 20782;
static const int64_t AT_S = INT64_C(20782) * 86400 + 14 * HOUR + 1800;

static struct tm local_of(int64_t at_s)
{
	const time_t seconds = (time_t)at_s;
	struct tm local;

	assert_non_null(gmtime_r(&seconds, &local));
	return local;
}

/* Each hour a degree warmer than the one before; each day has a code of its own. */
static struct forecast sample(void)
{
	static const uint8_t codes[] = {0, 61, 3, 71, 95, 2, 45};
	struct forecast forecast = {
		.fetched_ms = AT_S * 1000,
		.latitude_deci = -337,
		.longitude_deci = 1512,
		.now = {.code = 3,
			.rain_percent = FORECAST_PERCENT_UNKNOWN,
			.low_deci = -15,
			.high_deci = -15,
			.wind_kmh = 20},
		.first_hour_s = AT_S - 1800,
		.hour_count = FORECAST_HOURS_MAX,
		.first_day = NOON_DAY,
		.day_count = FORECAST_DAYS_MAX,
	};

	for (size_t i = 0; i < FORECAST_HOURS_MAX; i++)
		forecast.hours[i] = (struct forecast_row){
			.code = 2,
			.rain_percent = (uint8_t)i,
			.low_deci = (int32_t)i * 10,
			.high_deci = (int32_t)i * 10,
			.rain_deci = 1,
			.wind_kmh = (uint32_t)i,
		};
	for (size_t i = 0; i < FORECAST_DAYS_MAX; i++)
		forecast.days[i] = (struct forecast_row){
			.code = codes[i],
			.rain_percent = (uint8_t)(10 * i),
			.low_deci = (int32_t)i * 10,
			.high_deci = (int32_t)i * 10 + 50,
			.rain_deci = (uint32_t)i,
			.wind_kmh = (uint32_t)(10 * i),
			.sun_minutes = 60,
		};
	return forecast;
}

static void days_are_those_of_the_calendar(void **state)
{
	(void)state;
	/* Every day of four hundred years, as the C library counts them. */
	for (int64_t day = 0; day < 146097; day++) {
		const struct tm local = local_of(day * 86400 + 43200);

		assert_true(forecast_day_of(&local) == day);
	}
}

static void rounds_a_place(void **state)
{
	(void)state;
	assert_int_equal(forecast_deci_of(5254), 525);
	assert_int_equal(forecast_deci_of(5255), 526);
	assert_int_equal(forecast_deci_of(-5254), -525);
	assert_int_equal(forecast_deci_of(-5255), -526);
	assert_int_equal(forecast_deci_of(0), 0);
}

static struct forecast_row of(enum forecast_span span, int64_t at_s)
{
	const struct forecast forecast = sample();
	const struct tm local = local_of(at_s);
	struct forecast_row row;

	assert_int_equal(forecast_of_span(&forecast, span, &local, at_s, &row), OK);
	return row;
}

static void refuses(enum forecast_span span, int64_t at_s)
{
	const struct forecast forecast = sample();
	const struct tm local = local_of(at_s);
	struct forecast_row row;

	assert_int_equal(forecast_of_span(&forecast, span, &local, at_s, &row),
			 ERR_RANGE);
}

static void finds_each_day(void **state)
{
	(void)state;
	assert_int_equal(of(SPAN_NOW, AT_S).low_deci, -15);
	assert_int_equal(of(SPAN_TODAY, AT_S).code, 0);
	assert_int_equal(of(SPAN_TOMORROW, AT_S).code, 61);
	assert_int_equal(of(SPAN_AFTER_TOMORROW, AT_S).code, 3);
	assert_int_equal(of(SPAN_WEDNESDAY, AT_S).code, 0); /* it is Wednesday */
	assert_int_equal(of(SPAN_THURSDAY, AT_S).code, 61);
	assert_int_equal(of(SPAN_SUNDAY, AT_S).code, 95);
	assert_int_equal(of(SPAN_TUESDAY, AT_S).code, 45);
}

/* Hours 18:00 to 06:00 are rows 4 to 15 of those from 14:00 on. */
static void sums_up_parts_of_days(void **state)
{
	struct forecast_row row = of(SPAN_TONIGHT, AT_S);

	(void)state;
	assert_int_equal(row.low_deci, 40);
	assert_int_equal(row.high_deci, 150);
	assert_int_equal(row.rain_percent, 15);
	assert_int_equal(row.rain_deci, 12);
	row = of(SPAN_AFTERNOON, AT_S); /* 14:00 to 18:00: what is over is not told */
	assert_int_equal(row.low_deci, 0);
	assert_int_equal(row.high_deci, 30);
	/* The morning is over: the day as a whole. */
	assert_int_equal(of(SPAN_MORNING, AT_S).high_deci, 50);
	/* At half past two in the night, tonight ends at six. */
	row = of(SPAN_TONIGHT, AT_S + 12 * HOUR);
	assert_int_equal(row.low_deci, 120);
	assert_int_equal(row.high_deci, 150);
}

static void sums_up_days(void **state)
{
	struct forecast_row row = of(SPAN_WEEKEND, AT_S);

	(void)state;
	assert_int_equal(row.code, 95); /* the worse of both */
	assert_int_equal(row.low_deci, 30);
	assert_int_equal(row.high_deci, 90);
	assert_int_equal(row.rain_percent, 40);
	assert_int_equal(row.wind_kmh, 40);
	assert_int_equal(of(SPAN_WEEK, AT_S).high_deci, 110);
	/* On Saturday it is both days, on Sunday that one. */
	assert_int_equal(of(SPAN_WEEKEND, AT_S + 3 * 86400).code, 95);
	row = of(SPAN_WEEKEND, AT_S + 4 * 86400);
	assert_int_equal(row.low_deci, 40);
	assert_int_equal(row.high_deci, 90);
}

static void says_where_it_ends(void **state)
{
	(void)state;
	refuses(SPAN_LATER, AT_S);
	refuses(SPAN_TODAY, AT_S + 7 * 86400);
	refuses(SPAN_TODAY, AT_S - 86400);
	refuses(SPAN_TOMORROW, AT_S + 6 * 86400);
	refuses(SPAN_SUNDAY, AT_S + 5 * 86400); /* that of next week */
	assert_int_equal(of(SPAN_TODAY, AT_S + 6 * 86400).code, 45);
}

static void goes_there_and_back(void **state)
{
	const struct forecast forecast = sample();
	struct forecast back = {.fetched_ms = 0};
	uint8_t bytes[FORECAST_BYTES_MAX];
	uint8_t again[FORECAST_BYTES_MAX];
	const size_t size = forecast_bytes(&forecast, bytes);

	(void)state;
	assert_int_equal(forecast_read(bytes, size, &back), OK);
	assert_true(back.fetched_ms == forecast.fetched_ms);
	assert_int_equal(back.latitude_deci, -337);
	assert_int_equal(back.days[6].high_deci, 110);
	assert_int_equal(back.hours[47].wind_kmh, 47);
	assert_int_equal(forecast_bytes(&back, again), size);
	assert_memory_equal(bytes, again, size);
	for (size_t cut = 0; cut < size; cut++)
		assert_int_equal(forecast_read(bytes, cut, &back), ERR_FORMAT);
	assert_int_equal(forecast_read(bytes, size + 1, &back), ERR_FORMAT);
}

/* Each of these alone makes it senseless. */
static void holds_limits(void **state)
{
	struct forecast forecast = sample();

	(void)state;
	assert_true(forecast_is_sane(&forecast));
#define SENSELESS(change)                                  \
	do {                                               \
		forecast = sample();                       \
		change;                                    \
		assert_false(forecast_is_sane(&forecast)); \
	} while (0)
	SENSELESS(forecast.now.code = 4);
	SENSELESS(forecast.hours[47].code = 100);
	SENSELESS(forecast.days[6].rain_percent = 101);
	SENSELESS(forecast.days[0].high_deci = forecast.days[0].low_deci - 1);
	SENSELESS(forecast.now.low_deci = FORECAST_CELSIUS_DECI_MIN - 1);
	SENSELESS(forecast.days[2].high_deci = FORECAST_CELSIUS_DECI_MAX + 1);
	SENSELESS(forecast.now.rain_deci = FORECAST_RAIN_DECI_MAX + 1);
	SENSELESS(forecast.now.wind_kmh = FORECAST_WIND_KMH_MAX + 1);
	SENSELESS(forecast.days[1].sun_minutes = 24 * 60 + 1);
	SENSELESS(forecast.day_count = 0);
	SENSELESS(forecast.day_count = FORECAST_DAYS_MAX + 1);
	SENSELESS(forecast.hour_count = FORECAST_HOURS_MAX + 1);
	SENSELESS(forecast.fetched_ms = -1);
	SENSELESS(forecast.first_day = INT64_MAX);
	SENSELESS(forecast.first_hour_s = INT64_MAX);
	SENSELESS(forecast.latitude_deci = 901);
	SENSELESS(forecast.longitude_deci = -1801);
#undef SENSELESS
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_are_those_of_the_calendar),
		cmocka_unit_test(rounds_a_place),
		cmocka_unit_test(finds_each_day),
		cmocka_unit_test(sums_up_parts_of_days),
		cmocka_unit_test(sums_up_days),
		cmocka_unit_test(says_where_it_ends),
		cmocka_unit_test(goes_there_and_back),
		cmocka_unit_test(holds_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
