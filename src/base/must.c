/* SPDX-License-Identifier: Apache-2.0 */
/*
 * must - stops the program when one of our own rules is broken.
 *
 * Writes with write(2) and aborts, so that it works with a broken heap and inside
 * callbacks. Never returns.
 */
#include "base/must.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void must_fail(const char *condition, const char *file, int line)
{
	char text[256];
	int length =
		snprintf(text, sizeof(text), "must: %s:%d: %s\n", file, line, condition);
	if (length > 0) {
		size_t size =
			(size_t)length < sizeof(text) ? (size_t)length : sizeof(text) - 1;
		if (write(STDERR_FILENO, text, size) < 0)
			abort();
	}
	abort();
}
