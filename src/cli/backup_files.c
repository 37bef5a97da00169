/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup_files - writes, reads back, and puts in place. Knows the outer form of the files
 * only; what is in them nobody here can open.
 *
 * Invariants: no file in its place is touched before all new ones were read back; the backup
 * key is put there last, so that it is beside its place whenever the key table is not its.
 */
#include "cli/backup_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/must.h"
#include "base/str.h"

enum { NAME_MAX_BYTES = 64, FILE_MODE = 0600 };

#define CIPHERTEXT_BEFORE "ciphertext-"
#define SUFFIX ".bhb"
#define FRESH ".new"

static struct backup_place *place_of(struct backup_files *files, enum backup_kind kind)
{
	return &files->places[kind - 1];
}

/* --- beginning --------------------------------------------------------------------------- */

static void ciphertext_name(int64_t wall_ms, char to[NAME_MAX_BYTES])
{
	const time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;
	char text[32] = "";

	if (gmtime_r(&seconds, &parts))
		(void)strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &parts);
	must(str_format(to, NAME_MAX_BYTES, CIPHERTEXT_BEFORE "%s" SUFFIX, text));
}

static enum err set_place(struct backup_place *place, const char *folder,
			  const char *name, struct err_note *note)
{
	place->fd = -1;
	if (folder ? !file_join(place->path, sizeof(place->path), folder, name)
		   : !str_copy(place->path, sizeof(place->path), name))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", name);
	if (!str_format(place->fresh, sizeof(place->fresh), "%s" FRESH, place->path))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", place->path);
	return OK;
}

/* Two of one second have two names. */
static enum err set_ciphertext(struct backup_files *files, int64_t wall_ms,
			       struct err_note *note)
{
	struct backup_place *place = place_of(files, BACKUP_CIPHERTEXT);
	char name[NAME_MAX_BYTES];
	enum err err;

	do {
		ciphertext_name(wall_ms, name);
		err = set_place(place, files->folder, name, note);
		wall_ms += 1000;
	} while (err == OK && file_exists(place->path));
	return err;
}

static enum err lock_folder(struct backup_files *files, struct err_note *note)
{
	files->folder_fd = open(files->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (files->folder_fd < 0)
		return err_say(ERR_IO, note, "%s: cannot be opened: %s", files->folder,
			       strerror(errno));
	if (flock(files->folder_fd, LOCK_EX | LOCK_NB) != 0)
		return err_say(ERR_BUSY, note, "%s: another program makes a backup there",
			       files->folder);
	return OK;
}

/* --- reading ----------------------------------------------------------------------------- */

static enum err read_file(void *context, void *to, size_t size, size_t *out_got)
{
	FILE *file = context;

	*out_got = fread(to, 1, size, file);
	return *out_got < size && ferror(file) ? ERR_IO : OK;
}

/* From its beginning to its end. */
static enum err read_whole(struct backup_in *in, struct err_note *note)
{
	enum err err = backup_in_begin(in, note);
	const uint8_t *bytes = NULL;
	size_t size = 1;

	while (!err && size > 0)
		err = backup_in_next(in, &bytes, &size, note);
	return err;
}

static enum err read_about(const char *path, struct backup_about *out_about,
			   struct err_note *note)
{
	struct backup_in *in = calloc(1, sizeof(*in));
	FILE *file = fopen(path, "re");
	enum err err = in ? OK : ERR_MEMORY;

	if (!err && !file)
		err = err_say(errno == ENOENT ? ERR_MISSING : ERR_IO, note,
			      "%s: cannot be opened: %s", path, strerror(errno));
	if (!err) {
		in->name = path;
		in->read = read_file;
		in->context = file;
		err = read_whole(in, note);
	}
	if (!err)
		*out_about = in->about;
	if (file)
		(void)fclose(file);
	free(in);
	return err;
}

static bool is_of(const struct backup_about *a, const struct backup_about *b)
{
	return memcmp(a->id, b->id, sizeof(a->id)) == 0;
}

/* The key beside its place is that of the key table, and the one in its place is not: the
 * last program was ended between the two. */
static bool is_left_over(const char *keys, const char *key, const char *fresh)
{
	struct backup_about of_keys;
	struct backup_about of_key;
	struct backup_about of_fresh;

	return file_exists(fresh) && read_about(keys, &of_keys, NULL) == OK &&
	       read_about(fresh, &of_fresh, NULL) == OK && of_fresh.kind == BACKUP_KEY &&
	       is_of(&of_fresh, &of_keys) &&
	       (read_about(key, &of_key, NULL) != OK || !is_of(&of_key, &of_keys));
}

static enum err sync_folder_of(const char *path, struct err_note *note)
{
	char folder[FILE_PATH_BYTES];
	char *slash;
	int fd;
	enum err err = OK;

