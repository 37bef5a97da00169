/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arranged_file - groups.yaml and routines.yaml of a household's folder.
 */
#ifndef ADAPTER_ARRANGED_FILE_H
#define ADAPTER_ARRANGED_FILE_H

#include "base/err.h"
#include "base/file.h"
#include "domain/arranged.h"

#define ARRANGED_GROUPS_FILE "groups.yaml"
#define ARRANGED_ROUTINES_FILE "routines.yaml"

/* Reads both; what is not there is nothing. The caller frees *out_arranged with free().
 * The note names the file and the line that are wrong. */
MUST_CHECK enum err arranged_file_read(const char *folder, struct arranged **out_arranged,
				       struct err_note *note);

#endif
