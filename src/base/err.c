/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err - the words of errors, and the one clear line about them.
 *
 * Does not log and does not decide. A note, once written, is never overwritten: the
 * closest complaint wins.
 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/must.h"
#include "base/str.h"

static const char *const words_of[ERR_COUNT] = {
#define ERR(name, words) [ERR_##name] = (words),
#include "base/err.def"
#undef ERR
};

const char *err_words(enum err err)
{
	if ((unsigned)err >= ERR_COUNT)
		return "an unknown error";
	return words_of[err];
}

enum err err_say(enum err err, struct err_note *note, const char *format, ...)
{
	if (!note || note->text[0] != '\0')
		return err;
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(note->text, sizeof(note->text), format, arguments);
	va_end(arguments);
	must(length >= 0);
	str_clean(
		note->text); /* it may quote outside bytes, and it travels on our wire */
	return err;
}
