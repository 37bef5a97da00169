/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alsa_pcm - the only user of libasound.
 *
 * Asks ALSA not to convert rates: its own converter is a rough one, ours is not. Does not
 * choose devices and does not log; the library's own messages on stderr are switched off,
 * because each failure is told once, by whoever decides what to do about it.
 */
#include "adapter/alsa_pcm.h"

#include <alsa/asoundlib.h>
#include <errno.h>
#include <stdlib.h>

#include "base/must.h"
#include "domain/audio.h"

enum {
	PERIOD_MS = 20,
	BUFFER_MS = 400, /* a busy machine may look away that long */
	MEND_MAX = 4,    /* overruns in a row before the device counts as gone */
};

struct alsa_pcm {
	snd_pcm_t *handle;
	enum alsa_pcm_direction direction;
	uint32_t hz;
	uint32_t channels;
};

static void be_silent(const char *file, int line, const char *function, int code,
		      const char *format, ...)
{
	(void)file;
	(void)line;
	(void)function;
	(void)code;
	(void)format;
}

static enum err err_of(int code)
{
	switch (-code) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return ERR_MISSING;
	case EBUSY:
	case EAGAIN:
		return ERR_BUSY;
	case EINVAL:
		return ERR_UNSUPPORTED;
	default:
		return ERR_IO;
	}
}

/* Negative codes of the library; 0 is success. */
static int set_hardware(struct alsa_pcm *pcm, unsigned channels)
{
	snd_pcm_hw_params_t *params = NULL;
	unsigned hz = AUDIO_HZ;
	unsigned period_us = PERIOD_MS * 1000;
	unsigned buffer_us = BUFFER_MS * 1000;
	int code = snd_pcm_hw_params_malloc(&params);

	if (code < 0)
		return code;
	code = snd_pcm_hw_params_any(pcm->handle, params);
	if (code >= 0)
		code = snd_pcm_hw_params_set_rate_resample(pcm->handle, params, 0);
	if (code >= 0)
		code = snd_pcm_hw_params_set_access(pcm->handle, params,
						    SND_PCM_ACCESS_RW_INTERLEAVED);
	if (code >= 0)
		code = snd_pcm_hw_params_set_format(pcm->handle, params,
						    SND_PCM_FORMAT_S16);
	if (code >= 0)
		code = snd_pcm_hw_params_set_channels_near(pcm->handle, params,
							   &channels);
	if (code >= 0)
		code = snd_pcm_hw_params_set_rate_near(pcm->handle, params, &hz, NULL);
	if (code >= 0)
		code = snd_pcm_hw_params_set_period_time_near(pcm->handle, params,
							      &period_us, NULL);
	if (code >= 0)
		code = snd_pcm_hw_params_set_buffer_time_near(pcm->handle, params,
							      &buffer_us, NULL);
	if (code >= 0)
		code = snd_pcm_hw_params(pcm->handle, params);
	snd_pcm_hw_params_free(params);
	pcm->hz = hz;
	pcm->channels = channels;
	return code < 0 ? code : 0;
}

enum err alsa_pcm_open(const char *device, enum alsa_pcm_direction direction,
		       uint32_t channels, struct alsa_pcm **out_pcm,
		       struct err_note *note)
{
	const char *what = direction == ALSA_PCM_CAPTURE ? "microphone" : "speaker";
	struct alsa_pcm *made = calloc(1, sizeof(*made));
	enum err err = ERR_MEMORY;
	int code = 0;

	if (!made)
		return err_say(err, note, "%s '%s': %s", what, device, err_words(err));
	snd_lib_error_set_handler(be_silent);
	made->direction = direction;
	code = snd_pcm_open(&made->handle, device,
			    direction == ALSA_PCM_CAPTURE ? SND_PCM_STREAM_CAPTURE
							  : SND_PCM_STREAM_PLAYBACK,
			    SND_PCM_NONBLOCK);
	if (code < 0) {
		made->handle = NULL;
		err = err_say(err_of(code), note, "%s '%s': cannot be opened: %s", what,
			      device, snd_strerror(code));
		goto out;
	}
	code = set_hardware(made, channels);
	if (code == 0 && direction == ALSA_PCM_CAPTURE)
		code = snd_pcm_start(made->handle);
	if (code < 0) {
		err = err_of(code);
		err_say(err, note, "%s '%s': %s: %s", what, device,
			err == ERR_UNSUPPORTED ? "does not do 16 bit sound"
					       : "cannot be started",
			snd_strerror(code));
		goto out;
	}
	if (made->channels < 1 || made->channels > ALSA_PCM_CHANNELS_MAX) {
		err = err_say(ERR_UNSUPPORTED, note,
			      "%s '%s': %u channels; expected 1 to %d", what, device,
			      made->channels, ALSA_PCM_CHANNELS_MAX);
		goto out;
	}
	*out_pcm = made;
	made = NULL;
	err = OK;
out:
	alsa_pcm_close(made);
	return err;
}

