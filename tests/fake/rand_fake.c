/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rand_fake - splitmix64 (Steele, Lea and Flood, 2014). Not for anything secret.
 */
#include "fake/rand_fake.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t rand_fake_next(struct rand_fake *fake)
{
	uint64_t mixed = fake->state += 0x9e3779b97f4a7c15u;

	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
	return mixed ^ mixed >> 31;
}

static void fake_fill(void *self, uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)rand_fake_next(self);
}

struct rand rand_fake_init(struct rand_fake *fake, uint64_t seed)
{
	static const struct rand_ops ops = {.fill = fake_fill};

	fake->state = seed;
	return (struct rand){.ops = &ops, .self = fake};
}

uint32_t rand_fake_below(struct rand_fake *fake, uint32_t below)
{
	return (uint32_t)(rand_fake_next(fake) >> 32) % below;
}

uint64_t rand_fake_seed(void)
{
	const char *given = getenv("BEHEST_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : 20260301;

	printf("seed %" PRIu64 " (set BEHEST_SEED to repeat another)\n", seed);
	return seed;
}
