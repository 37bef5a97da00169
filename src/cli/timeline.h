/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timeline - a turn's JSON object (turn_to_json) as lines for a person.
 */
#ifndef CLI_TIMELINE_H
#define CLI_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum { TIMELINE_BYTES_MAX = 64 * 1024 };

/* Adds the turn's lines. ERR_FORMAT when it is no turn. */
MUST_CHECK enum err timeline_add(const char *json, size_t size, bool colours,
				 struct buf *to, struct err_note *note);

/* Prints them on stdout. */
MUST_CHECK enum err timeline_print(const char *json, size_t size, struct err_note *note);

#endif
