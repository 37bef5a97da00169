/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outside - see the header.
 */
#include "train/outside.h"

#include <stdarg.h>
#include <stdio.h>

void outside_say(const struct outside *outside, const char *format, ...)
{
	char line[ERR_NOTE_BYTES];
	va_list list;

	va_start(list, format);
	(void)vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	outside->watch.say(outside->watch.self, line);
}
