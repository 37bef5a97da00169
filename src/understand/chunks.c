/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chunks - unfolds one template into an automaton over pieces of words and spaces.
 *
 * Rules are replaced by what they say, permutations by all orders. Knows names of lists
 * but not their values. Invariants: the work to do is a stack of (part, from, to), so a
 * deep template costs no recursion; every stack entry knows the rules it is inside of,
 * so a rule inside itself is found.
 */
#include "understand/compile.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "understand/grow.h"
#include "understand/normal.h"

enum { TASKS_MAX = 200000, RULE_DEPTH_MAX = 32, NO_RULE = -1 };

/* A rule that is being unfolded. */
struct inside {
	const struct rule *rule;
	int outer;
	int depth;
};

struct task {
	const struct part *part;
	uint32_t from;
	uint32_t to;
	int inside; /* index into insides, or NO_RULE */
};

struct unfolder {
	struct compiler *compiler;
	struct task *tasks;
	size_t task_count;
	size_t task_capacity;
	struct inside *insides;
	size_t inside_count;
	size_t inside_capacity;
};

enum err compile_step(struct compiler *compiler)
{
	compiler->steps++;
	compiler->all_steps++;
	bool within = compiler->steps <= NET_SENTENCE_STEPS_MAX &&
		      compiler->all_steps <= NET_STEPS_MAX;
	return within ? OK : ERR_LIMIT;
}

enum err compile_explodes(const struct compiler *compiler)
{
	return place_say(ERR_LIMIT, compiler->note, compiler->place,
			 "a sentence that unfolds into too many", "fewer alternatives");
}

enum err chunks_add_state(struct compiler *compiler, uint32_t *out_state)
{
	struct chunks *chunks = &compiler->chunks;
	enum err err = grow_room(&chunks->states, &chunks->state_capacity,
				 chunks->state_count + 1, sizeof(*chunks->states),
				 CHUNK_STATES_MAX);
	if (err == ERR_LIMIT)
		return compile_explodes(compiler);
	if (err)
		return err;
	chunks->states[chunks->state_count] = CHUNK_NONE;
	*out_state = (uint32_t)chunks->state_count++;
	return OK;
}

static enum err add_arc(struct compiler *compiler, uint32_t from, struct chunk_arc arc)
{
	struct chunks *chunks = &compiler->chunks;
	enum err err =
		grow_room(&chunks->arcs, &chunks->arc_capacity, chunks->arc_count + 1,
			  sizeof(*chunks->arcs), CHUNK_ARCS_MAX);
	if (err == ERR_LIMIT)
		return compile_explodes(compiler);
	if (err)
		return err;
	arc.next = chunks->states[from];
	chunks->states[from] = (uint32_t)chunks->arc_count;
	chunks->arcs[chunks->arc_count++] = arc;
	return OK;
}

/* Adds an arc of that kind to a new state. */
static enum err add_step(struct compiler *compiler, enum chunk_kind kind, uint32_t label,
			 uint32_t *state)
{
	uint32_t to = 0;
	enum err err = chunks_add_state(compiler, &to);
	if (!err)
		err = add_arc(compiler, *state,
			      (struct chunk_arc){.kind = kind, .label = label, .to = to});
	if (!err)
		*state = to;
	return err;
}

enum err chunks_begin(struct compiler *compiler)
{
	struct chunks *chunks = &compiler->chunks;
	chunks->state_count = 0;
	chunks->arc_count = 0;
	chunks->ref_count = 0;
	uint32_t state = 0;
	enum err err = chunks_add_state(compiler, &state);
	if (!err)
		err = chunks_add_state(compiler, &state);
	must(err || state == CHUNK_FINAL);
	return err;
}

enum err chunks_add_piece(struct compiler *compiler, uint32_t piece, uint32_t from,
			  uint32_t to)
{
	return add_arc(compiler, from,
		       (struct chunk_arc){.kind = CHUNK_PIECE, .label = piece, .to = to});
}

enum err chunks_add_space(struct compiler *compiler, uint32_t from, uint32_t to)
{
	return add_arc(compiler, from, (struct chunk_arc){.kind = CHUNK_SPACE, .to = to});
}

