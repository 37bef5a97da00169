/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_io_faults - every call of the store to its disk fails in turn, for every kind of call,
 * for want of space and otherwise, once and for ever, through the main stories. The keeper
 * does not crash, says why, and what it said to be done is done: that is compared at once
 * while it runs on, after a restart, and after a power cut.
 *
 * BEHEST_STEP: only every so manyth call.
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

enum { STEP = 1 };

static const struct way {
	enum vfs_power_fault fault;
	bool for_ever;
	bool then_cut; /* the power goes right afterwards */
} WAYS[] = {
	{VFS_POWER_EIO, false, false},  {VFS_POWER_EIO, false, true},
	{VFS_POWER_EIO, true, false},   {VFS_POWER_ENOSPC, false, false},
	{VFS_POWER_ENOSPC, true, true},
};

/* False: there is no n-th call. */
static bool fail_once(struct fault_world *world, const struct story *story,
		      const struct way *way, unsigned calls, uint64_t n)
{
	bool has_failed;

	fault_world_rewind(world, n);
	vfs_power_fail_at(world->power, calls, n, way->fault, way->for_ever);
	if (fault_world_open(world))
		story->live(world);
	has_failed = vfs_power_has_failed(world->power);
	vfs_power_heal(world->power);
	fault_world_close(world);
	if (way->then_cut) {
		vfs_power_cut(world->power);
		vfs_power_restore(world->power);
	}
	fault_world_check(world, story);
	return has_failed;
}

static void fail_everywhere(const struct story *story, const struct way *way)
{
	const char *text = getenv("BEHEST_STEP");
	const uint64_t step = text ? strtoull(text, NULL, 0) : STEP;
	struct fault_world *world = fault_world_create(story);
	const unsigned calls = way->fault == VFS_POWER_ENOSPC
				       ? VFS_POWER_ONLY(VFS_POWER_WRITE)
				       : VFS_POWER_ALL;
	uint64_t n = 0;

	while (fail_once(world, story, way, calls, n))
		n += step;
	printf("%s: %zu calls failed\n", story->name, (size_t)n);
	assert_true(n > 0);
	fault_world_destroy(world);
}

static void no_failing_call_loses_or_pretends_anything(void **state)
{
	(void)state;
	for (size_t i = 0; i < fault_story_count; i++) {
		for (size_t way = 0;
		     fault_story_is_asked(fault_stories[i]) && way < STR_COUNT(WAYS);
		     way++)
			fail_everywhere(fault_stories[i], &WAYS[way]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_failing_call_loses_or_pretends_anything),
	};

	return cmocka_run_group_tests_name("io_faults", tests, NULL, NULL);
}
