/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lists - the spoken forms of every list as a trie, shared by all sentences.
 *
 * Values of files are templates and are unfolded like sentences; names of the house are
 * plain text; numbers are spoken. Invariants: one word list for one list with one
 * prefix and suffix; children are linked while a trie grows and become sorted arcs once
 * it is done; nodes of one trie are contiguous and reached from its root only.
 */
#include "understand/compile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "understand/grow.h"
#include "understand/numbers.h"

enum { RANGE_VALUES_MAX = 20000, NUMBER_BYTES = 32 };
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

/* --- the house --- */

static bool domain_fits(const struct context_rule *rule, uint64_t *out_bits)
{
	if (!str_equal(rule->key, "domain") || !rule->value_count)
		return false;
	*out_bits = 0;
	for (size_t i = 0; i < rule->value_count; i++) {
		enum entity_domain domain = entity_domain_from_text(rule->values[i]);
		if (domain != ENTITY_UNKNOWN || str_equal(rule->values[i], "unknown"))
			*out_bits |= UINT64_C(1) << domain;
	}
	return true;
}

/* The kinds of device that the row's contexts leave. */
static uint64_t row_domains(const struct row *row)
{
	uint64_t domains = UINT64_MAX;
	for (size_t i = 0; i < row->context_count; i++) {
		uint64_t bits = 0;
		if (domain_fits(&row->contexts[i], &bits))
			domains &= row->contexts[i].excludes ? ~bits : bits;
	}
	return domains;
}

/* --- growing --- */

