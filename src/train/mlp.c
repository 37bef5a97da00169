/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mlp - see the header. Forward: first = relu(x W1 + b1), second = relu(first W2 + b2),
 * logit = second . w3 + b3. Backward by the chain rule, by hand; tests compare it with
 * differences. Knows nothing of sound.
 */
#include "train/mlp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "listen/kernel.h"

static const double ADAM_MEAN = 0.9;
static const double ADAM_SQUARE = 0.999;
static const double ADAM_SMALLEST = 1e-8;

/* Where each layer's numbers begin. */
struct layout {
	size_t first;
	size_t first_bias;
	size_t second;
	size_t second_bias;
	size_t last;
	size_t last_bias;
	size_t count;
};

struct mlp {
	uint32_t inputs;
	uint32_t hidden;
	struct layout at;
	const struct kernels *kernels;
	float *numbers;
	float *slope;
	float *mean;   /* Adam's, of the slope */
	float *square; /* likewise of its square */
	float *first;  /* [MLP_ROWS_MAX][hidden], after the rectifier */
	float *second;
	float *blame; /* [MLP_ROWS_MAX][hidden]: the loss by a layer's sums */
	float *blame_first;
	float logits[MLP_ROWS_MAX];
	uint64_t steps;
};

static struct layout lay_out(size_t inputs, size_t hidden)
{
	struct layout at = {.first = 0};

	at.first_bias = at.first + inputs * hidden;
	at.second = at.first_bias + hidden;
	at.second_bias = at.second + hidden * hidden;
	at.last = at.second_bias + hidden;
	at.last_bias = at.last + hidden;
	at.count = at.last_bias + 1;
	return at;
}

static void begin_layer(float *weights, size_t inputs, size_t outputs,
			struct random *random)
{
	double deviation = sqrt(2.0 / (double)inputs);

	for (size_t i = 0; i < inputs * outputs; i++)
		weights[i] = (float)(deviation * random_normal(random));
}

enum err mlp_create(uint32_t inputs, uint32_t hidden, struct random *random,
		    struct mlp **out_mlp)
{
	struct mlp *made = calloc(1, sizeof(*made));
	size_t units = (size_t)MLP_ROWS_MAX * hidden;

	must(inputs > 0 && hidden > 0);
	if (!made)
		return ERR_MEMORY;
	made->inputs = inputs;
	made->hidden = hidden;
	made->at = lay_out(inputs, hidden);
	made->kernels = kernels_best();
	made->numbers = calloc(made->at.count, sizeof(float));
	made->slope = calloc(made->at.count, sizeof(float));
	made->mean = calloc(made->at.count, sizeof(float));
	made->square = calloc(made->at.count, sizeof(float));
	made->first = calloc(units, sizeof(float));
	made->second = calloc(units, sizeof(float));
	made->blame = calloc(units, sizeof(float));
	made->blame_first = calloc(units, sizeof(float));
	if (!made->numbers || !made->slope || !made->mean || !made->square ||
	    !made->first || !made->second || !made->blame || !made->blame_first) {
		mlp_destroy(made);
		return ERR_MEMORY;
	}
	begin_layer(made->numbers + made->at.first, inputs, hidden, random);
	begin_layer(made->numbers + made->at.second, hidden, hidden, random);
	*out_mlp = made;
	return OK;
}

void mlp_destroy(struct mlp *mlp)
{
	if (!mlp)
		return;
	free(mlp->numbers);
	free(mlp->slope);
	free(mlp->mean);
	free(mlp->square);
	free(mlp->first);
	free(mlp->second);
	free(mlp->blame);
	free(mlp->blame_first);
	free(mlp);
}

size_t mlp_count(const struct mlp *mlp)
{
	return mlp->at.count;
}

float *mlp_numbers(struct mlp *mlp)
{
	return mlp->numbers;
}

const float *mlp_slope(const struct mlp *mlp)
{
	return mlp->slope;
}

static void rectify(float *units, const float *bias, size_t rows, size_t hidden)
{
	for (size_t row = 0; row < rows; row++, units += hidden)
		for (size_t j = 0; j < hidden; j++)
			units[j] = fmaxf(units[j] + bias[j], 0);
}

static float dot(const float *a, const float *b, size_t count)
{
	float sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += a[i] * b[i];
	return sum;
}

static void run_forward(struct mlp *mlp, struct kernel_view inputs, size_t rows,
			float *logits)
{
	const float *numbers = mlp->numbers;
	size_t hidden = mlp->hidden;

	must(rows <= MLP_ROWS_MAX);
	kernel_matmul(mlp->kernels, rows, hidden, mlp->inputs, inputs,
		      kernel_rows(numbers + mlp->at.first, hidden), mlp->first, false);
	rectify(mlp->first, numbers + mlp->at.first_bias, rows, hidden);
	kernel_matmul(mlp->kernels, rows, hidden, hidden, kernel_rows(mlp->first, hidden),
		      kernel_rows(numbers + mlp->at.second, hidden), mlp->second, false);
	rectify(mlp->second, numbers + mlp->at.second_bias, rows, hidden);
	for (size_t row = 0; row < rows; row++)
		logits[row] =
			numbers[mlp->at.last_bias] +
			dot(mlp->second + row * hidden, numbers + mlp->at.last, hidden);
}

