/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two promises over random histories, with devices that die or leave, a keeper that comes
 * and goes, and routines of random lines:
 *
 * "Nothing that binds the household happens without a tap": whatever is said, typed or
 * written into a routine, no command of class C reaches the hub's bus. The house aborts
 * when one does (scenario/house.c); here it is tried, and counted that it was.
 *
 * "A routine never ends half-done silently": behind each, whatever a line should have done
 * and is not done stands in the answer by name, and as a failure or a proposal in the
 * journal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/must.h"
#include "base/str.h"
#include "scenario/house.h"

enum { HISTORIES = 24, EVENTS_PER_HISTORY = 40, THINGS = 8, YAML_BYTES = 4096 };

/* Each line speaks of one of them, and no name is part of another's. */
static const char *const NAMES[THINGS] = {"apple", "brick", "candle", "drum",
					  "easel", "flask", "globe",  "harp"};

/* What a thing may be, and whether to turn it on binds. */
static const struct {
	enum entity_domain domain;
	bool binds;
} KINDS[] = {
	{ENTITY_LIGHT, false}, {ENTITY_LIGHT, false}, {ENTITY_FAN, false},
	{ENTITY_SWITCH, true}, {ENTITY_SIREN, true},  {ENTITY_SWITCH, false},
};

struct thing {
	char id[ENTITY_ID_BYTES];
	bool binds;
	bool is_gone;
};

struct history {
	struct house house;
	struct rand_fake dice;
	struct thing things[THINGS];
	bool is_on; /* what its routines do: all on, or all off */
	size_t runs;
	size_t whole;
	size_t partly;
	size_t held;
};

static uint32_t roll(struct history *history, uint32_t limit)
{
	return rand_fake_below(&history->dice, limit);
}

static void add_thing(struct history *history, size_t at)
{
	struct house *house = &history->house;
	struct thing *thing = &history->things[at];
	const size_t kind = roll(history, STR_COUNT(KINDS));
	struct entity *entity = NULL;

	must(bus_fake_add(house->bus_fake, KINDS[kind].domain, NAMES[at], "kitchen",
			  &entity) == OK);
	*thing = (struct thing){.binds = KINDS[kind].binds};
	must(str_copy(thing->id, sizeof(thing->id), entity->id));
	if (KINDS[kind].domain == ENTITY_SWITCH && !thing->binds)
		must(str_copy(house->policy.harmless[house->policy.harmless_count++],
			      sizeof(house->policy.harmless[0]), thing->id));
}

/* One line for each thing, in some order, and a group of all of them. */
static void arrange(struct history *history)
{
	char yaml[YAML_BYTES] = "{groups: {things: [";
	const uint32_t from = roll(history, THINGS);

	for (size_t i = 0; i < THINGS; i++)
		must(str_append(yaml, sizeof(yaml), "%s%s", i ? ", " : "", NAMES[i]));
	must(str_append(yaml, sizeof(yaml), "]}, routines: ["));
	for (int on = 0; on < 2; on++) {
		must(str_append(yaml, sizeof(yaml), "%s{name: %s, do: [", on ? ", " : "",
				on ? "coming home" : "good night"));
		for (size_t i = 0; i < THINGS; i++)
			must(str_append(yaml, sizeof(yaml), "%sturn %s the %s",
					i ? ", " : "", on ? "on" : "off",
					NAMES[(from + i) % THINGS]));
		must(str_append(yaml, sizeof(yaml), "]}"));
	}
	must(str_append(yaml, sizeof(yaml),
			", {name: all things, do: [turn on the things, "
			"unlock the front door, disarm the alarm, "
			"press the bell, fly away]}]}"));
	house_arrange(&history->house, yaml);
}

static void furnish(struct history *history, uint64_t seed)
{
	struct house *house = &history->house;
	struct entity *entity = NULL;

	house_open(house, seed);
	(void)rand_fake_init(&history->dice, seed * 77 + 5);
	(void)house_add_room(house, "kitchen");
	for (size_t i = 0; i < THINGS; i++)
		add_thing(history, i);
	must(bus_fake_add(house->bus_fake, ENTITY_LOCK, "front door", "kitchen",
			  &entity) == OK);
	must(bus_fake_add(house->bus_fake, ENTITY_ALARM, "alarm", "kitchen", &entity) ==
	     OK);
	must(bus_fake_add(house->bus_fake, ENTITY_BUTTON, "bell", "kitchen", &entity) ==
	     OK);
	house_tell_policy(house);
	arrange(history);
}

/* --- what happens --- */

static void kill_or_wake(struct history *history)
{
	struct thing *thing = &history->things[roll(history, THINGS)];

	bus_fake_set_dead(history->house.bus_fake, thing->id, roll(history, 4) == 0);
}

static void leave(struct history *history)
{
	struct thing *thing = &history->things[roll(history, THINGS)];

	if (thing->is_gone || roll(history, 4) != 0)
		return;
	bus_fake_remove(history->house.bus_fake, thing->id);
	bus_fake_changed(history->house.bus_fake);
	thing->is_gone = true;
}

