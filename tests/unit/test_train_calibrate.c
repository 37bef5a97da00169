/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_train_calibrate - intervals against tables, events as a detector counts them, and
 * thresholds that hold on made-up sound that they were not chosen on.
 */
#include "unit/cmocka_all.h"

#include <math.h>
#include <stdlib.h>

#include "train/calibrate.h"
#include "train/random.h"

enum { ROWS_PER_HOUR = 3600 * 1000 / EMBEDDING_STEP_MS };

static void assert_near(double got, double want, double within)
{
	if (fabs(got - want) > within)
		fail_msg("%g is not %g", got, want);
}

static void test_intervals(void **state)
{
	(void)state;
	assert_near(interval_count(0).low, 0, 0);
	assert_near(interval_count(0).high, 3.689, 0.001);
	assert_near(interval_count(3).low, 0.619, 0.001);
	assert_near(interval_count(3).high, 8.767, 0.001);
	assert_near(interval_count(100).low, 81.36, 0.01);
	assert_near(interval_count(100).high, 121.63, 0.01);
	assert_near(interval_share(0, 38).high, 0.0918, 0.0001);
	assert_near(interval_share(2, 38).low, 0.0146, 0.0001);
	assert_near(interval_share(2, 38).high, 0.1729, 0.0001);
}

static void test_events(void **state)
{
	float scores[200];
	struct events events = {.count = 0};

	(void)state;
	for (size_t i = 0; i < 200; i++)
		scores[i] = i < 15 ? JUDGE_NOTHING : -5;
	scores[40] = 3;
	scores[41] = 4; /* the same event */
	scores[41 + CALIBRATE_REFRACTORY + 1] = 2;
	assert_int_equal(events_add(&events, scores, 200), OK);
	events_sort(&events);
	assert_int_equal(events_above(&events, 3.5), 1);
	assert_int_equal(events_above(&events, 2), 2);
	assert_int_equal(events_above(&events, 0), 2);
	assert_near(events.hours, 185.0 / ROWS_PER_HOUR, 1e-9);
	events_finish(&events);
}

/* Mostly about -8, with a tail whose excess is exponential. */
static float made_up(struct random *random)
{
	if (random_chance(random, 0.002))
		return (float)(-2 - 1.5 * log(1 - random_unit(random)));
	return (float)(-8 + random_normal(random));
}

static void listen(uint64_t seed, size_t hours, struct events *events)
{
	struct random random = random_stream(seed, 9, 9);
	float *scores = calloc(ROWS_PER_HOUR, sizeof(*scores));

	assert_non_null(scores);
	for (size_t hour = 0; hour < hours; hour++) {
		for (size_t i = 0; i < ROWS_PER_HOUR; i++)
			scores[i] = made_up(&random);
		assert_int_equal(events_add(events, scores, ROWS_PER_HOUR), OK);
	}
	events_sort(events);
	free(scores);
}

static void test_threshold_holds(void **state)
{
	struct events unseen = {.count = 0};
	size_t held = 0;

	(void)state;
	listen(1000, 40, &unseen);
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct events events = {.count = 0};
		double threshold;

		listen(seed, 2, &events);
		threshold = calibrate_threshold(&events, 0.5, 0);
		held += events_above(&unseen, threshold) <= 20; /* 0.5 in each of 40 h */
		assert_true(calibrate_rate(&events, threshold) <= 0.5 + 1e-9);
		assert_true(threshold < 18); /* careful, not absurd */
		assert_true(calibrate_threshold(&events, 10, 0) < threshold);
		events_finish(&events);
	}
	assert_true(held >= 18);
	events_finish(&unseen);
}

static void test_nothing_heard(void **state)
{
	struct events events = {.count = 0};

	(void)state;
	assert_near(calibrate_threshold(&events, 0.5, 7), 7, 0);
	assert_near(calibrate_rate(&events, 1), 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_intervals),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_threshold_holds),
		cmocka_unit_test(test_nothing_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