static enum err too_many(const struct grower *grower, enum err err)
{
	if (err != ERR_LIMIT)
		return err;
	return place_say(ERR_LIMIT, grower->compiler->note, grower->key->ref.place,
			 "a list of too many values",
			 "fewer values or shorter templates");
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

/* Unfolds a template, or plain text, between the prefix and the suffix. */
static enum err add_value_text(struct grower *grower, const struct part *part,
			       const char *text, uint32_t value)
{
	struct compiler *compiler = grower->compiler;
	uint32_t from = 0;
	uint32_t to = 0;
	uint32_t start = 0;
	grower->net.state_count = 0;
	grower->net.arc_count = 0;
	compiler->steps = 0;
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

static enum err add_value(struct grower *grower, struct value value, uint32_t *out_value)
{
	struct understand *made = grower->compiler->made;
	enum err err =
		grow_room(&made->values, &made->value_capacity, made->value_count + 1,
			  sizeof(*made->values), LIST_VALUES_MAX);
	if (err)
		return err;
	made->values[made->value_count] = value;
	*out_value = (uint32_t)made->value_count++;
	return OK;
}

static enum err keep_text(struct grower *grower, const char *text, const char **out_text)
{
	char *copy = NULL;
	enum err err = arena_copy_text(grower->compiler->made->arena, text, &copy);
	if (!err)
		*out_text = copy;
	return err;
}

/* --- the sources --- */

static enum err keep_contexts(struct grower *grower, const struct list_value *from,
			      struct value *value)
{
	void *memory = NULL;
	enum err err =
		arena_take_array(grower->compiler->made->arena, from->context_count,
				 sizeof(struct pair), &memory);
	value->contexts = memory;
	for (size_t i = 0; i < from->context_count && !err; i++) {
		err = keep_text(grower, from->contexts[i].key, &value->contexts[i].key);
		if (!err)
			err = keep_text(grower, from->contexts[i].value,
					&value->contexts[i].value);
	}
	if (!err)
		value->context_count = from->context_count;
	return err;
}

static enum err grow_values(struct grower *grower)
{
	const struct list *list = grower->key->ref.list;
	enum err err = OK;
	for (size_t i = 0; i < list->value_count && !err; i++) {
		const struct list_value *from = &list->values[i];
		struct value value = {.is_number = from->is_number,
				      .number = from->number,
				      .entity = -1};
		uint32_t number = 0;
		if (from->out)
			err = keep_text(grower, from->out, &value.out);
		if (!err && from->context_count)
			err = keep_contexts(grower, from, &value);
		if (!err)
			err = add_value(grower, value, &number);
		if (!err)
			err = add_value_text(grower, from->in, NULL, number);
	}
	return err;
}

/* One name of the house under its canonical form. */
static enum err grow_name(struct grower *grower, const char *said, uint32_t value)
{
	return add_value_text(grower, NULL, said, value);
}

static enum err grow_entities(struct grower *grower)
{
	const struct home *home = grower->compiler->home;
	int known = 0;
	enum err err = OK;
	for (size_t i = 0; i < home->entity_count && !err; i++) {
		const struct entity *entity = &home->entities[i];
		if (!entity->exposed)
			continue;
		struct value value = {.entity = known};
		uint32_t number = 0;
		value.out = grower->compiler->made->entities[known++].name;
		err = add_value(grower, value, &number);
		if (!err)
			err = grow_name(grower, entity->name, number);
		for (size_t a = 0; a < entity->alias_count && !err; a++)
			err = grow_name(grower, entity->aliases[a], number);
	}
	return err;
}

static enum err grow_plain(struct grower *grower, const char *name, uint32_t *out_value)
{
	struct value value = {.entity = -1};
	enum err err = keep_text(grower, name, &value.out);
	if (!err)
		err = add_value(grower, value, out_value);
	if (!err)
		err = grow_name(grower, name, *out_value);
	return err;
}

static enum err grow_areas(struct grower *grower)
{
	const struct home *home = grower->compiler->home;
	enum err err = OK;
	for (size_t i = 0; i < home->area_count && !err; i++) {
		const struct area *area = &home->areas[i];
		uint32_t value = 0;
		err = grow_plain(grower, area->name, &value);
		for (size_t a = 0; a < area->alias_count && !err; a++)
			err = grow_name(grower, area->aliases[a], value);
	}
	return err;
}

static enum err grow_floors(struct grower *grower)
{
	const struct home *home = grower->compiler->home;
	uint32_t value = 0;
	enum err err = OK;
	for (size_t i = 0; i < home->floor_count && !err; i++)
		err = grow_plain(grower, home->floors[i].name, &value);
	return err;
}

static enum err grow_people(struct grower *grower, bool contacts)
{
	const struct home *home = grower->compiler->home;
	uint32_t value = 0;
	enum err err = OK;
	for (size_t i = 0; i < home->person_count && !err; i++) {
		if (home->people[i].is_contact == contacts)
			err = grow_plain(grower, home->people[i].name, &value);
	}
	return err;
}

static enum err grow_number(struct grower *grower, double number, double multiplier)
{
	char digits[NUMBER_BYTES];
	char said[NUMBERS_SAID_BYTES];
	struct value value = {.entity = -1,
			      .is_number = true,
			      .number = number * multiplier};
	uint32_t at = 0;
	must(str_format(digits, sizeof(digits), "%.10g", number));
	enum err err = add_value(grower, value, &at);
	for (unsigned form = 0; form < NUMBERS_FORMS && !err; form++) {
		bool of_use =
			(number < 0 || !(form & NUMBERS_NEGATIVE)) &&
			(fabs(number) >= 1000 || !(form & NUMBERS_HUNDREDS)) &&
			(fabs(number) >= 100 || !(form & (NUMBERS_AND | NUMBERS_A))) &&
			(number != floor(number) || !(form & NUMBERS_HALF));
		if (of_use && numbers_say(digits, form, said, sizeof(said)))
			err = add_value_text(grower, NULL, said, at);
	}
	return err;
}

static enum err grow_range(struct grower *grower)
{
	static const int PARTS[] = {
		[RANGE_WHOLE] = 1, [RANGE_HALVES] = 2, [RANGE_TENTHS] = 10};
	const struct range *range = grower->key->ref.range;
	int parts = PARTS[range->fractions];
	double count = floor((range->to - range->from) / range->step + 1e-9) + 1;
	enum err err = OK;
	if (count * parts > RANGE_VALUES_MAX)
		return ERR_LIMIT;
	for (int i = 0; i < (int)count && !err; i++) {
		double whole = range->from + i * range->step;
		for (int part = 0; part < parts && !err; part++) {
			double number = round((whole + (double)part / parts) * 1e6) / 1e6;
			if (number <= range->to)
				err = grow_number(grower, number, range->multiplier);
		}
	}
	return err;
}

static enum err grow_source(struct grower *grower)
{
	switch (grower->key->ref.source) {
	case SOURCE_LIST:
		return grow_values(grower);
	case SOURCE_RANGE:
		return grow_range(grower);
	case SOURCE_NAMES:
		return grow_entities(grower);
	case SOURCE_AREAS:
		return grow_areas(grower);
	case SOURCE_FLOORS:
		return grow_floors(grower);
	case SOURCE_PEOPLE:
		return grow_people(grower, false);
	case SOURCE_CONTACTS:
		return grow_people(grower, true);
	}
	must(false);
}

/* --- finished tries --- */

static int compare_list_arcs(const void *a, const void *b)
{
	const struct list_arc *left = a;
	const struct list_arc *right = b;
	return (left->word > right->word) - (left->word < right->word);
}

static enum err add_last_value(struct understand *made, uint32_t value)
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
	node->first_arc = (uint32_t)made->list_arc_count;
	node->first_value = (uint32_t)made->list_value_count;
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
		err = add_last_value(made, grower->links[i].value);
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
static enum err make_trie(struct compiler *compiler, const struct list_key *key,
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

static bool same_range(const struct range *a, const struct range *b)
{
	return a == b ||
	       (a && b && a->from == b->from && a->to == b->to && a->step == b->step &&
		a->multiplier == b->multiplier && a->fractions == b->fractions);
}

static bool same_key(const struct list_key *a, const struct list_key *b)
{
	return a->ref.source == b->ref.source && a->ref.list == b->ref.list &&
	       same_range(a->ref.range, b->ref.range) && a->prefix == b->prefix &&
	       a->suffix == b->suffix;
}

static enum err find_list(struct compiler *compiler, const struct list_key *key,
			  uint32_t *out_list)
{
	struct understand *made = compiler->made;
	for (size_t i = 0; i < made->list_count; i++) {
		if (same_key(&compiler->list_keys[i], key)) {
			*out_list = (uint32_t)i;
			return OK;
		}
	}
	uint32_t root = 0;
	enum err err = grow_room(&made->lists, &made->list_capacity, made->list_count + 1,
				 sizeof(*made->lists), LISTS_MAX);
	if (!err)
		err = grow_room(&compiler->list_keys, &compiler->list_key_capacity,
				made->list_count + 1, sizeof(*compiler->list_keys),
				LISTS_MAX);
	if (!err)
		err = make_trie(compiler, key, grow_source, &root);
	if (err)
		return err;
	compiler->list_keys[made->list_count] = *key;
	made->lists[made->list_count] =
		(struct word_list){root, key->ref.source == SOURCE_NAMES};
	*out_list = (uint32_t)made->list_count++;
	return OK;
}

enum err lists_use(struct compiler *compiler, const struct list_ref *ref, uint32_t prefix,
		   uint32_t suffix, uint32_t *out_use)
{
	struct understand *made = compiler->made;
	struct list_key key = {*ref, prefix, suffix};
	struct list_use use = {0};
	enum err err = find_list(compiler, &key, &use.list);
	if (err)
		return err;
	use.domains = made->lists[use.list].has_entities ? row_domains(compiler->row)
							 : UINT64_MAX;
	for (size_t i = 0; i < made->use_count; i++) {
		if (made->uses[i].list == use.list &&
		    made->uses[i].domains == use.domains) {
			*out_use = (uint32_t)i;
			return OK;
		}
	}
	err = grow_room(&made->uses, &made->use_capacity, made->use_count + 1,
			sizeof(*made->uses), LIST_USES_MAX);
	if (err)
		return err;
	made->uses[made->use_count] = use;
	*out_use = (uint32_t)made->use_count++;
	return OK;
}

static enum err grow_skips(struct grower *grower)
{
	const struct sentences *sentences = grower->compiler->sentences;
	uint32_t value = 0;
	enum err err = OK;
	for (size_t f = 0; f < sentences->file_count && !err; f++) {
		const struct sentence_file *file = sentences->files[f];
		for (size_t i = 0; i < file->skip_count && !err; i++)
			err = grow_plain(grower, file->skips[i], &value);
	}
	return err;
}

enum err lists_make_skips(struct compiler *compiler)
{
	struct list_key key = {.ref = {.place = {"skip_words", 1, 1}}};
	struct understand *made = compiler->made;
	enum err err = make_trie(compiler, &key, grow_skips, &made->skip_root);
	if (!err)
		made->has_skips = made->list_nodes[made->skip_root].arc_count > 0;
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
