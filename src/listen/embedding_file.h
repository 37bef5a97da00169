/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embedding_file - the shape of the two networks, and the bytes of their weights' file
 * (docs/FORMATS.md): written once by tools/convert-net, read by the runtime.
 */
#ifndef LISTEN_EMBEDDING_FILE_H
#define LISTEN_EMBEDDING_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	MEL_WINDOW = 512, /* samples under one mel frame */
	MEL_HOP = 160,
	MEL_BINS = MEL_WINDOW / 2 + 1,
	MEL_BANDS = 32,

	EMBEDDING_FILE_VERSION = 1,
	EMBEDDING_LAYERS = 20,
	EMBEDDING_STEP_ROWS = 8, /* mel frames per step */
};

enum layer_kind {
	LAYER_SQUARE, /* 3 rows x 3 bands, zeros beside the outer bands */
	LAYER_ACROSS, /* 1 row x 3 bands, likewise */
	LAYER_ALONG,  /* 3 rows x 1 band, rows of the past */
};

/* One convolution, with what follows it. */
struct layer {
	enum layer_kind kind;
	size_t inputs;  /* channels */
	size_t outputs; /* a multiple of KERNEL_COLUMNS */
	size_t rows;    /* computed per step */
	size_t bands;
	size_t pool_rows; /* the largest of so many rows and bands goes on; 1: all do */
	size_t pool_bands;
	bool last; /* no bias, no activation */
};

extern const struct layer LAYERS[EMBEDDING_LAYERS];

/* Inputs of one output: channels times the reach of the kernel. */
size_t layer_depth(const struct layer *layer);

struct embedding_file {
	float window[MEL_WINDOW];
	float bands[MEL_BINS * MEL_BANDS]; /* [bin][band] */
	/* Per layer [depth][outputs], rows before bands before channels; owned. */
	float *weights[EMBEDDING_LAYERS];
	float *biases[EMBEDDING_LAYERS]; /* [outputs]; zeros for the last */
};

/* Room for all layers, zeroed. ERR_MEMORY. */
MUST_CHECK enum err embedding_file_init(struct embedding_file *file);
void embedding_file_finish(struct embedding_file *file); /* NULL is fine */

/* ERR_RANGE: a number that may not be in one (see the check in embedding_file_decode).
 * Initialises out_buf; the caller finishes it, also after failure. */
MUST_CHECK enum err embedding_file_encode(const struct embedding_file *file,
					  struct buf *out_buf);

/* Decodes into an initialised file. name is for the note: where, and what was expected.
 * ERR_FORMAT also when the weights could drive any sum beyond the range of floats: what
 * passes computes finite numbers for any sound. ERR_VERSION. */
MUST_CHECK enum err embedding_file_decode(const char *name, const uint8_t *bytes,
					  size_t size, struct embedding_file *file,
					  struct err_note *note);

size_t embedding_file_size(void);

#endif
