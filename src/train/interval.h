/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interval - how far a counted share or rate may be from the true one, 95 % of the time.
 *
 * Shares by Wilson's score interval (1927), rates by the exact Poisson interval (Garwood,
 * 1936). Pure.
 */
#ifndef TRAIN_INTERVAL_H
#define TRAIN_INTERVAL_H

#include <stddef.h>

struct interval {
	double low;
	double high;
};

struct interval interval_share(size_t part, size_t of); /* 0..1 */
/* Of the expected number, when count were seen. */
struct interval interval_count(size_t count);

#endif
