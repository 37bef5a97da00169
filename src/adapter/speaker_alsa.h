/* SPDX-License-Identifier: Apache-2.0 */
/*
 * speaker_alsa - the speaker port on an ALSA device.
 *
 * The device is open only while something plays, so a speaker that was pulled out is found
 * again with the next sound. Sounds longer than SPEAKER_ALSA_SECONDS_MAX are ERR_LIMIT.
 */
#ifndef ADAPTER_SPEAKER_ALSA_H
#define ADAPTER_SPEAKER_ALSA_H

#include "port/speaker.h"

enum { SPEAKER_ALSA_SECONDS_MAX = 65 };

/* Opens nothing yet; device is copied. Volume 100. */
MUST_CHECK enum err speaker_alsa_create(const char *device, struct speaker *out_speaker);

/* Opens the device once and closes it: is it there? Note: which, and what is wrong. */
MUST_CHECK enum err speaker_alsa_try(const char *device, struct err_note *note);

#endif
