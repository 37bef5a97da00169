/* SPDX-License-Identifier: Apache-2.0 */
/* test_lease - each row of lease.def: how long, how often longer, and that over is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "listen/lease.h"

enum { START = 5000 };

/* The promises of the design, written down a second time on purpose. */
static const struct {
	enum lease_reason reason;
	int64_t max_ms;
	unsigned renewals;
	bool leaves_room;
} PROMISED[] = {
	{LEASE_REQUEST, 8000, 2, true},    {LEASE_ANSWER, 8000, 0, true},
	{LEASE_MEMO, 120000, 0, true},     {LEASE_ENROLMENT, 10000, 0, false},
	{LEASE_RINGING, 600000, 0, false},
};

/* Any of them, an answer after a prompt that was heard. */
static enum err make(enum lease_reason reason, int64_t now_ms, struct lease **out_lease)
{
	const struct audible_measured heard = {.heard = true};

	return reason == LEASE_ANSWER ? lease_create_answer(&heard, 0, now_ms, out_lease)
				      : lease_create(reason, now_ms, out_lease);
}

/* A question that nobody could hear is not a question. */
static void test_an_answer_needs_a_prompt_that_was_heard(void **state)
{
	const struct audible_measured unheard = {.found = true,
						 .correlation = 1.0,
						 .level_db = 15.0};
	const struct audible_measured heard = {.heard = true};
	struct lease *lease = NULL;

	(void)state;
	assert_int_equal(lease_create(LEASE_ANSWER, START, &lease), ERR_DENIED);
	assert_int_equal(lease_create_answer(&unheard, 0, START, &lease), ERR_DENIED);
	assert_int_equal(lease_create_answer(&heard, 6, START, &lease), ERR_LIMIT);
	assert_null(lease);
	assert_int_equal(lease_create_answer(&heard, 5, START, &lease), OK);
	assert_int_equal(lease_reason_of(lease), LEASE_ANSWER);
	assert_int_equal(lease_left_ms(lease, START), 8000);
	lease_destroy(lease);
}

static void test_the_rows_are_the_promises(void **state)
{
	(void)state;
	assert_int_equal(STR_COUNT(PROMISED) + 1, LEASE_REASON_COUNT);
	assert_int_equal(lease_reason_max_ms(LEASE_NAME), 0);
	assert_false(lease_reason_leaves_room(LEASE_NAME));
	for (size_t i = 0; i < STR_COUNT(PROMISED); i++) {
		assert_int_equal(lease_reason_max_ms(PROMISED[i].reason),
				 PROMISED[i].max_ms);
		assert_int_equal(lease_reason_renewals(PROMISED[i].reason),
				 PROMISED[i].renewals);
		assert_int_equal(lease_reason_leaves_room(PROMISED[i].reason),
				 PROMISED[i].leaves_room);
	}
}

static void test_each_ends_at_its_maximum(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(PROMISED); i++) {
		const int64_t end = START + PROMISED[i].max_ms;
		struct lease *lease = NULL;

		assert_int_equal(make(PROMISED[i].reason, START, &lease), OK);
		assert_int_equal(lease_reason_of(lease), PROMISED[i].reason);
		assert_false(lease_is_over(lease, START));
		assert_int_equal(lease_left_ms(lease, START), PROMISED[i].max_ms);
		assert_false(lease_is_over(lease, end - 1));
		assert_true(lease_is_over(lease, end));
		assert_int_equal(lease_used_ms(lease, end + 999), PROMISED[i].max_ms);
		assert_int_equal(lease_left_ms(lease, end + 999), 0);
		assert_int_equal(lease_renew(lease, end), ERR_CLOSED);
		lease_destroy(lease);
	}
}

static void test_renewals_are_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(PROMISED); i++) {
		struct lease *lease = NULL;
		int64_t longest = PROMISED[i].max_ms * (1 + PROMISED[i].renewals);

		assert_int_equal(make(PROMISED[i].reason, START, &lease), OK);
		for (unsigned n = 0; n < PROMISED[i].renewals; n++)
			assert_int_equal(lease_renew(lease, START + 1), OK);
		assert_int_equal(lease_renew(lease, START + 1), ERR_LIMIT);
		assert_false(lease_is_over(lease, START + longest - 1));
		assert_true(lease_is_over(lease, START + longest));
		lease_destroy(lease);
	}
}

static void test_the_name_lease_ends_only_when_ended(void **state)
{
	struct lease *lease = NULL;

	(void)state;
	assert_int_equal(lease_create(LEASE_NAME, START, &lease), OK);
	assert_false(lease_is_over(lease, INT64_MAX - 1));
	assert_int_equal(lease_left_ms(lease, START), INT64_MAX);
	assert_int_equal(lease_renew(lease, START), ERR_LIMIT);
	lease_end(lease, START + 10);
	assert_true(lease_is_over(lease, START + 10));
	assert_int_equal(lease_used_ms(lease, START + 99), 10);
	lease_destroy(lease);
}

static void test_over_is_over(void **state)
{
	struct lease *lease = NULL;

	(void)state;
	assert_int_equal(lease_create(LEASE_REQUEST, START, &lease), OK);
	lease_end(lease, START + 100);
	lease_end(lease, START + 200); /* again: nothing */
	assert_true(lease_is_over(lease, START + 100));
	assert_int_equal(lease_used_ms(lease, START + 300), 100);
	assert_int_equal(lease_renew(lease, START + 300), ERR_CLOSED);
	lease_destroy(lease);
	assert_true(lease_is_over(NULL, START));
	lease_destroy(NULL);
}

static void test_a_clock_that_runs_backwards_ends_it(void **state)
{
	struct lease *lease = NULL;

	(void)state;
	assert_int_equal(lease_create(LEASE_REQUEST, START, &lease), OK);
	assert_true(lease_is_over(lease, START - 1));
	assert_int_equal(lease_used_ms(lease, START - 1), 0);
	lease_destroy(lease);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_answer_needs_a_prompt_that_was_heard),
		cmocka_unit_test(test_the_rows_are_the_promises),
		cmocka_unit_test(test_each_ends_at_its_maximum),
		cmocka_unit_test(test_renewals_are_counted),
		cmocka_unit_test(test_the_name_lease_ends_only_when_ended),
		cmocka_unit_test(test_over_is_over),
		cmocka_unit_test(test_a_clock_that_runs_backwards_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
