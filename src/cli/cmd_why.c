/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest why: what the journal says of one turn, in its own sentences and order.
 */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/history.h"
#include "cli/when.h"

enum { WHY_JSON_BYTES = 16384 };

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "policy",
	 .kind = OPTION_FLAG,
	 .words = "show the newest changes of what holds in the house instead of a turn"},
};

/* Whether the room's own key stands behind the row; the reason is in --json. */
static const char *signed_words(const struct event *event)
{
	const char *attested = event_value(event, "attested");

	if (attested[0] == '\0')
		return "";
	return str_equal(attested, "yes") ? " Signed by the room."
					  : " NOT proved by the room.";
}

static void print_row(const struct wire_why_row *row, const char *sentence)
{
	char when[WHEN_BYTES];

	when_local(when, row->event.at_ms);
	printf("%6" PRIu64 "  %s  %s%s\n", row->place, when, sentence,
	       signed_words(&row->event));
}

static enum err print_json(const struct wire_why_row *row, const char *sentence)
{
	const struct event *event = &row->event;
	char when[WHEN_BYTES];
	char turn[ID_TEXT_BYTES];
	struct json_write write;
	struct buf line;
	enum err err;

	when_utc(when, event->at_ms);
	turn_id_to_text(turn, event->turn);
	buf_init(&line, WHY_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_int(&write, "place", (int64_t)row->place);
	json_add_text(&write, "at", when);
	json_add_text(&write, "kind", event_kind_text(event->kind));
	json_add_text(&write, "turn", event->turn.value ? turn : NULL);
	json_add_text(&write, "room", event->room.text);
	json_add_text(&write, "sentence", sentence);
	json_open_object(&write, "fields");
	for (size_t i = 0; i < event->field_count; i++)
		json_add_text(&write, event->fields[i].name, event->fields[i].value);
	json_close(&write, '}');
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err show_rows(struct link_client *client, bool as_json, struct err_note *note)
{
	const struct wire_message *message = NULL;
	size_t count = 0;

	for (;;) {
		char sentence[EVENT_SENTENCE_BYTES];
		enum err err = link_client_wait(client, CLIENT_ANSWER_MS, &message, note);

		if (err)
			return err_say(err, note, "no answer from the keeper: %s",
				       err_words(err));
		if (message->type == WIRE_end && message->end.err)
			return err_say((enum err)message->end.err, note,
				       "the journal: %s",
				       err_words((enum err)message->end.err));
		if (message->type == WIRE_end)
			return count ? OK
				     : err_say(ERR_MISSING, note,
					       "the journal holds nothing of that");
		if (message->type != WIRE_why_row)
			return client_other(message, note);
		count++;
		event_sentence(&message->why_row.event, sentence);
		if (!as_json)
			print_row(&message->why_row, sentence);
		else
			err = print_json(&message->why_row, sentence);
		if (err)
			return err;
	}
}

/* A turn's own id, or a row of the history; nothing is the newest turn. */
static enum err find_turn(struct link_client *client, const struct args *args,
			  struct turn_id *out_turn, struct err_note *note)
{
	struct wire_history_row row;
	enum err err;

	if (args->rest_count == 0) {
		*out_turn = (struct turn_id){0};
		return OK;
	}
	if (turn_id_from_text(out_turn, args->rest[0]))
		return OK;
	err = history_find(client, args->rest[0], &row, note);
	if (!err)
		*out_turn = (struct turn_id){row.turn};
	explicit_bzero(&row, sizeof(row));
	return err;
}

static enum cli_exit run(const struct args *args)
{
	struct err_note note = {""};
	struct link_client *client = NULL;
	struct wire_why_get get = {.policy = args_flag(args, "policy")};
	struct turn_id turn = {0};
	struct paths paths;
	enum cli_exit status = CLI_DONE;
	enum err err;

	if (get.policy && args->rest_count > 0)
		return command_fail(CLI_USAGE, "a TURN and --policy exclude each other");
	err = paths_find(args_text(args, "data", NULL), &paths, &note);
	if (!err)
		err = client_sign_in(args, &paths, &client, &note);
	if (!err && !get.policy)
		err = find_turn(client, args, &turn, &note);
	get.turn = turn.value;
	if (!err)
		err = link_client_send_why_get(client, &get, &note);
	if (!err)
		err = show_rows(client, args_flag(args, "json"), &note);
	if (err)
		status = command_fail_err(err, &note, "the journal");
	link_client_close(client);
	return status;
}

const struct command command_why = {
	.name = "why",
	.summary = "show from the journal why something was or was not done",
	.operands = "[TURN]",
	.words =
		"TURN is a turn's id (t-...), or its number in `behest history`; without one, "
		"the newest turn is explained. --policy shows who changed what holds, whether that "
		"loosened it (class C), and by whose signature.",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 1,
	.run = run,
};
