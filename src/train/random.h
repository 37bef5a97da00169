/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random - luck that can be repeated: the same seed, the same numbers on every machine.
 *
 * SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
 * Every clip and every net takes a stream of its own, so nothing depends on the order in
 * which threads finish. Never for secrets (see port/rand.h). Pure.
 */
#ifndef TRAIN_RANDOM_H
#define TRAIN_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

/* A stream of its own for (seed, kind, index). */
struct random random_stream(uint64_t seed, uint64_t kind, uint64_t index);

uint64_t random_bits(struct random *random);
double random_unit(struct random *random); /* 0 <= x < 1 */
double random_range(struct random *random, double low, double high);
size_t random_below(struct random *random, size_t count); /* count > 0 */
bool random_chance(struct random *random, double share);
double random_normal(struct random *random); /* mean 0, deviation 1 */

/* A number for a text, the same for ever (FNV-1a). */
uint64_t random_hash(const char *text);

#endif
