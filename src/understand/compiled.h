/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compiled - what understand_create makes and everything else reads.
 *
 * The net is a non-deterministic automaton over words without empty arcs. An arc takes
 * one word, or a value of a list (a trie of spoken forms), or any word (a wildcard).
 * Each sentence has its own states, so a state tells the sentence. Inside of
 * understand/ only.
 */
#ifndef UNDERSTAND_COMPILED_H
#define UNDERSTAND_COMPILED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "domain/home.h"
#include "understand/sentences.h"
#include "understand/understand.h"
#include "understand/vocab.h"

enum {
	NET_STATES_MAX = 400000,
	NET_ARCS_MAX = 2000000,
	NET_SENTENCE_STEPS_MAX = 400000, /* work one sentence may cost when unfolded */
	NET_STEPS_MAX = 20000000,        /* work all sentences may cost together */
	LISTS_MAX = 8192,
	LIST_USES_MAX = 16384,
	LIST_VALUES_MAX = 100000, /* all values of all lists */
	LIST_NODES_MAX = 1000000, /* all words of all spoken forms */
	VALUE_FORMS_MAX = 5000,   /* ways to say one value */
	COMPILED_ARENA_BYTES = 256 * 1024 * 1024,
};

enum net_kind { NET_WORD, NET_LIST, NET_WILD };

struct net_arc {
	uint32_t label; /* word, list use, or of a wildcard's exceptions plus one, or 0 */
	uint32_t to;    /* state */
	uint16_t slot;  /* number of the slot's name */
	uint16_t kind;  /* enum net_kind */
};

/* Arcs are sorted by kind, then label. */
struct net_state {
	uint32_t first_arc;
	uint32_t word_count;
	uint32_t list_count;
	uint32_t wild_count;
	uint32_t sentence;
	bool is_final;
	bool passes; /* of a frame: words may be passed over here */
};

struct net {
	struct net_state *states;
	size_t state_count;
	size_t state_capacity;
	struct net_arc *arcs;
	size_t arc_count;
	size_t arc_capacity;
};

struct value {
	const char *out; /* NULL: the words that were said */
	bool is_number;
	double number;
	int entity; /* index into entities, -1 none */
	size_t context_count;
	struct pair *contexts;
};

struct list_arc {
	uint32_t word;
	uint32_t to;
};

/* A node of a trie of spoken forms. */
struct list_node {
	uint32_t first_arc; /* sorted by word */
	uint32_t arc_count;
	uint32_t first_value;
	uint32_t value_count;
	uint32_t alike_count; /* behind those: values of names that sound the same */
};

/* The spoken forms of one list, with what is glued to its values in front and behind. */
struct word_list {
	uint32_t root;
	bool has_entities;
	bool of_house; /* names: devices, rooms, floors, people */
};

/* A list as one sentence uses it: only entities of these domains (bits) fit. */
struct list_use {
	uint32_t list;
	uint64_t domains;
};

struct known_entity {
	const char *id;
	const char *name;
	const char *area; /* "" none */
	enum entity_domain domain;
	const char *device_class;
};

/* One template or frame after compiling; its row is a copy in the arena, with an empty
 * scope. */
struct sentence {
	const struct row *row;
	bool typed; /* no part of the grammar */
};

struct understand {
	struct arena *arena;
	struct vocab words;
	struct vocab slots; /* names of slots */
	struct net net;
	uint32_t start;         /* the state where all sentences begin */
	uint32_t *frame_starts; /* [frame_count] the states where frames begin */
	size_t frame_count;
	struct sentence *sentences;
	size_t sentence_count;
	struct word_list *lists;
	size_t list_count;
	size_t list_capacity;
	struct list_use *uses;
	size_t use_count;
	size_t use_capacity;
	struct list_node *list_nodes;
	size_t list_node_count;
	size_t list_node_capacity;
	struct list_arc *list_arcs;
	size_t list_arc_count;
	size_t list_arc_capacity;
	uint32_t *list_values; /* what first_value points into: indices of values */
	size_t list_value_count;
	size_t list_value_capacity;
	struct value *values;
	size_t value_count;
	size_t value_capacity;
	struct known_entity *entities; /* those that voice may name */
	size_t entity_count;
	struct pair *areas; /* each name and alias of an area, and its name */
	size_t area_count;
	/* Phrases to skip, those that frames pass over, and those that no question may
	 * leave out: word lists whose values do not matter. */
	uint32_t skip_root;
	uint32_t filler_root;
	uint32_t decisive_root;
	bool has_skips;
};

/* The child of a node under a word, or 0: no node has the root of another as child. */
uint32_t list_child(const struct understand *understand, uint32_t at, uint32_t word);

/* True when an entity of the node's values (or any value without one) fits the use. */
bool list_node_fits(const struct understand *understand, const struct list_use *use,
		    uint32_t node);

#endif
