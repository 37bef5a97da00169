/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibrate - at which scores a head may be believed: from sound without the name, scored
 * as a room would score it.
 *
 * Few hours of sound say little about rare events, so the tail is extrapolated: what the
 * highest events exceed a base by is taken as exponential (peaks over a threshold; Pickands
 * 1975), and both its slope and its weight are taken from the cautious end of their
 * intervals. Pure but for memory.
 */
#ifndef TRAIN_CALIBRATE_H
#define TRAIN_CALIBRATE_H

#include "listen/wake_net.h"
#include "train/features.h"
#include "train/interval.h"
#include "train/judge.h"

enum {
	CALIBRATE_REFRACTORY_MS =
		WAKE_NET_REST_MS, /* after an event, in which none counts */
	CALIBRATE_REFRACTORY = CALIBRATE_REFRACTORY_MS / EMBEDDING_STEP_MS,
};

/* Events of sound without the name. */
struct events {
	float *peaks; /* owned; the highest first, none within the refractory time of a
		       * higher one */
	size_t count;
	size_t room;
	double hours;
};

/* Adds the events of one stream's scores (JUDGE_NOTHING: not scored). */
MUST_CHECK enum err events_add(struct events *events, const float *scores, size_t count);
void events_sort(struct events *events);   /* after the last one was added */
void events_finish(struct events *events); /* zeroed is fine */

/* How many are at or above a threshold. */
size_t events_above(const struct events *events, double threshold);

/* The lowest threshold that is expected to keep to per_hour: by the extrapolated tail, and
 * by what was counted. Without events it is fallback. */
double calibrate_threshold(const struct events *events, double per_hour, double fallback);

/* What the tail promises at a threshold; cautious: the upper end. */
double calibrate_rate(const struct events *events, double threshold);

/* Scores all stretches. */
MUST_CHECK enum err calibrate_others(struct judge *judge, uint32_t smooth,
				     const struct stretches *stretches,
				     struct events *out_events);

/* The highest score of each take from the middle of its name on; out_scores has room for
 * all. */
MUST_CHECK enum err calibrate_names(struct judge *judge, uint32_t smooth,
				    const struct takes *takes, float *out_scores);

#endif