void mlp_judge(struct mlp *mlp, const float *inputs, size_t row_step, size_t rows,
	       float *out_logits)
{
	run_forward(mlp, kernel_rows(inputs, row_step), rows, out_logits);
}

/* The loss by each logit, kept in place of the logits; gives the loss. */
static double blame_logits(struct mlp *mlp, const struct mlp_batch *batch)
{
	double loss = 0;
	double total = 0;

	for (size_t row = 0; row < batch->rows; row++)
		total += (double)batch->importances[row];
	must(total > 0);
	for (size_t row = 0; row < batch->rows; row++) {
		double logit = (double)mlp->logits[row];
		double target = (double)batch->targets[row];
		double share = (double)batch->importances[row] / total;

		/* log(1 + e^x) - t x, without overflow */
		loss += share *
			(fmax(logit, 0) - target * logit + log1p(exp(-fabs(logit))));
		mlp->logits[row] = (float)(share * (1 / (1 + exp(-logit)) - target));
	}
	return loss;
}

static void add_columns(const float *rows_of, size_t rows, size_t columns, float *to)
{
	memset(to, 0, columns * sizeof(*to));
	for (size_t row = 0; row < rows; row++)
		for (size_t j = 0; j < columns; j++)
			to[j] += rows_of[row * columns + j];
}

/* A rectifier that gave zero lets no blame through. */
static void mask(float *blame, const float *units, size_t count)
{
	for (size_t i = 0; i < count; i++)
		blame[i] = units[i] > 0 ? blame[i] : 0;
}

static void blame_last(struct mlp *mlp, size_t rows)
{
	size_t hidden = mlp->hidden;
	float *slope = mlp->slope + mlp->at.last;
	const float *last = mlp->numbers + mlp->at.last;

	memset(slope, 0, (hidden + 1) * sizeof(*slope)); /* and the bias behind it */
	for (size_t row = 0; row < rows; row++) {
		float blame = mlp->logits[row];

		for (size_t j = 0; j < hidden; j++) {
			slope[j] += blame * mlp->second[row * hidden + j];
			mlp->blame[row * hidden + j] = blame * last[j];
		}
		slope[hidden] += blame;
	}
	mask(mlp->blame, mlp->second, rows * hidden);
}

double mlp_examine(struct mlp *mlp, const struct mlp_batch *batch)
{
	size_t hidden = mlp->hidden;
	size_t rows = batch->rows;
	double loss;

	run_forward(mlp, kernel_rows(batch->inputs, mlp->inputs), rows, mlp->logits);
	loss = blame_logits(mlp, batch);
	blame_last(mlp, rows);
	kernel_matmul(mlp->kernels, hidden, hidden, rows,
		      kernel_turned(mlp->first, hidden), kernel_rows(mlp->blame, hidden),
		      mlp->slope + mlp->at.second, false);
	add_columns(mlp->blame, rows, hidden, mlp->slope + mlp->at.second_bias);
	kernel_matmul(mlp->kernels, rows, hidden, hidden, kernel_rows(mlp->blame, hidden),
		      kernel_turned(mlp->numbers + mlp->at.second, hidden),
		      mlp->blame_first, false);
	mask(mlp->blame_first, mlp->first, rows * hidden);
	kernel_matmul(mlp->kernels, mlp->inputs, hidden, rows,
		      kernel_turned(batch->inputs, mlp->inputs),
		      kernel_rows(mlp->blame_first, hidden), mlp->slope + mlp->at.first,
		      false);
	add_columns(mlp->blame_first, rows, hidden, mlp->slope + mlp->at.first_bias);
	return loss;
}

void mlp_restart(struct mlp *mlp)
{
	memset(mlp->mean, 0, mlp->at.count * sizeof(*mlp->mean));
	memset(mlp->square, 0, mlp->at.count * sizeof(*mlp->square));
	mlp->steps = 0;
}

void mlp_step(struct mlp *mlp, const struct mlp_pace *pace)
{
	double steps = (double)++mlp->steps;
	float scale_mean = (float)(1 / (1 - pow(ADAM_MEAN, steps)));
	float scale_square = (float)(1 / (1 - pow(ADAM_SQUARE, steps)));
	float keep = (float)(1 - pace->rate * pace->decay);
	float rate = (float)pace->rate;

	for (size_t i = 0; i < mlp->at.count; i++) {
		float slope = mlp->slope[i];
		float root;

		mlp->mean[i] += (float)(1 - ADAM_MEAN) * (slope - mlp->mean[i]);
		mlp->square[i] +=
			(float)(1 - ADAM_SQUARE) * (slope * slope - mlp->square[i]);
		root = sqrtf(mlp->square[i] * scale_square) + (float)ADAM_SMALLEST;
		mlp->numbers[i] = keep * mlp->numbers[i] -
				  rate * (mlp->mean[i] * scale_mean / root);
	}
}
