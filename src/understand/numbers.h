/* SPDX-License-Identifier: Apache-2.0 */
/*
 * numbers - how English speaks a number.
 *
 * The one place of understand/ that knows English: another language brings a file of
 * the same shape. Pure.
 */
#ifndef UNDERSTAND_NUMBERS_H
#define UNDERSTAND_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

enum { NUMBERS_SAID_BYTES = 256, NUMBERS_DIGITS_MAX = 6, NUMBERS_DECIMALS_MAX = 4 };

/* Ways of speaking the same number; bits, each with an example. */
enum numbers_form {
	NUMBERS_PLAIN = 0,    /* one hundred five; twenty one point five; minus two */
	NUMBERS_AND = 1,      /* one hundred and five */
	NUMBERS_A = 2,        /* a hundred five */
	NUMBERS_HUNDREDS = 4, /* twenty seven hundred */
	NUMBERS_HALF = 8,     /* twenty one and a half; half */
	NUMBERS_NEGATIVE = 16 /* negative two */
};
enum { NUMBERS_FORMS = 32 };

/* Speaks a decimal number ("21", "-3", "21.5"); to gets words with one space between.
 * Numbers too long for words are read digit by digit. False when number is none or the
 * words do not fit. */
bool numbers_say(const char *number, unsigned form, char *to, size_t size);

/* Speaks a whole number as a rank: "21" is "twenty first". */
bool numbers_say_rank(const char *digits, char *to, size_t size);

#endif
