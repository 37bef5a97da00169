/* SPDX-License-Identifier: Apache-2.0 */
/*
 * word - where in a clip the name is spoken, found by its energy.
 *
 * For clips that hold one name between two pauses. Pure.
 */
#ifndef TRAIN_WORD_H
#define TRAIN_WORD_H

#include <stddef.h>

#include "base/err.h"
#include "train/sound.h"

enum { WORD_MS_MIN = 80, WORD_MS_MAX = 2500 };

struct word_span {
	size_t begin; /* samples */
	size_t end;   /* the first one behind it */
};

/* ERR_MISSING: all of it is quieter than -50 dB. ERR_RANGE: what stands out is shorter or
 * longer than a name; out_span is set even then. The note says so without a file's name. */
MUST_CHECK enum err word_find(const struct sound *sound, struct word_span *out_span,
			      struct err_note *note);

#endif
