/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net - turns the chunks of one sentence into words.
 *
 * From every state that begins a word it follows all ways to the next space, gluing
 * pieces together. Does not know what lists hold. Invariants: a state of the net is a
 * place between two words; no arc is empty; the arcs of a state are set once.
 */
#include "understand/compile.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "understand/grow.h"

enum { WAYS_MAX = 400000, WORD_BYTES_MAX = 256, SENTENCE_ARCS_MAX = 200000 };

/* One way from the beginning of a word: where it is and what it has gathered. */
struct way {
	uint32_t state;   /* of the chunks */
	uint32_t list;    /* index of the chunk arc of a list passed, or CHUNK_NONE */
	uint32_t prefix;  /* what was glued in front of that list */
	uint32_t pending; /* the piece gathered since */
};

struct worder {
	struct compiler *compiler;
	struct net *net;
	uint32_t sentence;
	uint32_t *state_of; /* [chunk states]: the net's state, or CHUNK_NONE */
	uint32_t *queue;    /* chunk states that begin words */
	size_t queue_count;
	struct way *ways;
	size_t way_count;
	size_t way_capacity;
	struct table seen; /* ways by two halves of their identity, see way_is_new */
	struct table seen_tail;
	uint32_t tail_count;
	struct net_arc *arcs; /* of the state in work */
	size_t arc_count;
	size_t arc_capacity;
	uint32_t at; /* the net's state in work */
	bool at_start;
};

enum err net_add_state(struct net *net, uint32_t sentence, uint32_t *out_state)
{
	enum err err = grow_room(&net->states, &net->state_capacity, net->state_count + 1,
				 sizeof(*net->states), NET_STATES_MAX);
	if (err)
		return err;
	net->states[net->state_count] = (struct net_state){.sentence = sentence};
	*out_state = (uint32_t)net->state_count++;
	return OK;
}

void net_finish(struct net *net)
{
	free(net->states);
	free(net->arcs);
	*net = (struct net){0};
}

static int compare_arcs(const void *a, const void *b)
{
	const struct net_arc *left = a;
	const struct net_arc *right = b;
	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	if (left->label != right->label)
		return left->label < right->label ? -1 : 1;
	if (left->to != right->to)
		return left->to < right->to ? -1 : 1;
	return (left->slot > right->slot) - (left->slot < right->slot);
}

static uint32_t *arc_counter(struct net_state *state, uint16_t kind)
{
	must(kind <= NET_WILD);
	if (kind == NET_WORD)
		return &state->word_count;
	return kind == NET_LIST ? &state->list_count : &state->wild_count;
}

enum err net_set_arcs(struct net *net, uint32_t at, struct net_arc *arcs, size_t count)
{
	struct net_state *state = &net->states[at];
	enum err err = grow_room(&net->arcs, &net->arc_capacity, net->arc_count + count,
				 sizeof(*net->arcs), NET_ARCS_MAX);
	if (err)
		return err;
	must(!state->word_count && !state->list_count && !state->wild_count);
	if (count)
		qsort(arcs, count, sizeof(*arcs), compare_arcs);
	state->first_arc = (uint32_t)net->arc_count;
	for (size_t i = 0; i < count; i++) {
		if (i && compare_arcs(&arcs[i - 1], &arcs[i]) == 0)
			continue;
		net->arcs[net->arc_count++] = arcs[i];
		++*arc_counter(state, arcs[i].kind);
	}
	return OK;
}

/* Limits of the whole net are the sentence's fault as well: it was the last straw. */
static enum err blame(const struct worder *worder, enum err err)
{
	return err == ERR_LIMIT ? compile_explodes(worder->compiler) : err;
}

static enum err state_of(struct worder *worder, uint32_t chunk, uint32_t *out_state)
{
	uint32_t *known = &worder->state_of[chunk];
	if (*known == CHUNK_NONE) {
		enum err err = net_add_state(worder->net, worder->sentence, known);
		if (err)
			return blame(worder, err);
		worder->queue[worder->queue_count++] = chunk;
	}
	*out_state = *known;
	return OK;
}

