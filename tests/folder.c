/* SPDX-License-Identifier: Apache-2.0 */
/* Removal in depth first order, with few open folders however deep the tree is. */
#include "folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

enum { FOLDERS_OPEN_MAX = 16 };

static int remove_entry(const char *path, const struct stat *about, int kind,
			struct FTW *place)
{
	(void)about;
	(void)kind;
	(void)place;
	return remove(path);
}

int folder_remove(const char *path)
{
	return nftw(path, remove_entry, FOLDERS_OPEN_MAX, FTW_DEPTH | FTW_PHYS);
}

bool folder_has_net(void)
{
	const char *source = getenv("BEHEST_SOURCE");
	char path[FILE_PATH_BYTES];

	if (source &&
	    file_join(path, sizeof(path), source, "share/models/speech-embedding.net") &&
	    file_exists(path))
		return true;
	printf("skipped: no share/models/speech-embedding.net; run tools/setup\n");
	return false;
}
