/* SPDX-License-Identifier: Apache-2.0 */
/*
 * one_sided - see the header.
 *
 * Levels are those of the first difference: speech is there, and rumble, which a case and
 * its draughts make differently for each microphone, is not. Noise falls with the quietest
 * block and rises slowly, as in listen/activity.c; what these floors come to is in
 * docs/why/injected.md. Invariant: noise is at least NOISE_MIN once known.
 */
#include "adapter/one_sided.h"

#include <math.h>
#include <string.h>

static const double NOISE_MIN = 1.0;     /* a bit's worth: no microphone is quieter */
static const double NOISE_RISES = 1.005; /* per block: 1 dB/s */
static const double LOUD_DB = 12.0;      /* above its own noise */
static const double STILL_DB = 6.0;
static const double APART_DB = 12.0; /* and what lies between the two */
static const size_t LOUD_MIN = 5;    /* blocks: less is a click */

enum kind { KIND_QUIET, KIND_BOTH, KIND_ONE };

void one_sided_init(struct one_sided *one, uint32_t hz)
{
	*one = (struct one_sided){
		.block_samples = (size_t)hz * ONE_SIDED_BLOCK_MS / 1000,
		.noise = {-1, -1},
	};
}

/* How far a block lies above its own noise, which it is counted into. */
static double above_noise_db(double *noise, double level)
{
	const double raised = *noise * NOISE_RISES;

	level = fmax(level, NOISE_MIN);
	*noise = *noise < 0 || level < raised ? level : raised;
	return 10.0 * log10(level / *noise);
}

static enum kind kind_of(double a_db, double b_db)
{
	const double high = fmax(a_db, b_db);
	const double low = fmin(a_db, b_db);

	if (high < LOUD_DB)
		return KIND_QUIET;
	return low < STILL_DB && high - low >= APART_DB ? KIND_ONE : KIND_BOTH;
}

static void end_block(struct one_sided *one)
{
	double db[ONE_SIDED_CHANNELS];

	for (size_t i = 0; i < ONE_SIDED_CHANNELS; i++) {
		db[i] = above_noise_db(&one->noise[i],
				       one->energy[i] / (double)one->block_samples);
		one->energy[i] = 0;
	}
	one->kinds[one->next] = (uint8_t)kind_of(db[0], db[1]);
	one->next = (one->next + 1) % ONE_SIDED_BLOCKS;
	one->fed = 0;
}

void one_sided_feed(struct one_sided *one, const int16_t *interleaved, size_t count,
		    uint32_t channels)
{
	if (channels < ONE_SIDED_CHANNELS || one->block_samples == 0)
		return;
	for (size_t at = 0; at < count; at++) {
		for (size_t i = 0; i < ONE_SIDED_CHANNELS; i++) {
			const double sample = interleaved[at * channels + i];
			const double step = sample - one->last[i];

			one->energy[i] += step * step;
			one->last[i] = sample;
		}
		if (++one->fed == one->block_samples)
			end_block(one);
	}
}

bool one_sided_now(const struct one_sided *one)
{
	size_t counts[KIND_ONE + 1] = {0};

	for (size_t i = 0; i < ONE_SIDED_BLOCKS; i++)
		counts[one->kinds[i]]++;
	return counts[KIND_ONE] >= LOUD_MIN && counts[KIND_ONE] > counts[KIND_BOTH];
}
