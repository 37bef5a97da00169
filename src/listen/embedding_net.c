/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embedding_net - the weights: read, laid out for the kernels, and the map of a stream's
 * memory.
 *
 * Inputs of a layer that reaches across bands lie band beside band with a column of zeros
 * at both edges; those of one that reaches back lie row beside row with two rows of the
 * past in front. In both, all inputs of one output are one run of numbers, which is what
 * the kernels take. Immutable after opening, but for the choice of kernels.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/must.h"
#include "listen/embedding_inner.h"

enum { ALIGNMENT = 64, PAST_ROWS = 2, EDGE = 1, FILE_BYTES_MAX = 2 * 1024 * 1024 };

/* ---- the map ---- */

static struct plane map_plane(const struct layer *layer, size_t begin)
{
	const size_t channels = layer->inputs;
	const size_t row = (layer->bands + 2 * EDGE) * channels;
	const size_t rows = layer->rows + PAST_ROWS;

	switch (layer->kind) {
	case LAYER_SQUARE:
		return (struct plane){begin, rows * row,
				      begin, begin + PAST_ROWS * row + EDGE * channels,
				      row,   channels};
	case LAYER_ACROSS:
		return (struct plane){begin, layer->rows * row,
				      begin, begin + EDGE * channels,
				      row,   channels};
	case LAYER_ALONG:
		return (struct plane){begin,    layer->bands * rows * channels,
				      begin,    begin + PAST_ROWS * channels,
				      channels, rows * channels};
	}
	must(false);
	return (struct plane){0};
}

static void map_planes(struct embedding_net *net)
{
	const size_t unit = ALIGNMENT / sizeof(float);
	size_t at = 0;

	for (size_t i = 0; i < EMBEDDING_LAYERS; i++) {
		net->planes[i] = map_plane(&LAYERS[i], at);
		at += (net->planes[i].size + unit - 1) / unit * unit;
	}
	net->planes_size = at;
}

/* ---- the weights ---- */

/* [depth][outputs] becomes [outputs / KERNEL_COLUMNS][depth][KERNEL_COLUMNS]. */
static void lay_columns(const float *from, const struct layer *layer, float *to)
{
	const size_t depth = layer_depth(layer);

	must(layer->outputs % KERNEL_COLUMNS == 0);
	for (size_t j = 0; j < layer->outputs; j += KERNEL_COLUMNS) {
		for (size_t k = 0; k < depth; k++) {
			memcpy(to, from + k * layer->outputs + j,
			       KERNEL_COLUMNS * sizeof(*to));
			to += KERNEL_COLUMNS;
		}
	}
}

static enum err lay_weights(struct embedding_net *net, const struct embedding_file *file)
{
	size_t count = 0;
	float *memory = NULL;

	for (size_t i = 0; i < EMBEDDING_LAYERS; i++)
		count += layer_depth(&LAYERS[i]) * LAYERS[i].outputs;
	/* Each layer's count is a multiple of 24 x 9 or 24 x 72: 32 bytes at least. */
	memory = aligned_alloc(ALIGNMENT, (count * sizeof(*memory) + ALIGNMENT - 1) /
						  ALIGNMENT * ALIGNMENT);
	if (!memory)
		return ERR_MEMORY;
	for (size_t i = 0; i < EMBEDDING_LAYERS; i++) {
		net->weights[i] = memory;
		lay_columns(file->weights[i], &LAYERS[i], memory);
		memcpy(net->biases[i], file->biases[i],
		       LAYERS[i].outputs * sizeof(*memory));
		memory += layer_depth(&LAYERS[i]) * LAYERS[i].outputs;
	}
	return OK;
}

static enum err make(const struct embedding_file *file, struct embedding_net **out_net)
{
	struct embedding_net *net = calloc(1, sizeof(*net));
	enum err err;

	if (!net)
		return ERR_MEMORY;
	net->kernels = kernels_best();
	mel_init(&net->mel, file);
	map_planes(net);
	err = lay_weights(net, file);
	if (!err) {
		net->silence = calloc(net->planes_size, sizeof(*net->silence));
		err = net->silence ? embedding_find_silence(net, net->silence)
				   : ERR_MEMORY;
	}
	if (err) {
		embedding_net_close(net);
		return err;
	}
	*out_net = net;
	return OK;
}

enum err embedding_net_open(const char *path, struct embedding_net **out_net,
			    struct err_note *note)
{
	struct embedding_file file;
	struct buf bytes;
	enum err err = embedding_file_init(&file);

	buf_init(&bytes, 0);
	if (!err)
		err = file_read(path, FILE_BYTES_MAX, &bytes, note);
	if (!err)
		err = embedding_file_decode(path, bytes.bytes, bytes.size, &file, note);
	if (!err)
		err = make(&file, out_net);
	if (err)
		err_say(err, note, "%s: %s", path, err_words(err));
	embedding_file_finish(&file);
	buf_finish(&bytes);
	return err;
}

void embedding_net_close(struct embedding_net *net)
{
	if (!net)
		return;
	free(net->weights[0]);
	free(net->silence);
	free(net);
}

const char *embedding_net_kernels(const struct embedding_net *net)
{
	return net->kernels->name;
}

enum err embedding_net_use(struct embedding_net *net, const char *kernels)
{
	const struct kernels *found = kernels_find(kernels);

	if (!found)
		return ERR_UNSUPPORTED;
	net->kernels = found;
	return embedding_find_silence(net, net->silence);
}
