/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tone - two notes each: up for a lease, one for done, down for refused. A message is
 * spoken after a longer and higher one. What rings is louder, and longer.
 *
 * The first is short and soft, because people speak on without waiting for it.
 */
#include "room/tone.h"

#include <math.h>

#include "base/must.h"

enum { NOTES = 2, RING_NOTES = 6, EDGE_MS = 8 };

static const double PI = 3.14159265358979;

struct note {
	double hz; /* 0: silence */
	unsigned ms;
};

static const struct {
	double level;
	struct note notes[NOTES];
} TONES[] = {
	[INDICATOR_TONE_WAKE] = {2500.0, {{660.0, 45}, {880.0, 45}}},
	[INDICATOR_TONE_DONE] = {4000.0, {{880.0, 90}, {0.0, 0}}},
	[INDICATOR_TONE_REFUSED] = {4000.0, {{440.0, 90}, {330.0, 110}}},
	[INDICATOR_TONE_RECORD] = {4000.0, {{1046.5, 180}, {0.0, 0}}},
};

static const struct {
	double level;
	struct note notes[RING_NOTES];
} RINGS[RING_PATTERN_COUNT] = {
	[RING_TIMER] = {9000.0,
			{{988.0, 120}, {0.0, 80}, {988.0, 120}, {0.0, 80}, {988.0, 120}}},
	[RING_ALARM] =
		{9000.0,
		 {{659.0, 200}, {784.0, 200}, {988.0, 200}, {0.0, 100}, {988.0, 400}}},
	[RING_REMINDER] = {7000.0, {{784.0, 180}, {988.0, 360}}},
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

static size_t add_notes(const struct note *notes, unsigned note_count, double level,
			int16_t *to, size_t most)
{
	size_t count = 0;

	for (unsigned n = 0; n < note_count; n++) {
		const size_t length = samples_of(notes[n].ms);

		must(count + length <= most);
		for (size_t i = 0; i < length; i++)
			to[count + i] = (int16_t)(level * edge(i, length) *
						  sin(2.0 * PI * notes[n].hz * (double)i /
						      AUDIO_HZ));
		count += length;
	}
	return count;
}

size_t tone_make(enum indicator_tone tone, int16_t to[TONE_SAMPLES_MAX])
{
	must((size_t)tone < sizeof(TONES) / sizeof(TONES[0]));
	return add_notes(TONES[tone].notes, NOTES, TONES[tone].level, to,
			 TONE_SAMPLES_MAX);
}

size_t tone_ring(enum ring_pattern pattern, int16_t to[TONE_RING_SAMPLES_MAX])
{
	must(pattern < RING_PATTERN_COUNT);
	return add_notes(RINGS[pattern].notes, RING_NOTES, RINGS[pattern].level, to,
			 TONE_RING_SAMPLES_MAX);
}
