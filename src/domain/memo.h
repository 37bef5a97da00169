/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memo - the body of a voice message, a type of its own.
 *
 * Opaque: only listen/memo.c can make one, under a memo lease and after its record
 * tone. There is no conversion from any other sound.
 */
#ifndef DOMAIN_MEMO_H
#define DOMAIN_MEMO_H

#include "domain/audio.h"

enum {
	MEMO_SECONDS_MAX = 120,
	MEMO_SAMPLES_MAX = MEMO_SECONDS_MAX * AUDIO_HZ,
	MEMO_BYTES_MAX = 512 * 1024, /* as Ogg Opus: docs/FORMATS.md */
};

struct memo;

/* The sound, for sealing and playing back to its speaker; borrowed. */
struct audio_span memo_sound(const struct memo *memo);

#endif
