/* SPDX-License-Identifier: Apache-2.0 */
/*
 * may - the option --may: what a room or a person may do.
 */
#ifndef CLI_MAY_H
#define CLI_MAY_H

#include <stdint.h>

#include "base/err.h"
#include "cli/args.h"

/* Where --may was not given, *out_capabilities stays as it is. ERR_RANGE: no such list. */
MUST_CHECK enum err may_read(const struct args *args, uint32_t *out_capabilities,
			     struct err_note *note);

#endif
