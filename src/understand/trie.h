/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trie - grows the spoken forms of one list.
 *
 * Inside of understand/ only. While a trie grows its nodes are linked; finished, they
 * are sorted arcs in the understand that is being made.
 */
#ifndef UNDERSTAND_TRIE_H
#define UNDERSTAND_TRIE_H

#include "understand/compile.h"

struct growing_node;
struct value_link;

struct grower {
	struct compiler *compiler;
	const struct list_key *key;
	struct growing_node *nodes;
	size_t node_count;
	size_t node_capacity;
	struct value_link *links;
	size_t link_count;
	size_t link_capacity;
	struct table children; /* node and word: the child */
	struct net net;        /* of the value in work */
	uint64_t *stack;       /* net state and node */
	size_t stack_capacity;
};

/* Adds all ways to say a value: a template, or where part is NULL plain text, with the
 * key's prefix and suffix glued to it. */
MUST_CHECK enum err trie_add(struct grower *grower, const struct part *part,
			     const char *text, uint32_t value);

/* Makes the trie that grow fills by trie_add. */
MUST_CHECK enum err trie_make(struct compiler *compiler, const struct list_key *key,
			      enum err (*grow)(struct grower *grower),
			      uint32_t *out_root);

/* Puts a value behind all others of the lists. */
MUST_CHECK enum err trie_append_value(struct understand *made, uint32_t value);

#endif
