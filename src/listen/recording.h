/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recording - when a voice message that is being spoken is over.
 *
 * Told of each frame whether it was loud (listen/activity.h), it says: somebody spoke and
 * has stopped; nobody spoke; or go on. Holds no sound. Pure.
 */
#ifndef LISTEN_RECORDING_H
#define LISTEN_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

enum {
	RECORDING_SETTLE_MS = 300, /* the record tone may still be heard: no speech */
	RECORDING_SPEECH_MS = 200, /* loud for so long altogether: somebody speaks */
	RECORDING_START_MS = 8000, /* nobody spoke so long: nobody will */
	RECORDING_END_MS = 2500,   /* of silence after speech: it is over */
	RECORDING_KEEP_MS = 500,   /* of that silence are kept */
};

enum recording_state {
	RECORDING_GOES_ON,
	RECORDING_SPOKEN,
	RECORDING_EMPTY, /* nobody spoke */
};

struct recording {
	uint32_t ms;
	uint32_t loud_ms; /* 0 again when it was nothing but a noise */
	uint32_t quiet_ms;
	bool has_speech;
};

void recording_init(struct recording *recording);
/* One frame that belongs to the message. */
void recording_feed(struct recording *recording, bool is_loud);
enum recording_state recording_state(const struct recording *recording);
/* How much silence at its end is more than should be kept. */
uint32_t recording_excess_ms(const struct recording *recording);

#endif
