/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest approve: what waits for a tap, on this computer as a paired device: lists it,
 * approves or cancels it, or stays and watches. What was asked for aloud to be deleted its
 * owner approves without a device, too, signed in.
 */
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/str.h"
#include "cli/approve_watch.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/device.h"
#include "cli/incident_news.h"
#include "cli/loosened.h"
#include "cli/notice_print.h"
#include "cli/terminal.h"

static const struct option options[] = {
	{.name = "all-cancel",
	 .kind = OPTION_FLAG,
	 .words = "cancel everything that still can be"},
	{.name = "as-owner",
	 .kind = OPTION_FLAG,
	 .words =
		 "with your passphrase instead of a device: what was asked for aloud to be deleted"},
	{.name = "cancel",
	 .kind = OPTION_TEXT,
	 .argument = "ID",
	 .words = "cancel that one"},
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "watch",
	 .kind = OPTION_FLAG,
	 .words =
		 "stay connected and show what comes; at a terminal, take what is typed"},
	{.name = "yes", .kind = OPTION_FLAG, .words = "do not ask again"},
};

struct approving {
	const struct args *args;
	struct paths paths;
	bool as_json;
	struct device_link *device;
	struct link_client *owner; /* signed in */
	struct loosened loosened;
	struct notices notices;
};

static enum err come(struct approving *approving, struct err_note *note)
{
	const struct device_listener nobody = {.told = NULL};

	return device_open(&approving->paths, &approving->notices, &nobody,
			   &approving->device, note);
}

static void show_incident(void *context, const struct wire_incident_news *news)
{
	const struct approving *approving = context;

	incident_news_show(stdout, news, approving->as_json);
}

/* The same, and shows what loosened the policy meanwhile. */
static enum err come_and_see(struct approving *approving, struct err_note *note)
{
	struct loosened *loosened = &approving->loosened;
	const struct device_listener listener = {.context = approving,
						 .loosened_context = loosened,
						 .loosened = loosened_show,
						 .incident = show_incident};
	enum err err;

	loosened_begin(loosened, &approving->paths, approving->as_json);
	err = device_open(&approving->paths, &approving->notices, &listener,
			  &approving->device, note);
	loosened_keep(loosened);
	return err;
}

/* Nothing is signed for a house whose journal was cut short or exchanged. */
static enum err witness(struct approving *approving, struct err_note *note)
{
	struct err_note why = {""};
	const enum err err = device_witness(approving->device, &approving->paths, &why);

	return err == OK || err == ERR_BUSY ? OK : err_say(err, note, "%s", why.text);
}

static enum err list(struct approving *approving, struct err_note *note)
{
	const struct notices *notices = &approving->notices;
	enum err err = come_and_see(approving, note);
	enum err witnessed = err ? OK : witness(approving, note);

	for (size_t i = 0; !err && i < notices->count; i++)
		err = notice_print(&notices->list[i], approving->as_json);
	if (!err && notices->count == 0 && !approving->as_json)
		puts("nothing waits");
	if (!err && notices->left_out > 0)
		fprintf(stderr, "%zu more wait and are not shown\n", notices->left_out);
	return err ? err : witnessed;
}

/* Asks at a terminal; elsewhere only --yes stands for the person. */
static enum err ask(const struct approving *approving, const struct notice *notice,
		    bool *out_yes, struct err_note *note)
{
	char words[NOTICE_WORDS_BYTES];
	char question[NOTICE_WORDS_BYTES + 16];

	*out_yes = args_flag(approving->args, "yes");
	if (*out_yes)
		return OK;
	if (!terminal_asks())
		return err_say(ERR_RANGE, note,
			       "nobody can be asked here; give --yes to approve it");
	notice_words(notice, words);
	(void)str_format(question, sizeof(question), "Approve: %s?", words);
	return terminal_ask_yes(question, false, out_yes);
}

static enum err give(struct approving *approving, const struct notice *notice,
		     enum approval_verdict verdict, struct err_note *note)
{
	struct notice after;
	enum err err = device_give(approving->device, notice, verdict, &after, note);

	return err ? err : notice_print(&after, approving->as_json);
}

static enum err approve(struct approving *approving, struct err_note *note)
{
	const struct notice *notice = NULL;
	bool yes = false;
	enum err err = come(approving, note);

	if (!err)
		err = witness(approving, note);
	if (!err)
		err = notices_find(&approving->notices, approving->args->rest[0],
				   "behest approve", &notice, note);
	if (!err)
		err = ask(approving, notice, &yes, note);
	if (!err && !yes)
		fputs("not approved; it still waits\n", stderr);
	return err || !yes ? err : give(approving, notice, APPROVAL_APPROVE, note);
}

/* --- signed in, without a device -------------------------------------------------------- */

static enum err take_for_owner(struct approving *approving,
			       const struct wire_message *message, struct err_note *note)
{
	struct notice notice;
	enum err err;

	if (message->type != WIRE_notice)
		return client_other(message, note);
	err = notice_read(&message->notice, loop_now_ms(), &notice, note);
	if (err)
		return err;
	notice.is_for_owner = true;
	(void)notices_take(&approving->notices, &notice);
	return OK;
}

static enum err sign_in(struct approving *approving, struct err_note *note)
{
	static const struct wire_forget_get get;
	const struct wire_message *message = NULL;
	enum err err = client_sign_in(approving->args, &approving->paths,
				      &approving->owner, note);

	if (!err)
		err = link_client_send_forget_get(approving->owner, &get, note);
	while (!err) {
		err = link_client_wait(approving->owner, CLIENT_ANSWER_MS, &message,
				       note);
		if (!err && message->type == WIRE_end)
			break;
		if (!err)
			err = take_for_owner(approving, message, note);
	}
	return err;
}

