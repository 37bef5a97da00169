/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language - a grammar with its pronunciations, as the recogniser keeps it: what it may
 * hear, and how far some words are along it.
 *
 * Made on one thread, then read on another.
 */
#ifndef ADAPTER_LANGUAGE_H
#define ADAPTER_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "adapter/lexicon.h"
#include "adapter/sphinx.h"
#include "domain/grammar.h"
#include "port/recogniser.h"

struct language;

/* Copies the grammar and looks its words up. wake_word may lead any sentence; "" none.
 * Words that cannot be said are left out; the note names the first. ERR_LIMIT when the
 * grammar is over its limits. */
MUST_CHECK enum err language_create(const struct grammar *grammar, const char *wake_word,
				    const struct lexicon *lexicon,
				    struct language **out_language,
				    struct err_note *note);
void language_destroy(struct language *language); /* NULL is fine */

/* Makes the search listen for this language. */
MUST_CHECK enum err language_use(const struct language *language,
				 struct sphinx_search *search);

/* True for a word of the leading wake word, as the search names it. */
bool language_is_wake(const char *word);

/* How many of the last words are one politeness, which means nothing by itself: 1
 * ("please"), 2 ("would you") or 0. */
size_t language_courtesy_at_end(const struct sphinx_word *words, size_t count);

/* Is the last word one that only points ("it", "that")? */
bool language_points_at_end(const struct sphinx_word *words, size_t count);

/* Where words lead. */
struct language_place {
	bool complete; /* they are a sentence */
	bool answer;   /* a single word that is mostly said alone, such as "stop" */
	enum recogniser_follow follow;
};

/* Wake words among them do not count. */
struct language_place language_judge(const struct language *language,
				     const struct sphinx_word *words, size_t count);

#endif
