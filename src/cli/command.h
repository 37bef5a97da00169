/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command - one verb of the command line: its words, its options and what runs it.
 *
 * Each cmd_<name>.c defines one of these; commands.def lists them. Help, usage errors,
 * completion and the tests are made of the tables.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/args.h"

enum cli_exit {
	CLI_DONE = 0,
	CLI_FAILED = 1,  /* the world failed; one line on stderr says how */
	CLI_USAGE = 2,   /* the words were wrong */
	CLI_REFUSED = 3, /* a decision, with its reason */
};

enum { COMMAND_REST_MANY = 100000 };

struct command {
	const char *name;
	const char *summary;  /* one line, no full stop */
	const char *operands; /* "AUDIO..."; "" none */
	const char *words;    /* a paragraph for --help; "" none */
	const char *
		choices; /* what completion offers for operands, "a|b"; "" files; NULL none */
	const struct option *options;
	size_t option_count;
	size_t rest_min;
	size_t rest_max;
	enum cli_exit (*run)(const struct args *args);
};

/* Options that several commands share; see args.h for the fields. */
#define COMMAND_OPTION_DATA                                               \
	{                                                                 \
		.name = "data", .kind = OPTION_FOLDER, .argument = "DIR", \
		.words = "the household's data folder"                    \
	}
#define COMMAND_OPTION_JSON                                                              \
	{                                                                                \
		.name = "json", .kind = OPTION_FLAG, .words = "one JSON object per line" \
	}
#define COMMAND_OPTION_MAY                                                      \
	{                                                                       \
		.name = "may", .kind = OPTION_TEXT, .argument = "LIST",         \
		.words = "message, move, policy, record, security, tell, with " \
			 "commas between; or nothing"                           \
	}
#define COMMAND_OPTION_PASSPHRASE                                                   \
	{                                                                           \
		.name = "passphrase-file", .kind = OPTION_FILE, .argument = "FILE", \
		.words = "read the owner's passphrase from its first line"          \
	}
#define COMMAND_OPTION_OWNER                                                         \
	{                                                                            \
		.name = "owner", .kind = OPTION_TEXT, .argument = "NAME",            \
		.words = "the owner's name (default: who was made by the first run)" \
	}
#define COMMAND_OPTION_ROOM                                              \
	{                                                                \
		.name = "room", .kind = OPTION_TEXT, .argument = "NAME", \
		.words = "the room it is asked in"                       \
	}

#define COMMAND(name) extern const struct command command_##name;
#include "cli/commands.def"
#undef COMMAND

const struct command *const *command_table(size_t *out_count);
const struct command *command_find(const char *name); /* NULL: none */

/* Parses the words behind the name and runs it. */
enum cli_exit command_run(const struct command *command, const char *const *words,
			  size_t count);

/* The pieces of --help. */
void command_print_list(FILE *to);
void command_print_help(FILE *to, const struct command *command);

/* One line on stderr: "behest NAME: ...". Gives the status back. */
enum cli_exit command_fail(enum cli_exit status, const char *format, ...)
	PRINTF_LIKE(2, 3);
/* The same for an error and its note (which may be empty). ERR_DENIED, which only our own
 * programs say, is CLI_REFUSED. */
enum cli_exit command_fail_err(enum err err, const struct err_note *note,
			       const char *what);

#endif
