/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter - what telephones, small loudspeakers and cheap microphones leave of a sound.
 *
 * Second-order sections by the formulas of Bristow-Johnson's audio equaliser cookbook.
 * Pure.
 */
#ifndef TRAIN_FILTER_H
#define TRAIN_FILTER_H

#include "train/sound.h"

enum filter_band {
	FILTER_NONE,
	FILTER_TELEPHONE,     /* 300..3400 Hz */
	FILTER_SMALL_SPEAKER, /* little below 250 Hz, harsh above */
	FILTER_MUFFLED,       /* through cloth or a door: little above 2.5 kHz */
	FILTER_THIN,          /* a close microphone's bass is gone */
	FILTER_COUNT,
};

void filter_run(struct sound *sound, enum filter_band band);

/* Everything beyond +-level becomes level. */
void filter_clip(struct sound *sound, float level);

#endif
