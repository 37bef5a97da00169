/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resample - sound of any rate and channel count to mono of another rate.
 *
 * Channels are mixed by their mean; what is not a number becomes silence; what is too
 * loud is clipped. Equal rates pass through bit for bit. Push blocks, then pull until
 * nothing is left. No allocation after creation; one thread per resampler.
 */
#ifndef ADAPTER_RESAMPLE_H
#define ADAPTER_RESAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	RESAMPLE_BLOCK = 1024, /* most sample frames in one push */
	RESAMPLE_HZ_MIN = 1000,
	RESAMPLE_HZ_MAX = 384000,
	RESAMPLE_CHANNELS_MAX = 64,
};

struct resample;

/* ERR_RANGE when a rate or the channel count is outside its limits. */
MUST_CHECK enum err resample_create(uint32_t from_hz, uint32_t channels, uint32_t to_hz,
				    struct resample **out_resample);
void resample_destroy(struct resample *resample); /* NULL is fine */

/* Forgets all sound, as new. */
void resample_reset(struct resample *resample);

/* Takes count sample frames (count * channels interleaved values, full scale +-1).
 * Everything must have been pulled before. last: flushes; push no more. */
void resample_push(struct resample *resample, const float *interleaved, size_t count,
		   bool last);

/* The same for 16 bit samples. */
void resample_push_s16(struct resample *resample, const int16_t *interleaved,
		       size_t count, bool last);

/* Moves up to count_max samples to the caller and says how many; 0: push more. */
size_t resample_pull(struct resample *resample, int16_t *to, size_t count_max);

#endif
