/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suspect - see the header. The bound is relative to the clips themselves: median minus
 * some deviations, estimated robustly, and never above what clearly is not the name.
 */
#include "train/suspect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "listen/head_file.h"
#include "train/calibrate.h"
#include "train/jobs.h"

enum { HIDDEN = 32, TRIES = 5, TRY_APART = 1000 };

static const double LEARNED_LOGIT = 1;
static const double ODD_DEVIATIONS = 3.5;
static const double OUT_DEVIATIONS = 5;
static const double ODD_SHARE = 0.5; /* of the median */
static const double OUT_LOGIT = -2;
static const double DEVIATION_MIN = 0.7;
static const double NORMAL_MAD = 1.4826;

struct search {
	const struct outside *outside;
	const struct material *material;
	const struct examples *examples;
	uint64_t seed;
	atomic_size_t done;
	float *scores; /* per example, the best of its takes */
};

static int by_value(const void *a, const void *b)
{
	float left = *(const float *)a;
	float right = *(const float *)b;

	return (left > right) - (left < right);
}

static double median(float *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_value);
	return (double)values[count / 2];
}

void suspect_mark(const float *scores, size_t count, uint8_t *out_marks)
{
	float *sorted = calloc(count + 1, sizeof(*sorted));
	size_t known = 0;
	double middle;
	double deviation;

	memset(out_marks, 0, count);
	for (size_t i = 0; sorted && i < count; i++)
		if (scores[i] > JUDGE_NOTHING)
			sorted[known++] = scores[i];
	if (known == 0) {
		free(sorted);
		return;
	}
	middle = median(sorted, known);
	for (size_t i = 0; i < known; i++)
		sorted[i] = fabsf(sorted[i] - (float)middle);
	deviation = fmax(NORMAL_MAD * median(sorted, known), DEVIATION_MIN);
	for (size_t i = 0; i < count; i++) {
		double score = (double)scores[i];

		if (!(scores[i] > JUDGE_NOTHING))
			continue;
		if (score < fmin(OUT_LOGIT, middle - OUT_DEVIATIONS * deviation))
			out_marks[i] = 2;
		else if (score <
			 fmin(ODD_SHARE * middle, middle - ODD_DEVIATIONS * deviation))
			out_marks[i] = 1;
	}
	free(sorted);
}

/* The fold's examples, and on fold 0 those that were held back. */
static enum err judge_fold(struct search *search, struct judge *judge, size_t fold,
			   const struct takes *takes, bool held)
{
	float *scores = calloc(takes->count + 1, sizeof(*scores));
	enum err err = scores ? calibrate_names(judge, 1, takes, scores) : ERR_MEMORY;

	for (size_t i = 0; !err && i < takes->count; i++) {
		size_t example = takes->all[i].example;

		if (takes->all[i].copy > 1)
			continue; /* heavily changed lives say little of the clip */
		if (held ? fold == 0 : example % SUSPECT_FOLDS == fold)
			search->scores[example] =
				fmaxf(search->scores[example], scores[i]);
	}
	free(scores);
	return err;
}

/* Most of the clips it learned from are the name to it. A net that was unlucky says the
 * same of every name, and would call a third of the clips wrong. */
static enum err has_learned(struct judge *judge, size_t fold, const struct takes *takes,
			    bool *out_learned)
{
	float *scores = calloc(takes->count + 1, sizeof(*scores));
	enum err err = scores ? calibrate_names(judge, 1, takes, scores) : ERR_MEMORY;
	size_t pupils = 0;
	size_t known = 0;

	for (size_t i = 0; !err && i < takes->count; i++) {
		if (takes->all[i].example % SUSPECT_FOLDS == fold)
			continue;
		pupils++;
		known += (double)scores[i] > LEARNED_LOGIT;
	}
	*out_learned = 2 * known > pupils;
	free(scores);
	return err;
}

static enum err teach_fold(struct search *search, size_t fold, uint64_t seed,
			   float *numbers, struct judge **out_judge)
{
	struct teach_settings settings = {.seed = seed,
					  .hidden = HIDDEN,
					  .steps = SUSPECT_STEPS,
					  .fold = fold,
					  .folds = SUSPECT_FOLDS,
					  .decoys = true};
	struct teach_result result;
	const enum err err =
		teach_net(search->material, &settings, &search->done, numbers, &result);

	return err ? err : judge_create(1, HIDDEN, numbers, out_judge);
}

static enum err run_fold(void *context, size_t worker, size_t fold, struct err_note *note)
{
	struct search *search = context;
	struct judge *judge = NULL;
	float *numbers = calloc(head_file_net_size(HIDDEN), sizeof(*numbers));
	enum err err = numbers ? OK : ERR_MEMORY;
	bool learned = false;

	(void)worker;
	(void)note;
	for (size_t i = 0; !err && !learned && i < TRIES; i++) {
		judge_destroy(judge);
		judge = NULL;
		err = teach_fold(search, fold, search->seed + i * TRY_APART, numbers,
				 &judge);
		if (!err)
			err = has_learned(judge, fold, search->material->takes, &learned);
	}
	/* One that never learned judges nobody. */
	if (!err && learned)
		err = judge_fold(search, judge, fold, search->material->takes, false);
	if (!err && learned)
		err = judge_fold(search, judge, fold, search->material->held_takes, true);
	judge_destroy(judge);
	free(numbers);
	return err;
}

static void drop(struct takes *takes, const struct examples *examples)
{
	size_t kept = 0;

	for (size_t i = 0; i < takes->count; i++) {
		if (examples->all[takes->all[i].example].suspicious)
			free(takes->all[i].rows.values);
		else
			takes->all[kept++] = takes->all[i];
	}
	takes->count = kept;
}

static size_t tell(const struct outside *outside, const float *scores,
		   const uint8_t *marks, struct examples *examples)
{
	size_t out = 0;

	for (size_t i = 0; i < examples->count; i++) {
		if (marks[i] == 0)
			continue;
		outside_say(outside, "%s: does not sound like the other clips (%.1f): %s",
			    examples->all[i].path, (double)scores[i],
			    marks[i] == 2 ? "left out" : "listen to it; it was kept");
		examples->all[i].suspicious = marks[i] == 2;
		out += marks[i] == 2;
	}
	return out;
}

enum err suspect_find(const struct outside *outside, const struct material *material,
		      uint64_t seed, struct examples *examples, struct takes *takes,
		      struct takes *held_takes, size_t *out_count, struct err_note *note)
{
	struct search search = {.outside = outside,
				.material = material,
				.examples = examples,
				.seed = seed};
	struct jobs jobs = {.stage = "looking for wrong clips",
			    .count = SUSPECT_FOLDS,
			    .context = &search,
			    .run = run_fold};
	uint8_t *marks = calloc(examples->count + 1, sizeof(*marks));
	enum err err = ERR_MEMORY;

	must(material->takes == takes && material->held_takes == held_takes);
	search.scores = calloc(examples->count + 1, sizeof(*search.scores));
	for (size_t i = 0; search.scores && i < examples->count; i++)
		search.scores[i] = JUDGE_NOTHING;
	if (marks && search.scores)
		err = jobs_run(outside, &jobs, note);
	if (!err) {
		suspect_mark(search.scores, examples->count, marks);
		*out_count = tell(outside, search.scores, marks, examples);
		drop(takes, examples);
		drop(held_takes, examples);
		if (takes->count == 0 || held_takes->count == 0)
			err = err_say(
				ERR_FORMAT, note,
				"the clips of the name do not sound alike: %zu of %zu "
				"were left out",
				*out_count, examples->count);
	}
	free(marks);
	free(search.scores);
	return err;
}
