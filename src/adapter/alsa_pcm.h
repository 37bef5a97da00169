/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alsa_pcm - one ALSA device, capturing or playing 16 bit sound at its own rate.
 *
 * What mic_alsa and speaker_alsa have in common; the only user of the library. Overruns
 * and underruns are mended here; a device that went away is ERR_IO. One thread each.
 */
#ifndef ADAPTER_ALSA_PCM_H
#define ADAPTER_ALSA_PCM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { ALSA_PCM_CHANNELS_MAX = 32 };

enum alsa_pcm_direction { ALSA_PCM_CAPTURE, ALSA_PCM_PLAY };

struct alsa_pcm;

/* Opens by ALSA's name ("default", "plughw:1,0") near 16 kHz and so many channels; what the hardware
 * really does is told by hz and channels. Never waits for a device in use. Note: device
 * and what is wrong with it. ERR_MISSING, ERR_BUSY, ERR_UNSUPPORTED, ERR_IO. */
MUST_CHECK enum err alsa_pcm_open(const char *device, enum alsa_pcm_direction direction,
				  uint32_t channels, struct alsa_pcm **out_pcm,
				  struct err_note *note);
void alsa_pcm_close(
	struct alsa_pcm *pcm); /* NULL is fine; what is not played is dropped */

uint32_t alsa_pcm_hz(const struct alsa_pcm *pcm);
uint32_t alsa_pcm_channels(const struct alsa_pcm *pcm);

/* Waits up to timeout_ms for sound and copies 1..count_max sample frames. ERR_TIMEOUT,
 * ERR_IO. */
MUST_CHECK enum err alsa_pcm_read(struct alsa_pcm *pcm, int timeout_ms, int16_t *to,
				  size_t count_max, size_t *out_count);

/* Takes as many of count sample frames as there is room for now, maybe 0. ERR_IO. */
MUST_CHECK enum err alsa_pcm_write(struct alsa_pcm *pcm, const int16_t *from,
				   size_t count, size_t *out_count);

/* Starts playing what was written, however little it is. ERR_IO. */
MUST_CHECK enum err alsa_pcm_start(struct alsa_pcm *pcm);

/* Sample frames that were written and have not yet left the loudspeaker; 0 when the
 * device ran dry. ERR_IO. */
MUST_CHECK enum err alsa_pcm_waiting(struct alsa_pcm *pcm, size_t *out_count);

#endif
