/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program - the words with which our long-running programs are started.
 *
 * All of them take --data DIR, --run DIR, --help and --version; a program may add options
 * that have one value each. Called once, before anything else; uses getopt.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/file.h"

enum {
	PROGRAM_DONE = 0,
	PROGRAM_FAILED = 1, /* the world failed; one line on stderr says how */
	PROGRAM_USAGE = 2,
	PROGRAM_OPTIONS_MAX = 16,
};

struct program_option {
	const char *name;
	const char *value; /* filled in; NULL: not given. Borrowed from main's words */
	bool is_flag;      /* takes no value: given, it is "" */
};

struct program {
	const char *name; /* "behest-hub" */
	const char *usage;
	struct program_option *options; /* further ones; NULL none */
	size_t option_count;
	/* filled in */
	char data[FILE_PATH_BYTES];
	char run[FILE_PATH_BYTES]; /* DIR/run of --data unless given */
};

/* False: it is over already (help, version, or wrong words, which stderr explains), with
 * *out_status. */
bool program_read(struct program *program, int count, char **words, int *out_status);

#endif
