/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the household's own files for the pure parser, which knows no paths.
 */
#include "adapter/arranged_file.h"

#include <stdlib.h>

#include "base/buf.h"
#include "understand/arrange.h"

static enum err add_file(const char *folder, const char *name, struct arranged *arranged,
			 struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	struct buf bytes;
	enum err err;

	if (!file_join(path, sizeof(path), folder, name))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", folder);
	if (!file_exists(path))
		return OK;
	err = file_read(path, ARRANGED_FILE_BYTES_MAX, &bytes, note);
	if (!err)
		err = arrange_read(path, (const char *)bytes.bytes, bytes.size, arranged,
				   note);
	buf_finish(&bytes);
	return err;
}

enum err arranged_file_read(const char *folder, struct arranged **out_arranged,
			    struct err_note *note)
{
	struct arranged *arranged = calloc(1, sizeof(*arranged));
	enum err err = ERR_MEMORY;

	if (!arranged)
		goto out;
	err = add_file(folder, ARRANGED_GROUPS_FILE, arranged, note);
	if (!err)
		err = add_file(folder, ARRANGED_ROUTINES_FILE, arranged, note);
	if (err)
		goto out;
	*out_arranged = arranged;
	arranged = NULL;
out:
	free(arranged);
	return err;
}
