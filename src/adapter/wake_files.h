/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_files - where the speech embedding and the heads are that come with the programs:
 * models/ below the share folder.
 */
#ifndef ADAPTER_WAKE_FILES_H
#define ADAPTER_WAKE_FILES_H

#include <stddef.h>

#include "base/err.h"

enum { WAKE_FILES_HEADS_MAX = 16, WAKE_FILES_NAME_BYTES = 64 };

struct wake_file_names {
	size_t count;
	char names[WAKE_FILES_HEADS_MAX][WAKE_FILES_NAME_BYTES]; /* "hey_behest" */
};

/* The embedding's weights. ERR_MISSING: the note says how to get them. */
MUST_CHECK enum err wake_files_find_net(char *to, size_t size, struct err_note *note);

/* The head of a name: "hey behest" is models/hey_behest.head; case does not matter.
 * ERR_MISSING: no head comes along for it. ERR_FORMAT: that is no name. */
MUST_CHECK enum err wake_files_find_head(const char *word, char *to, size_t size,
					 struct err_note *note);

/* Every head there is, by name. ERR_MISSING: none. ERR_LIMIT: too many, or a name that is
 * too long. The note names the folder. */
MUST_CHECK enum err wake_files_list_heads(struct wake_file_names *out_names,
					  struct err_note *note);

#endif
