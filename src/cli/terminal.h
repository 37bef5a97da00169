/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terminal - what is different when a person sits there: colours, questions, secrets.
 *
 * Colours only on a terminal and never with NO_COLOR or TERM=dumb. Without a terminal
 * on standard input nothing is ever asked.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

enum terminal_style {
	STYLE_PLAIN,
	STYLE_BOLD,
	STYLE_DIM,
	STYLE_GOOD,
	STYLE_BAD,
	STYLE_WARN,
	STYLE_PAPER, /* black on white, whatever the terminal's own colours are */
	STYLE_INK,   /* black on black */
	STYLE_COUNT,
};

/* The escape for that style, or "" when colours are off. */
const char *terminal_style(bool colours, enum terminal_style style);
bool terminal_colours(FILE *of);
bool terminal_utf8(void); /* the environment says that text is UTF-8 */
bool terminal_asks(void); /* somebody can answer: stdin and stderr are terminals */
bool terminal_is(FILE *of);

/* Asks on stderr; Enter alone takes fallback. ERR_CLOSED at the end of input, ERR_LIMIT
 * when the answer is too long. */
MUST_CHECK enum err terminal_ask(const char *question, const char *fallback, char *to,
				 size_t size);
MUST_CHECK enum err terminal_ask_yes(const char *question, bool fallback, bool *out_yes);

/* The same without echo; to is the caller's locked memory. */
MUST_CHECK enum err terminal_ask_secret(const char *question, char *to, size_t size);

/* Removes a progress line that stands on stderr, before something else is written. */
void terminal_clear_line(void);
void terminal_line_drawn(bool drawn); /* for progress.c */

#endif