static void something_happens(struct history *history)
{
	struct house *house = &history->house;

	switch (roll(history, 8)) {
	case 0:
		keep_fake_set_up(house->keep_fake, roll(history, 3) != 0);
		break;
	case 1:
		keep_fake_set_approver(house->keep_fake, roll(history, 3) != 0);
		break;
	case 2:
		bus_fake_set_up(house->bus_fake, roll(history, 4) != 0);
		break;
	case 3:
		bus_fake_set_ack(house->bus_fake, roll(history, 3) ? BUS_FAKE_ACK_NOW
								   : BUS_FAKE_ACK_NEVER);
		break;
	case 4:
		leave(history);
		break;
	default:
		kill_or_wake(history);
		break;
	}
	house_step(house);
}

/* Until the turn is over, whatever does not answer. */
static void finish(struct history *history)
{
	struct house *house = &history->house;

	for (int i = 0; i < 60 && turn_line_busy(house->rooms[0].line); i++) {
		house_pass(house, 1000);
		bus_fake_pass(house->bus_fake);
	}
	assert_false(turn_line_busy(house->rooms[0].line));
}

static void run(struct history *history, const char *text)
{
	struct house_room *room = &history->house.rooms[0];

	if (roll(history, 3) == 0)
		house_type(room, text);
	else
		house_say(room, text, -1.0 * roll(history, 20));
	finish(history);
}

/* --- what must hold --- */

static bool is_done(const struct history *history, const struct thing *thing)
{
	const struct entity *entity =
		home_find_const(bus_fake_home(history->house.bus_fake), thing->id);

	return entity && entity->state.on == history->is_on;
}

/* An event of this turn that says so of the thing, or of the line that speaks of it. */
static bool is_journaled(const struct history *history, struct turn_id turn)
{
	const struct keep_fake *keep = history->house.keep_fake;
	size_t lines = 0;

	for (size_t i = 0; i < keep_fake_event_count(keep); i++) {
		const struct event *event = keep_fake_event(keep, i);
		if (event->turn.value == turn.value && event->kind == EVENT_DECIDED &&
		    event_value(event, "line")[0])
			lines++;
	}
	for (size_t i = 0; i < history->house.late_count; i++)
		lines += history->house.late[i].turn.value == turn.value &&
			 event_value(&history->house.late[i], "line")[0] != '\0';
	return lines >= THINGS;
}

static void check_run(struct history *history)
{
	const struct house_room *room = &history->house.rooms[0];
	const struct turn *turn = &room->last;
	size_t undone = 0;

	if (turn->decision.kind != DECISION_ACT)
		return; /* it was refused, all of it, and that was said or is silence */
	history->runs++;
	for (size_t i = 0; i < THINGS; i++) {
		if (is_done(history, &history->things[i]))
			continue;
		undone++;
		if (!strstr(room->said, NAMES[i]))
			fail_msg("%s is not done, and not in: %s", NAMES[i], room->said);
	}
	assert_true(is_journaled(history, turn->id));
	assert_true(undone == 0 || !strstr(room->said, "all done"));
	history->whole += undone == 0;
	history->partly += undone > 0;
	history->held += turn->waits;
}

/* So that whatever the next routine does has to be done. */
static void set_all(struct history *history, bool on)
{
	struct home *home = bus_fake_home(history->house.bus_fake);

	for (size_t i = 0; i < home->entity_count; i++)
		home->entities[i].state.on = on;
}

static void live(struct history *history)
{
	history->is_on = roll(history, 2) == 0;
	set_all(history, !history->is_on);
	run(history, history->is_on ? "coming home" : "good night");
	check_run(history);
	if (roll(history, 4) == 0)
		run(history, roll(history, 2) ? "all things" : "turn on the things");
	for (uint32_t i = roll(history, 4); i > 0; i--)
		something_happens(history);
}

static void test_routines(void **state)
{
	const char *given = getenv("BEHEST_SEED");
	const uint64_t seed = given ? strtoull(given, NULL, 10) : 20260701;
	static struct history history;
	size_t runs = 0;
	size_t whole = 0;
	size_t partly = 0;
	size_t held = 0;

	(void)state;
	print_message("seed %llu (BEHEST_SEED repeats it)\n", (unsigned long long)seed);
	for (uint64_t i = 0; i < HISTORIES; i++) {
		memset(&history, 0, sizeof(history));
		furnish(&history, seed + i);
		for (int k = 0; k < EVENTS_PER_HISTORY; k++)
			live(&history);
		runs += history.runs;
		whole += history.whole;
		partly += history.partly;
		held += history.held;
		house_close(&history.house);
	}
	print_message("%zu routines, %zu whole, %zu in part, %zu things held\n", runs,
		      whole, partly, held);
	/* It would prove nothing if nothing ever failed, or everything did. */
	assert_true(runs > 300);
	assert_true(whole > 2);
	assert_true(partly > 100);
	assert_true(held > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_routines),
	};
	return cmocka_run_group_tests_name("routine_holds", tests, NULL, NULL);
}
