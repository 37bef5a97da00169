/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trie - grows the spoken forms of one list.
 *
 * Does not know where values come from (lists.c). Invariants: children are linked while
 * a trie grows and become sorted arcs once it is done; nodes of one trie are contiguous
 * and reached from its root only; of equal forms the first value comes first.
 */
#include "understand/trie.h"

#include <stdlib.h>
#include <string.h>

#include "understand/grow.h"
#include "understand/normal.h"

#define NO_NODE UINT32_MAX

/* A node while its trie grows. */
struct growing_node {
	uint32_t word;
	uint32_t first_child;
	uint32_t next;        /* sibling */
	uint32_t first_value; /* index into links */
};

struct value_link {
	uint32_t value;
	uint32_t next;
};

static enum err too_many(const struct grower *grower, enum err err)
{
	if (err != ERR_LIMIT)
		return err;
	const struct list_ref *ref = &grower->key->ref;
	return err_say(
		ERR_LIMIT, grower->compiler->note,
		"%s:%u:%u: the list {%s} of too many values; expected fewer values "
		"or shorter templates",
		ref->place.file, ref->place.line, ref->place.column, ref->name);
}

static enum err add_node(struct grower *grower, uint32_t word, uint32_t *out_node)
{
	enum err err =
		grow_room(&grower->nodes, &grower->node_capacity, grower->node_count + 1,
			  sizeof(*grower->nodes), LIST_NODES_MAX);
	if (err)
		return err;
	grower->nodes[grower->node_count] =
		(struct growing_node){word, NO_NODE, NO_NODE, NO_NODE};
	*out_node = (uint32_t)grower->node_count++;
	return OK;
}

static enum err child_of(struct grower *grower, uint32_t parent, uint32_t word,
			 uint32_t *out_child)
{
	uint32_t *known = NULL;
	enum err err = table_at(&grower->children, (uint64_t)parent << 32 | word, &known);
	if (err || *known != TABLE_NONE) {
		if (!err)
			*out_child = *known;
		return err;
	}
	uint32_t child = 0;
	err = add_node(grower, word, &child);
	if (err)
		return err;
	grower->nodes[child].next = grower->nodes[parent].first_child;
	grower->nodes[parent].first_child = child;
	*known = child;
	*out_child = child;
	return OK;
}

static enum err end_form(struct grower *grower, uint32_t node, uint32_t value)
{
	for (uint32_t i = grower->nodes[node].first_value; i != NO_NODE;
	     i = grower->links[i].next) {
		if (grower->links[i].value == value)
			return OK;
	}
	enum err err =
		grow_room(&grower->links, &grower->link_capacity, grower->link_count + 1,
			  sizeof(*grower->links), LIST_NODES_MAX);
	if (err)
		return err;
	grower->links[grower->link_count] =
		(struct value_link){value, grower->nodes[node].first_value};
	grower->nodes[node].first_value = (uint32_t)grower->link_count++;
	return OK;
}

/* Walks all ways through the value's net and adds them to the trie. */
static enum err add_forms(struct grower *grower, uint32_t start, uint32_t value)
{
	size_t count = 1;
	size_t steps = 0;
	enum err err = grow_room(&grower->stack, &grower->stack_capacity, 1,
				 sizeof(uint64_t), VALUE_FORMS_MAX);
	if (!err)
		grower->stack[0] = (uint64_t)start << 32;
	while (!err && count) {
		uint64_t top = grower->stack[--count];
		const struct net_state *state = &grower->net.states[top >> 32];
		uint32_t node = (uint32_t)top;
		err = ++steps > VALUE_FORMS_MAX ? ERR_LIMIT
						: compile_step(grower->compiler);
		if (!err && state->is_final)
			err = end_form(grower, node, value);
		if (!err)
			err = grow_room(&grower->stack, &grower->stack_capacity,
					count + state->word_count, sizeof(uint64_t),
					VALUE_FORMS_MAX);
		for (uint32_t i = 0; !err && i < state->word_count; i++) {
			const struct net_arc *arc =
				&grower->net.arcs[state->first_arc + i];
			uint32_t child = 0;
			err = child_of(grower, node, arc->label, &child);
			grower->stack[count++] = (uint64_t)arc->to << 32 | child;
		}
	}
	return err;
}

