/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promise 10, "everything done has a reason on record", over random histories: requests
 * of every class while keeper and broker come, go, dawdle and lose answers.
 *
 * The house aborts when a command goes out undecided or a word is spoken unasked; here
 * every outcome must stand behind its decision, every command must have an outcome
 * (written, or waiting for the keeper), and every turn must end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/must.h"
#include "base/str.h"
#include "scenario/house.h"

enum { HISTORIES = 60, EVENTS_PER_HISTORY = 60 };

static const char *const REQUESTS[] = {
	"turn on the kitchen light",
	"turn off the kitchen light",
	"turn on the lights",
	"set the kitchen light to forty percent",
	"unlock the front door",
	"lock the front door",
	"disarm the alarm",
	"press the garden gate",
	"turn on the pump",
	"what time is it",
	"why did you do that",
	"set the heating to twenty one degrees",
	"turn on the moon",
	"set the volume to ten percent",
	"stop",
};

static void furnish(struct house *house)
{
	static const struct {
		enum entity_domain domain;
		const char *name;
	} DEVICES[] = {
		{ENTITY_LIGHT, "kitchen light"}, {ENTITY_LIGHT, "counter light"},
		{ENTITY_LOCK, "front door"},     {ENTITY_ALARM, "alarm"},
		{ENTITY_BUTTON, "garden gate"},  {ENTITY_SWITCH, "pump"},
		{ENTITY_CLIMATE, "thermostat"},
	};
	struct entity *entity;

	for (size_t i = 0; i < STR_COUNT(DEVICES); i++)
		must(bus_fake_add(house->bus_fake, DEVICES[i].domain, DEVICES[i].name,
				  "kitchen", &entity) == OK);
	bus_fake_changed(house->bus_fake);
	(void)house_add_room(house, "kitchen");
	(void)house_add_room(house, "bedroom");
}

static void speak(struct house *house, struct rand_fake *dice)
{
	struct house_room *room = &house->rooms[rand_fake_below(dice, 2)];
	const char *text = REQUESTS[rand_fake_below(dice, STR_COUNT(REQUESTS))];

	if (turn_line_busy(room->line))
		return;
	if (rand_fake_below(dice, 4) == 0)
		house_type(room, text);
	else
		house_say(room, text, -1.0 * rand_fake_below(dice, 40));
}

static void something_happens(struct house *house, struct rand_fake *dice)
{
	switch (rand_fake_below(dice, 14)) {
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
	case 4:
		bus_fake_set_ack(house->bus_fake,
				 (enum bus_fake_ack)rand_fake_below(dice, 3));
		break;
	case 5:
		bus_fake_acknowledge(house->bus_fake);
		break;
	case 6:
	case 7:
		house_pass(house, rand_fake_below(dice, 3000));
		break;
	default:
		speak(house, dice);
		break;
	}
	house_step(house);
}

/* Everything works again and nobody speaks: whatever waits must come to its end. */
static void heal(struct house *house)
{
	keep_fake_hold(house->keep_fake, false);
	keep_fake_set_up(house->keep_fake, true);
	bus_fake_set_up(house->bus_fake, true);
	bus_fake_acknowledge(house->bus_fake);
	house_pass(house, 5000);
	for (size_t i = 0; i < house->room_count; i++)
		assert_false(turn_line_busy(house->rooms[i].line));
}

static bool decided_before(const struct house *house, struct turn_id turn, size_t before)
{
	for (size_t i = 0; i < before; i++) {
		const struct event *event = keep_fake_event(house->keep_fake, i);
		if (event->kind == EVENT_DECIDED && event->turn.value == turn.value &&
		    str_equal(event_value(event, "decision"), "act"))
			return true;
	}
	return false;
}

static bool is_outcome(const struct event *event)
{
	return event->kind == EVENT_DONE || event->kind == EVENT_FAILED;
}

static void check_journal(const struct house *house)
{
	size_t outcomes = 0;

	for (size_t i = 0; i < keep_fake_event_count(house->keep_fake); i++) {
		const struct event *event = keep_fake_event(house->keep_fake, i);
		if (!is_outcome(event))
			continue;
		assert_true(decided_before(house, event->turn, i));
		outcomes += event_value(event, "entity")[0] != '\0' &&
			    !str_equal(event_value(event, "entity"), "the room");
	}
	for (size_t i = 0; i < house->late_count; i++)
		outcomes += is_outcome(&house->late[i]);
	assert_true(outcomes >= bus_fake_command_count(house->bus_fake));
}

static void check_commands(const struct house *house)
{
	for (size_t i = 0; i < bus_fake_command_count(house->bus_fake); i++) {
		enum action_kind kind = bus_fake_command(house->bus_fake, i)->kind;
		assert_int_equal(action_class(kind), CLASS_B);
	}
}

static void test_random_histories(void **state)
{
	uint64_t seed = rand_fake_seed();

	(void)state;
	for (int history = 0; history < HISTORIES; history++) {
		struct house *house = calloc(1, sizeof(*house));
		struct rand_fake dice;
		must(house);
		(void)rand_fake_init(&dice, seed + (uint64_t)history);
		house_open(house, seed);
		furnish(house);
		for (int i = 0; i < EVENTS_PER_HISTORY; i++)
			something_happens(house, &dice);
		heal(house);
		check_journal(house);
		check_commands(house);
		house_close(house);
		free(house);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_histories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
