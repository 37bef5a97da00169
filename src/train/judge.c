/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge - see the header. Windows overlap in memory, so nothing is copied.
 */
#include "train/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "train/mlp.h"

struct judge {
	uint32_t nets;
	struct mlp *mlps[HEAD_NETS_MAX];
};

enum err judge_create(uint32_t nets, uint32_t hidden, const float *numbers,
		      struct judge **out_judge)
{
	struct random random = random_stream(0, 0, 0); /* overwritten */
	struct judge *made = calloc(1, sizeof(*made));
	size_t size = head_file_net_size(hidden);
	enum err err = made ? OK : ERR_MEMORY;

	must(nets >= 1 && nets <= HEAD_NETS_MAX);
	for (uint32_t n = 0; !err && n < nets; n++) {
		err = mlp_create(HEAD_INPUTS, hidden, &random, &made->mlps[n]);
		if (err)
			break;
		must(mlp_count(made->mlps[n]) == size);
		memcpy(mlp_numbers(made->mlps[n]), numbers + n * size,
		       size * sizeof(*numbers));
		made->nets++;
	}
	if (!err) {
		*out_judge = made;
		made = NULL;
	}
	judge_destroy(made);
	return err;
}

void judge_destroy(struct judge *judge)
{
	if (!judge)
		return;
	for (uint32_t n = 0; n < HEAD_NETS_MAX; n++)
		mlp_destroy(judge->mlps[n]);
	free(judge);
}

static void smooth_out(float *scores, size_t first, size_t count, uint32_t smooth)
{
	float ring[HEAD_SMOOTH_MAX] = {0};
	float sum = 0;

	for (size_t i = first; i < count; i++) {
		size_t seen = i - first;
		size_t of = seen + 1 < smooth ? seen + 1 : smooth;

		ring[seen % smooth] = scores[i];
		sum = 0;
		for (size_t j = 0; j < of; j++)
			sum += ring[j];
		scores[i] = sum / (float)of;
	}
}

void judge_windows(struct judge *judge, const float *windows, size_t step, size_t count,
		   float *out_logits)
{
	float logits[MLP_ROWS_MAX];

	must(count <= MLP_ROWS_MAX);
	memset(out_logits, 0, count * sizeof(*out_logits));
	for (uint32_t n = 0; n < judge->nets; n++) {
		mlp_judge(judge->mlps[n], windows, step, count, logits);
		for (size_t i = 0; i < count; i++)
			out_logits[i] += logits[i] / (float)judge->nets;
	}
}

void judge_rows(struct judge *judge, const struct rows *rows, uint32_t smooth,
		float *out_scores)
{
	size_t windows = rows_windows(rows);
	size_t young = rows->count - windows;

	must(smooth >= 1 && smooth <= HEAD_SMOOTH_MAX);
	for (size_t i = 0; i < young; i++)
		out_scores[i] = JUDGE_NOTHING;
	for (size_t at = 0; at < windows; at += MLP_ROWS_MAX) {
		size_t left = windows - at;
		size_t count = left < MLP_ROWS_MAX ? left : MLP_ROWS_MAX;

		judge_windows(judge, rows->values + at * EMBEDDING_SIZE, EMBEDDING_SIZE,
			      count, out_scores + young + at);
	}
	smooth_out(out_scores, young, rows->count, smooth);
}
