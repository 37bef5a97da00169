/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match - walks words through the net.
 *
 * Does not know intents or contexts. Invariants: per state and number of words only the
 * best step is kept, so memory is bounded; a step's previous one has a smaller `to`.
 */
#include "understand/match.h"

#include <stdlib.h>

#include "base/must.h"
#include "understand/grow.h"
#include "understand/table.h"

/* Where values of one list end that begin at one word. */
struct ends {
	uint32_t root; /* of the list */
	size_t count;
	uint32_t nodes[NORMAL_WORDS_MAX];
	uint16_t to[NORMAL_WORDS_MAX];
};

struct walker {
	const struct understand *understand;
	const uint32_t *words;
	size_t word_count;
	struct match *match;
	struct table known;                   /* words taken and state: the step */
	uint32_t first[NORMAL_WORDS_MAX + 1]; /* steps by words taken */
	struct ends ends;
	struct ends fillers;
	struct ends decisives;
	struct ends excepts;
};

int match_compare(const struct match_score *a, const struct match_score *b)
{
	if (a->unexplained != b->unexplained)
		return a->unexplained < b->unexplained ? -1 : 1;
	if (a->wild != b->wild)
		return a->wild < b->wild ? -1 : 1;
	if (a->named != b->named)
		return a->named > b->named ? -1 : 1;
	if (a->fixed != b->fixed)
		return a->fixed > b->fixed ? -1 : 1;
	return 0;
}

static enum err add_step(struct walker *walker, struct match_step step)
{
	struct match *match = walker->match;
	uint32_t *known = NULL;
	enum err err =
		table_at(&walker->known, (uint64_t)step.to << 32 | step.state, &known);
	if (err)
		return err;
	if (*known != TABLE_NONE) {
		struct match_step *old = &match->steps[*known];
		step.next = old->next;
		if (match_compare(&step.score, &old->score) < 0)
			*old = step;
		return OK;
	}
	err = grow_room(&match->steps, &match->capacity, match->count + 1,
			sizeof(*match->steps), MATCH_STEPS_MAX);
	if (err)
		return err;
	*known = (uint32_t)match->count;
	step.next = walker->first[step.to];
	walker->first[step.to] = *known;
	match->steps[match->count++] = step;
	return OK;
}

/* The step that follows `from` over an arc. */
static struct match_step follow(const struct walker *walker, uint32_t from, uint32_t arc,
				uint16_t to)
{
	const struct match_step *previous = &walker->match->steps[from];
	return (struct match_step){.state = walker->understand->net.arcs[arc].to,
				   .previous = from,
				   .arc = arc,
				   .from = previous->to,
				   .to = to,
				   .score = previous->score};
}

static enum err follow_words(struct walker *walker, uint32_t at,
			     const struct net_state *state)
{
	const struct net_arc *arcs = walker->understand->net.arcs + state->first_arc;
	uint16_t from = walker->match->steps[at].to;
	uint32_t word = walker->words[from];
	uint32_t low = 0;
	uint32_t high = state->word_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (arcs[middle].label < word)
			low = middle + 1;
		else
			high = middle;
	}
	enum err err = OK;
	for (; low < state->word_count && arcs[low].label == word && !err; low++) {
		struct match_step step =
			follow(walker, at, state->first_arc + low, (uint16_t)(from + 1));
		step.score.fixed++;
		err = add_step(walker, step);
	}
	return err;
}

static void find_ends(const struct walker *walker, struct ends *ends, uint32_t root,
		      uint16_t from)
{
	const struct understand *understand = walker->understand;
	uint32_t node = root;
	if (ends->root == root)
		return;
	ends->root = root;
	ends->count = 0;
	for (size_t at = from; at < walker->word_count; at++) {
		node = list_child(understand, node, walker->words[at]);
		if (!node)
			break;
		if (!understand->list_nodes[node].value_count)
			continue;
		ends->nodes[ends->count] = node;
		ends->to[ends->count++] = (uint16_t)(at + 1);
	}
}

static enum err follow_list(struct walker *walker, uint32_t at, uint32_t arc)
{
	const struct understand *understand = walker->understand;
	const struct list_use *use = &understand->uses[understand->net.arcs[arc].label];
	const struct word_list *list = &understand->lists[use->list];
	uint16_t from = walker->match->steps[at].to;
	enum err err = OK;
	find_ends(walker, &walker->ends, list->root, from);
	for (size_t i = 0; i < walker->ends.count && !err; i++) {
		uint32_t node = walker->ends.nodes[i];
		if (list->has_entities && !list_node_fits(understand, use, node))
			continue;
		struct match_step step = follow(walker, at, arc, walker->ends.to[i]);
		step.node = node;
		if (list->has_entities)
			step.score.named =
				(uint16_t)(step.score.named + step.to - step.from);
		err = add_step(walker, step);
	}
	return err;
}

