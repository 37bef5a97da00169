/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the household's own files for the pure parser, which knows no paths.
 */
#include "adapter/arranged_file.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/str.h"
#include "understand/arrange.h"

static const char *const FILES[] = {ARRANGED_GROUPS_FILE, ARRANGED_ROUTINES_FILE};

static bool path_of(char path[FILE_PATH_BYTES], const char *data, const char *name)
{
	char folder[FILE_PATH_BYTES];

	return file_join(folder, sizeof(folder), data, ARRANGED_FOLDER) &&
	       file_join(path, FILE_PATH_BYTES, folder, name);
}

static enum err add_file(const char *data, const char *name, struct arranged *arranged,
			 struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;
	enum err err;

	if (!path_of(path, data, name))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", data);
	if (!file_exists(path))
		return OK;
	err = file_read(path, ARRANGED_FILE_BYTES_MAX, &bytes, note);
	if (!err)
		err = arrange_read(path, (const char *)bytes.bytes, bytes.size, arranged,
				   note);
	buf_finish(&bytes);
	return err;
}

enum err arranged_file_read(const char *data, struct arranged **out_arranged,
			    struct err_note *note)
{
	struct arranged *arranged = calloc(1, sizeof(*arranged));
	enum err err = arranged ? OK : ERR_MEMORY;

	for (size_t i = 0; !err && i < STR_COUNT(FILES); i++)
		err = add_file(data, FILES[i], arranged, note);
	if (!err) {
		*out_arranged = arranged;
		arranged = NULL;
	}
	free(arranged);
	return err;
}

void arranged_file_look(const char *data, struct arranged_seen *out_seen)
{
	*out_seen = (struct arranged_seen){.files = {{.inode = 0}}};
	for (size_t i = 0; i < STR_COUNT(FILES); i++) {
		char path[FILE_PATH_BYTES];
		struct stat about;

		if (!path_of(path, data, FILES[i]) || stat(path, &about) != 0)
			continue;
		out_seen->files[i].inode = about.st_ino;
		out_seen->files[i].size = about.st_size;
		out_seen->files[i].changed_s = about.st_mtim.tv_sec;
		out_seen->files[i].changed_ns = about.st_mtim.tv_nsec;
	}
}

bool arranged_file_is_same(const struct arranged_seen *a, const struct arranged_seen *b)
{
	bool same = true;

	for (size_t i = 0; same && i < STR_COUNT(FILES); i++)
		same = a->files[i].inode == b->files[i].inode &&
		       a->files[i].size == b->files[i].size &&
		       a->files[i].changed_s == b->files[i].changed_s &&
		       a->files[i].changed_ns == b->files[i].changed_ns;
	return same;
}
