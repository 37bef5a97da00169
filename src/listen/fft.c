/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fft - see the header. Bit reversal, then butterflies with a table of roots of one.
 *
 * Knows nothing of sound. Invariant: roots[k] = e^(-2 pi i k / size), k < size / 2.
 */
#include "listen/fft.h"

#include <math.h>
#include <stdlib.h>

#include "base/must.h"

struct fft {
	size_t size;
	struct fft_bin *roots;
};

static const double PI = 3.14159265358979323846;

enum err fft_create(size_t size, struct fft **out_fft)
{
	struct fft *made = NULL;

	if (size < FFT_SIZE_MIN || size > FFT_SIZE_MAX || (size & (size - 1)) != 0)
		return ERR_RANGE;
	made = calloc(1, sizeof(*made));
	if (!made)
		return ERR_MEMORY;
	made->size = size;
	made->roots = calloc(size / 2, sizeof(*made->roots));
	if (!made->roots) {
		free(made);
		return ERR_MEMORY;
	}
	for (size_t k = 0; k < size / 2; k++) {
		const double angle = -2.0 * PI * (double)k / (double)size;

		made->roots[k] = (struct fft_bin){(float)cos(angle), (float)sin(angle)};
	}
	*out_fft = made;
	return OK;
}

void fft_destroy(struct fft *fft)
{
	if (!fft)
		return;
	free(fft->roots);
	free(fft);
}

static void reverse_bits(struct fft_bin *bins, size_t size)
{
	size_t j = 0;

	for (size_t i = 1; i < size; i++) {
		size_t bit = size >> 1;

		for (; j & bit; bit >>= 1)
			j ^= bit;
		j ^= bit;
		if (i < j) {
			const struct fft_bin kept = bins[i];

			bins[i] = bins[j];
			bins[j] = kept;
		}
	}
}

/* One stage: pairs that lie `half` apart. */
static void butterflies(const struct fft *fft, struct fft_bin *bins, size_t half)
{
	const size_t stride = fft->size / (2 * half);

	for (size_t start = 0; start < fft->size; start += 2 * half) {
		struct fft_bin *low = bins + start;
		struct fft_bin *high = low + half;

		for (size_t k = 0; k < half; k++) {
			const struct fft_bin w = fft->roots[k * stride];
			const float re = high[k].re * w.re - high[k].im * w.im;
			const float im = high[k].re * w.im + high[k].im * w.re;

			high[k] = (struct fft_bin){low[k].re - re, low[k].im - im};
			low[k] = (struct fft_bin){low[k].re + re, low[k].im + im};
		}
	}
}

void fft_forward(const struct fft *fft, struct fft_bin *bins)
{
	must(bins);
	reverse_bits(bins, fft->size);
	for (size_t half = 1; half < fft->size; half *= 2)
		butterflies(fft, bins, half);
}

/* The conjugate of the transform of the conjugate. */
void fft_inverse(const struct fft *fft, struct fft_bin *bins)
{
	const float scale = 1.0F / (float)fft->size;

	for (size_t i = 0; i < fft->size; i++)
		bins[i].im = -bins[i].im;
	fft_forward(fft, bins);
	for (size_t i = 0; i < fft->size; i++)
		bins[i] = (struct fft_bin){bins[i].re * scale, -bins[i].im * scale};
}
