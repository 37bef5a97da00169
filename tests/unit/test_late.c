/* SPDX-License-Identifier: Apache-2.0 */
/* The hub's events reach the journal in order, also across a keeper that comes and goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/must.h"
#include "fake/clock_fake.h"
#include "fake/keep_fake.h"
#include "hub/hub.h"

struct bench {
	struct keep_fake *fake;
	struct keep keep;
	struct late *late;
};

static void done(void *context, uint64_t token, enum err err, struct event_id event,
		 struct record_id record)
{
	struct bench *bench = context;

	(void)event;
	(void)record;
	assert_true(late_done(bench->late, token, err));
}

static void changed(void *context)
{
	struct bench *bench = context;
	late_flush(bench->late);
}

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	must(bench);
	must(keep_fake_create(&bench->fake) == OK);
	bench->keep = keep_fake_port(bench->fake);
	must(late_create(&bench->keep, &bench->late) == OK);
	keep_fake_listen(bench->fake, (struct keep_listener){.context = bench,
							     .done = done,
							     .changed = changed});
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	late_destroy(bench->late);
	keep_fake_destroy(bench->fake);
	free(bench);
	return 0;
}

static void push(struct bench *bench, uint64_t turn)
{
	struct event event;

	event_init(&event, EVENT_WAKE, (struct turn_id){turn}, "kitchen", 1);
	late_push(bench->late, &event);
}

static void check_order(const struct bench *bench, uint64_t first, size_t count)
{
	assert_int_equal(keep_fake_event_count(bench->fake), count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(keep_fake_event(bench->fake, i)->turn.value, first + i);
}

static void test_in_order(void **state)
{
	struct bench *bench = *state;

	for (uint64_t turn = 1; turn <= 5; turn++)
		push(bench, turn);
	keep_fake_settle_steps(bench->fake);
	check_order(bench, 1, 5);
	assert_int_equal(late_count(bench->late), 0);
}

static void test_keeper_comes_and_goes(void **state)
{
	struct bench *bench = *state;

	push(bench, 1);
	keep_fake_set_up(bench->fake, false);
	keep_fake_settle_steps(bench->fake);
	push(bench, 2);
	push(bench, 3);
	assert_int_equal(late_count(bench->late), 3);
	keep_fake_set_up(bench->fake, true);
	keep_fake_settle_steps(bench->fake);
	check_order(bench, 1, 3);
}

static void test_failures_pass(void **state)
{
	struct bench *bench = *state;

	keep_fake_fail_next(bench->fake, 1, ERR_TIMEOUT);
	push(bench, 1);
	keep_fake_settle_steps(bench->fake);
	assert_int_equal(late_count(bench->late), 1);
	late_flush(bench->late);
	keep_fake_settle_steps(bench->fake);
	check_order(bench, 1, 1);
}

/* What the home bus refuses is written down, outside of any turn. */
static void test_refused_announcements_are_journaled(void **state)
{
	struct bench *bench = *state;
	static struct hub hub;
	struct clock_fake time;
	const struct event *event = NULL;
	char sentence[EVENT_SENTENCE_BYTES];

	hub.late = bench->late;
	hub.clock = clock_fake_init(&time);
	hub_bus_listener(&hub).refused(&hub, "homeassistant/light/x/config",
				       "name: expected text");
	keep_fake_settle_steps(bench->fake);
	assert_int_equal(keep_fake_event_count(bench->fake), 1);
	event = keep_fake_newest(bench->fake, EVENT_ANNOUNCEMENT_REFUSED);
	assert_non_null(event);
	assert_int_equal(event->turn.value, 0);
	event_sentence(event, sentence);
	assert_string_equal(
		sentence,
		"A device announced itself at homeassistant/light/x/config, and "
		"that was refused: name: expected text.");
}

/* What the keeper will never take does not stand in the way of the rest. */
static void test_refused_is_dropped(void **state)
{
	struct bench *bench = *state;

	keep_fake_fail_next(bench->fake, 1, ERR_FORMAT);
	push(bench, 1);
	push(bench, 2);
	keep_fake_settle_steps(bench->fake);
	late_flush(bench->late);
	keep_fake_settle_steps(bench->fake);
	check_order(bench, 2, 1);
}

static void test_only_the_oldest_are_dropped(void **state)
{
	struct bench *bench = *state;

	keep_fake_set_up(bench->fake, false);
	keep_fake_settle_steps(bench->fake);
	for (uint64_t turn = 1; turn <= LATE_EVENTS_MAX + 2; turn++)
		push(bench, turn);
	keep_fake_set_up(bench->fake, true);
	keep_fake_settle_steps(bench->fake);
	check_order(bench, 3, LATE_EVENTS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keeper_comes_and_goes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_failures_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused_announcements_are_journaled,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused_is_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(test_only_the_oldest_are_dropped, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
