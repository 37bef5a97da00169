/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest wake test: how often a finished head misses its name and how often it wakes
 * without it, heard by the very detector that a room runs, first stage and second. Changes
 * nothing.
 *
 * With --noise and --snr the clips of the name are heard in noise.
 */
#include "adapter/wake_files.h"
#include "base/file.h"
#include "base/must.h"
#include "cli/wake_tally.h"
#include "cli/wake_test_print.h"
#include "cli/wake_verb.h"

enum { SNR_DB = 10 };

struct material {
	struct wake_outside outside;
	struct wake_trial *trial;
	struct wake_noise noise;
	struct listing positive;
	struct listing negative;
	struct wake_heard *names;
	struct wake_heard *others;
};

static enum err open_trial(struct material *has, const struct args *args,
			   struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	const char *model = args_text(args, "model", NULL);
	enum err err = OK;

	if (!model)
		err = wake_files_find_head(args_text(args, "word", "jarvis"), path,
					   sizeof(path), note);
	return err ? err
		   : wake_trial_open(&has->outside, model ? model : path, &has->trial,
				     note);
}

static enum err open_all(struct material *has, const struct args *args,
			 struct err_note *note)
{
	enum err err = wake_outside_list(args, "positive", &has->positive, note);

	if (!err)
		err = wake_outside_list(args, "negative", &has->negative, note);
	if (!err)
		err = wake_outside_open((size_t)args_number(args, "jobs", 0),
					&has->outside, note);
	if (!err && args_count(args, "noise") > 1)
		err = err_say(ERR_FORMAT, note, "test: one --noise file, not several");
	if (!err)
		err = wake_noise_read(&has->outside, args_text(args, "noise", NULL),
				      (double)args_number(args, "snr", SNR_DB),
				      &has->noise, note);
	return err ? err : open_trial(has, args, note);
}

static void close_all(struct material *has)
{
	wake_heard_free(has->names, has->positive.count);
	wake_heard_free(has->others, has->negative.count);
	wake_trial_close(has->trial);
	wake_noise_finish(&has->noise);
	wake_outside_close(&has->outside);
	listing_finish(&has->positive);
	listing_finish(&has->negative);
}

static enum err hear(struct material *has, struct err_note *note)
{
	const enum err err = wake_trial_names(has->trial, &has->positive, &has->noise,
					      "hearing the name", &has->names, note);

	return err ? err
		   : wake_trial_others(has->trial, &has->negative, "hearing other sound",
				       &has->others, note);
}

static enum err print(const struct material *has, bool as_json)
{
	const struct wake_test test = {
		.info = wake_trial_info(has->trial),
		.positive = &has->positive,
		.negative = &has->negative,
		.names = has->names,
		.others = has->others,
		.has_noise = has->noise.sound.count > 0,
		.snr_db = has->noise.snr_db,
	};

	if (as_json)
		return wake_test_json(&test);
	wake_test_words(&test);
	return OK;
}

static enum cli_exit run(const struct args *args, const char *const *rest,
			 size_t rest_count)
{
	struct material has = {.trial = NULL};
	struct err_note note = {""};
	bool bad = false;
	enum err err;

	(void)rest;
	must(rest_count == 0);
	if (args_count(args, "positive") + args_count(args, "negative") == 0)
		return command_fail(CLI_USAGE, "test: expected --positive or --negative");
	err = open_all(&has, args, &note);
	if (!err)
		err = hear(&has, &note);
	wake_outside_quiet(&has.outside);
	if (!err)
		err = print(&has, args_flag(args, "json"));
	if (!err)
		bad = wake_tally_complain(&has.positive, has.names);
	if (!err && wake_tally_complain(&has.negative, has.others))
		bad = true;
	close_all(&has);
	if (err)
		return command_fail_err(err, &note, "testing");
	return bad ? CLI_FAILED : CLI_DONE;
}

const struct wake_verb wake_verb_test = {
	.name = "test",
	.operands = "",
	.takes = {"jobs", "json", "model", "negative", "noise", "positive", "snr",
		  "word"},
	.needs = {NULL},
	.run = run,
};
