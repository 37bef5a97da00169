/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest wipe: leaves nothing of a household on this computer. The keeper first destroys the
 * key of all that was recorded for whoever is signed in, and signs a receipt for that, which
 * is printed with the public key that it is checked by; then the programs are stopped, and
 * each file of ours in the data folder is overwritten and removed.
 *
 * What else lies in that folder is not touched, and named.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/keeper_mark.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/programs.h"
#include "cli/terminal.h"

enum {
	RECEIPT_BYTES_MAX = 1024 * 1024,
	ERASE_WAIT_MS = 600000,
	STOP_MS = 30000,
	OPEN_FILES = 16,
	BLOCK_BYTES = 64 * 1024,
};

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "yes", .kind = OPTION_FLAG, .words = "do not ask again"},
};

/* All that our programs make in a data folder. */
static const char *const OURS[] = {
	"behest.conf", "broker", "broker.password", "device", "gate",
	"hub",         "keeper", "mail.password",   "owner",  "push.token",
	"receipts",    "room",   "rooms",           "run",
};

/* --- the keeper's part ------------------------------------------------------------------ */

static enum err confirm(const struct args *args, const struct paths *paths,
			struct err_note *note)
{
	char question[FILE_PATH_BYTES + 160];
	char answer[16] = "";
	enum err err;

	if (args_flag(args, "yes"))
		return OK;
	if (!terminal_asks())
		return err_say(ERR_RANGE, note,
			       "nobody can be asked here; give --yes to do it");
	(void)str_format(
		question, sizeof(question),
		"This destroys the household in %s, with all its recordings, keys, "
		"rooms and people, for ever. To do it type wipe:",
		paths->data);
	err = terminal_ask(question, "", answer, sizeof(answer));
	if (!err && !str_equal(answer, "wipe"))
		err = err_say(ERR_DENIED, note, "that is not wipe: nothing was done");
	return err;
}

static enum err take_receipt(struct link_client *client, struct buf *receipt,
			     struct err_note *note)
{
	const struct wire_message *message = NULL;
	enum err err = OK;

	while (!err) {
		err = link_client_wait(client, ERASE_WAIT_MS, &message, note);
		if (!err && message->type == WIRE_receipt)
			err = buf_add(receipt, message->receipt.text.bytes,
				      message->receipt.text.size);
		else if (!err && message->type == WIRE_end)
			break;
		else if (!err && message->type != WIRE_erased)
			err = client_other(message, note);
	}
	if (!err && message->end.err)
		err = err_say((enum err)message->end.err, note,
			      "the keeper could not erase: %s; nothing was removed",
			      err_words((enum err)message->end.err));
	return err;
}

static enum err print_proof(const struct paths *paths, const struct buf *receipt,
			    struct err_note *note)
{
	char folder[FILE_PATH_BYTES];
	char key[KEY_TEXT_BYTES];
	char household[ID_TEXT_BYTES];
	struct keeper_mark mark;
	enum err err;

	if (!file_join(folder, sizeof(folder), paths->data, "keeper"))
		return err_say(ERR_LIMIT, note, "%s: its path is too long", paths->data);
	err = keeper_mark_read(folder, &mark, note);
	if (!err)
		err = key_to_text(mark.key, key);
	if (err)
		return err;
	id_to_text(household, mark.household.bytes);
	printf("%s\n"
	       "This was household %s; its keeper's public key, by which the above is "
	       "checked, was %s\n",
	       (const char *)receipt->bytes, household, key);
	(void)fflush(stdout);
	return OK;
}

static enum err erase(const struct args *args, const struct paths *paths,
		      struct err_note *note)
{
	static const struct wire_erase_all all;
	struct link_client *client = NULL;
	struct buf receipt;
	enum err err = client_sign_in(args, paths, &client, note);

	buf_init(&receipt, RECEIPT_BYTES_MAX);
	if (!err)
		err = confirm(args, paths, note);
	if (!err)
		err = link_client_send_erase_all(client, &all, note);
	if (!err)
		err = take_receipt(client, &receipt, note);
	if (!err)
		err = print_proof(paths, &receipt, note);
	buf_finish(&receipt);
	link_client_close(client);
	return err;
}

/* --- stopping --------------------------------------------------------------------------- */

