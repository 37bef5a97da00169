/* SPDX-License-Identifier: Apache-2.0 */
/*
 * understand - text to intent, from sentences written in the template language of Home
 * Assistant's intents, and the same sentences as a grammar for the recogniser.
 *
 * Pure: bytes in, values out; no clock, file, socket, randomness or log. It never
 * guesses: a text is a sentence of the household, or a frame that explains every word of
 * it, or it is asked back about. A compiled `understand` is for one set of names and never
 * changes; any number of threads may read it.
 */
#ifndef UNDERSTAND_UNDERSTAND_H
#define UNDERSTAND_UNDERSTAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "domain/grammar.h"
#include "domain/home.h"
#include "domain/understanding.h"

struct sentences;  /* templates as loaded: grows by sentences_add */
struct understand; /* compiled for one home */

MUST_CHECK enum err sentences_create(struct sentences **out_sentences);
void sentences_destroy(struct sentences *sentences); /* NULL is fine */

/* How a language speaks numbers: the way-th form of a number in words ("" where it has
 * none), from 0 on; false behind the last. */
struct speller_ops {
	bool (*spell)(void *self, double number, unsigned way, char *to, size_t size);
	void (*close)(void *self);
};

struct speller {
	const struct speller_ops *ops;
	void *self;
};

/* The language that the first file names ("en"); "" none yet. */
const char *sentences_language(const struct sentences *sentences);

/* Numbers are spoken in English, and as the speller says; it is closed with the sentences.
 * The one before is closed now. */
void sentences_use_speller(struct sentences *sentences, struct speller speller);
bool sentences_has_speller(const struct sentences *sentences);

/* How words are said: calls take for each pronunciation (phones with a space between) of
 * the words, which are sorted and distinct. What nobody can say is passed over. */
struct sounds_ops {
	enum err (*say)(void *self, const char *const *words, size_t count,
			enum err (*take)(void *context, size_t word, const char *phones),
			void *context);
	void (*close)(void *self);
};

struct sounds {
	const struct sounds_ops *ops;
	void *self;
};

/* Names of the house are compared by their sound (understand_heard); without sounds by
 * nothing. Closed with the sentences. The one before is closed now. */
void sentences_use_sounds(struct sentences *sentences, struct sounds sounds);

/* Adds the contents of one sentence file (YAML or JSON, docs/FORMATS.md). The note reads
 * "name:line:column: what was found; what was expected". On failure nothing of the file
 * is added. */
MUST_CHECK enum err sentences_add(struct sentences *sentences, const char *name,
				  const char *bytes, size_t size, struct err_note *note);

/* Compiles all templates with the home's names (entities exposed to voice, areas,
 * floors, people). ERR_LIMIT with a note that names the template that explodes. */
MUST_CHECK enum err understand_create(const struct sentences *sentences,
				      const struct home *home,
				      struct understand **out_understand,
				      struct err_note *note);
void understand_destroy(struct understand *understand); /* NULL is fine */

/* Matches text (any case, with punctuation) against the sentences. here: the speaker's
 * area, "" none. reason NONE: intent is set. NO_MATCH: no sentence fits. AMBIGUOUS,
 * UNEXPLAINED_WORDS: asks is the question. confidence below 1: a frame. Text that is too
 * long or not UTF-8, or does not fit into an intent, is NO_MATCH. Cannot fail. */
void understand_text(const struct understand *understand, const char *text,
		     const char *here, struct understanding *out_understanding);

/* The same for words that a recogniser heard: of names that sound the same it wrote one,
 * whichever, so they are AMBIGUOUS like two of one name. */
void understand_heard(const struct understand *understand, const char *text,
		      const char *here, struct understanding *out_understanding);

/* How many names sound like another; each is asked about when it is heard. */
size_t understand_alike(const struct understand *understand);

/* The same language as a deterministic, minimal automaton; wildcards have no words and
 * are left out; phrases to skip stand only in front (at most two) and behind (one).
 * ERR_LIMIT when it is larger than domain/grammar.h allows. The caller owns
 * *out_grammar. */
MUST_CHECK enum err understand_grammar(const struct understand *understand,
				       struct grammar **out_grammar);

#endif
