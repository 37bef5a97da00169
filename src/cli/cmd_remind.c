/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest remind: sets a reminder, lists them, and cancels one.
 */
#include "base/str.h"
#include "cli/book_client.h"

static const struct option options[] = {
	{.name = "all", .kind = OPTION_FLAG, .words = "cancel all of them"},
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	COMMAND_OPTION_ROOM,
};

static enum cli_exit set(const struct args *args)
{
	struct intent intent = {.slot_count = 0};
	char words[BOOK_TEXT_BYTES];
	enum cli_exit status;

	(void)str_copy(intent.name, sizeof(intent.name), "BehestSetReminder");
	if (args->rest_count < 2)
		return command_fail(CLI_USAGE, "of what? As: behest remind 10m call bob");
	status = book_client_when(&intent, args->rest[0]);
	if (status != CLI_DONE)
		return status;
	if (!book_client_join(args, 1, words, sizeof(words)) ||
	    !intent_set(&intent, "what", words))
		return command_fail(CLI_USAGE, "a reminder has at most %d bytes",
				    BOOK_TEXT_BYTES - 1);
	return book_client_ask(args, &intent);
}

static enum cli_exit run(const struct args *args)
{
	if (args->rest_count == 0 || str_equal(args->rest[0], "list"))
		return book_client_show(args, BOOK_REMINDER, "");
	if (str_equal(args->rest[0], "cancel"))
		return book_client_of(args, "BehestCancelReminder", "what");
	return set(args);
}

const struct command command_remind = {
	.name = "remind",
	.summary = "set a reminder, list them, or cancel one",
	.operands = "[TIME WORDS...] | cancel [ID]",
	.words =
		"TIME is one operand: 10m, 7:30pm, \"tomorrow 7:30\", \"weekdays 6:45\". The "
		"words are spoken behind a tone in a room that is private or may speak of "
		"lists; any other room says only that there is a reminder. They are said "
		"three times, a minute apart, until somebody says stop. Without operands the "
		"reminders are listed.",
	.choices = "cancel|list",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = COMMAND_REST_MANY,
	.run = run,
};
