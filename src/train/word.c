/* SPDX-License-Identifier: Apache-2.0 */
/*
 * word - see the header. Hops of 10 ms are loud when they come within 30 dB of the peak
 * and 8 dB above the clip's quiet tenth; the name is the run of loud hops around the
 * peak, over pauses as they are inside words and between two.
 */
#include "train/word.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	HOP = AUDIO_HZ / 100,
	HOPS_MAX = 3000,
	PAUSE_HOPS_MAX = 25,
	RUN_HOPS_MIN = 3,
};

static const double QUIET_DB = -50;
static const double BELOW_PEAK_DB = 30;
static const double ABOVE_FLOOR_DB = 8;
static const double CLEAR_DB = 10; /* the threshold is at least so far below the peak */

static int by_value(const void *a, const void *b)
{
	double left = *(const double *)a;
	double right = *(const double *)b;

	return (left > right) - (left < right);
}

static double threshold_of(const double *levels, size_t count, double *out_peak,
			   size_t *out_peak_at)
{
	double sorted[HOPS_MAX];
	double floor_db;

	*out_peak = -INFINITY;
	for (size_t i = 0; i < count; i++) {
		if (levels[i] <= *out_peak)
			continue;
		*out_peak = levels[i];
		*out_peak_at = i;
	}
	memcpy(sorted, levels, count * sizeof(*levels));
	qsort(sorted, count, sizeof(*sorted), by_value);
	floor_db = sorted[count / 10];
	return fmin(fmax(*out_peak - BELOW_PEAK_DB, floor_db + ABOVE_FLOOR_DB),
		    *out_peak - CLEAR_DB);
}

/* From the peak on by step (+1 or -1): the last loud hop that belongs to the name. */
static size_t reach(const double *levels, size_t count, size_t from, int step,
		    double threshold)
{
	size_t last = from;
	size_t pause = 0;
	size_t run = 0;

	for (size_t at = from; at<count; at = step> 0 ? at + 1 : at - 1) {
		bool loud = levels[at] >= threshold;

		run = loud ? run + 1 : 0;
		pause = loud ? 0 : pause + 1;
		if (run >= RUN_HOPS_MIN || (loud && at == from))
			last = at;
		if (pause > PAUSE_HOPS_MAX)
			break;
	} /* behind 0 the index wraps and is no longer below count */
	return last;
}

enum err word_find(const struct sound *sound, struct word_span *out_span,
		   struct err_note *note)
{
	double levels[HOPS_MAX];
	size_t count = sound->count / HOP;
	size_t peak_at = 0;
	double peak;
	double threshold;
	size_t size_ms;

	if (count > HOPS_MAX)
		count = HOPS_MAX;
	if (count < WORD_MS_MIN / 10)
		return err_say(ERR_RANGE, note, "is shorter than a name");
	for (size_t i = 0; i < count; i++)
		levels[i] = sound_db(sound_power(sound->samples + i * HOP, HOP));
	threshold = threshold_of(levels, count, &peak, &peak_at);
	if (peak < QUIET_DB)
		return err_say(ERR_MISSING, note,
			       "is too quiet: nothing above %.0f dB in it", QUIET_DB);
	out_span->begin = reach(levels, count, peak_at, -1, threshold) * HOP;
	out_span->end = (reach(levels, count, peak_at, 1, threshold) + 1) * HOP;
	size_ms = (out_span->end - out_span->begin) * 1000 / AUDIO_HZ;
	if (size_ms < WORD_MS_MIN)
		return err_say(ERR_RANGE, note, "holds %zu ms of sound: no name",
			       size_ms);
	if (size_ms > WORD_MS_MAX)
		return err_say(
			ERR_RANGE, note,
			"holds %zu ms of unbroken sound: too long for a name (%d ms)",
			size_ms, WORD_MS_MAX);
	return OK;
}
