/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest backup: copies the house into a folder while it goes on. The keeper seals what
 * leaves; the files are read back before they take the place of the former ones.
 */
#include <signal.h>
#include <string.h>

#include "adapter/clock_system.h"
#include "adapter/keeper_mark.h"
#include "base/json.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "cli/backup_files.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/when.h"

enum { WAIT_MS = 60000, WINDOW = 32, JSON_BYTES = 8192 };

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	{.name = "keep-old",
	 .kind = OPTION_FLAG,
	 .words = "do not remove the ciphertext of older backups from the folder"},
	{.name = "key",
	 .kind = OPTION_FILE,
	 .argument = "FILE",
	 .words = "write the backup key there instead, best on another medium"},
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
};

static enum err ask_more(struct link_client *client, uint32_t pieces,
			 struct err_note *note)
{
	const struct wire_backup_more more = {.pieces = pieces};

	return link_client_send_backup_more(client, &more, note);
}

static void draw(struct progress *progress, const struct wire_backup_piece *piece)
{
	progress->total = (size_t)piece->total;
	progress_step(progress,
		      (size_t)(piece->done < piece->total ? piece->done : piece->total));
}

/* Everything that the keeper tells, until it was all. */
static enum err take_pieces(struct link_client *client, struct backup_files *files,
			    struct wire_backup_made *out_made, struct err_note *note)
{
	struct progress progress;
	uint32_t taken = 0;
	bool is_made = false;
	enum err err = ask_more(client, WINDOW, note);

	progress_begin(&progress, "copying", 0);
	while (!err && !is_made) {
		const struct wire_message *message = NULL;

		err = link_client_wait(client, WAIT_MS, &message, note);
		if (err)
			err = err_say(err, note, "no answer from the keeper: %s",
				      err_words(err));
		else if (message->type == WIRE_backup_made)
			*out_made = message->backup_made;
		else if (message->type != WIRE_backup_piece)
			err = client_other(message, note);
		else {
			const struct wire_backup_piece *piece = &message->backup_piece;

			draw(&progress, piece);
			err = backup_files_write(files, piece->file, piece->again,
						 piece->bytes.bytes, piece->bytes.size,
						 note);
			if (!err && ++taken % (WINDOW / 2) == 0)
				err = ask_more(client, WINDOW / 2, note);
			continue;
		}
		is_made = true;
	}
	progress_end(&progress);
	return err;
}

static enum err read_mark(const struct paths *paths, struct keeper_mark *out_mark,
			  struct err_note *note)
{
	char folder[FILE_PATH_BYTES];

	if (!file_join(folder, sizeof(folder), paths->data, "keeper"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", paths->data);
	return keeper_mark_read(folder, out_mark, note);
}

static enum err say_kept(struct link_client *client, const struct backup_files *files,
			 struct err_note *note)
{
	const struct wire_backup_kept kept = {.bytes = backup_files_bytes(files)};
	enum err err = link_client_send_backup_kept(client, &kept, note);

	return err ? err : client_expect_done(client, note);
}

static enum err make(const struct args *args, const struct paths *paths,
		     struct link_client *client, struct backup_files *files,
		     struct wire_backup_made *made, struct err_note *note)
{
	static const struct wire_backup_get get;
	struct clock clock = clock_system();
	struct keeper_mark mark;
	enum err err = read_mark(paths, &mark, note);

	if (!err)
		err = backup_files_begin(files, args->rest[0],
					 args_text(args, "key", NULL),
					 clock_wall_ms(&clock), note);
	if (!err)
		err = link_client_send_backup_get(client, &get, note);
	if (!err)
		err = take_pieces(client, files, made, note);
	if (!err)
		err = backup_files_keep(files, &mark, made->id.bytes, note);
	if (!err)
		err = say_kept(client, files, note);
	if (!err && !args_flag(args, "keep-old"))
		backup_files_prune(files);
	return err;
}

static enum err print_json(const struct backup_files *files,
			   const struct wire_backup_made *made)
{
	char when[WHEN_BYTES];
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, JSON_BYTES);
	when_utc(when, made->made_ms);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "ciphertext", files->places[BACKUP_CIPHERTEXT - 1].path);
	json_add_text(&write, "keys", files->places[BACKUP_KEYS - 1].path);
	json_add_text(&write, "key", files->places[BACKUP_KEY - 1].path);
	json_add_int(&write, "bytes", (int64_t)backup_files_bytes(files));
	json_add_int(&write, "journal_entries", (int64_t)made->entries);
	json_add_text(&write, "root", made->root);
	json_add_text(&write, "made", when);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static void print_words(const struct backup_files *files,
			const struct wire_backup_made *made)
{
	printf("backed up and read back: %.1f MB, the journal's first %llu entries\n",
	       (double)backup_files_bytes(files) / 1e6,
	       (unsigned long long)made->entries);
	for (size_t i = 0; i < BACKUP_KIND_COUNT; i++)
		printf("  %-11s %s\n", backup_kind_words((enum backup_kind)(i + 1)),
		       files->places[i].path);
}

static enum cli_exit run(const struct args *args)
{
	struct err_note note = {""};
	struct link_client *client = NULL;
	struct backup_files files = {.folder_fd = -1,
				     .places = {{.fd = -1}, {.fd = -1}, {.fd = -1}}};
	struct wire_backup_made made = {.entries = 0};
	struct paths paths;
	enum cli_exit status = CLI_DONE;
	enum err err = paths_find(args_text(args, "data", NULL), &paths, &note);

	/* A file that may not grow is a write that fails, as on a full disk. */
	must(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	if (!err)
		err = client_sign_in(args, &paths, &client, &note);
	if (!err)
		err = make(args, &paths, client, &files, &made, &note);
	if (!err && args_flag(args, "json"))
		err = print_json(&files, &made);
	else if (!err)
		print_words(&files, &made);
	backup_files_end(&files);
	if (err)
		status = command_fail_err(err, &note, "the backup");
	link_client_close(client);
	return status;
}

const struct command command_backup = {
	.name = "backup",
	.summary = "copy the house into a folder while it goes on",
	.operands = "DIR",
	.words =
		"Writes the ciphertext, the small key table and the backup key, which an owner's "
		"passphrase opens, reads them back, and then puts them in the place of the "
		"former ones. Every deletion ends the backup key: make one afterwards, and "
		"keep no older copy of the key table.",
	.choices = "",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_min = 1,
	.rest_max = 1,
	.run = run,
};
