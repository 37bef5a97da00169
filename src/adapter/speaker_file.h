/* SPDX-License-Identifier: Apache-2.0 */
/*
 * speaker_file - a WAV file, or nothing at all, in the place of a loudspeaker.
 *
 * Takes as long as a loudspeaker would, because others wait for the end of what is said.
 * Sounds follow each other in the file with half a second between them.
 */
#ifndef ADAPTER_SPEAKER_FILE_H
#define ADAPTER_SPEAKER_FILE_H

#include "port/speaker.h"

enum { SPEAKER_FILE_SECONDS_MAX = 65, SPEAKER_FILE_GAP_MS = 500 };

/* Creates the file, emptying one that is there. Volume 100. */
MUST_CHECK enum err speaker_file_create(const char *path, struct speaker *out_speaker,
					struct err_note *note);

/* No loudspeaker: time passes, and the reference stays empty, as nothing was heard. */
MUST_CHECK enum err speaker_none_create(struct speaker *out_speaker);

#endif
