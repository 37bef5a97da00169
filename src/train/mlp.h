/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mlp - a small network that learns: inputs -> hidden -> hidden -> one logit.
 *
 * Rectified linear units, logistic loss, Adam (Kingma and Ba, 2015) with decoupled weight
 * decay (Loshchilov and Hutter, 2019). All numbers of a net lie in one array in the order
 * of listen/head_file.h. Sums run in a fixed order: the same seed gives the same bytes on
 * one kind of processor. One thread per net.
 */
#ifndef TRAIN_MLP_H
#define TRAIN_MLP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "train/random.h"

enum { MLP_ROWS_MAX = 512 };

struct mlp;

/* Weights by He et al. (2015), the last layer's and all biases zero. */
MUST_CHECK enum err mlp_create(uint32_t inputs, uint32_t hidden, struct random *random,
			       struct mlp **out_mlp);
void mlp_destroy(struct mlp *mlp); /* NULL is fine */

size_t mlp_count(const struct mlp *mlp);       /* how many numbers it has */
float *mlp_numbers(struct mlp *mlp);           /* they may be changed in place */
const float *mlp_slope(const struct mlp *mlp); /* of the last mlp_examine, same order */

/* Logits of rows <= MLP_ROWS_MAX inputs, each row_step numbers behind the one before it:
 * windows that overlap need not be copied. */
void mlp_judge(struct mlp *mlp, const float *inputs, size_t row_step, size_t rows,
	       float *out_logits);

/* A batch: targets are 0..1, importances are summed to the divisor of the loss. */
struct mlp_batch {
	const float *inputs;
	const float *targets;
	const float *importances;
	size_t rows;
};

/* The mean loss, and its slope by every number (mlp_slope). */
double mlp_examine(struct mlp *mlp, const struct mlp_batch *batch);

struct mlp_pace {
	double rate;
	double decay; /* of weights, per step and rate */
};

/* One step down the slope. */
void mlp_step(struct mlp *mlp, const struct mlp_pace *pace);

/* Starts Adam's memory again, for a net whose numbers were set. */
void mlp_restart(struct mlp *mlp);

#endif
