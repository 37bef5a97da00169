/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference - brings what our loudspeaker plays beside what the microphone hears.
 *
 * Frames captured are numbered in the microphone's own time; where a sound begins among
 * them is told by the speaker within 300 ms, and from there on both are counted in
 * samples. Behind it stand the echo canceller (listen/echo_path.h) and the measurement
 * whether an answer was heard (listen/audible.h). One thread.
 */
#ifndef ROOM_REFERENCE_H
#define ROOM_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"
#include "listen/audible.h"
#include "listen/echo_path.h"
#include "port/echo.h"
#include "port/speaker.h"

enum {
	REFERENCE_JUMP_MS = 200, /* a microphone this late has lost sound */
	REFERENCE_AHEAD_MS =
		50, /* the reference leads the echo also where that is early */
	REFERENCE_STALL_MS = 400, /* a speaker this much behind ran dry */
};

struct reference;

struct reference_proof {
	uint64_t say; /* the answer */
	struct audible_measured measured;
};

/* echo is borrowed; NULL: nothing is cancelled. ERR_LIMIT: memory may not be locked. */
MUST_CHECK enum err reference_create(struct echo *echo, struct reference **out_reference);
void reference_destroy(struct reference *reference); /* NULL is fine */

/* As echo_path_use_wake. */
void reference_use_wake(struct reference *reference, struct wake *own);

/* The microphone was closed or away: nothing of before is joined to what follows. */
void reference_reset(struct reference *reference);
/* So many captured frames never came. */
void reference_lost(struct reference *reference, uint32_t frames);

/* An answer begins, and with it the question whether it is heard. */
void reference_begin(struct reference *reference, uint64_t say);

/* Takes one captured frame: played is what the speaker says now, NULL when it plays nothing.
 * out_rest is what is left when our own sound is taken out. */
void reference_feed(struct reference *reference, const struct audio_frame *heard,
		    const struct speaker_played *played, int64_t now_ms,
		    struct audio_frame *out_rest);

/* True once per answer, when it is over and its echo too: as soon as each sample of it was
 * measured and it was heard, or AUDIBLE_TAIL_MS later. */
bool reference_proved(struct reference *reference, struct reference_proof *out_proof);

/* For listen_use_echo; lives as long as reference. */
const struct echo_path *reference_path(const struct reference *reference);

#endif
