/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest say: the line from text on. Typed words go to the running hub; with --dry-run,
 * --sentences or --home they go down the same stages in here and nothing is moved.
 */
#include <string.h>

#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/line.h"
#include "cli/outcome.h"
#include "cli/paths.h"

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	{.name = "dry-run", .kind = OPTION_FLAG, .words = "decide, but move nothing"},
	LINE_OPTION_HOME,
	COMMAND_OPTION_JSON,
	COMMAND_OPTION_ROOM,
	LINE_OPTION_SENTENCES,
};

static bool join_words(const struct args *args, char text[TEXT_BYTES])
{
	bool fits = str_copy(text, TEXT_BYTES, args->rest[0]);

	for (size_t i = 1; fits && i < args->rest_count; i++)
		fits = str_append(text, TEXT_BYTES, " %s", args->rest[i]);
	return fits;
}

static enum cli_exit say_here(const struct args *args, const char *text)
{
	static const struct audio_span no_sound;
	struct err_note note = {""};
	struct line_answer answer = {.said = ""};
	struct turn_heard heard = {.spoken = false};
	struct line *line = NULL;
	enum cli_exit status;
	enum err err;

	buf_init(&answer.json, LINE_JSON_BYTES);
	(void)str_copy(heard.text, sizeof(heard.text), text);
	err = line_create(args, args_text(args, "room", NULL), LINE_TYPED, &line, &note);
	if (!err)
		err = line_run(line, &heard, no_sound, NULL, 1, &answer);
	if (err)
		status = command_fail_err(err, &note, "the dry run failed");
	else
		status = outcome_show((const char *)answer.json.bytes, answer.json.size,
				      args_flag(args, "json"));
	line_destroy(line);
	buf_finish(&answer.json);
	return status;
}

/* The hub also tells of spoken turns only to those who watch, so the next turn is ours. */
static enum err ask_hub(struct link_client *client, const struct wire_text *text,
			const struct wire_message **out_answer, struct err_note *note)
{
	enum err err = link_client_send_text(client, text, note);

	return err ? err : client_expect(client, WIRE_turn, out_answer, note);
}

static enum cli_exit say_to_hub(const struct args *args, const char *words)
{
	struct wire_text text = {.token = 1};
	const struct wire_message *answer = NULL;
	struct err_note note = {""};
	struct link_client *client = NULL;
	struct paths paths;
	enum cli_exit status;
	enum err err = paths_find(args_text(args, "data", NULL), &paths, &note);

	if (!str_copy(text.words, sizeof(text.words), words) ||
	    !str_copy(text.room, sizeof(text.room), args_text(args, "room", "")))
		return command_fail(CLI_USAGE, "--room: at most %zu bytes",
				    sizeof(text.room) - 1);
	if (!err)
		err = client_hub(&paths, &client, &note);
	if (!err)
		err = ask_hub(client, &text, &answer, &note);
	if (err)
		status = command_fail_err(err, &note, "the hub");
	else
		status = outcome_show(answer->turn.json, strlen(answer->turn.json),
				      args_flag(args, "json"));
	link_client_close(client);
	return status;
}

static enum cli_exit run(const struct args *args)
{
	char text[TEXT_BYTES];

	if (!join_words(args, text))
		return command_fail(CLI_USAGE, "a request has at most %d bytes",
				    TEXT_BYTES - 1);
	if (!str_is_utf8(text, strlen(text)))
		return command_fail(CLI_USAGE, "the request is not UTF-8");
	if (args_flag(args, "dry-run") || args_count(args, "sentences") ||
	    args_count(args, "home"))
		return say_here(args, text);
	return say_to_hub(args, text);
}

const struct command command_say = {
	.name = "say",
	.summary = "type a request instead of speaking it",
	.operands = "\"TEXT\"",
	.words =
		"Sends the text to the running hub, which does it, or with --dry-run only "
		"shows what would be decided. Exit status 3: refused, with the reason.",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_min = 1,
	.rest_max = COMMAND_REST_MANY,
	.run = run,
};
