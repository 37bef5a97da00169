/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest wake enroll: adapts a head to how a household says its name, from a few clips or
 * from the microphone, and says what changed. The thresholds stay; nothing that was
 * recorded is written anywhere.
 */
#include <stdlib.h>

#include "adapter/mic_alsa.h"
#include "adapter/wake_files.h"
#include "base/file.h"
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/wake_outside.h"
#include "cli/wake_record.h"
#include "cli/wake_verb.h"
#include "cli/wake_write.h"
#include "train/bank.h"
#include "train/enroll.h"

enum { ANSWER_BYTES_MAX = 4096 };

struct enrolling {
	struct wake_outside outside;
	struct head_file head;
	float *bank;
	size_t bank_count;
	struct listing listing;
	struct examples examples;
	struct enroll_report report;
};

static enum err read_head(struct enrolling *enrolling, const char *path,
			  struct err_note *note)
{
	struct buf bytes;
	enum err err = file_read(path, HEAD_FILE_BYTES_MAX, &bytes, note);

	if (!err)
		err = head_file_decode(path, bytes.bytes, bytes.size, &enrolling->head,
				       note);
	buf_finish(&bytes);
	return err;
}

/* The head's own bank lies beside it. */
static enum err read_bank(struct enrolling *enrolling, const char *head_path,
			  struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;
	enum err err = wake_write_path(head_path, ".negatives", path, note);

	if (err)
		return err;
	err = file_read(path, BANK_BYTES_MAX, &bytes, note);
	if (!err)
		err = bank_decode(path, &bytes, &enrolling->bank, &enrolling->bank_count,
				  note);
	buf_finish(&bytes);
	return err;
}

static enum err find_head(const struct args *args, char path[FILE_PATH_BYTES],
			  struct err_note *note)
{
	const char *model = args_text(args, "model", NULL);

	if (!model)
		return wake_files_find_head(args_text(args, "word", "jarvis"), path,
					    FILE_PATH_BYTES, note);
	return str_copy(path, FILE_PATH_BYTES, model)
		       ? OK
		       : err_say(ERR_LIMIT, note, "--model: the path is too long");
}

static enum err record(struct enrolling *enrolling, const struct args *args,
		       struct err_note *note)
{
	struct mic mic = {0};
	enum err err = mic_alsa_create(args_text(args, "device", "default"), &mic);

	if (!err)
		err = wake_record(&mic, enrolling->head.info.name, ENROLL_UTTERANCES,
				  &enrolling->examples, note);
	mic_close(&mic);
	return err;
}

static enum err hear_utterances(struct enrolling *enrolling, const struct args *args,
				struct err_note *note)
{
	const char *from = args_text(args, "from", NULL);
	enum err err;

	if (!from)
		return record(enrolling, args, note);
	err = listing_add(&enrolling->listing, from, note);
	if (!err && enrolling->listing.count > ENROLL_UTTERANCES_MAX)
		err = err_say(ERR_LIMIT, note, "%s: more than %d utterances", from,
			      ENROLL_UTTERANCES_MAX);
	if (!err)
		err = examples_load(&enrolling->outside.outside, &enrolling->listing,
				    ENROLL_UTTERANCES_MIN, &enrolling->examples, note);
	return err;
}

static enum err add_head(struct wake_write *write, const struct enrolling *enrolling,
			 const char *path, struct err_note *note)
{
	struct buf bytes;
	enum err err = head_file_encode(&enrolling->head, &bytes);

	if (err == ERR_RANGE)
		err = err_say(err, note,
			      "%s: the adapted head is out of its limits; "
			      "nothing was written",
			      path);
	if (!err)
		err = wake_write_add(write, path, ".head", &bytes, note);
	buf_finish(&bytes);
	return err;
}

/* Enrolling again starts from the adapted head, with the same bank. */
static enum err write_all(const struct enrolling *enrolling, const char *path,
			  struct err_note *note)
{
	struct wake_write write = {.count = 0};
	struct buf bank;
	enum err err;

	buf_init(&bank, BANK_BYTES_MAX);
	err = bank_encode(enrolling->bank, enrolling->bank_count, &bank);
	if (!err)
		err = wake_write_add(&write, path, ".negatives", &bank, note);
	buf_finish(&bank);
	if (!err)
		err = add_head(&write, enrolling, path, note);
	if (!err)
		err = wake_write_commit(&write, note);
	wake_write_drop(&write);
	return err;
}

static enum err print_json(const struct enrolling *enrolling)
{
	const struct enroll_report *report = &enrolling->report;
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, ANSWER_BYTES_MAX);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "word", enrolling->head.info.name);
	json_add_int(&write, "utterances", (int64_t)report->utterances);
	json_add_int(&write, "heard_before", (int64_t)report->sure_before);
	json_add_int(&write, "heard_after", (int64_t)report->sure_after);
	json_add_double(&write, "score_before", report->mean_before, 2);
	json_add_double(&write, "score_after", report->mean_after, 2);
	json_add_double(&write, "lowered", report->lowered, 3);
	json_add_double(&write, "sure", (double)enrolling->head.info.sure, 3);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static void print_words(const struct enrolling *enrolling, const char *path)
{
	const struct enroll_report *report = &enrolling->report;

	printf("%s: heard %zu of your %zu utterances before, %zu now; their mean score was "
	       "%.1f and is %.1f.\n",
	       path, report->sure_before, report->utterances, report->sure_after,
	       report->mean_before, report->mean_after);
	if (report->mean_after <= report->mean_before)
		puts("There was nothing to gain: the head is as it was.");
	printf("The thresholds are kept (sure from %.2f); sound that is easily taken for "
	       "the name scores no higher than before.\n",
	       (double)enrolling->head.info.sure);
	puts("Nothing that you said was stored.");
}

static void finish(struct enrolling *enrolling)
{
	wake_outside_close(&enrolling->outside);
	head_file_finish(&enrolling->head);
	free(enrolling->bank);
	examples_finish(&enrolling->examples);
	listing_finish(&enrolling->listing);
}

static enum cli_exit run(const struct args *args, const char *const *rest, size_t count)
{
	struct enrolling enrolling = {.bank = NULL};
	const char *out = args_text(args, "out", NULL);
	char path[FILE_PATH_BYTES];
	struct err_note note = {""};
	enum err err = find_head(args, path, &note);

	(void)rest;
	must(count == 0);
	if (!err)
		err = read_head(&enrolling, path, &note);
	if (!err)
		err = read_bank(&enrolling, path, &note);
	if (!err)
		err = wake_write_try(out, &note);
	if (!err)
		err = wake_outside_open((size_t)args_number(args, "jobs", 0),
					&enrolling.outside, &note);
	if (!err)
		err = hear_utterances(&enrolling, args, &note);
	if (!err)
		err = enroll_run(&enrolling.outside.outside, &enrolling.examples,
				 enrolling.bank, enrolling.bank_count,
				 (uint64_t)args_number(args, "seed", 1), &enrolling.head,
				 &enrolling.report, &note);
	wake_outside_quiet(&enrolling.outside);
	if (!err)
		err = write_all(&enrolling, out, &note);
	if (!err && args_flag(args, "json"))
		err = print_json(&enrolling);
	else if (!err)
		print_words(&enrolling, out);
	finish(&enrolling);
	return err ? command_fail_err(err, &note, "enrolling") : CLI_DONE;
}

const struct wake_verb wake_verb_enroll = {
	.name = "enroll",
	.operands = "",
	.takes = {"device", "from", "jobs", "json", "model", "out", "seed", "word"},
	.needs = {"out"},
	.run = run,
};
