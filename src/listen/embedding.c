/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embedding - one stream through both networks, a step of 80 ms at a time.
 *
 * The networks have no padding in time and each step is a whole number of rows at every
 * layer, so a layer needs of the past only the two rows that its kernel reaches back to;
 * they stay in front of the newest rows. All of a stream is one piece of locked memory.
 *
 * Invariants: the zeros beside the outer bands are never written; `taken` < the frames of
 * a step between calls.
 */
#include "listen/embedding.h"

#include <string.h>

#include "base/must.h"
#include "listen/embedding_inner.h"
#include "listen/locked.h"

enum {
	PAST_ROWS = 2,
	SQUARE_RUNS = 3,
	POSITIONS_MAX = 256, /* rows x bands of the largest layer */
	BLOCKS_MAX = POSITIONS_MAX / KERNEL_ROWS,
	PLAIN_MAX = POSITIONS_MAX * KERNEL_COLUMNS, /* the largest layer before a pool */
	SILENCE_STEPS = 16, /* more than the 10 steps that anything lasts */
};

struct embedding {
	struct mel_work mel;
	int16_t samples[MEL_SAMPLES];
	size_t taken; /* frames of the step that is coming in */
	const struct embedding_net *net;
	/* where each output's inputs lie, and where it goes */
	const float *reads[POSITIONS_MAX];
	float *writes[POSITIONS_MAX];
	float squares[POSITIONS_MAX][SQUARE_RUNS * SQUARE_RUNS];
	float plain[PLAIN_MAX];
	float values[EMBEDDING_SIZE];
	_Alignas(64) float planes[];
};

size_t embedding_stream_bytes(const struct embedding_net *net)
{
	return sizeof(struct embedding) + net->planes_size * sizeof(float);
}

/* ---- one layer ---- */

/* Lists where the inputs of each output are, row after row; gives their number. */
static size_t list_reads(struct embedding *stream, size_t index)
{
	const struct layer *layer = &LAYERS[index];
	const struct plane *plane = &stream->net->planes[index];
	size_t count = 0;

	for (size_t row = 0; row < layer->rows; row++) {
		for (size_t band = 0; band < layer->bands; band++)
			stream->reads[count++] = stream->planes + plane->read +
						 row * plane->row_step +
						 band * plane->band_step;
	}
	must(count <= POSITIONS_MAX);
	return count;
}

/* A square kernel's inputs are three runs: brings them together. */
static void gather_squares(struct embedding *stream, const struct plane *plane,
			   size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t run = 0; run < SQUARE_RUNS; run++)
			memcpy(stream->squares[i] + run * SQUARE_RUNS,
			       stream->reads[i] + run * plane->row_step,
			       SQUARE_RUNS * sizeof(float));
		stream->reads[i] = stream->squares[i];
	}
}

/* Lists where each output goes: the next layer's plane, or first a plain array. */
static void list_writes(struct embedding *stream, size_t index)
{
	const struct layer *layer = &LAYERS[index];
	const bool direct = !layer->last && layer->pool_bands == 1;
	const struct plane *next = direct ? &stream->net->planes[index + 1] : NULL;
	float *base = direct        ? stream->planes + next->write
		      : layer->last ? stream->values
				    : stream->plain;
	const size_t row_step = direct ? next->row_step : layer->bands * layer->outputs;
	const size_t band_step = direct ? next->band_step : layer->outputs;
	size_t count = 0;

	for (size_t row = 0; row < layer->rows; row++) {
		for (size_t band = 0; band < layer->bands; band++)
			stream->writes[count++] =
				base + row * row_step + band * band_step;
	}
}

/* The kernels take four outputs at a time; behind the last, it is listed again. */
static size_t fill_up(struct embedding *stream, size_t count)
{
	while (count % KERNEL_ROWS != 0) {
		stream->reads[count] = stream->reads[count - 1];
		stream->writes[count] = stream->writes[count - 1];
		count++;
	}
	return count;
}

static void convolve(struct embedding *stream, size_t index, size_t count)
{
	const struct embedding_net *net = stream->net;
	const struct layer *layer = &LAYERS[index];
	const size_t depth = layer_depth(layer);

	for (size_t j = 0; j < layer->outputs; j += KERNEL_COLUMNS) {
		const float *weights = net->weights[index] + j * depth;

		for (size_t i = 0; i < count; i += KERNEL_ROWS) {
			const float *const *reads = stream->reads + i;
			float *const writes[KERNEL_ROWS] = {stream->writes[i] + j,
							    stream->writes[i + 1] + j,
							    stream->writes[i + 2] + j,
							    stream->writes[i + 3] + j};

			if (layer->last)
				net->kernels->tile(weights, depth, reads, writes);
			else
				net->kernels->tile_activated(weights,
							     net->biases[index] + j,
							     depth, reads, writes);
		}
	}
}

/* Of numbers: fmaxf would ask each whether it is one. */
static float larger(float a, float b)
{
	return a > b ? a : b;
}

