/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_pipe - what the music player plays in this room, from the named pipe in which it
 * writes it (MPD's fifo output, 16 kHz, 16 bit, one channel).
 *
 * Frame by frame as the microphone's come, and never waiting: the player's clock is
 * followed by leaving out or repeating silence, 20 ms at a time. A player that is away, or
 * silent, is silence. One thread.
 */
#ifndef ROOM_MUSIC_PIPE_H
#define ROOM_MUSIC_PIPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"

enum {
	MUSIC_PIPE_KEPT_MS = 500,       /* more is old, and forgotten */
	MUSIC_PIPE_SETTLE_FRAMES = 100, /* so long more waits than is needed: it goes */
	MUSIC_PIPE_RETRY_FRAMES = 50,
	MUSIC_PIPE_JUDGED_FRAMES = 500, /* so many are compared with what was written */
};

struct music_pipe;

/* The pipe need not be there yet. ERR_LIMIT: the path is too long, or memory may not be
 * locked. */
MUST_CHECK enum err music_pipe_create(const char *path, struct music_pipe **out_pipe);
void music_pipe_destroy(struct music_pipe *pipe); /* wipes; NULL is fine */

/* What left with the newest frame that was heard; false: nothing did. */
bool music_pipe_take(struct music_pipe *pipe, struct audio_frame *out_left);
/* Half as much again is written as can be played: it is of another form, and no reference for
 * anything. Holds from then on. */
bool music_pipe_is_of_another_form(const struct music_pipe *pipe);
/* So many captured frames never came: what left with them is passed over. */
void music_pipe_lost(struct music_pipe *pipe, uint32_t frames);
/* What waits is from before the microphone opened. */
void music_pipe_reset(struct music_pipe *pipe);

#endif
