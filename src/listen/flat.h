/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flat - does a microphone give sound at all?
 *
 * One that is switched off, muted by the system or without its cable often goes on giving
 * frames in which each sample is the same. Air is never that still.
 */
#ifndef LISTEN_FLAT_H
#define LISTEN_FLAT_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/audio.h"

enum { FLAT_MS = 10000 };

struct flat {
	int16_t value;
	uint32_t ms; /* for so long there was nothing else; 0: nothing was fed */
};

void flat_init(struct flat *flat);

/* True while the last FLAT_MS and more were one and the same value. */
bool flat_feed(struct flat *flat, const struct audio_frame *frame);

#endif
