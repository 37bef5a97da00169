/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_ear - one head at the stream of embeddings: a window, scores, and which of them are
 * candidates (wake_net.h says when).
 *
 * For wake_net.c, which has one for the name and may have one for another word. Holds
 * features of sound: lives in its owner's locked memory. One thread.
 */
#ifndef LISTEN_WAKE_EAR_H
#define LISTEN_WAKE_EAR_H

#include <stdbool.h>
#include <stdint.h>

#include "listen/embedding.h"
#include "listen/head.h"
#include "port/wake.h"

/* What is going on in the scores. */
struct wake_watch {
	bool rising;          /* a doubtful one has begun */
	unsigned begun_steps; /* since then */
	unsigned peak_steps;  /* since the highest so far */
	double peak;
	unsigned rest_steps; /* of rest that are left */
	bool rests_from_doubt;
};

struct wake_ear {
	const struct head *head; /* borrowed */
	double sure;             /* believed from here on */
	struct wake_watch watch;
	float window[HEAD_INPUTS];     /* oldest first */
	float logits[HEAD_SMOOTH_MAX]; /* newest first */
	float silent_values[EMBEDDING_SIZE];
	float silent_logit;
	double newest; /* score */
};

/* sure: not below the head's doubtful. silent_values: the embedding of endless silence,
 * which is what came before. */
void wake_ear_init(struct wake_ear *ear, const struct head *head, double sure,
		   const float silent_values[EMBEDDING_SIZE]);
void wake_ear_reset(struct wake_ear *ear);

/* Takes what a frame brought: values, or NULL when it completed no step. */
void wake_ear_feed(struct wake_ear *ear, const float *values,
		   struct wake_report *out_report);

#endif
