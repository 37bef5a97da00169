/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_ask - a question that was not measured as heard ends with its reason in the
 * journal, once; one that was heard leaves no such row.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>

#include "base/must.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "fake/keep_fake.h"
#include "hub/hub.h"

enum { TURN = 77, WAIT_MS = 30000 };

struct bench {
	struct clock_fake clock;
	struct keep_fake *fake;
	struct hub hub;
	struct hub_room *room;
};

static void done(void *context, uint64_t token, enum err err, struct event_id event,
		 struct record_id record)
{
	struct bench *bench = context;

	(void)event;
	(void)record;
	assert_true(late_done(bench->hub.late, token, err));
}

static void changed(void *context)
{
	struct bench *bench = context;

	late_flush(bench->hub.late);
}

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	must(bench);
	must(loop_create(&bench->hub.loop) == OK);
	must(keep_fake_create(&bench->fake) == OK);
	bench->hub.clock = clock_fake_init(&bench->clock);
	bench->hub.keep = keep_fake_port(bench->fake);
	must(late_create(&bench->hub.keep, &bench->hub.late) == OK);
	keep_fake_listen(bench->fake, (struct keep_listener){
					      .context = bench,
					      .done = done,
					      .changed = changed,
				      });
	bench->room = &bench->hub.rooms[0];
	bench->room->hub = &bench->hub;
	must(str_copy(bench->room->name, sizeof(bench->room->name), "kitchen"));
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	late_destroy(bench->hub.late);
	keep_fake_destroy(bench->fake);
	loop_destroy(bench->hub.loop);
	free(bench);
	return 0;
}

static void measure(struct bench *bench, uint64_t say, bool heard)
{
	const struct wire_message message = {.type = WIRE_prompt_measured,
					     .prompt_measured = {.say = say,
								 .heard = heard,
								 .level_db = 9.0}};

	hub_room_message(bench->room, &message);
}

/* The reason of the one row there is; "" when there is none. */
static const char *row_reason(struct bench *bench)
{
	const struct event *event = NULL;

	keep_fake_settle_steps(bench->fake);
	event = keep_fake_newest(bench->fake, EVENT_QUESTION_OVER);
	assert_int_equal(keep_fake_event_count(bench->fake), event ? 1 : 0);
	if (!event)
		return "";
	assert_int_equal(event->turn.value, TURN);
	assert_string_equal(event->room.text, "kitchen");
	return event_value(event, "reason");
}

static void ask(struct bench *bench)
{
	hub_ask_begin(bench->room, (struct turn_id){TURN});
	hub_ask_sent(bench->room, TURN);
}

static void say(struct bench *bench, bool whole)
{
	hub_ask_said(bench->room, (struct turn_id){TURN}, whole);
}

static void test_heard_is_no_row(void **state)
{
	struct bench *bench = *state;

	ask(bench);
	say(bench, true);
	measure(bench, TURN, true);
	measure(bench, TURN, false); /* of another say with the same number: too late */
	hub_ask_drop(bench->room);
	assert_string_equal(row_reason(bench), "");
}

static void test_not_heard_is_told(void **state)
{
	struct bench *bench = *state;

	ask(bench);
	say(bench, true);
	measure(bench, TURN + 1, true); /* of something else */
	measure(bench, TURN, false);
	hub_ask_drop(bench->room);
	assert_string_equal(row_reason(bench), "PROMPT_NOT_HEARD");
}

static void test_never_measured_is_not_heard(void **state)
{
	struct bench *bench = *state;
	const int64_t until_ms = loop_now_ms() + WAIT_MS;

	ask(bench);
	say(bench, true);
	assert_string_equal(row_reason(bench), "");
	while (row_reason(bench)[0] == '\0' && loop_now_ms() < until_ms)
		assert_int_equal(loop_run_once(bench->hub.loop, 100), OK);
	assert_string_equal(row_reason(bench), "PROMPT_NOT_HEARD");
}

static void test_interrupted_is_called_off(void **state)
{
	struct bench *bench = *state;

	ask(bench);
	say(bench, false);
	measure(bench, TURN, true);
	assert_string_equal(row_reason(bench), "CANCELLED");
}

static void test_a_room_that_is_away_hears_nothing(void **state)
{
	struct bench *bench = *state;

	ask(bench);
	hub_ask_drop(bench->room);
	assert_string_equal(row_reason(bench), "PROMPT_NOT_HEARD");
}

static void test_what_is_no_question_is_not_settled(void **state)
{
	struct bench *bench = *state;

	say(bench, true);
	measure(bench, TURN, false);
	hub_ask_drop(bench->room);
	assert_string_equal(row_reason(bench), "");
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		STAGED(test_heard_is_no_row),
		STAGED(test_not_heard_is_told),
		STAGED(test_never_measured_is_not_heard),
		STAGED(test_interrupted_is_called_off),
		STAGED(test_a_room_that_is_away_hears_nothing),
		STAGED(test_what_is_no_question_is_not_settled),
	};
#undef STAGED

	return cmocka_run_group_tests(tests, NULL, NULL);
}
