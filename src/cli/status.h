/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status - what a running program says of itself, as its own JSON.
 */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include "base/err.h"
#include "cli/paths.h"

enum { STATUS_BYTES_MAX = 32768 };

MUST_CHECK enum err status_of_hub(const struct paths *paths, char to[STATUS_BYTES_MAX],
				  struct err_note *note);
MUST_CHECK enum err status_of_keeper(const struct paths *paths, char to[STATUS_BYTES_MAX],
				     struct err_note *note);

#endif
