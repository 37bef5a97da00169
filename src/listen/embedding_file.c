/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embedding_file - the table of layers, and the weights' file in both directions.
 *
 * Every file of this version has the same size. The bytes are not trusted: numbers must
 * be finite and within the limits that keep all sums finite. Does not touch the disk.
 */
#include "listen/embedding_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/must.h"
#include "base/pack.h"

static const char MAGIC[8] = {'B', 'H', 'S', 'T', 'E', 'M', 'B', 'D'};

enum { CHECKSUM_BYTES = 4, NUMBER_BYTES = 4, REACH = 3, SQUARE_REACH = 9 };

/* The mel stage is within -8..20 for any 16 bit sound; no sum of a layer may pass the
 * other. */
static const double MEL_MAX = 20.0;
static const double SUM_MAX = 1e30;

const struct layer LAYERS[EMBEDDING_LAYERS] = {
	/* kind, channels in and out, rows, bands, pool */
	{LAYER_SQUARE, 1, 24, 8, 32, 1, 1, false},
	{LAYER_ACROSS, 24, 24, 8, 32, 1, 1, false},
	{LAYER_ALONG, 24, 24, 8, 32, 2, 2, false},
	{LAYER_ACROSS, 24, 48, 4, 16, 1, 1, false},
	{LAYER_ALONG, 48, 48, 4, 16, 1, 1, false},
	{LAYER_ACROSS, 48, 48, 4, 16, 1, 1, false},
	{LAYER_ALONG, 48, 48, 4, 16, 1, 2, false},
	{LAYER_ACROSS, 48, 72, 4, 8, 1, 1, false},
	{LAYER_ALONG, 72, 72, 4, 8, 1, 1, false},
	{LAYER_ACROSS, 72, 72, 4, 8, 1, 1, false},
	{LAYER_ALONG, 72, 72, 4, 8, 2, 2, false},
	{LAYER_ACROSS, 72, 96, 2, 4, 1, 1, false},
	{LAYER_ALONG, 96, 96, 2, 4, 1, 1, false},
	{LAYER_ACROSS, 96, 96, 2, 4, 1, 1, false},
	{LAYER_ALONG, 96, 96, 2, 4, 1, 2, false},
	{LAYER_ACROSS, 96, 96, 2, 2, 1, 1, false},
	{LAYER_ALONG, 96, 96, 2, 2, 1, 1, false},
	{LAYER_ACROSS, 96, 96, 2, 2, 1, 1, false},
	{LAYER_ALONG, 96, 96, 2, 2, 2, 2, false},
	{LAYER_ALONG, 96, 96, 1, 1, 1, 1, true},
};

size_t layer_depth(const struct layer *layer)
{
	return layer->inputs * (layer->kind == LAYER_SQUARE ? SQUARE_REACH : REACH);
}

static size_t layer_numbers(const struct layer *layer)
{
	return (layer_depth(layer) + 1) * layer->outputs;
}

enum err embedding_file_init(struct embedding_file *file)
{
	size_t count = 0;
	float *memory = NULL;

	*file = (struct embedding_file){.window = {0}};
	for (size_t i = 0; i < EMBEDDING_LAYERS; i++)
		count += layer_numbers(&LAYERS[i]);
	memory = calloc(count, sizeof(*memory));
	if (!memory)
		return ERR_MEMORY;
	for (size_t i = 0; i < EMBEDDING_LAYERS; i++) {
		file->weights[i] = memory;
		file->biases[i] = memory + layer_depth(&LAYERS[i]) * LAYERS[i].outputs;
		memory += layer_numbers(&LAYERS[i]);
	}
	return OK;
}

void embedding_file_finish(struct embedding_file *file)
{
	if (!file)
		return;
	free(file->weights[0]);
	*file = (struct embedding_file){.window = {0}};
}

/* ---- the runs of numbers in the file ---- */

struct run {
	float *numbers;
	size_t count;
};

enum { RUNS = 2 + 2 * EMBEDDING_LAYERS - 1 };

static void list_runs(struct embedding_file *file, struct run out_runs[RUNS])
{
	struct run *run = out_runs;

	*run++ = (struct run){file->window, MEL_WINDOW};
	*run++ = (struct run){file->bands, (size_t)MEL_BINS * MEL_BANDS};
	for (size_t i = 0; i < EMBEDDING_LAYERS; i++) {
		*run++ = (struct run){file->weights[i],
				      layer_depth(&LAYERS[i]) * LAYERS[i].outputs};
		if (!LAYERS[i].last)
			*run++ = (struct run){file->biases[i], LAYERS[i].outputs};
	}
	must(run == out_runs + RUNS);
}

size_t embedding_file_size(void)
{
	size_t count = MEL_WINDOW + MEL_BINS * MEL_BANDS;

	for (size_t i = 0; i < EMBEDDING_LAYERS; i++)
		count += layer_numbers(&LAYERS[i]) -
			 (LAYERS[i].last ? LAYERS[i].outputs : 0);
	return sizeof(MAGIC) + sizeof(uint32_t) + count * NUMBER_BYTES + CHECKSUM_BYTES;
}

