/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of commands, what is common to running one, and how each explains itself.
 *
 * Knows no command's business. Complaints go to stderr in one line that starts with
 * "behest NAME:"; results are the commands' own and go to stdout.
 */
#include "cli/command.h"

#include <stdarg.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/terminal.h"

enum { COLUMN_WORDS = 28, LINE_COLUMNS = 80 };

static const struct command *const table[] = {
#define COMMAND(name) &command_##name,
#include "cli/commands.def"
#undef COMMAND
};

static const char *running = "";

const struct command *const *command_table(size_t *out_count)
{
	*out_count = STR_COUNT(table);
	return table;
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < STR_COUNT(table); i++) {
		if (str_equal(table[i]->name, name))
			return table[i];
	}
	return NULL;
}

enum cli_exit command_fail(enum cli_exit status, const char *format, ...)
{
	char line[ERR_NOTE_BYTES + 128];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	fflush(stdout);
	terminal_clear_line();
	fprintf(stderr, "behest%s%s: %s\n", *running ? " " : "", running, line);
	return status;
}

enum cli_exit command_fail_err(enum err err, const struct err_note *note,
			       const char *what)
{
	enum cli_exit status = err == ERR_DENIED ? CLI_REFUSED : CLI_FAILED;

	must(err != OK);
	if (note && note->text[0])
		return command_fail(status, "%s", note->text);
	return command_fail(status, "%s: %s", what, err_words(err));
}

/* words, broken between COLUMN and the line's end. */
static void print_wrapped(FILE *to, const char *words, size_t column, size_t at)
{
	while (*words) {
		size_t size = strcspn(words, " \n");

		if (at > column && at + 1 + size > LINE_COLUMNS) {
			fprintf(to, "\n%*s", (int)column, "");
			at = column;
		} else if (at > column) {
			fputc(' ', to);
			at++;
		}
		fwrite(words, 1, size, to);
		at += size;
		words += size;
		while (*words == ' ' || *words == '\n')
			words++;
	}
	fputc('\n', to);
}

static void print_row(FILE *to, const char *left, const char *words)
{
	int used = fprintf(to, "  %s", left);

	if (used < 0)
		return;
	if (used > COLUMN_WORDS - 2)
		fprintf(to, "\n%*s", COLUMN_WORDS, "");
	else
		fprintf(to, "%*s", COLUMN_WORDS - used, "");
	print_wrapped(to, words, COLUMN_WORDS, COLUMN_WORDS);
}

void command_print_list(FILE *to)
{
	fputs("usage: behest COMMAND [OPTION]... [WORD]...\n\ncommands:\n", to);
	for (size_t i = 0; i < STR_COUNT(table); i++)
		print_row(to, table[i]->name, table[i]->summary);
	fputs("\n`behest help COMMAND` explains one. Start with: behest up --toy-home\n",
	      to);
}

static void print_option(FILE *to, const struct option *option)
{
	char left[96];

	str_format(left, sizeof(left), "--%s%s%s%s", option->name,
		   option->argument ? " " : "", option->argument ? option->argument : "",
		   option->repeats ? " ..." : "");
	print_row(to, left, option->words);
}

void command_print_help(FILE *to, const struct command *command)
{
	fprintf(to, "usage: behest %s%s%s%s\n", command->name,
		command->option_count ? " [OPTION]..." : "",
		*command->operands ? " " : "", command->operands);
	fprintf(to, "%s.\n", command->summary);
	if (*command->words) {
		fputc('\n', to);
		print_wrapped(to, command->words, 0, 0);
	}
	fputs("\noptions:\n", to);
	for (size_t i = 0; i < command->option_count; i++)
		print_option(to, &command->options[i]);
	print_row(to, "--help", "this text");
}

static enum cli_exit wrong_words(const struct command *command, const char *what)
{
	command_fail(CLI_USAGE, "%s", what);
	fprintf(stderr, "usage: behest %s%s%s%s\n", command->name,
		command->option_count ? " [OPTION]..." : "",
		*command->operands ? " " : "", command->operands);
	return CLI_USAGE;
}

static enum cli_exit check_and_run(const struct command *command, const struct args *args)
{
	char what[160];

	if (args->help) {
		command_print_help(stdout, command);
		return CLI_DONE;
	}
	if (args->rest_count < command->rest_min) {
		str_format(what, sizeof(what), "expected %s", command->operands);
		return wrong_words(command, what);
	}
	if (args->rest_count > command->rest_max) {
		str_format(what, sizeof(what), "unexpected word \"%.60s\"",
			   args->rest[command->rest_max]);
		return wrong_words(command, what);
	}
	return command->run(args);
}

enum cli_exit command_run(const struct command *command, const char *const *words,
			  size_t count)
{
	struct err_note note = {""};
	struct args args;
	enum cli_exit status;
	enum err err;

	running = command->name;
	err = args_parse(command->options, command->option_count, words, count, &args,
			 &note);
	if (err == ERR_MEMORY)
		status = command_fail_err(err, &note, "reading the words");
	else if (err)
		status = wrong_words(command, note.text);
	else
		status = check_and_run(command, &args);
	args_finish(&args);
	if (fflush(stdout) != 0 && status == CLI_DONE)
		status = command_fail(CLI_FAILED, "standard output: write failed");
	return status;
}
