/* SPDX-License-Identifier: Apache-2.0 */
/* behest history: what was asked, newest first, opened with the owner's key. */
#include "adapter/clock_system.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/history.h"
#include "cli/when.h"

enum { ROW_JSON_BYTES = 8192 };

static const struct option options[] = {
	{.name = "before",
	 .kind = OPTION_TEXT,
	 .argument = "TIME",
	 .words =
		 "only what was asked before it: 2026-11-22, \"2026-11-22 14:05\", today"},
	COMMAND_OPTION_DATA,
	{.name = "day",
	 .kind = OPTION_TEXT,
	 .argument = "DAY",
	 .words = "only of that day: today, yesterday or 2026-11-22"},
	COMMAND_OPTION_JSON,
	{.name = "limit",
	 .kind = OPTION_NUMBER,
	 .argument = "N",
	 .smallest = 1,
	 .largest = HISTORY_ROWS_MAX,
	 .words = "show at most N rows (default: 20)"},
	{.name = "outcome",
	 .kind = OPTION_TEXT,
	 .argument = "WORD",
	 .words = "only act, ask, hold, refuse, kept, or what has that action or reason"},
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "person",
	 .kind = OPTION_TEXT,
	 .argument = "NAME",
	 .words =
		 "only what that person's device took part in; your own name: also what is recorded for you"},
	{.name = "room",
	 .kind = OPTION_TEXT,
	 .argument = "ROOM",
	 .words = "only what was asked there"},
	{.name = "search",
	 .kind = OPTION_TEXT,
	 .argument = "WORDS",
	 .words = "only recordings whose transcript has words that begin with these"},
	{.name = "since",
	 .kind = OPTION_TEXT,
	 .argument = "TIME",
	 .words = "only what was asked then or later"},
};

/* --- what is asked for ------------------------------------------------------------------ */

static enum err read_time(const struct args *args, const char *name, int64_t now_ms,
			  struct when_range *range, struct err_note *note)
{
	const char *text = args_text(args, name, NULL);

	if (text && !when_read(text, now_ms, range))
		return err_say(ERR_RANGE, note,
			       "--%s %.40s: expected today, yesterday, 2026-11-22 or "
			       "\"2026-11-22 14:05\"",
			       name, text);
	return OK;
}

static enum err read_times(const struct args *args, struct wire_history_get *get,
			   struct err_note *note)
{
	const struct clock clock = clock_system();
	const int64_t now_ms = clock_wall_ms(&clock);
	struct when_range since = {.begin_ms = 0};
	struct when_range before = {.begin_ms = INT64_MAX};
	struct when_range day = {.begin_ms = 0, .end_ms = INT64_MAX};
	enum err err = read_time(args, "since", now_ms, &since, note);

	if (!err)
		err = read_time(args, "before", now_ms, &before, note);
	if (!err)
		err = read_time(args, "day", now_ms, &day, note);
	get->since_ms = since.begin_ms > day.begin_ms ? since.begin_ms : day.begin_ms;
	get->before_ms = before.begin_ms < day.end_ms ? before.begin_ms : day.end_ms;
	return err;
}

static enum err read_text(const struct args *args, const char *name, char *to,
			  size_t size, struct err_note *note)
{
	if (!str_copy(to, size, args_text(args, name, "")))
		return err_say(ERR_RANGE, note, "--%s: at most %zu bytes", name,
			       size - 1);
	return OK;
}

static enum err read_get(const struct args *args, struct wire_history_get *get,
			 struct err_note *note)
{
	enum err err = read_times(args, get, note);

	get->limit = (uint32_t)args_number(args, "limit", HISTORY_ROWS_DEFAULT);
	if (!err)
		err = read_text(args, "room", get->room, sizeof(get->room), note);
	if (!err)
		err = read_text(args, "outcome", get->outcome, sizeof(get->outcome),
				note);
	if (!err)
		err = read_text(args, "person", get->person, sizeof(get->person), note);
	if (!err)
		err = read_text(args, "search", get->words, sizeof(get->words), note);
	return err;
}

