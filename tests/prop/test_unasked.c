/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promise 11, "nothing is silent", the other way round: nothing is said that nobody asked
 * for. Random histories of requests, of skills that answer late or never, of keeper and broker that
 * come and go, by day and in the quiet hours.
 *
 * Whatever a room was given to say has an event on record of its own turn and is the only
 * thing said in that turn; while nobody speaks nothing is said, and in the quiet hours
 * nothing aloud. The one sentence with a parent of another turn is that the decision could not
 * be written down: then it is the newest event there is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/must.h"
#include "base/str.h"
#include "prop/histories.h"

enum { HISTORIES = 60, EVENTS_PER_HISTORY = 80, IDLE_EVENTS = 40 };

static const char *const REQUESTS[] = {
	"turn on the kitchen light",
	"turn on the lights",
	"unlock the front door",
	"what time is it",
	"why did you do that",
	"turn on the moon",
	"can you laugh",
	"tell me a joke",
	"laugh",
	"half of it",
	"turn on the lamp",
	"stop",
	"what did you hear",
	"set the volume to ten percent",
};

static void furnish(struct house *house)
{
	static const struct histories_device DEVICES[] = {
		{ENTITY_LIGHT, "kitchen light", "kitchen"},
		{ENTITY_LIGHT, "lamp", "attic"},
		{ENTITY_LIGHT, "lamp", "cellar"},
		{ENTITY_LOCK, "front door", "kitchen"},
	};

	histories_furnish(house, DEVICES, STR_COUNT(DEVICES));
	house_add_skill(house);
}

/* Everything but somebody who speaks. */
static void world_turns(struct house *house, struct rand_fake *dice)
{
	static const enum reason ENDS[] = {REASON_NONE, REASON_SKILL_FAILED,
					   REASON_SKILL_CHANGED, REASON_SKILL_SUSPENDED};

	const unsigned which = rand_fake_below(dice, HISTORIES_TROUBLES + 4);

	switch (which) {
	case HISTORIES_TROUBLES:
		house->is_quiet = rand_fake_below(dice, 2);
		break;
	case HISTORIES_TROUBLES + 1:
	case HISTORIES_TROUBLES + 2:
		house_skill_answers(house, ENDS[rand_fake_below(dice, STR_COUNT(ENDS))]);
		break;
	case HISTORIES_TROUBLES + 3:
		house_pass(house, rand_fake_below(dice, 3000));
		break;
	default:
		histories_trouble(house, dice, which);
		break;
	}
	house_step(house);
}

static void heal(struct house *house)
{
	house_skill_answers(house, REASON_SKILL_FAILED);
	histories_heal(house);
}

static void check_say(const struct house *house, size_t at)
{
	const struct house_said *said = &house->says[at];
	const struct event *parent;

	assert_true(said->parent.value > 0 && said->parent.value <= said->written);
	parent = keep_fake_event(house->keep_fake, said->parent.value - 1);
	if (parent->turn.value != said->turn.value)
		assert_int_equal(said->reason, REASON_JOURNAL_UNAVAILABLE);
	for (size_t i = 0; i < at; i++)
		assert_true(house->says[i].turn.value != said->turn.value);
}

/* Each that was written down names an event before it. */
static size_t check_spoken(const struct house *house)
{
	size_t count = 0;

	for (size_t i = 0; i < keep_fake_event_count(house->keep_fake); i++) {
		const struct event *event = keep_fake_event(house->keep_fake, i);
		int64_t parent = 0;

		if (event->kind != EVENT_SPOKEN)
			continue;
		assert_true(
			str_to_int(event_value(event, "parent"), 1, (int64_t)i, &parent));
		count++;
	}
	return count;
}

static void test_nothing_is_said_unasked(void **state)
{
	uint64_t seed = rand_fake_seed();
	size_t says = 0;
	size_t spoken = 0;

	(void)state;
	for (int history = 0; history < HISTORIES; history++) {
		struct house *house = calloc(1, sizeof(*house));
		struct rand_fake dice;
		size_t before;

		must(house);
		(void)rand_fake_init(&dice, seed + (uint64_t)history);
		house_open(house, seed);
		furnish(house);
		for (int i = 0; i < EVENTS_PER_HISTORY; i++) {
			if (rand_fake_below(&dice, 2))
				histories_speak(house, &dice, REQUESTS,
						STR_COUNT(REQUESTS));
			world_turns(house, &dice);
		}
		heal(house);
		before = house->say_count;
		/* Nobody speaks: whatever else happens, nothing is said. */
		for (int i = 0; i < IDLE_EVENTS; i++)
			world_turns(house, &dice);
		heal(house);
		assert_int_equal(house->say_count, before);
		for (size_t i = 0; i < house->say_count; i++)
			check_say(house, i);
		says += house->say_count;
		spoken += check_spoken(house);
		house_close(house);
		free(house);
	}
	print_message("%zu things were said, %zu of them written down\n", says, spoken);
	assert_true(says > HISTORIES && spoken > HISTORIES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_said_unasked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
