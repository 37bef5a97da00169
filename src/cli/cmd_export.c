/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest export: an archive of one's own recordings, which opens without our software. Whose
 * it is follows from whose key is unlocked; there is no way to ask for somebody else's.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/export_archive.h"
#include "cli/export_target.h"
#include "cli/terminal.h"

enum { RECIPIENT_FILE_BYTES_MAX = 64 * 1024, KB = 1000 };

static const struct option options[] = {
	{.name = "by-room",
	 .kind = OPTION_FLAG,
	 .words =
		 "with the recordings of rooms that you declared private, in a folder of "
		 "their own: they may hold other people's voices"},
	COMMAND_OPTION_DATA,
	{.name = "out",
	 .kind = OPTION_FILE,
	 .argument = "FILE.zip",
	 .words = "write it there (default: standard output)"},
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "recipient-file",
	 .kind = OPTION_FILE,
	 .argument = "FILE",
	 .words = "encrypt it to the age keys in FILE, one a line"},
	{.name = "to",
	 .kind = OPTION_TEXT,
	 .repeats = true,
	 .argument = "KEY",
	 .words = "encrypt it to this age key (age1...); it opens with the tool age"},
};

/* --- to whom ---------------------------------------------------------------------------- */

static enum err add_recipient(struct export_request *request, const char *text,
			      struct err_note *note)
{
	enum err err;

	if (request->recipient_count == AGE_RECIPIENTS_MAX)
		return err_say(ERR_LIMIT, note,
			       "an archive is encrypted to at most %d keys",
			       AGE_RECIPIENTS_MAX);
	err = age_recipient_read(text, &request->recipients[request->recipient_count],
				 note);
	if (!err)
		request->recipient_count++;
	return err;
}

/* Lines that are empty or begin with # are passed over, as age does. */
static enum err add_lines(struct export_request *request, const char *path, char *text,
			  struct err_note *note)
{
	struct err_note why = {""};
	size_t before = request->recipient_count;
	size_t number = 0;
	char *rest = text;

	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
		enum err err = OK;

		number++;
		str_trim(line);
		if (line[0] && line[0] != '#')
			err = add_recipient(request, line, &why);
		if (err)
			return err_say(err, note, "%s:%zu: %s", path, number, why.text);
	}
	if (request->recipient_count == before)
		return err_say(ERR_FORMAT, note, "%s: there is no age key in it", path);
	return OK;
}

static enum err read_recipients(const struct args *args, struct export_request *request,
				struct err_note *note)
{
	const char *path = args_text(args, "recipient-file", NULL);
	struct buf file;
	enum err err = OK;

	for (size_t i = 0; !err && i < args_count(args, "to"); i++)
		err = add_recipient(request, args_text_at(args, "to", i), note);
	if (err || !path)
		return err;
	err = file_read(path, RECIPIENT_FILE_BYTES_MAX, &file, note);
	if (!err && file.size > 0)
		err = add_lines(request, path, (char *)file.bytes, note);
	else if (!err)
		err = err_say(ERR_FORMAT, note, "%s: there is no age key in it", path);
	buf_finish(&file);
	return err;
}

/* --- the archive ------------------------------------------------------------------------ */

static void say_made(const struct args *args, const struct export_request *request,
		     const struct export_made *made)
{
	const char *path = args_text(args, "out", NULL);

	fprintf(stderr, "%s: %u recording%s, %.1f MB%s\n", path ? path : "the archive",
		(unsigned)made->recordings, made->recordings == 1 ? "" : "s",
		(double)made->bytes / KB / KB,
		request->recipient_count > 0 ? ", encrypted" : "");
	if (made->left_out > 0)
		fprintf(stderr,
			"%u more, of rooms that you declared private, are not in it; with "
			"them: --by-room\n",
			(unsigned)made->left_out);
	if (path && request->recipient_count == 0)
		fprintf(stderr, "to check it: behest verify %s\n", path);
}

static enum err make(const struct args *args, const struct paths *paths,
		     struct export_target *target, struct err_note *note)
{
	struct export_request request = {.by_room = args_flag(args, "by-room")};
	struct export_made made = {.recordings = 0};
	struct link_client *client = NULL;
	enum err err = read_recipients(args, &request, note);

	if (!err)
		err = export_target_open(args_text(args, "out", NULL), target, note);
	if (!err)
		err = client_sign_in(args, paths, &client, note);
	if (!err)
		err = export_archive_write(client, &request, &target->sink, &made, note);
	if (!err)
		err = export_target_commit(target);
	link_client_close(client);
	if (!err)
		say_made(args, &request, &made);
	return err;
}

static enum cli_exit run(const struct args *args)
{
	struct err_note note = {""};
	struct export_target target = {.fd = -1};
	struct paths paths;
	enum err err;

	if (!args_text(args, "out", NULL) && terminal_is(stdout))
		return command_fail(CLI_USAGE,
				    "standard output is a terminal; give --out "
				    "FILE.zip, or send it to a program");
	err = paths_find(args_text(args, "data", NULL), &paths, &note);
	if (!err)
		err = make(args, &paths, &target, &note);
	export_target_close(&target);
	return err ? command_fail_err(err, &note, "the archive") : CLI_DONE;
}

const struct command command_export = {
	.name = "export",
	.summary = "an archive of your recordings, transcripts and actions",
	.operands = "",
	.words =
		"A ZIP file that opens without our software: players, WAV files, JSON "
		"lines, what the GDPR's Article 15 asks for, and what it takes to check it. "
		"It holds what your key opens and nothing else. There is never a link to "
		"it; who wants it again asks again.",
	.options = options,
	.option_count = STR_COUNT(options),
	.run = run,
};
