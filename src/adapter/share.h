/* SPDX-License-Identifier: Apache-2.0 */
/*
 * share - where the files are that come with the programs: $BEHEST_SHARE, else the place
 * they were built or installed in.
 */
#ifndef ADAPTER_SHARE_H
#define ADAPTER_SHARE_H

#include <stddef.h>

#include "base/err.h"

/* The folder itself. */
const char *share_folder(void);

/* folder/name below it ("lang", "en"). ERR_MISSING names the path that was tried. */
MUST_CHECK enum err share_find(const char *folder, const char *name, char *to,
			       size_t size, struct err_note *note);

#endif
