/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random - see the header. One state of 64 bits per stream; streams with different
 * names start at unrelated places. Not for secrets.
 */
#include "train/random.h"

#include <math.h>

#include "base/must.h"

static const double TWO_PI = 6.283185307179586;

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

struct random random_stream(uint64_t seed, uint64_t kind, uint64_t index)
{
	return (struct random){mix(mix(mix(seed) ^ kind) ^ index)};
}

uint64_t random_bits(struct random *random)
{
	random->state += 0x9e3779b97f4a7c15U;
	return mix(random->state);
}

double random_unit(struct random *random)
{
	return (double)(random_bits(random) >> 11) * 0x1p-53;
}

double random_range(struct random *random, double low, double high)
{
	return low + (high - low) * random_unit(random);
}

size_t random_below(struct random *random, size_t count)
{
	must(count > 0);
	return (size_t)(random_bits(random) % count);
}

bool random_chance(struct random *random, double share)
{
	return random_unit(random) < share;
}

/* Box and Muller; the second value is thrown away, so that a stream has no memory. */
double random_normal(struct random *random)
{
	double radius = sqrt(-2 * log(1 - random_unit(random)));

	return radius * cos(TWO_PI * random_unit(random));
}

uint64_t random_hash(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325U;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3U;
	return hash;
}
