/* SPDX-License-Identifier: Apache-2.0 */
/*
 * playing - what the room says: answers piece by piece from the hub, and its own tones.
 *
 * An answer is played when its last piece is there. It has a parent in the journal, the
 * same in each piece, or it is not played. An answer silences a tone, never the other way round. One thread.
 */
#ifndef ROOM_PLAYING_H
#define ROOM_PLAYING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "domain/audio.h"
#include "domain/ids.h"
#include "domain/ring.h"
#include "port/indicator.h"
#include "port/speaker.h"

enum { PLAYING_SECONDS_MAX = 62, PLAYING_POLL_MS = 20 };

struct playing;

struct playing_listener {
	void *context;
	/* Our own voice or tone begins or ends. */
	void (*sounding)(void *context, bool sounding);
	/* The answer `say` begins. */
	void (*answering)(void *context, uint64_t say);
	/* An answer is over: how much of it was played, and whether that was all. */
	void (*played)(void *context, uint64_t say, int64_t played_ms, bool whole);
	/* A tone is over: did it leave the loudspeaker whole? */
	void (*toned)(void *context, enum indicator_tone tone, bool whole);
};

/* speaker and loop are borrowed. */
MUST_CHECK enum err playing_create(struct loop *loop, struct speaker *speaker,
				   struct playing_listener listener,
				   struct playing **out_playing);
void playing_destroy(struct playing *playing); /* stops without a word; NULL is fine */

/* Can it be an event's number? */
bool playing_is_reason(struct event_id parent);
/* A piece of the answer `say`; another number begins a new answer and drops the old. */
void playing_add(struct playing *playing, uint64_t say, struct event_id parent,
		 struct audio_span piece, bool last);
/* False: it does not play, because an answer does or the speaker cannot. */
bool playing_tone(struct playing *playing, enum indicator_tone tone);
/* One sounding of what rings; false as above, also where a tone plays or it has no parent. */
bool playing_ring(struct playing *playing, enum ring_pattern pattern,
		  struct event_id parent);
/* Silence now; an answer that was playing is told as played in part. */
void playing_stop(struct playing *playing);
/* What the speaker says of the sound that plays, for the reference; false: none does. */
bool playing_now(struct playing *playing, struct speaker_played *out_played);
bool playing_is_speaking(const struct playing *playing); /* an answer, not a tone */
bool playing_is_quiet(const struct playing *playing);    /* nothing plays */

#endif
