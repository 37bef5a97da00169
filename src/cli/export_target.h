/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_target - where an archive goes: a new file, which has its name only once it is whole
 * and on the disk, or standard output. Nothing else is ever written over. One at a time.
 */
#ifndef CLI_EXPORT_TARGET_H
#define CLI_EXPORT_TARGET_H

#include "adapter/sink.h"
#include "base/err.h"
#include "base/file.h"

struct export_target {
	struct sink sink;
	int fd;                     /* -1: closed */
	char path[FILE_PATH_BYTES]; /* "": standard output */
	char part[FILE_PATH_BYTES]; /* its name until it is whole */
	struct err_note *note;      /* for what the sink cannot say */
};

/* path NULL: standard output. ERR_EXISTS: something has that name. The note, borrowed until
 * the target is closed, says in one line what was wrong. */
MUST_CHECK enum err export_target_open(const char *path, struct export_target *out_target,
				       struct err_note *note);
/* It is whole: on the disk, and then under its name. */
MUST_CHECK enum err export_target_commit(struct export_target *target);
/* What is not committed is removed. */
void export_target_close(struct export_target *target);

#endif
