/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language - all that the household can say as one small automaton for the recogniser.
 *
 * First the sentences are made deterministic with each list as a single symbol, which
 * merges their common parts; then the lists are put in and the whole is made
 * deterministic again. Wildcards have no words and are left out. Phrases to skip may
 * stand in front (twice) and behind (once), not inside, so there are no cycles.
 */
#include "understand/understand.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "understand/automaton.h"
#include "understand/compiled.h"

/* Labels of the first automaton are words, or list uses with this bit. */
#define LIST_LABEL UINT32_C(0x80000000)

/* --- first: sentences with lists as symbols --- */

/* False where a sentence for text alone begins. */
static bool is_spoken(const struct understand *understand, uint64_t from, uint32_t to)
{
	return from != understand->start ||
	       !understand->sentences[understand->net.states[to].sentence].typed;
}

static enum err net_arcs(const void *self, uint64_t item, struct item_arcs *to)
{
	const struct understand *understand = self;
	const struct net_state *state = &understand->net.states[item];
	const struct net_arc *arc = understand->net.arcs + state->first_arc;
	enum err err = OK;
	for (uint32_t i = 0; i < state->word_count && !err; i++, arc++) {
		if (is_spoken(understand, item, arc->to))
			err = item_arcs_add(to, arc->label, arc->to);
	}
	for (uint32_t i = 0; i < state->list_count && !err; i++, arc++) {
		if (is_spoken(understand, item, arc->to))
			err = item_arcs_add(to, arc->label | LIST_LABEL, arc->to);
	}
	return err;
}

static bool net_is_final(const void *self, uint64_t item)
{
	const struct understand *understand = self;
	return understand->net.states[item].is_final;
}

/* --- the tries of one use as a small automaton --- */

struct filtered {
	const struct understand *understand;
	const struct list_use *use;
};

static enum err filtered_arcs(const void *self, uint64_t item, struct item_arcs *to)
{
	const struct filtered *filtered = self;
	const struct understand *understand = filtered->understand;
	const struct list_node *node = &understand->list_nodes[item];
	enum err err = OK;
	for (uint32_t i = 0; i < node->arc_count && !err; i++) {
		const struct list_arc *arc = &understand->list_arcs[node->first_arc + i];
		err = item_arcs_add(to, arc->word, arc->to);
	}
	return err;
}

static bool filtered_is_final(const void *self, uint64_t item)
{
	const struct filtered *filtered = self;
	return list_node_fits(filtered->understand, filtered->use, (uint32_t)item);
}

static enum err make_use(const struct understand *understand, const struct list_use *use,
			 uint32_t root, struct automaton *out_automaton)
{
	struct filtered filtered = {understand, use};
	struct automaton_source source = {&filtered, root, filtered_arcs,
					  filtered_is_final};
	return automaton_make(&source, out_automaton);
}

/* --- second: lists put in --- */

/* An item is a state of the sentences (upper 32 bits: where to go on) and, plus one, a
 * state inside a list; the list's number is in the middle. */
struct place_in {
	uint32_t sentence_state;
	uint32_t list; /* index into lists + 1, or 0 */
	uint32_t list_state;
};

struct whole {
	const struct understand *understand;
	struct automaton sentences;
	struct automaton *lists; /* [use_count + 1]: the last are the phrases to skip */
	uint32_t *list_base;     /* [use_count + 2]: states before each list's */
	size_t list_count;
	uint32_t skips;    /* index of the phrases to skip in lists, or list_count */
	uint32_t front[2]; /* pretended states: start with one more phrase in front */
	uint32_t end;      /* pretended state: final, nothing follows */
};

static uint64_t item_of(uint32_t sentence_state, uint32_t list_item)
{
	return (uint64_t)sentence_state << 32 | list_item;
}

/* The list's state by its number among the states of all lists, from 1. */
static struct place_in place_of(const struct whole *whole, uint64_t item)
{
	struct place_in place = {.sentence_state = (uint32_t)(item >> 32)};
	uint32_t number = (uint32_t)item;
	if (!number)
		return place;
	uint32_t low = 0;
	uint32_t high = (uint32_t)whole->list_count;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (whole->list_base[middle] <= number - 1)
			low = middle;
		else
			high = middle;
	}
	place.list = low + 1;
	place.list_state = number - 1 - whole->list_base[low];
	return place;
}

