/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel_avx2 - the inner loops with AVX2 and FMA: 4 rows x 3 vectors of 8 sums, which
 * with one input and three weights is all 16 registers.
 */
#include "listen/kernel_inner.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET __attribute__((target("avx2,fma")))

enum { WIDTH = 8 };

struct sums {
	__m256 a[3]; /* row 0 */
	__m256 b[3];
	__m256 c[3];
	__m256 d[3];
};

#define ADD_ROW(row, index)                                              \
	do {                                                             \
		const __m256 x = _mm256_broadcast_ss(inputs[index] + k); \
		row##0 = _mm256_fmadd_ps(x, w0, row##0);                 \
		row##1 = _mm256_fmadd_ps(x, w1, row##1);                 \
		row##2 = _mm256_fmadd_ps(x, w2, row##2);                 \
	} while (0)

TARGET static inline __attribute__((always_inline)) struct sums add_up(
	const float *weights, size_t depth, const float *const inputs[KERNEL_ROWS],
	__m256 z0, __m256 z1, __m256 z2)
{
	__m256 a0 = z0, a1 = z1, a2 = z2;
	__m256 b0 = z0, b1 = z1, b2 = z2;
	__m256 c0 = z0, c1 = z1, c2 = z2;
	__m256 d0 = z0, d1 = z1, d2 = z2;

	for (size_t k = 0; k < depth; k++) {
		const __m256 w0 = _mm256_loadu_ps(weights);
		const __m256 w1 = _mm256_loadu_ps(weights + WIDTH);
		const __m256 w2 = _mm256_loadu_ps(weights + 2 * WIDTH);

		weights += KERNEL_COLUMNS;
		ADD_ROW(a, 0);
		ADD_ROW(b, 1);
		ADD_ROW(c, 2);
		ADD_ROW(d, 3);
	}
	return (struct sums){{a0, a1, a2}, {b0, b1, b2}, {c0, c1, c2}, {d0, d1, d2}};
}

#define STORE_ROW(to, row, change)                                    \
	do {                                                          \
		_mm256_storeu_ps((to), change((row)[0]));             \
		_mm256_storeu_ps((to) + WIDTH, change((row)[1]));     \
		_mm256_storeu_ps((to) + 2 * WIDTH, change((row)[2])); \
	} while (0)

#define AS_IT_IS(x) (x)

TARGET static void tile(const float *weights, size_t depth,
			const float *const inputs[KERNEL_ROWS],
			float *const outputs[KERNEL_ROWS])
{
	const __m256 zero = _mm256_setzero_ps();
	const struct sums sums = add_up(weights, depth, inputs, zero, zero, zero);

	STORE_ROW(outputs[0], sums.a, AS_IT_IS);
	STORE_ROW(outputs[1], sums.b, AS_IT_IS);
	STORE_ROW(outputs[2], sums.c, AS_IT_IS);
	STORE_ROW(outputs[3], sums.d, AS_IT_IS);
}

TARGET static inline __m256 activate(__m256 x)
{
	const __m256 leaky =
		_mm256_max_ps(x, _mm256_mul_ps(x, _mm256_set1_ps(KERNEL_LEAK)));

	return _mm256_max_ps(leaky, _mm256_set1_ps(KERNEL_FLOOR));
}

TARGET static void tile_activated(const float *weights, const float *bias, size_t depth,
				  const float *const inputs[KERNEL_ROWS],
				  float *const outputs[KERNEL_ROWS])
{
	const struct sums sums =
		add_up(weights, depth, inputs, _mm256_loadu_ps(bias),
		       _mm256_loadu_ps(bias + WIDTH), _mm256_loadu_ps(bias + 2 * WIDTH));

	STORE_ROW(outputs[0], sums.a, activate);
	STORE_ROW(outputs[1], sums.b, activate);
	STORE_ROW(outputs[2], sums.c, activate);
	STORE_ROW(outputs[3], sums.d, activate);
}

/* Two sums per column, for even and odd k: one alone would wait for itself. */
TARGET static void strip(const float *weights, size_t depth, const float *input,
			 float output[KERNEL_STRIP])
{
	__m256 a0 = _mm256_setzero_ps(), a1 = a0, a2 = a0, a3 = a0;
	__m256 b0 = a0, b1 = a0, b2 = a0, b3 = a0;

	for (size_t k = 0; k < depth; k += 2) {
		const __m256 x = _mm256_broadcast_ss(input + k);
		const __m256 y = k + 1 < depth ? _mm256_broadcast_ss(input + k + 1)
					       : _mm256_setzero_ps();
		const float *w = weights + k * KERNEL_STRIP;
		const float *v = k + 1 < depth ? w + KERNEL_STRIP : w;

		a0 = _mm256_fmadd_ps(x, _mm256_loadu_ps(w), a0);
		a1 = _mm256_fmadd_ps(x, _mm256_loadu_ps(w + WIDTH), a1);
		a2 = _mm256_fmadd_ps(x, _mm256_loadu_ps(w + 2 * WIDTH), a2);
		a3 = _mm256_fmadd_ps(x, _mm256_loadu_ps(w + 3 * WIDTH), a3);
		b0 = _mm256_fmadd_ps(y, _mm256_loadu_ps(v), b0);
		b1 = _mm256_fmadd_ps(y, _mm256_loadu_ps(v + WIDTH), b1);
		b2 = _mm256_fmadd_ps(y, _mm256_loadu_ps(v + 2 * WIDTH), b2);
		b3 = _mm256_fmadd_ps(y, _mm256_loadu_ps(v + 3 * WIDTH), b3);
	}
	_mm256_storeu_ps(output, _mm256_add_ps(a0, b0));
	_mm256_storeu_ps(output + WIDTH, _mm256_add_ps(a1, b1));
	_mm256_storeu_ps(output + 2 * WIDTH, _mm256_add_ps(a2, b2));
	_mm256_storeu_ps(output + 3 * WIDTH, _mm256_add_ps(a3, b3));
}

const struct kernels *kernel_avx2(void)
{
	static const struct kernels SET = {"avx2", true, tile, tile_activated, strip};

	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &SET
									       : NULL;
}

#else

const struct kernels *kernel_avx2(void)
{
	return NULL;
}

#endif