/* Nobody holds the keeper's lock. */
static bool is_off(const char *lock)
{
	const int fd = open(lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	const bool off = fd < 0 ? errno == ENOENT : flock(fd, LOCK_EX | LOCK_NB) == 0;

	if (fd >= 0)
		close(fd);
	return off;
}

static enum err stop(const struct paths *paths, struct err_note *note)
{
	const int64_t until_ms = loop_now_ms() + STOP_MS;
	struct programs programs = {.count = 0};
	char lock[FILE_PATH_BYTES];
	enum err err = programs_read(paths, &programs, note);

	if (!err && !file_join(lock, sizeof(lock), paths->data, "keeper/keeper.lock"))
		err = err_say(ERR_LIMIT, note, "%s: its path is too long", paths->data);
	if (err)
		return err;
	if (programs.supervisor > 0)
		(void)kill(programs.supervisor, SIGTERM);
	while (!is_off(lock) && programs.supervisor > 0 && loop_now_ms() < until_ms)
		(void)poll(NULL, 0, 50);
	return is_off(lock)
		       ? OK
		       : err_say(ERR_BUSY, note,
				 "everything that was recorded for you is erased, but "
				 "the keeper still runs, so its files are still there: "
				 "stop it (behest up: Ctrl-C; or systemctl stop "
				 "behest-keeper) and remove %s",
				 paths->data);
}

/* --- the files -------------------------------------------------------------------------- */

static size_t removed;
static size_t left;

/* What an SSD keeps of it nobody can say; what the file held is not what is read there. */
static void overwrite(const char *path, off_t size)
{
	static const char zeros[BLOCK_BYTES];
	const int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	while (size > 0) {
		const size_t part =
			size < (off_t)sizeof(zeros) ? (size_t)size : sizeof(zeros);
		const ssize_t written = write(fd, zeros, part);

		if (written <= 0)
			break;
		size -= written;
	}
	(void)!fdatasync(fd);
	(void)!ftruncate(fd, 0);
	close(fd);
}

static int remove_one(const char *path, const struct stat *about, int kind,
		      struct FTW *at)
{
	(void)at;
	if (kind == FTW_F && S_ISREG(about->st_mode))
		overwrite(path, about->st_size);
	if ((kind == FTW_DP ? rmdir(path) : unlink(path)) == 0) {
		printf("removed %s\n", path);
		removed++;
	} else {
		fprintf(stderr, "behest wipe: %s is still there: %s\n", path,
			strerror(errno));
		left++;
	}
	return 0;
}

static enum err remove_all(const struct paths *paths, struct err_note *note)
{
	char path[FILE_PATH_BYTES];

	for (size_t i = 0; i < STR_COUNT(OURS); i++) {
		if (!file_join(path, sizeof(path), paths->data, OURS[i]))
			return err_say(ERR_LIMIT, note, "%s: its path is too long",
				       paths->data);
		if (access(path, F_OK) == 0)
			(void)nftw(path, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
	}
	if (left > 0)
		return err_say(ERR_IO, note, "%zu files could not be removed", left);
	return OK;
}

static void name_the_rest(const struct paths *paths)
{
	DIR *folder = opendir(paths->data);
	const struct dirent *entry;

	if (!folder)
		return;
	while ((entry = readdir(folder)))
		if (!str_equal(entry->d_name, ".") && !str_equal(entry->d_name, ".."))
			printf("not ours, and left: %s/%s\n", paths->data, entry->d_name);
	(void)closedir(folder);
}

static enum cli_exit run(const struct args *args)
{
	struct err_note note = {""};
	struct paths paths;
	enum err err = paths_find(args_text(args, "data", NULL), &paths, &note);

	if (!err)
		err = erase(args, &paths, &note);
	if (!err)
		err = stop(&paths, &note);
	if (!err)
		err = remove_all(&paths, &note);
	if (err)
		return command_fail_err(err, &note, "the household");
	name_the_rest(&paths);
	printf("%zu files and folders of ours are gone; nothing of the household is left in "
	       "%s\n",
	       removed, paths.data);
	(void)rmdir(paths.data); /* unless something else is in it */
	return CLI_DONE;
}

const struct command command_wipe = {
	.name = "wipe",
	.summary = "destroy this household and all its data on this computer",
	.operands = "",
	.words =
		"Erases what was recorded, prints the keeper's receipt, stops the programs, "
		"overwrites and removes their files.",
	.options = options,
	.option_count = STR_COUNT(options),
	.run = run,
};
