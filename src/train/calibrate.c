/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibrate - see the header.
 */
#include "train/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum {
	TAIL_MIN = 40, /* events the tail is fitted to, if there are as many */
	TAIL_MAX = 200,
	TAIL_PER_HOUR = 20,
	SHAPED_MIN = 60, /* events from which on the tail's shape is fitted, too */
};

static const double UPPER = 1.6449; /* one-sided 95 % of a normal distribution */
/* A tail may end; it is not believed to be heavier than exponential, for a head's scores
 * are not, nor to end at once. */
static const double SHAPE_MIN = -0.4;

/* Peaks over a threshold as a generalised Pareto distribution, fitted by its moments
 * (Hosking and Wallis, 1987). */
struct tail {
	double base;  /* score */
	double scale; /* of the excess over it */
	double shape; /* 0: exponential; below: it ends at scale / -shape */
	double per_hour;
};

static enum err add_peak(struct events *events, float score)
{
	if (events->count == events->room) {
		size_t room = events->room ? 2 * events->room : 1024;
		float *peaks = realloc(events->peaks, room * sizeof(*peaks));

		if (!peaks)
			return ERR_MEMORY;
		events->peaks = peaks;
		events->room = room;
	}
	events->peaks[events->count++] = score;
	return OK;
}

/* The highest row not yet taken, or count. */
static size_t highest(const float *scores, size_t count)
{
	size_t best = count;

	for (size_t i = 0; i < count; i++)
		if (scores[i] > JUDGE_NOTHING &&
		    (best == count || scores[i] > scores[best]))
			best = i;
	return best;
}

/* One block: the highest is an event and silences its neighbours, and so on. */
static enum err add_block(struct events *events, float *scores, size_t count)
{
	enum err err = OK;

	for (;;) {
		size_t at = highest(scores, count);
		size_t from;

		if (at == count || err)
			break;
		err = add_peak(events, scores[at]);
		from = at > CALIBRATE_REFRACTORY ? at - CALIBRATE_REFRACTORY : 0;
		for (size_t i = from; i <= at + CALIBRATE_REFRACTORY && i < count; i++)
			scores[i] = JUDGE_NOTHING;
	}
	return err;
}

enum err events_add(struct events *events, const float *scores, size_t count)
{
	enum { BLOCK = 40 * CALIBRATE_REFRACTORY };
	float block[BLOCK];
	size_t scored = 0;
	enum err err = OK;

	for (size_t at = 0; !err && at < count; at += BLOCK) {
		size_t size = count - at < BLOCK ? count - at : BLOCK;

		memcpy(block, scores + at, size * sizeof(*block));
		err = add_block(events, block, size);
	}
	for (size_t i = 0; i < count; i++)
		scored += scores[i] > JUDGE_NOTHING;
	events->hours += (double)scored * EMBEDDING_STEP_MS / 3.6e6;
	return err;
}

static int by_score(const void *a, const void *b)
{
	float left = *(const float *)a;
	float right = *(const float *)b;

	return (left < right) - (left > right);
}

void events_sort(struct events *events)
{
	if (events->count > 0)
		qsort(events->peaks, events->count, sizeof(*events->peaks), by_score);
}

void events_finish(struct events *events)
{
	free(events->peaks);
	*events = (struct events){.peaks = NULL};
}

size_t events_above(const struct events *events, double threshold)
{
	size_t count = 0;

	while (count < events->count && (double)events->peaks[count] >= threshold)
		count++;
	return count;
}

/* How fast the tail ends; a few events say nothing of that. */
static double shape_of(double mean, double square, size_t count)
{
	const double variance = fmax(square - mean * mean, 1e-6);
	const double fitted = 0.5 * (1 - mean * mean / variance);
	const double cautious = fitted + 1 / sqrt((double)count);

	if (count < SHAPED_MIN)
		return 0;
	return fmin(fmax(cautious, SHAPE_MIN), 0);
}

