/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weather - the forecast for a place, from a service elsewhere.
 *
 * Runs in the caller's loop and calls back on its thread. What the service learns is where,
 * to a tenth of a degree, and when it is asked: callers ask by the clock, and never because
 * somebody in the house has.
 */
#ifndef PORT_WEATHER_H
#define PORT_WEATHER_H

#include <stdint.h>

#include "base/err.h"
#include "domain/forecast.h"

enum {
	WEATHER_WHOLE_MS = 10000, /* from weather_fetch to done */
	WEATHER_OPEN_MAX = 2,     /* under way at once */
	WEATHER_WHY_BYTES = 160,
};

/* Borrowed for the call of done. */
struct weather_result {
	/* ERR_IO: not reached, or not answered with a forecast; ERR_TIMEOUT; ERR_FORMAT: it was
	 * none; ERR_RANGE: out of sense; ERR_LIMIT: too large. */
	enum err err;
	char why[WEATHER_WHY_BYTES]; /* one line; "" with OK */
	/* With OK: all but fetched_ms, and the place as it was asked for. */
	struct forecast forecast;
};

struct weather_listener {
	void *context;
	/* token as given to fetch. From inside of it no more is asked for. */
	void (*done)(void *context, uint64_t token, const struct weather_result *result);
};

struct weather_ops {
	/* done() follows, always and not from inside. ERR_BUSY: WEATHER_OPEN_MAX are under way;
	 * ERR_MEMORY: and then done() does not follow. */
	enum err (*fetch)(void *self, int32_t latitude_deci, int32_t longitude_deci,
			  uint64_t token);
	/* Ends what is under way, with done() for each. */
	void (*close)(void *self);
};

struct weather {
	const struct weather_ops *ops;
	void *self;
};

MUST_CHECK static inline enum err weather_fetch(struct weather *weather,
						int32_t latitude_deci,
						int32_t longitude_deci, uint64_t token)
{
	return weather->ops->fetch(weather->self, latitude_deci, longitude_deci, token);
}

static inline void weather_close(struct weather *weather)
{
	if (weather->ops)
		weather->ops->close(weather->self);
	weather->ops = 0;
}

#endif
