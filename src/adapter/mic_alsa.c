/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mic_alsa - see the header. Waits inside read and nowhere else.
 *
 * Invariant: the device is open only between open and shut, and only under a lease.
 */
#include "adapter/mic_alsa.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/alsa_pcm.h"
#include "adapter/one_sided.h"
#include "adapter/resample.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/str.h"

enum { DEVICE_BYTES = 256 };

struct mic_alsa {
	char device[DEVICE_BYTES];
	uint32_t channels;         /* wanted */
	const struct lease *lease; /* borrowed while open */
	struct alsa_pcm *pcm;
	struct resample *resample;
	struct audio_frame frame; /* the first `filled` samples are there */
	size_t filled;
	struct one_sided one_sided;
	int64_t heard_ms; /* when the device last gave sound */
	int16_t block[RESAMPLE_BLOCK * ALSA_PCM_CHANNELS_MAX];
};

static void alsa_shut(void *self)
{
	struct mic_alsa *mic = self;

	alsa_pcm_close(mic->pcm);
	resample_destroy(mic->resample);
	mic->pcm = NULL;
	mic->resample = NULL;
	mic->lease = NULL;
	mic->filled = 0;
	explicit_bzero(mic->block, sizeof(mic->block));
	explicit_bzero(&mic->frame, sizeof(mic->frame));
	explicit_bzero(&mic->one_sided, sizeof(mic->one_sided));
}

static enum err alsa_open(void *self, const struct lease *lease, struct err_note *note)
{
	struct mic_alsa *mic = self;
	enum err err = OK;

	must(!mic->pcm);
	if (lease_is_over(lease, loop_now_ms()))
		return err_say(ERR_CLOSED, note, "microphone: its lease is over");
	err = alsa_pcm_open(mic->device, ALSA_PCM_CAPTURE, mic->channels, &mic->pcm,
			    note);
	if (err)
		return err;
	if (alsa_pcm_channels(mic->pcm) < mic->channels) {
		alsa_shut(mic);
		return err_say(ERR_UNSUPPORTED, note,
			       "microphone '%s': has one channel; expected two",
			       mic->device);
	}
	err = resample_create(alsa_pcm_hz(mic->pcm), alsa_pcm_channels(mic->pcm),
			      AUDIO_HZ, &mic->resample);
	if (err) {
		alsa_shut(mic);
		return err_say(err, note, "microphone '%s': %s", mic->device,
			       err_words(err));
	}
	one_sided_init(&mic->one_sided, alsa_pcm_hz(mic->pcm));
	mic->lease = lease;
	mic->heard_ms = loop_now_ms();
	return OK;
}

/* Gets more sound from the device into the resampler. */
static enum err more(struct mic_alsa *mic, int timeout_ms)
{
	size_t count = 0;
	const enum err err =
		alsa_pcm_read(mic->pcm, timeout_ms, mic->block, RESAMPLE_BLOCK, &count);

	if (err == ERR_TIMEOUT && loop_now_ms() - mic->heard_ms > MIC_ALSA_DEAD_MS)
		return ERR_IO;
	if (err)
		return err;
	mic->heard_ms = loop_now_ms();
	if (mic->channels > 1)
		one_sided_feed(&mic->one_sided, mic->block, count,
			       alsa_pcm_channels(mic->pcm));
	resample_push_s16(mic->resample, mic->block, count, false);
	return OK;
}

static enum err alsa_read(void *self, int timeout_ms, struct audio_frame *out_frame)
{
	struct mic_alsa *mic = self;
	const int64_t until_ms = loop_now_ms() + timeout_ms;

	must(mic->pcm);
	for (;;) {
		const int64_t now_ms = loop_now_ms();
		enum err err = OK;

		if (lease_is_over(mic->lease, now_ms))
			return ERR_CLOSED;
		mic->filled +=
			resample_pull(mic->resample, mic->frame.samples + mic->filled,
				      AUDIO_FRAME_SAMPLES - mic->filled);
		if (mic->filled == AUDIO_FRAME_SAMPLES)
			break;
		err = more(mic, until_ms > now_ms ? (int)(until_ms - now_ms) : 0);
		if (err)
			return err;
	}
	*out_frame = mic->frame;
	mic->filled = 0;
	return OK;
}

static void alsa_close(void *self)
{
	alsa_shut(self);
	free(self);
}

/* Up to the newest block: a few milliseconds past the frame. */
static bool alsa_one_sided(void *self)
{
	const struct mic_alsa *mic = self;

	return one_sided_now(&mic->one_sided);
}

static const struct mic_ops OPS = {alsa_open, alsa_read, alsa_shut, alsa_close,
				   alsa_one_sided};

static enum err create(const char *device, uint32_t channels, struct mic *out_mic)
{
	struct mic_alsa *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	if (!str_copy(made->device, sizeof(made->device), device)) {
		free(made);
		return ERR_LIMIT;
	}
	made->channels = channels;
	*out_mic = (struct mic){&OPS, made};
	return OK;
}

enum err mic_alsa_create(const char *device, struct mic *out_mic)
{
	return create(device, 1, out_mic);
}

enum err mic_alsa_create_two(const char *device, struct mic *out_mic)
{
	return create(device, ONE_SIDED_CHANNELS, out_mic);
}
