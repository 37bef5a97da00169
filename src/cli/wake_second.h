/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_second - the second stage of a room's listening for a stream that is no room: the
 * ring, the room's noise and the verifier. One thread per stream.
 */
#ifndef CLI_WAKE_SECOND_H
#define CLI_WAKE_SECOND_H

#include <stdbool.h>

#include "base/err.h"
#include "domain/audio.h"
#include "port/wake.h"

struct wake_second;

/* ERR_LIMIT: memory may not be locked. Note: what the verifier lacks. */
MUST_CHECK enum err wake_second_create(const char *word, struct wake_second **out_second,
				       struct err_note *note);
void wake_second_destroy(struct wake_second *second); /* NULL is fine */

void wake_second_reset(struct wake_second *second); /* another stream begins */
void wake_second_feed(struct wake_second *second, const struct audio_frame *frame);
/* A doubtful report of the frame just fed: is it the name? ratio: port/verifier.h. */
bool wake_second_passes(struct wake_second *second, const struct wake_report *report,
			double *out_ratio);

#endif
