/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel_avx512 - the inner loops with AVX-512: a row of 24 sums is one vector of 16 and
 * one of 8, so a step of four rows is 8 products instead of 12.
 */
#include "listen/kernel_inner.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512vl,avx2,fma")))

enum { WIDE = 16, NARROW = 8 };

struct row {
	__m512 wide;
	__m256 narrow;
};

struct sums {
	struct row a;
	struct row b;
	struct row c;
	struct row d;
};

#define ADD_ROW(row, index)                                                             \
	do {                                                                            \
		const __m512 x = _mm512_set1_ps(inputs[index][k]);                      \
		row.wide = _mm512_fmadd_ps(x, wide, row.wide);                          \
		row.narrow =                                                            \
			_mm256_fmadd_ps(_mm512_castps512_ps256(x), narrow, row.narrow); \
	} while (0)

TARGET static inline __attribute__((always_inline)) struct sums add_up(
	const float *weights, size_t depth, const float *const inputs[KERNEL_ROWS],
	struct row start)
{
	struct row a = start;
	struct row b = start;
	struct row c = start;
	struct row d = start;

	for (size_t k = 0; k < depth; k++) {
		const __m512 wide = _mm512_loadu_ps(weights);
		const __m256 narrow = _mm256_loadu_ps(weights + WIDE);

		weights += KERNEL_COLUMNS;
		ADD_ROW(a, 0);
		ADD_ROW(b, 1);
		ADD_ROW(c, 2);
		ADD_ROW(d, 3);
	}
	return (struct sums){a, b, c, d};
}

TARGET static inline __attribute__((always_inline)) void store(float *to, struct row row)
{
	_mm512_storeu_ps(to, row.wide);
	_mm256_storeu_ps(to + WIDE, row.narrow);
}

TARGET static void tile(const float *weights, size_t depth,
			const float *const inputs[KERNEL_ROWS],
			float *const outputs[KERNEL_ROWS])
{
	const struct row zero = {_mm512_setzero_ps(), _mm256_setzero_ps()};
	const struct sums sums = add_up(weights, depth, inputs, zero);

	store(outputs[0], sums.a);
	store(outputs[1], sums.b);
	store(outputs[2], sums.c);
	store(outputs[3], sums.d);
}

TARGET static inline __attribute__((always_inline)) struct row activate(struct row x)
{
	const __m512 wide =
		_mm512_max_ps(x.wide, _mm512_mul_ps(x.wide, _mm512_set1_ps(KERNEL_LEAK)));
	const __m256 narrow =
		_mm256_max_ps(x.narrow,
			      _mm256_mul_ps(x.narrow, _mm256_set1_ps(KERNEL_LEAK)));

	return (struct row){_mm512_max_ps(wide, _mm512_set1_ps(KERNEL_FLOOR)),
			    _mm256_max_ps(narrow, _mm256_set1_ps(KERNEL_FLOOR))};
}

TARGET static void tile_activated(const float *weights, const float *bias, size_t depth,
				  const float *const inputs[KERNEL_ROWS],
				  float *const outputs[KERNEL_ROWS])
{
	const struct row start = {_mm512_loadu_ps(bias), _mm256_loadu_ps(bias + WIDE)};
	const struct sums sums = add_up(weights, depth, inputs, start);

	store(outputs[0], activate(sums.a));
	store(outputs[1], activate(sums.b));
	store(outputs[2], activate(sums.c));
	store(outputs[3], activate(sums.d));
}

/* Four sums per column, each for every fourth k: fewer would wait for themselves. */
TARGET static void strip(const float *weights, size_t depth, const float *input,
			 float output[KERNEL_STRIP])
{
	__m512 a[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(),
		       _mm512_setzero_ps()};
	__m512 b[4] = {a[0], a[0], a[0], a[0]};
	size_t k = 0;

#define ADD_ONE(i, at)                                                      \
	do {                                                                \
		const __m512 x = _mm512_set1_ps(input[at]);                 \
		const float *w = weights + (at)*KERNEL_STRIP;               \
		a[i] = _mm512_fmadd_ps(x, _mm512_loadu_ps(w), a[i]);        \
		b[i] = _mm512_fmadd_ps(x, _mm512_loadu_ps(w + WIDE), b[i]); \
	} while (0)
	for (; k + 4 <= depth; k += 4) {
		ADD_ONE(0, k);
		ADD_ONE(1, k + 1);
		ADD_ONE(2, k + 2);
		ADD_ONE(3, k + 3);
	}
	for (; k < depth; k++)
		ADD_ONE(0, k);
#undef ADD_ONE
	_mm512_storeu_ps(output, _mm512_add_ps(_mm512_add_ps(a[0], a[1]),
					       _mm512_add_ps(a[2], a[3])));
	_mm512_storeu_ps(output + WIDE, _mm512_add_ps(_mm512_add_ps(b[0], b[1]),
						      _mm512_add_ps(b[2], b[3])));
}

const struct kernels *kernel_avx512(void)
{
	static const struct kernels SET = {"avx512", true, tile, tile_activated, strip};

	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
			       __builtin_cpu_supports("avx2") &&
			       __builtin_cpu_supports("fma")
		       ? &SET
		       : NULL;
}

#else

const struct kernels *kernel_avx512(void)
{
	return NULL;
}

#endif