static struct tail fit_tail(const struct events *events)
{
	size_t wanted = (size_t)(TAIL_PER_HOUR * events->hours);
	struct tail tail = {.scale = 0};
	double mean = 0;
	double square = 0;
	double root;

	wanted = wanted < TAIL_MIN ? TAIL_MIN : wanted;
	wanted = wanted > TAIL_MAX ? TAIL_MAX : wanted;
	if (wanted + 1 > events->count)
		wanted = events->count - 1;
	if (wanted == 0)
		return (struct tail){(double)events->peaks[0], 1, 0,
				     interval_count(1).high / events->hours};
	root = sqrt((double)wanted);
	tail.base = (double)events->peaks[wanted];
	for (size_t i = 0; i < wanted; i++) {
		const double excess = (double)events->peaks[i] - tail.base;
		mean += excess / (double)wanted;
		square += excess * excess / (double)wanted;
	}
	tail.shape = shape_of(mean, square, wanted);
	mean = fmax(mean * (1 + UPPER / root), 1e-3); /* cautious */
	tail.scale = mean * (1 - tail.shape);
	tail.per_hour = ((double)wanted + UPPER * root) / events->hours;
	return tail;
}

/* The share of excesses above `excess`. */
static double tail_above(const struct tail *tail, double excess)
{
	if (tail->shape > -1e-9)
		return exp(-excess / tail->scale);
	return pow(fmax(1 + tail->shape * excess / tail->scale, 0), -1 / tail->shape);
}

/* The excess that this share lies above. */
static double tail_excess(const struct tail *tail, double share)
{
	if (tail->shape > -1e-9)
		return -tail->scale * log(share);
	return tail->scale * (pow(share, -tail->shape) - 1) / tail->shape;
}

double calibrate_rate(const struct events *events, double threshold)
{
	struct tail tail;

	if (events->count == 0)
		return 0;
	tail = fit_tail(events);
	return tail.per_hour * tail_above(&tail, fmax(threshold - tail.base, 0));
}

double calibrate_threshold(const struct events *events, double per_hour, double fallback)
{
	struct tail tail;
	size_t allowed;
	double counted;

	must(per_hour > 0);
	if (events->count == 0)
		return fallback;
	tail = fit_tail(events);
	allowed = (size_t)(per_hour * events->hours);
	counted = allowed < events->count
			  ? nextafter((double)events->peaks[allowed], INFINITY)
			  : (double)events->peaks[events->count - 1];
	if (tail.per_hour <= per_hour)
		return counted;
	return fmax(counted, tail.base + tail_excess(&tail, per_hour / tail.per_hour));
}

enum err calibrate_others(struct judge *judge, uint32_t smooth,
			  const struct stretches *stretches, struct events *out_events)
{
	struct events made = {.count = 0};
	size_t room = 1;
	float *scores;
	enum err err;

	for (size_t i = 0; i < stretches->count; i++)
		if (stretches->all[i].rows.count > room)
			room = stretches->all[i].rows.count;
	scores = calloc(room, sizeof(*scores));
	err = scores ? OK : ERR_MEMORY;
	for (size_t i = 0; !err && i < stretches->count; i++) {
		const struct rows *rows = &stretches->all[i].rows;

		judge_rows(judge, rows, smooth, scores);
		err = events_add(&made, scores, rows->count);
	}
	free(scores);
	if (err) {
		events_finish(&made);
		return err;
	}
	events_sort(&made);
	*out_events = made;
	return OK;
}

enum err calibrate_names(struct judge *judge, uint32_t smooth, const struct takes *takes,
			 float *out_scores)
{
	for (size_t i = 0; i < takes->count; i++) {
		const struct take *take = &takes->all[i];
		float *scores = calloc(take->rows.count + 1, sizeof(*scores));

		if (!scores)
			return ERR_MEMORY;
		judge_rows(judge, &take->rows, smooth, scores);
		out_scores[i] = JUDGE_NOTHING;
		for (size_t row = take->before; row < take->rows.count; row++)
			out_scores[i] = fmaxf(out_scores[i], scores[row]);
		free(scores);
	}
	return OK;
}
