/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notice_print - one line, or one JSON object, for something that waits to be approved.
 */
#ifndef CLI_NOTICE_PRINT_H
#define CLI_NOTICE_PRINT_H

#include "base/err.h"
#include "cli/notice.h"

/* To standard output, and flushed: somebody may be waiting for it. ERR_MEMORY. */
MUST_CHECK enum err notice_print(const struct notice *notice, bool as_json);

#endif
