/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tone - two notes each: up for a lease, one for done, down for refused. A message is
 * spoken after a longer and higher one.
 *
 * The first is short and soft, because people speak on without waiting for it.
 */
#include "room/tone.h"

#include <math.h>

#include "base/must.h"

enum { NOTES = 2, EDGE_MS = 8 };

static const double PI = 3.14159265358979;

static const struct {
	double level;
	struct {
		double hz; /* 0: no note */
		unsigned ms;
	} notes[NOTES];
} TONES[] = {
	[INDICATOR_TONE_WAKE] = {2500.0, {{660.0, 45}, {880.0, 45}}},
	[INDICATOR_TONE_DONE] = {4000.0, {{880.0, 90}, {0.0, 0}}},
	[INDICATOR_TONE_REFUSED] = {4000.0, {{440.0, 90}, {330.0, 110}}},
	[INDICATOR_TONE_RECORD] = {4000.0, {{1046.5, 180}, {0.0, 0}}},
};

static size_t samples_of(unsigned ms)
{
	return (size_t)ms * (AUDIO_HZ / 1000);
}

/* Rises and falls without a click. */
static double edge(size_t at, size_t count)
{
	const size_t near = at < count - at ? at : count - at;
	const size_t full = samples_of(EDGE_MS);

	return near < full ? (double)near / (double)full : 1.0;
}

size_t tone_make(enum indicator_tone tone, int16_t to[TONE_SAMPLES_MAX])
{
	size_t count = 0;

	must((size_t)tone < sizeof(TONES) / sizeof(TONES[0]));
	for (unsigned n = 0; n < NOTES; n++) {
		const size_t length = samples_of(TONES[tone].notes[n].ms);

		must(count + length <= TONE_SAMPLES_MAX);
		for (size_t i = 0; i < length; i++)
			to[count + i] = (int16_t)(TONES[tone].level * edge(i, length) *
						  sin(2.0 * PI * TONES[tone].notes[n].hz *
						      (double)i / AUDIO_HZ));
		count += length;
	}
	return count;
}
