/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehearsal_playback - what we say ourselves, out of a small loudspeaker, through a simulated
 * room and into our own microphone: spoken by the voice that is linked in, heard by the
 * listening stage as it is in a room, and by the same without its rules of our own voice.
 */
#ifndef CLI_REHEARSAL_PLAYBACK_H
#define CLI_REHEARSAL_PLAYBACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct rehearsal_playback;

/* What came of one sentence in one room. */
struct rehearsal_played {
	unsigned woke;       /* names believed: must be 0 */
	unsigned own;        /* names known as our own voice */
	unsigned naive_woke; /* without these rules and all doubts believed */
	uint32_t own_ms;     /* of the sentence that were marked as our own */
};

/* name is borrowed. ERR_MISSING: no detector, or no voice. */
MUST_CHECK enum err rehearsal_playback_open(const char *name,
					    struct rehearsal_playback **out_playback,
					    struct err_note *note);
void rehearsal_playback_close(struct rehearsal_playback *playback); /* NULL is fine */

/* We say a while of something else, the name alone, then the text, in the room of that number. */
MUST_CHECK enum err rehearsal_playback_say(struct rehearsal_playback *playback,
					   const char *text, uint64_t room,
					   struct rehearsal_played *out_played);

#endif
