/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_duck - remembers in a small file how loud it was before the music was made softer,
 * so that the next start can put it back.
 *
 * The file is opened once, before a sandbox closes its folder, and lives as long as its
 * program. It is not synchronised: it is there for a program that dies, not for a machine
 * that does. One thread.
 */
#ifndef ADAPTER_MUSIC_DUCK_H
#define ADAPTER_MUSIC_DUCK_H

#include <stdbool.h>

#include "base/err.h"

#define MUSIC_DUCK_FILE "music.volume" /* in the data folder */

struct music_duck {
	int fd;         /* -1: nothing is remembered */
	bool is_ducked; /* the two below hold */
	int restore_percent;
	int low_percent;
};

/* Opens or makes it, and reads what stands in it; anything else than what is written below
 * is nothing. ERR_IO. */
MUST_CHECK enum err music_duck_open(const char *path, struct music_duck *out_duck,
				    struct err_note *note);
void music_duck_close(struct music_duck *duck);

/* Into the file first; false: it could not be written. */
bool music_duck_set(struct music_duck *duck, int restore_percent, int low_percent);
void music_duck_clear(struct music_duck *duck);

#endif
