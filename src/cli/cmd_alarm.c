/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest alarm: sets an alarm clock, lists them, and cancels one.
 */
#include "base/str.h"
#include "cli/book_client.h"

static const struct option options[] = {
	{.name = "all", .kind = OPTION_FLAG, .words = "cancel all of them"},
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	{.name = "name",
	 .kind = OPTION_TEXT,
	 .argument = "NAME",
	 .words = "what the alarm clock is called"},
	COMMAND_OPTION_ROOM,
};

static enum cli_exit set(const struct args *args)
{
	struct intent intent = {.slot_count = 0};
	char words[BOOK_TEXT_BYTES];
	enum cli_exit status;

	(void)str_copy(intent.name, sizeof(intent.name), "BehestSetAlarm");
	if (!book_client_join(args, 0, words, sizeof(words)))
		return command_fail(CLI_USAGE, "a time has at most %d bytes",
				    BOOK_TEXT_BYTES - 1);
	status = book_client_when(&intent, words);
	if (status != CLI_DONE)
		return status;
	if (!book_client_name(&intent, "name", args_text(args, "name", "")))
		return command_fail(CLI_USAGE, "--name: at most %d bytes",
				    BOOK_TEXT_BYTES - 1);
	return book_client_ask(args, &intent);
}

static enum cli_exit run(const struct args *args)
{
	if (args->rest_count == 0 || str_equal(args->rest[0], "list"))
		return book_client_show(args, BOOK_ALARM, "");
	if (str_equal(args->rest[0], "cancel"))
		return book_client_of(args, "BehestCancelAlarm", "name");
	return set(args);
}

const struct command command_alarm = {
	.name = "alarm",
	.summary = "set an alarm clock, list them, or cancel one",
	.operands = "[TIME] | cancel [ID]",
	.words =
		"TIME is a time of day, with a day where it is not the next: 7:30, "
		"\"tomorrow 7:30\", \"friday 6:45pm\"; or days on which it rings again and "
		"again: \"weekdays 6:45\", \"every monday 6:45\", \"every day 7:00\"; or how "
		"long it is until then: 8h. It is the house's local time: where clocks are "
		"moved, what is skipped rings at that moment, and what comes twice rings "
		"once. Without operands the alarm clocks are listed.",
	.choices = "cancel|list",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = COMMAND_REST_MANY,
	.run = run,
};
