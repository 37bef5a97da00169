/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_write - a head and the files beside it appear together or not at all.
 *
 * Each is prepared first; only when there was room for all of them do they take the places
 * of the old ones, the head last. One thread.
 */
#ifndef CLI_WAKE_WRITE_H
#define CLI_WAKE_WRITE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"

enum { WAKE_WRITE_FILES_MAX = 4 };

struct wake_write {
	char paths[WAKE_WRITE_FILES_MAX][FILE_PATH_BYTES];
	size_t count; /* zeroed: nothing is prepared */
};

/* path without ".head", and another ending. ERR_LIMIT. */
MUST_CHECK enum err wake_write_path(const char *path, const char *ending,
				    char to[FILE_PATH_BYTES], struct err_note *note);

/* Could it be written? Asked before an hour's work for it. The note names the file. */
MUST_CHECK enum err wake_write_try(const char *path, struct err_note *note);

/* One more file: path without ".head", with the ending. */
MUST_CHECK enum err wake_write_add(struct wake_write *write, const char *path,
				   const char *ending, const struct buf *bytes,
				   struct err_note *note);

/* All of them appear, in the order in which they were added. */
MUST_CHECK enum err wake_write_commit(struct wake_write *write, struct err_note *note);
void wake_write_drop(struct wake_write *write); /* what was not committed */

#endif
