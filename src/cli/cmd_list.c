/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest list: shows a list of the house book, and changes it.
 */
#include <string.h>

#include "base/str.h"
#include "cli/book_client.h"

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	{.name = "list",
	 .kind = OPTION_TEXT,
	 .argument = "NAME",
	 .words = "another list than the shopping list"},
	COMMAND_OPTION_ROOM,
};

static const struct {
	const char *word;
	const char *intent;
	bool has_thing;
} VERBS[] = {
	{"add", "HassShoppingListAddItem", true},
	{"clear", "BehestClearShoppingList", false},
	{"remove", "HassShoppingListCompleteItem", true},
	{"restore", "BehestRestoreList", false},
};

static enum cli_exit do_verb(const struct args *args, const char *name, bool has_thing)
{
	struct intent intent = {.slot_count = 0};
	const char *list = args_text(args, "list", "");
	char thing[BOOK_TEXT_BYTES];

	(void)str_copy(intent.name, sizeof(intent.name), name);
	if (has_thing != (args->rest_count > 1))
		return command_fail(CLI_USAGE, "%s",
				    has_thing ? "what?" : "too many words");
	if (!book_client_join(args, 1, thing, sizeof(thing)) ||
	    (has_thing && !intent_set(&intent, "item", thing)))
		return command_fail(CLI_USAGE, "a thing has at most %d bytes",
				    BOOK_TEXT_BYTES - 1);
	if (strlen(list) >= BOOK_LIST_BYTES ||
	    (list[0] && !intent_set(&intent, "list", list)))
		return command_fail(CLI_USAGE, "--list: at most %d bytes",
				    BOOK_LIST_BYTES - 1);
	return book_client_ask(args, &intent);
}

static enum cli_exit run(const struct args *args)
{
	if (args->rest_count == 0 || str_equal(args->rest[0], "show"))
		return book_client_show(args, BOOK_ITEM, args_text(args, "list", ""));
	for (size_t i = 0; i < STR_COUNT(VERBS); i++)
		if (str_equal(VERBS[i].word, args->rest[0]))
			return do_verb(args, VERBS[i].intent, VERBS[i].has_thing);
	return command_fail(CLI_USAGE,
			    "%.40s: expected add, remove, clear, restore or show",
			    args->rest[0]);
}

const struct command command_list = {
	.name = "list",
	.summary = "show or change the shopping list",
	.operands = "[show | add THING | remove THING | clear | restore]",
	.words =
		"What was cleared can be had back with restore for a day. In rooms lists are "
		"spoken only where the room is private or may (`behest rooms`, lists).",
	.choices = "add|clear|remove|restore|show",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = COMMAND_REST_MANY,
	.run = run,
};
