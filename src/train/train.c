/* SPDX-License-Identifier: Apache-2.0 */
/*
 * train - the stages of making a head, in a table. Knows no files but through listings,
 * and writes none. Each stage reads and fills the one struct that lives as long as the
 * training.
 */
#include "train/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/half.h"
#include "base/must.h"
#include "base/str.h"
#include "train/decoy.h"
#include "train/jobs.h"
#include "train/mine.h"
#include "train/pool.h"
#include "train/suspect.h"

enum { KIND_HOLD = 501, BANK_POOL = 4096 };

static const double HELD_EXAMPLES = 0.15;
static const double HELD_STRETCHES = 0.06;
static const double HELD_FOR_CALIBRATION = 0.2;
/* The curve: thresholds expected to give so many events in an hour. */
static const double CURVE_PER_HOUR[TRAIN_CURVE] = {0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20};

struct training {
	const struct outside *outside;
	const struct train_settings *settings;
	struct examples examples;
	struct surroundings *around;
	struct takes takes;
	struct takes held_takes;
	struct stretches stretches;
	struct stretches held_stretches;
	struct stretches calibration;
	struct material material;
	struct events events;
	float *name_scores;
	atomic_size_t steps;
	struct trained *made;
};

void train_settings_init(struct train_settings *settings)
{
	*settings = (struct train_settings){.seed = 1,
					    .nets = 3,
					    .hidden = 64,
					    .smooth = 3,
					    .steps = 3000,
					    .copies = 15,
					    .passes = 2,
					    .mining = 2,
					    .sure_per_hour = 0.5,
					    .doubtful_per_hour = 10};
}

void train_settings_finish(struct train_settings *settings)
{
	listing_finish(&settings->positive);
	listing_finish(&settings->negative);
	listing_finish(&settings->noise);
	listing_finish(&settings->calibrate);
	listing_finish(&settings->validate);
}

/* ---- reading ---- */

/* Moves the examples of `from` behind those of `to`. */
static enum err append(struct examples *to, struct examples *from)
{
	size_t count = to->count + from->count;
	struct example *all = realloc(to->all, (count + 1) * sizeof(*all));

	if (!all)
		return ERR_MEMORY;
	memcpy(all + to->count, from->all, from->count * sizeof(*all));
	to->all = all;
	to->count = count;
	to->left_out += from->left_out;
	free(from->all);
	*from = (struct examples){.all = NULL};
	return OK;
}

static enum err read_names(struct training *training, struct err_note *note)
{
	const struct train_settings *settings = training->settings;
	struct examples held = {.all = NULL};
	enum err err = examples_load(training->outside, &settings->positive, EXAMPLES_MIN,
				     &training->examples, note);

	if (err)
		return err;
	if (settings->validate.count == 0) {
		examples_hold_back(&training->examples, HELD_EXAMPLES);
		return OK;
	}
	err = examples_load(training->outside, &settings->validate, 1, &held, note);
	for (size_t i = 0; !err && i < held.count; i++)
		held.all[i].held_back = true;
	if (!err)
		err = append(&training->examples, &held);
	examples_finish(&held);
	training->made->report.validate_own = true;
	return err;
}

static enum err make_surroundings(struct training *training, struct err_note *note)
{
	const struct train_settings *settings = training->settings;
	struct sound noise = {.samples = NULL};
	struct sound talk = {.samples = NULL};
	enum err err = pool_fill(training->outside, &settings->noise, settings->seed,
				 SURROUNDINGS_POOL_SECONDS, &noise);

	(void)note;
	if (!err)
		err = pool_fill(training->outside, &settings->negative, settings->seed,
				SURROUNDINGS_POOL_SECONDS, &talk);
	if (!err)
		err = surroundings_create(settings->seed, &noise, &talk,
					  &training->around);
	sound_finish(&noise);
	sound_finish(&talk);
	return err;
}

static enum err hear_names(struct training *training, struct err_note *note)
{
	const struct train_settings *settings = training->settings;
	struct feature_plan plan = {training->around, settings->seed, "hearing the name",
				    settings->copies};
	enum err err = features_takes(training->outside, &plan, &training->examples,
				      false, &training->takes, note);

