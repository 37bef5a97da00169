/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story_box - a day of the household's box is over: its key ends, the next one begins, and
 * at last the box is switched off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "fault/fault_stories.h"
#include "keeper/desk_inner.h"

enum { DAY_MS = 24 * 60 * 60 * 1000, MINUTE_MS = 60 * 1000 };

enum { TOLD_OFF };

/* Something of the hall, which is nobody's, and of the kitchen, which is alice's. */
static void set_up(struct fault_world *world)
{
	static const struct wire_room_set hall = {.room = "hall",
						  .capabilities = MAY_ALL};
	static const struct wire_box_set on = {.on = 1};
	struct desk_bench_link *alice;

	fault_make_house(world, NULL);
	alice = world->house.alice;
	assert_int_equal(fault_change(world, alice, WIRE_room_set, &hall), OK);
	assert_int_equal(fault_change(world, alice, WIRE_box_set, &on), OK);
	assert_non_null(fault_seal(world, 1, "kitchen"));
	assert_non_null(fault_seal(world, 2, "hall"));
	world->begin_ms = DAY_MS - MINUTE_MS;
}

/* The keeper takes the key of before for ended. */
static bool is_over(const struct fault_world *world)
{
	const struct desk *desk = world->bench->desk;

	for (size_t i = 0; i < desk->box.key_count; i++)
		if (desk->box.keys[i].generation * MINUTE_MS + DAY_MS <=
		    (uint64_t)world->bench->clock.wall_ms)
			return false;
	return desk->state == DESK_READY;
}

static void live(struct fault_world *world)
{
	static const struct wire_box_set off = {.on = 0};
	struct ledger *ledger = &world->ledger;
	struct ledger_record *record;

	ledger->records[1].fate = FATE_ASKED;
	fault_tick(world, 2 * MINUTE_MS);
	if (is_over(world)) {
		fault_is_gone(world, STORE_BOX, NULL);
		fault_is_gone(world, STORE_BACKUP, NULL);
	}
	record = fault_seal(world, 50, "hall");
	if (!fault_sign_in(world))
		return;
	if (record)
		record->fate = FATE_ASKED;
	ledger->told[TOLD_OFF] =
		fault_change(world, world->house.alice, WIRE_box_set, &off) == OK;
	fault_tick(world, 1000);
}

/* By now its time is over; and so is all of it, where the box was switched off. */
static void check(struct fault_world *world)
{
	struct ledger *ledger = &world->ledger;

	fault_tick(world, 2 * MINUTE_MS);
	for (size_t i = 1; i < ledger->record_count; i++)
		if (i == 1 ||
		    (ledger->told[TOLD_OFF] && ledger->records[i].fate == FATE_ASKED))
			ledger->records[i].fate = FATE_GONE;
	fault_is_gone(world, STORE_BOX, NULL);
}

const struct story STORY_BOX = {"a day of the box", set_up, live, check, NULL};
