/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log - one line on stderr for the operator.
 *
 * Keeps nothing and never fails: a line that cannot be written is lost. Lines are cut at
 * LINE_BYTES, control characters become '?', so that nobody can forge a second line.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

enum { LINE_BYTES = 1024 };

static const char *program_name = "behest";

void log_name(const char *program)
{
	program_name = program;
}

void log_line(const char *format, ...)
{
	char line[LINE_BYTES];
	int head = snprintf(line, sizeof(line), "%s: ", program_name);
	if (head < 0 || (size_t)head >= sizeof(line) - 1)
		return;
	va_list arguments;
	va_start(arguments, format);
	int body = vsnprintf(line + head, sizeof(line) - (size_t)head, format, arguments);
	va_end(arguments);
	if (body < 0)
		return;
	str_clean(line);
	size_t size = strlen(line);
	line[size] = '\n'; /* in place of the NUL: one write(2), no interleaving */
	ssize_t written = write(STDERR_FILENO, line, size + 1);
	if (written < 0)
		return; /* nobody is left to be told */
}
