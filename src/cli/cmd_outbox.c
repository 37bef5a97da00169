/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest outbox: voice messages on their way: waiting for a tap, held, being delivered, or
 * delivered and not listened to. Recalls one.
 */
#include <stdlib.h>

#include "base/str.h"
#include "cli/command.h"
#include "cli/device.h"
#include "cli/notice_print.h"

static const struct option options[] = {
	{.name = "all",
	 .kind = OPTION_FLAG,
	 .words = "list also what somebody has listened to"},
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	{.name = "recall",
	 .kind = OPTION_TEXT,
	 .argument = "ID",
	 .words = "take that one back, if nobody has listened to it"},
};

struct outbox {
	const struct args *args;
	struct paths paths;
	struct device_link *device;
	struct notices notices;
};

static enum err come(struct outbox *outbox, struct err_note *note)
{
	const struct device_listener nobody = {.told = NULL};
	enum err err = device_open(&outbox->paths, &outbox->notices, &nobody,
				   &outbox->device, note);

	return err ? err : device_outbox(outbox->device, note);
}

static bool is_listed(const struct outbox *outbox, const struct notice *notice)
{
	return notice_is_on_its_way(notice) ||
	       (args_flag(outbox->args, "all") &&
		notice->action.kind == ACTION_SEND_MESSAGE);
}

static enum err list(struct outbox *outbox, struct err_note *note)
{
	const bool as_json = args_flag(outbox->args, "json");
	const struct notices *notices = &outbox->notices;
	size_t count = 0;
	enum err err = come(outbox, note);

	for (size_t i = 0; !err && i < notices->count; i++) {
		if (!is_listed(outbox, &notices->list[i]))
			continue;
		count++;
		err = notice_print(&notices->list[i], as_json);
	}
	if (!err && count == 0 && !as_json)
		puts("no messages are on their way");
	if (!err && notices->left_out > 0)
		fprintf(stderr, "%zu more are not shown\n", notices->left_out);
	return err;
}

static enum err recall(struct outbox *outbox, struct err_note *note)
{
	const struct notice *notice = NULL;
	struct notice after;
	enum err err = come(outbox, note);

	if (!err)
		err = notices_find(&outbox->notices,
				   args_text(outbox->args, "recall", ""), "behest outbox",
				   &notice, note);
	if (!err && notice->action.kind != ACTION_SEND_MESSAGE)
		err = err_say(ERR_MISSING, note,
			      "that is no message; see `behest approve --cancel`");
	if (!err)
		err = device_give(outbox->device, notice, APPROVAL_CANCEL, &after, note);
	return err ? err : notice_print(&after, args_flag(outbox->args, "json"));
}

static enum cli_exit run(const struct args *args)
{
	struct outbox *outbox = calloc(1, sizeof(*outbox));
	struct err_note note = {""};
	enum cli_exit status = CLI_DONE;
	enum err err =
		outbox ? paths_find(args_text(args, "data", NULL), &outbox->paths, &note)
		       : ERR_MEMORY;

	if (!err) {
		outbox->args = args;
		err = args_count(args, "recall") > 0 ? recall(outbox, &note)
						     : list(outbox, &note);
	}
	if (err == ERR_RANGE || err == ERR_EXISTS)
		status = command_fail(CLI_USAGE, "%s", note.text);
	else if (err)
		status = command_fail_err(err, &note, "the outbox");
	if (outbox)
		device_close(outbox->device);
	free(outbox);
	return status;
}

const struct command command_outbox = {
	.name = "outbox",
	.summary = "list voice messages on their way, or recall one",
	.operands = "",
	.words =
		"This computer has to be paired: `behest pair --here`. A message can be "
		"recalled until somebody has listened to it, and an e-mail until the mail "
		"server has it; the answer says which case it was. Recalling destroys the "
		"key that the message is sealed under. Status 3 when it is too late.",
	.options = options,
	.option_count = STR_COUNT(options),
	.run = run,
};
