/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file - reading and writing whole small files safely.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum { FILE_PATH_BYTES = 1024 };

/* Reads a regular file of at most size_max bytes into out_buf (initialised here; the
 * caller finishes it, also after failure). The note names the path. */
MUST_CHECK enum err file_read(const char *path, size_t size_max, struct buf *out_buf,
			      struct err_note *note);

/* Writes a file whole or not at all: temporary name, fsync, rename, fsync of the
 * folder. mode as in open(2). */
MUST_CHECK enum err file_write(const char *path, const void *bytes, size_t size,
			       unsigned mode, struct err_note *note);

/* The same in two steps, for files that belong together: all are prepared beside their
 * places, which takes the room, and then each is put there or dropped. The second step of
 * a file that was not prepared: ERR_MISSING, or nothing. */
MUST_CHECK enum err file_prepare(const char *path, const void *bytes, size_t size,
				 unsigned mode, struct err_note *note);
MUST_CHECK enum err file_commit(const char *path, struct err_note *note);
void file_drop(const char *path);

/* ERR_MISSING: nothing is there. ERR_EXISTS: something else is. The note says which. */
MUST_CHECK enum err file_is_folder(const char *path, struct err_note *note);

/* Makes a folder and its parents with mode 0700; an existing one is fine. */
MUST_CHECK enum err file_make_folder(const char *path, struct err_note *note);

/* Overwrites a regular file with zeros, cuts it, and removes it; what a file system or an
 * SSD keeps of its blocks is out of reach. One that is not there is fine. What cannot be
 * opened is removed all the same. ERR_IO: it is still there. */
MUST_CHECK enum err file_shred(const char *path, struct err_note *note);

bool file_exists(const char *path);

/* Joins with one slash; false when it does not fit. */
bool file_join(char *to, size_t size, const char *folder, const char *name);

#endif
