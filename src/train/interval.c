/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interval - see the header. The Poisson bounds are found by halving.
 */
#include "train/interval.h"

#include <math.h>

#include "base/must.h"

enum { HALVINGS = 80 };

static const double Z = 1.959963984540054;
static const double TAIL = 0.025;

struct interval interval_share(size_t part, size_t of)
{
	double n = (double)of;
	double share;
	double scale;
	double middle;
	double reach;

	must(part <= of);
	if (of == 0)
		return (struct interval){0, 1};
	share = (double)part / n;
	scale = 1 / (1 + Z * Z / n);
	middle = scale * (share + Z * Z / (2 * n));
	reach = scale * Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n));
	return (struct interval){fmax(0, middle - reach), fmin(1, middle + reach)};
}

/* P(X <= count) when mean are expected. */
static double at_most(double mean, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i <= count; i++)
		sum += exp((double)i * log(mean) - mean - lgamma((double)i + 1));
	return sum;
}

/* The mean at which P(X <= count) is share. */
static double mean_for(size_t count, double share)
{
	double low = 1e-12;
	double high = (double)count + 20 + 10 * sqrt((double)count + 1);

	for (int i = 0; i < HALVINGS; i++) {
		double middle = (low + high) / 2;

		if (at_most(middle, count) > share)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

struct interval interval_count(size_t count)
{
	double low = count ? mean_for(count - 1, 1 - TAIL) : 0;

	return (struct interval){low, mean_for(count, TAIL)};
}