/* True where words begin that a wildcard does not take. */
static bool is_excepted(struct walker *walker, uint32_t label, uint16_t from)
{
	const struct understand *understand = walker->understand;
	if (!label)
		return false;
	find_ends(walker, &walker->excepts,
		  understand->lists[understand->uses[label - 1].list].root, from);
	return walker->excepts.count > 0;
}

static enum err follow_wild(struct walker *walker, uint32_t at, uint32_t arc)
{
	if (is_excepted(walker, walker->understand->net.arcs[arc].label,
			walker->match->steps[at].to))
		return OK;
	struct match_step step =
		follow(walker, at, arc, (uint16_t)(walker->match->steps[at].to + 1));
	step.score.wild++;
	return add_step(walker, step);
}

/* Passes over words: the state stays. */
static enum err pass(struct walker *walker, uint32_t at, uint16_t to, bool explained)
{
	struct match_step step = walker->match->steps[at];
	step.previous = at;
	step.arc = MATCH_NONE;
	step.from = step.to;
	step.to = to;
	step.score.unexplained = (uint16_t)(step.score.unexplained + !explained);
	return step.score.unexplained <= MATCH_UNEXPLAINED_MAX ? add_step(walker, step)
							       : OK;
}

static enum err pass_over(struct walker *walker, uint32_t at)
{
	uint16_t from = walker->match->steps[at].to;
	enum err err = OK;
	find_ends(walker, &walker->fillers, walker->understand->filler_root, from);
	find_ends(walker, &walker->decisives, walker->understand->decisive_root, from);
	if (!walker->decisives.count)
		err = pass(walker, at, (uint16_t)(from + 1), false);
	for (size_t i = 0; i < walker->fillers.count && !err; i++)
		err = pass(walker, at, walker->fillers.to[i], true);
	return err;
}

static enum err follow_all(struct walker *walker, uint32_t at)
{
	/* By value: the steps move while some are added. */
	const struct net_state state =
		walker->understand->net.states[walker->match->steps[at].state];
	enum err err = follow_words(walker, at, &state);
	uint32_t arc = state.first_arc + state.word_count;
	for (uint32_t i = 0; i < state.list_count && !err; i++)
		err = follow_list(walker, at, arc++);
	for (uint32_t i = 0; i < state.wild_count && !err; i++)
		err = follow_wild(walker, at, arc++);
	if (!err && state.passes)
		err = pass_over(walker, at);
	return err;
}

/* The steps before the first word. */
static enum err start(struct walker *walker, enum match_among among)
{
	const struct understand *understand = walker->understand;
	struct match_step step = {.state = understand->start, .previous = MATCH_NONE};
	enum err err = OK;
	if (among == MATCH_SENTENCES)
		return add_step(walker, step);
	for (size_t i = 0; i < understand->frame_count && !err; i++) {
		step.state = understand->frame_starts[i];
		err = add_step(walker, step);
	}
	return err;
}

static void accept(struct walker *walker)
{
	struct match *match = walker->match;
	uint32_t next = MATCH_NONE;
	match->accepted = MATCH_NONE;
	for (uint32_t i = walker->first[walker->word_count]; i != MATCH_NONE; i = next) {
		struct match_step *step = &match->steps[i];
		next = step->next;
		if (!walker->understand->net.states[step->state].is_final)
			continue;
		step->next = match->accepted;
		match->accepted = i;
	}
}

enum err match_run(const struct understand *understand, enum match_among among,
		   const uint32_t *words, size_t word_count, struct match *out_match)
{
	struct walker walker = {.understand = understand,
				.words = words,
				.word_count = word_count,
				.match = out_match};
	*out_match = (struct match){.accepted = MATCH_NONE};
	must(word_count > 0 && word_count <= NORMAL_WORDS_MAX);
	for (size_t i = 0; i <= word_count; i++)
		walker.first[i] = MATCH_NONE;
	table_init(&walker.known);
	enum err err = start(&walker, among);
	for (size_t i = 0; i < word_count && !err; i++) {
		walker.ends.root = MATCH_NONE;
		walker.fillers.root = MATCH_NONE;
		walker.decisives.root = MATCH_NONE;
		walker.excepts.root = MATCH_NONE;
		for (uint32_t at = walker.first[i]; at != MATCH_NONE && !err;
		     at = out_match->steps[at].next)
			err = follow_all(&walker, at);
	}
	if (!err)
		accept(&walker);
	table_finish(&walker.known);
	return err;
}

void match_finish(struct match *match)
{
	free(match->steps);
	*match = (struct match){.accepted = MATCH_NONE};
}
