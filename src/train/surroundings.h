/* SPDX-License-Identifier: Apache-2.0 */
/*
 * surroundings - what may lie around and over a spoken name: rooms, noises, talk, music.
 *
 * Rooms are made: a direct path, a few early reflections and a tail of noise that decays
 * over 0.15..0.8 s (the statistical model of Schroeder and Polack). Noises are excerpts of
 * the files given, and five kinds that are made: white, pink, hum, a tune, and babble of
 * the talk given. Read-only once made: any number of threads.
 */
#ifndef TRAIN_SURROUNDINGS_H
#define TRAIN_SURROUNDINGS_H

#include <stdbool.h>

#include "base/err.h"
#include "train/convolve.h"
#include "train/random.h"
#include "train/sound.h"

enum {
	SURROUNDINGS_ROOMS = 24,
	SURROUNDINGS_POOL_SECONDS = 600, /* most that is kept of talk, and of noise */
	SURROUNDINGS_MADE_SECONDS = 20,  /* of each noise that is made */
};

enum noise_kind {
	NOISE_GIVEN, /* from files; white where there are none */
	NOISE_WHITE,
	NOISE_PINK,
	NOISE_HUM,
	NOISE_TUNE,
	NOISE_BABBLE, /* pink where there is no talk */
	NOISE_COUNT,
};

struct room_taps {
	float *taps; /* owned */
	size_t count;
	double decay_ms; /* by 60 dB */
};

struct surroundings {
	struct room_taps rooms[SURROUNDINGS_ROOMS];
	struct sound noises[NOISE_COUNT];
	struct sound talk;
};

/* noise and talk are borrowed for the call, and may be empty. */
MUST_CHECK enum err surroundings_create(uint64_t seed, const struct sound *noise,
					const struct sound *talk,
					struct surroundings **out_surroundings);
void surroundings_destroy(struct surroundings *surroundings); /* NULL is fine */

/* count samples from a random place, going round at the end. Empty pools give nothing
 * (false). */
bool surroundings_excerpt(const struct sound *pool, struct random *random, size_t count,
			  float *to);

#endif
