/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alerts: one notice for each thing that waits and each state, so many an hour, and with no
 * name in it that was not allowed.
 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "domain/action.h"
#include "fake/clock_fake.h"
#include "fake/push_fake.h"
#include "gate/alerts.h"

enum { HOUR_MS = 3600 * 1000 };

struct bench {
	struct clock_fake clock;
	struct push_fake *fake;
	struct push push;
	struct alerts *alerts;
};

static void pushed(void *context, uint64_t token, const struct delivery *result)
{
	(void)context;
	(void)token;
	(void)result;
}

static void begin(struct bench *bench, bool is_set, bool has_names)
{
	struct alerts_parts parts = {.push = &bench->push, .has_names = has_names};

	memset(bench, 0, sizeof(*bench));
	parts.clock = clock_fake_init(&bench->clock);
	assert_int_equal(push_fake_create((struct push_listener){bench, pushed},
					  &bench->fake),
			 OK);
	if (is_set)
		bench->push = push_fake_push(bench->fake);
	assert_int_equal(alerts_create(&parts, &bench->alerts), OK);
}

static void end(struct bench *bench)
{
	alerts_destroy(bench->alerts);
	push_close(&bench->push);
	push_fake_destroy(bench->fake);
}

static void take(struct bench *bench, uint8_t id, const char *state, const char *action)
{
	struct wire_alert alert = {.id.bytes = {id}, .to = "Anna Keller"};

	assert_true(str_copy(alert.state, sizeof(alert.state), state));
	assert_true(str_copy(alert.action, sizeof(alert.action), action));
	alerts_take(bench->alerts, &alert);
}

static void answer_all(struct bench *bench, enum delivery_outcome outcome)
{
	const struct delivery result = {.outcome = outcome, .words = "as told"};

	while (push_fake_answer(bench->fake, &result))
		;
}

static void one_for_each_and_state(void **state)
{
	const char *message = action_name(ACTION_SEND_MESSAGE);
	struct bench bench;

	(void)state;
	begin(&bench, true, false);
	take(&bench, 1, "asked", message);
	take(&bench, 1, "asked", message);
	assert_int_equal(push_fake_count(bench.fake), 1);
	take(&bench, 1, "unreceipted", message);
	take(&bench, 2, "asked", "");
	take(&bench, 1, "asked", message);
	assert_int_equal(push_fake_count(bench.fake), 3);
	end(&bench);
}

static void other_states_are_no_news(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, true, false);
	take(&bench, 1, "held", "");
	take(&bench, 1, "", "");
	assert_int_equal(push_fake_count(bench.fake), 0);
	end(&bench);
}

static void a_name_only_where_it_is_allowed(void **state)
{
	(void)state;
	for (unsigned has_names = 0; has_names < 2; has_names++) {
		struct bench bench;

		begin(&bench, true, has_names);
		take(&bench, 1, "asked", action_name(ACTION_SEND_MESSAGE));
		take(&bench, 1, "unreceipted", action_name(ACTION_SEND_MESSAGE));
		for (size_t i = 0; i < push_fake_count(bench.fake); i++) {
			const struct push_fake_sent *sent = push_fake_sent(bench.fake, i);

			assert_null(strstr(sent->title, "Anna"));
			assert_int_equal(strstr(sent->text, "Anna") != NULL, has_names);
		}
		assert_int_equal(push_fake_count(bench.fake), 2);
		end(&bench);
	}
}

static void none_where_none_is_set(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, false, false);
	take(&bench, 1, "asked", "");
	assert_int_equal(push_fake_count(bench.fake), 0);
	end(&bench);
}

static void so_many_an_hour(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, true, false);
	for (unsigned i = 0; i < 2 * ALERTS_PER_HOUR; i++) {
		take(&bench, (uint8_t)i, "asked", "");
		answer_all(&bench, DELIVERY_ACCEPTED);
	}
	assert_int_equal(push_fake_count(bench.fake), ALERTS_PER_HOUR);
	clock_fake_pass(&bench.clock, HOUR_MS - 1);
	take(&bench, 100, "asked", "");
	assert_int_equal(push_fake_count(bench.fake), ALERTS_PER_HOUR);
	clock_fake_pass(&bench.clock, 1);
	take(&bench, 101, "asked", "");
	assert_int_equal(push_fake_count(bench.fake), ALERTS_PER_HOUR + 1);
	end(&bench);
}

/* One that stalls takes no place from orders; what it does not take is not sent again. */
static void a_server_that_is_down_is_left_alone(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, true, false);
	for (unsigned i = 0; i < PUSH_OPEN_MAX + 2; i++)
		take(&bench, (uint8_t)i, "asked", "");
	assert_int_equal(push_fake_count(bench.fake), PUSH_OPEN_MAX);
	answer_all(&bench, DELIVERY_LATER);
	take(&bench, 0, "asked", "");
	assert_int_equal(push_fake_count(bench.fake), PUSH_OPEN_MAX);
	end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_for_each_and_state),
		cmocka_unit_test(other_states_are_no_news),
		cmocka_unit_test(a_name_only_where_it_is_allowed),
		cmocka_unit_test(none_where_none_is_set),
		cmocka_unit_test(so_many_an_hour),
		cmocka_unit_test(a_server_that_is_down_is_left_alone),
	};

	return cmocka_run_group_tests_name("alerts", tests, NULL, NULL);
}