static enum err add_arc(struct worder *worder, enum net_kind kind, uint32_t label,
			uint32_t slot, uint32_t chunk)
{
	struct net_arc arc = {.label = label,
			      .slot = (uint16_t)slot,
			      .kind = (uint16_t)kind};
	enum err err = state_of(worder, chunk, &arc.to);
	if (err)
		return err;
	err = grow_room(&worder->arcs, &worder->arc_capacity, worder->arc_count + 1,
			sizeof(*worder->arcs), SENTENCE_ARCS_MAX);
	if (err)
		return blame(worder, err);
	must(slot <= UINT16_MAX);
	worder->arcs[worder->arc_count++] = arc;
	return OK;
}

/* A way's four numbers do not fit one key; the last two are numbered first. */
static enum err way_is_new(struct worder *worder, const struct way *way, bool *out_new)
{
	uint32_t *tail = NULL;
	uint32_t *seen = NULL;
	uint32_t list = way->list == CHUNK_NONE ? 0 : way->list + 1;
	enum err err = table_at(&worder->seen_tail,
				(uint64_t)way->prefix << 32 | way->pending, &tail);
	if (!err && *tail == TABLE_NONE)
		*tail = worder->tail_count++;
	if (!err && (*tail >= 1u << 22 || list >= 1u << 20 || way->state >= 1u << 20))
		err = ERR_LIMIT;
	if (!err)
		err = table_at(&worder->seen,
			       (uint64_t)way->state << 44 | (uint64_t)list << 22 | *tail,
			       &seen);
	if (err)
		return blame(worder, err);
	*out_new = *seen == TABLE_NONE;
	*seen = 1;
	return OK;
}

static enum err push_way(struct worder *worder, struct way way)
{
	bool is_new = false;
	enum err err = way_is_new(worder, &way, &is_new);
	if (err || !is_new)
		return err;
	err = grow_room(&worder->ways, &worder->way_capacity, worder->way_count + 1,
			sizeof(*worder->ways), WAYS_MAX);
	if (!err)
		err = compile_step(worder->compiler);
	if (err)
		return blame(worder, err);
	worder->ways[worder->way_count++] = way;
	return OK;
}

enum err net_add_word(struct compiler *compiler, const char *text, uint32_t *out_word)
{
	char word[WORD_BYTES_MAX];
	text += strspn(text, "'");
	size_t length = strlen(text);
	while (length && text[length - 1] == '\'')
		length--;
	*out_word = VOCAB_NONE;
	if (!length)
		return OK;
	if (length >= sizeof(word))
		return place_say(ERR_LIMIT, compiler->note, compiler->place,
				 "a word that is too long", "at most 255 bytes");
	memcpy(word, text, length);
	word[length] = '\0';
	return vocab_add(&compiler->made->words, word, out_word);
}

static enum err glue(struct worder *worder, uint32_t left, uint32_t right,
		     uint32_t *out_piece)
{
	struct vocab *pieces = &worder->compiler->pieces;
	char text[WORD_BYTES_MAX];
	if (left == PIECE_EMPTY || right == PIECE_EMPTY) {
		*out_piece = left == PIECE_EMPTY ? right : left;
		return OK;
	}
	if (!str_format(text, sizeof(text), "%s%s", pieces->texts[left],
			pieces->texts[right]))
		return place_say(ERR_LIMIT, worder->compiler->note,
				 worder->compiler->place, "a word that is too long",
				 "at most 255 bytes");
	return vocab_add(pieces, text, out_piece);
}

/* Ends what the way has gathered: a list with what is glued to it, or a word. to is
 * the chunk state where the next word begins. */
static enum err end_word(struct worder *worder, const struct way *way, uint32_t to)
{
	const struct chunks *chunks = &worder->compiler->chunks;
	uint32_t label = 0;
	if (way->list != CHUNK_NONE) {
		const struct chunk_arc arc = chunks->arcs[way->list];
		enum err err = lists_use(worder->compiler, &chunks->refs[arc.label],
					 way->prefix, way->pending, &label);
		return err ? blame(worder, err)
			   : add_arc(worder, NET_LIST, label, arc.slot, to);
	}
	enum err err = net_add_word(worder->compiler,
				    worder->compiler->pieces.texts[way->pending], &label);
	if (err)
		return err;
	if (label == VOCAB_NONE)
		return push_way(worder,
				(struct way){to, CHUNK_NONE, PIECE_EMPTY, PIECE_EMPTY});
	return add_arc(worder, NET_WORD, label, 0, to);
}

static enum err follow_space(struct worder *worder, const struct way *way, uint32_t to)
{
	if (way->list == CHUNK_NONE && way->pending == PIECE_EMPTY)
		return push_way(worder,
				(struct way){to, CHUNK_NONE, PIECE_EMPTY, PIECE_EMPTY});
	return end_word(worder, way, to);
}

