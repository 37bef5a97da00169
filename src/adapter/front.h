/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front - from sound to the cepstra that are searched: the library's front end, and
 * beside it the cleaner, for those who ask for it.
 *
 * The library drops the frames of silence, but the cleaner wants to see every frame
 * around the one it cleans, with and without the library's noise removal. So the sound
 * goes through three of the library's front ends; what comes out of two of them is only
 * remembered until an utterance ends. A frame is given at once and can be cleaned
 * CLEANER_AFTER frames later. Without a cleaner it is the library's front end alone. One
 * thread.
 */
#ifndef ADAPTER_FRONT_H
#define ADAPTER_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapter/cleaner.h"
#include "adapter/sphinx.h"
#include "base/err.h"

enum {
	FRONT_SAMPLES_MAX = 1600, /* in one call of front_feed */
	FRONT_FRAMES_MAX = 256,   /* out of one call; less than this always fits */
	FRONT_HEARD_MAX = 4096,   /* since front_begin: 40 s */
};

/* One 10 ms frame as the library gives it. */
struct front_frame {
	struct sphinx_cep cep;
	uint32_t number; /* for front_clean */
};

struct front;

/* As the search's acoustic model wants it. cleaner may be NULL; else it is borrowed. */
MUST_CHECK enum err front_create(struct sphinx_search *search,
				 const struct cleaner *cleaner, struct front **out_front);
void front_destroy(struct front *front); /* NULL is fine */
void front_begin(struct front *front);   /* forgets the sound before, and its noise */

/* Writes the frames that are ready, at most FRONT_FRAMES_MAX; returns how many. With a
 * cleaner nothing is heard any more after FRONT_HEARD_MAX frames. */
size_t front_feed(struct front *front, const int16_t *samples, size_t count,
		  struct front_frame *to);
/* Those that are left. The front is to be begun again before it is fed. */
size_t front_end(struct front *front, struct front_frame *to);

/* A frame since front_begin, cleaned; without a cleaner as it is. False: too little of
 * the sound after it has come; after front_end what there is must do. */
bool front_clean(const struct front *front, const struct front_frame *frame,
		 struct sphinx_cep *out_cep);

#endif
