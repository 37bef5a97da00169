/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head - scores windows of embeddings with the nets of one head file.
 *
 * The weights lie as strips of KERNEL_STRIP units, the last one filled up with zeros, so
 * that a layer is one run of the strip kernel per strip. Embeddings are held within
 * INPUT_MAX before use, which makes every sum finite: 1536 x 65504 x 1000, three times
 * over, is below the largest float. Immutable after opening.
 */
#include "listen/head.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/must.h"
#include "listen/head_file.h"
#include "listen/kernel.h"

enum {
	ALIGNMENT = 64,
	STRIPS_MAX = HEAD_HIDDEN_MAX / KERNEL_STRIP,
	UNITS_MAX = STRIPS_MAX * KERNEL_STRIP,
};

static const float INPUT_MAX = 1000.0F; /* embeddings are within about +-100 */

struct net {
	float *first; /* [strips][HEAD_INPUTS][KERNEL_STRIP] */
	float first_bias[UNITS_MAX];
	float *second; /* [strips][hidden][KERNEL_STRIP] */
	float second_bias[UNITS_MAX];
	float last[UNITS_MAX];
	float last_bias;
};

struct head {
	struct head_info info;
	const struct kernels *kernels;
	size_t strips;
	float *memory; /* what the nets point into */
	struct net nets[HEAD_NETS_MAX];
};

/* from[rows][hidden] as strips; gives the end of what it wrote. */
static float *lay_strips(const float *from, size_t rows, size_t hidden, size_t strips,
			 float *to)
{
	for (size_t s = 0; s < strips; s++) {
		for (size_t row = 0; row < rows; row++) {
			for (size_t j = 0; j < KERNEL_STRIP; j++) {
				const size_t unit = s * KERNEL_STRIP + j;

				*to++ = unit < hidden ? from[row * hidden + unit] : 0;
			}
		}
	}
	return to;
}

static void lay_net(const float *from, size_t hidden, size_t strips, float **memory,
		    struct net *out_net)
{
	out_net->first = *memory;
	*memory = lay_strips(from, HEAD_INPUTS, hidden, strips, *memory);
	from += HEAD_INPUTS * hidden;
	memcpy(out_net->first_bias, from, hidden * sizeof(*from));
	from += hidden;
	out_net->second = *memory;
	*memory = lay_strips(from, hidden, hidden, strips, *memory);
	from += hidden * hidden;
	memcpy(out_net->second_bias, from, hidden * sizeof(*from));
	from += hidden;
	memcpy(out_net->last, from, hidden * sizeof(*from));
	from += hidden;
	out_net->last_bias = *from;
}

static enum err lay(const struct head_file *file, struct head **out_head)
{
	const size_t hidden = file->info.hidden;
	const size_t strips = (hidden + KERNEL_STRIP - 1) / KERNEL_STRIP;
	const size_t net_size = strips * KERNEL_STRIP * (HEAD_INPUTS + hidden);
	struct head *head = calloc(1, sizeof(*head));
	float *memory = NULL;

	if (!head)
		return ERR_MEMORY;
	/* A multiple of the alignment, as aligned_alloc wants it: strips are 128 bytes. */
	head->memory =
		aligned_alloc(ALIGNMENT, file->info.nets * net_size * sizeof(float));
	if (!head->memory) {
		free(head);
		return ERR_MEMORY;
	}
	head->info = file->info;
	head->strips = strips;
	head->kernels = kernels_best();
	memory = head->memory;
	for (uint32_t n = 0; n < file->info.nets; n++)
		lay_net(file->weights + n * head_file_net_size(file->info.hidden), hidden,
			strips, &memory, &head->nets[n]);
	must(memory == head->memory + file->info.nets * net_size);
	*out_head = head;
	return OK;
}

enum err head_open(const char *path, struct head **out_head, struct err_note *note)
{
	struct head_file file = {.weights = NULL};
	struct buf bytes;
	enum err err = file_read(path, HEAD_FILE_BYTES_MAX, &bytes, note);

	if (!err)
		err = head_file_decode(path, bytes.bytes, bytes.size, &file, note);
	if (!err && lay(&file, out_head))
		err = err_say(ERR_MEMORY, note, "%s: %s", path, err_words(ERR_MEMORY));
	head_file_finish(&file);
	buf_finish(&bytes);
	return err;
}

void head_close(struct head *head)
{
	if (!head)
		return;
	free(head->memory);
	free(head);
}

const struct head_info *head_info(const struct head *head)
{
	return &head->info;
}

/* One hidden layer: max(input * weights + bias, 0). */
static void run_layer(const struct head *head, const float *weights, const float *bias,
		      const float *input, size_t inputs, float output[UNITS_MAX])
{
	for (size_t s = 0; s < head->strips; s++)
		head->kernels->strip(weights + s * inputs * KERNEL_STRIP, inputs, input,
				     output + s * KERNEL_STRIP);
	for (size_t unit = 0; unit < head->strips * KERNEL_STRIP; unit++)
		output[unit] = fmaxf(output[unit] + bias[unit], 0);
}

static float run_net(const struct head *head, const struct net *net,
		     const float input[HEAD_INPUTS])
{
	float first[UNITS_MAX] = {0};
	float second[UNITS_MAX] = {0};
	float logit = net->last_bias;

	run_layer(head, net->first, net->first_bias, input, HEAD_INPUTS, first);
	run_layer(head, net->second, net->second_bias, first, head->info.hidden, second);
	for (size_t unit = 0; unit < head->info.hidden; unit++)
		logit += second[unit] * net->last[unit];
	return logit;
}

float head_score(const struct head *head, const float window[HEAD_INPUTS])
{
	float input[HEAD_INPUTS];
	float sum = 0;

	for (size_t i = 0; i < HEAD_INPUTS; i++)
		input[i] = fminf(fmaxf(window[i], -INPUT_MAX), INPUT_MAX);
	for (uint32_t n = 0; n < head->info.nets; n++)
		sum += run_net(head, &head->nets[n], input);
	sum /= (float)head->info.nets;
	must(isfinite(sum));
	return sum;
}
