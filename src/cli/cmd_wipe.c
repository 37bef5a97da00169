/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest wipe: leaves nothing of a household on this computer. Says first whose recordings
 * go, and has exactly those names typed. The keeper then destroys every key, writes the last
 * entry of its journal, signs a receipt of it and removes its files; that receipt is kept
 * outside of the data folder and printed, with the public key that it is checked by. Then the
 * programs are stopped, and each file of ours in the data folder is overwritten and removed.
 *
 * What else lies in that folder is not touched, and named. Killed anywhere in between, the
 * next `behest wipe` goes on, and asks nobody: from then on nothing can be brought back.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "adapter/keeper_mark.h"
#include "adapter/settings_file.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/house_end.h"
#include "cli/programs.h"
#include "cli/terminal.h"
#include "cli/when.h"

enum {
	WIPE_WAIT_MS = 600000,
	STOP_MS = 30000,
	STEP_MS = 50,
	OPEN_FILES = 16,
	TIME_BYTES = 32,
};

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	{.name = "household",
	 .kind = OPTION_TEXT,
	 .argument = "NAMES",
	 .words = "do not ask: these are, as it would be typed, all who live there"},
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "receipt",
	 .kind = OPTION_FILE,
	 .argument = "FILE",
	 .words = "write the receipt there (default: a new file beside the data folder)"},
	{.name = "yes",
	 .kind = OPTION_FLAG,
	 .words = "do not ask again, where nobody else lives there"},
};

/* All that our programs make in a data folder. The keeper's last: as long as that is there,
 * the next `behest wipe` knows how far it was. */
static const char *const OURS[] = {
	"behest.conf", "broker", "broker.password", "device", "gate",
	"house",       "hub",    "mail.password",   "owner",  "push.token",
	"room",        "rooms",  "receipts",        "skills", "run",
	"skills",      "keeper",
};

struct wiping {
	const struct args *args;
	struct paths paths;
	char receipt_path[FILE_PATH_BYTES];
	char key[KEY_TEXT_BYTES]; /* the keeper's; "": not known any more */
	char model
		[FILE_PATH_BYTES]; /* a wake word's head that the settings name; or "" */
	struct wire_wipe_found found;
};

/* --- before anything is destroyed ------------------------------------------------------- */

/* A receipt that cannot be kept is not asked for. */
static enum err find_receipt(struct wiping *wiping, struct err_note *note)
{
	const char *given = args_text(wiping->args, "receipt", NULL);
	const time_t now = time(NULL);
	char at[TIME_BYTES] = "";
	struct tm parts;
	enum err err = OK;

	if (gmtime_r(&now, &parts))
		(void)!strftime(at, sizeof(at), "%Y%m%dT%H%M%SZ", &parts);
	if (given ? !str_copy(wiping->receipt_path, sizeof(wiping->receipt_path), given)
		  : !str_format(wiping->receipt_path, sizeof(wiping->receipt_path),
				"%s-ended-%s.receipt", wiping->paths.data, at))
		return err_say(ERR_LIMIT, note, "the receipt's path is too long");
	if (file_exists(wiping->receipt_path))
		return err_say(ERR_EXISTS, note,
			       "%s is there already; nothing was destroyed",
			       wiping->receipt_path);
	err = file_prepare(wiping->receipt_path, "", 0, 0600, note);
	file_drop(wiping->receipt_path);
	return err;
}

/* What is gone afterwards: the key that the receipt is checked by, and where an own wake word
 * lies, which is not in the data folder. */
static void remember(struct wiping *wiping)
{
	static struct settings settings; /* large, and one */
	struct keeper_mark mark;
	char folder[FILE_PATH_BYTES];

	if (!file_join(folder, sizeof(folder), wiping->paths.data, "keeper") ||
	    keeper_mark_read(folder, &mark, NULL) != OK ||
	    key_to_text(mark.key, wiping->key) != OK)
		wiping->key[0] = '\0';
	if (settings_file_read(wiping->paths.config, true, &settings, NULL) == OK)
		(void)str_copy(wiping->model, sizeof(wiping->model), settings.wake_model);
}

