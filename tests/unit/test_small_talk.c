/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests domain/sums, units and spelling: right to the hundredth, or refused.
 */
#include "cmocka_all.h"

#include <math.h>
#include <string.h>

#include "base/str.h"
#include "domain/spelling.h"
#include "domain/sums.h"
#include "domain/units.h"

static void sums_are_exact_or_say_so(void **state)
{
	static const struct {
		double first;
		const char *operation;
		double second;
		double value;
		bool is_exact;
	} rows[] = {
		{12, "times", 7, 84, true},
		{15, "percent", 80, 12, true},
		{1, "divided", 3, 0.33, false},
		{2, "divided", 3, 0.67, false},
		{-2, "divided", 3, -0.67, false},
		{2, "divided", -3, -0.67, false},
		{1, "divided", 4, 0.25, true},
		{1, "divided", 8, 0.13, false}, /* 0.125 */
		{-1, "divided", 8, -0.13, false},
		{0.1, "plus", 0.2, 0.3, true},
		{3, "minus", 5, -2, true},
		{2.5, "times", 2.5, 6.25, true},
		{0.05, "times", 0.05, 0, false},
		{33, "percent", 1, 0.33, true},
		{1e6, "times", 1000, 1e9, true},
		{0, "divided", 5, 0, true},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct sum sum;

		assert_int_equal(sum_make(rows[i].first, rows[i].operation,
					  rows[i].second, &sum),
				 OK);
		if (fabs(sum.value - rows[i].value) > 1e-9 ||
		    sum.is_exact != rows[i].is_exact)
			fail_msg("%g %s %g: %g", rows[i].first, rows[i].operation,
				 rows[i].second, sum.value);
	}
}

static void sums_without_a_result_are_refused(void **state)
{
	struct sum sum = {.value = 5};

	(void)state;
	assert_int_equal(sum_make(1, "divided", 0, &sum), ERR_RANGE);
	assert_int_equal(sum_make(0, "divided", 0, &sum), ERR_RANGE);
	assert_int_equal(sum_make(1e6 + 1, "plus", 0, &sum), ERR_RANGE);
	assert_int_equal(sum_make(0, "plus", -1e300, &sum), ERR_RANGE);
	assert_int_equal(sum_make(1e6, "times", 1e6, &sum), ERR_RANGE);
	assert_int_equal(sum_make((double)NAN, "plus", 1, &sum), ERR_RANGE);
	assert_int_equal(sum_make((double)INFINITY, "minus", 1, &sum), ERR_RANGE);
	assert_int_equal(sum_make(0.001, "plus", 1, &sum), ERR_RANGE);
	assert_int_equal(sum_make(1, "to the power of", 1, &sum), ERR_UNSUPPORTED);
	assert_true(sum.value > 4);
}

static void units_are_turned_into_each_other(void **state)
{
	static const struct {
		double amount;
		const char *from;
		const char *to;
		double value;
		bool is_exact;
	} rows[] = {
		{2, "pounds", "grams", 907.18, false},
		{1, "mile", "kilometres", 1.61, false},
		{5, "kilometres", "metres", 5000, true},
		{12, "inches", "foot", 1, true},
		{100, "degrees_celsius", "degrees_fahrenheit", 212, true},
		{-40, "degrees_fahrenheit", "degrees_celsius", -40, true},
		{0, "degrees_fahrenheit", "degrees_celsius", -17.78, false},
		{3, "teaspoons", "tablespoon", 1, true},
		{36, "kilometres_an_hour", "metres_a_second", 10, true},
		{1, "gallon", "litres", 3.79, false},
		{1, "stone", "pounds", 14, true},
		{0, "grams", "pounds", 0, true},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		struct sum sum;

		assert_int_equal(unit_convert(rows[i].amount,
					      unit_from_text(rows[i].from),
					      unit_from_text(rows[i].to), &sum),
				 OK);
		if (fabs(sum.value - rows[i].value) > 1e-9 ||
		    sum.is_exact != rows[i].is_exact)
			fail_msg("%g %s: %.9f %s", rows[i].amount, rows[i].from,
				 sum.value, rows[i].to);
	}
}

/* Here and back is where one was, for every pair that can be. */
static void every_unit_comes_back(void **state)
{
	size_t pairs = 0;

	(void)state;
	for (unsigned from = 0; from < UNIT_COUNT; from++)
		for (unsigned to = 0; to < UNIT_COUNT; to++) {
			struct sum there;
			struct sum back;

			if (unit_convert(500, (enum unit)from, (enum unit)to, &there) ||
			    there.value < 100 || there.value > SUMS_LARGEST)
				continue;
			assert_int_equal(unit_convert(there.value, (enum unit)to,
						      (enum unit)from, &back),
					 OK);
			assert_true(fabs(back.value - 500) < 0.1);
			pairs++;
		}
	assert_true(pairs > 2 * UNIT_COUNT);
}

static void what_cannot_be_told_in_a_unit_is_refused(void **state)
{
	struct sum sum;

	(void)state;
	assert_int_equal(unit_convert(1, UNIT_GRAM, UNIT_METRE, &sum), ERR_UNSUPPORTED);
	assert_int_equal(unit_convert(-300, UNIT_CELSIUS, UNIT_FAHRENHEIT, &sum),
			 ERR_RANGE);
	assert_int_equal(unit_convert(-1, UNIT_METRE, UNIT_CENTIMETRE, &sum), ERR_RANGE);
	assert_int_equal(unit_convert(1, UNIT_MILLIMETRE, UNIT_MILE, &sum), ERR_RANGE);
	assert_int_equal(unit_convert(1e6, UNIT_MILE, UNIT_MILLIMETRE, &sum), ERR_RANGE);
	assert_int_equal(unit_convert((double)NAN, UNIT_GRAM, UNIT_POUND, &sum),
			 ERR_RANGE);
	assert_int_equal(unit_from_text("furlong"), UNIT_COUNT);
	assert_string_equal(unit_form_key(unit_form(UNIT_FOOT, 1)), "foot");
	assert_string_equal(unit_form_key(unit_form(UNIT_FOOT, 2)), "feet");
}

static void words_are_spelt(void **state)
{
	static const char *const rows[][2] = {
		{"cat", "C, A, T"},
		{"Rhythm", "R, H, Y, T, H, M"},
		{"mother-in-law", "M, O, T, H, E, R, I, N, L, A, W"},
		{"don't", "D, O, N, T"},
		{"na\xc3\xafve", "N, A, \xc3\xaf, V, E"},
	};
	char letters[256];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		assert_true(spelling_make(rows[i][0], letters, sizeof(letters)));
		assert_string_equal(letters, rows[i][1]);
	}
}

static void what_is_no_word_is_not_spelt(void **state)
{
	static const char *const rows[] = {
		"",     "two words", "-",
		"a-",   "x2",        "\xff",
		"\xc3", "tab\t",     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	char letters[256];
	char small[5];

	(void)state;
	for (size_t i = 0; i < STR_COUNT(rows); i++)
		if (spelling_make(rows[i], letters, sizeof(letters)))
			fail_msg("\"%s\" is spelt %s", rows[i], letters);
	assert_false(spelling_make("cat", small, sizeof(small)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_exact_or_say_so),
		cmocka_unit_test(sums_without_a_result_are_refused),
		cmocka_unit_test(units_are_turned_into_each_other),
		cmocka_unit_test(every_unit_comes_back),
		cmocka_unit_test(what_cannot_be_told_in_a_unit_is_refused),
		cmocka_unit_test(words_are_spelt),
		cmocka_unit_test(what_is_no_word_is_not_spelt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