enum err chunks_add_pass(struct compiler *compiler, uint32_t at)
{
	return add_arc(compiler, at, (struct chunk_arc){.kind = CHUNK_PASS, .to = at});
}

static enum err add_word(struct compiler *compiler, const char *word, uint32_t *state)
{
	uint32_t piece = 0;
	enum err err = vocab_add(&compiler->pieces, word, &piece);
	if (!err)
		err = add_step(compiler, CHUNK_PIECE, piece, state);
	return err;
}

enum err chunks_too_long(const struct compiler *compiler)
{
	return place_say(ERR_LIMIT, compiler->note, compiler->place,
			 "text of too many words", "at most 160");
}

enum err chunks_add_text(struct compiler *compiler, const char *text, uint32_t from,
			 uint32_t to)
{
	struct normal normal;
	uint32_t state = from;
	enum err err = OK;
	if (!normal_split(text, strlen(text), NORMAL_PIECE, &normal))
		return chunks_too_long(compiler);
	if (normal.space_before)
		err = add_step(compiler, CHUNK_SPACE, 0, &state);
	for (size_t i = 0; i < normal.count && !err; i++) {
		if (i)
			err = add_step(compiler, CHUNK_SPACE, 0, &state);
		if (!err)
			err = add_word(compiler, normal_word(&normal, i), &state);
	}
	if (!err && normal.count && normal.space_after)
		err = add_step(compiler, CHUNK_SPACE, 0, &state);
	if (!err)
		err = add_arc(compiler, state,
			      (struct chunk_arc){.kind = CHUNK_EMPTY, .to = to});
	return err;
}

static enum err push(struct unfolder *unfolder, const struct part *part, uint32_t from,
		     uint32_t to, int inside)
{
	enum err err =
		grow_room(&unfolder->tasks, &unfolder->task_capacity,
			  unfolder->task_count + 1, sizeof(*unfolder->tasks), TASKS_MAX);
	if (!err)
		err = compile_step(unfolder->compiler);
	if (err == ERR_LIMIT)
		return compile_explodes(unfolder->compiler);
	if (err)
		return err;
	unfolder->tasks[unfolder->task_count++] = (struct task){part, from, to, inside};
	return OK;
}

static struct place part_place(const struct unfolder *unfolder, const struct task *task)
{
	struct place place = unfolder->compiler->place;
	if (task->inside != NO_RULE)
		place.file = unfolder->insides[task->inside].rule->place.file;
	place.line = task->part->line;
	place.column = task->part->column;
	return place;
}

static enum err unfold_sequence(struct unfolder *unfolder, const struct task *task)
{
	uint32_t from = task->from;
	enum err err = OK;
	for (const struct part *child = task->part->first; child && !err;
	     child = child->next) {
		uint32_t to = task->to;
		if (child->next)
			err = chunks_add_state(unfolder->compiler, &to);
		if (!err)
			err = push(unfolder, child, from, to, task->inside);
		from = to;
	}
	return err;
}

static enum err unfold_choice(struct unfolder *unfolder, const struct task *task)
{
	enum err err = OK;
	for (const struct part *child = task->part->first; child && !err;
	     child = child->next)
		err = push(unfolder, child, task->from, task->to, task->inside);
	return err;
}

/* The next order of count different numbers; false behind the last. */
static bool next_order(size_t *order, size_t count)
{
	size_t i = count - 1;
	while (i > 0 && order[i - 1] > order[i])
		i--;
	if (i == 0)
		return false;
	size_t k = count - 1;
	while (order[k] < order[i - 1])
		k--;
	size_t swap = order[k];
	order[k] = order[i - 1];
	order[i - 1] = swap;
	for (size_t low = i, high = count - 1; low < high; low++, high--) {
		swap = order[low];
		order[low] = order[high];
		order[high] = swap;
	}
	return true;
}

static enum err unfold_order(struct unfolder *unfolder, const struct task *task,
			     const struct part *const *children, const size_t *order)
{
	uint32_t from = task->from;
	enum err err = OK;
	for (size_t i = 0; i < task->part->count && !err; i++) {
		uint32_t to = task->to;
		if (i)
			err = add_step(unfolder->compiler, CHUNK_SPACE, 0, &from);
		if (!err && i + 1 < task->part->count)
			err = chunks_add_state(unfolder->compiler, &to);
		if (!err)
			err = push(unfolder, children[order[i]], from, to, task->inside);
		from = to;
	}
	return err;
}

