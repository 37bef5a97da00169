/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the floors keep and what they refuse: human orders to the sentences they are
 * meant for, and the same orders, and other speech if there is any, to a household that
 * sells no coffee and to a coffee shop; in quiet and in a kitchen at 12 dB. A closed
 * grammar makes some sentence of each.
 *
 * Floors are chosen with `behest calibrate` on one half of the files; figures called
 * _test are of the other half.
 */
#include <math.h>
#include <stdlib.h>

#include "adapter/share.h"
#include "base/file.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/calibration_file.h"
#include "cli/calibration_hear.h"
#include "cli/calibration_study.h"

enum { NOISE_PLACE = 1, NOISE_ROOM = CLIPS_NOISE_SECONDS_MAX * AUDIO_HZ };

static const struct clips_noise CONDITIONS[] = {
	{CLIPS_CLEAN, 0, 0},
	{CLIPS_BY_LOUDEST, 12, NOISE_PLACE},
};

static const struct calibration_ear EARS[] = {
	{.settings = {.folder = "examples", .name = "coffee.yaml", .lockstep = true}},
	{.settings = {.folder = "lang", .name = "en", .lockstep = true},
	 .strangers = "household"},
};

struct work {
	struct calibration_sounds sounds;
	struct calibration calibration;
	size_t unread;
	int16_t noise[NOISE_ROOM];
};

static enum err open_orders(struct work *work, struct err_note *note)
{
	struct calibration_commands *orders = &work->sounds.commands[0];
	char folder[FILE_PATH_BYTES];
	enum err err = clips_folder(folder, note);

	must(str_copy(orders->source, sizeof(orders->source), "orders"));
	if (!err && !str_append(folder, sizeof(folder), "/coffee"))
		err = ERR_LIMIT;
	if (!err)
		err = labelled_open(folder, &orders->labelled, note);
	if (!err)
		work->sounds.command_count = 1;
	return err;
}

static enum err open_kitchen(struct work *work, struct err_note *note)
{
	struct calibration_sounds *sounds = &work->sounds;
	char path[FILE_PATH_BYTES];
	enum err err = clips_folder(path, note);

	if (!err && !str_append(path, sizeof(path), "/noise/kitchen.flac"))
		err = ERR_LIMIT;
	sounds->noise.samples = work->noise;
	if (!err)
		err = clips_read(path, work->noise, NOISE_ROOM, &sounds->noise.count,
				 note);
	for (size_t i = 0; i < STR_COUNT(CONDITIONS); i++)
		sounds->conditions[sounds->condition_count++] = CONDITIONS[i];
	return err;
}

static enum err hear(struct work *work, const struct args *args, struct err_note *note)
{
	const char *rows = args_text(args, "rows", NULL);
	enum err err = open_orders(work, note);

	if (!err)
		err = open_kitchen(work, note);
	for (size_t i = 0; i < args_count(args, "speech") && !err; i++)
		err = listing_add(&work->sounds.others, args_text_at(args, "speech", i),
				  note);
	for (size_t i = 0; i < STR_COUNT(EARS) && !err; i++)
		err = calibration_hear(&work->sounds, &EARS[i], &work->calibration,
				       &work->unread, note);
	if (!err && rows)
		err = calibration_write(&work->calibration, rows, note);
	return err;
}

/* Names of places may hold anything; those of figures are words with lines between. */
static void add_share(struct bench_run *run, const struct calibration_series *series,
		      const char *half, size_t passed, size_t count)
{
	char name[BENCH_NAME_BYTES];
	char words[BENCH_WORDS_BYTES];
	double low;
	double high;

	(void)str_format(name, sizeof(name), "%s_%.32s_%s%s_percent", series->condition,
			 series->source, series->command ? "kept" : "false", half);
	for (char *at = name; *at; at++) {
		if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
		      (*at >= '0' && *at <= '9')))
			*at = '_';
	}
	bench_interval(passed, count, &low, &high);
	must(str_format(words, sizeof(words), "%zu of %zu%s", passed, count,
			series->command ? " that were heard right" : ""));
	bench_add_range(run, name, count ? 100.0 * (double)passed / (double)count : NAN,
			low, high, 2, words);
}

static void add_series(struct bench_run *run, const struct study *study, size_t series)
{
	const struct study_group *group =
		study_find(study, CALIBRATION_ANY, CALIBRATION_CLASS_NONE);
	const struct study_part *part = &group->parts[series];
	const size_t tune = calibration_passed(&part->tune, 0);
	const size_t test = calibration_passed(&part->test, 0);

	add_share(run, &study->of->series[series], "", tune + test,
		  part->tune.count + part->test.count);
	add_share(run, &study->of->series[series], "_test", test, part->test.count);
}

/* Of the sounds that hold an order, how many come out right at all. */
static void add_words(struct bench_run *run, const struct calibration *calibration,
		      const char *condition)
{
	char name[BENCH_NAME_BYTES];
	size_t right = 0;
	size_t count = 0;
	double low;
	double high;

	for (size_t i = 0; i < calibration->count; i++) {
		const struct calibration_row *row = &calibration->rows[i];

		if (!row->command || !str_equal(row->condition, condition))
			continue;
		right += row->right;
		count++;
	}
	bench_interval(right, count, &low, &high);
	must(str_format(name, sizeof(name), "%s_words_percent", condition));
	bench_add_range(run, name, count ? 100.0 * (double)right / (double)count : NAN,
			low, high, 1, "right words, believed or not");
}

static enum err add_figures(struct bench_run *run, const struct calibration *calibration)
{
	const struct study_limits limits = {.percent = 1};
	struct study *study = NULL;
	enum err err = study_create(calibration, &limits, &study);

	for (size_t i = 0; !err && i < STR_COUNT(CONDITIONS); i++) {
		char name[CALIBRATION_NAME_BYTES];

		calibration_condition_name(&CONDITIONS[i], name);
		add_words(run, calibration, name);
		for (size_t k = 0; k < calibration->series_count; k++) {
			if (str_equal(calibration->series[k].condition, name))
				add_series(run, study, k);
		}
	}
	study_destroy(study);
	return err;
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	struct work *work = calloc(1, sizeof(*work));
	enum err err = work ? hear(work, run->args, note) : ERR_MEMORY;

	if (!err)
		err = add_figures(run, &work->calibration);
	if (!err && args_count(run->args, "speech") == 0)
		run->hint = "telephone prompts, other words: --speech [LABEL=]DIR or "
			    "[LABEL=]@LIST";
	if (work) {
		run->failed = work->unread > 0;
		labelled_close(work->sounds.commands[0].labelled);
		listing_finish(&work->sounds.others);
		calibration_finish(&work->calibration);
	}
	free(work);
	return err;
}

static const char *const takes[] = {"rows", "speech", NULL};

const struct bench bench_reject = {
	.name = "reject",
	.summary =
		"orders to those they are meant for and to others, and what is believed",
	.takes = takes,
	.run = run,
};
