/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audible - whether what our loudspeaker was given was heard in the room.
 *
 * Fed what the microphone heard (before echo cancellation) and what left for the
 * loudspeaker (after volume). Once the delay between them is known, the coherence of
 * both (Carter, Knapp and Nuttall 1973) says which share of what was heard is our own
 * voice, in thirds of an octave from 0.45 to 4.5 kHz: there words are told apart, and walls
 * let little through. Heard means: a delay was found, and in the mean over these bands and
 * over the whole prompt, pauses between sounds included, our voice is no more than 8 dB
 * below the rest; that is where speech begins to be followed.
 *
 * It is a measurement at the microphone, not in an ear. Silence, another prompt, music and
 * noise have no delay to be found. What is proved stays proved until the next begin.
 *
 * Keeps 1.1 s of sound at most, in locked memory. One thread.
 */
#ifndef LISTEN_AUDIBLE_H
#define LISTEN_AUDIBLE_H

#include <stdbool.h>

#include "base/err.h"
#include "domain/audio.h"

enum { AUDIBLE_TAIL_MS = 1100 }; /* fed so long after the end, everything is counted */

struct audible;

struct audible_measured {
	bool heard;
	bool found;         /* the delay */
	int delay_samples;  /* heard later than left; with found */
	double correlation; /* 0..1: root of the mean coherence */
	double level_db;    /* our voice over the rest, -15 to 15 */
	double seconds;     /* of our voice that were measured */
};

/* ERR_LIMIT: the memory may not be locked. */
MUST_CHECK enum err audible_create(struct audible **out_audible);
void audible_destroy(struct audible *audible); /* wipes; NULL is fine */

/* A prompt begins: forgets everything. */
void audible_begin(struct audible *audible);
void audible_feed(struct audible *audible, const struct audio_frame *heard,
		  const struct audio_frame *left);
/* The prompt ended, and nothing of it left within the last quiet_samples: counts at once what
 * is there, and says whether that is each sample of it. Not before the delay is known. */
bool audible_is_complete(struct audible *audible, size_t quiet_samples);
struct audible_measured audible_result(const struct audible *audible);

#endif
