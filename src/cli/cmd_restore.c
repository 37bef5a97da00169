/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest restore: makes a house of a backup in an empty folder. The keeper's own program does
 * the work, beside the place; the house is put there when it is whole.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/backup_files.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/when.h"

enum { LINE_BYTES = 256, JSON_BYTES = 4096 };

static const struct option options[] = {
	{.name = "ciphertext",
	 .kind = OPTION_FILE,
	 .argument = "FILE",
	 .words = "this one instead of the newest in the folder"},
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	{.name = "key",
	 .kind = OPTION_FILE,
	 .argument = "FILE",
	 .words = "the backup key, where it lies elsewhere"},
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
};

/* What the keeper's program said at its end. */
enum {
	SAID_MADE_MS,
	SAID_ENTRIES,
	SAID_RECORDINGS,
	SAID_LEFT_OUT,
	SAID_IS_OLDER,
	SAID_BY_WHOM_KNOWN,
	SAID_COUNT,
};
struct restored {
	bool is_whole; /* it said so */
	int64_t said[SAID_COUNT];
};

/* Where the house is made, and where it goes. */
struct site {
	char staging[FILE_PATH_BYTES]; /* DIR/restoring */
	char made[FILE_PATH_BYTES];    /* DIR/restoring/keeper */
	char place[FILE_PATH_BYTES];   /* DIR/keeper */
	int folder_fd;                 /* DIR, locked */
};

/* --- the folder -------------------------------------------------------------------------- */

/* Left by one that was ended: nothing in it ever was a house. */
static void clear_staging(const struct site *site)
{
	DIR *folder = opendir(site->made);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		if (!str_equal(entry->d_name, ".") && !str_equal(entry->d_name, ".."))
			(void)unlinkat(dirfd(folder), entry->d_name, 0);
	}
	if (folder)
		(void)closedir(folder);
	(void)rmdir(site->made);
	(void)rmdir(site->staging);
}

static enum err take_site(const char *data, struct site *site, struct err_note *note)
{
	enum err err = file_make_folder(data, note);

	if (err)
		return err;
	if (!file_join(site->staging, sizeof(site->staging), data, "restoring") ||
	    !file_join(site->made, sizeof(site->made), site->staging, "keeper") ||
	    !file_join(site->place, sizeof(site->place), data, "keeper"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", data);
	site->folder_fd = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (site->folder_fd < 0)
		return err_say(ERR_IO, note, "%s: cannot be opened: %s", data,
			       strerror(errno));
	if (flock(site->folder_fd, LOCK_EX | LOCK_NB) != 0)
		return err_say(ERR_BUSY, note, "%s: another program restores there",
			       data);
	/* An empty one may be there, and nothing else. */
	if (rmdir(site->place) != 0 && errno != ENOENT)
		return err_say(
			ERR_DENIED, note,
			"%s: there is a house already; restore into an empty folder",
			data);
	clear_staging(site);
	return file_make_folder(site->staging, note);
}

/* As one step, on the disk. */
static enum err put_house(const struct site *site, struct err_note *note)
{
	if (rename(site->made, site->place) != 0)
		return err_say(ERR_IO, note, "%s: cannot be put there: %s", site->place,
			       strerror(errno));
	(void)rmdir(site->staging);
	if (fsync(site->folder_fd) != 0)
		return err_say(ERR_IO, note, "%s: cannot be synced: %s", site->place,
			       strerror(errno));
	return OK;
}

static void leave_site(const struct site *site)
{
	if (site->folder_fd < 0)
		return;
	clear_staging(site);
	(void)close(site->folder_fd);
}

/* --- the keeper's program ---------------------------------------------------------------- */

struct child {
	pid_t pid;
	int input; /* ours to write */
	FILE *output;
};

static void become(const char *const *words, const int input[2], const int output[2])
{
	(void)dup2(input[0], STDIN_FILENO);
	(void)dup2(output[1], STDOUT_FILENO);
	(void)execv(words[0], (char *const *)(uintptr_t)words);
	_exit(CLI_FAILED);
}

static enum err start(const char *const *words, struct child *child,
		      struct err_note *note)
{
	int input[2] = {-1, -1};
	int output[2] = {-1, -1};

	if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0)
		return err_say(ERR_IO, note, "%s: cannot be started: %s", words[0],
			       strerror(errno));
	child->pid = fork();
	if (child->pid == 0)
		become(words, input, output);
	(void)close(input[0]);
	(void)close(output[1]);
	child->input = input[1];
	child->output = fdopen(output[0], "r");
	if (child->pid < 0 || !child->output)
		return err_say(ERR_IO, note, "%s: cannot be started: %s", words[0],
			       strerror(errno));
	return OK;
}

static void tell_passphrase(struct child *child, const struct secret *passphrase)
{
	const char *text = (const char *)secret_view(passphrase);

	/* When it is gone already its own end says why. */
	if (write(child->input, text, strlen(text)) > 0)
		(void)!write(child->input, "\n", 1);
	(void)close(child->input);
}

/* "word 12 34 ...": exactly so many numbers behind that word. */
static bool read_numbers(const char *line, const char *word, int64_t *to, size_t count)
{
	char copy[LINE_BYTES];
	char *rest = NULL;
	char *part;

	if (!str_copy(copy, sizeof(copy), line))
		return false;
	str_trim(copy);
	part = strtok_r(copy, " ", &rest);
	if (!part || !str_equal(part, word))
		return false;
	for (size_t i = 0; i < count; i++) {
		part = strtok_r(NULL, " ", &rest);
		if (!part || !str_to_int(part, INT64_MIN, INT64_MAX, &to[i]))
			return false;
	}
	return strtok_r(NULL, " ", &rest) == NULL;
}

static void read_line(const char *line, struct progress *progress, struct restored *said)
{
	int64_t bytes[2]; /* done, of about so many */

	if (read_numbers(line, "progress", bytes, STR_COUNT(bytes)) && bytes[0] >= 0 &&
	    bytes[1] >= 0) {
		progress->total = (size_t)bytes[1];
		progress_step(progress,
			      (size_t)(bytes[0] < bytes[1] ? bytes[0] : bytes[1]));
	} else if (read_numbers(line, "restored", said->said, SAID_COUNT)) {
		said->is_whole = true;
	}
}

static int wait_for(struct child *child, struct restored *said)
{
	struct progress progress;
	char line[LINE_BYTES];
	int status = 0;

	progress_begin(&progress, "restoring", 0);
	while (fgets(line, sizeof(line), child->output))
		read_line(line, &progress, said);
	progress_end(&progress);
	(void)fclose(child->output);
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(status) ? WEXITSTATUS(status) : CLI_FAILED;
}

/* Its one line about what is wrong is on stderr already. */
static enum err run_keeper(const struct args *args, const struct backup_found *found,
			   const struct site *site, struct restored *said,
			   enum cli_exit *out_status, struct err_note *note)
{
	const char *owner = args_text(args, "owner", NULL);
	char program[FILE_PATH_BYTES];
	const char *words[] = {program,
			       "--data",
			       site->staging,
			       "--restore",
			       found->ciphertext,
			       "--keys",
			       found->keys,
			       "--key",
			       found->key,
			       owner ? "--owner" : NULL,
			       owner,
			       NULL};
	struct secret *passphrase = NULL;
	struct child child = {.pid = -1};
	enum err err = paths_program("behest-keeper", program, sizeof(program), note);

