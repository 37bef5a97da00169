/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_ringing - what a room rings for: with a reason on record, never longer than a ring, and
 * for a minute where the hub is gone, for nobody can stop it then.
 */
#include "unit/cmocka_all.h"

#include "room/ringing.h"

enum { NOW = 5000, PARENT = 3 };

static struct wire_ring ring_for(uint32_t left_ms)
{
	return (struct wire_ring){.ring = 7,
				  .parent = PARENT,
				  .pattern = RING_ALARM,
				  .percent = 80,
				  .left_ms = left_ms};
}

static struct ringing begun(uint32_t left_ms)
{
	const struct wire_ring asked = ring_for(left_ms);
	struct ringing ringing = {.is_on = false};

	assert_true(ringing_begin(&ringing, &asked, NOW));
	return ringing;
}

static void it_has_a_reason_and_a_pattern(void **state)
{
	struct ringing ringing = begun(RING_MS);
	struct wire_ring asked = ring_for(RING_MS);

	(void)state;
	asked.ring = 8;
	asked.parent = 0;
	assert_false(ringing_begin(&ringing, &asked, NOW));
	asked.parent = PARENT;
	asked.pattern = RING_PATTERN_COUNT;
	assert_false(ringing_begin(&ringing, &asked, NOW));
	assert_true(ringing.is_on);
	assert_int_equal(ringing.ring, 7);
	ringing_end(&ringing);
	assert_false(ringing_is_due(&ringing, NOW));
}

static void it_is_never_longer_than_a_ring(void **state)
{
	const struct ringing ringing = begun(UINT32_MAX);

	(void)state;
	assert_false(ringing_is_over(&ringing, NOW + RING_MS - 1));
	assert_true(ringing_is_over(&ringing, NOW + RING_MS));
	assert_true(ringing_is_over(&ringing, NOW - 1));
	assert_int_equal(ringing_ms(&ringing, NOW + 2 * (int64_t)RING_MS), RING_MS);
}

static void it_sounds_again_and_again_with_quiet_in_between(void **state)
{
	struct ringing ringing = begun(RING_MS);

	(void)state;
	assert_true(ringing_is_due(&ringing, NOW));
	ringing_sounds(&ringing, NOW);
	assert_false(ringing_is_due(&ringing, NOW + RING_CYCLE_MS - 1));
	assert_true(ringing_is_due(&ringing, NOW + RING_CYCLE_MS));
	ringing_waits(&ringing, NOW + RING_CYCLE_MS);
	assert_false(ringing_is_due(&ringing, NOW + RING_CYCLE_MS));
}

static void without_a_hub_it_rings_a_minute_at_most(void **state)
{
	struct ringing ringing = begun(RING_MS);
	struct ringing nearly_over = begun(RING_ALONE_MS / 2);
	struct ringing silent = {.is_on = false};

	(void)state;
	ringing_alone(&ringing, NOW + 1000);
	assert_false(ringing_is_over(&ringing, NOW + 1000 + RING_ALONE_MS - 1));
	assert_true(ringing_is_over(&ringing, NOW + 1000 + RING_ALONE_MS));
	ringing_alone(&nearly_over, NOW);
	assert_true(ringing_is_over(&nearly_over, NOW + RING_ALONE_MS / 2));
	ringing_alone(&silent, NOW);
	assert_false(silent.is_on);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_has_a_reason_and_a_pattern),
		cmocka_unit_test(it_is_never_longer_than_a_ring),
		cmocka_unit_test(it_sounds_again_and_again_with_quiet_in_between),
		cmocka_unit_test(without_a_hub_it_rings_a_minute_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
