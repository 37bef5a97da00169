/* SPDX-License-Identifier: Apache-2.0 */
/*
 * voiced - see the header. The numbers were found on one half of 189 human clips and hold
 * on the other (docs/why/recogniser.md). In quiet nothing is left out: what is soft there
 * is the end of a word.
 *
 * Invariant: a frame's fate depends only on frames up to VOICED_BEFORE after it, never
 * on when it is asked, so every search of an utterance sees the same frames.
 */
#include "adapter/voiced.h"

#include <string.h>

#include "base/must.h"

enum { RUN = 3 }; /* voiced frames in a row that are a voice */

static const double SMOOTH = 0.37; /* share of the newest frame */
static const double FLOOR_RISES = 0.075;
static const double FLOOR_FALLS = 0.4;
static const double PEAK_FALLS = 0.01;
static const double PEAK_AT_LEAST = 15; /* above the first frame */
static const double OVER_FLOOR = 6;
/* From floor to peak clean clips have 48..72 in the end, and less while they begin; with
 * noise at 18 dB 23..47. What is taken for noise is cleaned, which costs a quiet voice its
 * soft sounds, so the line lies nearer to the noise. */
static const double NOISY_UNDER = 38;
static const double UNDER_PEAK = 21;

void voiced_init(struct voiced *voiced)
{
	explicit_bzero(voiced, sizeof(*voiced));
}

static void judge(struct voiced *voiced, double level)
{
	if (voiced->taken++ == 0) {
		voiced->smooth = voiced->floor = level;
		voiced->peak = level + PEAK_AT_LEAST;
	}
	voiced->smooth += SMOOTH * (level - voiced->smooth);
	if (voiced->smooth > voiced->floor + 1)
		voiced->floor += FLOOR_RISES;
	else if (voiced->smooth < voiced->floor)
		voiced->floor -= FLOOR_FALLS;
	voiced->peak -= PEAK_FALLS;
	if (voiced->smooth > voiced->peak)
		voiced->peak = voiced->smooth;
	double over = voiced->peak - voiced->floor - UNDER_PEAK;
	if (over < OVER_FLOOR)
		over = OVER_FLOOR;
	bool is_voice = voiced->smooth > voiced->floor + over;
	voiced->run = is_voice ? voiced->run + 1 : 0;
	if (voiced->run >= RUN)
		voiced->after = VOICED_AFTER;
	else if (voiced->after > 0)
		voiced->after--;
}

size_t voiced_take(struct voiced *voiced, const struct front_frame *frame,
		   struct front_frame *to)
{
	size_t kept = 0;

	judge(voiced, (double)frame->cep.value[0]);
	if (voiced->after == 0 && voiced_in_noise(voiced)) {
		voiced->held[voiced->held_count++ % VOICED_BEFORE] = *frame;
		return 0;
	}
	uint32_t from = 0;
	if (voiced->held_count > VOICED_BEFORE)
		from = voiced->held_count - VOICED_BEFORE;
	for (uint32_t i = from; i < voiced->held_count; i++)
		to[kept++] = voiced->held[i % VOICED_BEFORE];
	voiced->held_count = 0;
	to[kept++] = *frame;
	must(kept <= VOICED_AT_ONCE_MAX);
	return kept;
}

bool voiced_now(const struct voiced *voiced)
{
	return voiced->after > 0;
}

bool voiced_in_noise(const struct voiced *voiced)
{
	return voiced->peak - voiced->floor < NOISY_UNDER;
}
