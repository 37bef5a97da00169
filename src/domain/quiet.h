/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quiet - the hours in which rooms answer by their light alone: "22:00-07:00".
 *
 * By the clock on the wall, so that they begin and end at the same time of day in summer
 * and in winter. Pure.
 */
#ifndef DOMAIN_QUIET_H
#define DOMAIN_QUIET_H

#include <stdbool.h>

#include "base/err.h"

enum { QUIET_DAY_MINUTES = 24 * 60 };

struct quiet {
	bool is_set;
	int from; /* minutes since midnight; included */
	int to;   /* not included; before from: over midnight */
};

/* "" is none. ERR_FORMAT: no HH:MM-HH:MM, or both times are the same. */
MUST_CHECK enum err quiet_read(const char *text, struct quiet *out_quiet,
			       struct err_note *note);
/* minute: of the local day. */
bool quiet_holds(const struct quiet *quiet, int minute);

#endif
