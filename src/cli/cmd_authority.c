/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest authority: writes down that somebody asked for recordings that are not theirs. The
 * answer is always the same: there is no way to give them but an owner's own export.
 */
#include "base/json.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/incident_print.h"
#include "cli/verbs.h"

enum { LINE_BYTES = 1024 };

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "reference",
	 .kind = OPTION_TEXT,
	 .argument = "TEXT",
	 .words = "their file number, or the date of the letter"},
	{.name = "who", .kind = OPTION_TEXT, .argument = "TEXT", .words = "who asks"},
	{.name = "words",
	 .kind = OPTION_TEXT,
	 .argument = "TEXT",
	 .words = "what they ask for, in at most 500 bytes"},
};

static enum err read_text(const struct args *args, const char *name, char *to,
			  size_t size, bool is_needed, struct err_note *note)
{
	const char *text = args_text(args, name, "");

	if (is_needed && !*text)
		return err_say(ERR_RANGE, note, "record needs --%s", name);
	if (!str_copy(to, size, text))
		return err_say(ERR_RANGE, note, "--%s: at most %zu bytes", name,
			       size - 1);
	for (char *at = to; *at; at++)
		if (*at == '\n' || *at == '\t')
			*at = ' ';
	return OK;
}

static enum err print_recorded(const struct wire_incident_opened *opened, bool as_json)
{
	char id[ID_TEXT_BYTES];
	struct json_write write;
	struct buf line;
	enum err err;

	id_to_text(id, opened->id.bytes);
	if (!as_json) {
		printf("%s  it is written down as refused, for all owners to see\n", id);
		return OK;
	}
	buf_init(&line, LINE_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "id", id);
	json_add_text(&write, "kind", "refused");
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		puts((const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err record(const struct args *args, const struct paths *paths,
		       struct err_note *note)
{
	struct wire_authority_record request = {.unused = 0};
	const struct wire_message *message = NULL;
	struct link_client *client = NULL;
	enum err err =
		read_text(args, "who", request.who, sizeof(request.who), true, note);

	if (!err)
		err = read_text(args, "reference", request.reference,
				sizeof(request.reference), true, note);
	if (!err)
		err = read_text(args, "words", request.words, sizeof(request.words),
				false, note);
	if (!err)
		err = client_sign_in(args, paths, &client, note);
	if (!err)
		err = link_client_send_authority_record(client, &request, note);
	if (!err)
		err = client_expect_change(client, WIRE_incident_opened, &message, note);
	if (!err)
		err = print_recorded(&message->incident_opened, args_flag(args, "json"));
	link_client_close(client);
	return err;
}

static enum err list(const struct args *args, const struct paths *paths,
		     struct err_note *note)
{
	const bool as_json = args_flag(args, "json");
	struct incidents incidents = {.count = 0};
	struct link_client *client = NULL;
	struct incident_view view;
	size_t at = 0;
	enum err err = client_sign_in(args, paths, &client, note);

	if (!err)
		err = incidents_get(client, true, &incidents, note);
	while (!err && incidents_next(&incidents, &at, &view))
		err = incident_print_request(&view, as_json);
	if (!err && incidents.count == 0 && !as_json)
		puts("nobody asked for recordings");
	incidents_finish(&incidents);
	link_client_close(client);
	return err;
}

static enum cli_exit run(const struct args *args)
{
	static const struct verb verbs[] = {
		{"list", 0, 0, NULL, list},
		{"record", 0, 0, NULL, record},
	};

	return verbs_run(verbs, STR_COUNT(verbs), args, "the requests");
}

const struct command command_authority = {
	.name = "authority",
	.summary =
		"write down who asked for recordings that are not theirs, or list that",
	.operands = "[list | record]",
	.words =
		"Whoever asks, the assistant has no way to give recordings away but an "
		"owner's own export, with that owner's key. A request is written down as "
		"refused; every owner is told of it, and nobody can take it back.",
	.choices = "list|record",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 1,
	.run = run,
};
