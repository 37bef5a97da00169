/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_memory_faults - allocations of the main stories fail, one in each run, of the keeper's
 * own and of the libraries' below it. It does not crash and, sanitized, leaks nothing; what it
 * said to be done is done, and after a restart everything is there.
 *
 * A story asks for memory thousands of times, most of them in the same loops of the library
 * below. So those fail that fault_ways.h chooses. BEHEST_ALL=1: every single one. BEHEST_STEP:
 * only every so manyth of these. BEHEST_STORY: of the stories in whose name that stands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "fault/alloc_faults.h"
#include "fault/fault_stories.h"
#include "fault/fault_ways.h"

/* Sanitized it takes several times as long. */
#ifdef __SANITIZE_ADDRESS__
enum { STEP = 5 };
#else
enum { STEP = 1 };
#endif

enum { SEED = 5 };

/* The same each time but for the one that fails. */
static void fail_once(struct fault_world *world, const struct story *story, uint64_t n)
{
	fault_world_rewind(world, SEED);
	alloc_faults_at(n);
	if (fault_world_open(world))
		story->live(world);
	assert_true(alloc_faults_has_failed());
	alloc_faults_heal();
	fault_world_check_running(world, story);
	fault_world_close(world);
	fault_world_check(world, story);
}

/* Without any fault everything is well. Returns how many allocations there are. */
static size_t live_well(struct fault_world *world, const struct story *story)
{
	size_t count;

	fault_world_rewind(world, SEED);
	fault_ways_begin();
	assert_true(fault_world_open(world));
	story->live(world);
	count = fault_ways_end();
	fault_world_close(world);
	fault_world_check(world, story);
	return count;
}

/* The first time libraries ask for what they keep from then on. */
static size_t note_ways(struct fault_world *world, const struct story *story)
{
	(void)live_well(world, story);
	return live_well(world, story);
}

static void fail_in_turn(const struct story *story)
{
	const char *text = getenv("BEHEST_STEP");
	const uint64_t step = text ? strtoull(text, NULL, 0) : STEP;
	struct fault_world *world = fault_world_create(story);
	const size_t count = note_ways(world, story);
	size_t chosen = 0;
	size_t failed = 0;

	for (size_t n = 0; n < count; n++) {
		if (!fault_ways_choose(n) || chosen++ % step != 0)
			continue;
		fail_once(world, story, n);
		failed++;
	}
	fault_ways_remember();
	printf("%s: %zu of %zu allocations failed, nothing was lost or pretended\n",
	       story->name, failed, count);
	assert_true(failed > 0);
	fault_world_destroy(world);
}

static void no_missing_memory_loses_or_pretends_anything(void **state)
{
	(void)state;
	for (size_t i = 0; i < fault_story_count; i++)
		if (fault_story_is_asked(fault_stories[i]))
			fail_in_turn(fault_stories[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_missing_memory_loses_or_pretends_anything),
	};

	fault_ways_init();
	alloc_faults_init(&desk_bench_is_inside);
	return cmocka_run_group_tests_name("memory_faults", tests, NULL, NULL);
}
