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
#include "prop/histories.h"

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
	static const struct histories_device DEVICES[] = {
		{ENTITY_LIGHT, "kitchen light", "kitchen"},
		{ENTITY_LIGHT, "counter light", "kitchen"},
		{ENTITY_LOCK, "front door", "kitchen"},
		{ENTITY_ALARM, "alarm", "kitchen"},
		{ENTITY_BUTTON, "garden gate", "kitchen"},
		{ENTITY_SWITCH, "pump", "kitchen"},
		{ENTITY_CLIMATE, "thermostat", "kitchen"},
	};

	histories_furnish(house, DEVICES, STR_COUNT(DEVICES));
}

static void something_happens(struct house *house, struct rand_fake *dice)
{
	const unsigned which = rand_fake_below(dice, 14);

	if (which < HISTORIES_TROUBLES)
		histories_trouble(house, dice, which);
	else if (which == HISTORIES_TROUBLES)
		bus_fake_set_ack(house->bus_fake,
				 (enum bus_fake_ack)rand_fake_below(dice, 3));
	else if (which <= HISTORIES_TROUBLES + 2)
		house_pass(house, rand_fake_below(dice, 3000));
	else
		histories_speak(house, dice, REQUESTS, STR_COUNT(REQUESTS));
	house_step(house);
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
		histories_heal(house);
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