	plan.copies = TRAIN_HELD_COPIES;
	plan.stage = "hearing clips held back";
	plan.seed ^= KIND_HOLD;
	if (!err)
		err = features_takes(training->outside, &plan, &training->examples, true,
				     &training->held_takes, note);
	return err;
}

/* By a hash of the first file's name: all copies of it go the same way. */
static bool is_held(const struct train_settings *settings, const struct stretch *stretch,
		    double share)
{
	const char *path = settings->negative.files[stretch->file].path;
	const char *slash = strrchr(path, '/');
	struct random random =
		random_stream(random_hash(slash ? slash + 1 : path), KIND_HOLD, 0);

	return random_unit(&random) < share;
}

static enum err split(struct training *training, struct err_note *note)
{
	struct stretches *all = &training->stretches;
	struct stretches *held = &training->held_stretches;
	double share = training->settings->calibrate.count > 0 ? HELD_STRETCHES
							       : HELD_FOR_CALIBRATION;
	size_t kept = 0;

	held->all = calloc(all->count + 1, sizeof(*held->all));
	if (!held->all)
		return ERR_MEMORY;
	for (size_t i = 0; i < all->count; i++) {
		struct stretch *stretch = &all->all[i];

		if (!is_held(training->settings, stretch, share)) {
			all->all[kept++] = *stretch;
			continue;
		}
		held->all[held->count++] = *stretch;
		if (stretch->copy == 0)
			held->seconds +=
				(double)stretch->rows.count * EMBEDDING_STEP_MS / 1000;
	}
	all->count = kept;
	if (kept == 0 || held->count == 0)
		return err_say(ERR_MISSING, note,
			       "%s: too few files of other sound to hold some back",
			       training->settings->negative.sources[0].label);
	return OK;
}

static enum err hear_others(struct training *training, struct err_note *note)
{
	const struct train_settings *settings = training->settings;
	struct feature_plan plan = {training->around, settings->seed,
				    "hearing other sound", settings->passes};
	enum err err = features_stretches(training->outside, &plan, &settings->negative,
					  &training->stretches, note);

	if (!err)
		err = split(training, note);
	if (err || settings->calibrate.count == 0)
		return err;
	plan.copies = 1;
	plan.stage = "hearing sound to calibrate";
	return features_stretches(training->outside, &plan, &settings->calibrate,
				  &training->calibration, note);
}

static enum err hear_decoys(struct training *training, struct err_note *note)
{
	const struct train_settings *settings = training->settings;
	const struct feature_plan plan = {training->around, settings->seed,
					  "hearing short pieces", 1};
	struct examples decoys = {.all = NULL};
	enum err err = decoys_cut(training->around, settings->seed, &training->examples,
				  &decoys);

	if (!err)
		err = features_decoys(training->outside, &plan, &decoys,
				      &training->stretches, note);
	examples_finish(&decoys);
	return err;
}

/* ---- learning ---- */

static enum err look_for_wrong_clips(struct training *training, struct err_note *note)
{
	enum err err = material_init(&training->takes, &training->stretches,
				     &training->held_takes, &training->held_stretches,
				     &training->material, note);

	if (err || training->examples.count < SUSPECT_EXAMPLES_MIN)
		return err;
	return suspect_find(training->outside, &training->material,
			    training->settings->seed, &training->examples,
			    &training->takes, &training->held_takes,
			    &training->made->report.clips_suspicious, note);
}

static enum err teach_one(void *context, size_t worker, size_t index,
			  struct err_note *note)
{
	struct training *training = context;
	const struct train_settings *settings = training->settings;
	struct teach_settings teach = {.seed = settings->seed + index,
				       .hidden = settings->hidden,
				       .steps = settings->steps,
				       .mining = settings->mining};
	size_t size = head_file_net_size(settings->hidden);

	(void)note;
	if (worker == 0)
		teach.watch = &training->outside->watch;
	return teach_net(&training->material, &teach, &training->steps,
			 training->made->head.weights + index * size,
			 &training->made->report.nets[index]);
}

