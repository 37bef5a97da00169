/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enroll - see the header. Few utterances could teach a net anything, so it may move only a
 * little, and what it may not do - like the bank's windows better - is measured afterwards
 * and taken back.
 */
#include "train/enroll.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/half.h"
#include "base/must.h"
#include "train/calibrate.h"
#include "train/judge.h"
#include "train/mlp.h"

enum {
	KIND_ENROLL = 601,
	COPIES = 30,
	STEPS = 250,
	ROWS = 256,
	NAMES = 64,
	LOUDEST = 24, /* windows of the bank that must not rise */
};

static const double RATE = 1e-4;
static const float PULL = 0.004F;       /* of the way back, each step */
static const double EARLY_SHARE = 0.25; /* of what is not the name */

struct course {
	const struct takes *takes;
	const float *bank;
	size_t bank_count;
	struct random random;
	float *inputs;
	float targets[ROWS];
	float importances[ROWS];
};

static const float *draw_window(struct course *course, bool name)
{
	struct random *random = &course->random;
	const struct take *take =
		&course->takes->all[random_below(random, course->takes->count)];

	if (name)
		return rows_window(&take->rows,
				   take->first +
					   random_below(random,
							take->last - take->first + 1));
	if (random_chance(random, EARLY_SHARE))
		return rows_window(&take->rows,
				   HEAD_STEPS - 1 +
					   random_below(random,
							take->before - HEAD_STEPS + 2));
	return course->bank + random_below(random, course->bank_count) * HEAD_INPUTS;
}

static void draw_batch(struct course *course)
{
	for (size_t row = 0; row < ROWS; row++) {
		bool name = row < NAMES;

		memcpy(course->inputs + row * HEAD_INPUTS, draw_window(course, name),
		       HEAD_INPUTS * sizeof(float));
		course->targets[row] = name ? 1 : 0;
		course->importances[row] = 1;
	}
}

static void pull_back(struct mlp *mlp, const float *old)
{
	float *numbers = mlp_numbers(mlp);

	for (size_t i = 0; i < mlp_count(mlp); i++)
		numbers[i] += PULL * (old[i] - numbers[i]);
}

/* The logit is made 0 half way between the bank and `sure` for a while, so that both sides
 * of it teach: a net that is certain of everything learns nothing. */
static enum err teach_further(struct course *course, uint32_t hidden, float middle,
			      float *numbers)
{
	struct mlp *mlp = NULL;
	size_t size = head_file_net_size(hidden);
	enum err err = mlp_create(HEAD_INPUTS, hidden, &course->random, &mlp);

	if (err)
		return err;
	memcpy(mlp_numbers(mlp), numbers, size * sizeof(*numbers));
	numbers[size - 1] -= middle;
	mlp_numbers(mlp)[size - 1] -= middle;
	for (size_t step = 0; step < STEPS; step++) {
		struct mlp_batch batch = {course->inputs, course->targets,
					  course->importances, ROWS};
		struct mlp_pace pace = {RATE * (1 - (double)step / STEPS), 0};

		draw_batch(course);
		(void)mlp_examine(mlp, &batch);
		mlp_step(mlp, &pace);
		pull_back(mlp, numbers);
	}
	memcpy(numbers, mlp_numbers(mlp), size * sizeof(*numbers));
	numbers[size - 1] += middle;
	mlp_destroy(mlp);
	return OK;
}

static int by_score(const void *a, const void *b)
{
	float left = *(const float *)a;
	float right = *(const float *)b;

	return (left < right) - (left > right);
}

/* The mean logit of the windows that score highest. */
static enum err loudest(const struct head_file *head, const float *bank, size_t count,
			double *out_mean)
{
	struct judge *judge = NULL;
	float *scores = calloc(count, sizeof(*scores));
	enum err err = scores ? judge_create(head->info.nets, head->info.hidden,
					     head->weights, &judge)
			      : ERR_MEMORY;
	size_t of = count < LOUDEST ? count : LOUDEST;
	double sum = 0;

	for (size_t i = 0; !err && i < count; i++)
		judge_windows(judge, bank + i * HEAD_INPUTS, HEAD_INPUTS, 1, scores + i);
	if (!err) {
		qsort(scores, count, sizeof(*scores), by_score);
		for (size_t i = 0; i < of; i++)
			sum += (double)scores[i] / (double)of;
		*out_mean = sum;
	}
	judge_destroy(judge);
	free(scores);
	return err;
}

