/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mishear - what a recogniser that knows only the sentences of a grammar makes of talk: for
 * a word the one that sounds nearest, for all of it the sentence that does.
 *
 * Distance is the number of phones to change, add or leave out (Levenshtein); words that no
 * dictionary knows are compared by their letters. One thread.
 */
#ifndef CLI_MISHEAR_H
#define CLI_MISHEAR_H

#include "cli/chatter.h"
#include "domain/grammar.h"
#include "understand/understand.h"

struct mishear;

/* For these grammars, which are borrowed; their words are added to chatter, to which no
 * word may be added afterwards. sounds.ops NULL: all is compared by its letters.
 * ERR_FORMAT: a grammar goes in circles. */
MUST_CHECK enum err mishear_create(struct chatter *chatter,
				   const struct grammar *const *grammars, size_t count,
				   struct sounds sounds, struct mishear **out_mishear);
void mishear_destroy(struct mishear *mishear); /* NULL is fine */

/* The word of that grammar that sounds nearest. ERR_MEMORY. */
MUST_CHECK enum err mishear_word(struct mishear *mishear, size_t grammar, uint32_t word,
				 uint32_t *out_word);

/* The sentence of that grammar that sounds nearest, and its number of words. ERR_MEMORY. */
MUST_CHECK enum err mishear_sentence(struct mishear *mishear, size_t grammar,
				     const struct chatter_said *said, char to[TEXT_BYTES],
				     size_t *out_count);

#endif
