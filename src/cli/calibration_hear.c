/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration_hear - see the header. Judges nothing but whether words were right.
 *
 * Invariant: results lie at their sound's place, so that rows do not depend on who was
 * faster.
 */
#include "cli/calibration_hear.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/trials.h"

enum {
	SENTENCES_MAX = 400, /* in one sound */
	LEFT_MS = 300,       /* less than that is no sentence */
	SOUND_MAX = CALIBRATION_SECONDS_MAX * AUDIO_HZ,
};

struct heard_words {
	char *text; /* owned */
	double ratio;
	uint32_t speech_frames;
	uint32_t word_count;
	int class_of;
};

struct result {
	bool command;
	bool right;
	size_t count;
	struct heard_words *heard; /* owned */
	struct err_note complaint;
};

/* One sound in one condition. */
struct task {
	size_t condition;
	size_t commands; /* index, or COMMANDS_MAX: of the others */
	size_t index;    /* there */
};

struct hearing {
	const struct calibration_sounds *sounds;
	const struct calibration_ear *ear;
	size_t count;
	struct task *tasks;     /* [count] */
	struct result *results; /* [count] */
};

struct worker {
	struct ear *ear;
	size_t count;
	int16_t samples[SOUND_MAX];
};

void calibration_condition_name(const struct clips_noise *condition,
				char name[CALIBRATION_NAME_BYTES])
{
	if (condition->mix == CLIPS_CLEAN)
		must(str_copy(name, CALIBRATION_NAME_BYTES, "clean"));
	else
		must(str_format(name, CALIBRATION_NAME_BYTES, "db_%g", condition->db));
}

/* ---- one sound ---- */

