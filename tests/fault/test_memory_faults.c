/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_memory_faults - each allocation of the main stories fails in turn, of the keeper's own
 * and of the libraries' below it. It does not crash and, sanitized, leaks nothing; what it
 * said to be done is done, and after a restart everything is there.
 *
 * BEHEST_STEP: only every so manyth.
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

/* Sanitized it takes several times as long. */
#ifdef __SANITIZE_ADDRESS__
enum { STEP = 5 };
#else
enum { STEP = 1 };
#endif

/* False: there is no n-th. */
static bool fail_once(struct fault_world *world, const struct story *story, uint64_t n)
{
	bool has_failed;

	fault_world_rewind(world, n);
	alloc_faults_at(n);
	if (fault_world_open(world))
		story->live(world);
	has_failed = alloc_faults_has_failed();
	alloc_faults_heal();
	fault_world_close(world);
	fault_world_check(world, story);
	return has_failed;
}

static void no_missing_memory_loses_or_pretends_anything(void **state)
{
	const char *text = getenv("BEHEST_STEP");
	const uint64_t step = text ? strtoull(text, NULL, 0) : STEP;

	(void)state;
	for (size_t i = 0; i < fault_story_count; i++) {
		struct fault_world *world = fault_world_create(fault_stories[i]);
		uint64_t n = 0;

		while (fail_once(world, fault_stories[i], n))
			n += step;
		printf("%s: %zu allocations failed\n", fault_stories[i]->name, (size_t)n);
		assert_true(n > 0);
		fault_world_destroy(world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_missing_memory_loses_or_pretends_anything),
	};

	alloc_faults_init(&desk_bench_is_inside);
	return cmocka_run_group_tests_name("memory_faults", tests, NULL, NULL);
}
