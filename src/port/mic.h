/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mic - frames from a microphone, a file or standard input.
 *
 * Opens only with a lease; read() gives ERR_CLOSED once the lease is over. The device
 * decides the pace; one thread reads. Whatever the source's rate and channels, frames
 * are 16 kHz mono.
 */
#ifndef PORT_MIC_H
#define PORT_MIC_H

#include <stdbool.h>

#include "base/err.h"
#include "domain/audio.h"
#include "domain/lease.h"

struct mic_ops {
	/* Opens the device. Note: which device, and what is wrong with it. */
	enum err (*open)(void *self, const struct lease *lease, struct err_note *note);
	/* Waits up to timeout_ms for one frame. ERR_TIMEOUT: none yet. ERR_CLOSED: the source
	 * has ended or the lease is over. ERR_IO: the device went away. */
	enum err (*read)(void *self, int timeout_ms, struct audio_frame *out_frame);
	/* Closes the device; open may follow again. */
	void (*shut)(void *self);
	void (*close)(void *self); /* shuts and frees */
	/* Of the newest half second up to the frame that was read last, did it come through
	 * one microphone of two alone? NULL: there are no two to tell by. */
	bool (*one_sided)(void *self);
};

struct mic {
	const struct mic_ops *ops;
	void *self;
};

MUST_CHECK static inline enum err mic_open(struct mic *mic, const struct lease *lease,
					   struct err_note *note)
{
	return mic->ops->open(mic->self, lease, note);
}

MUST_CHECK static inline enum err mic_read(struct mic *mic, int timeout_ms,
					   struct audio_frame *out_frame)
{
	return mic->ops->read(mic->self, timeout_ms, out_frame);
}

static inline bool mic_is_one_sided(struct mic *mic)
{
	return mic->ops->one_sided && mic->ops->one_sided(mic->self);
}

static inline void mic_shut(struct mic *mic)
{
	mic->ops->shut(mic->self);
}

static inline void mic_close(struct mic *mic)
{
	if (mic->ops)
		mic->ops->close(mic->self);
	mic->ops = 0;
}

#endif
