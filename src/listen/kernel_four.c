/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel_four - the inner loops over vectors of 4 numbers: SSE2 on x86-64, NEON on 64 bit
 * Arm. Two rows of 6 sums at a time, as many as SSE2 has registers for.
 */
#include "listen/kernel_inner.h"

#if defined(__SSE2__) || (defined(__aarch64__) && defined(__ARM_NEON))

enum { WIDTH = 4, VECTORS = KERNEL_COLUMNS / WIDTH };

#if defined(__SSE2__)

#include <emmintrin.h>

typedef __m128 vector;
static const char NAME[] = "sse2";

static inline vector spread(float x)
{
	return _mm_set1_ps(x);
}

static inline vector load(const float *from)
{
	return _mm_loadu_ps(from);
}

static inline void store(float *to, vector x)
{
	_mm_storeu_ps(to, x);
}

static inline vector add_product(vector sum, vector x, vector w)
{
	return _mm_add_ps(sum, _mm_mul_ps(x, w));
}

static inline vector larger(vector a, vector b)
{
	return _mm_max_ps(a, b);
}

#else

#include <arm_neon.h>

typedef float32x4_t vector;
static const char NAME[] = "neon";

static inline vector spread(float x)
{
	return vdupq_n_f32(x);
}

static inline vector load(const float *from)
{
	return vld1q_f32(from);
}

static inline void store(float *to, vector x)
{
	vst1q_f32(to, x);
}

static inline vector add_product(vector sum, vector x, vector w)
{
	return vfmaq_f32(sum, x, w);
}

static inline vector larger(vector a, vector b)
{
	return vmaxq_f32(a, b);
}

#endif

/* Both compilers have these operators on such vectors. */
static inline vector activate(vector x)
{
	return larger(larger(x, x * spread(KERNEL_LEAK)), spread(KERNEL_FLOOR));
}

struct pair {
	vector a[VECTORS];
	vector b[VECTORS];
};

#define ADD_VECTOR(i)                                       \
	do {                                                \
		const vector w = load(weights + (i)*WIDTH); \
		a##i = add_product(a##i, x, w);             \
		b##i = add_product(b##i, y, w);             \
	} while (0)

/* Two rows. start: what the sums begin with, NULL zeros. */
static inline __attribute__((always_inline)) struct pair add_up(const float *weights,
								size_t depth,
								const float *first,
								const float *second,
								const float *start)
{
	vector a0 = start ? load(start) : spread(0);
	vector a1 = start ? load(start + 1 * WIDTH) : spread(0);
	vector a2 = start ? load(start + 2 * WIDTH) : spread(0);
	vector a3 = start ? load(start + 3 * WIDTH) : spread(0);
	vector a4 = start ? load(start + 4 * WIDTH) : spread(0);
	vector a5 = start ? load(start + 5 * WIDTH) : spread(0);
	vector b0 = a0;
	vector b1 = a1;
	vector b2 = a2;
	vector b3 = a3;
	vector b4 = a4;
	vector b5 = a5;

	for (size_t k = 0; k < depth; k++) {
		const vector x = spread(first[k]);
		const vector y = spread(second[k]);

		ADD_VECTOR(0);
		ADD_VECTOR(1);
		ADD_VECTOR(2);
		ADD_VECTOR(3);
		ADD_VECTOR(4);
		ADD_VECTOR(5);
		weights += KERNEL_COLUMNS;
	}
	return (struct pair){{a0, a1, a2, a3, a4, a5}, {b0, b1, b2, b3, b4, b5}};
}

static void tile(const float *weights, size_t depth,
		 const float *const inputs[KERNEL_ROWS],
		 float *const outputs[KERNEL_ROWS])
{
	for (size_t r = 0; r < KERNEL_ROWS; r += 2) {
		const struct pair sums =
			add_up(weights, depth, inputs[r], inputs[r + 1], NULL);

		for (size_t i = 0; i < VECTORS; i++) {
			store(outputs[r] + i * WIDTH, sums.a[i]);
			store(outputs[r + 1] + i * WIDTH, sums.b[i]);
		}
	}
}

static void tile_activated(const float *weights, const float *bias, size_t depth,
			   const float *const inputs[KERNEL_ROWS],
			   float *const outputs[KERNEL_ROWS])
{
	for (size_t r = 0; r < KERNEL_ROWS; r += 2) {
		const struct pair sums =
			add_up(weights, depth, inputs[r], inputs[r + 1], bias);

		for (size_t i = 0; i < VECTORS; i++) {
			store(outputs[r] + i * WIDTH, activate(sums.a[i]));
			store(outputs[r + 1] + i * WIDTH, activate(sums.b[i]));
		}
	}
}

static void strip(const float *weights, size_t depth, const float *input,
		  float output[KERNEL_STRIP])
{
	vector sums[KERNEL_STRIP / WIDTH];

	for (size_t i = 0; i < KERNEL_STRIP / WIDTH; i++)
		sums[i] = spread(0);
	for (size_t k = 0; k < depth; k++) {
		const vector x = spread(input[k]);
		const float *w = weights + k * KERNEL_STRIP;

		for (size_t i = 0; i < KERNEL_STRIP / WIDTH; i++)
			sums[i] = add_product(sums[i], x, load(w + i * WIDTH));
	}
	for (size_t i = 0; i < KERNEL_STRIP / WIDTH; i++)
		store(output + i * WIDTH, sums[i]);
}

const struct kernels *kernel_four(void)
{
	static const struct kernels SET = {NAME, false, tile, tile_activated, strip};

	return &SET;
}

#else

const struct kernels *kernel_four(void)
{
	return NULL;
}

#endif
