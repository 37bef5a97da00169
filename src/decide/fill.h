/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fill - the values of one action, from the words that asked for it. Pure; used by
 * decide/plan.c only.
 */
#ifndef DECIDE_FILL_H
#define DECIDE_FILL_H

#include "decide/decide.h"

struct fill {
	const struct decide_input *input;
	const struct slot *slot;     /* that the plan's row names; NULL: it names none */
	const struct entity *entity; /* NULL: of no device */
	struct action *action;
	struct saying *said; /* with a reason: more than it tells */
};

/* NONE, or why there is no such action. */
typedef enum reason fill_fn(const struct fill *fill);

fill_fn fill_brightness_step;
fill_fn fill_calendar;
fill_fn fill_celsius;
fill_fn fill_celsius_step;
fill_fn fill_colour;
fill_fn fill_elsewhere;
fill_fn fill_everything;
fill_fn fill_humidity;
fill_fn fill_listed;
fill_fn fill_mode;
fill_fn fill_music;
fill_fn fill_music_percent;
fill_fn fill_music_rooms;
fill_fn fill_music_step;
fill_fn fill_not_of_one;
fill_fn fill_order;
fill_fn fill_percent;
fill_fn fill_place;
fill_fn fill_recall;
fill_fn fill_room;
fill_fn fill_routine;
fill_fn fill_skill;
fill_fn fill_spelling;
fill_fn fill_sum;
fill_fn fill_units;
fill_fn fill_volume_step;
fill_fn fill_weather;
fill_fn fill_weather_elsewhere;
fill_fn fill_words;

#endif