/* Arcs out of a list's state; a leaf leads straight on to where the list ends. */
static enum err list_arcs(const struct whole *whole, uint32_t list, uint32_t state,
			  uint32_t then, struct item_arcs *to)
{
	const struct automaton *automaton = &whole->lists[list];
	enum err err = OK;
	for (uint32_t i = automaton->first[state];
	     i < automaton->first[state + 1] && !err; i++) {
		uint32_t target = automaton->arcs[i].to;
		bool leaf = automaton->finals[target] &&
			    automaton->first[target] == automaton->first[target + 1];
		uint32_t number = leaf ? 0 : whole->list_base[list] + target + 1;
		err = item_arcs_add(to, automaton->arcs[i].label, item_of(then, number));
	}
	return err;
}

static bool state_is_final(const struct whole *whole, uint32_t state)
{
	if (state == whole->end)
		return true;
	return state < whole->sentences.state_count && whole->sentences.finals[state];
}

/* Arcs out of a state of the sentences, pretended ones included. */
static enum err sentence_arcs(const struct whole *whole, uint32_t state,
			      struct item_arcs *to)
{
	bool with_skips = whole->skips < whole->list_count;
	bool in_front = state == whole->front[0] || state == whole->front[1];
	uint32_t real = in_front ? 0 : state;
	enum err err = OK;
	if (state == whole->end)
		return OK;
	for (uint32_t i = whole->sentences.first[real];
	     i < whole->sentences.first[real + 1] && !err; i++) {
		struct automaton_arc arc = whole->sentences.arcs[i];
		if (arc.label & LIST_LABEL)
			err = list_arcs(whole, arc.label & ~LIST_LABEL, 0, arc.to, to);
		else
			err = item_arcs_add(to, arc.label, item_of(arc.to, 0));
	}
	if (!err && with_skips && in_front)
		err = list_arcs(whole, whole->skips, 0,
				state == whole->front[0] ? whole->front[1] : 0, to);
	if (!err && with_skips && state_is_final(whole, state))
		err = list_arcs(whole, whole->skips, 0, whole->end, to);
	return err;
}

static enum err whole_arcs(const void *self, uint64_t item, struct item_arcs *to)
{
	const struct whole *whole = self;
	struct place_in place = place_of(whole, item);
	if (!place.list)
		return sentence_arcs(whole, place.sentence_state, to);
	enum err err = list_arcs(whole, place.list - 1, place.list_state,
				 place.sentence_state, to);
	if (!err && whole->lists[place.list - 1].finals[place.list_state])
		err = sentence_arcs(whole, place.sentence_state, to);
	return err;
}

static bool whole_is_final(const void *self, uint64_t item)
{
	const struct whole *whole = self;
	struct place_in place = place_of(whole, item);
	if (place.list && !whole->lists[place.list - 1].finals[place.list_state])
		return false;
	return state_is_final(whole, place.sentence_state);
}

static enum err make_lists(struct whole *whole)
{
	const struct understand *understand = whole->understand;
	const struct list_use any = {.domains = UINT64_MAX};
	size_t count = understand->use_count + (understand->has_skips ? 1 : 0);
	whole->lists = calloc(count + 1, sizeof(*whole->lists));
	whole->list_base = calloc(count + 1, sizeof(*whole->list_base));
	if (!whole->lists || !whole->list_base)
		return ERR_MEMORY;
	whole->skips = (uint32_t)understand->use_count;
	enum err err = OK;
	for (size_t i = 0; i < count && !err; i++) {
		bool is_skips = i == understand->use_count;
		const struct list_use *use = is_skips ? &any : &understand->uses[i];
		err = make_use(understand, use,
			       is_skips ? understand->skip_root
					: understand->lists[use->list].root,
			       &whole->lists[i]);
		if (!err)
			whole->list_base[i + 1] = whole->list_base[i] +
						  (uint32_t)whole->lists[i].state_count;
		whole->list_count = i + 1;
	}
	return err;
}

/* --- the grammar --- */

struct sorted_word {
	const char *text;
	uint32_t number;
};

static int compare_words(const void *a, const void *b)
{
	const struct sorted_word *left = a;
	const struct sorted_word *right = b;
	return strcmp(left->text, right->text);
}

