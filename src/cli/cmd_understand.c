/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest understand: text to intent, without deciding or doing anything. With --batch,
 * JSON lines in, JSON lines out; a bad line is told on stderr with its number and the
 * others are still answered.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/home_file.h"
#include "cli/home_same.h"
#include "cli/line.h"
#include "cli/progress.h"

enum { BATCH_LINE_BYTES_MAX = 4 * 1024 * 1024, PLACE_BYTES = 64 };

static const struct option options[] = {
	{.name = "batch",
	 .kind = OPTION_FLAG,
	 .words = "read {\"text\", \"home\"?} lines from standard input"},
	LINE_OPTION_HOME,
	COMMAND_OPTION_JSON,
	LINE_OPTION_SENTENCES,
};

/* The last home a line brought along, compiled; batches name the same one many times. */
struct batch {
	struct line *line;
	struct home home;
	bool has_home;
	struct understand *compiled;
	size_t number;
};

static void add_slots(struct json_write *write, const struct intent *intent)
{
	json_open_object(write, "slots");
	for (size_t i = 0; i < intent->slot_count; i++) {
		const struct slot *slot = &intent->slots[i];
		bool whole =
			slot->is_number && slot->number == (double)(int64_t)slot->number;

		if (str_ends(slot->name, "entity")) /* the house's own id stays inside */
			continue;
		if (whole)
			json_add_int(write, slot->name, (int64_t)slot->number);
		else if (slot->is_number)
			json_add_double(write, slot->name, slot->number, 2);
		else
			json_add_text(write, slot->name, slot->value);
	}
	json_close(write, '}');
}

static enum err print_answer(const struct line *parts, const char *text,
			     const struct understanding *understood,
			     struct err_note *note)
{
	char asks[SAYING_SPOKEN_BYTES];
	struct json_write write;
	struct buf line;
	enum err err;

	if (strlen(text) >= TEXT_BYTES)
		return err_say(ERR_LIMIT, note,
			       "a text of %zu bytes; expected at most %d", strlen(text),
			       TEXT_BYTES - 1);
	phrasebook_say(line_phrasebook(parts), &understood->asks, asks);
	buf_init(&line, LINE_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "text", text);
	json_add_text(&write, "intent",
		      understood->intent.name[0] ? understood->intent.name : NULL);
	add_slots(&write, &understood->intent);
	json_add_double(&write, "confidence", understood->confidence, 3);
	json_add_text(&write, "asks", asks[0] ? asks : NULL);
	json_add_text(&write, "reason", reason_code(understood->reason));
	if (understood->response[0])
		json_add_text(&write, "response", understood->response);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

/* Compiles for the line's own home unless it is the one before. */
static enum err use_home(struct batch *batch, const struct json_value *value,
			 struct err_note *note)
{
	struct home home;
	struct understand *compiled = NULL;
	enum err err = home_file_parse("home", value, &home, note);

	if (!err && batch->has_home && home_same(&home, &batch->home)) {
		(void)str_copy(batch->home.here, sizeof(batch->home.here), home.here);
		home_finish(&home);
		return OK;
	}
	if (!err)
		err = understand_create(line_sentences(batch->line), &home, &compiled,
					note);
	if (err) {
		home_finish(&home);
		return err;
	}
	if (batch->has_home)
		home_finish(&batch->home);
	understand_destroy(batch->compiled);
	batch->home = home;
	batch->has_home = true;
	batch->compiled = compiled;
	return OK;
}

static enum err answer_line(struct batch *batch, const struct json_value *root,
			    struct err_note *note)
{
	const struct json_value *text = json_get(root, "text");
	const struct json_value *home = json_get(root, "home");
	struct understanding understood;
	enum err err = OK;

	if (!json_is_text(text))
		return err_say(ERR_FORMAT, note, "expected an object with a \"text\"");
	if (home)
		err = use_home(batch, home, note);
	if (err)
		return err;
	understand_text(home ? batch->compiled : line_understand(batch->line),
			json_text(text, ""),
			home ? batch->home.here : line_home(batch->line)->here,
			&understood);
	return print_answer(batch->line, json_text(text, ""), &understood, note);
}

static enum cli_exit one_line(struct batch *batch, const char *bytes, size_t size)
{
	char name[PLACE_BYTES];
	struct err_note note = {""};
	struct json *json = NULL;
	enum err err;

	(void)str_format(name, sizeof(name), "standard input, line %zu", batch->number);
	err = json_parse(name, bytes, size, BATCH_LINE_BYTES_MAX, &json, &note);
	if (err)
		return command_fail_err(err, &note, name);
	err = answer_line(batch, json_root(json), &note);
	json_destroy(json);
	if (err)
		return command_fail(CLI_FAILED, "%s: %s", name,
				    note.text[0] ? note.text : err_words(err));
	return CLI_DONE;
}

static enum cli_exit run_batch(struct line *line)
{
	struct batch batch = {.line = line};
	struct progress progress;
	char *bytes = NULL;
	size_t capacity = 0;
	ssize_t got;
	enum cli_exit status = CLI_DONE;

	progress_begin(&progress, "understanding", 0);
	while ((got = getline(&bytes, &capacity, stdin)) > 0) {
		while (got > 0 && (bytes[got - 1] == '\n' || bytes[got - 1] == '\r'))
			got--;
		batch.number++;
		if (got > 0 && one_line(&batch, bytes, (size_t)got) != CLI_DONE)
			status = CLI_FAILED;
		progress_step(&progress, batch.number);
	}
	progress_end(&progress);
	if (ferror(stdin))
		status = command_fail(CLI_FAILED, "standard input: %s", strerror(errno));
	free(bytes);
	if (batch.has_home)
		home_finish(&batch.home);
	understand_destroy(batch.compiled);
	return status;
}

static enum cli_exit run_texts(struct line *line, const struct args *args)
{
	enum cli_exit status = CLI_DONE;

	for (size_t i = 0; i < args->rest_count; i++) {
		struct understanding understood;
		struct err_note note = {""};
		enum err err;

		understand_text(line_understand(line), args->rest[i],
				line_home(line)->here, &understood);
		err = print_answer(line, args->rest[i], &understood, &note);
		if (err)
			return command_fail_err(err, &note, "standard output");
		if (understood.reason != REASON_NONE)
			status = CLI_REFUSED;
	}
	return status;
}

static enum cli_exit run(const struct args *args)
{
	struct err_note note = {""};
	struct line *line = NULL;
	enum cli_exit status;
	enum err err;

	if (args_flag(args, "batch") == (args->rest_count > 0))
		return command_fail(CLI_USAGE, "expected either texts or --batch");
	err = line_create(args, NULL, LINE_TYPED, &line, &note);
	if (err)
		status = command_fail_err(err, &note, "the sentences");
	else if (args_flag(args, "batch"))
		status = run_batch(line);
	else
		status = run_texts(line, args);
	line_destroy(line);
	return status;
}

const struct command command_understand = {
	.name = "understand",
	.summary = "show what a text means, and do nothing",
	.operands = "\"TEXT\"... | --batch",
	.words =
		"Answers {\"text\", \"intent\", \"slots\", \"confidence\", \"asks\", "
		"\"reason\"}, one line each, and the sentence's \"response\" key if its file "
		"gives it one. Nothing is decided and nothing is moved.",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = COMMAND_REST_MANY,
	.run = run,
};
