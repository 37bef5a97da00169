/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel - chooses a set of inner loops, and the general matrix product over its block.
 *
 * The product copies a panel of b (and, where its numbers do not lie side by side, the rows
 * of a) into the form that the block wants: that is small work beside the products
 * themselves. Allocates nothing and keeps no state.
 */
#include "listen/kernel.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "listen/kernel_inner.h"

enum { DEPTH_MAX = 256 }; /* a panel of 24 KiB stays in the first cache */

static const struct kernels *(*const SETS[])(void) = {
	/* the fastest first */
	kernel_avx512,
	kernel_avx2,
	kernel_four,
	kernel_scalar,
};

const struct kernels *kernels_best(void)
{
	for (size_t i = 0; i < STR_COUNT(SETS); i++) {
		const struct kernels *set = SETS[i]();

		if (set)
			return set;
	}
	must(false);
	return NULL;
}

const struct kernels *kernels_find(const char *name)
{
	for (size_t i = 0; i < STR_COUNT(SETS); i++) {
		const struct kernels *set = SETS[i]();

		if (set && str_equal(set->name, name))
			return set;
	}
	return NULL;
}

/* ---- the matrix product ---- */

struct product {
	const struct kernels *kernels;
	struct kernel_view a;
	struct kernel_view b;
	float *c;
	size_t m;
	size_t n;
	bool add;
};

/* Where in the product a panel lies. */
struct place {
	size_t column;
	size_t columns; /* of the panel; the rest of its width is zero */
	size_t from;    /* in the depth */
	size_t depth;
};

static void pack_panel(const struct product *p, const struct place *at,
		       float panel[DEPTH_MAX * KERNEL_COLUMNS])
{
	memset(panel, 0, sizeof(float) * at->depth * KERNEL_COLUMNS);
	for (size_t k = 0; k < at->depth; k++) {
		const float *from = p->b.values + (at->from + k) * p->b.row_step +
				    at->column * p->b.column_step;

		for (size_t j = 0; j < at->columns; j++)
			panel[k * KERNEL_COLUMNS + j] = from[j * p->b.column_step];
	}
}

/* The rows row .. row + KERNEL_ROWS of a; behind the last row, the last one again. */
static void find_rows(const struct product *p, const struct place *at, size_t row,
		      float turned[KERNEL_ROWS][DEPTH_MAX],
		      const float *out_rows[KERNEL_ROWS])
{
	for (size_t r = 0; r < KERNEL_ROWS; r++) {
		const size_t i = row + r < p->m ? row + r : p->m - 1;
		const float *from =
			p->a.values + i * p->a.row_step + at->from * p->a.column_step;

		out_rows[r] = from;
		if (p->a.column_step == 1)
			continue;
		for (size_t k = 0; k < at->depth; k++)
			turned[r][k] = from[k * p->a.column_step];
		out_rows[r] = turned[r];
	}
}

static void store_block(const struct product *p, const struct place *at, size_t row,
			const float block[KERNEL_ROWS][KERNEL_COLUMNS])
{
	const bool add = p->add || at->from > 0;

	for (size_t r = 0; r < KERNEL_ROWS && row + r < p->m; r++) {
		float *to = p->c + (row + r) * p->n + at->column;

		for (size_t j = 0; j < at->columns; j++)
			to[j] = add ? to[j] + block[r][j] : block[r][j];
	}
}

static void multiply_panel(const struct product *p, const struct place *at)
{
	float panel[DEPTH_MAX * KERNEL_COLUMNS];
	float turned[KERNEL_ROWS][DEPTH_MAX];
	float block[KERNEL_ROWS][KERNEL_COLUMNS];
	float *const outputs[KERNEL_ROWS] = {block[0], block[1], block[2], block[3]};

	pack_panel(p, at, panel);
	for (size_t row = 0; row < p->m; row += KERNEL_ROWS) {
		const float *rows[KERNEL_ROWS];

		find_rows(p, at, row, turned, rows);
		p->kernels->tile(panel, at->depth, rows, outputs);
		store_block(p, at, row, (const float(*)[KERNEL_COLUMNS])block);
	}
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

void kernel_matmul(const struct kernels *kernels, size_t m, size_t n, size_t k,
		   struct kernel_view a, struct kernel_view b, float *c, bool add)
{
	const struct product product = {kernels, a, b, c, m, n, add};

	must(kernels && c && m > 0 && n > 0 && k > 0);
	for (size_t from = 0; from < k; from += DEPTH_MAX) {
		for (size_t column = 0; column < n; column += KERNEL_COLUMNS) {
			const struct place place = {
				.column = column,
				.columns = smaller(n - column, KERNEL_COLUMNS),
				.from = from,
				.depth = smaller(k - from, DEPTH_MAX),
			};

			multiply_panel(&product, &place);
		}
	}
}
