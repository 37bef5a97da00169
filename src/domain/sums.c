/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sums - arithmetic in whole hundredths, so that what is exact is known to be.
 *
 * Invariant: no operand is above 10^8 hundredths, so that no product reaches 10^17.
 */
#include "domain/sums.h"

#include <math.h>
#include <stdint.h>

#include "base/must.h"
#include "base/str.h"

enum { HUNDREDTHS = 100 };

/* numerator / denominator hundredths. */
struct fraction {
	int64_t numerator;
	int64_t denominator;
};

static struct fraction plus(int64_t first, int64_t second)
{
	return (struct fraction){first + second, 1};
}

static struct fraction minus(int64_t first, int64_t second)
{
	return (struct fraction){first - second, 1};
}

static struct fraction times(int64_t first, int64_t second)
{
	return (struct fraction){first * second, HUNDREDTHS};
}

static struct fraction divided(int64_t first, int64_t second)
{
	return (struct fraction){first * HUNDREDTHS, second};
}

static struct fraction percent(int64_t first, int64_t second)
{
	return (struct fraction){first * second, HUNDREDTHS * HUNDREDTHS};
}

static const struct {
	const char *name;
	struct fraction (*fn)(int64_t first, int64_t second);
} OPERATIONS[] = {
	{"divided", divided}, {"minus", minus}, {"percent", percent},
	{"plus", plus},       {"times", times},
};

static enum err read(double number, int64_t *out_hundredths)
{
	const double hundredths = round(number * HUNDREDTHS);

	if (!(fabs(number) <= SUMS_LARGEST) ||
	    fabs(number * HUNDREDTHS - hundredths) > 1e-6)
		return ERR_RANGE;
	*out_hundredths = (int64_t)hundredths;
	return OK;
}

/* Halves are rounded away from zero, as people do. */
static enum err settle(struct fraction fraction, struct sum *out_sum)
{
	int64_t whole;
	int64_t left;

	if (fraction.denominator == 0)
		return ERR_RANGE;
	if (fraction.denominator < 0)
		fraction = (struct fraction){-fraction.numerator, -fraction.denominator};
	whole = fraction.numerator / fraction.denominator;
	left = fraction.numerator % fraction.denominator;
	if (2 * left >= fraction.denominator)
		whole++;
	if (2 * left <= -fraction.denominator)
		whole--;
	const double value = (double)whole / HUNDREDTHS;
	if (fabs(value) > SUMS_RESULT_LARGEST)
		return ERR_RANGE;
	*out_sum = (struct sum){.value = value, .is_exact = left == 0};
	return OK;
}

enum err sum_make(double first, const char *operation, double second, struct sum *out_sum)
{
	int64_t left = 0;
	int64_t right = 0;
	enum err err = read(first, &left);

	if (!err)
		err = read(second, &right);
	for (size_t i = 0; !err && i < STR_COUNT(OPERATIONS); i++)
		if (str_equal(OPERATIONS[i].name, operation))
			return settle(OPERATIONS[i].fn(left, right), out_sum);
	return err ? err : ERR_UNSUPPORTED;
}
