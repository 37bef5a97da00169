/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_seen - tells whether a head may be tested with some sound: what it learned from is
 * in the data sheet beside it. The sheet names sources by their labels, not files, so that
 * only the reader can know for sure.
 */
#ifndef CLI_WAKE_SEEN_H
#define CLI_WAKE_SEEN_H

#include <stddef.h>

#include "base/err.h"
#include "train/listing.h"

enum { WAKE_SEEN_BYTES = 512 };

/* One line: what the head at that path learned from, and which of the listing's sources
 * has the name of one of these. ERR_MISSING: it has no data sheet; ERR_FORMAT. The note
 * names the file. */
MUST_CHECK enum err wake_seen_tell(const char *head_path,
				   const struct listing *const *listings, size_t count,
				   char to[WAKE_SEEN_BYTES], struct err_note *note);

#endif
