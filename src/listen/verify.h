/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify - the second stage: is a doubtful candidate really the name?
 *
 * The wake detector may be eager because what it only half believes comes here: it must
 * stand out from the room's noise, be long enough to be a name, and pass the verifier
 * (port/verifier.h), which looks at the sounds themselves. One thread.
 */
#ifndef LISTEN_VERIFY_H
#define LISTEN_VERIFY_H

#include <stdbool.h>

#include "base/err.h"
#include "listen/ring.h"
#include "port/verifier.h"
#include "port/wake.h"

enum {
	VERIFY_NAME_MS_MIN = 200,   /* nobody says a name faster */
	VERIFY_VOICED_MS_MIN = 160, /* of the span, well above the noise */
};

/* Decibels of a voice above the room's noise; less is talk in another room. */
#define VERIFY_LEVEL_DB_MIN 3.0

struct verify_report {
	bool passed;
	double ratio;    /* the verifier's; 0 when it was not asked */
	const char *why; /* "", "too quiet", "too short", "other sounds" */
};

struct verify;

/* verifier is borrowed. ERR_LIMIT: the memory may not be locked. */
MUST_CHECK enum err verify_create(struct verifier *verifier, struct verify **out_verify);
void verify_destroy(struct verify *verify); /* wipes; NULL is fine */

/* Decibels of the loudest half of the newest span_ms in the ring above noise, a mean
 * square; 0 when nothing stands out. */
double verify_level_db(const struct ring *ring, uint32_t span_ms, double noise);

/* Judges what was just heard and doubted: the name, if it is one, lies in the ring's last
 * heard->back_ms.
 * Takes tens of milliseconds. */
void verify_candidate(struct verify *verify, const struct ring *ring,
		      const struct wake_report *heard, double noise,
		      struct verify_report *out_report);

#endif
