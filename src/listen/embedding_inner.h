/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embedding_inner - what embedding_net.c makes and embedding.c runs.
 */
#ifndef LISTEN_EMBEDDING_INNER_H
#define LISTEN_EMBEDDING_INNER_H

#include "listen/embedding.h"
#include "listen/embedding_file.h"
#include "listen/kernel.h"
#include "listen/mel.h"

/*
 * Where a layer's inputs lie in a stream's memory, counted in floats. Steps lead from one
 * row or band to the next; `read` is the first input of the first output, whose further
 * inputs lie behind it without a gap (LAYER_SQUARE: in three runs, a row_step apart);
 * `write` is where the newest rows begin.
 */
struct plane {
	size_t begin;
	size_t size;
	size_t read;
	size_t write;
	size_t row_step;
	size_t band_step;
};

struct embedding_net {
	const struct kernels *kernels;
	struct mel mel;
	float *weights
		[EMBEDDING_LAYERS]; /* as strips of KERNEL_COLUMNS; owned, [0] all */
	float biases[EMBEDDING_LAYERS][EMBEDDING_SIZE];
	struct plane planes[EMBEDDING_LAYERS];
	size_t planes_size; /* floats of all planes of a stream */
	float *silence;     /* the planes after endless silence; owned */
};

/* The planes after endless silence, with the kernels of the net. ERR_LIMIT, ERR_MEMORY. */
MUST_CHECK enum err embedding_find_silence(const struct embedding_net *net,
					   float *out_planes);

#endif
