/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_io_faults - every call of the store to its disk fails in turn, once, through all the
 * stories; then, of the calls that fault_ways.h chooses, each for ever, for want of space, and
 * with the power gone right afterwards. The keeper does not crash, says why, and what it said
 * to be done is done: that is compared at once while it runs on, after a restart, and after a
 * power cut.
 *
 * BEHEST_ALL=1: every single call in each of these ways. BEHEST_STEP: only every so manyth of
 * these. BEHEST_STORY: of the stories in whose name that stands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "fault/fault_stories.h"
#include "fault/fault_ways.h"

enum { STEP = 1, SEED = 5 };

static const struct way {
	const char *words;
	enum vfs_power_fault fault;
	bool is_every_one; /* and not only those that are chosen */
	bool for_ever;
	bool then_cut; /* the power goes right afterwards */
} WAYS[] = {
	{"once", VFS_POWER_EIO, true, false, false},
	{"once before a power cut", VFS_POWER_EIO, false, false, true},
	{"for ever", VFS_POWER_EIO, false, true, false},
	{"for want of space", VFS_POWER_ENOSPC, false, false, false},
	{"for want of space for ever before a power cut", VFS_POWER_ENOSPC, false, true,
	 true},
};

static unsigned calls_of(const struct way *way)
{
	return way->fault == VFS_POWER_ENOSPC ? VFS_POWER_ONLY(VFS_POWER_WRITE)
					      : VFS_POWER_ALL;
}

/* Without any fault everything is well. Returns how many calls there are. */
static size_t note_ways(struct fault_world *world, const struct story *story,
			const struct way *way)
{
	size_t count;

	fault_world_rewind(world, SEED);
	vfs_power_fail_at(world->power, calls_of(way), UINT64_MAX, way->fault, false);
	fault_ways_begin();
	assert_true(fault_world_open(world));
	story->live(world);
	count = fault_ways_end();
	vfs_power_heal(world->power);
	fault_world_close(world);
	fault_world_check(world, story);
	return count;
}

/* The same each time but for the one that fails. */
static void fail_once(struct fault_world *world, const struct story *story,
		      const struct way *way, uint64_t n)
{
	fault_world_rewind(world, SEED);
	vfs_power_fail_at(world->power, calls_of(way), n, way->fault, way->for_ever);
	if (fault_world_open(world))
		story->live(world);
	assert_true(vfs_power_has_failed(world->power));
	vfs_power_heal(world->power);
	fault_world_check_running(world, story);
	fault_world_close(world);
	if (way->then_cut) {
		vfs_power_cut(world->power);
		vfs_power_restore(world->power);
	}
	fault_world_check(world, story);
}

static void fail_in_turn(const struct story *story, const struct way *way)
{
	const char *text = getenv("BEHEST_STEP");
	const uint64_t step = text ? strtoull(text, NULL, 0) : STEP;
	struct fault_world *world = fault_world_create(story);
	const size_t count = note_ways(world, story, way);
	size_t chosen = 0;
	size_t failed = 0;

	for (size_t n = 0; n < count; n++) {
		if ((!way->is_every_one && !fault_ways_choose(n)) || chosen++ % step != 0)
			continue;
		fail_once(world, story, way, n);
		failed++;
	}
	fault_ways_remember();
	printf("%s: %zu of %zu calls failed %s, nothing was lost or pretended\n",
	       story->name, failed, count, way->words);
	assert_true(failed > 0);
	fault_world_destroy(world);
}

static void no_failing_call_loses_or_pretends_anything(void **state)
{
	(void)state;
	for (size_t way = 0; way < STR_COUNT(WAYS); way++) {
		fault_ways_forget();
		for (size_t i = 0; i < fault_story_count; i++)
			if (fault_story_is_asked(fault_stories[i]))
				fail_in_turn(fault_stories[i], &WAYS[way]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_failing_call_loses_or_pretends_anything),
	};

	fault_ways_init();
	return cmocka_run_group_tests_name("io_faults", tests, NULL, NULL);
}
