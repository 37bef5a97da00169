/* SPDX-License-Identifier: Apache-2.0 */
/* behest help: the list of commands, or one of them explained. */
#include "cli/command.h"

static enum cli_exit run(const struct args *args)
{
	const struct command *command;

	if (args->rest_count == 0) {
		command_print_list(stdout);
		return CLI_DONE;
	}
	command = command_find(args->rest[0]);
	if (!command)
		return command_fail(CLI_USAGE,
				    "unknown command \"%.60s\"; see: behest help",
				    args->rest[0]);
	command_print_help(stdout, command);
	return CLI_DONE;
}

const struct command command_help = {
	.name = "help",
	.summary = "list the commands, or explain one",
	.operands = "[COMMAND]",
	.words = "",
	.rest_max = 1,
	.run = run,
};