	if (!err)
		err = client_passphrase(args, &passphrase, note);
	if (!err)
		err = start(words, &child, note);
	if (!err) {
		tell_passphrase(&child, passphrase);
		*out_status = (enum cli_exit)wait_for(&child, said);
		if (*out_status == CLI_DONE && !said->is_whole)
			err = err_say(ERR_IO, note, "%s: did not say what it restored",
				      program);
	}
	secret_destroy(passphrase);
	return err;
}

/* --- the command ------------------------------------------------------------------------- */

static enum err print_json(const struct paths *paths, const struct restored *said)
{
	char when[WHEN_BYTES];
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, JSON_BYTES);
	when_utc(when, said->said[SAID_MADE_MS]);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_text(&write, "data", paths->data);
	json_add_text(&write, "made", when);
	json_add_int(&write, "journal_entries", said->said[SAID_ENTRIES]);
	json_add_int(&write, "recordings", said->said[SAID_RECORDINGS]);
	json_add_int(&write, "left_out", said->said[SAID_LEFT_OUT]);
	json_add_bool(&write, "older_than_keys", said->said[SAID_IS_OLDER] != 0);
	json_add_bool(&write, "signed_by_you", said->said[SAID_BY_WHOM_KNOWN] != 0);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static void print_words(const struct paths *paths, const struct restored *said)
{
	char when[WHEN_BYTES];

	when_local(when, said->said[SAID_MADE_MS]);
	printf("restored into %s as of %s: %lld recordings, %lld entries of the journal, "
	       "which verifies\n",
	       paths->data, when, (long long)said->said[SAID_RECORDINGS],
	       (long long)said->said[SAID_ENTRIES]);
	if (said->said[SAID_LEFT_OUT] > 0)
		printf("%lld parts of recordings were left out: their keys were "
		       "destroyed\n",
		       (long long)said->said[SAID_LEFT_OUT]);
	if (said->said[SAID_IS_OLDER])
		puts("the ciphertext is older than the key table: what was recorded in "
		     "between is not there");
	if (!said->said[SAID_BY_WHOM_KNOWN])
		puts("another owner made this backup: that it is of this house is known by "
		     "the keeper's signature alone");
	puts("start it with: behest up; the house that it was made from must not run any "
	     "more");
}

static enum err restore(const struct args *args, const struct paths *paths,
			struct site *site, enum cli_exit *status, struct err_note *note)
{
	struct backup_found found;
	struct restored said = {.is_whole = false};
	const char *given = args_text(args, "ciphertext", NULL);
	enum err err = take_site(paths->data, site, note);

	if (!err)
		err = backup_files_find(args->rest[0], args_text(args, "key", NULL),
					&found, note);
	if (!err && given && !str_copy(found.ciphertext, sizeof(found.ciphertext), given))
		err = err_say(ERR_LIMIT, note, "%s: the path is too long", given);
	if (!err)
		err = run_keeper(args, &found, site, &said, status, note);
	if (err || *status != CLI_DONE)
		return err;
	err = put_house(site, note);
	if (!err && args_flag(args, "json"))
		err = print_json(paths, &said);
	else if (!err)
		print_words(paths, &said);
	return err;
}

static enum cli_exit run(const struct args *args)
{
	struct err_note note = {""};
	struct site site = {.folder_fd = -1};
	struct paths paths;
	enum cli_exit status = CLI_DONE;
	enum err err = paths_find(args_text(args, "data", NULL), &paths, &note);

	/* The keeper's program may end before it has read the passphrase. */
	must(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	if (!err)
		err = restore(args, &paths, &site, &status, &note);
	if (err)
		status = command_fail_err(err, &note, "the restore");
	leave_site(&site);
	return status;
}

const struct command command_restore = {
	.name = "restore",
	.summary = "make a house of a backup, in an empty folder",
	.operands = "DIR",
	.words =
		"Asks for the passphrase or the recovery code of an owner. What was deleted "
		"since stays deleted, also when an older ciphertext is restored with the newest "
		"key table. Never writes over a house.",
	.choices = "",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_min = 1,
	.rest_max = 1,
	.run = run,
};
