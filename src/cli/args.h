/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args - the words behind a command's name, read by that command's own option table.
 *
 * Long options only ("--name VALUE", "--name=VALUE"), anywhere among the operands;
 * "--" ends them. The same table makes --help, tab completion and the tests.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { ARGS_OPTIONS_MAX = 24, ARGS_TEXTS_MAX = 32, ARGS_WORDS_MAX = 100000 };

enum option_kind {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_FILE,   /* a text that names a file; completion offers files */
	OPTION_FOLDER, /* likewise a folder */
	OPTION_NUMBER, /* whole, smallest..largest */
};

struct option {
	const char *name; /* without the two dashes */
	enum option_kind kind;
	bool repeats;
	const char *argument; /* "FILE"; NULL for a flag */
	const char *words;    /* what it does, for --help */
	int64_t smallest;
	int64_t largest;
};

struct args {
	const struct option *options; /* borrowed */
	size_t option_count;
	size_t counts[ARGS_OPTIONS_MAX];
	const char *texts[ARGS_OPTIONS_MAX][ARGS_TEXTS_MAX]; /* borrowed from argv */
	int64_t numbers[ARGS_OPTIONS_MAX];
	const char **rest; /* the operands; owned array of borrowed words */
	size_t rest_count;
	bool help; /* --help was given: nothing else was checked */
};

/* Reads words[0..count). The note says in one line what is wrong and what was meant.
 * ERR_FORMAT: unknown option, missing or unwanted value. ERR_RANGE: a number outside.
 * ERR_LIMIT: given too often. The caller finishes *out_args, also after failure. */
MUST_CHECK enum err args_parse(const struct option *options, size_t option_count,
			       const char *const *words, size_t count,
			       struct args *out_args, struct err_note *note);
void args_finish(struct args *args);

/* Asking for an option that the table lacks is a bug. */
bool args_flag(const struct args *args, const char *name);
const char *args_text(const struct args *args, const char *name, const char *fallback);
int64_t args_number(const struct args *args, const char *name, int64_t fallback);
/* A text that is "yes" or "no"; where it was not given, *out_yes stays as it is. ERR_RANGE:
 * another text. */
MUST_CHECK enum err args_yes(const struct args *args, const char *name, uint8_t *out_yes,
			     struct err_note *note);
size_t args_count(const struct args *args, const char *name);
const char *args_text_at(const struct args *args, const char *name, size_t index);

#endif
