/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest wake train: from folders of sound to a head, its data sheet and the sounds that
 * `enroll` needs. Everything is made in memory and then written, all files or none; the
 * head last, so that a head is never without its sheet.
 */
#include "base/must.h"
#include "base/str.h"
#include "cli/wake_outside.h"
#include "cli/wake_verb.h"
#include "cli/wake_write.h"
#include "train/bank.h"
#include "train/sheet.h"
#include "train/train.h"

static const double PER_HOUR_MIN = 0.001;
static const double PER_HOUR_MAX = 100;

static enum err read_settings(const struct args *args, struct train_settings *settings,
			      struct err_note *note)
{
	enum err err;

	settings->name = args_text(args, "word", NULL);
	if (!head_file_name_is_right(settings->name))
		return err_say(
			ERR_RANGE, note,
			"--word \"%.60s\": expected lower-case words with one space "
			"between",
			settings->name);
	settings->seed = (uint64_t)args_number(args, "seed", (int64_t)settings->seed);
	settings->nets = (uint32_t)args_number(args, "nets", settings->nets);
	settings->steps = (size_t)args_number(args, "steps", (int64_t)settings->steps);
	settings->copies =
		(size_t)args_number(args, "augment", (int64_t)settings->copies);
	settings->licence = args_text(args, "licence", NULL);
	if (args_count(args, "per-hour") > 0 &&
	    !str_to_double(args_text(args, "per-hour", ""), PER_HOUR_MIN, PER_HOUR_MAX,
			   &settings->sure_per_hour))
		return err_say(ERR_RANGE, note,
			       "--per-hour %.20s: expected a number from %g to %g",
			       args_text(args, "per-hour", ""), PER_HOUR_MIN,
			       PER_HOUR_MAX);
	err = wake_outside_list(args, "positive", &settings->positive, note);
	if (!err)
		err = wake_outside_list(args, "negative", &settings->negative, note);
	if (!err)
		err = wake_outside_list(args, "noise", &settings->noise, note);
	if (!err)
		err = wake_outside_list(args, "calibrate", &settings->calibrate, note);
	if (!err)
		err = wake_outside_list(args, "validate", &settings->validate, note);
	return err;
}

static enum err add_sheets(struct wake_write *write, const char *path,
			   const struct train_settings *settings,
			   const struct trained *trained, struct err_note *note)
{
	struct buf text;
	struct buf json;
	enum err err;

	buf_init(&text, SHEET_BYTES_MAX);
	buf_init(&json, SHEET_BYTES_MAX);
	err = sheet_write(settings, trained, &text);
	if (!err)
		err = sheet_write_json(settings, trained, &json);
	if (!err)
		err = wake_write_add(write, path, ".md", &text, note);
	if (!err)
		err = wake_write_add(write, path, ".json", &json, note);
	buf_finish(&text);
	buf_finish(&json);
	return err;
}

static enum err add_bank(struct wake_write *write, const char *path,
			 const struct trained *trained, struct err_note *note)
{
	struct buf bank;
	enum err err;

	buf_init(&bank, BANK_BYTES_MAX);
	err = bank_encode(trained->bank, trained->bank_count, &bank);
	if (!err)
		err = wake_write_add(write, path, ".negatives", &bank, note);
	buf_finish(&bank);
	return err;
}

static enum err add_head(struct wake_write *write, const char *path,
			 const struct trained *trained, struct err_note *note)
{
	struct buf head = {.bytes = NULL};
	enum err err = head_file_encode(&trained->head, &head);

	if (err == ERR_RANGE)
		err = err_say(err, note,
			      "%s: the head is out of its limits; nothing was written",
			      path);
	if (!err)
		err = wake_write_add(write, path, ".head", &head, note);
	buf_finish(&head);
	return err;
}

static enum err write_all(const char *path, const struct train_settings *settings,
			  const struct trained *trained, struct err_note *note)
{
	struct wake_write write = {.count = 0};
	enum err err = add_sheets(&write, path, settings, trained, note);

	if (!err)
		err = add_bank(&write, path, trained, note);
	if (!err)
		err = add_head(&write, path, trained, note);
	if (!err)
		err = wake_write_commit(&write, note);
	wake_write_drop(&write);
	return err;
}

static enum err print(const struct args *args, const struct train_settings *settings,
		      const struct trained *trained, const char *path)
{
	struct buf text;
	enum err err;

	buf_init(&text, SHEET_BYTES_MAX);
	err = args_flag(args, "json") ? sheet_write_json(settings, trained, &text)
				      : sheet_write_short(settings, trained, path, &text);
	if (!err)
		fwrite(text.bytes, 1, text.size, stdout);
	buf_finish(&text);
	return err;
}

static enum cli_exit run(const struct args *args, const char *const *rest, size_t count)
{
	const char *path = args_text(args, "out", NULL);
	struct wake_outside outside = {.net = NULL};
	struct trained trained = {.bank = NULL};
	struct train_settings settings;
	struct err_note note = {""};
	enum err err;

	(void)rest;
	must(count == 0);
	train_settings_init(&settings);
	err = read_settings(args, &settings, &note);
	if (!err)
		err = wake_write_try(path, &note);
	if (!err)
		err = wake_outside_open((size_t)args_number(args, "jobs", 0), &outside,
					&note);
	if (!err)
		err = train_run(&outside.outside, &settings, &trained, &note);
	wake_outside_quiet(&outside);
	if (!err)
		err = write_all(path, &settings, &trained, &note);
	if (!err)
		err = print(args, &settings, &trained, path);
	trained_finish(&trained);
	train_settings_finish(&settings);
	wake_outside_close(&outside);
	return err ? command_fail_err(err, &note, "training") : CLI_DONE;
}

const struct wake_verb wake_verb_train = {
	.name = "train",
	.operands = "",
	.takes = {"augment", "calibrate", "jobs", "json", "licence", "negative", "nets",
		  "noise", "out", "per-hour", "positive", "seed", "steps", "validate",
		  "word"},
	.needs = {"negative", "out", "positive", "word"},
	.run = run,
};
