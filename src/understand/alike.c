/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alike - finds names of the house that sound the same, so that no recogniser can tell
 * them apart by ear: "sun room" and "son room", "Anna" and "Ana".
 *
 * A name sounds as its words do one after the other, whatever the spaces ("sunroom").
 * Compared are names of one list: two devices, two rooms. Does not compare names with
 * other words. Invariant: behind the values of a node stand those of the nodes that sound
 * like it, each once, and none of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "understand/compile.h"
#include "understand/grow.h"
#include "understand/normal.h"
#include "understand/trie.h"

enum {
	FORMS_MAX = 200000,  /* names and their aliases, in all lists */
	SOUNDS_MAX = 800000, /* ways to say them */
	WAYS_MAX = 16,       /* to say one of them */
	WORD_WAYS_MAX = 4,   /* to say one word of it */
	OTHERS_MAX = 8,      /* names like one, before and behind it in the order */
	NAME_PHONES_BYTES = 2048,
	NO_WAY = -1
};

/* One way to say a word. */
struct way {
	const char *phones;
	int next; /* of the same word, or NO_WAY */
};

/* A name on the way through its trie. */
struct visit {
	uint32_t node;
	uint32_t word;
	uint32_t depth; /* words before this one */
};

/* A name that can be said so; then, a node and another that sounds like it. */
struct sound {
	uint32_t sound;
	uint32_t node;
};

struct listener {
	struct compiler *compiler;
	struct understand *made;
	const char **words; /* [word_count] of all names, sorted */
	size_t word_count;
	uint32_t *numbers; /* [word_count] in the vocabulary */
	int *first_way;    /* [made->words.count], or NO_WAY */
	struct way *ways;
	size_t way_count;
	size_t way_capacity;
	struct visit *visits;
	size_t visit_capacity;
	struct vocab sounds;
	struct sound *said;
	size_t said_count;
	size_t said_capacity;
	struct sound *pairs;
	size_t pair_count;
	size_t pair_capacity;
};

/* --- walking through the names --- */

typedef enum err form_fn(struct listener *listener, uint32_t node, const uint32_t *words,
			 size_t count);

static enum err push_children(struct listener *listener, uint32_t node, uint32_t depth,
			      size_t *count)
{
	const struct list_node *at = &listener->made->list_nodes[node];
	enum err err =
		grow_room(&listener->visits, &listener->visit_capacity,
			  *count + at->arc_count, sizeof(*listener->visits), FORMS_MAX);
	for (uint32_t i = 0; i < at->arc_count && !err; i++) {
		const struct list_arc *arc =
			&listener->made->list_arcs[at->first_arc + i];
		listener->visits[(*count)++] = (struct visit){arc->to, arc->word, depth};
	}
	return err;
}

static enum err walk_list(struct listener *listener, uint32_t root, form_fn *fn)
{
	uint32_t words[NORMAL_WORDS_MAX];
	size_t count = 0;
	enum err err = push_children(listener, root, 0, &count);
	while (!err && count) {
		const struct visit visit = listener->visits[--count];
		if (visit.depth >= NORMAL_WORDS_MAX)
			continue;
		words[visit.depth] = visit.word;
		err = push_children(listener, visit.node, visit.depth + 1, &count);
		if (!err && listener->made->list_nodes[visit.node].value_count)
			err = fn(listener, visit.node, words, visit.depth + 1);
	}
	return err;
}

static enum err walk_names(struct listener *listener, form_fn *fn)
{
	enum err err = OK;
	for (size_t i = 0; i < listener->made->list_count && !err; i++) {
		if (listener->made->lists[i].of_house)
			err = walk_list(listener, listener->made->lists[i].root, fn);
	}
	return err;
}

/* --- how their words are said --- */

