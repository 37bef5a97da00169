/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest erase: destroys recordings of whoever is signed in: one, those of a time or a room,
 * or all. Says first what goes and has it confirmed, and keeps the keeper's receipt.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "adapter/clock_system.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/history.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "cli/when.h"
#include "domain/erasure.h"

enum {
	ERASE_WAIT_MS = 600000,
	RECEIPT_BYTES_MAX = 8 * 1024 * 1024,
	RESULT_JSON_BYTES = 4096,
	WORDS_BYTES = 256,
	BACKUP_TIME_BYTES = 32,
};

static const struct option options[] = {
	{.name = "all",
	 .kind = OPTION_FLAG,
	 .words = "everything that was ever recorded for you, at once"},
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "receipt",
	 .kind = OPTION_FILE,
	 .argument = "FILE",
	 .words = "write the receipt there (default: a new file in DIR/receipts)"},
	{.name = "receipts",
	 .kind = OPTION_FLAG,
	 .words =
		 "delete nothing: what was deleted on which day, also for its age or by voice; "
		 "with a time, write the receipt of what was deleted then"},
	{.name = "room",
	 .kind = OPTION_TEXT,
	 .argument = "ROOM",
	 .words = "what was recorded there; with a time, only of that time"},
	{.name = "since",
	 .kind = OPTION_TEXT,
	 .argument = "TIME",
	 .words =
		 "what was recorded then or later: today, 2026-11-22, \"2026-11-22 14:05\""},
	{.name = "today", .kind = OPTION_FLAG, .words = "what was recorded today"},
	{.name = "until",
	 .kind = OPTION_TEXT,
	 .argument = "TIME",
	 .words = "what was recorded until the end of that day, hour or minute"},
	{.name = "yes", .kind = OPTION_FLAG, .words = "do not ask again"},
};

struct erasing {
	const struct args *args;
	struct paths paths;
	struct link_client *client;
	struct wire_erase_ask ask;
	bool is_looked_at;
	struct wire_erase_found found;
	uint64_t done;
	char receipt_path[FILE_PATH_BYTES];
	struct buf receipt;
};

/* --- what is asked for ------------------------------------------------------------------ */

static enum err read_time(const struct args *args, const char *name,
			  struct when_range *range, struct err_note *note)
{
	const struct clock clock = clock_system();
	const char *text = args_text(args, name, NULL);

	if (text && !when_read(text, clock_wall_ms(&clock), range))
		return err_say(ERR_RANGE, note,
			       "--%s %.40s: expected today, yesterday, 2026-11-22 or "
			       "\"2026-11-22 14:05\"",
			       name, text);
	return OK;
}

static enum err read_range(struct erasing *erasing, struct err_note *note)
{
	const struct clock clock = clock_system();
	const struct args *args = erasing->args;
	struct when_range since = {.begin_ms = INT64_MIN};
	struct when_range until = {.end_ms = INT64_MAX};
	struct when_range today;
	enum err err = read_time(args, "since", &since, note);

	if (!err)
		err = read_time(args, "until", &until, note);
	if (err)
		return err;
	erasing->ask.from_ms = since.begin_ms;
	erasing->ask.to_ms = until.end_ms == INT64_MAX ? INT64_MAX : until.end_ms - 1;
	if (args_flag(args, "today")) {
		if (!when_read("today", clock_wall_ms(&clock), &today))
			return err_say(ERR_RANGE, note, "it is not known what day it is");
		erasing->ask.from_ms = today.begin_ms;
		erasing->ask.to_ms = today.end_ms - 1;
	}
	if (erasing->ask.from_ms > erasing->ask.to_ms)
		return err_say(ERR_RANGE, note, "--since is behind --until");
	if (!str_copy(erasing->ask.room, sizeof(erasing->ask.room),
		      args_text(args, "room", "")))
		return err_say(ERR_RANGE, note, "--room: at most %zu bytes",
			       sizeof(erasing->ask.room) - 1);
	return OK;
}

/* Exactly one of the ways to say it. */
static enum err read_what(struct erasing *erasing, struct err_note *note)
{
	const struct args *args = erasing->args;
	const bool is_all = args_flag(args, "all");
	const bool is_today = args_flag(args, "today");
	const bool has_time = args_count(args, "since") || args_count(args, "until");
	const bool is_range = is_today || has_time || args_count(args, "room");

