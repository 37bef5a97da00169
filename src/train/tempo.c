/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tempo - see the header. Interpolation is by cubic Hermite splines; the small aliasing
 * above 6 kHz does not matter to training.
 */
#include "train/tempo.h"

#include <math.h>
#include <string.h>

#include "base/must.h"

enum {
	HOP = AUDIO_HZ / 100, /* of what is written */
	WINDOW = 2 * HOP,
	SEARCH = AUDIO_HZ / 125, /* how far a better place is looked for, +- */
	STRIDE = 2,              /* samples skipped when places are compared */
};

static const double PI = 3.141592653589793;

static void check(double factor)
{
	must(factor >= 1.0 / TEMPO_SCALE_MAX && factor <= TEMPO_SCALE_MAX);
}

static size_t scaled(size_t count, double factor, size_t room)
{
	size_t wanted = (size_t)((double)count / factor);

	return wanted < room ? wanted : room;
}

static float sample_at(const struct sound *sound, int64_t at)
{
	return at < 0 || at >= (int64_t)sound->count ? 0 : sound->samples[at];
}

void tempo_resample(const struct sound *from, double factor, struct sound *to)
{
	check(factor);
	to->count = scaled(from->count, factor, to->room);
	for (size_t i = 0; i < to->count; i++) {
		double place = (double)i * factor;
		int64_t at = (int64_t)place;
		float t = (float)(place - (double)at);
		float a = sample_at(from, at - 1);
		float b = sample_at(from, at);
		float c = sample_at(from, at + 1);
		float d = sample_at(from, at + 2);
		float slope_b = 0.5F * (c - a);
		float slope_c = 0.5F * (d - b);

		to->samples[i] =
			b + t * (slope_b + t * (3 * (c - b) - 2 * slope_b - slope_c +
						t * (2 * (b - c) + slope_b + slope_c)));
	}
}

/* How alike the WINDOW samples at two places are, in steps. */
static float likeness(const struct sound *sound, int64_t a, int64_t b)
{
	float sum = 0;
	float power = 1e-9F;

	for (int64_t i = 0; i < WINDOW; i += STRIDE) {
		float right = sample_at(sound, b + i);

		sum += sample_at(sound, a + i) * right;
		power += right * right;
	}
	return sum / sqrtf(power);
}

static int64_t best_place(const struct sound *from, int64_t natural, int64_t wanted)
{
	int64_t best = wanted;
	float best_likeness = -INFINITY;

	for (int64_t at = wanted - SEARCH; at <= wanted + SEARCH; at += STRIDE) {
		float here = likeness(from, natural, at);

		if (here <= best_likeness)
			continue;
		best_likeness = here;
		best = at;
	}
	return best;
}

void tempo_stretch(const struct sound *from, double factor, struct sound *to)
{
	float window[WINDOW];
	int64_t place = 0;

	check(factor);
	for (size_t i = 0; i < WINDOW; i++)
		window[i] = (float)(0.5 - 0.5 * cos(2 * PI * ((double)i + 0.5) / WINDOW));
	sound_clear(to, scaled(from->count, factor, to->room));
	for (size_t at = 0; at < to->count; at += HOP) {
		int64_t wanted = (int64_t)((double)at * factor) - HOP;

		/* What would follow by itself is the measure for what comes next. */
		place = at == 0 ? -HOP : best_place(from, place + HOP, wanted);
		for (size_t i = 0; i < WINDOW; i++) {
			int64_t target = (int64_t)at - HOP + (int64_t)i;

			if (target >= 0 && target < (int64_t)to->count)
				to->samples[target] +=
					window[i] * sample_at(from, place + (int64_t)i);
		}
	}
}
