/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest routines: which routines the household wrote, and what would become of each line
 * now. The hub looks: it knows the devices. `run` types what calls one, and may do no more
 * than whoever types.
 */
#include <stdio.h>
#include <string.h>

#include "adapter/arranged_file.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/outcome.h"
#include "cli/paths.h"
#include "cli/status.h"

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	COMMAND_OPTION_ROOM,
};

/* What becomes of a line, for people. */
static void print_line(const struct json_value *line)
{
	const bool is_ok = json_bool(json_get(line, "ok"), false);
	const int asks = (int)json_number(json_get(line, "asks"), 0);
	const char *text = json_text(json_get(line, "text"), "");

	printf("  %-44s ", text);
	if (!is_ok)
		printf("%s: %s\n", json_text(json_get(line, "reason"), "?"),
		       json_text(json_get(line, "because"), "?"));
	else if (asks > 0)
		printf("asks for %d approval%s\n", asks, asks == 1 ? "" : "s");
	else
		printf("ok\n");
}

static void print_routine(const struct json_value *routine)
{
	const struct json_value *sentences = json_get(routine, "sentences");
	const struct json_value *lines = json_get(routine, "lines");

	printf("%s\n", json_text(json_get(routine, "name"), "?"));
	for (size_t i = 1; i < json_count(sentences); i++)
		printf("  also called by: %s\n", json_text(json_at(sentences, i), "?"));
	for (size_t i = 0; i < json_count(lines); i++)
		print_line(json_at(lines, i));
}

static bool has_broken_line(const struct json_value *routine)
{
	const struct json_value *lines = json_get(routine, "lines");

	for (size_t i = 0; i < json_count(lines); i++)
		if (!json_bool(json_get(json_at(lines, i), "ok"), false))
			return true;
	return false;
}

/* One as the hub tells it; a line that is not in order makes the whole not in order. */
static enum err show(const char *text, bool as_json, bool *is_whole,
		     struct err_note *note)
{
	struct json *json = NULL;
	enum err err =
		json_parse("the hub", text, strlen(text), strlen(text) + 1, &json, note);

	if (err)
		return err;
	if (as_json)
		printf("%s\n", text);
	else
		print_routine(json_root(json));
	*is_whole = *is_whole && !has_broken_line(json_root(json));
	json_destroy(json);
	return OK;
}

/* Why the newest files do not hold, as the hub found it when it read them; "" nothing is wrong. */
static enum err find_trouble(const struct paths *paths, struct err_note *out_trouble,
			     struct err_note *note)
{
	static char text[STATUS_BYTES_MAX];
	struct json *json = NULL;
	enum err err = status_of_hub(paths, text, note);

	if (!err)
		err = json_parse("the hub", text, strlen(text), sizeof(text), &json,
				 note);
	if (!err)
		(void)str_copy(out_trouble->text, sizeof(out_trouble->text),
			       json_text(json_get(json_root(json), "arranged_trouble"),
					 ""));
	json_destroy(json);
	return err;
}

static enum err list_all(const struct paths *paths, bool as_json, size_t *count,
			 bool *is_whole, struct err_note *note)
{
	static const struct wire_routines_get get;
	const struct wire_message *message = NULL;
	struct link_client *client = NULL;
	enum err err = client_hub(paths, &client, note);

	if (!err)
		err = link_client_send_routines_get(client, &get, note);
	while (!err) {
		err = client_expect(client, WIRE_routine, &message, note);
		if (err || message->routine.json[0] == '\0')
			break;
		(*count)++;
		err = show(message->routine.json, as_json, is_whole, note);
	}
	link_client_close(client);
	return err;
}

static enum cli_exit run_list(const struct args *args, const struct paths *paths)
{
	struct err_note note = {""};
	struct err_note trouble = {""};
	bool is_whole = true;
	size_t count = 0;
	enum err err = find_trouble(paths, &trouble, &note);

	if (!err)
		err = list_all(paths, args_flag(args, "json"), &count, &is_whole, &note);
	if (err)
		return command_fail_err(err, &note, "the hub");
	if (trouble.text[0])
		return command_fail(CLI_FAILED, "%s; what was arranged before holds",
				    trouble.text);
	if (count == 0 && !args_flag(args, "json"))
		printf("No routines. They are written into %s/%s in the data folder.\n",
		       ARRANGED_FOLDER, ARRANGED_ROUTINES_FILE);
	return is_whole ? CLI_DONE : CLI_REFUSED;
}

static enum cli_exit run_one(const struct args *args, const struct paths *paths)
{
	struct wire_text text = {.token = 1};
	const struct wire_message *answer = NULL;
	struct link_client *client = NULL;
	struct err_note note = {""};
	enum cli_exit status;
	enum err err;

	if (!str_copy(text.words, sizeof(text.words), args->rest[1]) ||
	    !str_copy(text.room, sizeof(text.room), args_text(args, "room", "")))
		return command_fail(CLI_USAGE, "a name or a room that is too long");
	err = client_hub(paths, &client, &note);
	if (!err)
		err = link_client_send_text(client, &text, &note);
	if (!err)
		err = client_expect(client, WIRE_turn, &answer, &note);
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
	struct err_note note = {""};
	struct paths paths;
	enum err err = paths_find(args_text(args, "data", NULL), &paths, &note);

	if (err)
		return command_fail_err(err, &note, "the data folder");
	if (args->rest_count == 0)
		return run_list(args, &paths);
	if (!str_equal(args->rest[0], "run") || args->rest_count != 2)
		return command_fail(CLI_USAGE, "expected nothing, or run and a name");
	return run_one(args, &paths);
}

const struct command command_routines = {
	.name = "routines",
	.summary = "list the household's routines and check their lines",
	.operands = "[run NAME]",
	.words =
		"Shows each routine of routines.yaml with what would become of its lines "
		"now: ok, asks for approval, or why not. Exit status 3: a line is not in "
		"order. `run` types the routine's name; what it may do is decided line by "
		"line. The hub reads the files anew when they change; one that is wrong "
		"changes nothing, and is told of here.",
	.choices = "run",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 2,
	.run = run,
};
