/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grammar - frees an automaton over words and asks it about a sentence.
 *
 * Does not make grammars: understand/language.c does. Invariant relied upon: arcs are
 * sorted by state and word, words are sorted.
 */
#include "domain/grammar.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

#define NO_WORD UINT32_MAX

void grammar_destroy(struct grammar *grammar)
{
	if (!grammar)
		return;
	for (size_t i = 0; i < grammar->word_count; i++)
		free(grammar->words[i]);
	free(grammar->words);
	free(grammar->finals);
	free(grammar->arcs);
	free(grammar);
}

/* The number of a word that is not ended, or NO_WORD. */
static uint32_t find_word(const struct grammar *grammar, const char *text, size_t length)
{
	size_t low = 0;
	size_t high = grammar->word_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strncmp(grammar->words[middle], text, length);
		if (order == 0 && grammar->words[middle][length])
			order = 1;
		if (order == 0)
			return (uint32_t)middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NO_WORD;
}

static const struct grammar_arc *find_arc(const struct grammar *grammar, uint32_t from,
					  uint32_t word)
{
	size_t low = 0;
	size_t high = grammar->arc_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct grammar_arc *arc = &grammar->arcs[middle];
		if (arc->from < from || (arc->from == from && arc->word < word))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == grammar->arc_count || grammar->arcs[low].from != from ||
	    grammar->arcs[low].word != word)
		return NULL;
	return &grammar->arcs[low];
}

bool grammar_accepts(const struct grammar *grammar, const char *text)
{
	uint32_t state = 0;
	if (!grammar->state_count)
		return false;
	while (*text) {
		size_t length = strcspn(text, " ");
		uint32_t word = find_word(grammar, text, length);
		const struct grammar_arc *arc =
			word == NO_WORD ? NULL : find_arc(grammar, state, word);
		if (!arc)
			return false;
		must(arc->to < grammar->state_count);
		state = arc->to;
		text += length;
		if (*text == ' ' && text[1])
			text++;
	}
	return grammar->finals[state];
}
