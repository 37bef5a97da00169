/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arranged_file - groups.yaml and routines.yaml of a household, and whether they are others
 * than they were.
 *
 * They lie in a folder of their own, because who reads them may read all of it, and whoever
 * writes a file puts another in its place.
 */
#ifndef ADAPTER_ARRANGED_FILE_H
#define ADAPTER_ARRANGED_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/file.h"
#include "domain/arranged.h"

#define ARRANGED_FOLDER "house" /* in the data folder */
#define ARRANGED_GROUPS_FILE "groups.yaml"
#define ARRANGED_ROUTINES_FILE "routines.yaml"

/* How the two files are now; zeros where one is not there. */
struct arranged_seen {
	struct {
		ino_t inode;
		off_t size;
		int64_t changed_s;
		int64_t changed_ns;
	} files[2];
};
void arranged_file_look(const char *data, struct arranged_seen *out_seen);
bool arranged_file_is_same(const struct arranged_seen *a, const struct arranged_seen *b);

/* Reads both; what is not there is nothing. The caller frees *out_arranged with free().
 * The note names the file and the line that are wrong. */
MUST_CHECK enum err arranged_file_read(const char *data, struct arranged **out_arranged,
				       struct err_note *note);

#endif
