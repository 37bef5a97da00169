/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skill_folder - see the header.
 *
 * Invariants: what is hashed is what is kept in memory, so that what is written out, or
 * whose manifest is used, is what was hashed; no link is followed, neither as a file nor
 * as the folder.
 */
#include "adapter/skill_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"

enum { READ_BYTES = 64 * 1024, SIZE_BYTES = 8, MODE_FILE = 0500, HASH_BEGIN_BYTES = 8 };

enum err skill_folder_path(const char *data, const char *name,
			   const uint8_t hash[SKILL_HASH_BYTES], char to[FILE_PATH_BYTES],
			   struct err_note *note)
{
	char skills[FILE_PATH_BYTES];
	char begin[2 * HASH_BEGIN_BYTES + 1];
	char folder[FILE_PATH_BYTES];

	if (!skill_is_name(name))
		return err_say(ERR_RANGE, note, "%s: no name that a skill may have",
			       name);
	str_to_hex(begin, hash, HASH_BEGIN_BYTES);
	must(str_format(folder, sizeof(folder), "%s.%s", name, begin));
	if (!file_join(skills, sizeof(skills), data, "skills") ||
	    !file_join(to, FILE_PATH_BYTES, skills, folder))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", data);
	return OK;
}

/* --- reading ---------------------------------------------------------------------------- */

static int is_listed(const struct dirent *entry)
{
	return !str_equal(entry->d_name, ".") && !str_equal(entry->d_name, "..");
}

/* By bytes: the same order wherever it is hashed. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static enum err read_all(int fd, size_t *room, struct buf *to)
{
	static uint8_t bytes[READ_BYTES];

	for (;;) {
		const ssize_t got = read(fd, bytes, sizeof(bytes));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? ERR_IO : OK;
		if ((size_t)got > *room)
			return ERR_LIMIT;
		*room -= (size_t)got;
		const enum err err = buf_add(to, bytes, (size_t)got);
		if (err)
			return err;
	}
}

/* Letters that show themselves: a name is printed where an owner reviews a folder. */
static bool is_file_name(const char *name)
{
	for (const char *at = name; *at; at++)
		if (*at < ' ' || *at > '~')
			return false;
	return name[0] != '.';
}

static enum err read_file(int folder, const char *path, const char *name, size_t *room,
			  struct skill_file *file, struct err_note *note)
{
	struct stat about;
	enum err err = OK;
	int fd = -1;

	buf_init(&file->bytes, SKILL_FOLDER_BYTES_MAX);
	if (!is_file_name(name) || !str_copy(file->name, sizeof(file->name), name))
		return err_say(ERR_FORMAT, note,
			       "%s: a file whose name begins with a dot, is too long or "
			       "has other than plain letters",
			       path);
	fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &about) != 0)
		err = err_say(ERR_IO, note, "%s/%s: %s", path, name,
			      errno == ELOOP ? "a link; expected plain files"
					     : strerror(errno));
	else if (!S_ISREG(about.st_mode))
		err = err_say(ERR_FORMAT, note,
			      "%s/%s: expected plain files and nothing else", path, name);
	if (!err)
		err = read_all(fd, room, &file->bytes);
	if (err == ERR_LIMIT)
		err = err_say(err, note, "%s: more than %d bytes", path,
			      SKILL_FOLDER_BYTES_MAX);
	if (fd >= 0)
		close(fd);
	return err;
}

/* Name, NUL, size as eight bytes (little-endian), contents; one file behind the other. */
static enum err hash_files(struct skill_folder *folder)
{
	struct seal_hash *hash = NULL;
	enum err err = seal_hash_start(&hash);

	for (size_t i = 0; !err && i < folder->count; i++) {
		const struct skill_file *file = &folder->files[i];
		uint8_t size[SIZE_BYTES];

		for (unsigned b = 0; b < SIZE_BYTES; b++)
			size[b] = (uint8_t)((uint64_t)file->bytes.size >> (8 * b));
		seal_hash_add(hash, file->name, strlen(file->name) + 1);
		seal_hash_add(hash, size, sizeof(size));
		seal_hash_add(hash, file->bytes.bytes, file->bytes.size);
	}
	if (!err)
		seal_hash_end(hash, folder->hash);
	seal_hash_destroy(hash);
	return err;
}

static const struct skill_file *find_file(const struct skill_folder *folder,
					  const char *name)
{
	for (size_t i = 0; i < folder->count; i++)
		if (str_equal(folder->files[i].name, name))
			return &folder->files[i];
	return NULL;
}

static enum err read_manifest(const char *path, struct skill_folder *folder,
			      struct err_note *note)
{
	const struct skill_file *file = find_file(folder, SKILL_MANIFEST_NAME);
	char name[FILE_PATH_BYTES];
	enum err err;

