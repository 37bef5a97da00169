/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sound - a stretch of sound that is being worked on: 16 kHz mono floats, full scale +-1.
 *
 * Room for a fixed number of samples, taken once; nothing here grows it. One thread.
 */
#ifndef TRAIN_SOUND_H
#define TRAIN_SOUND_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"

struct sound {
	float *samples; /* owned */
	size_t count;
	size_t room;
};

MUST_CHECK enum err sound_init(struct sound *sound, size_t room);
void sound_finish(struct sound *sound); /* zeroed is fine */

/* What does not fit is left out. */
void sound_take(struct sound *sound, struct audio_span from);
void sound_copy(struct sound *to, const struct sound *from);
/* Silence of count samples, cut at the room. */
void sound_clear(struct sound *sound, size_t count);
/* Adds gain * from onto the samples from at on; what lies behind the end is left out. */
void sound_mix(struct sound *to, size_t at, const float *from, size_t count, float gain);
void sound_scale(struct sound *sound, float gain);

/* Mean power of a stretch; 0 for an empty one. */
double sound_power(const float *samples, size_t count);
/* The largest mean power of any 100 ms, in steps of 50 ms. */
double sound_loudest(const float *samples, size_t count);
double sound_db(double power); /* full scale is 0; silence about -120 */

/* Rounded and clipped to 16 bit; to has room for the sound's count. */
void sound_give(const struct sound *sound, int16_t *to);

#endif
