/* SPDX-License-Identifier: Apache-2.0 */
/*
 * convert-net MEL.onnx EMBEDDING.onnx TO - makes the one file of weights that the runtime
 * reads (docs/FORMATS.md) of the two published networks. Used once, by tools/setup.
 *
 * The runtime knows the networks' shape; here it is checked that the files hold exactly
 * that: the same operations in the same order with the same constants. The Fourier matrix
 * of the first must be one, for the runtime keeps only its window and does it fast.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "listen/embedding_file.h"
#include "onnx.h"

enum {
	FILE_BYTES_MAX = 8 * 1024 * 1024,
	FILE_MODE = 0644,
	REACH = 3,
};

static const double PI = 3.14159265358979323846;
static const double FOURIER_ERROR_MAX = 1e-6;

struct net {
	const char *path;
	struct buf bytes;
	struct onnx *onnx;
};

static enum err open_net(const char *path, struct net *net, struct err_note *note)
{
	enum err err;

	net->path = path;
	net->onnx = calloc(1, sizeof(*net->onnx));
	if (!net->onnx)
		return ERR_MEMORY;
	err = file_read(path, FILE_BYTES_MAX, &net->bytes, note);
	if (!err)
		err = onnx_read(path, net->bytes.bytes, net->bytes.size, net->onnx, note);
	return err;
}

static void close_net(struct net *net)
{
	buf_finish(&net->bytes);
	free(net->onnx);
}

static enum err other(const struct net *net, struct err_note *note, const char *what)
{
	return err_say(ERR_FORMAT, note, "%s: another network: %s", net->path, what);
}

/* ---- the log-mel front ---- */

/* Operations that only turn axes about or hold a constant are left out. */
static const char *const MEL_STEPS[] = {"Conv",   "Conv",      "Pow", "Pow", "Add",
					"MatMul", "Clip",      "Log", "Mul", "Div",
					"Sub",    "ReduceMax", "Sub", "Clip"};

static bool is_form(struct onnx_bytes kind)
{
	return onnx_is(kind, "Constant") || onnx_is(kind, "Unsqueeze") ||
	       onnx_is(kind, "Transpose") || onnx_is(kind, "Cast");
}

static enum err check_mel_steps(const struct net *net, struct err_note *note)
{
	size_t step = 0;

	for (size_t i = 0; i < net->onnx->nodes; i++) {
		const struct onnx_node *node = &net->onnx->node[i];

		if (is_form(node->kind))
			continue;
		if (step == STR_COUNT(MEL_STEPS) || !onnx_is(node->kind, MEL_STEPS[step]))
			return other(net, note, "its operations differ");
		step++;
	}
	return step == STR_COUNT(MEL_STEPS) ? OK : other(net, note, "operations lack");
}

static const struct onnx_node *find_kind(const struct net *net, const char *kind,
					 size_t skip)
{
	for (size_t i = 0; i < net->onnx->nodes; i++) {
		if (onnx_is(net->onnx->node[i].kind, kind) && skip-- == 0)
			return &net->onnx->node[i];
	}
	return NULL;
}

/* The second input of a node, if it has so many numbers. */
static const struct onnx_tensor *weights_of(const struct net *net,
					    const struct onnx_node *node, size_t count)
{
	const struct onnx_tensor *tensor =
		node && node->inputs > 1 ? onnx_tensor(net->onnx, node->input[1]) : NULL;

	return tensor && tensor->count == count ? tensor : NULL;
}

static bool is_fourier(const struct onnx_tensor *real,
		       const struct onnx_tensor *imaginary,
		       const float window[MEL_WINDOW])
{
	for (size_t bin = 0; bin < MEL_BINS; bin++) {
		for (size_t i = 0; i < MEL_WINDOW; i++) {
			const double angle =
				2 * PI * (double)(bin * i % MEL_WINDOW) / MEL_WINDOW;
			const double weight = (double)window[i];
			const size_t at = bin * MEL_WINDOW + i;
			const double re = (double)onnx_float(real, at);
			const double im = (double)onnx_float(imaginary, at);

			if (!(fabs(re - weight * cos(angle)) < FOURIER_ERROR_MAX &&
			      fabs(im + weight * sin(angle)) < FOURIER_ERROR_MAX))
				return false;
		}
	}
	return true;
}

