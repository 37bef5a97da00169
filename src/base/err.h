/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err - how functions say that the world failed, and the one clear line for it.
 *
 * Functions that can fail return enum err and nothing else, and are marked
 * MUST_CHECK. Those that read outside bytes also fill an err_note: one line that
 * names the file, the place and what was expected. Any thread.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, first_at) \
	__attribute__((format(printf, format_at, first_at)))

enum err {
#define ERR(name, words) ERR_##name,
#include "base/err.def"
#undef ERR
	ERR_COUNT
};
#define OK ERR_OK

enum { ERR_NOTE_BYTES = 512 };

/* One line for a person, without newline; empty when nothing was said. */
struct err_note {
	char text[ERR_NOTE_BYTES];
};

/* The words of an error from err.def; static storage. */
const char *err_words(enum err err);

/* Writes the line (cut at the limit) unless note is NULL or already has one: the
 * first, closest complaint wins. It is made clean (str_clean) and well-formed UTF-8.
 * Returns err, so that `return err_say(ERR_FORMAT, note, "...")` reads in one line. */
enum err err_say(enum err err, struct err_note *note, const char *format, ...)
	PRINTF_LIKE(3, 4);

#endif
