/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest verify: has the keeper walk its whole journal and check every link of it; prints
 * the proof that one entry is in it; or checks a file that it gave: an archive
 * (verify_archive.c) or a receipt (verify_receipt.c).
 */
#include <inttypes.h>

#include "base/json.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/verify_archive.h"
#include "cli/verify_receipt.h"

enum { VERIFY_WAIT_MS = 600000, VERIFY_JSON_BYTES = 2048 };

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	{.name = "key",
	 .kind = OPTION_TEXT,
	 .argument = "KEY",
	 .words =
		 "of a receipt: the keeper's public key, where there is no house any more"},
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "proof",
	 .kind = OPTION_NUMBER,
	 .argument = "PLACE",
	 .smallest = 1,
	 .largest = INT32_MAX,
	 .words = "print the proof that the journal holds that entry"},
};

static enum err print_json(const struct wire_verified *verified)
{
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, VERIFY_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_int(&write, "entries", (int64_t)verified->entries);
	json_add_bool(&write, "whole", verified->whole != 0);
	json_add_text(&write, "root", verified->root);
	json_add_text(&write, "trouble", verified->trouble[0] ? verified->trouble : NULL);
	json_add_text(&write, "wrong", verified->whole ? NULL : verified->wrong);
	if (!verified->whole) {
		json_add_int(&write, "from", (int64_t)verified->from);
		json_add_int(&write, "to", (int64_t)verified->to);
	}
	json_add_int(&write, "tiles", (int64_t)verified->tiles);
	json_add_int(&write, "cosignatures", (int64_t)verified->cosignatures);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum cli_exit show(const struct wire_verified *verified, bool as_json)
{
	if (as_json) {
		enum err err = print_json(verified);

		if (err)
			return command_fail_err(err, NULL, "standard output");
	} else if (verified->whole) {
		printf("the journal is whole: %" PRIu64 " entries, root %s; %" PRIu64
		       " tiles and %" PRIu64 " cosignatures fit\n",
		       verified->entries, verified->root, verified->tiles,
		       verified->cosignatures);
	}
	if (!verified->whole)
		return command_fail(CLI_FAILED,
				    "the journal is not whole after %" PRIu64
				    " entries: %s",
				    verified->entries, verified->trouble);
	return CLI_DONE;
}

/* Draws how far it is until it is through. */
static enum err walk(struct link_client *client, const struct wire_message **out_message,
		     struct err_note *note)
{
	static const struct wire_verify_get get;
	struct progress progress;
	enum err err = link_client_send_verify_get(client, &get, note);

	progress_begin(&progress, "journal", 0);
	while (!err) {
		err = link_client_wait(client, VERIFY_WAIT_MS, out_message, note);
		if (err || (*out_message)->type != WIRE_verify_progress)
			break;
		progress.total = (size_t)(*out_message)->verify_progress.of;
		progress_step(&progress, (size_t)(*out_message)->verify_progress.done);
	}
	progress_end(&progress);
	if (!err && (*out_message)->type != WIRE_verified)
		err = client_other(*out_message, note);
	return err;
}

/* The text as it came: foreign tools read it. */
static enum err prove(struct link_client *client, uint64_t place, struct err_note *note)
{
	const struct wire_entry_get get = {.place = place};
	const struct wire_message *message = NULL;
	enum err err = link_client_send_entry_get(client, &get, note);

	if (!err)
		err = client_expect(client, WIRE_entry, &message, note);
	if (!err && fwrite(message->entry.proof.bytes, 1, message->entry.proof.size,
			   stdout) != message->entry.proof.size)
		err = ERR_IO;
	return err;
}

static enum cli_exit run(const struct args *args)
{
	const struct wire_message *message = NULL;
	const int64_t place = args_number(args, "proof", 0);
	struct err_note note = {""};
	struct link_client *client = NULL;
	struct paths paths;
	enum cli_exit status = CLI_DONE;
	enum err err;

	if (args->rest_count == 1 && verify_archive_is(args->rest[0]))
		return verify_archive_run(args);
	if (args->rest_count == 1)
		return verify_receipt_run(args);
	err = paths_find(args_text(args, "data", NULL), &paths, &note);
	if (!err)
		err = client_sign_in(args, &paths, &client, &note);
	if (!err && place > 0)
		err = prove(client, (uint64_t)place, &note);
	else if (!err)
		err = walk(client, &message, &note);
	if (err)
		status = command_fail_err(err, &note, "the journal");
	else if (message)
		status = show(&message->verified, args_flag(args, "json"));
	link_client_close(client);
	return status;
}

const struct command command_verify = {
	.name = "verify",
	.summary = "check the whole journal, link by link",
	.operands = "[FILE]",
	.words =
		"Says which entries are wrong, and how: changed, replaced, missing; when the "
		"journal was cut short, or a paired device saw another one. Status 1 then. "
		"A proof is a text in the C2SP tlog-proof form, which foreign tools read. "
		"With FILE.zip: check an archive of `behest export`, without the keeper. With any "
		"other FILE: the receipt of something that was deleted (see behest erase).",
	.choices = "",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 1,
	.run = run,
};
