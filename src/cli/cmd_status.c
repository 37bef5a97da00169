/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest status: what the hub and the keeper say of themselves, and which other programs
 * `behest up` keeps running. Exit status 1 when one of them does not answer or run.
 */
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/programs.h"
#include "cli/status.h"
#include "cli/terminal.h"

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
};

/* A value that is no list: one word or number. */
static void print_value(const struct json_value *value)
{
	if (json_is_text(value))
		fputs(*json_text(value, "") ? json_text(value, "") : "-", stdout);
	else if (json_is_number(value))
		printf("%g", json_number(value, 0));
	else if (json_is_bool(value))
		fputs(json_bool(value, false) ? "yes" : "no", stdout);
	else
		fputs("-", stdout);
}

static void print_item(const struct json_value *item)
{
	const struct json_value *value = NULL;

	fputs("   ", stdout);
	if (!json_is_object(item)) {
		putchar(' ');
		print_value(item);
	}
	for (size_t i = 0; json_is_object(item) && i < json_count(item); i++) {
		printf(" %s=", json_key_at(item, i, &value));
		print_value(value);
	}
	putchar('\n');
}

static void print_part(const char *name, const struct json_value *part)
{
	const struct json_value *value = NULL;
	bool colours = terminal_colours(stdout);

	printf("%s%s%s\n", terminal_style(colours, STYLE_BOLD), name,
	       terminal_style(colours, STYLE_PLAIN));
	for (size_t i = 0; i < json_count(part); i++) {
		const char *key = json_key_at(part, i, &value);

		printf("  %-16s ", key);
		if (!json_is_array(value) && !json_is_object(value)) {
			print_value(value);
			putchar('\n');
			continue;
		}
		putchar('\n');
		if (json_is_object(value))
			print_item(value);
		for (size_t j = 0; json_is_array(value) && j < json_count(value); j++)
			print_item(json_at(value, j));
	}
}

/* What an owner should not have to find among the values. */
static void print_fuses(const struct json_value *part)
{
	const struct json_value *rooms = json_get(part, "rooms");

	for (size_t i = 0; json_is_array(rooms) && i < json_count(rooms); i++) {
		const struct json_value *room = json_at(rooms, i);
		const char *name = json_text(json_get(room, "name"), "?");

		if (json_bool(json_get(room, "fuse_blown"), false))
			printf("  %s muted itself, because it was woken or asked too "
			       "often; unmute it: behest rooms set %s --muted no\n",
			       name, name);
	}
}

/* What was deleted since still opens for whoever has the last backup with its key. */
static void print_backup(const struct json_value *part)
{
	const struct json_value *backup = json_get(part, "backup");

	if (json_bool(json_get(backup, "older_than_deletion"), false))
		puts("  the last backup's key table is older than the last deletion; make "
		     "one: behest backup DIR");
}

static enum cli_exit show(const char *name, enum err err, const char *text, bool as_json)
{
	struct err_note note = {""};
	struct json *json = NULL;

	if (err && as_json)
		printf("{\"program\":\"%s\",\"up\":false}\n", name);
	else if (err)
		printf("%s\n  not running\n", name);
	if (err)
		return CLI_FAILED;
	if (json_parse(name, text, strlen(text), STATUS_BYTES_MAX, &json, &note))
		return command_fail(CLI_FAILED, "%s", note.text);
	if (as_json) {
		printf("{\"program\":\"%s\",\"up\":true,\"status\":%s}\n", name, text);
	} else {
		print_part(name, json_root(json));
		print_fuses(json_root(json));
		print_backup(json_root(json));
	}
	json_destroy(json);
	return CLI_DONE;
}

/* What cannot be asked: a broker, a toy home, a room. */
static enum cli_exit show_programs(const struct programs *programs, bool as_json)
{
	enum cli_exit status = CLI_DONE;

	for (size_t i = 0; i < programs->count; i++) {
		const char *name = programs->items[i].name;
		const bool is_up = programs->items[i].pid != 0;
		char text[64];

		if (str_equal(name, "keeper") || str_equal(name, "hub"))
			continue;
		must(str_format(text, sizeof(text), "{\"pid\":%d,\"starts\":%u}",
				(int)programs->items[i].pid, programs->items[i].starts));
		if (show(name, is_up ? OK : ERR_MISSING, text, as_json))
			status = command_fail(CLI_FAILED, "%s does not run", name);
	}
	return status;
}

static enum cli_exit run(const struct args *args)
{
	char text[STATUS_BYTES_MAX];
	struct err_note note = {""};
	struct programs programs = {.count = 0};
	struct paths paths;
	enum cli_exit others;
	bool as_json = args_flag(args, "json");
	enum cli_exit hub;
	enum cli_exit keeper;
	enum err err = paths_find(args_text(args, "data", NULL), &paths, &note);

	if (err)
		return command_fail_err(err, &note, "the data folder");
	err = status_of_keeper(&paths, text, &note);
	keeper = show("keeper", err, text, as_json);
	if (keeper)
		command_fail(CLI_FAILED, "%s", note.text);
	note.text[0] = '\0';
	err = status_of_hub(&paths, text, &note);
	hub = show("hub", err, text, as_json);
	if (hub)
		command_fail(CLI_FAILED, "%s", note.text);
	err = programs_read(&paths, &programs, &note);
	others = err ? command_fail_err(err, &note, "the programs")
		     : show_programs(&programs, as_json);
	return keeper || hub || others ? CLI_FAILED : CLI_DONE;
}

const struct command command_status = {
	.name = "status",
	.summary = "show what runs and what is wrong with it",
	.operands = "",
	.words = "Asks the keeper and the hub, and looks whether the other programs that "
		 "`behest up` keeps running still run. Status 1 when one does not.",
	.options = options,
	.option_count = STR_COUNT(options),
	.run = run,
};
