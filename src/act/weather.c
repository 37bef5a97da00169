/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weather - answers from the newest forecast that the house has.
 *
 * Nothing is fetched because somebody asks (gate/forecasts.h says why): what there is is
 * told, with its age once it is old, and honestly refused where it does not reach. The days
 * and hours are those of the house's own clock (TZ).
 */
#include <math.h>
#include <time.h>

#include "act/actions.h"
#include "base/must.h"
#include "base/str.h"

enum {
	PERCENT_LIKELY = 60,
	PERCENT_MAYBE = 30,
	PERCENT_SAID = 20, /* less is not worth a word in the weather of a day */
	MINUTES_OF_HOUR = 60,
	MS_OF_HOUR = 3600 * 1000,
	MS_OF_SECOND = 1000,
	DECI = 10,
	LIKELY_DECI = 10, /* a millimetre, where the probability is not known */
};

/* What is answered from. */
struct asked {
	enum forecast_span span;
	struct forecast_row row;
	enum forecast_sky sky;
	double hours_ago;
};

typedef struct saying answer_fn(const struct asked *asked);

/* --- sayings ---------------------------------------------------------------------------- */

static struct saying begin(const struct asked *asked, enum saying_key key)
{
	struct saying said = saying_make(key);

	saying_set_number(&said, SLOT_AGO, asked->hours_ago);
	return said;
}

static struct saying begin_day(const struct asked *asked, enum saying_key key)
{
	struct saying said = begin(asked, key);

	saying_set_number(&said, SLOT_DAY, asked->span);
	return said;
}

/* Whole degrees: nobody dresses by tenths. */
static double degrees(int32_t deci)
{
	return round((double)deci / DECI);
}

static void set_range(struct saying *said, const struct asked *asked)
{
	saying_set_number(said, SLOT_LOW, degrees(asked->row.low_deci));
	saying_set_number(said, SLOT_HIGH, degrees(asked->row.high_deci));
}

static bool knows_rain(const struct asked *asked)
{
	return asked->row.rain_percent != FORECAST_PERCENT_UNKNOWN;
}

static struct saying whole_weather(const struct asked *asked)
{
	const bool has_rain =
		knows_rain(asked) && asked->row.rain_percent >= PERCENT_SAID;
	struct saying said;

	if (asked->span == SPAN_NOW) {
		said = begin(asked, SAYING_TOLD_WEATHER_NOW);
		saying_set_number(&said, SLOT_DEGREES, degrees(asked->row.low_deci));
		saying_set_number(&said, SLOT_SKY, asked->sky);
		return said;
	}
	said = begin_day(asked,
			 has_rain ? SAYING_TOLD_WEATHER_RAIN : SAYING_TOLD_WEATHER);
	saying_set_number(&said, SLOT_SKY, asked->sky);
	set_range(&said, asked);
	if (has_rain)
		saying_set_number(&said, SLOT_PERCENT, asked->row.rain_percent);
	return said;
}

static struct saying warmth(const struct asked *asked)
{
	struct saying said;

	if (asked->span == SPAN_NOW) {
		said = begin(asked, SAYING_TOLD_WARMTH_NOW);
		saying_set_number(&said, SLOT_DEGREES, degrees(asked->row.low_deci));
		return said;
	}
	said = begin_day(asked, SAYING_TOLD_WARMTH);
	set_range(&said, asked);
	return said;
}

static struct saying wind(const struct asked *asked)
{
	const bool is_now = asked->span == SPAN_NOW;
	struct saying said = is_now ? begin(asked, SAYING_TOLD_WIND_NOW)
				    : begin_day(asked, SAYING_TOLD_WIND);

	saying_set_number(&said, SLOT_SPEED, asked->row.wind_kmh);
	return said;
}

/* Yes or no, and what the weather is in any case. */
static struct saying yes_or_no(const struct asked *asked, bool is_so)
{
	const bool is_now = asked->span == SPAN_NOW;
	struct saying said =
		is_now ? begin(asked, is_so ? SAYING_TOLD_WEATHER_IS
					    : SAYING_TOLD_WEATHER_IS_NOT)
		       : begin_day(asked, is_so ? SAYING_TOLD_WEATHER_WILL
						: SAYING_TOLD_WEATHER_WILL_NOT);

	saying_set_number(&said, SLOT_SKY, asked->sky);
	return said;
}