static enum err teach_all(struct training *training, struct err_note *note)
{
	const struct train_settings *settings = training->settings;
	struct head_file *head = &training->made->head;
	size_t count = settings->nets * head_file_net_size(settings->hidden);
	struct jobs jobs = {.stage = "learning",
			    .count = settings->nets,
			    .parts = settings->steps,
			    .context = training,
			    .run = teach_one};
	enum err err;

	head->weights = calloc(count, sizeof(*head->weights));
	if (!head->weights)
		return ERR_MEMORY;
	atomic_store(&training->steps, 0);
	err = jobs_run(training->outside, &jobs, note);
	for (size_t i = 0; i < count; i++)
		head->weights[i] = half_round(head->weights[i]);
	return err;
}

/* ---- calibrating ---- */

static struct train_point point_at(const struct training *training, double threshold)
{
	struct train_point point = {.threshold = threshold,
				    .events = events_above(&training->events, threshold)};

	for (size_t i = 0; i < training->held_takes.count; i++) {
		bool missed = (double)training->name_scores[i] < threshold;

		if (training->held_takes.all[i].copy == 0)
			point.missed_clean += missed;
		else
			point.missed_changed += missed;
	}
	return point;
}

static void fill_report(struct training *training)
{
	struct train_report *report = &training->made->report;

	report->clips = training->examples.count;
	report->clips_left_out = training->examples.left_out;
	for (size_t i = 0; i < training->examples.count; i++)
		report->clips_held += training->examples.all[i].held_back;
	report->takes = training->takes.count;
	report->other_hours = training->stretches.seconds / 3600;
	report->other_left_out = training->stretches.left_out;
	report->held_hours = training->held_stretches.seconds / 3600;
	report->calibrate_own = training->settings->calibrate.count > 0;
	report->calibrate_hours = training->events.hours;
	for (size_t i = 0; i < training->held_takes.count; i++) {
		if (training->held_takes.all[i].copy == 0)
			report->names_clean++;
		else
			report->names_changed++;
	}
}

static void choose_thresholds(struct training *training)
{
	const struct train_settings *settings = training->settings;
	struct head_info *info = &training->made->head.info;
	struct train_report *report = &training->made->report;
	double sure = calibrate_threshold(&training->events, settings->sure_per_hour, 0);
	double doubtful =
		calibrate_threshold(&training->events, settings->doubtful_per_hour, 0);

	info->sure = (float)sure;
	info->doubtful = fminf((float)doubtful, info->sure);
	report->sure = point_at(training, (double)info->sure);
	report->doubtful = point_at(training, (double)info->doubtful);
	report->sure_expected = calibrate_rate(&training->events, (double)info->sure);
	for (size_t i = 0; i < TRAIN_CURVE; i++)
		report->curve[i] =
			point_at(training, calibrate_threshold(&training->events,
							       CURVE_PER_HOUR[i], 0));
}

/* Copies of the negatives' passes were changed; the detector hears the unchanged ones. */
static void keep_unchanged(struct stretches *stretches)
{
	size_t kept = 0;

	for (size_t i = 0; i < stretches->count; i++) {
		if (stretches->all[i].copy == 0)
			stretches->all[kept++] = stretches->all[i];
		else
			free(stretches->all[i].rows.values);
	}
	stretches->count = kept;
}

static enum err calibrate(struct training *training, struct err_note *note)
{
	const struct train_settings *settings = training->settings;
	struct stretches *from = &training->calibration;
	struct judge *judge = NULL;
	enum err err = judge_create(settings->nets, settings->hidden,
				    training->made->head.weights, &judge);

	(void)note;
	training->outside->watch.stage(training->outside->watch.self, "calibrating", 1);
	if (settings->calibrate.count == 0) {
		keep_unchanged(&training->held_stretches);
		from = &training->held_stretches;
	}
	training->name_scores =
		calloc(training->held_takes.count + 1, sizeof(*training->name_scores));
	if (!err && !training->name_scores)
		err = ERR_MEMORY;
	if (!err)
		err = calibrate_others(judge, settings->smooth, from, &training->events);
	if (!err)
		err = calibrate_names(judge, settings->smooth, &training->held_takes,
				      training->name_scores);
	if (!err) {
		choose_thresholds(training);
		fill_report(training);
	}
	judge_destroy(judge);
	training->outside->watch.step(training->outside->watch.self, 1);
	return err;
}

