/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_weather - says to the gate where the weather is to be asked for, and to the hub what
 * the gate was told.
 *
 * Asks nobody and stores nothing: a forecast is in memory, and gone with the process or the
 * place. Invariant: the hub has no forecast but one of the place that the owner has set.
 */
#include <string.h>

#include "base/log.h"
#include "keeper/desk_inner.h"

enum { CENTI_OF_DECI = 10 };

void desk_weather_tell_gate(struct desk *desk, struct desk_link *link)
{
	desk_say(link, WIRE_weather_place, &desk->place);
}

void desk_weather_tell_hub(struct desk *desk, struct desk_link *link)
{
	const struct wire_forecast told = {
		.bytes = {desk->forecast, desk->forecast_size}};

	desk_say(link, WIRE_forecast, &told);
}

static void tell_all(struct desk *desk, enum desk_side side,
		     void (*tell)(struct desk *desk, struct desk_link *link))
{
	for (size_t i = 0; i < DESK_LINKS_MAX; i++)
		if (desk->links[i] && desk->links[i]->side == side)
			tell(desk, desk->links[i]);
}

void desk_weather_take(struct desk *desk, const struct wire_forecast *told)
{
	const struct wire_weather_place *place = &desk->place;
	struct forecast read;

	if (forecast_read(told->bytes.bytes, told->bytes.size, &read) != OK) {
		log_line("keeper: the gate tells of weather that is none");
		return;
	}
	if (!place->is_set || read.latitude_deci != place->latitude_deci ||
	    read.longitude_deci != place->longitude_deci)
		return; /* it was under way while the owner chose another */
	memcpy(desk->forecast, told->bytes.bytes, told->bytes.size);
	desk->forecast_size = told->bytes.size;
	tell_all(desk, DESK_HUB, desk_weather_tell_hub);
}

void desk_weather_policy_changed(struct desk *desk)
{
	const struct place_policy *place = &desk->policy.day.place;
	const struct wire_weather_place now = {
		.is_set = place->is_set,
		.latitude_deci = place->is_set ? place->latitude / CENTI_OF_DECI : 0,
		.longitude_deci = place->is_set ? place->longitude / CENTI_OF_DECI : 0,
	};

	if (now.is_set == desk->place.is_set &&
	    now.latitude_deci == desk->place.latitude_deci &&
	    now.longitude_deci == desk->place.longitude_deci)
		return;
	desk->place = now;
	desk->forecast_size = 0;
	tell_all(desk, DESK_GATE, desk_weather_tell_gate);
	tell_all(desk, DESK_HUB, desk_weather_tell_hub);
}
