/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_tally - counts what a trial heard: misses of the name, wakes without it, after the
 * first stage and after both.
 */
#ifndef CLI_WAKE_TALLY_H
#define CLI_WAKE_TALLY_H

#include "cli/wake_trial.h"

struct wake_tally {
	size_t files;
	size_t unread;        /* of them */
	size_t missed;        /* not sure */
	size_t missed_all;    /* not even doubtful */
	size_t missed_second; /* nor believed by the second stage */
	size_t passed;        /* doubtful events that the second stage believed */
	size_t sure;
	size_t doubtful;
	double hours;
};

/* The files [first, first + files): of one source, or all. */
struct wake_tally wake_tally_count(const struct listing *listing,
				   const struct wake_heard *heard, size_t first,
				   size_t files);

/* Every file that could not be read, in a line on stderr; true: there were some. */
bool wake_tally_complain(const struct listing *listing, const struct wake_heard *heard);

#endif
