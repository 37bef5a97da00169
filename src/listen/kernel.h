/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel - the inner loops of the networks, one set per kind of processor.
 *
 * Everything is made of one block: KERNEL_ROWS rows of input against KERNEL_COLUMNS
 * columns of weights, with all sums in registers. A set is chosen at run time; all sets
 * give the same numbers up to rounding. kernel_matmul is the general matrix product over
 * the same block, for training. Any thread.
 */
#ifndef LISTEN_KERNEL_H
#define LISTEN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

enum {
	KERNEL_ROWS = 4,
	KERNEL_COLUMNS = 24,
	KERNEL_STRIP = 32,
};

struct kernels {
	const char *name; /* "avx512", "avx2", "sse2", "neon" or "scalar" */
	bool wide;        /* for machines with AVX2 and FMA */

	/* outputs[r][j] = sum over k < depth of inputs[r][k] * weights[k * KERNEL_COLUMNS + j].
	 * Rows may be the same; nothing is aligned; outputs overlap no input. */
	void (*tile)(const float *weights, size_t depth,
		     const float *const inputs[KERNEL_ROWS],
		     float *const outputs[KERNEL_ROWS]);

	/* The same plus bias[j], then max(x, KERNEL_LEAK * x), then at least KERNEL_FLOOR. */
	void (*tile_activated)(const float *weights, const float *bias, size_t depth,
			       const float *const inputs[KERNEL_ROWS],
			       float *const outputs[KERNEL_ROWS]);

	/* output[j] = sum over k < depth of input[k] * weights[k * KERNEL_STRIP + j]. */
	void (*strip)(const float *weights, size_t depth, const float *input,
		      float output[KERNEL_STRIP]);
};

#define KERNEL_LEAK 0.2F
#define KERNEL_FLOOR (-0.4F)

/* The fastest set of this machine. */
const struct kernels *kernels_best(void);

/* By name; NULL: this machine or build cannot. */
const struct kernels *kernels_find(const char *name);

/* A matrix somewhere in memory: element (i, j) is values[i * row_step + j * column_step]. */
struct kernel_view {
	const float *values;
	size_t row_step;
	size_t column_step;
};

/* Row after row, each columns long. */
static inline struct kernel_view kernel_rows(const float *values, size_t columns)
{
	return (struct kernel_view){values, columns, 1};
}

/* The same memory, turned: what lies as rows of `columns` numbers is read as columns. */
static inline struct kernel_view kernel_turned(const float *values, size_t columns)
{
	return (struct kernel_view){values, 1, columns};
}

/* c[m, n] = a[m, k] b[k, n], or with add: c += that. c lies row after row, n long, and
 * overlaps neither. Uses 30 KiB of stack, no other memory. */
void kernel_matmul(const struct kernels *kernels, size_t m, size_t n, size_t k,
		   struct kernel_view a, struct kernel_view b, float *c, bool add);

#endif
