/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tone - the short sounds that say what the microphone does, made here and not loaded.
 *
 * Pure.
 */
#ifndef ROOM_TONE_H
#define ROOM_TONE_H

#include "domain/audio.h"
#include "domain/ids.h"
#include "domain/ring.h"
#include "port/indicator.h"

enum {
	TONE_MS_MAX = 200,
	TONE_SAMPLES_MAX = AUDIO_HZ / 1000 * TONE_MS_MAX,
	TONE_RING_MS_MAX = 1200,
	TONE_RING_SAMPLES_MAX = AUDIO_HZ / 1000 * TONE_RING_MS_MAX,
};

/* Tones say nothing; their parent is the state of the microphone itself, which has no
 * place in the journal of its own. */
static const struct event_id TONE_PARENT = {UINT64_MAX};

/* Writes the tone and returns how many samples it has. */
size_t tone_make(enum indicator_tone tone, int16_t to[TONE_SAMPLES_MAX]);
/* The same of one sounding of a pattern. */
size_t tone_ring(enum ring_pattern pattern, int16_t to[TONE_RING_SAMPLES_MAX]);

#endif
