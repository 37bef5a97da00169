/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mel - the log-mel front by a fast Fourier transform.
 *
 * The 8 frames of a step are transformed side by side, one per vector lane, so plain C is
 * fast on any machine. 512 real samples are 256 complex ones (even and odd), a radix-2
 * transform, and one pass that tells the two halves apart.
 */
#include "listen/mel.h"

#include <math.h>
#include <string.h>

enum { HALF = MEL_WINDOW / 2, HALF_BITS = 8 };

static const double PI = 3.14159265358979323846;
static const float POWER_MIN = 1e-10F;
static const float LN_10 = 2.3025851F; /* the network's own */
static const float RANGE_DB = 80.0F;

static void init_bands(struct mel *mel, const float *bands)
{
	for (size_t band = 0; band < MEL_BANDS; band++) {
		size_t first = MEL_BINS;
		size_t end = 0;

		for (size_t bin = 0; bin < MEL_BINS; bin++) {
			const float weight = bands[bin * MEL_BANDS + band];

			mel->bands[band * MEL_BINS + bin] = weight;
			if (weight == 0)
				continue;
			first = first < bin ? first : bin;
			end = bin + 1;
		}
		mel->first[band] = (uint16_t)(end > 0 ? first : 0);
		mel->count[band] = (uint16_t)(end > 0 ? end - first : 0);
	}
}

void mel_init(struct mel *mel, const struct embedding_file *file)
{
	memcpy(mel->window, file->window, sizeof(mel->window));
	for (size_t i = 0; i < HALF; i++) {
		const double angle = -2.0 * PI * (double)i / MEL_WINDOW;
		size_t reversed = 0;

		for (size_t bit = 0; bit < HALF_BITS; bit++)
			reversed |= (i >> bit & 1) << (HALF_BITS - 1 - bit);
		mel->cosines[i] = (float)cos(angle);
		mel->sines[i] = (float)sin(angle);
		mel->order[i] = (uint8_t)reversed;
	}
	init_bands(mel, file->bands);
}

/* Even samples are real parts, odd ones imaginary, in the order the butterflies want. */
static void load(const struct mel *mel, const int16_t samples[MEL_SAMPLES],
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

static void transform(const struct mel *mel, struct mel_work *work)
{
	mel_lanes *real = work->real;
	mel_lanes *imaginary = work->imaginary;

	for (size_t half = 1; half < HALF; half *= 2) {
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
static void take_power(const struct mel *mel, struct mel_work *work)
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

static float decibels(float power)
{
	return logf(power > POWER_MIN ? power : POWER_MIN) * 10.0F / LN_10;
}

static void take_bands(const struct mel *mel, const struct mel_work *work,
		       float *out_rows, size_t row_step)
{
	for (size_t band = 0; band < MEL_BANDS; band++) {
		const float *weights = mel->bands + band * MEL_BINS;
		mel_lanes sum = {0};

		for (size_t i = mel->first[band]; i < mel->first[band] + mel->count[band];
		     i++)
			sum += work->power[i] * weights[i];
		for (size_t f = 0; f < MEL_FRAMES; f++)
			out_rows[f * row_step + band] = decibels(sum[f]);
	}
}

/* Not below the loudest by more than the range, then as the embedding expects it. */
static void level(float *rows, size_t row_step)
{
	float loudest = rows[0];

	for (size_t f = 0; f < MEL_FRAMES; f++) {
		for (size_t band = 0; band < MEL_BANDS; band++)
			loudest = fmaxf(loudest, rows[f * row_step + band]);
	}
	for (size_t f = 0; f < MEL_FRAMES; f++) {
		for (size_t band = 0; band < MEL_BANDS; band++) {
			float *at = &rows[f * row_step + band];

			*at = fmaxf(*at, loudest - RANGE_DB) / 10.0F + 2.0F;
		}
	}
}

void mel_run(const struct mel *mel, const int16_t samples[MEL_SAMPLES],
	     struct mel_work *work, float *out_rows, size_t row_step)
{
	load(mel, samples, work);
	transform(mel, work);
	take_power(mel, work);
	take_bands(mel, work, out_rows, row_step);
	level(out_rows, row_step);
}
