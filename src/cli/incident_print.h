/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incident_print - incidents and requests for disclosure for a person, or as JSON lines.
 * What strangers wrote is shown between quotes; it holds no control characters.
 */
#ifndef CLI_INCIDENT_PRINT_H
#define CLI_INCIDENT_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/incidents.h"

enum { INCIDENT_ID_SHOWN = 12 }; /* digits: the time it was opened at, and so in order */

/* One line, or two where a clock runs. */
MUST_CHECK enum err incident_print(const struct incident_view *view, int64_t now_ms,
				   bool as_json);
/* All its steps. */
MUST_CHECK enum err incident_print_steps(const struct incident_view *view, int64_t now_ms,
					 bool as_json);
MUST_CHECK enum err incident_print_request(const struct incident_view *view,
					   bool as_json);

#endif
