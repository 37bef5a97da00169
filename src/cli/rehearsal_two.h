/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehearsal_two - a device with two microphones in a simulated room: a sentence that somebody
 * speaks there, and the same by light on one of them, through the real comparison.
 */
#ifndef CLI_REHEARSAL_TWO_H
#define CLI_REHEARSAL_TWO_H

#include <stdint.h>

#include "base/err.h"

struct rehearsal_two;

/* For how long each was taken for what comes through one microphone alone. */
struct rehearsal_two_heard {
	uint32_t light_ms;
	uint32_t spoken_ms; /* must stay below what marks a request */
};

/* ERR_MISSING: no voice. */
MUST_CHECK enum err rehearsal_two_open(struct rehearsal_two **out_two);
void rehearsal_two_close(struct rehearsal_two *two); /* NULL is fine */

/* In the room of that number, which also says how much more the one hears than the other. */
MUST_CHECK enum err rehearsal_two_say(struct rehearsal_two *two, const char *text,
				      uint64_t room,
				      struct rehearsal_two_heard *out_heard);

#endif
