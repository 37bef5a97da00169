/* SPDX-License-Identifier: Apache-2.0 */
/*
 * teach - see the header. The rate warms up and then falls along a cosine. Everything is
 * drawn from the net's own stream of luck, in one order.
 */
#include "train/teach.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "listen/head_file.h"
#include "train/mine.h"

enum {
	KIND_NET = 301,
	KIND_BATCH,
	CHECK_EVERY = 200,
	CHECK_WINDOWS_MAX = 65536,
	CHECK_TAIL = 1000, /* one window in so many is in the tail */
	CHECK_SMOOTH = 3,
	PATIENCE = 6, /* checks without a better one, once half of the steps are done */
	WARM_UP = 100,
};

static const double RATE = 1e-3;
static const double RATE_LOW = 1e-5;
static const double DECAY = 0.02;
static const double PI = 3.141592653589793;
static const double HARD_SHARE = 0.25;  /* of the windows that are not the name */
static const double EARLY_SHARE = 0.05; /* half of the name is not the name */
static const double EVEN_SHARE = 0.5;   /* evenly over sources */

struct lesson {
	const struct material *material;
	const struct teach_settings *settings;
	struct mlp *mlp;
	struct random random;
	float *inputs; /* [TEACH_ROWS][HEAD_INPUTS] */
	float targets[TEACH_ROWS];
	float importances[TEACH_ROWS];
	struct mine *mine;
	float *best;    /* numbers */
	size_t *pupils; /* takes that are learned from, by source */
	size_t pupil_ends[LISTING_SOURCES_MAX]; /* of those sources that have any */
	size_t pupil_sources;
	struct teach_result result;
};

static void load(const struct material *material, const float *window, float *to)
{
	for (size_t step = 0; step < HEAD_STEPS; step++)
		for (size_t i = 0; i < EMBEDDING_SIZE; i++, window++, to++)
			*to = (*window - material->mean[i]) * material->scale[i];
}

/* The window of a number below material->windows. */
static const float *window_at(const struct material *material, size_t number)
{
	size_t low = 0;
	size_t high = material->stretches->count - 1;

	must(number < material->windows);
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (material->ends[middle] > number)
			high = middle;
		else
			low = middle + 1;
	}
	size_t before = low ? material->ends[low - 1] : 0;
	const struct stretch *stretch = &material->stretches->all[material->order[low]];

	return rows_window(&stretch->rows, HEAD_STEPS - 1 + number - before);
}

static const float *draw_other(struct lesson *lesson)
{
	const struct material *material = lesson->material;
	struct random *random = &lesson->random;
	size_t source;
	size_t begin;
	size_t end;

	if (!random_chance(random, EVEN_SHARE))
		return window_at(material, random_below(random, material->windows));
	source = random_below(random,
			      material->source_count + (lesson->settings->decoys
								? material->decoy_count
								: 0));
	begin = source ? material->ends[material->source_ends[source - 1] - 1] : 0;
	end = material->ends[material->source_ends[source] - 1];
	return window_at(material, begin + random_below(random, end - begin));
}

static const struct take *draw_take(struct lesson *lesson)
{
	size_t source = lesson->pupil_sources > 1
				? random_below(&lesson->random, lesson->pupil_sources)
				: 0;
	size_t begin = source ? lesson->pupil_ends[source - 1] : 0;
	size_t count = lesson->pupil_ends[source] - begin;
	size_t at = lesson->pupils[begin + random_below(&lesson->random, count)];

	return &lesson->material->takes->all[at];
}

static const float *draw_name(struct lesson *lesson)
{
	const struct take *take = draw_take(lesson);

	return rows_window(&take->rows,
			   take->first + random_below(&lesson->random,
						      take->last - take->first + 1));
}

/* A window that ends before most of the name was said. */
static const float *draw_early(struct lesson *lesson)
{
	const struct take *take = draw_take(lesson);
	size_t last = take->before;

	must(last >= HEAD_STEPS - 1);
	return rows_window(&take->rows,
			   HEAD_STEPS - 1 +
				   random_below(&lesson->random, last - HEAD_STEPS + 2));
}

static void draw_batch(struct lesson *lesson)
{
	for (size_t row = 0; row < TEACH_ROWS; row++) {
		bool name = row < TEACH_NAMES;
		double luck = random_unit(&lesson->random);
		const float *window;

		if (name)
			window = draw_name(lesson);
		else if (luck < HARD_SHARE && mine_count(lesson->mine) > 0)
			window = mine_draw(lesson->mine, &lesson->random);
		else if (luck > 1 - EARLY_SHARE)
			window = draw_early(lesson);
		else
			window = draw_other(lesson);
		load(lesson->material, window, lesson->inputs + row * HEAD_INPUTS);
		lesson->targets[row] = name ? 1 : 0;
		lesson->importances[row] = 1;
	}
}

