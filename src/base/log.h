/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log - one line on stderr for the operator.
 *
 * `module: words key=value`. Never spoken words, audio, names of people, keys or
 * message text; tools/check-private looks for them. Any thread.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

/* The program's name in front of each line; text must stay valid. */
void log_name(const char *program);

/* Writes the line and a newline in one write(2). */
void log_line(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