/* Plain text that nothing is glued to is one row of words: no net has to be made of it.
 * Numbers are nearly all of a house's lists, and come this way. */
static enum err add_words(struct grower *grower, const char *text, uint32_t value)
{
	struct compiler *compiler = grower->compiler;
	struct normal normal;
	uint32_t node = 0;
	enum err err = OK;
	if (!normal_split(text, strlen(text), NORMAL_PIECE, &normal))
		return chunks_too_long(compiler);
	for (size_t i = 0; i < normal.count && !err; i++) {
		uint32_t word = VOCAB_NONE;
		err = compile_step(compiler);
		if (!err)
			err = net_add_word(compiler, normal_word(&normal, i), &word);
		if (!err && word != VOCAB_NONE)
			err = child_of(grower, node, word, &node);
	}
	/* The root stands for no words at all, which is no value. */
	return err || !node ? err : end_form(grower, node, value);
}

/* Unfolds a template, or plain text, between the prefix and the suffix. */
static enum err add_glued(struct grower *grower, const struct part *part,
			  const char *text, uint32_t value)
{
	struct compiler *compiler = grower->compiler;
	uint32_t from = 0;
	uint32_t to = 0;
	uint32_t start = 0;
	grower->net.state_count = 0;
	grower->net.arc_count = 0;
	enum err err = chunks_begin(compiler);
	if (!err)
		err = chunks_add_state(compiler, &from);
	if (!err)
		err = chunks_add_state(compiler, &to);
	if (!err)
		err = chunks_add_piece(compiler, grower->key->prefix, CHUNK_START, from);
	if (!err)
		err = part ? chunks_add_part(compiler, part, from, to)
			   : chunks_add_text(compiler, text, from, to);
	if (!err)
		err = chunks_add_piece(compiler, grower->key->suffix, to, CHUNK_FINAL);
	if (!err && compiler->chunks.ref_count)
		err = place_say(ERR_FORMAT, compiler->note, grower->key->ref.place,
				"a list inside a list's value", "words and rules");
	if (!err)
		err = net_add_chunks(compiler, &grower->net, 0, &start);
	if (!err)
		err = add_forms(grower, start, value);
	return err;
}

enum err trie_add(struct grower *grower, const struct part *part, const char *text,
		  uint32_t value)
{
	bool is_bare =
		grower->key->prefix == PIECE_EMPTY && grower->key->suffix == PIECE_EMPTY;
	grower->compiler->steps = 0;
	if (!part && is_bare)
		return add_words(grower, text, value);
	return add_glued(grower, part, text, value);
}

/* --- finished tries --- */

static int compare_list_arcs(const void *a, const void *b)
{
	const struct list_arc *left = a;
	const struct list_arc *right = b;
	return (left->word > right->word) - (left->word < right->word);
}

enum err trie_append_value(struct understand *made, uint32_t value)
{
	enum err err = grow_room(&made->list_values, &made->list_value_capacity,
				 made->list_value_count + 1, sizeof(*made->list_values),
				 LIST_NODES_MAX);
	if (!err)
		made->list_values[made->list_value_count++] = value;
	return err;
}

/* Links lead from the newest to the oldest; the first of equal values is to win. */
static void reverse_values(uint32_t *values, size_t count)
{
	for (size_t low = 0; low + 1 < count - low; low++) {
		uint32_t value = values[low];
		values[low] = values[count - 1 - low];
		values[count - 1 - low] = value;
	}
}

