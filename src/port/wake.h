/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake - hears the name in a stream of frames.
 *
 * One stream, one thread. Every candidate is reported, believed or not, because each
 * one is a row in the journal.
 */
#ifndef PORT_WAKE_H
#define PORT_WAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/audio.h"

struct wake_report {
	bool candidate; /* something sounded like the name, ending in this frame or before */
	bool accepted; /* score >= floor */
	double doubt;  /* with doubtful: 0 nearly accepted, 1 hardly a candidate */
	bool doubtful; /* not accepted, but near enough to be worth a second opinion */
	double score;  /* the adapter's own scale; higher is surer */
	double floor;
	uint32_t back_ms; /* how long before the end of this frame the word began, as well
			   * as the detector can tell; 0 if it cannot; <= 2000 */
};

struct wake_ops {
	void (*feed)(void *self, const struct audio_frame *frame,
		     struct wake_report *out_report);
	void (*reset)(void *self); /* forgets the stream, after a turn */
	void (*close)(void *self);
};

struct wake {
	const struct wake_ops *ops;
	void *self;
};

static inline void wake_feed(struct wake *wake, const struct audio_frame *frame,
			     struct wake_report *out_report)
{
	wake->ops->feed(wake->self, frame, out_report);
}

static inline void wake_reset(struct wake *wake)
{
	wake->ops->reset(wake->self);
}

static inline void wake_close(struct wake *wake)
{
	if (wake->ops)
		wake->ops->close(wake->self);
	wake->ops = 0;
}

#endif
