/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration_print - a study as a table for people, as lines for programs, and as a
 * picture. All of it is of the half that no floor was chosen on.
 */
#ifndef CLI_CALIBRATION_PRINT_H
#define CLI_CALIBRATION_PRINT_H

#include "base/buf.h"
#include "cli/calibration_study.h"

enum { CALIBRATION_PRINT_BYTES_MAX = 16 * 1024 * 1024 };

/* All add to the buf; ERR_LIMIT when it is full. */
MUST_CHECK enum err calibration_words(const struct study *study, bool colours,
				      struct buf *to);
MUST_CHECK enum err calibration_json(const struct study *study, struct buf *to);
/* An SVG with one field for each length and one for all, light or dark as the reader's
 * screen is. */
MUST_CHECK enum err calibration_picture(const struct study *study, struct buf *to);

#endif