/* A wildcard's label is the use of the words where it ends, plus one, or 0. */
static enum err add_wild(struct worder *worder, struct chunk_arc arc)
{
	struct list_ref ref = worder->compiler->chunks.refs[arc.label];
	uint32_t label = 0;
	if (ref.list->excepts.count) {
		ref.source = SOURCE_EXCEPTS;
		enum err err = lists_use(worder->compiler, &ref, PIECE_EMPTY, PIECE_EMPTY,
					 &label);
		if (err)
			return blame(worder, err);
		label++;
	}
	return add_arc(worder, NET_WILD, label, arc.slot, arc.to);
}

static enum err follow_arc(struct worder *worder, const struct way *way, uint32_t index)
{
	const struct chunk_arc arc = worder->compiler->chunks.arcs[index];
	struct way on = *way;
	enum err err = OK;
	on.state = arc.to;
	switch (arc.kind) {
	case CHUNK_EMPTY:
		return push_way(worder, on);
	case CHUNK_PIECE:
		err = glue(worder, way->pending, arc.label, &on.pending);
		return err ? err : push_way(worder, on);
	case CHUNK_SPACE:
		return follow_space(worder, way, arc.to);
	case CHUNK_LIST:
		/* Two lists without a space between are taken as two words. */
		if (way->list != CHUNK_NONE)
			return end_word(worder, way, way->state);
		on.list = index;
		on.prefix = way->pending;
		on.pending = PIECE_EMPTY;
		return push_way(worder, on);
	case CHUNK_WILD:
		must(way->list == CHUNK_NONE && way->pending == PIECE_EMPTY);
		return add_wild(worder, arc);
	case CHUNK_PASS:
		worder->net->states[worder->at].passes = true;
		return OK;
	}
	must(false);
}

static enum err follow_way(struct worder *worder, const struct way *way)
{
	const struct chunks *chunks = &worder->compiler->chunks;
	enum err err = OK;
	if (way->state == CHUNK_FINAL) {
		if (way->list != CHUNK_NONE || way->pending != PIECE_EMPTY)
			err = end_word(worder, way, CHUNK_FINAL);
		else if (!worder->at_start)
			worder->net->states[worder->at].is_final = true;
	}
	for (uint32_t i = chunks->states[way->state]; i != CHUNK_NONE && !err;
	     i = worder->compiler->chunks.arcs[i].next)
		err = follow_arc(worder, way, i);
	return err;
}

/* Finds all arcs of the state that begins words at the chunk state. */
static enum err do_state(struct worder *worder, uint32_t chunk)
{
	worder->at = worder->state_of[chunk];
	worder->at_start = chunk == CHUNK_START;
	worder->way_count = 0;
	worder->arc_count = 0;
	table_clear(&worder->seen);
	enum err err = push_way(worder, (struct way){chunk, CHUNK_NONE, PIECE_EMPTY,
						     PIECE_EMPTY});
	while (!err && worder->way_count) {
		struct way way = worder->ways[--worder->way_count];
		err = follow_way(worder, &way);
	}
	if (!err)
		err = blame(worder, net_set_arcs(worder->net, worder->at, worder->arcs,
						 worder->arc_count));
	return err;
}

enum err net_add_chunks(struct compiler *compiler, struct net *net, uint32_t sentence,
			uint32_t *out_start)
{
	struct worder worder = {.compiler = compiler, .net = net, .sentence = sentence};
	size_t count = compiler->chunks.state_count;
	worder.state_of = malloc(count * sizeof(*worder.state_of));
	worder.queue = malloc(count * sizeof(*worder.queue));
	table_init(&worder.seen);
	table_init(&worder.seen_tail);
	enum err err = worder.state_of && worder.queue ? OK : ERR_MEMORY;
	for (size_t i = 0; i < count && !err; i++)
		worder.state_of[i] = CHUNK_NONE;
	if (!err)
		err = state_of(&worder, CHUNK_START, out_start);
	for (size_t i = 0; i < worder.queue_count && !err; i++)
		err = do_state(&worder, worder.queue[i]);
	free(worder.state_of);
	free(worder.queue);
	free(worder.ways);
	free(worder.arcs);
	table_finish(&worder.seen);
	table_finish(&worder.seen_tail);
	return err;
}
