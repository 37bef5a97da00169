/* SPDX-License-Identifier: Apache-2.0 */
/*
 * automaton - deterministic automata without cycles: made from any source, made small.
 *
 * The subset construction, then merging of equal states from the ends backwards, which
 * for an automaton without cycles gives the smallest one in one pass (Revuz 1992).
 * Inside of understand/ only.
 */
#ifndef UNDERSTAND_AUTOMATON_H
#define UNDERSTAND_AUTOMATON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	AUTOMATON_STATES_MAX = 500000,
	AUTOMATON_ARCS_MAX = 4000000,
	AUTOMATON_ITEMS_MAX = 20000000, /* all subsets together */
};

struct automaton_arc {
	uint32_t label;
	uint32_t to;
};

/* State 0 is the start. Arcs of a state are sorted by label, each label once. */
struct automaton {
	size_t state_count;
	uint32_t *
		first; /* [state_count + 1]: the arcs of state s are first[s]..first[s+1] */
	bool *finals;
	size_t arc_count;
	struct automaton_arc *arcs;
};

void automaton_finish(struct automaton *automaton);

/* An arc of the source: over a label to an item (whatever the source means by it). */
struct item_arc {
	uint32_t label;
	uint64_t to;
};

struct item_arcs {
	struct item_arc *arcs;
	size_t count;
	size_t capacity;
};

MUST_CHECK enum err item_arcs_add(struct item_arcs *arcs, uint32_t label, uint64_t to);

/* What is made deterministic; it must have no cycles. */
struct automaton_source {
	const void *self;
	uint64_t start;
	/* Adds all arcs that leave an item. */
	enum err (*arcs)(const void *self, uint64_t item, struct item_arcs *to);
	bool (*is_final)(const void *self, uint64_t item);
};

/* The smallest deterministic automaton with the source's language. ERR_LIMIT,
 * ERR_MEMORY. *out_automaton is then untouched. */
MUST_CHECK enum err automaton_make(const struct automaton_source *source,
				   struct automaton *out_automaton);

#endif
