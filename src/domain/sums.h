/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sums - one operation on two numbers, in whole hundredths.
 *
 * No number is larger than SUMS_LARGEST, and none has more than two decimals: nothing
 * overflows, and a result is exact or known not to be. Pure.
 */
#ifndef DOMAIN_SUMS_H
#define DOMAIN_SUMS_H

#include <stdbool.h>

#include "base/err.h"

#define SUMS_LARGEST 1e6        /* of what is asked */
#define SUMS_RESULT_LARGEST 1e9 /* and of what is answered */

struct sum {
	double value;  /* to the nearest hundredth */
	bool is_exact; /* it has no further decimals */
};

/* operation: "plus", "minus", "times", "divided", "percent" (first percent of second).
 * ERR_UNSUPPORTED: none of them. ERR_RANGE: divided by zero, or a number is too large or
 * has more than two decimals. */
MUST_CHECK enum err sum_make(double first, const char *operation, double second,
			     struct sum *out_sum);

#endif
