/* SPDX-License-Identifier: Apache-2.0 */
/*
 * convolve - a sound as it is in a room: convolution by the fast Fourier transform.
 *
 * Blocks are transformed, multiplied, overlapped and added. One thread per struct.
 */
#ifndef TRAIN_CONVOLVE_H
#define TRAIN_CONVOLVE_H

#include "base/err.h"
#include "train/sound.h"

enum { CONVOLVE_POINTS = 16384, CONVOLVE_TAPS_MAX = CONVOLVE_POINTS / 2 };

struct convolve;

MUST_CHECK enum err convolve_create(struct convolve **out_convolve);
void convolve_destroy(struct convolve *convolve); /* NULL is fine */

/* Replaces the sound by its convolution with count <= CONVOLVE_TAPS_MAX taps; the length
 * stays, the tail behind it is left out. */
void convolve_run(struct convolve *convolve, const float *taps, size_t count,
		  struct sound *sound);

#endif