static enum err unfold_permute(struct unfolder *unfolder, const struct task *task)
{
	const struct part *children[TEMPLATE_PERMUTED_MAX];
	size_t order[TEMPLATE_PERMUTED_MAX] = {0};
	size_t count = 0;
	for (const struct part *child = task->part->first; child; child = child->next) {
		must(count < TEMPLATE_PERMUTED_MAX);
		order[count] = count;
		children[count++] = child;
	}
	must(count > 1);
	enum err err = OK;
	do
		err = unfold_order(unfolder, task, children, order);
	while (!err && next_order(order, count));
	return err;
}

static enum err unfold_optional(struct unfolder *unfolder, const struct task *task)
{
	enum err err = add_arc(unfolder->compiler, task->from,
			       (struct chunk_arc){.kind = CHUNK_EMPTY, .to = task->to});
	if (!err)
		err = push(unfolder, task->part->first, task->from, task->to,
			   task->inside);
	return err;
}

static enum err unfold_rule(struct unfolder *unfolder, const struct task *task)
{
	struct compiler *compiler = unfolder->compiler;
	const char *name = task->part->text;
	struct place place = part_place(unfolder, task);
	const struct rule *rule =
		sentences_rule(compiler->sentences, compiler->file, compiler->row, name);
	if (!rule)
		return err_say(
			ERR_MISSING, compiler->note,
			"%s:%u:%u: the unknown rule <%s>; expected one of expansion_rules",
			place.file, place.line, place.column, name);
	int depth =
		task->inside == NO_RULE ? 1 : unfolder->insides[task->inside].depth + 1;
	if (depth > RULE_DEPTH_MAX)
		return err_say(ERR_LIMIT, compiler->note,
			       "%s:%u:%u: the rule <%s> too deep inside others; expected "
			       "at most %d levels",
			       place.file, place.line, place.column, name,
			       RULE_DEPTH_MAX);
	for (int i = task->inside; i != NO_RULE; i = unfolder->insides[i].outer) {
		if (unfolder->insides[i].rule == rule)
			return err_say(
				ERR_FORMAT, compiler->note,
				"%s:%u:%u: the rule <%s> inside itself; expected rules that "
				"end",
				place.file, place.line, place.column, name);
	}
	enum err err = grow_room(&unfolder->insides, &unfolder->inside_capacity,
				 unfolder->inside_count + 1, sizeof(*unfolder->insides),
				 TASKS_MAX);
	if (err)
		return err == ERR_LIMIT ? compile_explodes(compiler) : err;
	unfolder->insides[unfolder->inside_count] =
		(struct inside){rule, task->inside, depth};
	return push(unfolder, rule->part, task->from, task->to,
		    (int)unfolder->inside_count++);
}

/* What {name} stands for: a list of the files, or one of the house. */
static enum err find_list(const struct unfolder *unfolder, const struct task *task,
			  struct list_ref *out_ref)
{
	static const struct {
		const char *name;
		enum list_source source;
	} HOUSE[] = {{"area", SOURCE_AREAS},
		     {"contact", SOURCE_CONTACTS},
		     {"floor", SOURCE_FLOORS},
		     {"goods", SOURCE_GOODS},
		     {"group", SOURCE_GROUPS},
		     {"library_album", SOURCE_ALBUMS},
		     {"library_artist", SOURCE_ARTISTS},
		     {"library_genre", SOURCE_GENRES},
		     {"library_playlist", SOURCE_PLAYLISTS},
		     {"library_station", SOURCE_STATIONS},
		     {"name", SOURCE_NAMES},
		     {"person", SOURCE_PEOPLE},
		     {"routine", SOURCE_ROUTINES}};
	const struct compiler *compiler = unfolder->compiler;
	const char *name = task->part->text;
	struct place place = part_place(unfolder, task);
	const struct list *list =
		sentences_list(compiler->sentences, compiler->file, compiler->row, name);
	if (list) {
		*out_ref = (struct list_ref){.source = SOURCE_LIST,
					     .name = list->name,
					     .list = list,
					     .place = place};
		if (list->kind == LIST_RANGE)
			*out_ref = (struct list_ref){.source = SOURCE_RANGE,
						     .name = list->name,
						     .range = &list->range,
						     .place = place};
		return OK;
	}
	for (size_t i = 0; i < STR_COUNT(HOUSE); i++) {
		if (!str_equal(HOUSE[i].name, name))
			continue;
		*out_ref = (struct list_ref){.source = HOUSE[i].source,
					     .name = HOUSE[i].name,
					     .place = place};
		return OK;
	}
	return err_say(
		ERR_MISSING, compiler->note,
		"%s:%u:%u: the unknown list {%s}; expected one of lists, or name, area, "
		"floor, goods, person, contact",
		place.file, place.line, place.column, name);
}

