/* SPDX-License-Identifier: Apache-2.0 */
/*
 * share - finds our own data files. Reads the environment, writes nothing.
 */
#include "adapter/share.h"

#include <stdlib.h>

#include "base/file.h"

#ifndef BEHEST_SHARE_FOLDER
#define BEHEST_SHARE_FOLDER "/usr/share/behest"
#endif

const char *share_folder(void)
{
	const char *share = getenv("BEHEST_SHARE");

	return share && *share ? share : BEHEST_SHARE_FOLDER;
}

enum err share_find(const char *folder, const char *name, char *to, size_t size,
		    struct err_note *note)
{
	const char *share = share_folder();
	char below[FILE_PATH_BYTES];

	if (!file_join(below, sizeof(below), share, folder) ||
	    !file_join(to, size, below, name))
		return err_say(ERR_LIMIT, note, "%.100s...: the path is too long", share);
	if (!file_exists(to))
		return err_say(
			ERR_MISSING, note,
			"%s: not there; set BEHEST_SHARE to the folder that holds %s/",
			to, folder);
	return OK;
}
