/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gain - volume in percent to samples. Pure.
 */
#ifndef ADAPTER_GAIN_H
#define ADAPTER_GAIN_H

#include "domain/audio.h"

/* Copies the sound at that volume: 100 is unchanged, 0 silent, and in between as the ear
 * counts (50 is a quarter of the amplitude). */
void gain_copy(int16_t *to, struct audio_span from, int percent);

#endif
