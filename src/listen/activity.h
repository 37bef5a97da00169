/* SPDX-License-Identifier: Apache-2.0 */
/*
 * activity - whether somebody seems to be speaking right now, by level alone.
 *
 * Good enough to decide whether a lease that runs out is renewed; the end of a sentence
 * is found by listen/endpoint.h. Pure.
 */
#ifndef LISTEN_ACTIVITY_H
#define LISTEN_ACTIVITY_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/audio.h"

struct activity {
	double floor;          /* mean square of the room's own noise */
	unsigned quiet_frames; /* since the last loud one */
};

void activity_init(struct activity *activity);
void activity_feed(struct activity *activity, const struct audio_frame *frame);
/* Was the newest frame well above the room's noise? */
bool activity_is_loud(const struct activity *activity);
/* True when a frame of the last half second was well above the room's noise. */
bool activity_is_speech(const struct activity *activity);

#endif
