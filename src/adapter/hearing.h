/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hearing - the frames of one utterance, as its searches want them: which of them, cleaned
 * or not, and the mean to take away.
 *
 * In quiet that is the frames as the library gives them, and the mean of all. In noise it
 * is what is near a voice, cleaned, and the mean of the voice, or it would be the mean of
 * the noise. Which of the two it is can change while somebody speaks; who searches begins
 * again then. A frame can be had cleaned a little later than plain, so in quiet nothing
 * waits. Frames past HEARING_FRAMES_MAX are not heard. One thread.
 */
#ifndef ADAPTER_HEARING_H
#define ADAPTER_HEARING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapter/cleaner.h"
#include "adapter/sphinx.h"
#include "base/err.h"

enum { HEARING_FRAMES_MAX = 3200 }; /* of 10 ms */

struct hearing;

/* How the frames are to be read. */
struct hearing_way {
	bool in_noise;
	double mean[SPHINX_CEP];
};

/* cleaner may be NULL; else it is borrowed. */
MUST_CHECK enum err hearing_create(struct sphinx_search *search,
				   const struct cleaner *cleaner,
				   struct hearing **out_hearing);
void hearing_destroy(struct hearing *hearing); /* NULL is fine */
void hearing_begin(struct hearing *hearing);   /* forgets what was heard */

void hearing_feed(struct hearing *hearing, const int16_t *samples, size_t count);
void hearing_end(struct hearing *hearing); /* no sound comes until it begins again */

/* As it stands now, or stood when it was fixed. */
struct hearing_way hearing_way(struct hearing *hearing);
void hearing_fix(struct hearing *hearing); /* once fixed it stands until it is let go */
void hearing_unfix(struct hearing *hearing);

size_t hearing_count(const struct hearing *hearing); /* frames, plain */
/* Frames from a number on, the mean taken away, at most count_max; returns how many. */
size_t hearing_read(struct hearing *hearing, const struct hearing_way *way, size_t from,
		    struct sphinx_cep *to, size_t count_max);

#endif
