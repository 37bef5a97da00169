/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paths - where a household's files, our programs and what they share are.
 *
 * Data: --data, else $BEHEST_DATA, else $XDG_DATA_HOME/behest, else
 * ~/.local/share/behest. Programs: beside this one.
 */
#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/file.h"

struct paths {
	char data[FILE_PATH_BYTES];
	char run[FILE_PATH_BYTES];    /* DIR/run: the sockets */
	char config[FILE_PATH_BYTES]; /* DIR/behest.conf */
	char hub[FILE_PATH_BYTES];    /* DIR/run/hub/cli.sock */
	char rooms[FILE_PATH_BYTES];  /* DIR/run/hub/rooms.sock */
	char owner[FILE_PATH_BYTES];  /* DIR/run/keeper/owner.sock */
	char device[FILE_PATH_BYTES]; /* DIR/run/keeper/device.sock */
	char name[FILE_PATH_BYTES];   /* DIR/owner: whom --owner means without a name */
	char code[FILE_PATH_BYTES];   /* what the keeper wrote for the first owner */
};

/* given may be NULL. Makes nothing. ERR_MISSING without a home folder, ERR_LIMIT. */
MUST_CHECK enum err paths_find(const char *given, struct paths *out_paths,
			       struct err_note *note);

/* One of our programs ("behest-hub", "toy-home"): beside this one, or in the build tree.
 * ERR_MISSING names where it was looked for. */
MUST_CHECK enum err paths_program(const char *name, char *to, size_t size,
				  struct err_note *note);

#endif
