/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aloud - opened sound out of this computer's speaker, or into a file that was asked for.
 *
 * Opened before the sound is fetched, for fetching may be on record: what cannot be played
 * is then not fetched. The sound is the caller's and stays where it is; a file is plain WAV
 * and nobody's secret any more.
 */
#ifndef CLI_ALOUD_H
#define CLI_ALOUD_H

#include "adapter/audio_file.h"
#include "base/err.h"
#include "cli/paths.h"
#include "domain/audio.h"
#include "port/speaker.h"

/* Zeros: neither, and closed. */
struct aloud {
	struct speaker speaker;
	struct audio_writer *writer;
};

/* out_path NULL: the speaker of the household's settings, which is tried; else the file is
 * made, empty. ERR_MISSING: there is no speaker. */
MUST_CHECK enum err aloud_open(const struct paths *paths, const char *out_path,
			       struct aloud *out_aloud, struct err_note *note);
/* Through the speaker: until it is over. */
MUST_CHECK enum err aloud_play(struct aloud *aloud, struct audio_span sound,
			       struct err_note *note);
/* ERR_IO: the file has not all of it. */
MUST_CHECK enum err aloud_close(struct aloud *aloud, struct err_note *note);

#endif
