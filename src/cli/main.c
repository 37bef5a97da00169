/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest - the command line: finds the command in the table and runs it.
 *
 * Exit status: 0 done, 1 the world failed, 2 usage, 3 refused.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/seal.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/nearest.h"

#ifndef BEHEST_VERSION
#define BEHEST_VERSION "0.1"
#endif

enum { COMMANDS_MAX = 64 };

static enum cli_exit unknown_command(const char *word)
{
	const char *names[COMMANDS_MAX];
	size_t count;
	const struct command *const *table = command_table(&count);
	const char *near;

	for (size_t i = 0; i < count && i < COMMANDS_MAX; i++)
		names[i] = table[i]->name;
	near = nearest(word, names, count < COMMANDS_MAX ? count : COMMANDS_MAX);
	if (near)
		return command_fail(CLI_USAGE,
				    "unknown command \"%.60s\"; did you mean \"%s\"?",
				    word, near);
	return command_fail(CLI_USAGE, "unknown command \"%.60s\"; see: behest help",
			    word);
}

/* A core file could hold a passphrase on its way, or a recording. What cannot be switched off
 * is no reason to stop: secrets are kept out of core files on their own as well. */
static void no_core_files(void)
{
	const struct rlimit none = {0, 0};

	(void)!setrlimit(RLIMIT_CORE, &none);
}

int main(int argc, char **argv)
{
	const char *const *words = (const char *const *)argv;
	const struct command *command;

	log_name("behest");
	no_core_files();
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		command_print_list(stderr);
		return CLI_USAGE;
	}
	if (str_equal(argv[1], "--version")) {
		printf("behest %s\n", BEHEST_VERSION);
		return fflush(stdout) == 0 ? CLI_DONE : CLI_FAILED;
	}
	if (str_equal(argv[1], "--help") || str_equal(argv[1], "-h")) {
		command_print_list(stdout);
		return fflush(stdout) == 0 ? CLI_DONE : CLI_FAILED;
	}
	command = command_find(argv[1]);
	if (!command)
		return (int)unknown_command(argv[1]);
	if (seal_init()) {
		log_line("the cryptography library does not start");
		return CLI_FAILED;
	}
	return (int)command_run(command, words + 2, (size_t)argc - 2);
}
