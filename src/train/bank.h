/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bank - the bytes of a file of windows (docs/FORMATS.md): other sound that a head takes
 * for its name most easily, kept so that `enroll` works without the training's sound.
 *
 * Half floats; nobody's words can be heard from them.
 */
#ifndef TRAIN_BANK_H
#define TRAIN_BANK_H

#include "base/buf.h"
#include "listen/head.h"

enum { BANK_BYTES_MAX = 4 * 1024 * 1024, BANK_WINDOWS_MAX = 1024, BANK_VERSION = 1 };

/* count x HEAD_INPUTS numbers. Adds to an empty buf. ERR_MEMORY, ERR_LIMIT. */
MUST_CHECK enum err bank_encode(const float *windows, size_t count, struct buf *to);

/* name is for the note. The caller frees *out_windows. ERR_FORMAT, ERR_MEMORY. */
MUST_CHECK enum err bank_decode(const char *name, const struct buf *bytes,
				float **out_windows, size_t *out_count,
				struct err_note *note);

#endif
