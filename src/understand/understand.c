/* SPDX-License-Identifier: Apache-2.0 */
/*
 * understand - compiles the loaded sentences with the names of one home.
 *
 * Does not match (match.c, resolve.c) nor make grammars (language.c). Invariant: the
 * result borrows nothing from the sentences or the home.
 */
#include "understand/understand.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "understand/compile.h"
#include "understand/grow.h"

enum { WORKSHOP_BYTES = 128 * 1024 * 1024, START_ARCS_MAX = 1000000 };

static enum err keep_text(struct understand *made, const char *text,
			  const char **out_text)
{
	char *copy = NULL;
	enum err err = arena_copy_text(made->arena, text, &copy);
	if (!err)
		*out_text = copy;
	return err;
}

static enum err keep_array(struct understand *made, size_t count, size_t size,
			   void *out_array)
{
	void *memory = NULL;
	enum err err = arena_take_array(made->arena, count, size, &memory);
	if (!err)
		memcpy(out_array, &memory, sizeof(memory));
	return err;
}

/* --- the house --- */

static const char *area_name(const struct home *home, int area)
{
	return area >= 0 && (size_t)area < home->area_count ? home->areas[area].name : "";
}

static enum err keep_entity(struct understand *made, const struct home *home,
			    const struct entity *entity)
{
	struct known_entity *known = &made->entities[made->entity_count++];
	enum err err = keep_text(made, entity->id, &known->id);
	known->domain = entity->domain;
	if (!err)
		err = keep_text(made, entity->name, &known->name);
	if (!err)
		err = keep_text(made, entity->device_class, &known->device_class);
	if (!err)
		err = keep_text(made, area_name(home, entity->area), &known->area);
	return err;
}

static enum err keep_entities(struct understand *made, const struct home *home)
{
	enum err err = keep_array(made, home->entity_count, sizeof(struct known_entity),
				  &made->entities);
	for (size_t i = 0; i < home->entity_count && !err; i++) {
		if (home->entities[i].exposed)
			err = keep_entity(made, home, &home->entities[i]);
	}
	return err;
}

static enum err keep_area(struct understand *made, const char *said, const char *name)
{
	struct pair *pair = &made->areas[made->area_count++];
	enum err err = keep_text(made, said, &pair->key);
	if (!err)
		err = keep_text(made, name, &pair->value);
	return err;
}

static enum err keep_areas(struct understand *made, const struct home *home)
{
	size_t count = home->area_count;
	for (size_t i = 0; i < home->area_count; i++)
		count += home->areas[i].alias_count;
	enum err err = keep_array(made, count, sizeof(struct pair), &made->areas);
	for (size_t i = 0; i < home->area_count && !err; i++) {
		const struct area *area = &home->areas[i];
		err = keep_area(made, area->name, area->name);
		for (size_t a = 0; a < area->alias_count && !err; a++)
			err = keep_area(made, area->aliases[a], area->name);
	}
	return err;
}

/* --- rows --- */

static enum err keep_slots(struct understand *made, const struct row *from,
			   struct row *row)
{
	enum err err =
		keep_array(made, from->slot_count, sizeof(*row->slots), &row->slots);
	for (size_t i = 0; i < from->slot_count && !err; i++) {
		row->slots[i] = from->slots[i];
		err = keep_text(made, from->slots[i].name, &row->slots[i].name);
		if (!err)
			err = keep_text(made, from->slots[i].value, &row->slots[i].value);
	}
	return err;
}

static enum err keep_context(struct understand *made, const struct context_rule *from,
			     struct context_rule *rule)
{
	*rule = *from;
	enum err err = keep_text(made, from->key, &rule->key);
	if (!err)
		err = keep_array(made, from->value_count, sizeof(*rule->values),
				 &rule->values);
	for (size_t i = 0; i < from->value_count && !err; i++)
		err = keep_text(made, from->values[i], &rule->values[i]);
	return err;
}

static enum err keep_row(struct understand *made, const struct row *from,
			 const struct row **out_row)
{
	struct row *row = NULL;
	enum err err = keep_array(made, 1, sizeof(*row), &row);
	if (err)
		return err;
	row->slot_count = from->slot_count;
	row->context_count = from->context_count;
	err = keep_text(made, from->intent, &row->intent);
	if (!err)
		err = keep_text(made, from->response, &row->response);
	if (!err)
		err = keep_slots(made, from, row);
	if (!err)
		err = keep_array(made, from->context_count, sizeof(*row->contexts),
				 &row->contexts);
	for (size_t i = 0; i < from->context_count && !err; i++)
		err = keep_context(made, &from->contexts[i], &row->contexts[i]);
	*out_row = row;
	return err;
}

