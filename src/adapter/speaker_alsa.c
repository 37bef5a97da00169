/* SPDX-License-Identifier: Apache-2.0 */
/*
 * speaker_alsa - see the header.
 *
 * The whole sound is brought to the device's rate and channels when it starts, so that
 * moving it on is only copying. Behind it comes a little silence: some devices play what
 * they were given only by whole blocks.
 *
 * Invariant: `reference` holds what leaves for the loudspeaker, after volume, at 16 kHz.
 */
#include "adapter/speaker_alsa.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/alsa_pcm.h"
#include "adapter/gain.h"
#include "adapter/resample.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/str.h"

enum {
	DEVICE_BYTES = 256,
	SAMPLES_MAX = SPEAKER_ALSA_SECONDS_MAX * AUDIO_HZ,
	TAIL_MS = 60,
	STUCK_MS =
		5000, /* a device from which nothing has gone for so long plays no more */
};

struct speaker_alsa {
	char device[DEVICE_BYTES];
	int percent;
	struct alsa_pcm *pcm; /* NULL: nothing plays */
	int64_t start_ms;     /* 0: not a sample has left yet */
	int16_t *sound;       /* for the device: interleaved, sound and tail */
	size_t sound_count;   /* sample frames, with the tail */
	size_t tail_count;
	size_t written;
	int16_t *reference;
	size_t reference_count;
	size_t played;    /* of the reference */
	size_t gone;      /* frames that left the device, at most so far */
	int64_t moved_ms; /* when that grew last */
};

static void let_go(struct speaker_alsa *speaker)
{
	alsa_pcm_close(speaker->pcm);
	free(speaker->sound);
	speaker->pcm = NULL;
	speaker->sound = NULL;
}

/* ---- to the device's rate and channels ---- */

static void spread(struct speaker_alsa *speaker, const int16_t *mono, size_t count,
		   uint32_t channels)
{
	int16_t *at = speaker->sound + speaker->sound_count * channels;

	for (size_t i = 0; i < count; i++) {
		for (uint32_t c = 0; c < channels; c++)
			*at++ = mono[i];
	}
	speaker->sound_count += count;
}

static void convert(struct speaker_alsa *speaker, struct resample *resample, size_t room,
		    uint32_t channels)
{
	int16_t block[RESAMPLE_BLOCK];

	for (size_t at = 0; at < speaker->reference_count;) {
		const size_t left = speaker->reference_count - at;
		const size_t now = left < RESAMPLE_BLOCK ? left : RESAMPLE_BLOCK;
		size_t got = 0;

		resample_push_s16(resample, speaker->reference + at, now, now == left);
		at += now;
		while ((got = resample_pull(resample, block, RESAMPLE_BLOCK)) > 0) {
			must(speaker->sound_count + got <= room);
			spread(speaker, block, got, channels);
		}
	}
}

static enum err prepare(struct speaker_alsa *speaker)
{
	const uint32_t hz = alsa_pcm_hz(speaker->pcm);
	const uint32_t channels = alsa_pcm_channels(speaker->pcm);
	const size_t tail = (size_t)hz * TAIL_MS / 1000;
	const size_t room =
		(size_t)((double)speaker->reference_count * hz / AUDIO_HZ) + 64;
	struct resample *resample = NULL;
	enum err err = resample_create(AUDIO_HZ, 1, hz, &resample);

	if (err)
		return err;
	speaker->sound = calloc((room + tail) * channels, sizeof(*speaker->sound));
	if (!speaker->sound) {
		err = ERR_MEMORY;
		goto out;
	}
	speaker->sound_count = 0;
	convert(speaker, resample, room, channels);
	speaker->tail_count = tail;
	speaker->sound_count += tail;
out:
	resample_destroy(resample);
	return err;
}

/* ---- the port ---- */

static enum err alsa_play(void *self, struct audio_span sound, struct event_id parent)
{
	struct speaker_alsa *speaker = self;
	enum err err = OK;