static enum err take_mel(const struct net *net, struct embedding_file *file,
			 struct err_note *note)
{
	const size_t count = (size_t)MEL_BINS * MEL_WINDOW;
	const struct onnx_node *node = find_kind(net, "Conv", 0);
	const struct onnx_attribute *stride =
		node ? onnx_attribute(node, "strides") : NULL;
	const struct onnx_tensor *real = weights_of(net, node, count);
	const struct onnx_tensor *imaginary =
		weights_of(net, find_kind(net, "Conv", 1), count);
	const struct onnx_tensor *bands = weights_of(net, find_kind(net, "MatMul", 0),
						     (size_t)MEL_BINS * MEL_BANDS);
	const enum err err = check_mel_steps(net, note);

	if (err)
		return err;
	if (!real || !imaginary || !bands || !stride || stride->numbers[0] != MEL_HOP)
		return other(net, note, "expected 512 samples, hop 160, 32 bands");
	for (size_t i = 0; i < MEL_WINDOW; i++)
		file->window[i] = onnx_float(real, i);
	for (size_t i = 0; i < bands->count; i++)
		file->bands[i] = onnx_float(bands, i);
	if (!is_fourier(real, imaginary, file->window))
		return other(net, note, "its first step is no Fourier transform");
	return OK;
}

/* ---- the embedding ---- */

struct walk {
	const struct net *net;
	size_t at;
	struct onnx_bytes before; /* the output of the node before */
};

/* The next node, if it is of this kind and goes on from the one before. */
static const struct onnx_node *take_node(struct walk *walk, const char *kind)
{
	const struct onnx_node *node = &walk->net->onnx->node[walk->at];

	if (walk->at == walk->net->onnx->nodes || !onnx_is(node->kind, kind) ||
	    node->inputs == 0)
		return NULL;
	if (walk->before.at &&
	    (walk->before.size != node->input[0].size ||
	     memcmp(walk->before.at, node->input[0].at, walk->before.size) != 0))
		return NULL;
	walk->before = node->output;
	walk->at++;
	return node;
}

/* Is the attribute these numbers? Missing counts as all `missing`. */
static bool numbers_are(const struct onnx_node *node, const char *name,
			const int64_t *numbers, size_t count, int64_t missing)
{
	const struct onnx_attribute *attribute = onnx_attribute(node, name);

	if (attribute && attribute->count != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if ((attribute ? attribute->numbers[i] : missing) != numbers[i])
			return false;
	}
	return true;
}

static bool is_convolution(const struct onnx_node *node, const struct layer *layer)
{
	const int64_t rows = layer->kind == LAYER_ACROSS ? 1 : REACH;
	const int64_t bands = layer->kind == LAYER_ALONG ? 1 : REACH;
	const int64_t edge = bands / 2;
	const int64_t kernel[] = {rows, bands};
	const int64_t pads[] = {0, edge, 0, edge};
	static const int64_t ONES[] = {1, 1};

	return numbers_are(node, "kernel_shape", kernel, 2, 0) &&
	       numbers_are(node, "pads", pads, 4, 0) &&
	       numbers_are(node, "strides", ONES, 2, 1) &&
	       numbers_are(node, "dilations", ONES, 2, 1) &&
	       numbers_are(node, "group", ONES, 1, 1);
}

/* [outputs][inputs][rows][bands] becomes [rows][bands][inputs][outputs]. */
static void lay_weights(const struct layer *layer, const struct onnx_tensor *from,
			float *to)
{
	const size_t places = layer_depth(layer) / layer->inputs;

	for (size_t out = 0; out < layer->outputs; out++) {
		for (size_t in = 0; in < layer->inputs; in++) {
			for (size_t place = 0; place < places; place++)
				to[(place * layer->inputs + in) * layer->outputs + out] =
					onnx_float(from,
						   (out * layer->inputs + in) * places +
							   place);
		}
	}
}

