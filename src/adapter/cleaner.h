/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cleaner - a small net that brings the cepstra of speech in noise closer to those of the
 * speech alone.
 *
 * It looks at CLEANER_FRAMES frames, each as the recogniser's library gives it with and
 * without its own noise removal, and says what to add to the one at CLEANER_BEFORE. Two
 * layers of rectified linear units, trained by tools/train/cleaner on the same speech
 * with and without noise (least squares); of its answer only a share is added, for the
 * whole of it is smoother than speech (docs/why/recogniser.md). After Lu, Tsao, Matsuda,
 * Hori: "Speech enhancement based on deep denoising autoencoder", 2013.
 *
 * Read-only once loaded: any number of threads.
 */
#ifndef ADAPTER_CLEANER_H
#define ADAPTER_CLEANER_H

#include <stddef.h>

#include "adapter/sphinx.h"
#include "base/err.h"

enum {
	CLEANER_BEFORE = 9, /* 10 ms frames of the past */
	CLEANER_AFTER = 4,  /* and of what comes */
	CLEANER_FRAMES = CLEANER_BEFORE + 1 + CLEANER_AFTER,
	CLEANER_HIDDEN_MAX = 512,
	CLEANER_FILE_BYTES_MAX = 2 * 1024 * 1024,
};

/* One 10 ms frame, heard twice. */
struct cleaner_frame {
	struct sphinx_cep quiet; /* with the library's noise removal */
	struct sphinx_cep raw;   /* without */
};

struct cleaner;

/* Reads the net's file (docs/FORMATS.md). ERR_MISSING, ERR_IO, ERR_FORMAT,
 * ERR_MEMORY; the note names the file and the place. */
MUST_CHECK enum err cleaner_load(const char *path, struct cleaner **out_cleaner,
				 struct err_note *note);
/* The same from bytes; name is for the note. */
MUST_CHECK enum err cleaner_decode(const char *name, const uint8_t *bytes, size_t size,
				   struct cleaner **out_cleaner, struct err_note *note);
void cleaner_destroy(struct cleaner *cleaner); /* NULL is fine */

/* Adds to cep, the kept form of window[CLEANER_BEFORE], what the net makes of the
 * window. */
void cleaner_clean(const struct cleaner *cleaner,
		   const struct cleaner_frame *const window[CLEANER_FRAMES],
		   struct sphinx_cep *cep);

#endif
