/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel_scalar - the inner loops in plain C: the meaning of the others, and what runs
 * where none of them can.
 */
#include <string.h>

#include "listen/kernel_inner.h"

static void tile(const float *weights, size_t depth,
		 const float *const inputs[KERNEL_ROWS],
		 float *const outputs[KERNEL_ROWS])
{
	for (size_t r = 0; r < KERNEL_ROWS; r++) {
		float sums[KERNEL_COLUMNS] = {0};

		for (size_t k = 0; k < depth; k++) {
			for (size_t j = 0; j < KERNEL_COLUMNS; j++)
				sums[j] += inputs[r][k] * weights[k * KERNEL_COLUMNS + j];
		}
		memcpy(outputs[r], sums, sizeof(sums));
	}
}

static float activate(float x)
{
	const float leaky = x > 0 ? x : KERNEL_LEAK * x;

	return leaky > KERNEL_FLOOR ? leaky : KERNEL_FLOOR;
}

static void tile_activated(const float *weights, const float *bias, size_t depth,
			   const float *const inputs[KERNEL_ROWS],
			   float *const outputs[KERNEL_ROWS])
{
	tile(weights, depth, inputs, outputs);
	/* Rows may be the same place: each is activated once, from its own sums. */
	for (size_t r = 0; r < KERNEL_ROWS; r++) {
		bool done = false;

		for (size_t before = 0; before < r; before++)
			done = done || outputs[before] == outputs[r];
		for (size_t j = 0; !done && j < KERNEL_COLUMNS; j++)
			outputs[r][j] = activate(outputs[r][j] + bias[j]);
	}
}

static void strip(const float *weights, size_t depth, const float *input,
		  float output[KERNEL_STRIP])
{
	float sums[KERNEL_STRIP] = {0};

	for (size_t k = 0; k < depth; k++) {
		for (size_t j = 0; j < KERNEL_STRIP; j++)
			sums[j] += input[k] * weights[k * KERNEL_STRIP + j];
	}
	memcpy(output, sums, sizeof(sums));
}

const struct kernels *kernel_scalar(void)
{
	static const struct kernels SET = {"scalar", false, tile, tile_activated, strip};

	return &SET;
}