	must(str_copy(folder, sizeof(folder), path));
	slash = strrchr(folder, '/');
	if (!slash)
		must(str_copy(folder, sizeof(folder), "."));
	else
		slash[slash == folder] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		err = err_say(ERR_IO, note, "%s: cannot be synced: %s", folder,
			      strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return err;
}

static enum err put(const struct backup_place *place, struct err_note *note)
{
	if (rename(place->fresh, place->path) != 0)
		return err_say(ERR_IO, note, "%s: cannot be put there: %s", place->path,
			       strerror(errno));
	return sync_folder_of(place->path, note);
}

/* What a former program was about to do last. */
static enum err finish_former(struct backup_files *files, struct err_note *note)
{
	const struct backup_place *key = place_of(files, BACKUP_KEY);

	if (!is_left_over(place_of(files, BACKUP_KEYS)->path, key->path, key->fresh))
		return OK;
	return put(key, note);
}

enum err backup_files_begin(struct backup_files *files, const char *folder,
			    const char *key_path, int64_t wall_ms, struct err_note *note)
{
	enum err err;

	memset(files, 0, sizeof(*files));
	files->folder_fd = -1;
	for (size_t i = 0; i < BACKUP_KIND_COUNT; i++)
		files->places[i].fd = -1;
	if (!str_copy(files->folder, sizeof(files->folder), folder))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", folder);
	err = file_make_folder(folder, note);
	if (!err)
		err = lock_folder(files, note);
	if (!err)
		err = set_ciphertext(files, wall_ms, note);
	if (!err)
		err = set_place(place_of(files, BACKUP_KEYS), folder, "keys" SUFFIX,
				note);
	if (!err)
		err = set_place(place_of(files, BACKUP_KEY), key_path ? NULL : folder,
				key_path ? key_path : "backup.key", note);
	if (!err)
		err = finish_former(files, note);
	return err;
}

/* --- writing ----------------------------------------------------------------------------- */

static enum err say_written(const struct backup_place *place, struct err_note *note)
{
	return err_say(ERR_IO, note,
		       "%s: cannot be written: %s; the former backup is as it was",
		       place->fresh, strerror(errno));
}

static enum err begin_place(struct backup_place *place, struct err_note *note)
{
	if (place->fd >= 0)
		(void)close(place->fd);
	place->bytes = 0;
	place->fd = open(place->fresh,
			 O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	return place->fd >= 0 ? OK : say_written(place, note);
}

enum err backup_files_write(struct backup_files *files, unsigned kind, bool again,
			    const void *bytes, size_t size, struct err_note *note)
{
	struct backup_place *place;
	const uint8_t *from = bytes;
	enum err err = OK;

	if (kind < BACKUP_CIPHERTEXT || kind > BACKUP_KEY)
		return err_say(ERR_FORMAT, note, "the keeper told of a file %u", kind);
	place = place_of(files, (enum backup_kind)kind);
	if (again)
		err = begin_place(place, note);
	else if (place->fd < 0)
		err = err_say(ERR_FORMAT, note, "the keeper told the files out of order");
	while (!err && size > 0) {
		const ssize_t part = write(place->fd, from, size);

		if (part < 0 && errno == EINTR)
			continue;
		if (part <= 0)
			return say_written(place, note);
		from += part;
		size -= (size_t)part;
		place->bytes += (uint64_t)part;
	}
	return err;
}

/* --- reading back, and putting in place -------------------------------------------------- */

/* Out of the page cache where the system agrees, so that the disk itself is asked. */
static enum err sync_place(const struct backup_place *place, struct err_note *note)
{
	if (place->fd < 0)
		return err_say(ERR_FORMAT, note, "the keeper did not tell all files");
	if (fsync(place->fd) != 0)
		return say_written(place, note);
	(void)posix_fadvise(place->fd, 0, 0, POSIX_FADV_DONTNEED);
	return OK;
}

static enum err check_place(const struct backup_place *place, enum backup_kind kind,
			    const struct keeper_mark *mark, const uint8_t id[ID_BYTES],
			    struct err_note *note)
{
	struct backup_about about;
	struct stat found;
	enum err err = sync_place(place, note);

