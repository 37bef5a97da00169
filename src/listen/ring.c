/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring - see the header. The struct itself lies in locked memory with its frames.
 *
 * Invariant: the `count` frames before `next`, in a circle, are the newest ones; all
 * others are zero or about to be overwritten.
 */
#include "listen/ring.h"

#include <string.h>

#include "base/must.h"
#include "listen/locked.h"

struct ring {
	size_t next;
	size_t count;
	struct audio_frame frames[RING_FRAMES];
};

enum err ring_create(struct ring **out_ring)
{
	void *memory = NULL;
	const enum err err = locked_take(sizeof(struct ring), &memory);

	if (err)
		return err;
	*out_ring = memory;
	return OK;
}

void ring_destroy(struct ring *ring)
{
	locked_free(ring, sizeof(*ring));
}

void ring_add(struct ring *ring, const struct audio_frame *frame)
{
	ring->frames[ring->next] = *frame;
	ring->next = (ring->next + 1) % RING_FRAMES;
	if (ring->count < RING_FRAMES)
		ring->count++;
}

size_t ring_count(const struct ring *ring)
{
	return ring->count;
}

const struct audio_frame *ring_at(const struct ring *ring, size_t index)
{
	must(index < ring->count);
	return &ring->frames[(ring->next + RING_FRAMES - ring->count + index) %
			     RING_FRAMES];
}

void ring_wipe(struct ring *ring)
{
	explicit_bzero(ring, sizeof(*ring));
}
