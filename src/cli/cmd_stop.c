/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest stop: silences what rings, in every room.
 */
#include "base/str.h"
#include "cli/book_client.h"

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
};

static enum cli_exit run(const struct args *args)
{
	struct intent intent = {.slot_count = 0};

	(void)str_copy(intent.name, sizeof(intent.name), "HassNevermind");
	return book_client_ask(args, &intent);
}

const struct command command_stop = {
	.name = "stop",
	.summary = "silence timers, alarm clocks and reminders that ring",
	.operands = "",
	.words =
		"What the word \"stop\" does in a room that rings, for all rooms at once. "
		"What is still to come rings all the same.",
	.options = options,
	.option_count = STR_COUNT(options),
	.run = run,
};
