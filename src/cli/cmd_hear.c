/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest hear: the whole line on audio files, as a dry run. One object or one timeline
 * per turn; a bad file is one line on stderr and the others are still heard.
 */
#include "base/str.h"
#include "cli/command.h"
#include "cli/hear.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "cli/timeline.h"
#include "domain/settings.h"

static const struct option options[] = {
	LINE_OPTION_HOME,
	COMMAND_OPTION_JSON,
	{.name = "no-wake",
	 .kind = OPTION_FLAG,
	 .words = "each file is one request, without the name"},
	{.name = "real-time",
	 .kind = OPTION_FLAG,
	 .words = "no faster than it was spoken"},
	COMMAND_OPTION_ROOM,
	LINE_OPTION_SENTENCES,
	{.name = "sequence",
	 .kind = OPTION_FLAG,
	 .words = "the files are one stretch of sound: keep what was learned and moved"},
	{.name = "word",
	 .kind = OPTION_TEXT,
	 .argument = "NAME",
	 .words = "the name to listen for (default: jarvis)"},
};

struct showing {
	bool as_json;
	enum err err;
	size_t turns; /* of the file */
};

static void show_turn(void *context, const struct line_answer *answer)
{
	struct showing *showing = context;
	struct err_note note = {""};

	showing->turns++;
	terminal_clear_line();
	if (showing->as_json)
		printf("%.*s\n", (int)answer->json.size,
		       (const char *)answer->json.bytes);
	else
		showing->err = timeline_print((const char *)answer->json.bytes,
					      answer->json.size, &note);
	fflush(stdout);
}

static void show_rejected(void *context, const char *file, int64_t at_ms, double score,
			  double floor)
{
	const struct showing *showing = context;

	if (!showing->as_json)
		printf("%s: at %.2f s something sounded like the name and was not believed "
		       "(score %.2f against %.2f)\n",
		       file, (double)at_ms / 1000.0, score, floor);
}

static enum cli_exit hear_all(struct hear *hear, const struct args *args,
			      struct showing *showing)
{
	enum cli_exit status = CLI_DONE;
	struct progress progress;

	progress_begin(&progress, "hearing", args->rest_count);
	for (size_t i = 0; i < args->rest_count; i++) {
		struct err_note note = {""};
		enum err err;

		showing->turns = 0;
		err = hear_file(hear, args->rest[i], &note);
		if (err && !note.text[0])
			err_say(err, &note, "%s: %s", args->rest[i], err_words(err));
		if (err)
			status = command_fail(CLI_FAILED, "%s", note.text);
		else if (showing->turns == 0 && !showing->as_json)
			printf("%s: the name was not heard\n", args->rest[i]);
		progress_step(&progress, i + 1);
	}
	progress_end(&progress);
	if (showing->err)
		return command_fail_err(showing->err, NULL, "the timeline");
	return status;
}

static enum cli_exit run(const struct args *args)
{
	struct showing showing = {.as_json = args_flag(args, "json")};
	struct hear_listener listener = {&showing, show_turn, show_rejected};
	struct err_note note = {""};
	struct line *line = NULL;
	struct hear *hear = NULL;
	struct settings settings;
	struct hear_settings how = {.sequence = args_flag(args, "sequence"),
				    .real_time = args_flag(args, "real-time")};
	enum cli_exit status;
	enum err err;

	settings_init(&settings);
	if (args_flag(args, "no-wake") && args_count(args, "word"))
		return command_fail(CLI_USAGE, "--word and --no-wake exclude each other");
	if (!args_flag(args, "no-wake"))
		how.word = args_text(args, "word", settings.wake_word);
	err = line_create(args, args_text(args, "room", NULL),
			  how.sequence ? LINE_HEARD_ON : LINE_HEARD, &line, &note);
	if (!err)
		err = hear_create(line, &how, &listener, &hear, &note);
	status = err ? command_fail_err(err, &note, "the listening parts")
		     : hear_all(hear, args, &showing);
	hear_destroy(hear);
	line_destroy(line);
	return status;
}

const struct command command_hear = {
	.name = "hear",
	.summary = "hear audio files, as a dry run",
	.operands = "AUDIO...",
	.words =
		"WAV, FLAC, Ogg or Opus of any rate go through the live code in 20 ms frames: "
		"name, sentence, words, meaning, decision. Nothing is moved and nothing is "
		"kept. Each file starts fresh unless --sequence is given.",
	.choices = "",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_min = 1,
	.rest_max = COMMAND_REST_MANY,
	.run = run,
};
