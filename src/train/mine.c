/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mine - see the header. A heap whose root is the lowest window kept. Equal scores keep
 * the earlier one, so that the result does not depend on anything else.
 */
#include "train/mine.h"

#include <stdlib.h>

#include "base/must.h"

struct nugget {
	float score;
	const float *window;
};

struct mine {
	size_t count_max;
	size_t count;
	struct nugget *nuggets; /* a heap, the lowest first */
};

enum err mine_create(size_t count_max, struct mine **out_mine)
{
	struct mine *made = calloc(1, sizeof(*made));

	must(count_max > 0);
	if (!made)
		return ERR_MEMORY;
	made->count_max = count_max;
	made->nuggets = calloc(count_max, sizeof(*made->nuggets));
	if (!made->nuggets) {
		free(made);
		return ERR_MEMORY;
	}
	*out_mine = made;
	return OK;
}

void mine_destroy(struct mine *mine)
{
	if (!mine)
		return;
	free(mine->nuggets);
	free(mine);
}

static void swap(struct nugget *a, struct nugget *b)
{
	struct nugget kept = *a;

	*a = *b;
	*b = kept;
}

static void sink(struct mine *mine)
{
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= mine->count)
			break;
		if (child + 1 < mine->count &&
		    mine->nuggets[child + 1].score < mine->nuggets[child].score)
			child++;
		if (mine->nuggets[at].score <= mine->nuggets[child].score)
			break;
		swap(&mine->nuggets[at], &mine->nuggets[child]);
		at = child;
	}
}

static void rise(struct mine *mine)
{
	size_t at = mine->count - 1;

	while (at > 0) {
		size_t parent = (at - 1) / 2;

		if (mine->nuggets[parent].score <= mine->nuggets[at].score)
			break;
		swap(&mine->nuggets[parent], &mine->nuggets[at]);
		at = parent;
	}
}

static void offer(struct mine *mine, float score, const float *window)
{
	if (mine->count < mine->count_max) {
		mine->nuggets[mine->count++] = (struct nugget){score, window};
		rise(mine);
	} else if (score > mine->nuggets[0].score) {
		mine->nuggets[0] = (struct nugget){score, window};
		sink(mine);
	}
}

enum err mine_dig(struct mine *mine, struct judge *judge,
		  const struct stretches *stretches)
{
	float *scores = NULL;
	size_t room = 1;

	for (size_t i = 0; i < stretches->count; i++)
		if (stretches->all[i].rows.count > room)
			room = stretches->all[i].rows.count;
	scores = calloc(room, sizeof(*scores));
	if (!scores)
		return ERR_MEMORY;
	mine->count = 0;
	for (size_t i = 0; i < stretches->count; i++) {
		const struct rows *rows = &stretches->all[i].rows;

		judge_rows(judge, rows, 1, scores);
		for (size_t at = HEAD_STEPS - 1; at < rows->count; at++)
			offer(mine, scores[at], rows_window(rows, at));
	}
	free(scores);
	return OK;
}

static int by_score(const void *a, const void *b)
{
	const struct nugget *left = a;
	const struct nugget *right = b;

	if (left->score != right->score)
		return left->score < right->score ? 1 : -1;
	for (size_t i = 0; i < HEAD_INPUTS; i++) /* the same order on every run */
		if (left->window[i] != right->window[i])
			return left->window[i] < right->window[i] ? 1 : -1;
	return 0;
}

void mine_sort(struct mine *mine)
{
	qsort(mine->nuggets, mine->count, sizeof(*mine->nuggets), by_score);
}

size_t mine_count(const struct mine *mine)
{
	return mine->count;
}

float mine_low(const struct mine *mine)
{
	float low = mine->count ? mine->nuggets[0].score : 0;

	for (size_t i = 1; i < mine->count; i++)
		low = mine->nuggets[i].score < low ? mine->nuggets[i].score : low;
	return low;
}

const float *mine_at(const struct mine *mine, size_t index)
{
	must(index < mine->count);
	return mine->nuggets[index].window;
}

const float *mine_draw(const struct mine *mine, struct random *random)
{
	return mine_at(mine, random_below(random, mine->count));
}
