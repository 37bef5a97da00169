/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mel_lanes - the Fourier transform of 8 frames side by side, one per vector lane: the one
 * text that mel.c and mel_avx2.c compile, each for its kind of processor (MEL_TARGET).
 * 512 real samples are 256 complex ones (even and odd), a radix-2 transform, and one pass
 * that tells the two halves apart.
 */
#ifndef LISTEN_MEL_LANES_H
#define LISTEN_MEL_LANES_H

#include "listen/mel.h"

/* Who compiles it for a greater processor says so first. */
#ifndef MEL_TARGET
#define MEL_TARGET
#endif

enum { HALF = MEL_WINDOW / 2 };

/* Even samples are real parts, odd ones imaginary, in the order the butterflies want. */
MEL_TARGET static void load(const struct mel *mel, const int16_t samples[MEL_SAMPLES],
			    struct mel_work *work)
{
	for (size_t i = 0; i < HALF; i++) {
		const size_t from = 2 * (size_t)mel->order[i];
		const float even = mel->window[from];
		const float odd = mel->window[from + 1];

		for (size_t f = 0; f < MEL_FRAMES; f++) {
			const int16_t *at = samples + f * MEL_HOP + from;

			work->real[i][f] = even * (float)at[0];
			work->imaginary[i][f] = odd * (float)at[1];
		}
	}
}

/* The first butterflies turn nothing: a sum and a difference. */
MEL_TARGET static void turn_pairs(struct mel_work *work)
{
	for (size_t a = 0; a < HALF; a += 2) {
		const mel_lanes re = work->real[a + 1];
		const mel_lanes im = work->imaginary[a + 1];

		work->real[a + 1] = work->real[a] - re;
		work->imaginary[a + 1] = work->imaginary[a] - im;
		work->real[a] += re;
		work->imaginary[a] += im;
	}
}

MEL_TARGET static void transform(const struct mel *mel, struct mel_work *work)
{
	mel_lanes *real = work->real;
	mel_lanes *imaginary = work->imaginary;

	turn_pairs(work);
	for (size_t half = 2; half < HALF; half *= 2) {
		for (size_t j = 0; j < half; j++) {
			const float c = mel->cosines[j * (HALF / half)];
			const float s = mel->sines[j * (HALF / half)];

			for (size_t a = j; a < HALF; a += 2 * half) {
				const size_t b = a + half;
				const mel_lanes re = real[b] * c - imaginary[b] * s;
				const mel_lanes im = real[b] * s + imaginary[b] * c;

				real[b] = real[a] - re;
				imaginary[b] = imaginary[a] - im;
				real[a] += re;
				imaginary[a] += im;
			}
		}
	}
}

/* X[k] = E[k] + w^k O[k], where E and O are the even and odd samples' transforms. */
MEL_TARGET static void take_power(const struct mel *mel, struct mel_work *work)
{
	for (size_t k = 0; k < MEL_BINS; k++) {
		const size_t a = k % HALF;
		const size_t b = (HALF - k) % HALF;
		const float c = k < HALF ? mel->cosines[k] : -1.0F;
		const float s = k < HALF ? mel->sines[k] : 0.0F;
		const mel_lanes even_re = (work->real[a] + work->real[b]) * 0.5F;
		const mel_lanes even_im =
			(work->imaginary[a] - work->imaginary[b]) * 0.5F;
		const mel_lanes odd_re = (work->imaginary[a] + work->imaginary[b]) * 0.5F;
		const mel_lanes odd_im = (work->real[b] - work->real[a]) * 0.5F;
		const mel_lanes re = even_re + odd_re * c - odd_im * s;
		const mel_lanes im = even_im + odd_re * s + odd_im * c;

		work->power[k] = re * re + im * im;
	}
}

MEL_TARGET static inline void find_spectrum(const struct mel *mel,
					    const int16_t samples[MEL_SAMPLES],
					    struct mel_work *work)
{
	load(mel, samples, work);
	transform(mel, work);
	take_power(mel, work);
}

#endif
