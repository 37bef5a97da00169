/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest wake score: recordings through the wake runtime, frame by frame like a live
 * microphone, each after a while of a quiet room. After a file's end follows a second of silence,
 * so that a name in its last moment is still judged.
 */
#include <math.h>
#include <stdlib.h>

#include "adapter/audio_file.h"
#include "adapter/wake_files.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/progress.h"
#include "cli/settle.h"
#include "cli/wake_verb.h"
#include "listen/wake_net.h"

enum {
	DETECTIONS_MAX = 20000, /* a day of one every four seconds */
	ANSWER_BYTES_MAX = 4 * 1024 * 1024,
	TAIL_FRAMES = 1000 / AUDIO_FRAME_MS,
	DECIMALS = 3,
};

struct detection {
	int64_t at_ms; /* where the name began */
	double score;
	bool sure;
};

struct scoring {
	struct wake wake;
	bool as_json;
	int64_t frames;
	double max_score;
	size_t count;
	struct detection *detections; /* owned, DETECTIONS_MAX */
};

/* ---- one file ---- */

static enum err take_frame(struct scoring *scoring, const struct audio_frame *frame)
{
	struct wake_report report;
	int64_t end_ms;

	wake_feed(&scoring->wake, frame, &report);
	scoring->frames++;
	end_ms = scoring->frames * AUDIO_FRAME_MS;
	scoring->max_score = fmax(scoring->max_score, report.score);
	if (!report.candidate)
		return OK;
	if (scoring->count == DETECTIONS_MAX)
		return ERR_LIMIT;
	scoring->detections[scoring->count++] = (struct detection){
		.at_ms = end_ms > report.back_ms ? end_ms - report.back_ms : 0,
		.score = report.score,
		.sure = report.accepted,
	};
	return OK;
}

static enum err score_frames(struct scoring *scoring, struct audio_file *file,
			     struct err_note *note)
{
	static const struct audio_frame SILENCE;
	struct audio_frame frame;
	enum err err = OK;
	enum err end;
	int64_t frames;

	while (!err && !(end = audio_file_read(file, &frame, note)))
		err = take_frame(scoring, &frame);
	frames = scoring->frames;
	for (int i = 0; !err && i < TAIL_FRAMES; i++)
		err = take_frame(scoring, &SILENCE);
	scoring->frames = frames;
	if (err)
		return err_say(err, note, "more than %d detections", DETECTIONS_MAX);
	return end == ERR_CLOSED ? OK : end;
}

/* ---- the answer ---- */

static void add_detections(struct json_write *write, const struct scoring *scoring,
			   const char *key, bool sure)
{
	json_open_array(write, key);
	for (size_t i = 0; i < scoring->count; i++) {
		const struct detection *detection = &scoring->detections[i];

		if (detection->sure != sure)
			continue;
		json_open_object(write, NULL);
		json_add_int(write, "at_ms", detection->at_ms);
		json_add_double(write, "score", detection->score, DECIMALS);
		json_close(write, '}');
	}
	json_close(write, ']');
}

static enum err print_json(const struct scoring *scoring, const char *path)
{
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, ANSWER_BYTES_MAX);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "file", path);
	json_add_double(&write, "seconds",
			(double)(scoring->frames * AUDIO_FRAME_MS) / 1000.0, 2);
	add_detections(&write, scoring, "detections", true);
	json_add_double(&write, "max_score", scoring->max_score, DECIMALS);
	add_detections(&write, scoring, "doubtful", false);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static void print_words(const struct scoring *scoring, const char *path)
{
	printf("%s: %.2f s, highest score %.2f\n", path,
	       (double)(scoring->frames * AUDIO_FRAME_MS) / 1000.0, scoring->max_score);
	for (size_t i = 0; i < scoring->count; i++) {
		const struct detection *detection = &scoring->detections[i];

		printf("  at %.2f s: %s (score %.2f)\n",
		       (double)detection->at_ms / 1000.0,
		       detection->sure ? "the name" : "perhaps the name",
		       detection->score);
	}
}

static enum cli_exit score_file(struct scoring *scoring, const char *path)
{
	struct err_note note = {""};
	struct audio_file *file = NULL;
	enum err shown = OK;
	enum err err = audio_file_open(path, &file, &note);

	if (err)
		return command_fail_err(err, &note, path);
	settle(&scoring->wake);
	scoring->frames = 0;
	scoring->count = 0;
	scoring->max_score = -INFINITY;
	err = score_frames(scoring, file, &note);
	audio_file_close(file);
	if (scoring->as_json)
		shown = print_json(scoring, path);
	else
		print_words(scoring, path);
	if (err)
		return command_fail_err(err, &note, path);
	return shown ? command_fail_err(shown, NULL, path) : CLI_DONE;
}

/* ---- the verb ---- */

static enum err open_scoring(const struct args *args, struct scoring *scoring,
			     struct err_note *note)
{
	char net[FILE_PATH_BYTES];
	char head[FILE_PATH_BYTES];
	const char *model = args_text(args, "model", NULL);
	enum err err = wake_files_find_net(net, sizeof(net), note);

	if (!err && !model)
		err = wake_files_find_head(args_text(args, "word", ""), head,
					   sizeof(head), note);
	if (err)
		return err;
	scoring->detections = calloc(DETECTIONS_MAX, sizeof(*scoring->detections));
	if (!scoring->detections)
		return ERR_MEMORY;
	return wake_net_open(net, model ? model : head, &scoring->wake, note);
}

static enum cli_exit run(const struct args *args, const char *const *rest, size_t count)
{
	struct scoring scoring = {.as_json = args_flag(args, "json")};
	struct err_note note = {""};
	struct progress progress;
	enum cli_exit status = CLI_DONE;
	const enum err err = open_scoring(args, &scoring, &note);

	if (err) {
		status = command_fail_err(err, &note, "the wake runtime");
		goto out;
	}
	progress_begin(&progress, "scoring", count);
	for (size_t i = 0; i < count; i++) {
		if (score_file(&scoring, rest[i]) != CLI_DONE)
			status = CLI_FAILED;
		progress_step(&progress, i + 1);
	}
	progress_end(&progress);
out:
	wake_close(&scoring.wake);
	free(scoring.detections);
	return status;
}

const struct wake_verb wake_verb_score = {
	.name = "score",
	.operands = "AUDIO...",
	.takes = {"json", "model", "word"},
	.needs = {"word"},
	.rest_min = 1,
	.rest_max = COMMAND_REST_MANY,
	.run = run,
};
