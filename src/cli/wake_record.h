/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_record - a few utterances of the name from a microphone, each asked for and looked
 * at. The sound is in memory only and is wiped.
 */
#ifndef CLI_WAKE_RECORD_H
#define CLI_WAKE_RECORD_H

#include "port/mic.h"
#include "train/examples.h"

enum {
	WAKE_RECORD_MS = 2800,
	WAKE_RECORD_TRIES = 4, /* for one utterance */
};

/* Asks for `wanted` utterances on stderr. ERR_FORMAT: none that could be used after some
 * tries; ERR_IO and others: the microphone's. */
MUST_CHECK enum err wake_record(struct mic *mic, const char *name, size_t wanted,
				struct examples *to, struct err_note *note);

/* What is wrong with a recording, or NULL: too quiet, clipped. */
const char *wake_record_complaint(struct audio_span sound);

#endif
