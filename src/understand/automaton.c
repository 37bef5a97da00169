/* SPDX-License-Identifier: Apache-2.0 */
/*
 * automaton - the subset construction and minimisation without cycles.
 *
 * Knows no words. Invariants: a subset is a sorted run of items in one pool and belongs
 * to one state; states are merged only when finality and all arcs are equal after their
 * targets were merged.
 */
#include "understand/automaton.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "understand/grow.h"
#include "understand/table.h"

#define NO_STATE UINT32_MAX

void automaton_finish(struct automaton *automaton)
{
	if (!automaton)
		return;
	free(automaton->first);
	free(automaton->finals);
	free(automaton->arcs);
	*automaton = (struct automaton){0};
}

enum err item_arcs_add(struct item_arcs *arcs, uint32_t label, uint64_t to)
{
	enum err err = grow_room(&arcs->arcs, &arcs->capacity, arcs->count + 1,
				 sizeof(*arcs->arcs), AUTOMATON_ITEMS_MAX);
	if (!err)
		arcs->arcs[arcs->count++] = (struct item_arc){label, to};
	return err;
}

/* --- subsets --- */

struct subset {
	size_t first; /* into the pool */
	uint32_t count;
	uint32_t next; /* another state whose subset has the same hash */
};

struct subsets {
	const struct automaton_source *source;
	struct automaton made;
	size_t first_capacity;
	size_t final_capacity;
	size_t arc_capacity;
	struct subset *subsets; /* [state] */
	size_t subset_count;
	size_t subset_capacity;
	uint64_t *pool;
	size_t pool_count;
	size_t pool_capacity;
	struct table by_hash;
	struct item_arcs arcs; /* of the state in work */
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static int compare_item_arcs(const void *a, const void *b)
{
	const struct item_arc *left = a;
	const struct item_arc *right = b;
	if (left->label != right->label)
		return left->label < right->label ? -1 : 1;
	return (left->to > right->to) - (left->to < right->to);
}

static bool same_subset(const struct subsets *subsets, uint32_t state, size_t first,
			size_t count)
{
	const struct subset *subset = &subsets->subsets[state];
	return subset->count == count &&
	       memcmp(subsets->pool + subset->first, subsets->pool + first,
		      count * sizeof(*subsets->pool)) == 0;
}

/* The state of the subset that stands at the end of the pool from `first` on; a known
 * one is taken off the pool again. */
static enum err subset_state(struct subsets *subsets, size_t first, uint32_t *out_state)
{
	size_t count = subsets->pool_count - first;
	uint64_t hash = count;
	uint32_t *head = NULL;
	for (size_t i = first; i < subsets->pool_count; i++)
		hash = mix(hash, subsets->pool[i]);
	enum err err = table_at(&subsets->by_hash, hash, &head);
	if (err)
		return err;
	for (uint32_t state = *head; state != NO_STATE;
	     state = subsets->subsets[state].next) {
		if (same_subset(subsets, state, first, count)) {
			subsets->pool_count = first;
			*out_state = state;
			return OK;
		}
	}
	err = grow_room(&subsets->subsets, &subsets->subset_capacity,
			subsets->subset_count + 1, sizeof(*subsets->subsets),
			AUTOMATON_STATES_MAX);
	if (err)
		return err;
	*out_state = (uint32_t)subsets->subset_count;
	subsets->subsets[subsets->subset_count++] =
		(struct subset){first, (uint32_t)count, *head};
	*head = *out_state;
	return OK;
}

static enum err pool_add(struct subsets *subsets, uint64_t item)
{
	enum err err = grow_room(&subsets->pool, &subsets->pool_capacity,
				 subsets->pool_count + 1, sizeof(*subsets->pool),
				 AUTOMATON_ITEMS_MAX);
	if (!err)
		subsets->pool[subsets->pool_count++] = item;
	return err;
}

static enum err add_made_arc(struct subsets *subsets, uint32_t label, uint32_t to)
{
	struct automaton *made = &subsets->made;
	enum err err = grow_room(&made->arcs, &subsets->arc_capacity, made->arc_count + 1,
				 sizeof(*made->arcs), AUTOMATON_ARCS_MAX);
	if (!err)
		made->arcs[made->arc_count++] = (struct automaton_arc){label, to};
	return err;
}

/* Groups the sorted arcs by label; each group's targets are a subset. */
static enum err group_arcs(struct subsets *subsets)
{
	const struct item_arcs *arcs = &subsets->arcs;
	enum err err = OK;
	for (size_t i = 0; i < arcs->count && !err;) {
		uint32_t label = arcs->arcs[i].label;
		size_t first = subsets->pool_count;
		uint32_t to = 0;
		for (; i < arcs->count && arcs->arcs[i].label == label && !err; i++) {
			uint64_t item = arcs->arcs[i].to;
			if (subsets->pool_count == first ||
			    subsets->pool[subsets->pool_count - 1] != item)
				err = pool_add(subsets, item);
		}
		if (!err)
			err = subset_state(subsets, first, &to);
		if (!err)
			err = add_made_arc(subsets, label, to);
	}
	return err;
}

static enum err do_subset(struct subsets *subsets, uint32_t state)
{
	const struct automaton_source *source = subsets->source;
	struct automaton *made = &subsets->made;
	struct subset subset = subsets->subsets[state];
	enum err err =
		grow_room(&made->first, &subsets->first_capacity, (size_t)state + 2,
			  sizeof(*made->first), AUTOMATON_STATES_MAX + 2);
	if (!err)
		err = grow_room(&made->finals, &subsets->final_capacity,
				(size_t)state + 1, sizeof(*made->finals),
				AUTOMATON_STATES_MAX + 1);
	if (err)
		return err;
	made->first[state] = (uint32_t)made->arc_count;
	made->finals[state] = false;
	subsets->arcs.count = 0;
	for (uint32_t i = 0; i < subset.count && !err; i++) {
		uint64_t item = subsets->pool[subset.first + i];
		made->finals[state] =
			made->finals[state] || source->is_final(source->self, item);
		err = source->arcs(source->self, item, &subsets->arcs);
	}
	if (err)
		return err;
	if (subsets->arcs.count > 1)
		qsort(subsets->arcs.arcs, subsets->arcs.count, sizeof(struct item_arc),
		      compare_item_arcs);
	err = group_arcs(subsets);
	made->first[state + 1] = (uint32_t)made->arc_count;
	return err;
}

static enum err determinise(const struct automaton_source *source,
			    struct automaton *out_made)
{
	struct subsets subsets = {.source = source};
	uint32_t start = 0;
	table_init(&subsets.by_hash);
	enum err err = pool_add(&subsets, source->start);
	if (!err)
		err = subset_state(&subsets, 0, &start);
	for (uint32_t state = 0; state < subsets.subset_count && !err; state++)
		err = do_subset(&subsets, state);
	subsets.made.state_count = subsets.subset_count;
	free(subsets.subsets);
	free(subsets.pool);
	free(subsets.arcs.arcs);
	table_finish(&subsets.by_hash);
	if (err)
		automaton_finish(&subsets.made);
	else
		*out_made = subsets.made;
	return err;
}

/* --- merging --- */

struct merger {
	const struct automaton *from;
	uint32_t *merged; /* [state of from]: its merged state, or NO_STATE when dead */
	uint32_t *order;  /* states of from, targets before sources */
	size_t order_count;
	struct automaton made; /* states in merged order: targets first, start last */
	size_t first_capacity;
	size_t final_capacity;
	size_t arc_capacity;
	uint32_t *next; /* [merged state]: another with the same hash */
	size_t next_capacity;
	struct table by_hash;
};

struct visit {
	uint32_t state;
	uint32_t arc; /* the next to follow */
};

/* Orders states so that targets come first; a stack in place of recursion. */
static enum err order_states(struct merger *merger)
{
	const struct automaton *from = merger->from;
	struct visit *stack = malloc(from->state_count * sizeof(*stack));
	bool *seen = calloc(from->state_count, sizeof(*seen));
	size_t depth = 0;
	enum err err = stack && seen ? OK : ERR_MEMORY;
	if (!err) {
		stack[depth++] = (struct visit){0, from->first[0]};
		seen[0] = true;
	}
	while (depth) {
		struct visit *top = &stack[depth - 1];
		if (top->arc == from->first[top->state + 1]) {
			merger->order[merger->order_count++] = top->state;
			depth--;
			continue;
		}
		uint32_t to = from->arcs[top->arc++].to;
		if (!seen[to]) {
			seen[to] = true;
			stack[depth++] = (struct visit){to, from->first[to]};
		}
	}
	free(stack);
	free(seen);
	return err;
}

static bool same_state(const struct automaton *made, uint32_t a, uint32_t b)
{
	uint32_t count = made->first[a + 1] - made->first[a];
	return made->finals[a] == made->finals[b] &&
	       count == made->first[b + 1] - made->first[b] &&
	       (!count || memcmp(made->arcs + made->first[a], made->arcs + made->first[b],
				 count * sizeof(*made->arcs)) == 0);
}

static uint64_t hash_state(const struct automaton *made, uint32_t state)
{
	uint64_t hash = made->finals[state];
	for (uint32_t i = made->first[state]; i < made->first[state + 1]; i++)
		hash = mix(hash, (uint64_t)made->arcs[i].label << 32 | made->arcs[i].to);
	return hash;
}

/* Writes the state behind the merged ones, its arcs leading to merged states. */
static enum err write_state(struct merger *merger, uint32_t state)
{
	const struct automaton *from = merger->from;
	struct automaton *made = &merger->made;
	size_t count = from->first[state + 1] - from->first[state];
	size_t at = made->state_count;
	enum err err = grow_room(&made->first, &merger->first_capacity, at + 2,
				 sizeof(*made->first), AUTOMATON_STATES_MAX + 2);
	if (!err)
		err = grow_room(&made->finals, &merger->final_capacity, at + 1,
				sizeof(*made->finals), AUTOMATON_STATES_MAX + 1);
	if (!err)
		err = grow_room(&merger->next, &merger->next_capacity, at + 1,
				sizeof(*merger->next), AUTOMATON_STATES_MAX + 1);
	if (!err)
		err = grow_room(&made->arcs, &merger->arc_capacity,
				made->arc_count + count, sizeof(*made->arcs),
				AUTOMATON_ARCS_MAX);
	if (err)
		return err;
	made->first[at] = (uint32_t)made->arc_count;
	made->finals[at] = from->finals[state];
	for (uint32_t i = from->first[state]; i < from->first[state + 1]; i++) {
		uint32_t to = merger->merged[from->arcs[i].to];
		if (to != NO_STATE)
			made->arcs[made->arc_count++] =
				(struct automaton_arc){from->arcs[i].label, to};
	}
	made->first[at + 1] = (uint32_t)made->arc_count;
	return OK;
}

static enum err merge_state(struct merger *merger, uint32_t state)
{
	struct automaton *made = &merger->made;
	uint32_t *head = NULL;
	enum err err = write_state(merger, state);
	if (err)
		return err;
	uint32_t at = (uint32_t)made->state_count;
	bool dead = !made->finals[at] && made->first[at] == made->first[at + 1];
	merger->merged[state] = NO_STATE;
	if (dead && state != 0)
		return OK;
	err = table_at(&merger->by_hash, hash_state(made, at), &head);
	if (err)
		return err;
	for (uint32_t known = *head; known != NO_STATE; known = merger->next[known]) {
		/* The start stays a state of its own, so that it can become state 0. */
		if (state != 0 && same_state(made, known, at)) {
			made->arc_count = made->first[at];
			merger->merged[state] = known;
			return OK;
		}
	}
	merger->next[at] = *head;
	*head = at;
	merger->merged[state] = at;
	made->state_count++;
	return OK;
}

/* Turns the order of states round, so that the start, which came last, is state 0. */
static enum err reverse(struct merger *merger, struct automaton *out_made)
{
	const struct automaton *from = &merger->made;
	size_t count = from->state_count;
	struct automaton to = {.state_count = count, .arc_count = from->arc_count};
	to.first = calloc(count + 1, sizeof(*to.first));
	to.finals = calloc(count, sizeof(*to.finals));
	to.arcs = calloc(from->arc_count + 1, sizeof(*to.arcs));
	if (!to.first || !to.finals || !to.arcs) {
		automaton_finish(&to);
		return ERR_MEMORY;
	}
	uint32_t written = 0;
	for (size_t state = 0; state < count; state++) {
		size_t old = count - 1 - state;
		to.first[state] = written;
		to.finals[state] = from->finals[old];
		for (uint32_t i = from->first[old]; i < from->first[old + 1]; i++)
			to.arcs[written++] =
				(struct automaton_arc){from->arcs[i].label,
						       (uint32_t)(count - 1 -
								  from->arcs[i].to)};
	}
	to.first[count] = written;
	*out_made = to;
	return OK;
}

static enum err minimise(const struct automaton *from, struct automaton *out_made)
{
	struct merger merger = {.from = from};
	merger.merged = malloc(from->state_count * sizeof(*merger.merged));
	merger.order = malloc(from->state_count * sizeof(*merger.order));
	table_init(&merger.by_hash);
	enum err err = merger.merged && merger.order ? order_states(&merger) : ERR_MEMORY;
	for (size_t i = 0; i < merger.order_count && !err; i++)
		err = merge_state(&merger, merger.order[i]);
	if (!err) {
		must(merger.merged[0] == merger.made.state_count - 1);
		err = reverse(&merger, out_made);
	}
	free(merger.merged);
	free(merger.order);
	free(merger.next);
	automaton_finish(&merger.made);
	table_finish(&merger.by_hash);
	return err;
}

enum err automaton_make(const struct automaton_source *source,
			struct automaton *out_automaton)
{
	struct automaton large = {0};
	enum err err = determinise(source, &large);
	if (!err)
		err = minimise(&large, out_automaton);
	automaton_finish(&large);
	return err;
}