static bool is_snow(enum forecast_sky sky)
{
	return sky == SKY_SNOW || sky == SKY_SNOW_SHOWERS || sky == SKY_HEAVY_SNOW;
}

/* Thunder comes with rain. */
static bool is_rain(const struct asked *asked)
{
	return (asked->sky >= SKY_DRIZZLE && !is_snow(asked->sky)) ||
	       (!is_snow(asked->sky) && asked->row.rain_deci >= LIKELY_DECI);
}

static struct saying rain(const struct asked *asked)
{
	const uint8_t percent = asked->row.rain_percent;
	struct saying said;

	if (asked->span == SPAN_NOW || !knows_rain(asked))
		return yes_or_no(asked, is_rain(asked));
	said = begin_day(asked, percent >= PERCENT_LIKELY ? SAYING_TOLD_WEATHER_LIKELY
				: percent >= PERCENT_MAYBE
					? SAYING_TOLD_WEATHER_MAYBE
					: SAYING_TOLD_WEATHER_UNLIKELY);
	saying_set_number(&said, SLOT_PERCENT, percent);
	return said;
}

static struct saying snow(const struct asked *asked)
{
	return yes_or_no(asked, is_snow(asked->sky));
}

/* Of whole days the service tells the hours of sunshine. */
static struct saying sun(const struct asked *asked)
{
	struct saying said;

	if (asked->row.sun_minutes == 0)
		return yes_or_no(asked, asked->sky <= SKY_PARTLY_CLOUDY);
	said = begin_day(asked, SAYING_TOLD_WEATHER_SUN);
	saying_set_number(&said, SLOT_HOURS,
			  round((double)asked->row.sun_minutes / MINUTES_OF_HOUR));
	return said;
}

/* By the slot `kind`; what is not here is answered with the weather. */
static const struct {
	const char *kind;
	answer_fn *answer;
} ANSWERS[] = {
	{"cold", warmth}, {"rain", rain},   {"snow", snow},
	{"sun", sun},     {"warm", warmth}, {"wind", wind},
};

static struct saying answer(const struct asked *asked, const char *kind)
{
	for (size_t i = 0; i < STR_COUNT(ANSWERS); i++)
		if (str_equal(ANSWERS[i].kind, kind))
			return ANSWERS[i].answer(asked);
	return whole_weather(asked);
}

/* --- what is asked ---------------------------------------------------------------------- */

/* "Is it raining" is about now; "what is the weather" about now, too. "today" is the slot's
 * word for both, where nothing of the day was said: the sentences leave it out then. */
static bool read_span(const struct action *action, enum forecast_span *out_span)
{
	if (action->words[0] == '\0') {
		*out_span = SPAN_NOW;
		return true;
	}
	return forecast_span_from_key(action->words, out_span);
}

static enum reason look(const struct action *action, const struct act_ports *ports,
			struct asked *out_asked)
{
	const struct forecast *forecast = ports->forecast;
	const int64_t now_ms = clock_wall_ms(ports->clock);
	const time_t seconds = (time_t)(now_ms / MS_OF_SECOND);
	struct tm local;

	if (!ports->has_place)
		return REASON_NO_PLACE;
	/* One from the future is of a clock that was set: how old it is, nobody knows. */
	if (!forecast || now_ms - forecast->fetched_ms > FORECAST_OLD_MS ||
	    forecast->fetched_ms - now_ms > FORECAST_STALE_MS)
		return REASON_NO_FORECAST;
	must(localtime_r(&seconds, &local));
	if (!read_span(action, &out_asked->span))
		return REASON_NO_MATCH;
	if (forecast_of_span(forecast, out_asked->span, &local, seconds, &out_asked->row))
		return REASON_TOO_FAR_AHEAD;
	out_asked->hours_ago =
		now_ms - forecast->fetched_ms >= FORECAST_STALE_MS
			? floor((double)(now_ms - forecast->fetched_ms) / MS_OF_HOUR)
			: 0;
	must(forecast_sky_of(out_asked->row.code, &out_asked->sky));
	return REASON_NONE;
}

void act_tell_weather(const struct action *action, const struct act_ports *ports,
		      uint64_t token, struct act_result *result)
{
	struct asked asked = {.span = SPAN_NOW};

	(void)token;
	result->reason = look(action, ports, &asked);
	if (result->reason == REASON_NONE)
		result->said = answer(&asked, action->mode);
}
