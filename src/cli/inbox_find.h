/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inbox_find - the message that a person means, out of those that were listed. Pure.
 */
#ifndef CLI_INBOX_FIND_H
#define CLI_INBOX_FIND_H

#include <stddef.h>

#include "base/err.h"
#include "cli/device.h"

/* By its number in the list, from 1, or the first digits of its id. ERR_MISSING, and as
 * id_prefix_find. */
MUST_CHECK enum err inbox_find(const struct device_letter *letters, size_t count,
			       const char *word, const struct device_letter **out_letter,
			       struct err_note *note);

#endif
