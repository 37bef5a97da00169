/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suspect - clips that probably do not hold the name: another word, a slip, a wrong folder.
 *
 * Small nets are taught on two thirds of the clips and judge the last third. A clip that
 * scores like other sound although nobody learned from it is named; far below it is not
 * trained on.
 */
#ifndef TRAIN_SUSPECT_H
#define TRAIN_SUSPECT_H

#include "train/teach.h"

enum { SUSPECT_FOLDS = 3, SUSPECT_EXAMPLES_MIN = 12, SUSPECT_STEPS = 400 };

/* Marks examples as suspicious and drops their takes from both. The listing's paths are
 * told to the watcher. out_count: how many. */
MUST_CHECK enum err suspect_find(const struct outside *outside,
				 const struct material *material, uint64_t seed,
				 struct examples *examples, struct takes *takes,
				 struct takes *held_takes, size_t *out_count,
				 struct err_note *note);

/* For each example its score by somebody who did not learn from it: which stay far below
 * the rest? out_marks[i]: 0 no, or JUDGE_NOTHING; 1 odd but kept; 2 not to be trained
 * on. */
void suspect_mark(const float *scores, size_t count, uint8_t *out_marks);

#endif
