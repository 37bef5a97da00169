/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rand_fake - bytes that look random and repeat for a seed. Also the tests' own dice.
 */
#ifndef FAKE_RAND_FAKE_H
#define FAKE_RAND_FAKE_H

#include <stdint.h>

#include "port/rand.h"

struct rand_fake {
	uint64_t state;
};

/* fake must outlive the port. */
struct rand rand_fake_init(struct rand_fake *fake, uint64_t seed);
/* 0..below - 1; below > 0. */
uint32_t rand_fake_below(struct rand_fake *fake, uint32_t below);

/* The seed of a property test: $BEHEST_SEED, else a fixed one; printed. */
uint64_t rand_fake_seed(void);

#endif
