/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grammar - the finite-state automaton over words that a recogniser searches.
 *
 * Made by understand/ from the loaded sentences, deterministic and minimal; state 0 is
 * the start. Words are lower case, as a person would say them ("twenty one").
 */
#ifndef DOMAIN_GRAMMAR_H
#define DOMAIN_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GRAMMAR_STATES_MAX = 200000,
	GRAMMAR_ARCS_MAX = 1000000,
	GRAMMAR_WORDS_MAX = 50000,
};

struct grammar_arc {
	uint32_t from;
	uint32_t to;
	uint32_t word; /* index into words */
};

/* Owned by whoever made it; all arrays live as long as it. */
struct grammar {
	size_t state_count;
	bool *finals; /* [state_count] */
	size_t arc_count;
	struct grammar_arc *arcs; /* sorted by from, then word */
	size_t word_count;
	char **words; /* sorted, distinct */
};

void grammar_destroy(struct grammar *grammar); /* NULL is fine */

/* True when the words of text (one space between) are a complete sentence. */
bool grammar_accepts(const struct grammar *grammar, const char *text);

#endif
