/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge - scores rows of embeddings with the numbers of a head, many windows at once.
 *
 * The same numbers as head_score gives in a room, up to rounding. One thread per judge.
 */
#ifndef TRAIN_JUDGE_H
#define TRAIN_JUDGE_H

#include "listen/head_file.h"
#include "train/features.h"

/* "Nothing was scored here": the rows before the first whole window. */
#define JUDGE_NOTHING (-1000.0F)

struct judge;

/* The numbers are copied. */
MUST_CHECK enum err judge_create(uint32_t nets, uint32_t hidden, const float *numbers,
				 struct judge **out_judge);
void judge_destroy(struct judge *judge); /* NULL is fine */

/* The mean logits of the nets for count <= MLP_ROWS_MAX windows, each `step` numbers behind
 * the one before it. */
void judge_windows(struct judge *judge, const float *windows, size_t step, size_t count,
		   float *out_logits);

/* The mean logit of the nets, and of the newest `smooth` windows, for each row; fewer
 * while the stream is young. out_scores has room for rows->count. */
void judge_rows(struct judge *judge, const struct rows *rows, uint32_t smooth,
		float *out_scores);

#endif