	must(parent.value != 0);
	if (speaker->pcm)
		return ERR_BUSY;
	if (sound.count > SAMPLES_MAX)
		return ERR_LIMIT;
	err = alsa_pcm_open(speaker->device, ALSA_PCM_PLAY, 1, &speaker->pcm, NULL);
	if (err)
		return err;
	gain_copy(speaker->reference, sound, speaker->percent);
	speaker->reference_count = sound.count;
	speaker->start_ms = 0;
	speaker->written = 0;
	speaker->played = 0;
	speaker->gone = 0;
	speaker->moved_ms = loop_now_ms();
	err = prepare(speaker);
	if (err)
		let_go(speaker);
	return err;
}

/* Hands the device what it has room for. */
static enum err push(struct speaker_alsa *speaker)
{
	const uint32_t channels = alsa_pcm_channels(speaker->pcm);
	size_t count = 1;
	enum err err = OK;

	while (!err && count > 0 && speaker->written < speaker->sound_count) {
		err = alsa_pcm_write(speaker->pcm,
				     speaker->sound + speaker->written * channels,
				     speaker->sound_count - speaker->written, &count);
		speaker->written += err ? 0 : count;
	}
	if (!err && speaker->start_ms == 0 && speaker->written > 0) {
		speaker->start_ms = loop_now_ms();
		err = alsa_pcm_start(speaker->pcm);
	}
	return err;
}

/* Servers that hang and cards that fell asleep say that all is well, and play nothing. */
static bool is_stuck(struct speaker_alsa *speaker, size_t gone)
{
	const int64_t now_ms = loop_now_ms();

	if (gone > speaker->gone) {
		speaker->gone = gone;
		speaker->moved_ms = now_ms;
	}
	return now_ms - speaker->moved_ms > STUCK_MS;
}

static enum err move_on(struct speaker_alsa *speaker)
{
	size_t waiting = 0;
	size_t gone = 0;
	enum err err = push(speaker);

	if (!err)
		err = alsa_pcm_waiting(speaker->pcm, &waiting);
	if (err)
		return err;
	gone = speaker->written > waiting ? speaker->written - waiting : 0;
	if (is_stuck(speaker, gone))
		return ERR_IO;
	speaker->played = (size_t)((double)gone * AUDIO_HZ / alsa_pcm_hz(speaker->pcm));
	if (speaker->played > speaker->reference_count)
		speaker->played = speaker->reference_count;
	if (speaker->written == speaker->sound_count &&
	    waiting <= speaker->tail_count / 2) {
		speaker->played = speaker->reference_count;
		let_go(speaker);
	}
	return OK;
}

static enum err alsa_poll(void *self, struct speaker_played *out_played)
{
	struct speaker_alsa *speaker = self;
	enum err err = OK;

	if (speaker->pcm)
		err = move_on(speaker);
	if (err) {
		let_go(speaker);
		return err;
	}
	*out_played = (struct speaker_played){
		.finished = !speaker->pcm,
		.start_ms = speaker->start_ms,
		.reference = {speaker->reference, speaker->played},
		.whole = {speaker->reference, speaker->reference_count},
	};
	return OK;
}

static void alsa_stop(void *self)
{
	let_go(self);
}

static void alsa_set_volume(void *self, int percent)
{
	struct speaker_alsa *speaker = self;

	must(percent >= 0 && percent <= 100);
	speaker->percent = percent;
}

static void alsa_close(void *self)
{
	struct speaker_alsa *speaker = self;

	let_go(speaker);
	free(speaker->reference);
	free(speaker);
}

static const struct speaker_ops OPS = {alsa_play, alsa_poll, alsa_stop, alsa_set_volume,
				       alsa_close};

enum err speaker_alsa_create(const char *device, struct speaker *out_speaker)
{
	struct speaker_alsa *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->percent = 100;
	made->reference = calloc(SAMPLES_MAX, sizeof(*made->reference));
	if (!made->reference || !str_copy(made->device, sizeof(made->device), device)) {
		const enum err err = made->reference ? ERR_LIMIT : ERR_MEMORY;

		free(made->reference);
		free(made);
		return err;
	}
	*out_speaker = (struct speaker){&OPS, made};
	return OK;
}

enum err speaker_alsa_try(const char *device, struct err_note *note)
{
	struct alsa_pcm *pcm = NULL;
	const enum err err = alsa_pcm_open(device, ALSA_PCM_PLAY, 1, &pcm, note);

	alsa_pcm_close(err ? NULL : pcm);
	return err;
}
