/* SPDX-License-Identifier: Apache-2.0 */
/*
 * distance - how differently two words are written: optimal string alignment, that is
 * Levenshtein's distance with swaps of neighbouring letters (Damerau 1964).
 *
 * Good for questions and complaints only: nothing is ever done on the strength of a near
 * match. Pure.
 */
#ifndef BASE_DISTANCE_H
#define BASE_DISTANCE_H

enum { DISTANCE_LETTERS_MAX = 48 };

/* How many letters of a must be changed, added, removed or swapped to make b; more than
 * `most` is most + 1, and so is the distance of a word of too many letters. Both are
 * UTF-8. */
unsigned distance_letters(const char *a, const char *b, unsigned most);

#endif