	if (!file || !file_join(name, sizeof(name), path, SKILL_MANIFEST_NAME))
		return err_say(ERR_MISSING, note, "%s: expected a %s", path,
			       SKILL_MANIFEST_NAME);
	err = skill_manifest_read(name, (const char *)file->bytes.bytes, file->bytes.size,
				  &folder->manifest, note);
	if (!err && !find_file(folder, folder->manifest.program))
		err = err_say(ERR_MISSING, note, "%s: the program %s is not there", path,
			      folder->manifest.program);
	return err;
}

static enum err read_files(int fd, const char *path, struct dirent *const *names,
			   int count, struct skill_folder *folder, struct err_note *note)
{
	size_t room = SKILL_FOLDER_BYTES_MAX;
	enum err err = OK;

	if (count > SKILL_FILES_MAX)
		return err_say(ERR_LIMIT, note, "%s: more than %d files", path,
			       SKILL_FILES_MAX);
	for (int i = 0; !err && i < count; i++)
		err = read_file(fd, path, names[i]->d_name, &room,
				&folder->files[folder->count++], note);
	return err;
}

enum err skill_folder_read(const char *path, struct skill_folder **out_folder,
			   struct err_note *note)
{
	struct skill_folder *folder = calloc(1, sizeof(*folder));
	struct dirent **names = NULL;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int count = fd < 0 ? -1 : scandirat(fd, ".", &names, is_listed, by_bytes);
	enum err err = folder ? OK : ERR_MEMORY;

	if (!err && count < 0)
		err = err_say(errno == ENOENT ? ERR_MISSING : ERR_IO, note,
			      "%s: expected a skill's folder: %s", path, strerror(errno));
	if (!err)
		err = read_files(fd, path, names, count, folder, note);
	if (!err)
		err = hash_files(folder);
	if (!err)
		err = read_manifest(path, folder, note);
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
	if (fd >= 0)
		close(fd);
	*out_folder = folder;
	return err;
}

void skill_folder_close(struct skill_folder *folder)
{
	if (!folder)
		return;
	for (size_t i = 0; i < folder->count; i++)
		buf_finish(&folder->files[i].bytes);
	free(folder);
}

enum err skill_folder_check(const char *path, const uint8_t hash[SKILL_HASH_BYTES],
			    struct skill_manifest *out_manifest, struct err_note *note)
{
	struct skill_folder *folder = NULL;
	enum err err = skill_folder_read(path, &folder, note);

	if (!err && memcmp(folder->hash, hash, SKILL_HASH_BYTES) != 0)
		err = err_say(ERR_AUTH, note, "%s: not the files that were approved",
			      path);
	if (!err)
		*out_manifest = folder->manifest;
	skill_folder_close(folder);
	return err;
}

/* --- writing ---------------------------------------------------------------------------- */

static enum err write_files(const struct skill_folder *folder, const char *path,
			    struct err_note *note)
{
	char name[FILE_PATH_BYTES];
	enum err err = OK;

	for (size_t i = 0; !err && i < folder->count; i++) {
		const struct skill_file *file = &folder->files[i];

		if (!file_join(name, sizeof(name), path, file->name))
			err = err_say(ERR_LIMIT, note, "%s: the path is too long", path);
		else
			err = file_write(name,
					 file->bytes.size ? file->bytes.bytes
							  : (const uint8_t *)"",
					 file->bytes.size, MODE_FILE, note);
	}
	return err;
}

enum err skill_folder_remove(const char *path, struct err_note *note)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	enum err err = OK;

	if (!folder)
		return errno == ENOENT
			       ? OK
			       : err_say(ERR_IO, note, "%s: %s", path, strerror(errno));
	while ((entry = readdir(folder)) != NULL)
		if (is_listed(entry) && unlinkat(dirfd(folder), entry->d_name, 0) != 0)
			err = err_say(ERR_IO, note, "%s/%s: %s", path, entry->d_name,
				      strerror(errno));
	(void)closedir(folder);
	if (!err && rmdir(path) != 0)
		err = err_say(ERR_IO, note, "%s: %s", path, strerror(errno));
	return err;
}

enum err skill_folder_write(const struct skill_folder *folder, const char *path,
			    struct err_note *note)
{
	char fresh[FILE_PATH_BYTES];
	enum err err;

	if (!str_format(fresh, sizeof(fresh), "%s.new", path))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", path);
	err = skill_folder_remove(fresh, note);
	if (!err)
		err = file_make_folder(fresh, note);
	if (!err)
		err = write_files(folder, fresh, note);
	if (!err)
		err = skill_folder_remove(path, note);
	if (!err && rename(fresh, path) != 0)
		err = err_say(ERR_IO, note, "%s: %s", path, strerror(errno));
	return err;
}