/* The words that arcs use, sorted; to_place gives each vocabulary number its place. */
static enum err make_words(const struct understand *understand,
			   const struct automaton *automaton, struct grammar *grammar,
			   uint32_t *to_place)
{
	size_t count = 0;
	for (size_t i = 0; i < automaton->arc_count; i++)
		to_place[automaton->arcs[i].label] = 1;
	struct sorted_word *sorted = calloc(understand->words.count + 1, sizeof(*sorted));
	if (!sorted)
		return ERR_MEMORY;
	for (size_t i = 0; i < understand->words.count; i++) {
		if (to_place[i])
			sorted[count++] = (struct sorted_word){understand->words.texts[i],
							       (uint32_t)i};
	}
	if (count)
		qsort(sorted, count, sizeof(*sorted), compare_words);
	grammar->words = calloc(count + 1, sizeof(*grammar->words));
	enum err err = grammar->words ? OK : ERR_MEMORY;
	if (count > GRAMMAR_WORDS_MAX)
		err = ERR_LIMIT;
	for (size_t i = 0; i < count && !err; i++) {
		to_place[sorted[i].number] = (uint32_t)i;
		grammar->words[i] = strdup(sorted[i].text);
		grammar->word_count = i + 1;
		if (!grammar->words[i])
			err = ERR_MEMORY;
	}
	free(sorted);
	return err;
}

static int compare_grammar_arcs(const void *a, const void *b)
{
	const struct grammar_arc *left = a;
	const struct grammar_arc *right = b;
	if (left->from != right->from)
		return left->from < right->from ? -1 : 1;
	return (left->word > right->word) - (left->word < right->word);
}

static enum err make_grammar(const struct understand *understand,
			     const struct automaton *automaton,
			     struct grammar **out_grammar)
{
	uint32_t *to_place = calloc(understand->words.count + 1, sizeof(*to_place));
	struct grammar *grammar = calloc(1, sizeof(*grammar));
	enum err err = to_place && grammar ? OK : ERR_MEMORY;
	if (!err && (automaton->state_count > GRAMMAR_STATES_MAX ||
		     automaton->arc_count > GRAMMAR_ARCS_MAX))
		err = ERR_LIMIT;
	if (!err)
		err = make_words(understand, automaton, grammar, to_place);
	if (!err) {
		grammar->finals =
			calloc(automaton->state_count, sizeof(*grammar->finals));
		grammar->arcs = calloc(automaton->arc_count + 1, sizeof(*grammar->arcs));
		err = grammar->finals && grammar->arcs ? OK : ERR_MEMORY;
	}
	for (uint32_t state = 0; !err && state < automaton->state_count; state++) {
		grammar->finals[grammar->state_count++] = automaton->finals[state];
		for (uint32_t i = automaton->first[state];
		     i < automaton->first[state + 1]; i++)
			grammar->arcs[grammar->arc_count++] =
				(struct grammar_arc){state, automaton->arcs[i].to,
						     to_place[automaton->arcs[i].label]};
	}
	if (!err) {
		qsort(grammar->arcs, grammar->arc_count, sizeof(*grammar->arcs),
		      compare_grammar_arcs);
		*out_grammar = grammar;
		grammar = NULL;
	}
	grammar_destroy(grammar);
	free(to_place);
	return err;
}

enum err understand_grammar(const struct understand *understand,
			    struct grammar **out_grammar)
{
	struct whole whole = {.understand = understand};
	struct automaton automaton = {0};
	struct automaton_source sentences = {understand, understand->start, net_arcs,
					     net_is_final};
	enum err err = automaton_make(&sentences, &whole.sentences);
	if (!err)
		err = make_lists(&whole);
	if (!err) {
		uint32_t count = (uint32_t)whole.sentences.state_count;
		whole.front[0] = count;
		whole.front[1] = count + 1;
		whole.end = count + 2;
		struct automaton_source source = {&whole, item_of(whole.front[0], 0),
						  whole_arcs, whole_is_final};
		err = automaton_make(&source, &automaton);
	}
	if (!err)
		err = make_grammar(understand, &automaton, out_grammar);
	automaton_finish(&whole.sentences);
	for (size_t i = 0; i < whole.list_count; i++)
		automaton_finish(&whole.lists[i]);
	free(whole.lists);
	free(whole.list_base);
	automaton_finish(&automaton);
	return err;
}
