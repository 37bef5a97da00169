/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tempo - the same words from another throat, or in another hurry.
 *
 * Resampling moves pitch and speed together; overlapped adding of similar waves (WSOLA,
 * Verhelst and Roelands, 1993) moves the speed alone. Pure.
 */
#ifndef TRAIN_TEMPO_H
#define TRAIN_TEMPO_H

#include "train/sound.h"

enum { TEMPO_SCALE_MAX = 2 }; /* factors are within 1/2 .. 2 */

/* factor > 1: higher and shorter. to has room for from->count / factor, or is cut. */
void tempo_resample(const struct sound *from, double factor, struct sound *to);

/* factor > 1: shorter at the same pitch. */
void tempo_stretch(const struct sound *from, double factor, struct sound *to);

#endif
