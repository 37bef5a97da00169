/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sentence_files - sentences from files and folders: every .yaml, .yml and .json of a
 * folder in alphabetical order, but not what the house says (adapter/phrasebook_file.h).
 */
#ifndef ADAPTER_SENTENCE_FILES_H
#define ADAPTER_SENTENCE_FILES_H

#include "base/err.h"
#include "understand/understand.h"

enum { SENTENCE_FILE_BYTES_MAX = 16 * 1024 * 1024, SENTENCE_FILES_MAX = 512 };

/* Adds a file or a folder of them. The note names the path, and the line where a file
 * is wrong. ERR_MISSING: not there, or a folder without any. */
MUST_CHECK enum err sentence_files_add(struct sentences *sentences, const char *path,
				       struct err_note *note);

#endif
