/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spelling - a word as its letters. Pure.
 */
#ifndef DOMAIN_SPELLING_H
#define DOMAIN_SPELLING_H

#include <stdbool.h>
#include <stddef.h>

enum { SPELLING_LETTERS_MAX = 40 };

/* "cat" as "C, A, T". False when it is no one word of letters (a hyphen or an apostrophe
 * may be inside), has more than SPELLING_LETTERS_MAX, or does not fit. */
bool spelling_make(const char *word, char *to, size_t size);

#endif
