/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fft - the discrete Fourier transform of a power of two of complex numbers.
 *
 * In place, radix 2 (Cooley and Tukey 1965). Pure but for the table that is made once.
 * Any number of threads may use one table.
 */
#ifndef LISTEN_FFT_H
#define LISTEN_FFT_H

#include <stddef.h>

#include "base/err.h"

enum { FFT_SIZE_MIN = 4, FFT_SIZE_MAX = 65536 };

struct fft_bin {
	float re;
	float im;
};

struct fft;

/* ERR_RANGE: size is no power of two between the limits. */
MUST_CHECK enum err fft_create(size_t size, struct fft **out_fft);
void fft_destroy(struct fft *fft); /* NULL is fine */

/* X[k] = sum over n of x[n] e^(-2 pi i k n / size). */
void fft_forward(const struct fft *fft, struct fft_bin *bins);
/* The way back, divided by size. */
void fft_inverse(const struct fft *fft, struct fft_bin *bins);

#endif
