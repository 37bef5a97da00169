/* SPDX-License-Identifier: Apache-2.0 */
/*
 * house_end - see the header. The keeper does all of it; this waits for it, and runs it
 * again where it was killed.
 */
#include "cli/house_end.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/keeper_mark.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/str.h"

enum { FINISH_MS = 120000, STEP_MS = 100 };

/* What stands in the keeper's folder as long as it has not come to its end. */
static const char *const LEFT[] = {KEEPER_MARK_ENDING, "keeper.key", "keeper.db"};

static bool is_in_keeper(const struct paths *paths, const char *name)
{
	char folder[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];

	return file_join(folder, sizeof(folder), paths->data, "keeper") &&
	       file_join(path, sizeof(path), folder, name) && file_exists(path);
}

bool house_end_is_there(const struct paths *paths)
{
	return is_in_keeper(paths, KEEPER_MARK_ENDED) ||
	       is_in_keeper(paths, KEEPER_MARK_ENDING);
}

static bool is_finished(const struct paths *paths)
{
	bool is = is_in_keeper(paths, KEEPER_MARK_ENDED);

	for (size_t i = 0; i < STR_COUNT(LEFT); i++)
		is = is && !is_in_keeper(paths, LEFT[i]);
	return is;
}

/* A keeper that finds such a folder ends the house and then itself; one that finds another
 * keeper there ends at once. What it says of it is for its log. */
static enum err run_keeper(const struct paths *paths, struct err_note *note)
{
	char program[FILE_PATH_BYTES];
	enum err err = paths_program("behest-keeper", program, sizeof(program), note);
	pid_t child;

	if (err)
		return err;
	child = fork();
	if (child < 0)
		return err_say(ERR_IO, note, "no process could be made");
	if (child == 0) {
		const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

		if (nowhere >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0 &&
		    dup2(nowhere, STDERR_FILENO) >= 0)
			(void)execl(program, program, "--data", paths->data,
				    (char *)NULL);
		_exit(127);
	}
	(void)waitpid(child, NULL, 0);
	return OK;
}

enum err house_end_finish(const struct paths *paths, struct err_note *note)
{
	const int64_t until_ms = loop_now_ms() + FINISH_MS;
	enum err err = OK;

	while (!err && !is_finished(paths)) {
		if (loop_now_ms() >= until_ms)
			return err_say(ERR_TIMEOUT, note,
				       "the keeper does not come to its end; to see why: "
				       "behest-keeper --data %s; without its receipt: "
				       "remove that folder",
				       paths->data);
		err = run_keeper(paths, note);
		if (!err && !is_finished(paths))
			(void)poll(NULL, 0, STEP_MS);
	}
	return err;
}

enum err house_end_read(const struct paths *paths, struct buf *out_receipt,
			struct err_note *note)
{
	char folder[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];

	if (!file_join(folder, sizeof(folder), paths->data, "keeper") ||
	    !file_join(path, sizeof(path), folder, KEEPER_MARK_ENDED))
		return err_say(ERR_LIMIT, note, "%s: its path is too long", paths->data);
	return file_read(path, HOUSE_END_RECEIPT_BYTES_MAX, out_receipt, note);
}
