/* SPDX-License-Identifier: Apache-2.0 */
/*
 * echo_path - from our loudspeaker to our microphone and out of the sound again.
 *
 * Finds how late our own sound is heard (listen/delay.h), gives the canceller a reference
 * that leads its echo, and says what of the rest is still our own (listen/own_voice.h).
 * The delay once found is kept while nothing plays. The reference is frames from any
 * source of ours: answers, tones, music.
 *
 * Until it is ready (the delay is known and a second of our sound was cancelled) nobody
 * should believe a name heard while we speak. A device that lets its sound out before it
 * says so never becomes ready: an echo cannot be taken out of what was heard before. One
 * thread.
 */
#ifndef LISTEN_ECHO_PATH_H
#define LISTEN_ECHO_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"
#include "listen/own_voice.h"
#include "port/echo.h"
#include "port/wake.h"

enum {
	ECHO_PATH_READY_MS = 1000,
	ECHO_PATH_REST_MS = 1500, /* silent so long, our own sound has died away */
	/* the latest echo, and a detector that doubts for so long as the name is in its two
	 * seconds */
	ECHO_PATH_NAME_MS = 2700,
	ECHO_PATH_WORDS_MAX = 2, /* the name, and "stop" */
};

struct echo_path;

struct echo_path_state {
	bool sounding; /* we said something within ECHO_PATH_REST_MS */
	bool ready;
	int delay_samples; /* with ready */
};

/* echo is borrowed; NULL: nothing is cancelled and it is never ready. ERR_LIMIT: the
 * memory may not be locked. */
MUST_CHECK enum err echo_path_create(struct echo *echo, struct echo_path **out_path);
void echo_path_destroy(struct echo_path *path); /* NULL is fine */
/* From now on what we play is listened to as well, by a detector of its own (borrowed):
 * its word in it, believed or doubted, makes whatever is heard ECHO_PATH_NAME_MS long our
 * own. At most ECHO_PATH_WORDS_MAX times; fed in that order. */
void echo_path_use_wake(struct echo_path *path, struct wake *own);
/* The microphone was away: forgets everything. */
void echo_path_reset(struct echo_path *path);

/* left: what left for the loudspeaker at that time as far as is known; NULL: nothing did. out_rest may be
 * the same frame as heard. While we are silent the frame passes unchanged. */
void echo_path_feed(struct echo_path *path, const struct audio_frame *heard,
		    const struct audio_frame *left, struct audio_frame *out_rest);

struct echo_path_state echo_path_state(const struct echo_path *path);
/* Of the newest span_ms that were fed. */
struct own_voice_match echo_path_match(const struct echo_path *path, uint32_t span_ms);

#endif
