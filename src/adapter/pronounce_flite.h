/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pronounce - how a word that no dictionary has is probably said: phones of the CMU set
 * ("AH N AA"), by flite's lexicon and letter-to-sound rules for English.
 *
 * Accented Latin letters are read as their base letters, digits and words without vowels
 * are spelled out, 's follows the sound before it. One thread per pronounce.
 */
#ifndef ADAPTER_PRONOUNCE_FLITE_H
#define ADAPTER_PRONOUNCE_FLITE_H

#include <stddef.h>

#include "base/err.h"

enum { PRONOUNCE_WORD_MAX = 64, PRONOUNCE_PHONES_BYTES = 512 };

struct pronounce;

MUST_CHECK enum err pronounce_create(struct pronounce **out_pronounce);
void pronounce_destroy(struct pronounce *pronounce); /* NULL is fine */

/* Writes the phones, one space between. ERR_FORMAT: nothing in it that English letters
 * can say; ERR_LIMIT: longer than PRONOUNCE_WORD_MAX bytes or than size. */
MUST_CHECK enum err pronounce_word(const struct pronounce *pronounce, const char *word,
				   char *to, size_t size);

#endif