void alsa_pcm_close(struct alsa_pcm *pcm)
{
	if (!pcm)
		return;
	if (pcm->handle) {
		(void)snd_pcm_drop(pcm->handle);
		(void)snd_pcm_close(pcm->handle);
		/* Frees the parsed configuration, so that a changed one is read next time. */
		(void)snd_config_update_free_global();
	}
	free(pcm);
}

uint32_t alsa_pcm_hz(const struct alsa_pcm *pcm)
{
	return pcm->hz;
}

uint32_t alsa_pcm_channels(const struct alsa_pcm *pcm)
{
	return pcm->channels;
}

/* Brings the device back after an overrun, an underrun or a sleep of the machine. */
static enum err mend(struct alsa_pcm *pcm, int code)
{
	if (snd_pcm_state(pcm->handle) == SND_PCM_STATE_DISCONNECTED)
		return ERR_IO;
	if (snd_pcm_recover(pcm->handle, code, 1) < 0)
		return ERR_IO;
	if (pcm->direction == ALSA_PCM_CAPTURE && snd_pcm_start(pcm->handle) < 0)
		return ERR_IO;
	return OK;
}

enum err alsa_pcm_read(struct alsa_pcm *pcm, int timeout_ms, int16_t *to,
		       size_t count_max, size_t *out_count)
{
	for (unsigned tries = 0; tries < MEND_MAX; tries++) {
		snd_pcm_sframes_t got = snd_pcm_readi(pcm->handle, to, count_max);

		if (got == -EAGAIN || got == 0) {
			const int ready = snd_pcm_wait(pcm->handle, timeout_ms);

			if (ready == 0)
				return ERR_TIMEOUT;
			got = ready < 0 ? ready
					: snd_pcm_readi(pcm->handle, to, count_max);
			if (got == -EAGAIN || got == 0)
				return ERR_TIMEOUT;
		}
		if (got > 0) {
			*out_count = (size_t)got;
			return OK;
		}
		if (mend(pcm, (int)got) != OK)
			return ERR_IO;
	}
	return ERR_IO;
}

enum err alsa_pcm_write(struct alsa_pcm *pcm, const int16_t *from, size_t count,
			size_t *out_count)
{
	for (unsigned tries = 0; tries < MEND_MAX; tries++) {
		const snd_pcm_sframes_t put = snd_pcm_writei(pcm->handle, from, count);

		if (put >= 0 || put == -EAGAIN) {
			*out_count = put > 0 ? (size_t)put : 0;
			return OK;
		}
		if (mend(pcm, (int)put) != OK)
			return ERR_IO;
	}
	return ERR_IO;
}

enum err alsa_pcm_start(struct alsa_pcm *pcm)
{
	if (snd_pcm_state(pcm->handle) != SND_PCM_STATE_PREPARED)
		return OK;
	return snd_pcm_start(pcm->handle) < 0 ? ERR_IO : OK;
}

enum err alsa_pcm_waiting(struct alsa_pcm *pcm, size_t *out_count)
{
	snd_pcm_sframes_t delay = 0;
	int code = 0;

	if (snd_pcm_state(pcm->handle) == SND_PCM_STATE_DISCONNECTED)
		return ERR_IO;
	code = snd_pcm_delay(pcm->handle, &delay);
	if (code == -EPIPE) { /* ran dry */
		*out_count = 0;
		return OK;
	}
	if (code < 0)
		return ERR_IO;
	*out_count = delay > 0 ? (size_t)delay : 0;
	return OK;
}
