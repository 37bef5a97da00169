/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listing - the sound files below folders, and in lists of them, always in one order.
 *
 * A place is a folder (searched to its depth), a sound file, or "@FILE": a list with one
 * path on each line. "LABEL=PLACE" gives it a name for the data sheet; without one it is
 * the last part of the path. One thread.
 */
#ifndef TRAIN_LISTING_H
#define TRAIN_LISTING_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	LISTING_FILES_MAX = 200000,
	LISTING_DEPTH_MAX = 4096, /* folders waiting to be searched */
	LISTING_SOURCES_MAX = 32,
	LISTING_LABEL_BYTES = 64,
	LISTING_LIST_BYTES_MAX = 64 * 1024 * 1024,
};

struct listed_file {
	char *path;
	uint32_t source; /* index into sources */
};

struct listing_source {
	char label[LISTING_LABEL_BYTES];
	size_t first; /* its files lie together */
	size_t count;
};

struct listing {
	struct listed_file *files; /* owned */
	size_t count;
	size_t room;
	struct listing_source sources[LISTING_SOURCES_MAX];
	size_t source_count;
};

/* Adds what is at a place, sorted by name. ERR_MISSING: nothing is there, or no sound
 * file; ERR_IO, ERR_LIMIT, ERR_MEMORY. The note names it. */
MUST_CHECK enum err listing_add(struct listing *listing, const char *place,
				struct err_note *note);
void listing_finish(struct listing *listing); /* zeroed is fine */

#endif