/* --- sentences --- */

/* Begins the sentence or frame of a row. */
static enum err begin(struct compiler *compiler, const struct row *row,
		      struct place place)
{
	compiler->row = row;
	compiler->place = place;
	compiler->steps = 0;
	return chunks_begin(compiler);
}

/* A sentence that consists of spaces and punctuation would never be said. */
static enum err check_words(const struct compiler *compiler, uint32_t start)
{
	const struct net_state *state = &compiler->made->net.states[start];
	if (state->word_count || state->list_count || state->wild_count)
		return OK;
	return place_say(ERR_FORMAT, compiler->note, compiler->place,
			 "a sentence without words", "words");
}

static enum err compile_template(struct compiler *compiler,
				 const struct template *template, uint32_t *out_start)
{
	struct understand *made = compiler->made;
	enum err err = begin(compiler, template->row, template->place);
	if (!err)
		err = chunks_add_part(compiler, template->part, CHUNK_START, CHUNK_FINAL);
	if (!err)
		err = net_add_chunks(compiler, &made->net, (uint32_t)made->sentence_count,
				     out_start);
	return err ? err : check_words(compiler, *out_start);
}

static const char *fixed_value(const struct row *row, const char *slot)
{
	for (size_t i = 0; i < row->slot_count; i++) {
		if (str_equal(row->slots[i].name, slot))
			return row->slots[i].value;
	}
	return NULL;
}

/* False where a frame is about devices of a domain of which the house has none: there is
 * nothing to be asked back about. */
static bool has_devices(const struct understand *made, const struct row *row)
{
	const char *domain = fixed_value(row, "domain");
	for (size_t i = 0; i < made->entity_count && domain; i++) {
		if (str_equal(entity_domain_text(made->entities[i].domain), domain))
			return true;
	}
	return !domain;
}

static enum err compile_frame(struct compiler *compiler, const struct frame *frame)
{
	struct understand *made = compiler->made;
	struct sentence *sentence = &made->sentences[made->sentence_count];
	enum err err = begin(compiler, frame->row, frame->place);
	*sentence = (struct sentence){.typed = true};
	if (!err)
		err = keep_row(made, frame->row, &sentence->row);
	if (!err)
		err = chunks_add_frame(compiler, frame);
	if (!err)
		err = net_add_chunks(compiler, &made->net, (uint32_t)made->sentence_count,
				     &made->frame_starts[made->frame_count]);
	if (err)
		return err;
	made->sentence_count++;
	made->frame_count++;
	return OK;
}

/* The arcs by which all sentences begin. */
struct beginning {
	struct net_arc *arcs;
	size_t count;
	size_t capacity;
};

static enum err add_beginning(struct compiler *compiler, struct beginning *beginning,
			      uint32_t start)
{
	const struct net *net = &compiler->made->net;
	const struct net_state *state = &net->states[start];
	size_t count = (size_t)state->word_count + state->list_count + state->wild_count;
	enum err err = grow_room(&beginning->arcs, &beginning->capacity,
				 beginning->count + count, sizeof(*beginning->arcs),
				 START_ARCS_MAX);
	if (err == ERR_LIMIT)
		return compile_explodes(compiler);
	if (err || !count)
		return err;
	memcpy(beginning->arcs + beginning->count, net->arcs + state->first_arc,
	       count * sizeof(*beginning->arcs));
	beginning->count += count;
	return OK;
}

static enum err compile_file(struct compiler *compiler, const struct sentence_file *file,
			     struct beginning *beginning)
{
	struct understand *made = compiler->made;
	const struct row *last = NULL;
	const struct row *copy = NULL;
	enum err err = OK;
	compiler->file = file;
	for (size_t i = 0; i < file->template_count && !err; i++) {
		const struct template *template = &file->templates[i];
		uint32_t start = 0;
		if (template->row != last)
			err = keep_row(made, template->row, &copy);
		last = template->row;
		if (!err)
			err = compile_template(compiler, template, &start);
		if (!err)
			err = add_beginning(compiler, beginning, start);
		made->sentences[made->sentence_count++] =
			(struct sentence){.row = copy, .typed = file->typed};
	}
	return err;
}

static enum err compile_frames(struct compiler *compiler,
			       const struct sentence_file *file)
{
	enum err err = OK;
	compiler->file = file;
	for (size_t i = 0; i < file->frame_count && !err; i++) {
		if (has_devices(compiler->made, file->frames[i].row))
			err = compile_frame(compiler, &file->frames[i]);
	}
	return err;
}

