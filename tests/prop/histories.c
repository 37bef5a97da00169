/* SPDX-License-Identifier: Apache-2.0 */
/*
 * histories - see the header.
 */
#include "prop/histories.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/must.h"

enum { ROOMS = 2, HEAL_MS = 5000, MARGIN_MAX = 40, TYPED_OF = 4 };

void histories_furnish(struct house *house, const struct histories_device *devices,
		       size_t count)
{
	struct entity *entity;

	for (size_t i = 0; i < count; i++)
		must(bus_fake_add(house->bus_fake, devices[i].domain, devices[i].name,
				  devices[i].area, &entity) == OK);
	bus_fake_changed(house->bus_fake);
	(void)house_add_room(house, "kitchen");
	(void)house_add_room(house, "bedroom");
}

void histories_speak(struct house *house, struct rand_fake *dice,
		     const char *const *requests, size_t count)
{
	struct house_room *room = &house->rooms[rand_fake_below(dice, ROOMS)];
	const char *text = requests[rand_fake_below(dice, (unsigned)count)];

	if (turn_line_busy(room->line))
		return;
	if (rand_fake_below(dice, TYPED_OF) == 0)
		house_type(room, text);
	else
		house_say(room, text, -1.0 * rand_fake_below(dice, MARGIN_MAX));
}

void histories_trouble(struct house *house, struct rand_fake *dice, unsigned which)
{
	switch (which) {
	case 0:
		keep_fake_set_up(house->keep_fake, rand_fake_below(dice, 2));
		break;
	case 1:
		keep_fake_hold(house->keep_fake, rand_fake_below(dice, 2));
		break;
	case 2:
		keep_fake_time_out(house->keep_fake, rand_fake_below(dice, 2));
		break;
	case 3:
		bus_fake_set_up(house->bus_fake, rand_fake_below(dice, 2));
		break;
	default:
		bus_fake_acknowledge(house->bus_fake);
		break;
	}
}

void histories_heal(struct house *house)
{
	keep_fake_hold(house->keep_fake, false);
	keep_fake_set_up(house->keep_fake, true);
	bus_fake_set_up(house->bus_fake, true);
	bus_fake_acknowledge(house->bus_fake);
	house_pass(house, HEAL_MS);
	for (size_t i = 0; i < house->room_count; i++)
		assert_false(turn_line_busy(house->rooms[i].line));
}
