/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_voice - whether what was just heard is what our own loudspeaker just said.
 *
 * For what remains after echo cancellation: no longer the same wave, but still loud where
 * our own sound was loud. Both are kept as levels of 16 bands per 20 ms, and the levels'
 * courses are correlated over the stretch asked for, heard up to 500 ms after it left.
 * Speech of others over our music or speech keeps another course. And where hardly
 * anything is left of what was heard while we spoke, it was we who spoke, whatever course
 * the little that is left may take.
 *
 * Keeps levels of the last 3 s and no sound, in locked memory. One thread.
 */
#ifndef LISTEN_OWN_VOICE_H
#define LISTEN_OWN_VOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"

enum {
	OWN_VOICE_KEPT_MS = 3000,
	OWN_VOICE_LATE_MS = 500,
	OWN_VOICE_SPAN_MIN_MS = 300, /* less is widened to it */
};

struct own_voice;

struct own_voice_match {
	double likeness; /* 0..1 */
	double left_db;  /* what is left of what was heard; 0: all of it */
	bool ours;       /* like it, or hardly anything left */
};

/* ERR_LIMIT: the memory may not be locked. */
MUST_CHECK enum err own_voice_create(struct own_voice **out_own);
void own_voice_destroy(struct own_voice *own); /* wipes; NULL is fine */
void own_voice_reset(struct own_voice *own);

/* heard: before cancellation; rest: after it; left: what left for the loudspeaker, at the same time or up
 * to 500 ms before it is heard. */
void own_voice_feed(struct own_voice *own, const struct audio_frame *heard,
		    const struct audio_frame *rest, const struct audio_frame *left);

/* Of the newest span_ms, at most OWN_VOICE_KEPT_MS - OWN_VOICE_LATE_MS. When we said nothing, it
 * is not ours. */
struct own_voice_match own_voice_match(const struct own_voice *own, uint32_t span_ms);

#endif
