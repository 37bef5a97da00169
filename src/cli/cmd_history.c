/* SPDX-License-Identifier: Apache-2.0 */
/* behest history: what was asked, newest first, opened with the owner's key. */
#include "base/json.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/history.h"
#include "cli/when.h"

enum { ROW_JSON_BYTES = 8192 };

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	{.name = "limit",
	 .kind = OPTION_NUMBER,
	 .argument = "N",
	 .smallest = 1,
	 .largest = HISTORY_ROWS_MAX,
	 .words = "show at most N rows (default: 20)"},
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
};

static void print_row(size_t number, const struct wire_history_row *row)
{
	char when[WHEN_BYTES];
	bool kept = !id_is_none(row->record.bytes);

	when_local(when, row->at_ms);
	printf("%4zu  %s  %-14s", number, when, row->room);
	if (kept)
		printf("  %5.1f s", (double)row->sound_ms / 1000.0);
	else
		printf("  %7s", "no sound");
	printf("  %s", row->outcome);
	if (row->transcript[0])
		printf("  \"%s\"", row->transcript);
	putchar('\n');
}

static enum err print_json(size_t number, const struct wire_history_row *row)
{
	char when[WHEN_BYTES];
	char turn[ID_TEXT_BYTES];
	char record[ID_TEXT_BYTES];
	struct json_write write;
	struct buf line;
	enum err err;

	when_utc(when, row->at_ms);
	turn_id_to_text(turn, (struct turn_id){row->turn});
	id_to_text(record, row->record.bytes);
	buf_init(&line, ROW_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_int(&write, "number", (int64_t)number);
	json_add_text(&write, "turn", turn);
	json_add_text(&write, "record", id_is_none(row->record.bytes) ? NULL : record);
	json_add_text(&write, "at", when);
	json_add_text(&write, "room", row->room);
	json_add_int(&write, "sound_ms", row->sound_ms);
	json_add_text(&write, "transcript", row->transcript);
	json_add_text(&write, "outcome", row->outcome);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err print_rows(const struct history *history, bool as_json)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < history->count; i++) {
		if (as_json)
			err = print_json(i + 1, &history->rows[i]);
		else
			print_row(i + 1, &history->rows[i]);
	}
	if (history->count == 0 && !as_json)
		puts("nothing was asked yet");
	return err;
}

static enum cli_exit run(const struct args *args)
{
	struct err_note note = {""};
	struct history history = {.count = 0};
	struct link_client *client = NULL;
	struct paths paths;
	enum cli_exit status = CLI_DONE;
	enum err err = paths_find(args_text(args, "data", NULL), &paths, &note);

	if (!err)
		err = client_sign_in(args, &paths, &client, &note);
	if (!err)
		err = history_get(client,
				  (uint32_t)args_number(args, "limit",
							HISTORY_ROWS_DEFAULT),
				  &history, &note);
	if (!err)
		err = print_rows(&history, args_flag(args, "json"));
	if (err)
		status = command_fail_err(err, &note, "the history");
	history_finish(&history);
	link_client_close(client);
	return status;
}

const struct command command_history = {
	.name = "history",
	.summary = "list what was asked, with the owner's key",
	.operands = "",
	.words = "Newest first. The numbers name rows to `behest play` and `behest why`.",
	.options = options,
	.option_count = STR_COUNT(options),
	.run = run,
};
