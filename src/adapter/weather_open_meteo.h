/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weather_open_meteo - forecasts from Open-Meteo, or from a server that speaks as it does
 * (https://open-meteo.com/en/docs, the Forecast API): one GET, answered by one JSON object.
 *
 * Times are asked for as seconds since 1970, and the days in the place's own time zone,
 * which the service looks up by the coordinates that it has anyway. Nothing is believed that
 * is out of sense, in another unit than was asked for, or of another form; no redirect is
 * followed. Values that the service does not have (null) end a list; what it does not know of
 * the rain is left unknown.
 */
#ifndef ADAPTER_WEATHER_OPEN_METEO_H
#define ADAPTER_WEATHER_OPEN_METEO_H

#include "base/err.h"
#include "base/loop.h"
#include "port/weather.h"

enum {
	WEATHER_OPEN_METEO_BYTES_MAX = 16 * 1024
}; /* of an answer; about 4 KiB are usual */

/* Connects to nothing yet. url: https://HOST[:PORT]/PATH, or http on loopback
 * (domain/web_address.h), to which the question is added. weather_close must not be called
 * from the listener, and may take TRANSFER_CLOSE_MS. */
MUST_CHECK enum err weather_open_meteo_open(struct loop *loop, const char *url,
					    struct weather_listener listener,
					    struct weather *out_weather,
					    struct err_note *note);

/* The answer's body, read; the place and fetched_ms are left as they are in *out_forecast.
 * ERR_FORMAT, ERR_LIMIT, ERR_RANGE with a note that names where. Pure. */
MUST_CHECK enum err weather_open_meteo_read(const char *bytes, size_t size,
					    struct forecast *out_forecast,
					    struct err_note *note);

#endif
