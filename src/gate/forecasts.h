/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forecasts - asks for the weather of the owner's place, by the clock alone.
 *
 * At once when a place is set, and then every FORECAST_EVERY_MS for as long as it is; never
 * before, and never because somebody in the house asks about the weather: a service that is
 * asked only then learns when people get up, go out and are away. So it learns the place, to
 * a tenth of a degree, and that a house like this is there. After a failure it is asked again
 * later and later, no more often than it would be anyway at last.
 *
 * Driven by its caller: forecasts_tick at the latest when forecasts_next_ms says.
 */
#ifndef GATE_FORECASTS_H
#define GATE_FORECASTS_H

#include "domain/forecast.h"
#include "port/clock.h"
#include "port/weather.h"
#include "wire/wire.h"

enum {
	FORECASTS_PAUSE_MS =
		60 * 1000, /* after a failure; then twice as long each time */
};

struct forecasts;

struct forecasts_parts {
	struct clock clock;
	struct weather *weather; /* borrowed; without ops: no service is set */
	/* For the keeper; borrowed for the call. */
	void (*tell)(void *context, const struct wire_forecast *told);
	void *context;
};

MUST_CHECK enum err forecasts_create(const struct forecasts_parts *parts,
				     struct forecasts **out_forecasts);
void forecasts_destroy(struct forecasts *forecasts); /* NULL is fine */

/* The keeper says where: on each of its connections, and when it changes. What is known of
 * the same place is told again; what is known of another is forgotten. */
void forecasts_place(struct forecasts *forecasts, const struct wire_weather_place *place);
/* The weather port's done. */
void forecasts_done(struct forecasts *forecasts, uint64_t token,
		    const struct weather_result *result);
void forecasts_tick(struct forecasts *forecasts);
/* In how many ms there is something to do; -1: not until a place is set. */
int64_t forecasts_next_ms(const struct forecasts *forecasts);

#endif
