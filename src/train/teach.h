/* SPDX-License-Identifier: Apache-2.0 */
/*
 * teach - one net learns the name from takes of it and from other sound.
 *
 * Batches are drawn so that the name is a quarter of each, evenly over its sources: a few
 * people count as much as many synthetic voices. Of the rest one half is spread evenly over
 * all other sound and one half evenly over its sources, so that a small source counts. Hard negatives are mined in rounds. Training stops early when the material that
 * was held back is no longer judged better. Several nets may learn at once from the same
 * material.
 */
#ifndef TRAIN_TEACH_H
#define TRAIN_TEACH_H

#include <stdatomic.h>

#include "train/features.h"
#include "train/mlp.h"

enum {
	TEACH_ROWS = 256,
	TEACH_NAMES = TEACH_ROWS / 4,
	TEACH_HARD_MAX = 4096,
	TEACH_STEPS_MAX = 100000,
};

struct material {
	const struct takes *takes;
	const struct stretches *stretches;
	const struct takes *held_takes; /* judged, never learned from */
	const struct stretches *held_stretches;
	float mean[EMBEDDING_SIZE];
	float scale[EMBEDDING_SIZE]; /* 1 / deviation */
	size_t *order;               /* owned: stretches by source */
	size_t *ends; /* owned: windows up to and with the stretch at that place */
	size_t source_ends[LISTING_SOURCES_MAX + 1]; /* places in order; decoys last */
	size_t source_count;                         /* those with windows, no decoys */
	size_t decoy_count;                          /* 0 or 1 source of them */
	size_t windows;
};

/* Measures and sorts; ERR_MISSING: not a single window of other sound. */
MUST_CHECK enum err material_init(const struct takes *takes,
				  const struct stretches *stretches,
				  const struct takes *held_takes,
				  const struct stretches *held_stretches,
				  struct material *out_material, struct err_note *note);
void material_finish(struct material *material); /* zeroed is fine */

struct teach_settings {
	uint64_t seed;
	uint32_t hidden;
	size_t steps;
	size_t mining; /* rounds; 0: none */
	size_t fold;   /* take no examples of this fold of `folds`; 0 folds: all */
	size_t folds;
	bool decoys; /* draw them as often as any source: wrong clips are looked for */
	const struct outside_watch *watch; /* told of steps, if not NULL */
};

struct teach_result {
	size_t steps; /* until the best one, by what was held back */
	/* At that step, of what was held back: by how many of their own deviations the
	 * names lie below the tail of other sound. */
	double loss;
	size_t hard;     /* windows in the last mining round's pool */
	double hard_low; /* the lowest logit in it */
};

/* out_numbers has room for head_file_net_size(hidden): ready for a head, what makes inputs
 * even already folded into them. done counts steps for somebody else to show. */
MUST_CHECK enum err teach_net(const struct material *material,
			      const struct teach_settings *settings, atomic_size_t *done,
			      float *out_numbers, struct teach_result *out_result);

#endif