static void say_what(const struct wiping *wiping)
{
	const struct wire_wipe_found *found = &wiping->found;
	char at[WHEN_BYTES];

	fprintf(stderr,
		"This destroys the household in %s for ever: all recordings, messages, keys, "
		"rooms and people.\n",
		wiping->paths.data);
	if (found->owners > 1)
		fprintf(stderr,
			"%" PRIu32
			" people live there, and what was recorded for each of "
			"them goes with it: %s.\n",
			found->owners, found->name);
	if (found->backup_ms == 0)
		return;
	when_local(at, found->backup_ms);
	fprintf(stderr,
		"There is a backup of %s. Its key table and its backup key, with a "
		"passphrase, still open what was there then: destroy both.\n",
		at);
}

static enum err ask_names(const char *name, struct err_note *note)
{
	char question[sizeof(((struct wire_wipe_found *)0)->name) + 80];
	char answer[sizeof(((struct wire_wipe_found *)0)->name)] = "";
	enum err err;

	if (!terminal_asks())
		return err_say(
			ERR_RANGE, note,
			"nobody can be asked here; give --household \"%s\" to do it",
			name);
	(void)str_format(question, sizeof(question), "To do it type exactly: %s\n>",
			 name);
	err = terminal_ask(question, "", answer, sizeof(answer));
	if (!err && !str_equal(answer, name))
		err = err_say(ERR_DENIED, note,
			      "that is not \"%s\": nothing was destroyed", name);
	return err;
}

static enum err confirm(const struct wiping *wiping, struct err_note *note)
{
	const char *given = args_text(wiping->args, "household", NULL);
	const char *name = wiping->found.name;

	say_what(wiping);
	if (given)
		return str_equal(given, name)
			       ? OK
			       : err_say(ERR_DENIED, note,
					 "--household: that is not \"%s\": nothing was "
					 "destroyed",
					 name);
	if (!args_flag(wiping->args, "yes"))
		return ask_names(name, note);
	return wiping->found.owners == 1
		       ? OK
		       : err_say(ERR_DENIED, note,
				 "more than one lives there: --yes is not enough, give "
				 "--household \"%s\"; nothing was destroyed",
				 name);
}

/* --- the keeper's part ------------------------------------------------------------------ */

/* Its end, or, once it is begun, that the keeper is gone: then the files tell. */
static enum err wait_for_end(const struct wiping *wiping, struct link_client *client,
			     struct err_note *note)
{
	const struct wire_message *message = NULL;
	enum err err;

	do
		err = link_client_wait(client, WIPE_WAIT_MS, &message, note);
	while (!err && message->type == WIRE_receipt);
	if (!err && message->type != WIRE_end)
		return client_other(message, note);
	if (!err)
		return (enum err)message->end.err;
	if (!house_end_is_there(&wiping->paths))
		return err;
	note->text[0] = '\0';
	return OK;
}

static enum err end_house(struct wiping *wiping, struct err_note *note)
{
	static const struct wire_wipe_ask ask;
	const struct wire_message *message = NULL;
	struct link_client *client = NULL;
	struct wire_wipe_do wipe = {.name = ""};
	enum err err = client_sign_in(wiping->args, &wiping->paths, &client, note);

	if (!err)
		err = link_client_send_wipe_ask(client, &ask, note);
	if (!err)
		err = client_expect(client, WIRE_wipe_found, &message, note);
	if (!err) {
		wiping->found = message->wipe_found;
		must(str_copy(wipe.name, sizeof(wipe.name), wiping->found.name));
		err = confirm(wiping, note);
	}
	if (!err)
		err = find_receipt(wiping, note);
	if (!err)
		err = link_client_send_wipe_do(client, &wipe, note);
	if (!err)
		err = wait_for_end(wiping, client, note);
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

/* Whoever starts programs again is gone first: nothing begins anew in what is removed. */
static enum err stop(const struct paths *paths, struct err_note *note)
{
	const int64_t until_ms = loop_now_ms() + STOP_MS;
	struct programs programs = {.count = 0};
	char lock[FILE_PATH_BYTES];
	bool is_over;
	enum err err = programs_read(paths, &programs, note);

	if (!err && !file_join(lock, sizeof(lock), paths->data, "keeper/keeper.lock"))
		err = err_say(ERR_LIMIT, note, "%s: its path is too long", paths->data);
	if (err)
		return err;
	if (programs.supervisor > 0)
		(void)kill(programs.supervisor, SIGTERM);
	do {
		is_over = is_off(lock) && programs_read(paths, &programs, NULL) == OK &&
			  programs.supervisor == 0;
		if (!is_over)
			(void)poll(NULL, 0, STEP_MS);
	} while (!is_over && loop_now_ms() < until_ms);
	return is_over ? OK
		       : err_say(ERR_BUSY, note,
				 "every key is destroyed, but the programs still run, so "
				 "their files are still there: stop them (behest up: Ctrl-C; "
				 "or systemctl stop behest.target) and give behest wipe "
				 "again");
}

/* --- the receipt ------------------------------------------------------------------------ */

static enum err keep_receipt(struct wiping *wiping, struct err_note *note)
{
	struct buf receipt;
	enum err err = OK;