static bool take_convolution(struct walk *walk, size_t index, struct embedding_file *file)
{
	const struct layer *layer = &LAYERS[index];
	const struct onnx_node *node = take_node(walk, "Conv");
	const struct onnx_tensor *weights =
		weights_of(walk->net, node, layer_depth(layer) * layer->outputs);
	const struct onnx_tensor *bias = NULL;

	if (!weights || !is_convolution(node, layer) ||
	    weights->dimension[0] != (int64_t)layer->outputs ||
	    (node->inputs == 2) != layer->last)
		return false;
	lay_weights(layer, weights, file->weights[index]);
	if (layer->last)
		return true;
	bias = onnx_tensor(walk->net->onnx, node->input[2]);
	if (!bias || bias->count != layer->outputs)
		return false;
	for (size_t i = 0; i < layer->outputs; i++)
		file->biases[index][i] = onnx_float(bias, i);
	return true;
}

static bool take_activation(struct walk *walk)
{
	static const double LEAK = 0.2;
	static const double FLOOR = -0.4;
	const struct onnx_node *leaky = take_node(walk, "LeakyRelu");
	const struct onnx_node *largest = take_node(walk, "Max");
	const struct onnx_attribute *leak = leaky ? onnx_attribute(leaky, "alpha") : NULL;
	const struct onnx_tensor *least = weights_of(walk->net, largest, 1);

	return leak && least && fabs((double)leak->number - LEAK) < FOURIER_ERROR_MAX &&
	       fabs((double)onnx_float(least, 0) - FLOOR) < FOURIER_ERROR_MAX;
}

static bool take_pool(struct walk *walk, const struct layer *layer)
{
	const int64_t size[] = {(int64_t)layer->pool_rows, (int64_t)layer->pool_bands};
	static const int64_t NONE[] = {0, 0, 0, 0};
	const struct onnx_node *node = take_node(walk, "MaxPool");

	return node && numbers_are(node, "kernel_shape", size, 2, 0) &&
	       numbers_are(node, "strides", size, 2, 0) &&
	       numbers_are(node, "pads", NONE, 4, 0);
}

static enum err take_embedding(const struct net *net, struct embedding_file *file,
			       struct err_note *note)
{
	struct walk walk = {.net = net};
	char what[64];

	if (!take_node(&walk, "Reshape"))
		return other(net, note, "expected Reshape first");
	for (size_t i = 0; i < EMBEDDING_LAYERS; i++) {
		const struct layer *layer = &LAYERS[i];

		if (!take_convolution(&walk, i, file) ||
		    (!layer->last && !take_activation(&walk)) ||
		    (layer->pool_bands > 1 && !take_pool(&walk, layer))) {
			must(str_format(what, sizeof(what), "its layer %zu differs", i));
			return other(net, note, what);
		}
	}
	if (!take_node(&walk, "Reshape") || walk.at != net->onnx->nodes)
		return other(net, note, "expected Reshape last");
	return OK;
}

/* ---- the whole ---- */

static enum err write_file(const struct embedding_file *file, const char *path,
			   struct err_note *note)
{
	struct buf bytes;
	enum err err = embedding_file_encode(file, &bytes);

	if (err)
		err_say(err, note, "%s: the weights cannot be used: %s", path,
			err_words(err));
	else
		err = file_write(path, bytes.bytes, bytes.size, FILE_MODE, note);
	buf_finish(&bytes);
	return err;
}

int main(int count, char **words)
{
	struct err_note note = {""};
	struct embedding_file file;
	struct net mel = {.onnx = NULL};
	struct net embedding = {.onnx = NULL};
	enum err err;

	if (count != 4) {
		fprintf(stderr, "usage: convert-net MEL.onnx EMBEDDING.onnx TO\n");
		return 2;
	}
	err = embedding_file_init(&file);
	if (!err)
		err = open_net(words[1], &mel, &note);
	if (!err)
		err = open_net(words[2], &embedding, &note);
	if (!err)
		err = take_mel(&mel, &file, &note);
	if (!err)
		err = take_embedding(&embedding, &file, &note);
	if (!err)
		err = write_file(&file, words[3], &note);
	if (err)
		fprintf(stderr, "convert-net: %s\n",
			note.text[0] ? note.text : err_words(err));
	close_net(&mel);
	close_net(&embedding);
	embedding_file_finish(&file);
	return err ? 1 : 0;
}
