/* SPDX-License-Identifier: Apache-2.0 */
/* Every set of kernels against sums in doubles, and the matrix product over them. */
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "listen/kernel.h"
#include "unit/cmocka_all.h"

enum { DEPTH = 289, M = 7, N = 61, K = 300 };

static const char *const SETS[] = {"scalar", "sse2", "avx2", "avx512", "neon"};
static float weights[DEPTH * KERNEL_STRIP];
static float rows[KERNEL_ROWS][DEPTH];

static void fill(float *numbers, size_t count, uint32_t state)
{
	for (size_t i = 0; i < count; i++) {
		state = state * 1664525U + 1013904223U;
		numbers[i] = (float)(state >> 8) / (1 << 23) - 1;
	}
}

static void near(double value, double expected)
{
	if (fabs(value - expected) > 1e-4)
		fail_msg("%g; expected %g", value, expected);
}

static double expected_tile(size_t depth, size_t row, size_t column)
{
	double sum = 0;

	for (size_t k = 0; k < depth; k++)
		sum += (double)rows[row][k] *
		       (double)weights[k * KERNEL_COLUMNS + column];
	return sum;
}

static void check_tiles(const struct kernels *set, size_t depth)
{
	static float outputs[KERNEL_ROWS][KERNEL_COLUMNS];
	float bias[KERNEL_COLUMNS];
	const float *const inputs[KERNEL_ROWS] = {rows[0], rows[1], rows[2], rows[3]};
	float *const to[KERNEL_ROWS] = {outputs[0], outputs[1], outputs[2], outputs[3]};

	fill(bias, KERNEL_COLUMNS, 3);
	set->tile(weights, depth, inputs, to);
	for (size_t r = 0; r < KERNEL_ROWS; r++) {
		for (size_t j = 0; j < KERNEL_COLUMNS; j++)
			near((double)outputs[r][j], expected_tile(depth, r, j));
	}
	set->tile_activated(weights, bias, depth, inputs, to);
	for (size_t r = 0; r < KERNEL_ROWS; r++) {
		for (size_t j = 0; j < KERNEL_COLUMNS; j++) {
			const double x = expected_tile(depth, r, j) + (double)bias[j];

			near((double)outputs[r][j], fmax(fmax(x, 0.2 * x), -0.4));
		}
	}
}

static void check_same_rows(const struct kernels *set)
{
	float output[KERNEL_COLUMNS];
	float bias[KERNEL_COLUMNS] = {0};
	const float *const inputs[KERNEL_ROWS] = {rows[0], rows[0], rows[0], rows[0]};
	float *const to[KERNEL_ROWS] = {output, output, output, output};

	set->tile_activated(weights, bias, DEPTH, inputs, to);
	for (size_t j = 0; j < KERNEL_COLUMNS; j++) {
		const double x = expected_tile(DEPTH, 0, j);

		near((double)output[j], fmax(fmax(x, 0.2 * x), -0.4));
	}
}

static void check_strip(const struct kernels *set, size_t depth)
{
	float output[KERNEL_STRIP];

	set->strip(weights, depth, rows[0], output);
	for (size_t j = 0; j < KERNEL_STRIP; j++) {
		double sum = 0;

		for (size_t k = 0; k < depth; k++)
			sum += (double)rows[0][k] * (double)weights[k * KERNEL_STRIP + j];
		near((double)output[j], sum);
	}
}

static void every_set_sums(void **state)
{
	static const size_t DEPTHS[] = {1, 2, 3, 9, 72, 288, DEPTH};

	(void)state;
	fill(weights, STR_COUNT(weights), 1);
	fill(rows[0], KERNEL_ROWS * DEPTH, 2);
	for (size_t i = 0; i < STR_COUNT(SETS); i++) {
		const struct kernels *set = kernels_find(SETS[i]);

		for (size_t d = 0; set && d < STR_COUNT(DEPTHS); d++) {
			check_tiles(set, DEPTHS[d]);
			check_strip(set, DEPTHS[d]);
		}
		if (set)
			check_same_rows(set);
	}
	assert_non_null(kernels_find("scalar"));
	assert_null(kernels_find("abacus"));
	assert_non_null(kernels_best());
}

static void check_product(const struct kernels *set, bool turned)
{
	static float a[M * K];
	static float b[K * N];
	static float c[M * N];

	fill(a, M * K, 4);
	fill(b, K * N, 5);
	for (size_t i = 0; i < STR_COUNT(c); i++)
		c[i] = 1;
	for (int add = 1; add >= 0; add--) {
		kernel_matmul(set, M, N, K,
			      turned ? kernel_turned(a, M) : kernel_rows(a, K),
			      turned ? kernel_turned(b, K) : kernel_rows(b, N), c, add);
		for (size_t i = 0; i < STR_COUNT(c); i++) {
			double sum = add;

			for (size_t k = 0; k < K; k++)
				sum += (double)a[turned ? k * M + i / N : i / N * K + k] *
				       (double)b[turned ? i % N * K + k : k * N + i % N];
			near((double)c[i], sum);
		}
	}
}

static void a_matrix_product_takes_any_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < STR_COUNT(SETS); i++) {
		if (!kernels_find(SETS[i]))
			continue;
		check_product(kernels_find(SETS[i]), false);
		check_product(kernels_find(SETS[i]), true);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_set_sums),
		cmocka_unit_test(a_matrix_product_takes_any_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