	buf_init(&receipt, 0);
	if (!wiping->receipt_path[0])
		err = find_receipt(wiping, note);
	if (!err)
		err = house_end_read(&wiping->paths, &receipt, note);
	if (!err)
		err = file_write(wiping->receipt_path, receipt.bytes, receipt.size, 0600,
				 note);
	if (!err)
		printf("%s\n", (const char *)receipt.bytes);
	buf_finish(&receipt);
	(void)fflush(stdout);
	return err;
}

static void print_how_to_check(const struct wiping *wiping)
{
	printf("receipt: %s\n", wiping->receipt_path);
	if (wiping->key[0])
		printf("the keeper's public key was %s\n"
		       "check it: behest verify --key %s %s\n",
		       wiping->key, wiping->key, wiping->receipt_path);
	else
		puts("check it by the keeper's public key, as other receipts, archives or "
		     "devices of the house know it: behest verify --key KEY FILE");
}

/* --- the files -------------------------------------------------------------------------- */

static size_t removed;
static size_t left;

static int remove_one(const char *path, const struct stat *about, int kind,
		      struct FTW *at)
{
	struct err_note note = {""};
	bool is_gone;

	(void)about;
	(void)at;
	if (kind == FTW_DP)
		is_gone = rmdir(path) == 0;
	else
		is_gone =
			kind == FTW_F ? file_shred(path, &note) == OK : unlink(path) == 0;
	if (is_gone) {
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

/* True: something else lies there. */
static bool name_the_rest(const struct wiping *wiping)
{
	DIR *folder = opendir(wiping->paths.data);
	const struct dirent *entry;
	bool is_some = false;

	while (folder && (entry = readdir(folder))) {
		if (str_equal(entry->d_name, ".") || str_equal(entry->d_name, ".."))
			continue;
		printf("not ours, and left: %s/%s\n", wiping->paths.data, entry->d_name);
		is_some = true;
	}
	if (folder)
		(void)closedir(folder);
	if (wiping->model[0] && file_exists(wiping->model)) {
		printf("left, and maybe trained with somebody's voice: %s\n",
		       wiping->model);
		is_some = true;
	}
	return is_some;
}

static enum err wipe(struct wiping *wiping, struct err_note *note)
{
	enum err err =
		paths_find(args_text(wiping->args, "data", NULL), &wiping->paths, note);

	if (err)
		return err;
	remember(wiping);
	if (!house_end_is_there(&wiping->paths))
		err = end_house(wiping, note);
	if (!err)
		err = stop(&wiping->paths, note);
	if (!err)
		err = house_end_finish(&wiping->paths, note);
	if (!err)
		err = keep_receipt(wiping, note);
	if (!err)
		err = remove_all(&wiping->paths, note);
	return err;
}

static enum cli_exit run(const struct args *args)
{
	struct err_note note = {""};
	static struct wiping wiping; /* large, and one */
	bool is_some;
	enum err err;

	memset(&wiping, 0, sizeof(wiping));
	wiping.args = args;
	err = wipe(&wiping, &note);
	if (err)
		return command_fail_err(err, &note, "the household");
	is_some = name_the_rest(&wiping);
	printf("%zu files and folders of ours are gone; nothing of the household is left in "
	       "%s%s\n",
	       removed, wiping.paths.data, is_some ? " but what is named above" : "");
	print_how_to_check(&wiping);
	(void)rmdir(wiping.paths.data); /* unless something else is in it */
	return CLI_DONE;
}

const struct command command_wipe = {
	.name = "wipe",
	.summary = "destroy this household and all its data on this computer",
	.operands = "",
	.words =
		"Ends the household for all who live in it, and has their names typed: every "
		"key is destroyed, the journal gets its last entry, and the keeper's receipt "
		"of that is kept beside the data folder and printed. Then it stops the "
		"programs, and overwrites and removes their files.",
	.options = options,
	.option_count = STR_COUNT(options),
	.run = run,
};
