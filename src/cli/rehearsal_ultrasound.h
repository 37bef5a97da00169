/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehearsal_ultrasound - speech on a carrier that nobody hears, and what a microphone that is
 * not quite linear makes of it: the speech again, and its square.
 *
 * As in Zhang et al., "DolphinAttack" (CCS 2017). A simulation: the carrier, the depth and
 * the small square term are numbers, no microphone was measured. Pure but for memory.
 */
#ifndef CLI_REHEARSAL_ULTRASOUND_H
#define CLI_REHEARSAL_ULTRASOUND_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"

enum {
	REHEARSAL_ULTRASOUND_HZ = 192000,
	REHEARSAL_ULTRASOUND_CARRIER_HZ = 30000,
};

/* What the microphone gives for that speech with that depth of modulation (0..1), as loud
 * as it was: count samples to the caller. Silent speech stays silent. */
MUST_CHECK enum err rehearsal_ultrasound(struct audio_span speech, double depth,
					 int16_t *to);

#endif