static enum err mark_words(struct listener *listener, uint32_t node,
			   const uint32_t *words, size_t count)
{
	(void)node;
	for (size_t i = 0; i < count; i++) {
		if (listener->first_way[words[i]] != NO_WAY)
			continue;
		listener->first_way[words[i]] = 0;
		listener->words[listener->word_count++] =
			listener->made->words.texts[words[i]];
	}
	return OK;
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum err take_way(void *context, size_t word, const char *phones)
{
	struct listener *listener = context;
	int *first = &listener->first_way[listener->numbers[word]];
	size_t count = 0;
	char *copy = NULL;
	for (int i = *first; i != NO_WAY; i = listener->ways[i].next)
		count++;
	if (count == WORD_WAYS_MAX)
		return OK;
	enum err err =
		grow_room(&listener->ways, &listener->way_capacity,
			  listener->way_count + 1, sizeof(*listener->ways), SOUNDS_MAX);
	if (!err)
		err = arena_copy_text(listener->compiler->arena, phones, &copy);
	if (err)
		return err;
	listener->ways[listener->way_count] = (struct way){copy, *first};
	*first = (int)listener->way_count++;
	return OK;
}

static enum err take_room(struct listener *listener)
{
	const size_t count = listener->made->words.count;
	void *rooms[3] = {NULL};
	const size_t sizes[3] = {sizeof(*listener->words), sizeof(*listener->numbers),
				 sizeof(*listener->first_way)};
	enum err err = OK;
	for (size_t i = 0; i < STR_COUNT(rooms) && !err; i++)
		err = arena_take_array(listener->compiler->arena, count, sizes[i],
				       &rooms[i]);
	listener->words = rooms[0];
	listener->numbers = rooms[1];
	listener->first_way = rooms[2];
	for (size_t i = 0; i < count && !err; i++)
		listener->first_way[i] = NO_WAY;
	return err;
}

static enum err say_words(struct listener *listener)
{
	const struct sounds *sounds = &listener->compiler->sentences->sounds;
	enum err err = take_room(listener);
	if (!err)
		err = walk_names(listener, mark_words);
	if (err)
		return err;
	qsort(listener->words, listener->word_count, sizeof(*listener->words),
	      compare_words);
	for (size_t i = 0; i < listener->word_count; i++) {
		listener->numbers[i] =
			vocab_find(&listener->made->words, listener->words[i]);
		listener->first_way[listener->numbers[i]] = NO_WAY;
	}
	return sounds->ops->say(sounds->self, listener->words, listener->word_count,
				take_way, listener);
}

/* --- which sound the same --- */

static enum err add_said(struct listener *listener, const char *phones, uint32_t node)
{
	struct sound said = {.node = node};
	enum err err = vocab_add(&listener->sounds, phones, &said.sound);
	if (!err)
		err = grow_room(&listener->said, &listener->said_capacity,
				listener->said_count + 1, sizeof(*listener->said),
				SOUNDS_MAX);
	if (!err)
		listener->said[listener->said_count++] = said;
	return err;
}

/* Turns to the next choice of one way for each word; false behind the last. */
static bool next_choice(const struct listener *listener, const uint32_t *words,
			size_t count, int *chosen)
{
	for (size_t i = 0; i < count; i++) {
		chosen[i] = listener->ways[chosen[i]].next;
		if (chosen[i] != NO_WAY)
			return true;
		chosen[i] = listener->first_way[words[i]];
	}
	return false;
}

static enum err say_name(struct listener *listener, uint32_t node, const uint32_t *words,
			 size_t count)
{
	char phones[NAME_PHONES_BYTES];
	int chosen[NORMAL_WORDS_MAX];
	enum err err = OK;
	for (size_t i = 0; i < count; i++) {
		chosen[i] = listener->first_way[words[i]];
		if (chosen[i] == NO_WAY)
			return OK; /* nobody can say it, so nobody hears it */
	}
	size_t ways = 0;
	do {
		bool fits = str_copy(phones, sizeof(phones), "");
		for (size_t i = 0; i < count && fits; i++)
			fits = str_append(phones, sizeof(phones), "%s ",
					  listener->ways[chosen[i]].phones);
		if (fits)
			err = add_said(listener, phones, node);
	} while (!err && ++ways < WAYS_MAX &&
		 next_choice(listener, words, count, chosen));
	return err;
}

static int compare_sounds(const void *a, const void *b)
{
	const struct sound *left = a;
	const struct sound *right = b;
	if (left->sound != right->sound)
		return left->sound < right->sound ? -1 : 1;
	return (left->node > right->node) - (left->node < right->node);
}

static enum err add_pair(struct listener *listener, uint32_t node, uint32_t other)
{
	enum err err =
		grow_room(&listener->pairs, &listener->pair_capacity,
			  listener->pair_count + 1, sizeof(*listener->pairs), SOUNDS_MAX);
	if (!err)
		listener->pairs[listener->pair_count++] = (struct sound){node, other};
	return err;
}

/* Pairs a name with those behind it that sound the same. */
static enum err pair_name(struct listener *listener, size_t at)
{
	const struct sound *said = listener->said;
	size_t others = 0;
	enum err err = OK;
	for (size_t i = at + 1; i < listener->said_count && others < OTHERS_MAX && !err &&
				said[i].sound == said[at].sound;
	     i++) {
		if (said[i].node == said[i - 1].node)
			continue;
		others++;
		err = add_pair(listener, said[at].node, said[i].node);
		if (!err)
			err = add_pair(listener, said[i].node, said[at].node);
	}
	return err;
}

/* Names that sound the same lie beside each other once they are sorted. */
static enum err pair_names(struct listener *listener)
{
	enum err err = OK;
	if (listener->said_count)
		qsort(listener->said, listener->said_count, sizeof(*listener->said),
		      compare_sounds);
	for (size_t i = 0; i < listener->said_count && !err; i++)
		err = pair_name(listener, i);
	return err;
}

/* --- what is kept of it --- */

/* Moves a node's values to the end, where there is room behind them. */
static enum err move_values(struct understand *made, struct list_node *node)
{
	const uint32_t from = node->first_value;
	enum err err = OK;
	node->first_value = (uint32_t)made->list_value_count;
	for (uint32_t i = 0; i < node->value_count && !err; i++)
		err = trie_append_value(made, made->list_values[from + i]);
	return err;
}

static enum err add_alike(struct understand *made, struct list_node *node,
			  const struct list_node *other)
{
	enum err err = OK;
	for (uint32_t i = 0; i < other->value_count && !err; i++) {
		const uint32_t value = made->list_values[other->first_value + i];
		const uint32_t *known = made->list_values + node->first_value;
		bool is_new = true;
		for (uint32_t k = 0; k < node->value_count + node->alike_count; k++)
			is_new = is_new && known[k] != value;
		if (!is_new)
			continue;
		err = trie_append_value(made, value);
		node->alike_count += !err;
	}
	return err;
}

static enum err keep_pairs(struct listener *listener)
{
	struct understand *made = listener->made;
	enum err err = OK;
	if (listener->pair_count)
		qsort(listener->pairs, listener->pair_count, sizeof(*listener->pairs),
		      compare_sounds);
	for (size_t i = 0; i < listener->pair_count && !err; i++) {
		const struct sound *pair = &listener->pairs[i];
		struct list_node *node = &made->list_nodes[pair->sound];
		if (i == 0 || pair[-1].sound != pair->sound)
			err = move_values(made, node);
		if (!err)
			err = add_alike(made, node, &made->list_nodes[pair->node]);
	}
	return err;
}

enum err alike_find(struct compiler *compiler)
{
	struct listener listener = {.compiler = compiler, .made = compiler->made};
	if (!compiler->sentences->sounds.ops)
		return OK;
	vocab_init(&listener.sounds, compiler->arena);
	enum err err = say_words(&listener);
	/* A room is not taken for a device, so each list is compared by itself. */
	for (size_t i = 0; i < compiler->made->list_count && !err; i++) {
		if (!compiler->made->lists[i].of_house)
			continue;
		listener.said_count = 0;
		err = walk_list(&listener, compiler->made->lists[i].root, say_name);
		if (!err)
			err = pair_names(&listener);
	}
	if (!err)
		err = keep_pairs(&listener);
	vocab_finish(&listener.sounds);
	free(listener.ways);
	free(listener.visits);
	free(listener.said);
	free(listener.pairs);
	return err;
}