/* Rows are numbered as `behest play` counts them, where none was left out. */
static bool is_all(const struct wire_history_get *get)
{
	return get->before_ms == INT64_MAX && !get->room[0] && !get->outcome[0] &&
	       !get->person[0] && !get->words[0];
}

/* --- printing --------------------------------------------------------------------------- */

static void print_name(const struct wire_history_row *row, size_t number)
{
	char turn[ID_TEXT_BYTES];

	turn_id_to_text(turn, (struct turn_id){row->turn});
	if (number > 0)
		printf("%4zu", number);
	else
		printf("%s", turn);
}

static void print_row(size_t number, const struct wire_history_row *row)
{
	char when[WHEN_BYTES];

	when_local(when, row->at_ms);
	print_name(row, number);
	printf("  %s  %-14s", when, row->room);
	if (id_is_none(row->record.bytes))
		printf("  %7s", "no sound");
	else if (row->deleted_ms != 0)
		printf("  %7s", "deleted");
	else if (row->is_gone)
		printf("  %7s", "gone");
	else
		printf("  %5.1f s", (double)row->sound_ms / 1000.0);
	printf("  %s", row->outcome);
	if (row->transcript[0])
		printf("  \"%s\"", row->transcript);
	if (row->person[0])
		printf("  (%s)", row->person);
	if (row->opened[0])
		printf("  (%s listened to it)", row->opened);
	else if (str_equal(row->by, "box"))
		printf("  (in the household's box)");
	if (row->deleted_ms != 0) {
		when_local(when, row->deleted_ms);
		printf("  (deleted %s: %s)", when, row->deleted_why);
	}
	putchar('\n');
}

static enum err print_json(size_t number, const struct wire_history_row *row)
{
	char when[WHEN_BYTES];
	char deleted[WHEN_BYTES];
	char turn[ID_TEXT_BYTES];
	char record[ID_TEXT_BYTES];
	struct json_write write;
	struct buf line;
	enum err err;

	when_utc(when, row->at_ms);
	when_utc(deleted, row->deleted_ms);
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
	json_add_text(&write, "by", row->by[0] ? row->by : NULL);
	json_add_text(&write, "person", row->person[0] ? row->person : NULL);
	json_add_text(&write, "opened", row->opened[0] ? row->opened : NULL);
	json_add_bool(&write, "gone", row->is_gone != 0);
	json_add_text(&write, "deleted", row->deleted_ms != 0 ? deleted : NULL);
	json_add_text(&write, "deleted_why",
		      row->deleted_ms != 0 ? row->deleted_why : NULL);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err print_rows(const struct history *history,
			   const struct wire_history_get *get, bool as_json)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < history->count; i++) {
		if (as_json)
			err = print_json(i + 1, &history->rows[i]);
		else
			print_row(is_all(get) ? i + 1 : 0, &history->rows[i]);
	}
	if (history->count == 0 && !as_json)
		puts(is_all(get) && get->since_ms == 0 ? "nothing was asked yet"
						       : "nothing like that was asked");
	return err;
}

static enum cli_exit run(const struct args *args)
{
	struct wire_history_get get = {.limit = HISTORY_ROWS_DEFAULT};
	struct err_note note = {""};
	struct history history = {.count = 0};
	struct link_client *client = NULL;
	struct paths paths;
	enum cli_exit status = CLI_DONE;
	enum err err = read_get(args, &get, &note);

	if (err)
		return command_fail(CLI_USAGE, "%s", note.text);
	err = paths_find(args_text(args, "data", NULL), &paths, &note);
	if (!err)
		err = client_sign_in(args, &paths, &client, &note);
	if (!err)
		err = history_get(client, &get, &history, &note);
	if (!err)
		err = print_rows(&history, &get, args_flag(args, "json"));
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
	.words =
		"Newest first; times are those of the clock on the wall. The number of a row, or the "
		"turn (t-...) that stands there where rows were left out, names it to `behest "
		"play`, `behest why` and `behest erase`. Words are searched by the keeper, with "
		"your key, and nowhere else.",
	.options = options,
	.option_count = STR_COUNT(options),
	.run = run,
};