	if (args_flag(args, "receipts")) {
		if (is_all || args->rest_count > 0 || args_count(args, "room") ||
		    (is_today && has_time))
			return err_say(ERR_FORMAT, note,
				       "with --receipts say a time, or nothing");
		return read_range(erasing, note);
	}
	if ((is_today && has_time) || is_all + is_range + (args->rest_count == 1) != 1)
		return err_say(ERR_FORMAT, note,
			       "say which: one recording; or a time, with --today or "
			       "--since and --until, or a --room, or both; or --all");
	erasing->ask.what = (uint8_t)(is_all     ? ERASURE_ALL
				      : is_range ? ERASURE_RANGE
						 : ERASURE_RECORD);
	return is_range ? read_range(erasing, note) : OK;
}

static enum err read_record(struct erasing *erasing, struct err_note *note)
{
	const char *word = erasing->args->rest[0];
	struct wire_history_row row;
	enum err err;

	if (id_from_text(erasing->ask.record.bytes, word))
		return OK;
	err = history_find(erasing->client, word, &row, note);
	if (err)
		return err;
	erasing->ask.record = row.record;
	explicit_bzero(&row, sizeof(row));
	if (id_is_none(erasing->ask.record.bytes))
		return err_say(ERR_MISSING, note,
			       "\"%.40s\": no recording was kept of that turn", word);
	return OK;
}

/* --- the receipt's file ----------------------------------------------------------------- */

/* Before anything is destroyed: a receipt that cannot be kept is not asked for. */
static enum err find_receipt(struct erasing *erasing, struct err_note *note)
{
	const struct clock clock = clock_system();
	const char *given = args_text(erasing->args, "receipt", NULL);
	char folder[FILE_PATH_BYTES];
	char name[64];
	enum err err = OK;

	(void)str_format(name, sizeof(name), "%" PRId64 ".receipt",
			 clock_wall_ms(&clock));
	if (given ? !str_copy(erasing->receipt_path, sizeof(erasing->receipt_path), given)
		  : !file_join(folder, sizeof(folder), erasing->paths.data, "receipts") ||
			    !file_join(erasing->receipt_path,
				       sizeof(erasing->receipt_path), folder, name))
		return err_say(ERR_LIMIT, note, "the receipt's path is too long");
	if (!given)
		err = file_make_folder(folder, note);
	if (!err && file_exists(erasing->receipt_path))
		err = err_say(ERR_EXISTS, note,
			      "%s is there already; nothing was deleted",
			      erasing->receipt_path);
	if (!err)
		err = file_prepare(erasing->receipt_path, "", 0, 0600, note);
	file_drop(erasing->receipt_path);
	return err;
}

/* --- asking ----------------------------------------------------------------------------- */

static enum err look(struct erasing *erasing, struct err_note *note)
{
	const struct wire_message *message = NULL;
	enum err err = link_client_send_erase_ask(erasing->client, &erasing->ask, note);

	if (!err)
		err = link_client_wait(erasing->client, ERASE_WAIT_MS, &message, note);
	if (!err && message->type != WIRE_erase_found)
		err = client_other(message, note);
	if (!err) {
		erasing->found = message->erase_found;
		erasing->is_looked_at = true;
	}
	return err;
}

static void write_what(const struct erasing *erasing, char to[WORDS_BYTES])
{
	const struct wire_erase_found *found = &erasing->found;
	char first[WHEN_BYTES];
	char last[WHEN_BYTES];

	when_local(first, found->first_ms);
	when_local(last, found->last_ms);
	if (found->count == 1)
		(void)str_format(to, WORDS_BYTES, "1 recording, of %s", first);
	else
		(void)str_format(to, WORDS_BYTES, "%" PRIu64 " recordings, from %s to %s",
				 found->count, first, last);
	if (erasing->ask.what == ERASURE_ALL)
		(void)str_append(to, WORDS_BYTES, ": everything of yours");
}

static enum err confirm(const struct erasing *erasing, struct err_note *note)
{
	char words[WORDS_BYTES];
	char question[WORDS_BYTES + 80];
	char expected[32];
	char answer[32] = "";
	enum err err;

	write_what(erasing, words);
	(void)str_format(expected, sizeof(expected), "%" PRIu64, erasing->found.count);
	if (args_flag(erasing->args, "yes")) {
		fprintf(stderr, "deleting %s\n", words);
		return OK;
	}
	if (!terminal_asks())
		return err_say(
			ERR_RANGE, note,
			"%s would go for ever; nobody can be asked here: give --yes",
			words);
	(void)str_format(question, sizeof(question),
			 "This deletes %s, for ever. To do it type %s:", words, expected);
	err = terminal_ask(question, "", answer, sizeof(answer));
	if (!err && !str_equal(answer, expected))
		err = err_say(ERR_DENIED, note, "that is not %s: nothing was deleted",
			      expected);
	return err;
}