/* One of a crowd of windows that overlap is enough. */
static bool is_apart(const float *window, const float *const *chosen, size_t count)
{
	const uintptr_t reach = HEAD_INPUTS * sizeof(*window) / 2;

	for (size_t i = 0; i < count; i++) {
		const uintptr_t a = (uintptr_t)window;
		const uintptr_t b = (uintptr_t)chosen[i];

		if ((a > b ? a - b : b - a) < reach)
			return false;
	}
	return true;
}

static void choose_bank(struct mine *mine, struct trained *made)
{
	const float *chosen[TRAIN_BANK_WINDOWS];
	size_t count = 0;

	mine_sort(mine);
	for (size_t i = 0; i < mine_count(mine) && count < TRAIN_BANK_WINDOWS; i++) {
		const float *window = mine_at(mine, i);

		if (!is_apart(window, chosen, count))
			continue;
		memcpy(made->bank + count * HEAD_INPUTS, window,
		       HEAD_INPUTS * sizeof(*window));
		chosen[count++] = window;
	}
	made->bank_count = count;
}

/* The windows of other sound that this head likes most, for `enroll`. */
static enum err fill_bank(struct training *training, struct err_note *note)
{
	const struct train_settings *settings = training->settings;
	struct trained *made = training->made;
	struct judge *judge = NULL;
	struct mine *mine = NULL;
	enum err err = mine_create(BANK_POOL, &mine);

	(void)note;
	if (!err)
		err = judge_create(settings->nets, settings->hidden, made->head.weights,
				   &judge);
	if (!err)
		err = mine_dig(mine, judge, &training->stretches);
	made->bank = calloc((size_t)TRAIN_BANK_WINDOWS * HEAD_INPUTS, sizeof(float));
	if (!made->bank)
		err = ERR_MEMORY;
	if (!err)
		choose_bank(mine, made);
	judge_destroy(judge);
	mine_destroy(mine);
	return err;
}

static enum err describe(struct training *training, struct err_note *note)
{
	struct head_info *info = &training->made->head.info;
	const struct train_settings *settings = training->settings;

	if (!str_copy(info->name, sizeof(info->name), settings->name))
		return err_say(ERR_LIMIT, note, "the name is longer than %d bytes",
			       HEAD_NAME_BYTES - 1);
	info->nets = settings->nets;
	info->hidden = settings->hidden;
	info->smooth = settings->smooth;
	info->name_ms = examples_name_ms(&training->examples);
	return OK;
}

static void finish(struct training *training)
{
	examples_finish(&training->examples);
	surroundings_destroy(training->around);
	takes_finish(&training->takes);
	takes_finish(&training->held_takes);
	stretches_finish(&training->stretches);
	stretches_finish(&training->held_stretches);
	stretches_finish(&training->calibration);
	material_finish(&training->material);
	events_finish(&training->events);
	free(training->name_scores);
}

enum err train_run(const struct outside *outside, const struct train_settings *settings,
		   struct trained *out_trained, struct err_note *note)
{
	static enum err (*const STAGES[])(struct training *, struct err_note *) = {
		read_names,  describe,    make_surroundings,    hear_names,
		hear_others, hear_decoys, look_for_wrong_clips, teach_all,
		calibrate,   fill_bank,
	};
	struct trained made = {.bank = NULL};
	struct training training = {.outside = outside,
				    .settings = settings,
				    .made = &made};
	enum err err = OK;

	must(settings->nets >= 1 && settings->nets <= HEAD_NETS_MAX);
	must(settings->hidden >= 1 && settings->hidden <= HEAD_HIDDEN_MAX);
	for (size_t i = 0; !err && i < STR_COUNT(STAGES); i++)
		err = STAGES[i](&training, note);
	finish(&training);
	if (err)
		trained_finish(&made);
	else
		*out_trained = made;
	return err;
}

void trained_finish(struct trained *trained)
{
	head_file_finish(&trained->head);
	free(trained->bank);
	trained->bank = NULL;
}
