/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_power - the power goes at every sync of the main stories in turn, with several throws
 * of the dice, and in the middle of every k-th call that changes a file. Then the keeper
 * starts again: what was acknowledged is there, what was destroyed is nowhere, nothing is
 * half there, and the journal is whole.
 *
 * BEHEST_STEP: in the middle of every so manyth call (1: of each); BEHEST_SEED: of the dice;
 * BEHEST_STORY: of the stories in whose name that stands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "fault/fault_stories.h"

enum { THROWS = 8, STEP = 1 };

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

struct tally {
	size_t cuts;
	size_t acknowledged;
};

/* Lives it until the power goes; false once it did not go. */
static bool cut_once(struct fault_world *world, const struct story *story, unsigned calls,
		     uint64_t n, uint64_t seed, struct tally *tally)
{
	bool was_cut;

	fault_world_rewind(world, seed);
	vfs_power_cut_at(world->power, calls, n);
	if (fault_world_open(world))
		story->live(world);
	was_cut = vfs_power_is_cut(world->power);
	fault_world_close(world);
	/* Closing is a story too: whoever was told something may go at once. */
	vfs_power_cut(world->power);
	vfs_power_restore(world->power);
	fault_world_check(world, story);
	tally->cuts += was_cut;
	tally->acknowledged += world->ledger.event_count + world->ledger.record_count;
	return was_cut;
}

static void cut_everywhere(const struct story *story)
{
	const uint64_t seed = number_from("BEHEST_SEED", 2018);
	const uint64_t step = number_from("BEHEST_STEP", STEP);
	struct fault_world *world = fault_world_create(story);
	struct tally tally = {0};

	for (uint64_t n = 0;; n++) {
		bool went = false;

		for (uint64_t i = 0; i < THROWS; i++)
			went = cut_once(world, story, VFS_POWER_SYNCS, n,
					seed + n * THROWS + i, &tally);
		if (!went)
			break;
	}
	for (uint64_t n = 0;
	     cut_once(world, story, VFS_POWER_CHANGES, n, seed + n, &tally); n += step)
		continue;
	printf("%s: %zu cuts, %zu acknowledged, none lost\n", story->name, tally.cuts,
	       tally.acknowledged);
	assert_true(tally.cuts > 0);
	fault_world_destroy(world);
}

static void no_cut_loses_or_halves_anything(void **state)
{
	(void)state;
	for (size_t i = 0; i < fault_story_count; i++)
		if (fault_story_is_asked(fault_stories[i]))
			cut_everywhere(fault_stories[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_cut_loses_or_halves_anything),
	};

	return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