/* Room for all sentences and frames. */
static enum err keep_sentences(struct compiler *compiler)
{
	const struct sentences *sentences = compiler->sentences;
	struct understand *made = compiler->made;
	size_t count = 0;
	size_t frames = 0;
	for (size_t i = 0; i < sentences->file_count; i++) {
		count += sentences->files[i]->template_count;
		frames += sentences->files[i]->frame_count;
	}
	enum err err = keep_array(made, count + frames, sizeof(*made->sentences),
				  &made->sentences);
	if (!err)
		err = keep_array(made, frames, sizeof(*made->frame_starts),
				 &made->frame_starts);
	return err;
}

static enum err compile_files(struct compiler *compiler)
{
	const struct sentences *sentences = compiler->sentences;
	struct understand *made = compiler->made;
	struct beginning beginning = {0};
	enum err err = keep_sentences(compiler);
	for (size_t i = 0; i < sentences->file_count && !err; i++)
		err = compile_file(compiler, sentences->files[i], &beginning);
	if (!err)
		err = net_add_state(&made->net, 0, &made->start);
	if (!err)
		err = net_set_arcs(&made->net, made->start, beginning.arcs,
				   beginning.count);
	for (size_t i = 0; i < sentences->file_count && !err; i++)
		err = compile_frames(compiler, sentences->files[i]);
	free(beginning.arcs);
	return err;
}

/* Gives every array its first room, so that an index into an empty one is no pointer
 * arithmetic on NULL. */
static enum err reserve(struct understand *made)
{
	enum err err = grow_room(&made->net.arcs, &made->net.arc_capacity, 1,
				 sizeof(*made->net.arcs), NET_ARCS_MAX);
	if (!err)
		err = grow_room(&made->list_arcs, &made->list_arc_capacity, 1,
				sizeof(*made->list_arcs), LIST_NODES_MAX);
	if (!err)
		err = grow_room(&made->list_values, &made->list_value_capacity, 1,
				sizeof(*made->list_values), LIST_NODES_MAX);
	return err;
}

static enum err compile(struct compiler *compiler)
{
	struct understand *made = compiler->made;
	uint32_t empty = 0;
	enum err err = arena_create(WORKSHOP_BYTES, &compiler->arena);
	if (err)
		return err;
	vocab_init(&compiler->pieces, compiler->arena);
	err = vocab_add(&compiler->pieces, "", &empty);
	must(err || empty == PIECE_EMPTY);
	if (!err)
		err = reserve(made);
	if (!err)
		err = keep_entities(made, compiler->home);
	if (!err)
		err = keep_areas(made, compiler->home);
	if (!err)
		err = compile_files(compiler);
	if (!err)
		err = lists_make_phrases(compiler);
	if (!err)
		err = alike_find(compiler);
	return err;
}

enum err understand_create(const struct sentences *sentences, const struct home *home,
			   struct understand **out_understand, struct err_note *note)
{
	struct understand *made = calloc(1, sizeof(*made));
	struct compiler compiler = {.sentences = sentences,
				    .home = home,
				    .made = made,
				    .note = note};
	if (!made)
		return ERR_MEMORY;
	enum err err = arena_create(COMPILED_ARENA_BYTES, &made->arena);
	if (!err) {
		vocab_init(&made->words, made->arena);
		vocab_init(&made->slots, made->arena);
		err = compile(&compiler);
	}
	vocab_finish(&compiler.pieces);
	arena_destroy(compiler.arena);
	free(compiler.chunks.states);
	free(compiler.chunks.arcs);
	free(compiler.chunks.refs);
	free(compiler.list_keys);
	if (err) {
		understand_destroy(made);
		return err_say(err, note, "the sentences could not be compiled: %s",
			       err_words(err));
	}
	*out_understand = made;
	return OK;
}

void understand_destroy(struct understand *understand)
{
	if (!understand)
		return;
	vocab_finish(&understand->words);
	vocab_finish(&understand->slots);
	net_finish(&understand->net);
	free(understand->lists);
	free(understand->uses);
	free(understand->list_nodes);
	free(understand->list_arcs);
	free(understand->list_values);
	free(understand->values);
	arena_destroy(understand->arena);
	free(understand);
}

size_t understand_alike(const struct understand *understand)
{
	size_t count = 0;
	for (size_t i = 0; i < understand->list_node_count; i++)
		count += understand->list_nodes[i].alike_count > 0;
	return count;
}