static enum err list_for_owner(struct approving *approving, struct err_note *note)
{
	const struct notices *notices = &approving->notices;
	enum err err = sign_in(approving, note);

	for (size_t i = 0; !err && i < notices->count; i++)
		err = notice_print(&notices->list[i], approving->as_json);
	if (!err && notices->count == 0 && !approving->as_json)
		puts("nothing waits that you can approve without a device");
	return err;
}

static enum err approve_signed_in(struct approving *approving,
				  const struct notice *notice, struct err_note *note)
{
	struct notice after = *notice;
	struct wire_forget_approve said = {
		.token = 1,
		.hash = {notice->hash, sizeof(notice->hash)},
	};
	enum err err;

	memcpy(said.proposal.bytes, notice->id.bytes, ID_BYTES);
	err = link_client_send_forget_approve(approving->owner, &said, note);
	if (!err)
		err = client_expect_done(approving->owner, note);
	after.state = PROPOSAL_ORDERED;
	after.until_ms = 0;
	return err ? err : notice_print(&after, approving->as_json);
}

static enum err approve_as_owner(struct approving *approving, struct err_note *note)
{
	const struct notice *notice = NULL;
	bool yes = false;
	enum err err;

	if (approving->args->rest_count == 0)
		return list_for_owner(approving, note);
	err = sign_in(approving, note);
	if (!err)
		err = notices_find(&approving->notices, approving->args->rest[0],
				   "behest approve --as-owner", &notice, note);
	if (!err)
		err = ask(approving, notice, &yes, note);
	if (!err && !yes)
		fputs("not approved; it still waits\n", stderr);
	return err || !yes ? err : approve_signed_in(approving, notice, note);
}

/* --- with a device ---------------------------------------------------------------------- */

static enum err cancel(struct approving *approving, struct err_note *note)
{
	const struct notice *notice = NULL;
	enum err err = come(approving, note);

	if (!err)
		err = notices_find(&approving->notices,
				   args_text(approving->args, "cancel", ""),
				   "behest approve", &notice, note);
	return err ? err : give(approving, notice, APPROVAL_CANCEL, note);
}

/* Backwards: what is cancelled leaves the list. */
static enum err cancel_all(struct approving *approving, struct err_note *note)
{
	const struct notices *notices = &approving->notices;
	enum err err = come(approving, note);

	for (size_t i = notices->count; !err && i > 0; i--)
		if (i <= notices->count && notice_can_cancel(&notices->list[i - 1]))
			err = give(approving, &notices->list[i - 1], APPROVAL_CANCEL,
				   note);
	return err;
}

static enum err watch(struct approving *approving, struct err_note *note)
{
	return approve_watch(&approving->paths, approving->as_json, note);
}

typedef enum err way_fn(struct approving *approving, struct err_note *note);

/* NULL: more than one was asked for. */
static way_fn *find_way(const struct args *args)
{
	const struct {
		bool is_asked;
		way_fn *run;
	} ways[] = {
		{args_flag(args, "as-owner"), approve_as_owner},
		{args->rest_count > 0 && !args_flag(args, "as-owner"), approve},
		{args_count(args, "all-cancel") > 0, cancel_all},
		{args_count(args, "cancel") > 0, cancel},
		{args_count(args, "watch") > 0, watch},
	};
	way_fn *found = list;

	for (size_t i = 0; i < STR_COUNT(ways); i++) {
		if (!ways[i].is_asked)
			continue;
		if (found != list)
			return NULL;
		found = ways[i].run;
	}
	return found;
}

/* Which id was meant is in the words that were typed. */
static bool is_usage(enum err err)
{
	return err == ERR_RANGE || err == ERR_EXISTS;
}

static enum cli_exit run(const struct args *args)
{
	way_fn *way = find_way(args);
	struct approving *approving = NULL;
	struct err_note note = {""};
	enum cli_exit status = CLI_DONE;
	enum err err;

	if (!way)
		return command_fail(CLI_USAGE, "an ID to approve, --cancel, --all-cancel "
					       "and --watch exclude each other, and all "
					       "but the first --as-owner");
	approving = calloc(1, sizeof(*approving));
	err = approving ? paths_find(args_text(args, "data", NULL), &approving->paths,
				     &note)
			: ERR_MEMORY;
	if (!err) {
		approving->args = args;
		approving->as_json = args_flag(args, "json");
		err = way(approving, &note);
	}
	if (is_usage(err))
		status = command_fail(CLI_USAGE, "%s", note.text);
	else if (err)
		status = command_fail_err(err, &note, "what waits");
	if (approving)
		device_close(approving->device);
	if (approving)
		link_client_close(approving->owner);
	free(approving);
	return status;
}

const struct command command_approve = {
	.name = "approve",
	.summary = "list, approve or cancel what binds the household",
	.operands = "[ID]",
	.words =
		"This computer has to be paired: `behest pair --here`. Without ID lists what "
		"waits; ID is at least its first four digits. What is approved is exactly "
		"what is shown, once. Something is asked for only while a device can be "
		"reached: one that watches, or was used within ten minutes. --watch also "
		"tells the house that you were shown what is held, so that the hold can "
		"begin. Both list, once, what loosened the house's policy since then, and who did it. "
		"This device keeps the newest state of the house's journal that it saw: when the "
		"journal was cut short or exchanged since, it says so, signs nothing but a cancel, "
		"and ends with status 1. "
		"With --as-owner no device is needed: you sign in, and see and approve what was asked "
		"for aloud to be deleted of yours, and nothing else. "
		"Status 3 when the keeper refuses, with its reason.",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 1,
	.run = run,
};
