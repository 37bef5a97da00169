/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mic_fake - see the header. A plain array that is read from the front.
 *
 * Invariant: reads only succeed while it is open under a lease that is not over.
 */
#include "fake/mic_fake.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum { FRAMES_MAX = 50 * 60 * 10 }; /* ten minutes */

struct mic_fake {
	const struct clock *clock;
	const struct lease *lease; /* borrowed while open; NULL: shut */
	bool unplugged;
	bool ended;
	size_t open_count;
	size_t count;
	size_t next;
	struct audio_frame *frames;
};

static enum err fake_open(void *self, const struct lease *lease, struct err_note *note)
{
	struct mic_fake *fake = self;

	must(!fake->lease);
	if (lease_is_over(lease, clock_now_ms(fake->clock)))
		return err_say(ERR_CLOSED, note, "fake microphone: the lease is over");
	if (fake->unplugged)
		return err_say(ERR_IO, note, "fake microphone: it is unplugged");
	fake->lease = lease;
	fake->open_count++;
	return OK;
}

static enum err fake_read(void *self, int timeout_ms, struct audio_frame *out_frame)
{
	struct mic_fake *fake = self;

	(void)timeout_ms;
	must(fake->lease);
	if (lease_is_over(fake->lease, clock_now_ms(fake->clock)))
		return ERR_CLOSED;
	if (fake->unplugged)
		return ERR_IO;
	if (fake->next == fake->count)
		return fake->ended ? ERR_CLOSED : ERR_TIMEOUT;
	*out_frame = fake->frames[fake->next];
	fake->next++;
	return OK;
}

static void fake_shut(void *self)
{
	struct mic_fake *fake = self;

	fake->lease = NULL;
}

static void fake_close(void *self)
{
	fake_shut(self);
}

static const struct mic_ops OPS = {fake_open, fake_read, fake_shut, fake_close, NULL};

enum err mic_fake_create(const struct clock *clock, struct mic_fake **out_fake)
{
	struct mic_fake *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->clock = clock;
	made->frames = calloc(FRAMES_MAX, sizeof(*made->frames));
	if (!made->frames) {
		free(made);
		return ERR_MEMORY;
	}
	*out_fake = made;
	return OK;
}

void mic_fake_destroy(struct mic_fake *fake)
{
	if (!fake)
		return;
	free(fake->frames);
	free(fake);
}

struct mic mic_fake_port(struct mic_fake *fake)
{
	return (struct mic){&OPS, fake};
}

void mic_fake_push(struct mic_fake *fake, struct audio_span sound)
{
	for (size_t at = 0; at < sound.count; at += AUDIO_FRAME_SAMPLES) {
		const size_t left = sound.count - at;
		const size_t count =
			left < AUDIO_FRAME_SAMPLES ? left : AUDIO_FRAME_SAMPLES;

		mic_fake_push_silence(fake, 1);
		memcpy(fake->frames[fake->count - 1].samples, sound.samples + at,
		       count * sizeof(*sound.samples));
	}
}

void mic_fake_push_silence(struct mic_fake *fake, size_t frames)
{
	must(frames <= FRAMES_MAX - fake->count);
	memset(fake->frames + fake->count, 0, frames * sizeof(*fake->frames));
	fake->count += frames;
}

void mic_fake_unplug(struct mic_fake *fake, bool unplugged)
{
	fake->unplugged = unplugged;
}

void mic_fake_end(struct mic_fake *fake)
{
	fake->ended = true;
}

bool mic_fake_is_open(const struct mic_fake *fake)
{
	return fake->lease != NULL;
}

size_t mic_fake_open_count(const struct mic_fake *fake)
{
	return fake->open_count;
}

size_t mic_fake_waiting(const struct mic_fake *fake)
{
	return fake->count - fake->next;
}
