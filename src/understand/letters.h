/* SPDX-License-Identifier: Apache-2.0 */
/*
 * letters - one letter for all ways to write it: small for large, whole for a letter and
 * its mark.
 *
 * The same in every language, so that one house may speak several: I, dotless ı and
 * dotted İ are all i (a Turkish pair that differs in nothing else is asked about, not
 * guessed at), final sigma is sigma. Sharp s becomes two letters: see normal. Pure.
 */
#ifndef UNDERSTAND_LETTERS_H
#define UNDERSTAND_LETTERS_H

#include <stdint.h>

enum { LETTERS_FIRST_MARK = 0x300 };

/* The small letter, or the character itself. */
uint32_t letters_fold(uint32_t character);

/* The one character that a small letter and the mark behind it are; 0: none. */
uint32_t letters_compose(uint32_t letter, uint32_t mark);

#endif
