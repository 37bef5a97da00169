/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mine - the windows of other sound that a net takes for the name most.
 *
 * One thread per mine; windows are borrowed from the stretches.
 */
#ifndef TRAIN_MINE_H
#define TRAIN_MINE_H

#include "train/judge.h"
#include "train/random.h"

struct mine;

MUST_CHECK enum err mine_create(size_t count_max, struct mine **out_mine);
void mine_destroy(struct mine *mine); /* NULL is fine */

/* Forgets what it held and keeps the highest windows of all stretches. */
MUST_CHECK enum err mine_dig(struct mine *mine, struct judge *judge,
			     const struct stretches *stretches);

size_t mine_count(const struct mine *mine);
float mine_low(const struct mine *mine); /* the lowest score in it; 0 when empty */
/* The highest first, from then on: until the next mine_dig. */
void mine_sort(struct mine *mine);
const float *mine_at(const struct mine *mine, size_t index);
const float *mine_draw(const struct mine *mine, struct random *random);

#endif
