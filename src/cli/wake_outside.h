/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_outside - gives the trainer what it has not itself: sound files, the embedding
 * network that comes along, and a person who watches.
 *
 * On a terminal a stage is a progress line; elsewhere it is one plain line on stderr.
 */
#ifndef CLI_WAKE_OUTSIDE_H
#define CLI_WAKE_OUTSIDE_H

#include "cli/args.h"
#include "cli/progress.h"
#include "train/listing.h"
#include "train/outside.h"

struct wake_outside {
	struct outside outside;
	struct embedding_net *net;
	struct progress progress;
	bool as_lines;
	bool in_stage;
};

/* jobs 0: as many as there are processors. ERR_MISSING names the network's file. */
MUST_CHECK enum err wake_outside_open(size_t jobs, struct wake_outside *out_outside,
				      struct err_note *note);
void wake_outside_close(struct wake_outside *outside); /* zeroed is fine */

/* Ends a progress line before something else is printed. */
void wake_outside_quiet(struct wake_outside *outside);

/* All places of an option that repeats. */
MUST_CHECK enum err wake_outside_list(const struct args *args, const char *option,
				      struct listing *listing, struct err_note *note);

#endif
