/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_target - see the header. A signal that ends the program removes the unfinished file
 * as well.
 */
#include "cli/export_target.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/must.h"
#include "base/str.h"

enum { FILE_MODE = 0600 };

static const int SIGNALS[] = {SIGHUP, SIGINT, SIGTERM};

/* Read by a signal's handler. */
static char unfinished[FILE_PATH_BYTES];

static void on_signal(int number)
{
	(void)unlink(unfinished);
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

static void watch_signals(const char *part)
{
	must(str_copy(unfinished, sizeof(unfinished), part));
	for (size_t i = 0; i < STR_COUNT(SIGNALS); i++)
		(void)signal(SIGNALS[i], part[0] ? on_signal : SIG_DFL);
}

static const char *name_of(const struct export_target *target)
{
	return target->path[0] ? target->path : "standard output";
}

static enum err say_errno(const struct export_target *target, int number)
{
	if (number == ENOSPC || number == EDQUOT || number == EFBIG)
		return err_say(ERR_LIMIT, target->note,
			       "%s: there is no space for the archive (%s)",
			       name_of(target), strerror(number));
	if (number == EPIPE)
		return err_say(ERR_CLOSED, target->note, "%s: whoever reads it went away",
			       name_of(target));
	return err_say(ERR_IO, target->note, "%s: cannot be written: %s", name_of(target),
		       strerror(number));
}

static enum err write_all(void *context, const void *bytes, size_t size)
{
	const struct export_target *target = context;
	const uint8_t *from = bytes;

	while (size > 0) {
		ssize_t written = write(target->fd, from, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return say_errno(target, errno);
		from += written;
		size -= (size_t)written;
	}
	return OK;
}

static enum err open_part(struct export_target *target, const char *path)
{
	struct stat about;

	if (!str_copy(target->path, sizeof(target->path), path) ||
	    !str_format(target->part, sizeof(target->part), "%s.part", path)) {
		target->part[0] = '\0';
		return err_say(ERR_LIMIT, target->note, "%.64s...: the path is too long",
			       path);
	}
	if (lstat(path, &about) == 0) {
		target->part[0] = '\0';
		return err_say(ERR_EXISTS, target->note,
			       "%s: is there already, and is not written over", path);
	}
	target->fd =
		open(target->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (target->fd < 0) {
		int number = errno;

		if (number == EEXIST)
			(void)err_say(ERR_EXISTS, target->note,
				      "%s: is there already; another export writes it, "
				      "or one was cut off: then remove it",
				      target->part);
		target->part[0] = '\0';
		return number == EEXIST ? ERR_EXISTS : say_errno(target, number);
	}
	watch_signals(target->part);
	return OK;
}

enum err export_target_open(const char *path, struct export_target *out_target,
			    struct err_note *note)
{
	*out_target = (struct export_target){.fd = STDOUT_FILENO, .note = note};
	out_target->sink = (struct sink){out_target, write_all};
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* a write that fails, as on a full disk */
	return path ? open_part(out_target, path) : OK;
}

/* The name in it is on the disk too. */
static enum err sync_folder(const struct export_target *target)
{
	char folder[FILE_PATH_BYTES];
	char *slash;
	int fd;
	int result;

	must(str_copy(folder, sizeof(folder), target->path));
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return say_errno(target, errno);
	result = fsync(fd);
	(void)close(fd);
	return result == 0 || errno == EINVAL ? OK : say_errno(target, errno);
}

enum err export_target_commit(struct export_target *target)
{
	int number;

	if (!target->path[0])
		return OK;
	if (fsync(target->fd) != 0)
		return say_errno(target, errno);
	if (renameat2(AT_FDCWD, target->part, AT_FDCWD, target->path, RENAME_NOREPLACE) !=
	    0) {
		number = errno;
		return number == EEXIST
			       ? err_say(ERR_EXISTS, target->note,
					 "%s: is there by now, and is not written over",
					 target->path)
			       : say_errno(target, number);
	}
	target->part[0] = '\0';
	watch_signals("");
	return sync_folder(target);
}

void export_target_close(struct export_target *target)
{
	if (target->path[0] && target->fd >= 0)
		(void)close(target->fd);
	if (target->part[0]) {
		(void)unlink(target->part);
		watch_signals("");
	}
	*target = (struct export_target){.fd = -1};
}
