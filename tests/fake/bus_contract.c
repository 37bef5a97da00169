/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus_contract - the promises of port/bus.h, one after the other.
 */
#include "fake/bus_contract.h"

#include "base/str.h"
#include "unit/cmocka_all.h"

enum { TURNS_MAX = 2000 };

static void on_done(void *context, uint64_t token, enum err err)
{
	struct bus_contract *contract = context;

	contract->done_count++;
	contract->token = token;
	contract->err = err;
}

static void on_changed(void *context)
{
	struct bus_contract *contract = context;

	contract->changed_count++;
}

struct bus_listener bus_contract_listener(struct bus_contract *contract)
{
	return (struct bus_listener){contract, on_done, on_changed, NULL};
}

static struct action to(const char *entity, enum action_kind kind)
{
	struct action action = {.kind = kind, .percent = 40};

	assert_true(str_copy(action.entity, sizeof(action.entity), entity));
	return action;
}

static void wait_for_done(struct bus_contract *contract, unsigned count)
{
	for (unsigned i = 0; i < TURNS_MAX && contract->done_count < count; i++)
		contract->turn(contract->context);
	assert_int_equal(contract->done_count, count);
}

/* A command of a device that can do it: done once, with its token. */
static void check_done(struct bus_contract *contract)
{
	struct action dim = to(contract->light, ACTION_LIGHT_DIM);
	const struct entity *light = NULL;

	assert_int_equal(bus_command(contract->bus, &dim, 11), OK);
	wait_for_done(contract, 1);
	assert_true(contract->token == 11);
	assert_int_equal(contract->err, OK);
	for (unsigned i = 0; i < TURNS_MAX; i++) {
		light = home_find_const(bus_home(contract->bus), contract->light);
		assert_non_null(light);
		if (light->state.brightness_percent == 40)
			break;
		contract->turn(contract->context);
	}
	assert_int_equal(light->state.brightness_percent, 40);
	assert_int_equal(contract->done_count, 1);
}

/* What is refused at once is never done. */
static void check_refused(struct bus_contract *contract)
{
	struct action nobody = to("light.nobody at all", ACTION_TURN_ON);
	struct action unlock = to(contract->lock, ACTION_UNLOCK);
	struct action press = to(contract->light, ACTION_PRESS);

	assert_int_equal(bus_command(contract->bus, &nobody, 12), ERR_MISSING);
	assert_int_equal(bus_command(contract->bus, &unlock, 13), ERR_UNSUPPORTED);
	assert_int_equal(bus_command(contract->bus, &press, 14), ERR_UNSUPPORTED);
	contract->turn(contract->context);
	assert_int_equal(contract->done_count, 1);
}

/* Away: it says so, tells the listener, keeps the names, and takes no command. */
static void check_away(struct bus_contract *contract)
{
	struct action dim = to(contract->light, ACTION_LIGHT_DIM);
	unsigned changed = contract->changed_count;

	contract->fall(contract->context);
	for (unsigned i = 0; i < TURNS_MAX && bus_is_up(contract->bus); i++)
		contract->turn(contract->context);
	assert_false(bus_is_up(contract->bus));
	assert_true(bus_trouble(contract->bus)[0] != 0);
	assert_true(contract->changed_count > changed);
	assert_non_null(home_find_const(bus_home(contract->bus), contract->light));
	assert_int_equal(bus_command(contract->bus, &dim, 15), ERR_CLOSED);
	contract->turn(contract->context);
	assert_int_equal(contract->done_count, 1);
}

void bus_contract_check(struct bus_contract *contract)
{
	assert_true(bus_is_up(contract->bus));
	assert_string_equal(bus_trouble(contract->bus), "");
	check_done(contract);
	check_refused(contract);
	check_away(contract);
}
