/* SPDX-License-Identifier: Apache-2.0 */
/*
 * echo - takes out of what the microphone heard what our own loudspeaker said.
 *
 * Fed one frame of both per 20 ms. The reference must lead the echo: what left for the
 * loudspeaker comes no later than its echo, and at most ECHO_TAIL_MS earlier. It learns
 * the room from the sound itself and needs a moment for that. One stream, one thread.
 */
#ifndef PORT_ECHO_H
#define PORT_ECHO_H

#include "domain/audio.h"

enum { ECHO_TAIL_MS = 256 };

struct echo_ops {
	/* Cannot fail; out may be the same frame as heard. */
	void (*cancel)(void *self, const struct audio_frame *heard,
		       const struct audio_frame *reference, struct audio_frame *out);
	void (*reset)(void *self); /* forgets the room and all sound */
	void (*close)(void *self);
};

struct echo {
	const struct echo_ops *ops; /* NULL: none */
	void *self;
};

static inline void echo_cancel(struct echo *echo, const struct audio_frame *heard,
			       const struct audio_frame *reference,
			       struct audio_frame *out)
{
	echo->ops->cancel(echo->self, heard, reference, out);
}

static inline void echo_reset(struct echo *echo)
{
	echo->ops->reset(echo->self);
}

static inline void echo_close(struct echo *echo)
{
	if (echo->ops)
		echo->ops->close(echo->self);
	echo->ops = 0;
}

#endif
