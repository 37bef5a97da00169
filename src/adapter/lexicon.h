/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexicon - how words are said: dictionary files of the CMU form, all that they say, and
 * for what none of them has the rules of pronounce.
 *
 * Only the words that are asked for are taken. The files stay open, so that no path is
 * needed later. One thread.
 */
#ifndef ADAPTER_LEXICON_H
#define ADAPTER_LEXICON_H

#include <stddef.h>

#include "base/err.h"

enum { LEXICON_BYTES_MAX = 64 * 1024 * 1024, LEXICON_FILES = 2 };

struct lexicon;

/* The dictionary, and a second one that adds to it. The note names the file. */
MUST_CHECK enum err lexicon_open(const char *const paths[LEXICON_FILES],
				 struct lexicon **out_lexicon, struct err_note *note);
void lexicon_close(struct lexicon *lexicon); /* NULL is fine */

/* Called for each pronunciation; word is the index into words. Not OK stops. */
typedef enum err lexicon_fn(void *context, size_t word, const char *phones);

/* Calls back for all pronunciations of the words (sorted by strcmp, distinct). A word
 * that cannot be said is passed over; the note names the first such. */
MUST_CHECK enum err lexicon_find(const struct lexicon *lexicon, const char *const *words,
				 size_t word_count, lexicon_fn *fn, void *context,
				 struct err_note *note);

#endif
