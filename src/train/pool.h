/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool - excerpts of many files in one piece of memory, to lie behind and over the name.
 * Every source gets an even part of it, so that a minute of one kitchen counts beside hours
 * of music.
 */
#ifndef TRAIN_POOL_H
#define TRAIN_POOL_H

#include "train/listing.h"
#include "train/outside.h"
#include "train/random.h"
#include "train/sound.h"

/* Fills up to seconds from files in a random order, at most a few seconds of each while
 * there are others, again from the first when there is less. What cannot be read is left
 * out. The caller finishes *out_pool. */
MUST_CHECK enum err pool_fill(const struct outside *outside,
			      const struct listing *listing, uint64_t seed,
			      size_t seconds, struct sound *out_pool);

#endif
