/* SPDX-License-Identifier: Apache-2.0 */
/* story_begin - a house begins: its first owner, a room, events and recordings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fault/fault_stories.h"

enum { EVENTS = 2, RECORDINGS = 2 };

static void live(struct fault_world *world)
{
	struct ledger *ledger = &world->ledger;
	uint64_t token = 10;

	ledger->has_owner = desk_bench_make_owner(world->bench, world->house.alice,
						  "alice", FAULT_PASSPHRASE, NULL, NULL);
	if (fault_sign_in(world))
		ledger->has_room =
			desk_bench_add_room(world->bench, world->house.alice, "kitchen");
	for (size_t i = 0; i < EVENTS; i++)
		fault_append(world, ++token);
	for (size_t i = 0; i < RECORDINGS; i++)
		(void)fault_seal(world, ++token, "kitchen");
}

/* The room that was acknowledged takes recordings. */
static void check(struct fault_world *world)
{
	if (world->ledger.has_room)
		assert_non_null(fault_seal(world, 99, "kitchen"));
}

const struct story STORY_BEGIN = {"a house begins", NULL, live, check, NULL};
