/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a weather service answers, and the bytes of a forecast between our programs. What is
 * let through is in sense, and goes there and back unchanged.
 */
#include <string.h>

#include "adapter/weather_open_meteo.h"
#include "base/must.h"
#include "domain/forecast.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void goes_round(const struct forecast *forecast)
{
	uint8_t bytes[FORECAST_BYTES_MAX];
	uint8_t again[FORECAST_BYTES_MAX];
	struct forecast back;
	const size_t size = forecast_bytes(forecast, bytes);

	must(forecast_read(bytes, size, &back) == OK);
	must(forecast_bytes(&back, again) == size);
	must(memcmp(bytes, again, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct forecast read = {.latitude_deci = 525, .longitude_deci = 134};
	struct err_note note = {""};

	if (weather_open_meteo_read((const char *)data, size, &read, &note) == OK)
		goes_round(&read);
	else
		must(note.text[0] != '\0');
	if (forecast_read(data, size, &read) == OK)
		goes_round(&read);
	return 0;
}
