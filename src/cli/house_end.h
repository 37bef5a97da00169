/* SPDX-License-Identifier: Apache-2.0 */
/*
 * house_end - a house that its keeper ends, or has ended: the receipt that it left, and
 * bringing to an end what was killed in between.
 */
#ifndef CLI_HOUSE_END_H
#define CLI_HOUSE_END_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/paths.h"

enum { HOUSE_END_RECEIPT_BYTES_MAX = 1024 * 1024 };

/* It was begun: nobody is asked again. */
bool house_end_is_there(const struct paths *paths);
/* Waits until of the keeper's files only the receipt is left; where no keeper does that, it
 * is started for it. ERR_TIMEOUT: it cannot. */
MUST_CHECK enum err house_end_finish(const struct paths *paths, struct err_note *note);
/* The receipt; the caller finishes it. */
MUST_CHECK enum err house_end_read(const struct paths *paths, struct buf *out_receipt,
				   struct err_note *note);

#endif
