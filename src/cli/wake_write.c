/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_write - see the header. Does not know what is in the files.
 *
 * Invariant: paths[0..count) are prepared and not yet in their places.
 */
#include "cli/wake_write.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum { FILE_MODE = 0644 };

enum err wake_write_path(const char *path, const char *ending, char to[FILE_PATH_BYTES],
			 struct err_note *note)
{
	size_t size = strlen(path);

	if (str_ends(path, ".head"))
		size -= strlen(".head");
	else if (str_equal(ending, ".head"))
		ending = ""; /* a head may be called anything */
	if (!str_format(to, FILE_PATH_BYTES, "%.*s%s", (int)size, path, ending))
		return err_say(ERR_LIMIT, note, "%.60s...: the path is too long", path);
	return OK;
}

enum err wake_write_try(const char *path, struct err_note *note)
{
	const enum err err = file_prepare(path, "", 0, FILE_MODE, note);

	if (!err)
		file_drop(path);
	return err;
}

enum err wake_write_add(struct wake_write *write, const char *path, const char *ending,
			const struct buf *bytes, struct err_note *note)
{
	char *to = write->paths[write->count];
	enum err err;

	must(write->count < WAKE_WRITE_FILES_MAX);
	err = wake_write_path(path, ending, to, note);
	if (!err)
		err = file_prepare(to, bytes->bytes, bytes->size, FILE_MODE, note);
	if (!err)
		write->count++;
	return err;
}

enum err wake_write_commit(struct wake_write *write, struct err_note *note)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < write->count; i++)
		err = file_commit(write->paths[i], note);
	if (!err)
		write->count = 0;
	return err;
}

void wake_write_drop(struct wake_write *write)
{
	for (size_t i = 0; i < write->count; i++)
		file_drop(write->paths[i]);
	write->count = 0;
}
