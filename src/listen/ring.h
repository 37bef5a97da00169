/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring - the newest sound before the name was heard, and nothing older.
 *
 * Locked memory that is overwritten in a circle and wiped on demand. With the frames
 * that wait between the capture thread and the loop (room/capture.h) it stays below the
 * two seconds that may ever be in memory. One thread.
 */
#ifndef LISTEN_RING_H
#define LISTEN_RING_H

#include <stddef.h>

#include "base/err.h"
#include "domain/audio.h"

enum {
	RING_MS = 1600,
	RING_FRAMES = RING_MS / AUDIO_FRAME_MS,
};

struct ring;

/* ERR_LIMIT: the memory may not be locked. */
MUST_CHECK enum err ring_create(struct ring **out_ring);
void ring_destroy(struct ring *ring); /* wipes; NULL is fine */

/* Adds a frame and overwrites the oldest one when full. */
void ring_add(struct ring *ring, const struct audio_frame *frame);

size_t ring_count(const struct ring *ring);
/* The index-th frame, 0 the oldest; borrowed until the next add or wipe. */
const struct audio_frame *ring_at(const struct ring *ring, size_t index);

/* Overwrites everything with zeros. */
void ring_wipe(struct ring *ring);

#endif
