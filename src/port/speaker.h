/* SPDX-License-Identifier: Apache-2.0 */
/*
 * speaker - plays sound and says exactly what was played and when.
 *
 * The reference signal is what left for the loudspeaker, after volume: echo
 * cancellation and the proof that a prompt was heard both need it. One thread.
 */
#ifndef PORT_SPEAKER_H
#define PORT_SPEAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"
#include "domain/ids.h"

struct speaker_played {
	bool finished;
	int64_t start_ms; /* monotonic: when the first sample left */
	struct audio_span
		reference; /* what was played so far; valid until the next call */
	struct audio_span
		whole; /* the same and what is still to come, unless it is stopped; valid
				  * until the next play; empty where nothing sounds */
};

struct speaker_ops {
	/* Starts playing; the sound is copied. parent is the journal event that is the
	 * reason for it and is never none: nothing is spoken unasked. ERR_BUSY while
	 * another sound plays. */
	enum err (*play)(void *self, struct audio_span sound, struct event_id parent);
	/* Moves playing on without waiting and reports it. ERR_IO: the device went away. */
	enum err (*poll)(void *self, struct speaker_played *out_played);
	void (*stop)(void *self);                    /* at once */
	void (*set_volume)(void *self, int percent); /* 0..100, from the next play on */
	void (*close)(void *self);
};

struct speaker {
	const struct speaker_ops *ops;
	void *self;
};

MUST_CHECK static inline enum err speaker_play(struct speaker *speaker,
					       struct audio_span sound,
					       struct event_id parent)
{
	return speaker->ops->play(speaker->self, sound, parent);
}

MUST_CHECK static inline enum err speaker_poll(struct speaker *speaker,
					       struct speaker_played *out_played)
{
	return speaker->ops->poll(speaker->self, out_played);
}

static inline void speaker_stop(struct speaker *speaker)
{
	speaker->ops->stop(speaker->self);
}

static inline void speaker_set_volume(struct speaker *speaker, int percent)
{
	speaker->ops->set_volume(speaker->self, percent);
}

static inline void speaker_close(struct speaker *speaker)
{
	if (speaker->ops)
		speaker->ops->close(speaker->self);
	speaker->ops = 0;
}

#endif
