/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forecasts - see the header.
 *
 * Invariants: while no place is set nothing is asked for; an answer counts only for the
 * place that holds when it comes; the log never says where the place is.
 */
#include "gate/forecasts.h"

#include <stdlib.h>

#include "base/log.h"

struct forecasts {
	struct forecasts_parts parts;
	bool has_place;
	int32_t latitude_deci;
	int32_t longitude_deci;
	uint64_t token; /* of what was asked for last */
	bool is_asking;
	int64_t due_ms;   /* monotonic */
	int64_t pause_ms; /* 0: the last time it went well */
	bool has_newest;
	struct forecast newest;
};

enum err forecasts_create(const struct forecasts_parts *parts,
			  struct forecasts **out_forecasts)
{
	struct forecasts *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->parts = *parts;
	*out_forecasts = made;
	return OK;
}

void forecasts_destroy(struct forecasts *forecasts)
{
	free(forecasts);
}

static int64_t now_ms(const struct forecasts *forecasts)
{
	return clock_now_ms(&forecasts->parts.clock);
}

static void tell(const struct forecasts *forecasts)
{
	uint8_t bytes[FORECAST_BYTES_MAX];
	const size_t size = forecast_bytes(&forecasts->newest, bytes);
	const struct wire_forecast told = {.bytes = {bytes, size}};

	forecasts->parts.tell(forecasts->parts.context, &told);
}

/* Later and later, but no later than it is due anyway. */
static void put_off(struct forecasts *forecasts)
{
	int64_t pause_ms =
		forecasts->pause_ms > 0 ? forecasts->pause_ms * 2 : FORECASTS_PAUSE_MS;

	if (pause_ms > FORECAST_EVERY_MS)
		pause_ms = FORECAST_EVERY_MS;
	forecasts->pause_ms = pause_ms;
	forecasts->due_ms = now_ms(forecasts) + pause_ms;
}

static void ask(struct forecasts *forecasts)
{
	const struct forecasts_parts *parts = &forecasts->parts;
	const enum err err = weather_fetch(parts->weather, forecasts->latitude_deci,
					   forecasts->longitude_deci, ++forecasts->token);

	forecasts->is_asking = !err;
	if (err) {
		log_line("gate: the weather is not asked for: %s", err_words(err));
		put_off(forecasts);
	}
}

void forecasts_tick(struct forecasts *forecasts)
{
	if (forecasts_next_ms(forecasts) == 0)
		ask(forecasts);
}

int64_t forecasts_next_ms(const struct forecasts *forecasts)
{
	const int64_t left_ms = forecasts->due_ms - now_ms(forecasts);

	if (!forecasts->has_place || !forecasts->parts.weather->ops ||
	    forecasts->is_asking)
		return -1;
	return left_ms > 0 ? left_ms : 0;
}

void forecasts_place(struct forecasts *forecasts, const struct wire_weather_place *place)
{
	const bool is_same = forecasts->has_place && place->is_set &&
			     forecasts->latitude_deci == place->latitude_deci &&
			     forecasts->longitude_deci == place->longitude_deci;

	if (is_same) {
		if (forecasts->has_newest)
			tell(forecasts);
		return;
	}
	forecasts->has_place = place->is_set != 0;
	forecasts->latitude_deci = (int32_t)place->latitude_deci;
	forecasts->longitude_deci = (int32_t)place->longitude_deci;
	forecasts->has_newest = false;
	forecasts->is_asking = false; /* what is under way is of another place */
	forecasts->pause_ms = 0;
	forecasts->due_ms = now_ms(forecasts);
	if (forecasts->has_place && !forecasts->parts.weather->ops)
		log_line("gate: a place is set, and no weather service; see [weather] in "
			 "behest.conf(5)");
	forecasts_tick(forecasts);
}

void forecasts_done(struct forecasts *forecasts, uint64_t token,
		    const struct weather_result *result)
{
	if (!forecasts->is_asking || token != forecasts->token)
		return;
	forecasts->is_asking = false;
	if (result->err) {
		log_line("gate: no forecast came: %s", result->why);
		put_off(forecasts);
		return;
	}
	forecasts->pause_ms = 0;
	forecasts->due_ms = now_ms(forecasts) + FORECAST_EVERY_MS;
	forecasts->newest = result->forecast;
	forecasts->newest.fetched_ms = clock_wall_ms(&forecasts->parts.clock);
	forecasts->has_newest = forecast_is_sane(&forecasts->newest);
	if (forecasts->has_newest)
		tell(forecasts);
}