static enum err finish_node(struct grower *grower, const struct growing_node *from,
			    uint32_t base, struct list_node *node)
{
	struct understand *made = grower->compiler->made;
	*node = (struct list_node){
		.first_arc = (uint32_t)made->list_arc_count,
		.first_value = (uint32_t)made->list_value_count,
	};
	enum err err = OK;
	for (uint32_t i = from->first_child; i != NO_NODE && !err;
	     i = grower->nodes[i].next) {
		err = grow_room(&made->list_arcs, &made->list_arc_capacity,
				made->list_arc_count + 1, sizeof(*made->list_arcs),
				LIST_NODES_MAX);
		if (!err)
			made->list_arcs[made->list_arc_count++] =
				(struct list_arc){grower->nodes[i].word, base + i};
	}
	for (uint32_t i = from->first_value; i != NO_NODE && !err;
	     i = grower->links[i].next)
		err = trie_append_value(made, grower->links[i].value);
	if (err)
		return err;
	node->arc_count = (uint32_t)made->list_arc_count - node->first_arc;
	node->value_count = (uint32_t)made->list_value_count - node->first_value;
	reverse_values(made->list_values + node->first_value, node->value_count);
	if (node->arc_count)
		qsort(made->list_arcs + node->first_arc, node->arc_count,
		      sizeof(*made->list_arcs), compare_list_arcs);
	return OK;
}

static enum err finish_trie(struct grower *grower, uint32_t *out_root)
{
	struct understand *made = grower->compiler->made;
	uint32_t base = (uint32_t)made->list_node_count;
	enum err err = grow_room(&made->list_nodes, &made->list_node_capacity,
				 made->list_node_count + grower->node_count,
				 sizeof(*made->list_nodes), LIST_NODES_MAX);
	for (size_t i = 0; i < grower->node_count && !err; i++)
		err = finish_node(grower, &grower->nodes[i], base,
				  &made->list_nodes[base + i]);
	if (!err) {
		made->list_node_count += grower->node_count;
		*out_root = base;
	}
	return err;
}

/* Builds one trie. The chunks in work belong to a sentence that is half done, so lists
 * are built with chunks of their own. */
enum err trie_make(struct compiler *compiler, const struct list_key *key,
		   enum err (*grow)(struct grower *grower), uint32_t *out_root)
{
	struct grower grower = {.compiler = compiler, .key = key};
	struct chunks sentence_chunks = compiler->chunks;
	size_t sentence_steps = compiler->steps;
	struct place sentence_place = compiler->place;
	uint32_t root = 0;
	compiler->chunks = (struct chunks){0};
	compiler->place = key->ref.place;
	table_init(&grower.children);
	enum err err = add_node(&grower, 0, &root);
	if (!err)
		err = grow(&grower);
	if (!err)
		err = finish_trie(&grower, out_root);
	err = too_many(&grower, err);
	free(compiler->chunks.states);
	free(compiler->chunks.arcs);
	free(compiler->chunks.refs);
	compiler->chunks = sentence_chunks;
	compiler->steps = sentence_steps;
	compiler->place = sentence_place;
	free(grower.nodes);
	free(grower.links);
	free(grower.stack);
	net_finish(&grower.net);
	table_finish(&grower.children);
	return err;
}

/* --- for the matcher and the grammar --- */

uint32_t list_child(const struct understand *understand, uint32_t at, uint32_t word)
{
	const struct list_node *node = &understand->list_nodes[at];
	const struct list_arc *arcs = understand->list_arcs + node->first_arc;
	uint32_t low = 0;
	uint32_t high = node->arc_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (arcs[middle].word < word)
			low = middle + 1;
		else
			high = middle;
	}
	return low < node->arc_count && arcs[low].word == word ? arcs[low].to : 0;
}

bool list_node_fits(const struct understand *understand, const struct list_use *use,
		    uint32_t at)
{
	const struct list_node *node = &understand->list_nodes[at];
	for (uint32_t i = 0; i < node->value_count; i++) {
		const struct value *value =
			&understand
				 ->values[understand->list_values[node->first_value + i]];
		if (value->entity < 0 ||
		    use->domains >> understand->entities[value->entity].domain & 1)
			return true;
	}
	return false;
}
