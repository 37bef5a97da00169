/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mel - the log-mel front by a fast Fourier transform.
 *
 * The 8 frames of a step are transformed side by side, one per vector lane (mel_lanes.h), so
 * plain C is fast on any machine; where a lane is a register, twice as fast.
 */
#include "listen/mel.h"

#include <math.h>
#include <string.h>

#include "listen/mel_lanes.h"

enum { HALF_BITS = 8 };

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

/* Of numbers: fmaxf would ask each whether it is one. */
static float larger(float a, float b)
{
	return a > b ? a : b;
}

/* Not below the loudest by more than the range, then as the embedding expects it. */
static void level(float *rows, size_t row_step)
{
	float loudest = rows[0];

	for (size_t f = 0; f < MEL_FRAMES; f++) {
		for (size_t band = 0; band < MEL_BANDS; band++)
			loudest = larger(loudest, rows[f * row_step + band]);
	}
	for (size_t f = 0; f < MEL_FRAMES; f++) {
		for (size_t band = 0; band < MEL_BANDS; band++) {
			float *at = &rows[f * row_step + band];

			*at = larger(*at, loudest - RANGE_DB) / 10.0F + 2.0F;
		}
	}
}

void mel_run(const struct mel *mel, bool wide, const int16_t samples[MEL_SAMPLES],
	     struct mel_work *work, float *out_rows, size_t row_step)
{
	if (wide)
		mel_spectrum_avx2(mel, samples, work);
	else
		find_spectrum(mel, samples, work);
	take_bands(mel, work, out_rows, row_step);
	level(out_rows, row_step);
}
