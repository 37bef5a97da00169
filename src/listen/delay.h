/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delay - how much later the microphone hears what our loudspeaker was given.
 *
 * Cross-correlation with whitened spectra (the phase transform of Knapp and Carter 1976),
 * added up over a second or so. A loudspeaker that cannot say within 300 ms when it
 * plays is got over; one that nobody hears is never found: what is correlated with
 * nothing makes no peak. It follows two clocks that run apart by 200 ppm.
 *
 * Fed pairs of frames, heard and left at the same time as far as is known. Keeps less
 * than 0.7 s of what was heard, in locked memory. One thread.
 */
#ifndef LISTEN_DELAY_H
#define LISTEN_DELAY_H

#include <stdbool.h>

#include "base/err.h"
#include "domain/audio.h"

enum {
	DELAY_EARLY_MAX =
		4800, /* samples: 300 ms heard before it left, as far as is known */
	DELAY_LATE_MAX = 11584, /* 724 ms */
	DELAY_STEP_FRAMES = 10, /* looked at so often */
};

struct delay;

struct delay_found {
	bool known;
	int samples;     /* heard later than left; negative: earlier */
	double strength; /* the peak over the deviation of all the rest */
};

/* ERR_LIMIT: the memory may not be locked. */
MUST_CHECK enum err delay_create(struct delay **out_delay);
void delay_destroy(struct delay *delay); /* wipes; NULL is fine */

/* True when this frame brought a new look at the delay. */
bool delay_feed(struct delay *delay, const struct audio_frame *heard,
		const struct audio_frame *left);
struct delay_found delay_get(const struct delay *delay);

/* Forgets all sound and what was found. */
void delay_reset(struct delay *delay);

#endif