/* How the utterances score as they were spoken. */
static enum err score_utterances(const struct head_file *head, const struct takes *takes,
				 size_t *out_sure, double *out_mean)
{
	struct judge *judge = NULL;
	float *scores = calloc(takes->count, sizeof(*scores));
	enum err err = scores ? judge_create(head->info.nets, head->info.hidden,
					     head->weights, &judge)
			      : ERR_MEMORY;
	size_t count = 0;

	if (!err)
		err = calibrate_names(judge, head->info.smooth, takes, scores);
	*out_sure = 0;
	*out_mean = 0;
	for (size_t i = 0; !err && i < takes->count; i++) {
		if (takes->all[i].copy != 0)
			continue;
		count++;
		*out_sure += scores[i] >= head->info.sure;
		*out_mean += (double)scores[i];
	}
	*out_mean /= count ? (double)count : 1;
	judge_destroy(judge);
	free(scores);
	return err;
}

static enum err adapt(struct course *course, struct head_file *head,
		      struct enroll_report *report)
{
	size_t size = head_file_net_size(head->info.hidden);
	float middle = 0;
	double before;
	double after;
	enum err err = loudest(head, course->bank, course->bank_count, &before);

	if (!err)
		middle = (head->info.sure + (float)before) / 2;
	for (uint32_t n = 0; !err && n < head->info.nets; n++)
		err = teach_further(course, head->info.hidden, middle,
				    head->weights + n * size);
	for (size_t i = 0; !err && i < head->info.nets * size; i++)
		head->weights[i] = half_round(head->weights[i]);
	if (!err)
		err = loudest(head, course->bank, course->bank_count, &after);
	if (err)
		return err;
	report->lowered = fmax(0, after - before);
	for (uint32_t n = 0; n < head->info.nets; n++)
		head->weights[(n + 1) * size - 1] = half_round(
			head->weights[(n + 1) * size - 1] - (float)report->lowered);
	return OK;
}

static enum err hear(const struct outside *outside, const struct examples *examples,
		     uint64_t seed, struct takes *takes, struct err_note *note)
{
	static const struct sound NOTHING;
	struct feature_plan plan = {.seed = seed,
				    .stage = "hearing the utterances",
				    .copies = COPIES};
	struct surroundings *around = NULL;
	enum err err = surroundings_create(seed, &NOTHING, &NOTHING, &around);

	plan.around = around;
	if (!err)
		err = features_takes(outside, &plan, examples, false, takes, note);
	surroundings_destroy(around);
	return err;
}

enum err enroll_run(const struct outside *outside, const struct examples *examples,
		    const float *bank, size_t bank_count, uint64_t seed,
		    struct head_file *head, struct enroll_report *out_report,
		    struct err_note *note)
{
	struct course course = {.bank = bank, .bank_count = bank_count};
	struct enroll_report report = {.utterances = examples->count};
	size_t numbers = head->info.nets * head_file_net_size(head->info.hidden);
	float *old = malloc(numbers * sizeof(*old));
	struct takes takes = {.all = NULL};
	enum err err = old ? OK : ERR_MEMORY;

	must(bank_count > 0 && examples->count > 0);
	course.takes = &takes;
	course.random = random_stream(seed, KIND_ENROLL, 0);
	course.inputs = calloc((size_t)ROWS * HEAD_INPUTS, sizeof(float));
	if (!course.inputs)
		err = ERR_MEMORY;
	if (!err) {
		memcpy(old, head->weights, numbers * sizeof(*old));
		err = hear(outside, examples, seed, &takes, note);
	}
	if (!err)
		err = score_utterances(head, &takes, &report.sure_before,
				       &report.mean_before);
	if (!err)
		err = adapt(&course, head, &report);
	if (!err)
		err = score_utterances(head, &takes, &report.sure_after,
				       &report.mean_after);
	if (old && course.inputs && (err || report.mean_after <= report.mean_before)) {
		memcpy(head->weights, old, numbers * sizeof(*old));
		report.mean_after = report.mean_before;
		report.sure_after = report.sure_before;
		report.lowered = 0;
	}
	if (!err)
		*out_report = report;
	takes_finish(&takes);
	free(course.inputs);
	free(old);
	return err;
}
