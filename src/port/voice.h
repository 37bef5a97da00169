/* SPDX-License-Identifier: Apache-2.0 */
/*
 * voice - text to speech: words in, sound out. Takes as long as it takes (see the
 * adapter); one thread.
 */
#ifndef PORT_VOICE_H
#define PORT_VOICE_H

#include "base/err.h"
#include "domain/audio.h"

enum { VOICE_TEXT_MAX = 1000, VOICE_SECONDS_MAX = 60 };

struct voice_ops {
	/* Speaks text (1..VOICE_TEXT_MAX bytes of UTF-8). *out_sound stays valid until the
	 * next call. ERR_LIMIT: too long. ERR_FORMAT: nothing in it can be spoken. */
	enum err (*speak)(void *self, const char *text, struct audio_span *out_sound);
	void (*close)(void *self);
};

struct voice {
	const struct voice_ops *ops;
	void *self;
};

MUST_CHECK static inline enum err voice_speak(struct voice *voice, const char *text,
					      struct audio_span *out_sound)
{
	return voice->ops->speak(voice->self, text, out_sound);
}

static inline void voice_close(struct voice *voice)
{
	if (voice->ops)
		voice->ops->close(voice->self);
	voice->ops = 0;
}

#endif
