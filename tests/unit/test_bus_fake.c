/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests fake/bus_fake, because stories believe it.
 */
#include "cmocka_all.h"

#include "base/str.h"
#include "fake/bus_contract.h"
#include "fake/bus_fake.h"

static int64_t now_ms;

static int64_t tell_us(void *self)
{
	(void)self;
	return now_ms * 1000;
}

static int64_t tell_ms(void *self)
{
	(void)self;
	return now_ms;
}

struct heard {
	unsigned done_count;
	unsigned changed_count;
	uint64_t token;
	enum err err;
};

static void on_done(void *context, uint64_t token, enum err err)
{
	struct heard *heard = context;

	heard->done_count++;
	heard->token = token;
	heard->err = err;
}

static void on_changed(void *context)
{
	struct heard *heard = context;

	heard->changed_count++;
}

struct world {
	struct bus_fake *fake;
	struct bus bus;
	struct heard heard;
	struct entity *lamp;
};

static struct world world;

static int make_world(void **state)
{
	static const struct clock_ops ops = {.now_us = tell_us, .wall_ms = tell_ms};

	(void)state;
	world = (struct world){0};
	if (bus_fake_create((struct clock){.ops = &ops},
			    (struct bus_listener){&world.heard, on_done, on_changed,
						  NULL},
			    &world.fake))
		return 1;
	world.bus = bus_fake_bus(world.fake);
	return bus_fake_add(world.fake, ENTITY_LIGHT, "kitchen light", "kitchen",
			    &world.lamp) != OK;
}

static int end_world(void **state)
{
	(void)state;
	bus_close(&world.bus);
	bus_fake_destroy(world.fake);
	return 0;
}

static const struct action DIM = {.kind = ACTION_LIGHT_DIM,
				  .entity = "light.kitchen_light",
				  .percent = 40};

static void test_obeys(void **state)
{
	(void)state;
	assert_true(bus_is_up(&world.bus));
	assert_string_equal(bus_trouble(&world.bus), "");
	assert_int_equal(bus_command(&world.bus, &DIM, 7), OK);
	assert_int_equal(world.heard.done_count, 1);
	assert_int_equal(world.heard.token, 7);
	assert_int_equal(world.heard.err, OK);
	assert_int_equal(world.lamp->state.brightness_percent, 40);
	assert_true(world.lamp->state.on);
	assert_int_equal(bus_fake_command_count(world.fake), 1);
	assert_int_equal(bus_fake_command(world.fake, 0)->percent, 40);
	assert_ptr_equal(home_find_const(bus_home(&world.bus), "light.kitchen_light"),
			 world.lamp);
}

static void test_silence_and_absence(void **state)
{
	(void)state;
	bus_fake_set_ack(world.fake, BUS_FAKE_ACK_NEVER);
	assert_int_equal(bus_command(&world.bus, &DIM, 1), OK);
	now_ms += BUS_ACK_MS - 1;
	bus_fake_pass(world.fake);
	assert_int_equal(world.heard.done_count, 0);
	now_ms += 1;
	bus_fake_pass(world.fake);
	assert_int_equal(world.heard.err, ERR_TIMEOUT);
	assert_false(world.lamp->state.on);
	bus_fake_set_ack(world.fake, BUS_FAKE_ACK_LATER);
	assert_int_equal(bus_command(&world.bus, &DIM, 2), OK);
	bus_fake_set_up(world.fake, false);
	assert_int_equal(world.heard.err, ERR_CLOSED);
	assert_int_equal(world.heard.changed_count, 1);
	assert_int_equal(bus_command(&world.bus, &DIM, 3), ERR_CLOSED);
	bus_fake_set_up(world.fake, true);
	assert_int_equal(bus_command(&world.bus, &DIM, 4), OK);
	bus_fake_acknowledge(world.fake);
	assert_int_equal(world.heard.token, 4);
	assert_int_equal(world.heard.done_count, 3);
}

static void test_refuses(void **state)
{
	struct action action = {.kind = ACTION_UNLOCK, .entity = "light.kitchen_light"};

	(void)state;
	assert_int_equal(bus_command(&world.bus, &action, 1), ERR_UNSUPPORTED);
	action = (struct action){.kind = ACTION_TURN_ON, .entity = "light.none"};
	assert_int_equal(bus_command(&world.bus, &action, 1), ERR_MISSING);
	world.lamp->read_only = true;
	assert_int_equal(bus_command(&world.bus, &DIM, 1), ERR_UNSUPPORTED);
	assert_int_equal(world.heard.done_count, 0);
}

static void nothing(void *context)
{
	(void)context;
}

static void fall(void *context)
{
	bus_fake_set_up(context, false);
}

static void test_contract(void **state)
{
	static const struct clock_ops ops = {.now_us = tell_us, .wall_ms = tell_ms};
	struct bus_contract contract = {.light = "light.lamp",
					.lock = "lock.door",
					.turn = nothing,
					.fall = fall};
	struct bus_fake *fake = NULL;
	struct entity *entity = NULL;
	struct bus bus = {0};

	(void)state;
	assert_int_equal(bus_fake_create((struct clock){.ops = &ops},
					 bus_contract_listener(&contract), &fake),
			 OK);
	assert_int_equal(bus_fake_add(fake, ENTITY_LIGHT, "lamp", "", &entity), OK);
	assert_int_equal(bus_fake_add(fake, ENTITY_LOCK, "door", "", &entity), OK);
	bus = bus_fake_bus(fake);
	contract.bus = &bus;
	contract.context = fake;
	bus_contract_check(&contract);
	bus_fake_destroy(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contract),
		cmocka_unit_test_setup_teardown(test_obeys, make_world, end_world),
		cmocka_unit_test_setup_teardown(test_silence_and_absence, make_world,
						end_world),
		cmocka_unit_test_setup_teardown(test_refuses, make_world, end_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
