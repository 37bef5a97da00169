/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tour - speaks a few requests to a house with a toy home, shows each turn, and checks
 * that the decision is the expected one and that the device really did it.
 */
#ifndef CLI_TOUR_H
#define CLI_TOUR_H

#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"
#include "cli/paths.h"

struct tour;

struct tour_listener {
	void *context;
	void (*over)(void *context, bool good);
};

/* word is the name the house answers to; pipe is where the room listens. */
MUST_CHECK enum err tour_create(struct loop *loop, const struct paths *paths,
				const char *pipe, const char *word,
				const struct tour_listener *listener,
				struct tour **out_tour, struct err_note *note);
void tour_destroy(struct tour *tour); /* NULL is fine */

/* The house is up. */
void tour_begin(struct tour *tour);

/* A line that the toy home printed: what a device is now. */
void tour_home_line(struct tour *tour, const char *line);

#endif
