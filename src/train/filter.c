/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter - see the header. Each band is a row of up to three sections.
 */
#include "train/filter.h"

#include <math.h>

#include "base/must.h"

enum { SECTIONS_MAX = 3 };
enum shape { SHAPE_NONE, SHAPE_HIGH_PASS, SHAPE_LOW_PASS, SHAPE_PEAK };

static const double PI = 3.141592653589793;

struct section {
	enum shape shape;
	double hz;
	double quality;
	double gain_db; /* of a peak */
};

static const struct section bands[FILTER_COUNT][SECTIONS_MAX] = {
	[FILTER_NONE] = {{SHAPE_NONE, 0, 0, 0}},
	[FILTER_TELEPHONE] = {{SHAPE_HIGH_PASS, 300, 0.7, 0},
			      {SHAPE_LOW_PASS, 3400, 0.54, 0},
			      {SHAPE_LOW_PASS, 3400, 1.3, 0}},
	[FILTER_SMALL_SPEAKER] = {{SHAPE_HIGH_PASS, 250, 0.9, 0},
				  {SHAPE_PEAK, 2800, 1.2, 6},
				  {SHAPE_LOW_PASS, 6500, 0.7, 0}},
	[FILTER_MUFFLED] = {{SHAPE_LOW_PASS, 2500, 0.7, 0}, {SHAPE_PEAK, 300, 0.8, 3}},
	[FILTER_THIN] = {{SHAPE_HIGH_PASS, 180, 0.7, 0}, {SHAPE_PEAK, 5000, 0.7, 4}},
};

struct taps {
	double b[3];
	double a[2]; /* a0 is 1 */
};

static struct taps taps_of(const struct section *section)
{
	double w = 2 * PI * section->hz / AUDIO_HZ;
	double alpha = sin(w) / (2 * section->quality);
	double cosine = cos(w);
	double amplitude = pow(10, section->gain_db / 40);
	double side = section->shape == SHAPE_HIGH_PASS ? -1 : 1;
	struct taps taps = {
		{(1 - side * cosine) / 2, side - cosine, (1 - side * cosine) / 2},
		{-2 * cosine, 1 - alpha},
	};
	double a0 = 1 + alpha;

	if (section->shape == SHAPE_PEAK) {
		taps = (struct taps){
			{1 + alpha * amplitude, -2 * cosine, 1 - alpha * amplitude},
			{-2 * cosine, 1 - alpha / amplitude},
		};
		a0 = 1 + alpha / amplitude;
	}
	for (int i = 0; i < 3; i++)
		taps.b[i] /= a0;
	for (int i = 0; i < 2; i++)
		taps.a[i] /= a0;
	return taps;
}

/* Transposed direct form II. */
static void run_section(struct sound *sound, const struct section *section)
{
	struct taps taps = taps_of(section);
	double first = 0;
	double second = 0;

	for (size_t i = 0; i < sound->count; i++) {
		double in = (double)sound->samples[i];
		double out = taps.b[0] * in + first;

		first = taps.b[1] * in - taps.a[0] * out + second;
		second = taps.b[2] * in - taps.a[1] * out;
		sound->samples[i] = (float)out;
	}
}

void filter_run(struct sound *sound, enum filter_band band)
{
	must(band < FILTER_COUNT);
	for (int i = 0; i < SECTIONS_MAX; i++)
		if (bands[band][i].shape != SHAPE_NONE)
			run_section(sound, &bands[band][i]);
}

void filter_clip(struct sound *sound, float level)
{
	for (size_t i = 0; i < sound->count; i++)
		sound->samples[i] = fminf(fmaxf(sound->samples[i], -level), level);
}
