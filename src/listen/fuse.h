/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuse - counts what must not happen often, and blows when it does.
 *
 * A room has one for wakes, the hub one per room for requests that would bind the
 * household and that nobody follows up. What a blown fuse does (mute the room, tell the
 * owner) is its user's; the fuse only counts. Pure; times are monotonic milliseconds.
 */
#ifndef LISTEN_FUSE_H
#define LISTEN_FUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FUSE_WINDOW_MS = 60 * 60 * 1000,
	/* The 41st wake within an hour blows: a busy household asks twenty times an hour, a
	 * microphone that hears its name in a television or in its own hum does so for ever. */
	FUSE_WAKES_MAX = 40,
	/* The third within an hour: nobody asks three times for what a tap would give. */
	FUSE_PROPOSALS_MAX = 2,
};

struct fuse {
	size_t max; /* so many within the window are fine; 1..FUSE_WAKES_MAX */
	size_t count;
	int64_t at_ms[FUSE_WAKES_MAX]; /* the newest, oldest first */
};

void fuse_init(struct fuse *fuse, size_t max);
/* Counts one at now_ms; true when that blows the fuse, which then begins anew. */
bool fuse_count(struct fuse *fuse, int64_t now_ms);
/* Somebody followed up, or the owner reset it: what was counted is forgotten. */
void fuse_reset(struct fuse *fuse);

#endif