/* The largest of pool_rows x pool_bands outputs goes to the next layer's plane. */
static void pool(struct embedding *stream, size_t index)
{
	const struct layer *layer = &LAYERS[index];
	const struct plane *next = &stream->net->planes[index + 1];
	const size_t band_size = layer->outputs;
	const size_t row_size = layer->bands * band_size;
	/* A pool of one row looks at the same row twice. */
	const size_t below = layer->pool_rows > 1 ? row_size : 0;

	for (size_t row = 0; row < layer->rows / layer->pool_rows; row++) {
		for (size_t band = 0; band < layer->bands / layer->pool_bands; band++) {
			const float *from = stream->plain +
					    row * layer->pool_rows * row_size +
					    band * layer->pool_bands * band_size;
			float *to = stream->planes + next->write + row * next->row_step +
				    band * next->band_step;

			for (size_t c = 0; c < layer->outputs; c++) {
				const float a = larger(from[c], from[c + band_size]);
				const float b = larger(from[c + below],
						       from[c + below + band_size]);

				to[c] = larger(a, b);
			}
		}
	}
}

/* The newest rows become the past of the next step. */
static void age(struct embedding *stream, size_t index)
{
	const struct layer *layer = &LAYERS[index];
	const struct plane *plane = &stream->net->planes[index];
	float *begin = stream->planes + plane->begin;

	switch (layer->kind) {
	case LAYER_ACROSS:
		break;
	case LAYER_SQUARE:
		memmove(begin, begin + layer->rows * plane->row_step,
			PAST_ROWS * plane->row_step * sizeof(float));
		break;
	case LAYER_ALONG:
		for (size_t band = 0; band < layer->bands; band++)
			memmove(begin + band * plane->band_step,
				begin + band * plane->band_step +
					layer->rows * plane->row_step,
				PAST_ROWS * plane->row_step * sizeof(float));
		break;
	}
}

static void run_layer(struct embedding *stream, size_t index)
{
	size_t count = list_reads(stream, index);

	if (LAYERS[index].kind == LAYER_SQUARE)
		gather_squares(stream, &stream->net->planes[index], count);
	list_writes(stream, index);
	convolve(stream, index, fill_up(stream, count));
	if (LAYERS[index].pool_bands > 1)
		pool(stream, index);
	age(stream, index);
}

/* ---- the stream ---- */

static void step(struct embedding *stream)
{
	const struct embedding_net *net = stream->net;

	mel_run(&net->mel, net->kernels->wide, stream->samples, &stream->mel,
		stream->planes + net->planes[0].write, net->planes[0].row_step);
	for (size_t i = 0; i < EMBEDDING_LAYERS; i++)
		run_layer(stream, i);
	memmove(stream->samples, stream->samples + MEL_STEP_SAMPLES,
		MEL_PAST_SAMPLES * sizeof(*stream->samples));
}

bool embedding_feed(struct embedding *stream, const struct audio_frame *frame,
		    float out_values[EMBEDDING_SIZE])
{
	must(stream->taken < EMBEDDING_STEP_FRAMES);
	memcpy(stream->samples + MEL_PAST_SAMPLES + stream->taken * AUDIO_FRAME_SAMPLES,
	       frame->samples, sizeof(frame->samples));
	stream->taken++;
	if (stream->taken < EMBEDDING_STEP_FRAMES)
		return false;
	stream->taken = 0;
	step(stream);
	memcpy(out_values, stream->values, sizeof(stream->values));
	return true;
}

void embedding_reset(struct embedding *stream)
{
	memset(stream->samples, 0, sizeof(stream->samples));
	stream->taken = 0;
	memcpy(stream->planes, stream->net->silence,
	       stream->net->planes_size * sizeof(float));
}

static enum err make(const struct embedding_net *net, struct embedding **out_embedding)
{
	void *memory = NULL;
	const enum err err = locked_take(embedding_stream_bytes(net), &memory);

	must(embedding_stream_bytes(net) <= EMBEDDING_STREAM_BYTES_MAX);
	if (err)
		return err;
	*out_embedding = memory;
	(*out_embedding)->net = net;
	return OK;
}

enum err embedding_create(const struct embedding_net *net,
			  struct embedding **out_embedding)
{
	const enum err err = make(net, out_embedding);

	if (!err)
		embedding_reset(*out_embedding);
	return err;
}

void embedding_destroy(struct embedding *stream)
{
	if (stream)
		locked_free(stream, embedding_stream_bytes(stream->net));
}

enum err embedding_find_silence(const struct embedding_net *net, float *out_planes)
{
	struct embedding *stream = NULL;
	const enum err err = make(net, &stream);

	if (err)
		return err;
	for (size_t i = 0; i < SILENCE_STEPS; i++)
		step(stream);
	memcpy(out_planes, stream->planes, net->planes_size * sizeof(float));
	embedding_destroy(stream);
	return OK;
}