/* Text lists may be glued to what stands beside them ({area}s); numbers and wildcards
 * are words of their own. */
static enum err add_list(struct compiler *compiler, const struct task *task,
			 const struct list_ref *ref)
{
	struct chunks *chunks = &compiler->chunks;
	uint32_t from = task->from;
	struct chunk_arc arc = {.kind = CHUNK_LIST};
	enum err err = vocab_add(&compiler->made->slots, task->part->slot, &arc.slot);
	if (!err)
		err = grow_room(&chunks->refs, &chunks->ref_capacity,
				chunks->ref_count + 1, sizeof(*chunks->refs),
				CHUNK_REFS_MAX);
	if (err)
		return err == ERR_LIMIT ? compile_explodes(compiler) : err;
	arc.label = (uint32_t)chunks->ref_count;
	chunks->refs[chunks->ref_count++] = *ref;
	bool is_wild = ref->source == SOURCE_LIST && ref->list->kind == LIST_WILDCARD;
	if (!is_wild && ref->source != SOURCE_RANGE) {
		arc.to = task->to;
		return add_arc(compiler, from, arc);
	}
	err = add_step(compiler, CHUNK_SPACE, 0, &from);
	if (!err)
		err = chunks_add_state(compiler, &arc.to);
	if (is_wild)
		arc.kind = CHUNK_WILD;
	if (!err)
		err = add_arc(compiler, from, arc);
	if (!err && is_wild)
		err = add_arc(compiler, arc.to, arc);
	if (!err)
		err = add_arc(compiler, arc.to,
			      (struct chunk_arc){.kind = CHUNK_SPACE, .to = task->to});
	return err;
}

static enum err unfold_list(struct unfolder *unfolder, const struct task *task)
{
	struct list_ref ref;
	enum err err = OK;
	if (task->part->kind == PART_RANGE)
		ref = (struct list_ref){.source = SOURCE_RANGE,
					.name = task->part->text,
					.range = task->part->range,
					.place = part_place(unfolder, task)};
	else
		err = find_list(unfolder, task, &ref);
	if (!err && strlen(task->part->slot) >= SLOT_NAME_BYTES)
		err = place_say(ERR_LIMIT, unfolder->compiler->note,
				part_place(unfolder, task),
				"a slot's name that is too long", "at most 31 bytes");
	if (!err)
		err = add_list(unfolder->compiler, task, &ref);
	return err;
}

static enum err unfold(struct unfolder *unfolder, const struct task *task)
{
	switch (task->part->kind) {
	case PART_TEXT:
		return chunks_add_text(unfolder->compiler, task->part->text, task->from,
				       task->to);
	case PART_SEQUENCE:
		return unfold_sequence(unfolder, task);
	case PART_CHOICE:
		return unfold_choice(unfolder, task);
	case PART_PERMUTE:
		return unfold_permute(unfolder, task);
	case PART_OPTIONAL:
		return unfold_optional(unfolder, task);
	case PART_LIST:
	case PART_RANGE:
		return unfold_list(unfolder, task);
	case PART_RULE:
		return unfold_rule(unfolder, task);
	}
	must(false);
}

enum err chunks_add_part(struct compiler *compiler, const struct part *part,
			 uint32_t from, uint32_t to)
{
	struct unfolder unfolder = {.compiler = compiler};
	enum err err = push(&unfolder, part, from, to, NO_RULE);
	while (!err && unfolder.task_count) {
		struct task task = unfolder.tasks[--unfolder.task_count];
		err = unfold(&unfolder, &task);
	}
	free(unfolder.tasks);
	free(unfolder.insides);
	return err;
}
