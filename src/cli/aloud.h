/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aloud - opened sound out of this computer's speaker, or into a file that was asked for.
 *
 * The sound is the caller's and stays where it is; a file is plain WAV and nobody's secret
 * any more.
 */
#ifndef CLI_ALOUD_H
#define CLI_ALOUD_H

#include "base/err.h"
#include "cli/paths.h"
#include "domain/audio.h"

/* out_path NULL: through the speaker of the household's settings, until it is over.
 * ERR_MISSING: there is none. */
MUST_CHECK enum err aloud_play(const struct paths *paths, struct audio_span sound,
			       const char *out_path, struct err_note *note);

#endif
