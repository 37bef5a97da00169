/* SPDX-License-Identifier: Apache-2.0 */
/*
 * approve_watch - this computer as a device that is always there: prints what waits as it
 * comes, receives it for its owner, and at a terminal takes what they type.
 */
#ifndef CLI_APPROVE_WATCH_H
#define CLI_APPROVE_WATCH_H

#include <stddef.h>

#include "base/err.h"
#include "cli/paths.h"

enum { APPROVE_WATCH_LINE_BYTES = 80 };

enum approve_watch_verb {
	APPROVE_WATCH_NOTHING, /* an empty line */
	APPROVE_WATCH_APPROVE,
	APPROVE_WATCH_CANCEL,
	APPROVE_WATCH_QUIT,
	APPROVE_WATCH_WRONG,
};

/* "a 3", "c 3" or "q", as somebody types it; *out_number only for the first two. */
enum approve_watch_verb approve_watch_read(const char *line, size_t *out_number);

/* Until "q", or until the house no longer knows this device (ERR_DENIED). When the keeper
 * goes away later it is tried again, with growing pauses. */
MUST_CHECK enum err approve_watch(const struct paths *paths, bool as_json,
				  struct err_note *note);

#endif