/* ---- what may be in it ---- */

static bool all_within(const float *numbers, size_t count, float low, float high)
{
	for (size_t i = 0; i < count; i++) {
		if (!(numbers[i] >= low && numbers[i] <= high))
			return false;
	}
	return true;
}

/* The largest sum of a layer whose inputs are within +-input. */
static double layer_bound(const struct embedding_file *file, size_t index, double input)
{
	const struct layer *layer = &LAYERS[index];
	double largest = 0;

	for (size_t j = 0; j < layer->outputs; j++) {
		double sum = fabs((double)file->biases[index][j]);

		for (size_t k = 0; k < layer_depth(layer); k++)
			sum += input *
			       fabs((double)file->weights[index][k * layer->outputs + j]);
		largest = fmax(largest, sum);
		if (isnan(sum))
			return INFINITY;
	}
	return largest;
}

static bool numbers_are_right(const struct embedding_file *file)
{
	double bound = MEL_MAX;

	if (!all_within(file->window, MEL_WINDOW, 0, 1) ||
	    !all_within(file->bands, (size_t)MEL_BINS * MEL_BANDS, 0, 1))
		return false;
	for (size_t i = 0; i < EMBEDDING_LAYERS; i++)
		bound = layer_bound(file, i, bound);
	return bound < SUM_MAX;
}

/* ---- both directions ---- */

enum err embedding_file_encode(const struct embedding_file *file, struct buf *out_buf)
{
	struct embedding_file borrowed = *file;
	struct run runs[RUNS];
	struct pack pack;
	const size_t size = embedding_file_size();
	uint8_t *bytes = NULL;
	enum err err;

	buf_init(out_buf, size);
	if (!numbers_are_right(file))
		return ERR_RANGE;
	bytes = malloc(size);
	if (!bytes)
		return ERR_MEMORY;
	list_runs(&borrowed, runs);
	pack_init(&pack, bytes, size);
	pack_bytes(&pack, MAGIC, sizeof(MAGIC));
	pack_u32(&pack, EMBEDDING_FILE_VERSION);
	for (size_t r = 0; r < RUNS; r++) {
		for (size_t i = 0; i < runs[r].count; i++) {
			uint32_t bits;

			memcpy(&bits, &runs[r].numbers[i], sizeof(bits));
			pack_u32(&pack, bits);
		}
	}
	pack_u32(&pack, crc32_of(bytes, pack.size));
	must(pack_is_whole(&pack) && pack.size == size);
	err = buf_add(out_buf, bytes, size);
	free(bytes);
	return err;
}

static enum err check_start(const char *name, struct unpack *unpack,
			    struct err_note *note)
{
	char magic[sizeof(MAGIC)];
	uint32_t version;

	unpack_bytes(unpack, magic, sizeof(magic));
	if (unpack->overrun || memcmp(magic, MAGIC, sizeof(magic)) != 0)
		return err_say(ERR_FORMAT, note,
			       "%s: byte 0: not a speech embedding; expected BHSTEMBD",
			       name);
	version = unpack_u32(unpack);
	if (!unpack->overrun && version != EMBEDDING_FILE_VERSION)
		return err_say(ERR_VERSION, note,
			       "%s: a speech embedding of version %u; expected %d", name,
			       version, EMBEDDING_FILE_VERSION);
	if (unpack->size != embedding_file_size())
		return err_say(ERR_FORMAT, note,
			       "%s: %zu bytes; a speech embedding has %zu: cut short?",
			       name, unpack->size, embedding_file_size());
	return OK;
}

enum err embedding_file_decode(const char *name, const uint8_t *bytes, size_t size,
			       struct embedding_file *file, struct err_note *note)
{
	struct run runs[RUNS];
	struct unpack unpack;
	enum err err;

	unpack_init(&unpack, bytes, size);
	err = check_start(name, &unpack, note);
	if (err)
		return err;
	list_runs(file, runs);
	for (size_t r = 0; r < RUNS; r++) {
		for (size_t i = 0; i < runs[r].count; i++) {
			const uint32_t bits = unpack_u32(&unpack);

			memcpy(&runs[r].numbers[i], &bits, sizeof(bits));
		}
	}
	if (unpack_u32(&unpack) != crc32_of(bytes, size - CHECKSUM_BYTES))
		return err_say(ERR_FORMAT, note,
			       "%s: byte %zu: the checksum is wrong: the file is damaged",
			       name, size - CHECKSUM_BYTES);
	must(unpack_is_whole(&unpack));
	if (!numbers_are_right(file))
		return err_say(ERR_FORMAT, note,
			       "%s: holds numbers that are no network's weights", name);
	return OK;
}
