/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest timer: sets one, lists them, and changes one that runs.
 */
#include "base/str.h"
#include "cli/book_client.h"

static const struct option options[] = {
	{.name = "all",
	 .kind = OPTION_FLAG,
	 .words = "cancel, pause or resume all of them"},
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	COMMAND_OPTION_ROOM,
};

static const struct {
	const char *word;
	const char *intent;
	bool has_time;
} VERBS[] = {
	{"add", "HassIncreaseTimer", true},     {"cancel", "HassCancelTimer", false},
	{"pause", "HassPauseTimer", false},     {"resume", "HassUnpauseTimer", false},
	{"shorten", "HassDecreaseTimer", true},
};

/* A time, and a name behind it. */
static enum cli_exit with_time(const struct args *args, const char *name, size_t first)
{
	struct intent intent = {.slot_count = 0};
	char words[BOOK_TEXT_BYTES];
	enum cli_exit status;

	(void)str_copy(intent.name, sizeof(intent.name), name);
	if (args->rest_count <= first)
		return command_fail(CLI_USAGE, "for how long? As 5m, 90s, 1h30m");
	status = book_client_when(&intent, args->rest[first]);
	if (status != CLI_DONE)
		return status;
	if (!intent_slot(&intent, "seconds"))
		return command_fail(CLI_USAGE, "%.40s: a timer runs for a time, as 5m",
				    args->rest[first]);
	if (!book_client_join(args, first + 1, words, sizeof(words)) ||
	    !book_client_name(&intent, "name", words))
		return command_fail(CLI_USAGE, "a name has at most %d bytes",
				    BOOK_TEXT_BYTES - 1);
	return book_client_ask(args, &intent);
}

static enum cli_exit run(const struct args *args)
{
	if (args->rest_count == 0 || str_equal(args->rest[0], "list"))
		return book_client_show(args, BOOK_TIMER, "");
	for (size_t i = 0; i < STR_COUNT(VERBS); i++) {
		if (!str_equal(VERBS[i].word, args->rest[0]))
			continue;
		return VERBS[i].has_time ? with_time(args, VERBS[i].intent, 1)
					 : book_client_of(args, VERBS[i].intent, "name");
	}
	return with_time(args, "HassStartTimer", 0);
}

const struct command command_timer = {
	.name = "timer",
	.summary = "set a timer, list timers, or change one",
	.operands =
		"[TIME [NAME]] | cancel|pause|resume [NAME] | add|shorten TIME [NAME]",
	.words =
		"TIME is how long it runs, 7 days at most: 90s, 5m, 1h30m. Without operands "
		"the timers are listed. NAME is a timer's name or the id that is listed; "
		"where several fit it is asked which. `add` to one that rings lets it ring "
		"again so much later. A timer is set once the house has written it down; it "
		"rings in the room, or where that is away in every room.",
	.choices = "add|cancel|list|pause|resume|shorten",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = COMMAND_REST_MANY,
	.run = run,
};