	if (!err)
		err = read_about(place->fresh, &about, note);
	if (err)
		return err;
	if (stat(place->fresh, &found) != 0 || (uint64_t)found.st_size != place->bytes ||
	    about.kind != kind || memcmp(about.id, id, ID_BYTES) != 0 ||
	    !id_equal(about.household.bytes, mark->household.bytes) ||
	    memcmp(about.keeper, mark->key, sizeof(about.keeper)) != 0)
		return err_say(ERR_AUTH, note,
			       "%s: what was read back is not what this house's keeper "
			       "told",
			       place->fresh);
	return OK;
}

enum err backup_files_keep(struct backup_files *files, const struct keeper_mark *mark,
			   const uint8_t id[ID_BYTES], struct err_note *note)
{
	enum err err = OK;

	for (unsigned i = 0; !err && i < BACKUP_KIND_COUNT; i++)
		err = check_place(&files->places[i], (enum backup_kind)(i + 1), mark, id,
				  note);
	for (size_t i = 0; !err && i < BACKUP_KIND_COUNT; i++) {
		err = put(&files->places[i], note);
		if (!err) {
			(void)close(files->places[i].fd);
			files->places[i].fd = -1;
		}
	}
	return err;
}

uint64_t backup_files_bytes(const struct backup_files *files)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < BACKUP_KIND_COUNT; i++)
		bytes += files->places[i].bytes;
	return bytes;
}

static bool is_ciphertext(const char *name)
{
	return str_starts(name, CIPHERTEXT_BEFORE) && str_ends(name, SUFFIX);
}

void backup_files_prune(const struct backup_files *files)
{
	const char *path = files->places[BACKUP_CIPHERTEXT - 1].path;
	const char *slash = strrchr(path, '/');
	DIR *folder = opendir(files->folder);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		if (is_ciphertext(entry->d_name) &&
		    !str_equal(entry->d_name, slash ? slash + 1 : path))
			(void)unlinkat(files->folder_fd, entry->d_name, 0);
	}
	if (folder)
		(void)closedir(folder);
}

/* The key may be all that is left of a backup whose key table is in its place already. */
void backup_files_end(struct backup_files *files)
{
	const bool keys_are_put = files->places[BACKUP_KEYS - 1].fd < 0 &&
				  files->places[BACKUP_KEYS - 1].bytes > 0;

	for (size_t i = 0; i < BACKUP_KIND_COUNT; i++) {
		struct backup_place *place = &files->places[i];

		if (place->fd < 0)
			continue;
		(void)close(place->fd);
		place->fd = -1;
		if (i + 1 != BACKUP_KEY || !keys_are_put)
			(void)unlink(place->fresh);
	}
	if (files->folder_fd >= 0)
		(void)close(files->folder_fd);
	files->folder_fd = -1;
}

/* --- for a restore ----------------------------------------------------------------------- */

/* Their names are their times. */
static bool find_newest(const char *path, char to[NAME_MAX_BYTES])
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	to[0] = '\0';
	while (folder && (entry = readdir(folder))) {
		if (is_ciphertext(entry->d_name) && strcmp(entry->d_name, to) > 0)
			(void)str_copy(to, NAME_MAX_BYTES, entry->d_name);
	}
	if (folder)
		(void)closedir(folder);
	return to[0] != '\0';
}

enum err backup_files_find(const char *folder, const char *key_path,
			   struct backup_found *out_found, struct err_note *note)
{
	struct backup_found found;
	char name[NAME_MAX_BYTES];
	char fresh[FILE_PATH_BYTES];

	if (!find_newest(folder, name))
		return err_say(ERR_MISSING, note,
			       "%s: expected a backup: there is no " CIPHERTEXT_BEFORE
			       "..." SUFFIX " in it",
			       folder);
	if (!file_join(found.ciphertext, sizeof(found.ciphertext), folder, name) ||
	    !file_join(found.keys, sizeof(found.keys), folder, "keys" SUFFIX) ||
	    (key_path ? !str_copy(found.key, sizeof(found.key), key_path)
		      : !file_join(found.key, sizeof(found.key), folder, "backup.key")) ||
	    !str_format(fresh, sizeof(fresh), "%s" FRESH, found.key))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", folder);
	if (is_left_over(found.keys, found.key, fresh))
		must(str_copy(found.key, sizeof(found.key), fresh));
	*out_found = found;
	return OK;
}
