/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file - reading and writing whole small files safely.
 *
 * Reads regular files only (never a device or a pipe, which could block or be endless).
 * Writing leaves the old file or the new one, whatever happens in between.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/must.h"
#include "base/str.h"

enum { CHUNK_BYTES = 16 * 1024, FOLDER_MODE = 0700 };

static enum err err_of_errno(int number)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
		return ERR_MISSING;
	case ENOMEM:
		return ERR_MEMORY;
	case ENAMETOOLONG:
	case EFBIG:
		return ERR_LIMIT;
	default:
		return ERR_IO;
	}
}

/* The error of errno, with "path: what" in the note. */
static enum err say_errno(struct err_note *note, const char *path, const char *what)
{
	int number = errno;
	return err_say(err_of_errno(number), note, "%s: %s: %s", path, what,
		       strerror(number));
}

static enum err read_all(int fd, const char *path, struct buf *buf, struct err_note *note)
{
	char chunk[CHUNK_BYTES];
	enum err err = OK;
	while (err == OK) {
		ssize_t got = read(fd, chunk, sizeof(chunk));
		if (got == 0)
			break;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			err = say_errno(note, path, "cannot be read");
		else
			err = buf_add(buf, chunk, (size_t)got);
	}
	explicit_bzero(chunk, sizeof(chunk));
	return err;
}

enum err file_read(const char *path, size_t size_max, struct buf *out_buf,
		   struct err_note *note)
{
	buf_init(out_buf, size_max);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return say_errno(note, path, "cannot be opened");
	enum err err = OK;
	struct stat about;
	if (fstat(fd, &about) != 0) {
		err = say_errno(note, path, "cannot be looked at");
		goto out;
	}
	if (!S_ISREG(about.st_mode)) {
		err = err_say(ERR_FORMAT, note, "%s: is not a regular file", path);
		goto out;
	}
	err = buf_add(out_buf, "", 0);
	if (err == OK)
		err = read_all(fd, path, out_buf, note);
	if (err == ERR_LIMIT)
		(void)err_say(err, note, "%s: is larger than %zu bytes", path, size_max);
	if (err == ERR_MEMORY)
		(void)err_say(err, note, "%s: out of memory", path);
out:
	close(fd);
	return err;
}

static enum err write_all(int fd, const char *path, const uint8_t *bytes, size_t size,
			  struct err_note *note)
{
	while (size > 0) {
		ssize_t written = write(fd, bytes, size);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return say_errno(note, path, "cannot be written");
		must((size_t)written <= size);
		bytes += written;
		size -= (size_t)written;
	}
	return OK;
}

/* fsync of the folder that holds path, so that the new name survives a power cut. */
static enum err sync_folder_of(const char *path, struct err_note *note)
{
	char folder[FILE_PATH_BYTES];
	must(str_copy(folder, sizeof(folder), path));
	char *slash = strrchr(folder, '/');
	if (!slash)
		must(str_copy(folder, sizeof(folder), "."));
	else if (slash == folder)
		slash[1] = '\0';
	else
		*slash = '\0';
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return say_errno(note, folder, "cannot be opened");
	enum err err = fsync(fd) == 0 ? OK : say_errno(note, folder, "cannot be synced");
	close(fd);
	return err;
}

static enum err temporary_of(const char *path, char to[FILE_PATH_BYTES],
			     struct err_note *note)
{
	if (str_format(to, FILE_PATH_BYTES, "%s.new", path))
		return OK;
	return err_say(ERR_LIMIT, note, "%.64s...: the path is too long", path);
}

enum err file_prepare(const char *path, const void *bytes, size_t size, unsigned mode,
		      struct err_note *note)
{
	char temporary[FILE_PATH_BYTES];
	enum err err = temporary_of(path, temporary, note);
	if (err != OK)
		return err;
	/* A left-over of an earlier crash; never followed when it is a link. */
	if (unlink(temporary) != 0 && errno != ENOENT)
		return say_errno(note, temporary, "cannot be replaced");
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		      (mode_t)mode);
	if (fd < 0)
		return say_errno(note, temporary, "cannot be created");
	err = write_all(fd, temporary, bytes, size, note);
	if (err == OK && fsync(fd) != 0)
		err = say_errno(note, temporary, "cannot be synced");
	if (close(fd) != 0 && err == OK)
		err = say_errno(note, temporary, "cannot be closed");
	if (err != OK && unlink(temporary) != 0)
		(void)say_errno(note, temporary, "cannot be removed");
	return err;
}

enum err file_commit(const char *path, struct err_note *note)
{
	char temporary[FILE_PATH_BYTES];
	enum err err = temporary_of(path, temporary, note);
	if (err != OK)
		return err;
	if (rename(temporary, path) == 0)
		return sync_folder_of(path, note);
	err = say_errno(note, path, "cannot be replaced");
	file_drop(path);
	return err;
}

void file_drop(const char *path)
{
	char temporary[FILE_PATH_BYTES];
	if (temporary_of(path, temporary, NULL) == OK && unlink(temporary) != 0)
		return; /* there is none */
}

enum err file_write(const char *path, const void *bytes, size_t size, unsigned mode,
		    struct err_note *note)
{
	enum err err = file_prepare(path, bytes, size, mode, note);
	return err ? err : file_commit(path, note);
}

enum err file_is_folder(const char *path, struct err_note *note)
{
	struct stat about;
	if (stat(path, &about) != 0)
		return say_errno(note, path, "cannot be looked at");
	if (!S_ISDIR(about.st_mode))
		return err_say(ERR_EXISTS, note, "%s: is there, but is not a folder",
			       path);
	return OK;
}

static enum err make_one(const char *path, struct err_note *note)
{
	if (mkdir(path, FOLDER_MODE) == 0)
		return OK;
	if (errno != EEXIST && errno != EISDIR)
		return say_errno(note, path, "cannot be made");
	return file_is_folder(path, note);
}

enum err file_make_folder(const char *path, struct err_note *note)
{
	char part[FILE_PATH_BYTES];
	if (!str_copy(part, sizeof(part), path))
		return err_say(ERR_LIMIT, note, "%.64s...: the path is too long", path);
	if (part[0] == '\0')
		return err_say(ERR_FORMAT, note, "an empty path names no folder");
	for (char *at = part + 1; *at != '\0'; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		enum err err = make_one(part, note);
		*at = '/';
		if (err != OK)
			return err;
	}
	return make_one(part, note);
}

static void overwrite(const char *path)
{
	static const uint8_t zeros[64 * 1024];
	const int fd = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat about;

	if (fd < 0)
		return;
	for (off_t left = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) ? about.st_size
									   : 0;
	     left > 0;) {
		const size_t part =
			left < (off_t)sizeof(zeros) ? (size_t)left : sizeof(zeros);
		const ssize_t written = write(fd, zeros, part);

		if (written <= 0)
			break;
		left -= written;
	}
	(void)!fdatasync(fd);
	(void)!ftruncate(fd, 0);
	close(fd);
}

enum err file_shred(const char *path, struct err_note *note)
{
	overwrite(path);
	if (unlink(path) != 0 && errno != ENOENT)
		return say_errno(note, path, "cannot be removed");
	return OK;
}

bool file_exists(const char *path)
{
	struct stat about;
	return stat(path, &about) == 0;
}

bool file_join(char *to, size_t size, const char *folder, const char *name)
{
	const char *between = folder[0] == '\0' || str_ends(folder, "/") ? "" : "/";
	if (name[0] == '/')
		return str_copy(to, size, name);
	return str_format(to, size, "%s%s%s", folder, between, name);
}
