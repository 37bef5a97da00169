/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cleaner - see the header. Does not know sound, utterances or the recogniser.
 *
 * The file's bytes are not trusted: sizes are checked before memory is taken, and no
 * number that is not finite gets through.
 */
#include "adapter/cleaner.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crc.h"
#include "base/file.h"
#include "base/half.h"
#include "base/must.h"
#include "base/pack.h"

static const char MAGIC[8] = {'B', 'H', 'S', 'T', 'C', 'L', 'N', 'R'};

enum {
	VERSION = 1,
	VALUES = 2 * SPHINX_CEP, /* of one frame */
	INPUTS = CLEANER_FRAMES * VALUES,
	CHECKSUM_BYTES = 4,
};

struct layer {
	size_t inputs;
	size_t outputs;
	const float *weights; /* [inputs][outputs] */
	const float *bias;
};

struct cleaner {
	float *numbers;      /* owned; all others point into it */
	const float *mean;   /* [VALUES] of what it was trained on */
	const float *scale;  /* [VALUES] by what to divide */
	const float *amount; /* [SPHINX_CEP] what an answer of 1 adds */
	struct layer layers[3];
};

static size_t count_numbers(size_t hidden)
{
	return (size_t)2 * VALUES + SPHINX_CEP + (INPUTS + 1) * hidden +
	       (hidden + 1) * hidden + (hidden + 1) * SPHINX_CEP;
}

static const float *lay_out(struct layer *layer, size_t inputs, size_t outputs,
			    const float *at)
{
	*layer = (struct layer){inputs, outputs, at, at + inputs * outputs};
	return layer->bias + outputs;
}

static void lay_out_all(struct cleaner *cleaner, size_t hidden)
{
	const float *at = cleaner->numbers;

	cleaner->mean = at;
	cleaner->scale = at + VALUES;
	cleaner->amount = at + 2 * VALUES;
	at = lay_out(&cleaner->layers[0], INPUTS, hidden, cleaner->amount + SPHINX_CEP);
	at = lay_out(&cleaner->layers[1], hidden, hidden, at);
	at = lay_out(&cleaner->layers[2], hidden, SPHINX_CEP, at);
	must(at == cleaner->numbers + count_numbers(hidden));
}

static const char *scale_complaint(const struct cleaner *cleaner)
{
	for (size_t i = 0; i < VALUES; i++)
		if (!(cleaner->scale[i] > 0))
			return "a scale that is not above zero";
	return NULL;
}

static const char *head_complaint(struct unpack *unpack, uint32_t *out_hidden)
{
	char magic[sizeof(MAGIC)];

	unpack_bytes(unpack, magic, sizeof(magic));
	if (unpack->overrun || memcmp(magic, MAGIC, sizeof(magic)) != 0)
		return "not a cleaner; expected BHSTCLNR";
	if (unpack_u32(unpack) != VERSION)
		return "of another version; expected 1";
	const uint32_t before = unpack_u32(unpack);
	const uint32_t after = unpack_u32(unpack);
	if (before != CLEANER_BEFORE || after != CLEANER_AFTER)
		return "looks at other frames; expected 9 before and 4 after";
	*out_hidden = unpack_u32(unpack);
	if (*out_hidden < 1 || *out_hidden > CLEANER_HIDDEN_MAX)
		return "the width: expected 1 to 512";
	if (unpack_left(unpack) !=
	    count_numbers(*out_hidden) * HALF_BYTES + CHECKSUM_BYTES)
		return "cut short, or too long for its width";
	return NULL;
}

static const char *numbers_complaint(struct unpack *unpack, struct cleaner *cleaner,
				     size_t hidden)
{
	const uint8_t *bytes = unpack->from;
	size_t at;

	if (!half_take(unpack, cleaner->numbers, count_numbers(hidden), &at))
		return "a number that is not finite";
	if (crc32_of(bytes, unpack->at) != unpack_u32(unpack))
		return "the checksum is wrong: the file is damaged";
	lay_out_all(cleaner, hidden);
	return scale_complaint(cleaner);
}

enum err cleaner_decode(const char *name, const uint8_t *bytes, size_t size,
			struct cleaner **out_cleaner, struct err_note *note)
{
	struct cleaner *made = NULL;
	struct unpack unpack;
	const char *complaint;
	uint32_t hidden = 0;
	enum err err = ERR_FORMAT;

	unpack_init(&unpack, bytes, size);
	complaint = head_complaint(&unpack, &hidden);
	if (!complaint) {
		made = calloc(1, sizeof(*made));
		if (made)
			made->numbers = calloc(count_numbers(hidden), sizeof(float));
		if (!made || !made->numbers) {
			cleaner_destroy(made);
			return ERR_MEMORY;
		}
		complaint = numbers_complaint(&unpack, made, hidden);
	}
	if (complaint) {
		err = err_say(ERR_FORMAT, note, "%s: byte %zu: %s", name, unpack.at,
			      complaint);
		cleaner_destroy(made);
		return err;
	}
	*out_cleaner = made;
	return OK;
}

enum err cleaner_load(const char *path, struct cleaner **out_cleaner,
		      struct err_note *note)
{
	struct buf bytes;
	enum err err = file_read(path, CLEANER_FILE_BYTES_MAX, &bytes, note);

	if (!err)
		err = cleaner_decode(path, bytes.bytes, bytes.size, out_cleaner, note);
	buf_finish(&bytes);
	return err;
}

void cleaner_destroy(struct cleaner *cleaner)
{
	if (!cleaner)
		return;
	free(cleaner->numbers);
	free(cleaner);
}

/* Units that the rectifier shut are passed over: about half of them. */
static void run_layer(const struct layer *layer, const float *inputs, float *outputs)
{
	memcpy(outputs, layer->bias, layer->outputs * sizeof(*outputs));
	for (size_t i = 0; i < layer->inputs; i++) {
		const float *weights = layer->weights + i * layer->outputs;

		if (inputs[i] == 0)
			continue;
		for (size_t j = 0; j < layer->outputs; j++)
			outputs[j] += inputs[i] * weights[j];
	}
}

static void rectify(float *units, size_t count)
{
	for (size_t i = 0; i < count; i++)
		units[i] = units[i] > 0 ? units[i] : 0;
}

static void put_values(const struct cleaner *cleaner, const float *values, size_t from,
		       float *to)
{
	for (size_t k = 0; k < SPHINX_CEP; k++)
		to[k] = (values[k] - cleaner->mean[from + k]) / cleaner->scale[from + k];
}

void cleaner_clean(const struct cleaner *cleaner,
		   const struct cleaner_frame *const window[CLEANER_FRAMES],
		   struct sphinx_cep *cep)
{
	const struct layer *layers = cleaner->layers;
	float inputs[INPUTS];
	float first[CLEANER_HIDDEN_MAX];
	float second[CLEANER_HIDDEN_MAX];
	float answer[SPHINX_CEP];

	for (size_t i = 0; i < CLEANER_FRAMES; i++) {
		float *to = inputs + i * VALUES;

		put_values(cleaner, window[i]->quiet.value, 0, to);
		put_values(cleaner, window[i]->raw.value, SPHINX_CEP, to + SPHINX_CEP);
	}
	run_layer(&layers[0], inputs, first);
	rectify(first, layers[0].outputs);
	run_layer(&layers[1], first, second);
	rectify(second, layers[1].outputs);
	run_layer(&layers[2], second, answer);
	for (size_t k = 0; k < SPHINX_CEP; k++)
		cep->value[k] += answer[k] * cleaner->amount[k];
}
