/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audio - the one form of sound inside the house: 16 kHz, mono, signed 16 bit.
 */
#ifndef DOMAIN_AUDIO_H
#define DOMAIN_AUDIO_H

#include <stddef.h>
#include <stdint.h>

enum {
	AUDIO_HZ = 16000,
	AUDIO_FRAME_MS = 20,
	AUDIO_FRAME_SAMPLES = AUDIO_HZ / 1000 * AUDIO_FRAME_MS,
};

/* One 20 ms frame; exactly AUDIO_FRAME_SAMPLES samples in machine byte order. */
struct audio_frame {
	int16_t samples[AUDIO_FRAME_SAMPLES];
};

/* What a room tells of a frame beside its sound; none of it gives authority, each takes some.
 * A hub that knows one of them alone takes any for its own. */
enum sound_mark {
	SOUND_OWN_VOICE = 1, /* the last second still sounds like what this room plays */
	SOUND_ONE_SIDED = 2, /* the last half second came through one microphone of two */
};

/* A borrowed stretch of sound of any length. */
struct audio_span {
	const int16_t *samples;
	size_t count;
};

static inline int64_t audio_ms(size_t samples)
{
	return (int64_t)samples * 1000 / AUDIO_HZ;
}

#endif
