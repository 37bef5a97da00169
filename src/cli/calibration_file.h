/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration_file - rows in a file, one JSON object a line, so that floors can be studied
 * without hearing everything again. They hold the words that were heard: keep such a file
 * as you would the recordings.
 */
#ifndef CLI_CALIBRATION_FILE_H
#define CLI_CALIBRATION_FILE_H

#include "cli/calibration.h"

enum { CALIBRATION_FILE_BYTES_MAX = 256 * 1024 * 1024 };

/* Writes the file whole or not at all. The note names it. */
MUST_CHECK enum err calibration_write(const struct calibration *calibration,
				      const char *path, struct err_note *note);

/* Adds the rows of a file. ERR_FORMAT with "path:line: what was expected". */
MUST_CHECK enum err calibration_read(struct calibration *calibration, const char *path,
				     struct err_note *note);

#endif