/* --- doing it --------------------------------------------------------------------------- */

static enum err send_do(struct erasing *erasing, struct err_note *note)
{
	static const struct wire_erase_all all;
	const struct wire_erase_do some = {.count = erasing->found.count};

	return erasing->ask.what == ERASURE_ALL
		       ? link_client_send_erase_all(erasing->client, &all, note)
		       : link_client_send_erase_do(erasing->client, &some, note);
}

static enum err take(struct erasing *erasing, struct progress *progress,
		     const struct wire_message *message, bool *out_over,
		     struct err_note *note)
{
	if (message->type == WIRE_erased) {
		erasing->done = message->erased.done;
		progress_step(progress, (size_t)message->erased.done);
		return OK;
	}
	if (message->type == WIRE_receipt)
		return buf_add(&erasing->receipt, message->receipt.text.bytes,
			       message->receipt.text.size);
	*out_over = message->type == WIRE_end;
	if (message->type != WIRE_end)
		return client_other(message, note);
	if (message->end.err == OK)
		return OK;
	return err_say((enum err)message->end.err, note,
		       "%" PRIu64 " were deleted, and then it failed: %s", erasing->done,
		       err_words((enum err)message->end.err));
}

static enum err wait(struct erasing *erasing, struct err_note *note)
{
	const struct wire_message *message = NULL;
	struct progress progress;
	bool is_over = false;
	enum err err = OK;

	progress_begin(&progress, "deleting", (size_t)erasing->found.count);
	while (!err && !is_over) {
		err = link_client_wait(erasing->client, ERASE_WAIT_MS, &message, note);
		if (!err)
			err = take(erasing, &progress, message, &is_over, note);
	}
	progress_end(&progress);
	return err;
}

static enum err keep_receipt(struct erasing *erasing, struct err_note *note)
{
	if (erasing->receipt.size == 0)
		return OK;
	return file_write(erasing->receipt_path, erasing->receipt.bytes,
			  erasing->receipt.size, 0600, note);
}

/* When the backup was made that still opens what is deleted, with its own key table; false:
 * there is none. */
static bool older_backup(const struct erasing *erasing, char to[BACKUP_TIME_BYTES])
{
	static const char LINE[] = "\nbackup older ";
	const char *line = erasing->receipt.size > 0
				   ? strstr((const char *)erasing->receipt.bytes, LINE)
				   : NULL;

	return line && str_copy_bytes(to, BACKUP_TIME_BYTES, line + strlen(LINE),
				      strcspn(line + strlen(LINE), "\n"));
}

static enum err print_json(const struct erasing *erasing)
{
	const bool is_all = erasing->ask.what == ERASURE_ALL;
	char backup[BACKUP_TIME_BYTES];
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, RESULT_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_bool(&write, "everything", is_all && erasing->receipt.size > 0);
	if (!is_all)
		json_add_int(&write, "deleted", (int64_t)erasing->done);
	json_add_text(&write, "receipt",
		      erasing->receipt.size > 0 ? erasing->receipt_path : NULL);
	json_add_text(&write, "older_backup",
		      older_backup(erasing, backup) ? backup : NULL);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err print(const struct erasing *erasing)
{
	char backup[BACKUP_TIME_BYTES];

	if (args_flag(erasing->args, "json"))
		return print_json(erasing);
	if (erasing->receipt.size == 0) {
		puts("there is nothing of that to delete");
		return OK;
	}
	if (erasing->ask.what == ERASURE_ALL)
		puts("deleted: everything that was recorded for you");
	else
		printf("deleted: %" PRIu64 " recording%s\n", erasing->done,
		       erasing->done == 1 ? "" : "s");
	printf("receipt: %s (check it: behest verify FILE)\n", erasing->receipt_path);
	if (older_backup(erasing, backup))
		printf("The backup of %s is older. Its ciphertext alone opens nothing; with "
		       "its key table and its backup key it still opens what is deleted "
		       "now. Make another one: behest backup\n",
		       backup);
	return OK;
}

static enum err carry_out(struct erasing *erasing, struct err_note *note)
{
	enum err err = find_receipt(erasing, note);
	enum err kept;

