/* SPDX-License-Identifier: Apache-2.0 */
/* A warrant is for exactly one action, once, for seconds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/seal.h"
#include "base/str.h"
#include "decide/warrant.h"

static struct action light_on(void)
{
	struct action action = {.kind = ACTION_TURN_ON};

	(void)str_copy(action.entity, sizeof(action.entity), "light.kitchen");
	return action;
}

static int setup(void **state)
{
	struct arena *arena = NULL;

	if (seal_init() || arena_create(1 << 16, &arena))
		return -1;
	*state = arena;
	return 0;
}

static int teardown(void **state)
{
	arena_destroy(*state);
	return 0;
}

static struct warrant *make(void **state, struct action action)
{
	struct warrant *warrant = NULL;

	assert_int_equal(warrant_create(*state, &action, 1000, &warrant), OK);
	return warrant;
}

static void test_once(void **state)
{
	struct warrant *warrant = make(state, light_on());

	const struct action *action = warrant_redeem(warrant, 1000);
	assert_non_null(action);
	assert_int_equal(action->kind, ACTION_TURN_ON);
	assert_string_equal(action->entity, "light.kitchen");
	assert_null(warrant_redeem(warrant, 1000));
}

static void test_for_seconds(void **state)
{
	struct warrant *in_time = make(state, light_on());
	struct warrant *too_late = make(state, light_on());

	assert_non_null(warrant_redeem(in_time, 1000 + WARRANT_LIFE_MS));
	assert_null(warrant_redeem(too_late, 1001 + WARRANT_LIFE_MS));
}

static void test_hash_covers_every_field(void **state)
{
	struct action base = light_on();
	struct action others[7];

	for (size_t i = 0; i < STR_COUNT(others); i++)
		others[i] = base;
	others[0].kind = ACTION_TURN_OFF;
	(void)str_copy(others[1].entity, sizeof(others[1].entity), "light.kitchen2");
	(void)str_copy(others[2].room, sizeof(others[2].room), "bedroom");
	others[3].percent = 1;
	others[4].celsius = 0.001;
	(void)str_copy(others[5].colour, sizeof(others[5].colour), "red");
	(void)str_copy(others[6].mode, sizeof(others[6].mode), "away");
	struct warrant *first = make(state, base);
	struct warrant *same = make(state, base);
	assert_memory_equal(warrant_hash(first), warrant_hash(same), WARRANT_HASH_BYTES);
	for (size_t i = 0; i < STR_COUNT(others); i++)
		assert_memory_not_equal(warrant_hash(first),
					warrant_hash(make(state, others[i])),
					WARRANT_HASH_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_for_seconds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hash_covers_every_field, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
