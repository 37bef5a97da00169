/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wav - WAV files as others make them: any rate, many channels, eight bits, floats.
 *
 * A rate that is not the sound's own changes pitch and tempo: one synthetic voice becomes
 * many.
 */
#ifndef E2E_WAV_H
#define E2E_WAV_H

#include "base/buf.h"
#include "domain/audio.h"

enum { WAV_HEAD_BYTES = 44 };

struct wav_shape {
	unsigned channels; /* 0: one */
	unsigned hz;       /* 0: AUDIO_HZ */
	unsigned bits;     /* 8, 16, or 32 for floats; 0: 16 */
};

/* The head of a file with so many bytes of sound. */
void wav_head(struct wav_shape given, uint64_t bytes, uint8_t to[WAV_HEAD_BYTES]);

/* The sound, the same in each channel; fails the test when it cannot. */
void wav_write(const char *path, struct wav_shape given, struct audio_span sound);

/* One channel of floats at AUDIO_HZ, whatever they are. */
void wav_write_floats(const char *path, const float *samples, size_t count);

#endif
