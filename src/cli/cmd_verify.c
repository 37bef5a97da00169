/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest verify: has the keeper walk its whole journal and check every link of it; or checks
 * a file that it gave (verify_receipt.c).
 */
#include <inttypes.h>

#include "base/json.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/verify_receipt.h"

enum { VERIFY_WAIT_MS = 600000, VERIFY_JSON_BYTES = 2048 };

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
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
		printf("the journal is whole: %" PRIu64 " entries, root %s\n",
		       verified->entries, verified->root);
	}
	if (!verified->whole)
		return command_fail(CLI_FAILED,
				    "the journal is not whole after %" PRIu64
				    " entries: %s",
				    verified->entries, verified->trouble);
	return CLI_DONE;
}

static enum cli_exit run(const struct args *args)
{
	static const struct wire_verify_get get;
	const struct wire_message *message = NULL;
	struct err_note note = {""};
	struct link_client *client = NULL;
	struct paths paths;
	enum cli_exit status;

	if (args->rest_count == 1)
		return verify_receipt_run(args);
	enum err err = paths_find(args_text(args, "data", NULL), &paths, &note);

	if (!err)
		err = client_sign_in(args, &paths, &client, &note);
	if (!err)
		err = link_client_send_verify_get(client, &get, &note);
	if (!err)
		err = link_client_wait(client, VERIFY_WAIT_MS, &message, &note);
	if (!err && message->type != WIRE_verified)
		err = client_other(message, &note);
	status = err ? command_fail_err(err, &note, "the journal")
		     : show(&message->verified, args_flag(args, "json"));
	link_client_close(client);
	return status;
}

const struct command command_verify = {
	.name = "verify",
	.summary = "check the whole journal, link by link",
	.operands = "[FILE]",
	.words =
		"With a FILE: the receipt of something that was deleted (see behest erase).",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 1,
	.run = run,
};