static double rate_at(size_t step, size_t steps)
{
	double share = (double)step / (double)steps;

	if (step < WARM_UP)
		return RATE * (double)(step + 1) / WARM_UP;
	return RATE_LOW + (RATE - RATE_LOW) * 0.5 * (1 + cos(PI * share));
}

/* Numbers that take embeddings as they come. */
static void fold(const struct material *material, uint32_t hidden, const float *from,
		 float *to)
{
	float *bias = to + (size_t)HEAD_INPUTS * hidden;

	memcpy(to, from, head_file_net_size(hidden) * sizeof(*to));
	for (size_t i = 0; i < HEAD_INPUTS; i++) {
		size_t part = i % EMBEDDING_SIZE;

		for (size_t j = 0; j < hidden; j++) {
			to[i * hidden + j] *= material->scale[part];
			bias[j] -= to[i * hidden + j] * material->mean[part];
		}
	}
}

static int by_score(const void *a, const void *b)
{
	float left = *(const float *)a;
	float right = *(const float *)b;

	return (left < right) - (left > right);
}

/* The mean of the highest windows of what was held back: where false accepts begin. */
static double tail_of_others(struct judge *judge, const struct stretches *stretches,
			     float *scores, float *pool)
{
	size_t count = 0;
	size_t of;
	double sum = 0;

	for (size_t i = 0; i < stretches->count; i++) {
		const struct rows *rows = &stretches->all[i].rows;

		judge_rows(judge, rows, CHECK_SMOOTH, scores);
		for (size_t at = HEAD_STEPS - 1;
		     at < rows->count && count < CHECK_WINDOWS_MAX; at++)
			pool[count++] = scores[at];
	}
	if (count == 0)
		return 0;
	qsort(pool, count, sizeof(*pool), by_score);
	of = count / CHECK_TAIL + 1;
	for (size_t i = 0; i < of; i++)
		sum += (double)pool[i];
	return sum / (double)of;
}

/* How many deviations of their own the names lie below the tail: smaller is better. */
static double loss_against(struct judge *judge, const struct takes *takes, double tail,
			   float *scores)
{
	double sum = 0;
	double squares = 0;
	double count = 0;

	for (size_t i = 0; i < takes->count; i++) {
		const struct take *take = &takes->all[i];
		double best = (double)JUDGE_NOTHING;

		judge_rows(judge, &take->rows, CHECK_SMOOTH, scores);
		for (size_t at = take->first; at <= take->last; at++)
			best = fmax(best, (double)scores[at]);
		sum += best;
		squares += best * best;
		count++;
	}
	if (count == 0)
		return 0;
	return (tail - sum / count) /
	       sqrt(fmax(squares / count - sum / count * sum / count, 0.01));
}

static size_t most_rows(const struct material *material)
{
	size_t most = 1;

	for (size_t i = 0; i < material->held_takes->count; i++)
		if (material->held_takes->all[i].rows.count > most)
			most = material->held_takes->all[i].rows.count;
	for (size_t i = 0; i < material->held_stretches->count; i++)
		if (material->held_stretches->all[i].rows.count > most)
			most = material->held_stretches->all[i].rows.count;
	return most;
}

/* Folds the net into numbers, and judges with it what was held back. */
static enum err check(struct lesson *lesson, float *numbers, double *out_loss)
{
	const struct material *material = lesson->material;
	float *scores = calloc(most_rows(material), sizeof(*scores));
	float *pool = calloc(CHECK_WINDOWS_MAX, sizeof(*pool));
	struct judge *judge = NULL;
	enum err err = scores && pool ? OK : ERR_MEMORY;

	fold(material, lesson->settings->hidden, mlp_numbers(lesson->mlp), numbers);
	if (!err)
		err = judge_create(1, lesson->settings->hidden, numbers, &judge);
	if (!err)
		*out_loss = loss_against(judge, material->held_takes,
					 tail_of_others(judge, material->held_stretches,
							scores, pool),
					 scores);
	judge_destroy(judge);
	free(pool);
	free(scores);
	return err;
}

/* Keeps the net if it is better than before; bad counts the checks in which it was not. */
static enum err look_up(struct lesson *lesson, size_t step, size_t *bad, float *numbers)
{
	double loss;
	enum err err = check(lesson, numbers, &loss);

