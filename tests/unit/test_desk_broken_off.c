/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_desk_broken_off - a routine that a hub left in the middle has an outcome once a hub
 * begins anew: one, of that routine alone, and only then.
 */
#include "unit/cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "fake/desk_house.h"

enum { TOKEN = 77, MANY = 300 };

static uint64_t turn_of(const struct house *house, unsigned number)
{
	return (uint64_t)house->bench->clock.wall_ms << 16 | number;
}

static void append(struct house *house, struct event *event)
{
	const struct wire_append append = {.token = TOKEN, .event = *event};

	house_say(house, house->hub, WIRE_append, &append);
}

/* line 0: the call itself. */
static void decided(struct house *house, uint64_t turn, const char *decision,
		    const char *action, int line)
{
	struct event event;

	event_init(&event, EVENT_DECIDED, (struct turn_id){turn}, "kitchen",
		   house->bench->clock.wall_ms);
	event_add(&event, "decision", decision);
	event_add(&event, "action", action);
	if (line > 0)
		event_add_int(&event, "line", line);
	event_add(&event, "entity", line > 0 ? "light.a" : "good night");
	append(house, &event);
}

static void ended(struct house *house, uint64_t turn, enum event_kind kind,
		  const char *action)
{
	struct event event;

	event_init(&event, kind, (struct turn_id){turn}, "kitchen",
		   house->bench->clock.wall_ms);
	event_add(&event, "action", action);
	event_add(&event, "entity", "x");
	append(house, &event);
}

static void hub_begins(struct house *house)
{
	static const struct wire_begun begun;

	house_say(house, house->hub, WIRE_begun, &begun);
	house_pass(house, 1000);
}

/* How many say that it was broken off; *out_last is the newest of them. */
static size_t broken_off(struct house *house, uint64_t turn, struct event *out_last)
{
	const struct wire_why_get get = {.turn = turn};
	const struct wire_message *message;
	size_t count = 0;

	house_forget(house->alice);
	house_say(house, house->alice, WIRE_why_get, &get);
	while ((message = desk_bench_take(house->alice)) &&
	       message->type == WIRE_why_row) {
		const struct event *event = &message->why_row.event;

		if (!str_equal(event_value(event, "reason"), "BROKEN_OFF"))
			continue;
		assert_int_equal(event->kind, EVENT_FAILED);
		count++;
		*out_last = *event;
	}
	return count;
}

static void test_a_hub_that_died_in_the_middle(void **state)
{
	struct house house = house_make();
	const uint64_t turn = turn_of(&house, 1);
	char sentence[EVENT_SENTENCE_BYTES];
	struct event event;

	(void)state;
	decided(&house, turn, "act", "routine.run", 0);
	decided(&house, turn, "act", "device.off", 1);
	ended(&house, turn, EVENT_DONE, "device.off");
	decided(&house, turn, "act", "device.off", 2);
	house_pass(&house, 60 * 1000);
	assert_int_equal(broken_off(&house, turn, &event), 0);
	hub_begins(&house);
	assert_int_equal(broken_off(&house, turn, &event), 1);
	assert_string_equal(event_value(&event, "action"), "routine.run");
	assert_string_equal(event_value(&event, "entity"), "good night");
	assert_string_equal(event.room.text, "kitchen");
	event_sentence(&event, sentence);
	assert_string_equal(sentence,
			    "It failed: routine.run on good night: BROKEN_OFF. No "
			    "line behind line 2 was begun.");
	hub_begins(&house);
	assert_int_equal(broken_off(&house, turn, &event), 1);
	desk_bench_destroy(house.bench);
}

static void test_before_its_first_line(void **state)
{
	struct house house = house_make();
	const uint64_t turn = turn_of(&house, 1);
	struct event event;

	(void)state;
	decided(&house, turn, "act", "routine.run", 0);
	desk_bench_restart(house.bench); /* both died */
	house_open_links(&house);
	desk_bench_settle(house.bench);
	assert_true(desk_bench_unlock(house.bench, house.alice, "alice",
				      "correct horse battery"));
	hub_begins(&house);
	assert_int_equal(broken_off(&house, turn, &event), 1);
	assert_string_equal(event_value(&event, "ground"),
			    " None of its lines was begun.");
	desk_bench_destroy(house.bench);
}

/* What ended, well or not, was refused, or is no routine has no other outcome; and what
 * begins behind the new hub is its own. */
static void test_nothing_else_was(void **state)
{
	struct house house = house_make();
	const uint64_t well = turn_of(&house, 1);
	const uint64_t badly = turn_of(&house, 2);
	const uint64_t refused = turn_of(&house, 3);
	const uint64_t other = turn_of(&house, 4);
	const uint64_t later = turn_of(&house, 5);
	const uint64_t turns[] = {well, badly, refused, other, later};
	struct event event;

	(void)state;
	decided(&house, well, "act", "routine.run", 0);
	ended(&house, well, EVENT_DONE, "routine.run");
	decided(&house, badly, "act", "routine.run", 0);
	decided(&house, badly, "act", "device.off", 1);
	ended(&house, badly, EVENT_FAILED, "device.off");
	ended(&house, badly, EVENT_FAILED, "routine.run");
	decided(&house, refused, "refuse", "routine.run", 0);
	decided(&house, other, "act", "device.off", 0);
	hub_begins(&house);
	decided(&house, later, "act", "routine.run", 0);
	house_pass(&house, 60 * 1000);
	for (size_t i = 0; i < STR_COUNT(turns); i++)
		assert_int_equal(broken_off(&house, turns[i], &event), 0);
	desk_bench_destroy(house.bench);
}

/* Behind many pages of others; and of more than are looked at none is made up. */
static void test_far_back(void **state)
{
	struct house house = house_make();
	const uint64_t turn = turn_of(&house, 1);
	struct event event;

	(void)state;
	decided(&house, turn, "act", "routine.run", 0);
	for (unsigned i = 0; i < MANY; i++)
		ended(&house, turn_of(&house, 2 + i), EVENT_DONE, "device.off");
	hub_begins(&house);
	assert_int_equal(broken_off(&house, turn, &event), 1);
	desk_bench_destroy(house.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_hub_that_died_in_the_middle),
		cmocka_unit_test(test_before_its_first_line),
		cmocka_unit_test(test_nothing_else_was),
		cmocka_unit_test(test_far_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
