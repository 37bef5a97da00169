/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mic_alsa - the microphone port on an ALSA device.
 *
 * Any rate and channel count of the device becomes 16 kHz mono. A device that is pulled
 * out, or that stops giving sound for MIC_ALSA_DEAD_MS, is ERR_IO; open may follow again.
 */
#ifndef ADAPTER_MIC_ALSA_H
#define ADAPTER_MIC_ALSA_H

#include "port/mic.h"

enum { MIC_ALSA_DEAD_MS = 3000 };

/* Opens nothing yet. device as ALSA names it; copied. */
MUST_CHECK enum err mic_alsa_create(const char *device, struct mic *out_mic);

/* The same of a device with two microphones, which are compared before they are mixed. One
 * with fewer channels is not opened: ERR_UNSUPPORTED. */
MUST_CHECK enum err mic_alsa_create_two(const char *device, struct mic *out_mic);

#endif