	if (err)
		return err;
	if (lesson->result.steps > 0 && !(loss < lesson->result.loss)) {
		*bad += step > lesson->settings->steps / 2;
		return OK;
	}
	*bad = 0;
	lesson->result.loss = loss;
	lesson->result.steps = step;
	memcpy(lesson->best, numbers,
	       head_file_net_size(lesson->settings->hidden) * sizeof(*numbers));
	return OK;
}

static enum err dig(struct lesson *lesson, float *numbers)
{
	struct judge *judge = NULL;
	enum err err;

	fold(lesson->material, lesson->settings->hidden, mlp_numbers(lesson->mlp),
	     numbers);
	err = judge_create(1, lesson->settings->hidden, numbers, &judge);
	if (!err)
		err = mine_dig(lesson->mine, judge, lesson->material->stretches);
	judge_destroy(judge);
	return err;
}

static void tell(const struct lesson *lesson, size_t done)
{
	const struct outside_watch *watch = lesson->settings->watch;

	if (watch)
		watch->step(watch->self, done);
}

static enum err learn(struct lesson *lesson, atomic_size_t *done, float *numbers)
{
	const struct teach_settings *settings = lesson->settings;
	size_t dig_every = settings->steps / (settings->mining + 1) + 1;
	size_t bad = 0;
	enum err err = OK;

	for (size_t step = 1; !err && step <= settings->steps && bad < PATIENCE; step++) {
		struct mlp_batch batch = {lesson->inputs, lesson->targets,
					  lesson->importances, TEACH_ROWS};
		struct mlp_pace pace = {rate_at(step, settings->steps), DECAY};

		draw_batch(lesson);
		(void)mlp_examine(lesson->mlp, &batch);
		mlp_step(lesson->mlp, &pace);
		tell(lesson, atomic_fetch_add(done, 1) + 1);
		if (step % CHECK_EVERY == 0 || step == settings->steps)
			err = look_up(lesson, step, &bad, numbers);
		if (!err && settings->mining > 0 && step % dig_every == 0)
			err = dig(lesson, numbers);
	}
	return err;
}

static bool is_pupil(const struct teach_settings *settings, const struct take *take)
{
	return settings->folds == 0 || take->example % settings->folds != settings->fold;
}

/* Which takes are learned from. */
static enum err choose_pupils(struct lesson *lesson)
{
	const struct takes *takes = lesson->material->takes;
	size_t count = 0;

	lesson->pupils = calloc(takes->count + 1, sizeof(*lesson->pupils));
	if (!lesson->pupils)
		return ERR_MEMORY;
	for (uint32_t source = 0; source < LISTING_SOURCES_MAX; source++) {
		size_t before = count;

		for (size_t i = 0; i < takes->count; i++)
			if (takes->all[i].source == source &&
			    is_pupil(lesson->settings, &takes->all[i]))
				lesson->pupils[count++] = i;
		if (count > before)
			lesson->pupil_ends[lesson->pupil_sources++] = count;
	}
	must(count > 0);
	return OK;
}

enum err teach_net(const struct material *material, const struct teach_settings *settings,
		   atomic_size_t *done, float *out_numbers,
		   struct teach_result *out_result)
{
	struct lesson lesson = {.material = material, .settings = settings};
	struct random begin = random_stream(settings->seed, KIND_NET, settings->fold);
	size_t size = head_file_net_size(settings->hidden);
	float *numbers = calloc(size, sizeof(*numbers));
	enum err err;

	must(settings->steps >= 1 && settings->steps <= TEACH_STEPS_MAX);
	lesson.random = random_stream(settings->seed, KIND_BATCH, settings->fold);
	lesson.inputs = calloc((size_t)TEACH_ROWS * HEAD_INPUTS, sizeof(float));
	lesson.best = calloc(size, sizeof(float));
	err = lesson.inputs && lesson.best && numbers ? OK : ERR_MEMORY;
	if (!err)
		err = choose_pupils(&lesson);
	if (!err)
		err = mine_create(TEACH_HARD_MAX, &lesson.mine);
	if (!err)
		err = mlp_create(HEAD_INPUTS, settings->hidden, &begin, &lesson.mlp);
	if (!err)
		err = learn(&lesson, done, numbers);
	if (!err) {
		lesson.result.hard = mine_count(lesson.mine);
		lesson.result.hard_low = (double)mine_low(lesson.mine);
		memcpy(out_numbers, lesson.best, size * sizeof(*out_numbers));
		*out_result = lesson.result;
	}
	mlp_destroy(lesson.mlp);
	mine_destroy(lesson.mine);
	free(lesson.pupils);
	free(lesson.inputs);
	free(lesson.best);
	free(numbers);
	return err;
}