	if (!err)
		err = send_do(erasing, note);
	if (err)
		return err;
	err = wait(erasing, note);
	kept = keep_receipt(erasing, err ? NULL : note);
	return err ? err : kept;
}

/* --- receipts of what was deleted before ------------------------------------------------ */

static enum err print_day(const struct args *args, const struct wire_receipt_day *day)
{
	struct json_write write;
	char at[WHEN_BYTES];
	struct buf line;
	enum err err;

	when_local(at, day->at_ms);
	at[strcspn(at, " ")] = '\0'; /* the day */
	if (!args_flag(args, "json")) {
		printf("%s  %" PRIu64 " deleted, %" PRIu64 " of them for their age\n", at,
		       day->count, day->aged);
		return OK;
	}
	buf_init(&line, RESULT_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "day", at);
	json_add_int(&write, "deleted", (int64_t)day->count);
	json_add_int(&write, "for_age", (int64_t)day->aged);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err take_receipts(struct erasing *erasing, struct err_note *note)
{
	const struct wire_message *message = NULL;
	enum err err = OK;

	while (!err) {
		err = link_client_wait(erasing->client, ERASE_WAIT_MS, &message, note);
		if (!err && message->type == WIRE_receipt_day)
			err = print_day(erasing->args, &message->receipt_day);
		else if (!err && message->type == WIRE_receipt)
			err = buf_add(&erasing->receipt, message->receipt.text.bytes,
				      message->receipt.text.size);
		else if (!err && message->type == WIRE_end)
			return (enum err)message->end.err;
		else if (!err)
			err = client_other(message, note);
	}
	return err;
}

/* Without a time it is only listed. */
static enum err list_receipts(struct erasing *erasing, struct err_note *note)
{
	const struct args *args = erasing->args;
	const bool is_made = args_flag(args, "today") || args_count(args, "since") ||
			     args_count(args, "until");
	const struct wire_receipts_get get = {.from_ms = erasing->ask.from_ms,
					      .to_ms = erasing->ask.to_ms,
					      .make = is_made};
	enum err err = client_sign_in(args, &erasing->paths, &erasing->client, note);

	if (!err && is_made)
		err = find_receipt(erasing, note);
	if (!err)
		err = link_client_send_receipts_get(erasing->client, &get, note);
	if (!err)
		err = take_receipts(erasing, note);
	if (!err)
		err = keep_receipt(erasing, note);
	if (!err && erasing->receipt.size > 0 && !args_flag(args, "json"))
		printf("receipt: %s (check it: behest verify FILE)\n",
		       erasing->receipt_path);
	return err;
}

/* Everything can go without having been looked at. */
static bool must_look(const struct erasing *erasing)
{
	return erasing->ask.what != ERASURE_ALL || !args_flag(erasing->args, "yes");
}

static enum err erase(struct erasing *erasing, struct err_note *note)
{
	enum err err =
		client_sign_in(erasing->args, &erasing->paths, &erasing->client, note);

	if (!err && erasing->ask.what == ERASURE_RECORD)
		err = read_record(erasing, note);
	if (!err && must_look(erasing))
		err = look(erasing, note);
	if (!err && erasing->found.unreadable > 0)
		fprintf(stderr,
			"behest erase: %" PRIu64
			" entries of the journal cannot be read; "
			"what they tell of is not among these (see: behest verify)\n",
			erasing->found.unreadable);
	if (!err && erasing->is_looked_at && erasing->found.count == 0)
		return print(erasing);
	if (!err && erasing->is_looked_at)
		err = confirm(erasing, note);
	if (!err)
		err = carry_out(erasing, note);
	return err ? err : print(erasing);
}

static enum cli_exit run(const struct args *args)
{
	struct err_note note = {""};
	struct erasing erasing = {.args = args};
	enum cli_exit status = CLI_DONE;
	enum err err = read_what(&erasing, &note);

	if (err)
		return command_fail(CLI_USAGE, "%s", note.text);
	buf_init(&erasing.receipt, RECEIPT_BYTES_MAX);
	err = paths_find(args_text(args, "data", NULL), &erasing.paths, &note);
	if (!err)
		err = args_flag(args, "receipts") ? list_receipts(&erasing, &note)
						  : erase(&erasing, &note);
	if (err)
		status = command_fail_err(err, &note, "the recordings");
	buf_finish(&erasing.receipt);
	link_client_close(erasing.client);
	return status;
}

const struct command command_erase = {
	.name = "erase",
	.summary = "delete recordings for ever, with the owner's key",
	.operands = "[NUMBER|RECORD|TURN]",
	.words =
		"Says what goes, asks, and keeps a receipt that `behest verify` checks. NUMBER "
		"is the row in `behest history`.",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 1,
	.run = run,
};
