/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loosened - shows once, on this computer as a device, each change that loosened the
 * house's policy. Which were shown is kept in DIR/device/loosened. One thread.
 */
#ifndef CLI_LOOSENED_H
#define CLI_LOOSENED_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/paths.h"
#include "domain/policy.h"

struct loosened {
	const struct paths *paths; /* borrowed */
	bool as_json;
	bool is_quiet;   /* takes them as shown */
	uint64_t newest; /* that was shown */
	uint64_t kept;
};

/* Knows what was shown before; where nothing is known, nothing was. */
void loosened_begin(struct loosened *loosened, const struct paths *paths, bool as_json);
/* One line, or one JSON object, to standard output, unless it was shown before. For
 * struct device_listener. */
void loosened_show(void *context, const struct policy_change *change);
/* Keeps what was shown. A file that cannot be written costs that it is shown again. */
void loosened_keep(struct loosened *loosened);

#endif