static const char *path_of(const struct hearing *hearing, const struct task *task)
{
	const struct calibration_sounds *sounds = hearing->sounds;

	if (task->commands < sounds->command_count)
		return labelled_path(sounds->commands[task->commands].labelled,
				     task->index);
	return sounds->others.files[task->index].path;
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static enum err add_heard(struct result *result, const struct ear *ear,
			  const struct turn_heard *heard)
{
	enum action_class class_of;
	struct heard_words *all =
		realloc(result->heard, (result->count + 1) * sizeof(*all));
	struct heard_words made = {.ratio = heard->ratio,
				   .speech_frames = heard->speech_frames,
				   .word_count = heard->word_count,
				   .class_of = CALIBRATION_CLASS_NONE};

	if (!all)
		return ERR_MEMORY;
	result->heard = all;
	made.text = strdup(heard->text);
	if (!made.text)
		return ERR_MEMORY;
	if (heard->text[0] && ear_class(ear, heard->text, &class_of))
		made.class_of = (int)class_of;
	all[result->count++] = made;
	return OK;
}

/* From there on the sound goes on after what was heard. */
static size_t behind(const struct turn_heard *heard, size_t from, size_t count)
{
	const int64_t samples = heard->endpoint_ms * AUDIO_HZ / 1000;

	if (heard->endpoint_ms <= 0 || (size_t)samples >= count - from)
		return count;
	return from + (size_t)samples;
}

static enum err hear_sound(const struct worker *worker, bool command,
			   struct result *result)
{
	const size_t least = (size_t)LEFT_MS * AUDIO_HZ / 1000;
	size_t from = 0;
	enum err err = OK;

	for (size_t i = 0; !err && i < SENTENCES_MAX; i++) {
		struct turn_heard heard;

		if (i > 0 && (command || worker->count - from < least))
			break;
		err = ear_hear(worker->ear, EAR_LIVE,
			       (struct audio_span){worker->samples + from,
						   worker->count - from},
			       &heard);
		if (!err && (i == 0 || heard.text[0]))
			err = add_heard(result, worker->ear, &heard);
		from = behind(&heard, from, worker->count);
	}
	return err;
}

static enum err read_sound(const struct hearing *hearing, const struct task *task,
			   struct worker *worker, struct err_note *note)
{
	const struct clips_noise *condition =
		&hearing->sounds->conditions[task->condition];
	const struct audio_span noise = hearing->sounds->noise;
	const char *path = path_of(hearing, task);
	enum err err = clips_read(path, worker->samples, SOUND_MAX, &worker->count, note);

	if (err)
		return err;
	if (condition->mix != CLIPS_CLEAN && worker->count >= noise.count)
		worker->count = noise.count - AUDIO_FRAME_SAMPLES;
	clips_lay_noise(noise, name_of(path), *condition, worker->samples, worker->count);
	return OK;
}

static enum err try_one(void *shared, void *context, size_t index, struct err_note *note)
{
	const struct hearing *hearing = shared;
	struct worker *worker = context;
	const struct task *task = &hearing->tasks[index];
	const struct calibration_sounds *sounds = hearing->sounds;
	struct result *result = &hearing->results[index];
	const bool of_commands = task->commands < sounds->command_count;
	enum err err = read_sound(hearing, task, worker, &result->complaint);

	(void)note;
	if (err == ERR_MEMORY)
		return err;
	if (err) {
		if (!result->complaint.text[0])
			err_say(err, &result->complaint, "%s: %s", path_of(hearing, task),
				err_words(err));
		return OK;
	}
	result->command = of_commands && !hearing->ear->strangers;
	err = hear_sound(worker, result->command, result);
	if (!err && result->command && result->count > 0)
		result->right =
			labelled_right(sounds->commands[task->commands].labelled,
				       task->index, worker->ear, result->heard[0].text);
	return err;
}

static void close_worker(void *context)
{
	struct worker *worker = context;

	if (!worker)
		return;
	ear_close(worker->ear);
	free(worker);
}

static enum err open_worker(void *shared, void **out_worker, struct err_note *note)
{
	const struct hearing *hearing = shared;
	struct worker *made = malloc(sizeof(*made));
	enum err err;

	if (!made)
		return ERR_MEMORY;
	made->ear = NULL;
	err = ear_open(&hearing->ear->settings, &made->ear, note);
	if (err) {
		close_worker(made);
		return err;
	}
	*out_worker = made;
	return OK;
}

/* ---- all of them ---- */

static size_t sound_count(const struct calibration_sounds *sounds, size_t commands)
{
	return commands < sounds->command_count
		       ? labelled_count(sounds->commands[commands].labelled)
		       : sounds->others.count;
}

static enum err list_tasks(struct hearing *hearing)
{
	const struct calibration_sounds *sounds = hearing->sounds;
	size_t each = 0;

	for (size_t i = 0; i <= sounds->command_count; i++)
		each += sound_count(sounds, i);
	hearing->tasks =
		calloc(each * sounds->condition_count + 1, sizeof(*hearing->tasks));
	hearing->results =
		calloc(each * sounds->condition_count + 1, sizeof(*hearing->results));
	if (!hearing->tasks || !hearing->results)
		return ERR_MEMORY;
	for (size_t condition = 0; condition < sounds->condition_count; condition++) {
		for (size_t i = 0; i <= sounds->command_count; i++) {
			for (size_t k = 0; k < sound_count(sounds, i); k++)
				hearing->tasks[hearing->count++] =
					(struct task){condition, i, k};
		}
	}
	return OK;
}

static void name_source(const struct hearing *hearing, const struct task *task,
			char name[CALIBRATION_NAME_BYTES])
{
	const struct calibration_sounds *sounds = hearing->sounds;
	const struct listing *others = &sounds->others;
	const char *strangers = hearing->ear->strangers;
	const char *label =
		task->commands < sounds->command_count
			? sounds->commands[task->commands].source
			: others->sources[others->files[task->index].source].label;

	if (!str_format(name, CALIBRATION_NAME_BYTES, "%s%s%s", label,
			strangers ? " to " : "", strangers ? strangers : ""))
		must(str_copy_bytes(name, CALIBRATION_NAME_BYTES, label,
				    strnlen(label, CALIBRATION_NAME_BYTES - 1)));
}

static enum err add_rows(const struct hearing *hearing, size_t index,
			 struct calibration *to, struct err_note *note)
{
	const struct task *task = &hearing->tasks[index];
	const struct result *result = &hearing->results[index];
	struct calibration_row row = {.file = name_of(path_of(hearing, task)),
				      .command = result->command,
				      .right = result->right};
	enum err err = OK;

	calibration_condition_name(&hearing->sounds->conditions[task->condition],
				   row.condition);
	name_source(hearing, task, row.source);
	for (size_t i = 0; i < result->count && !err; i++) {
		const struct heard_words *heard = &result->heard[i];

		row.words = heard->text;
		row.ratio = heard->ratio;
		row.speech_frames = heard->speech_frames;
		row.word_count = heard->word_count;
		row.class_of = heard->class_of;
		err = calibration_add(to, &row, note);
	}
	return err;
}

static void free_results(struct hearing *hearing)
{
	for (size_t i = 0; hearing->results && i < hearing->count; i++) {
		for (size_t k = 0; k < hearing->results[i].count; k++)
			free(hearing->results[i].heard[k].text);
		free(hearing->results[i].heard);
	}
	free(hearing->results);
	free(hearing->tasks);
}

enum err calibration_hear(const struct calibration_sounds *sounds,
			  const struct calibration_ear *ear, struct calibration *to,
			  size_t *out_unread, struct err_note *note)
{
	struct hearing hearing = {.sounds = sounds, .ear = ear};
	struct trials trials = {.name = ear->strangers ? ear->strangers : "sentences",
				.shared = &hearing,
				.open = open_worker,
				.try_one = try_one,
				.close = close_worker};
	enum err err = list_tasks(&hearing);

	trials.count = hearing.count;
	if (!err)
		err = trials_run(&trials, note);
	for (size_t i = 0; i < hearing.count && !err; i++) {
		if (hearing.results[i].complaint.text[0]) {
			(void)command_fail(CLI_FAILED, "%s",
					   hearing.results[i].complaint.text);
			++*out_unread;
		} else {
			err = add_rows(&hearing, i, to, note);
		}
	}
	free_results(&hearing);
	return err;
}
