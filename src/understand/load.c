/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load - one sentence file, YAML or JSON, into a sentence_file.
 *
 * Reads Home Assistant's custom sentences (intents is a map of names, each with data)
 * and the bundle form (intents is a list). Does not check that what a template names
 * exists: another file may define it. Invariant: nothing of a broken file survives.
 */
#include "understand/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "domain/understanding.h"
#include "understand/grow.h"

enum err load_complain(const struct loader *loader, const struct yaml_node *node,
		       enum err err, const char *found, const char *expected)
{
	struct place place = {loader->file->name, node->line, node->column};
	return place_say(err, loader->note, place, found, expected);
}

enum err load_expect(const struct loader *loader, const struct yaml_node *node,
		     enum yaml_kind kind, const char *expected)
{
	static const char *const FOUND[] = {
		[YAML_TEXT] = "text", [YAML_LIST] = "a list", [YAML_MAP] = "a map"};
	if (node->kind == kind)
		return OK;
	return load_complain(loader, node, ERR_FORMAT, FOUND[node->kind], expected);
}

enum err load_check_count(const struct loader *loader, const struct yaml_node *node,
			  size_t count_max, const char *what)
{
	if (node->count <= count_max)
		return OK;
	return err_say(ERR_LIMIT, loader->note, "%s:%u:%u: %zu %s; expected at most %zu",
		       loader->file->name, node->line, node->column, node->count, what,
		       count_max);
}

enum err load_check_keys(const struct loader *loader, const struct yaml_node *map,
			 const char *const *known, size_t known_count,
			 const char *expected)
{
	for (size_t i = 0; i < map->count; i++) {
		bool found = false;
		for (size_t k = 0; k < known_count && !found; k++)
			found = str_equal(map->children[i].key, known[k]);
		if (!found)
			return err_say(ERR_FORMAT, loader->note,
				       "%s:%u:%u: the unknown key '%s'; expected %s",
				       loader->file->name, map->children[i].line,
				       map->children[i].column, map->children[i].key,
				       expected);
	}
	return OK;
}

enum err load_items(const struct loader *loader, size_t count, size_t item_size,
		    void *out_items)
{
	void *memory = NULL;
	enum err err = arena_take_array(loader->file->arena, count, item_size, &memory);
	if (!err)
		memcpy(out_items, &memory, sizeof(memory));
	return err;
}

enum err load_text(const struct loader *loader, const char *text, const char **out_text)
{
	char *copy = NULL;
	enum err err = arena_copy_text(loader->file->arena, text, &copy);
	if (!err)
		*out_text = copy;
	return err;
}

enum err load_template(const struct loader *loader, const struct yaml_node *node,
		       const struct part **out_part)
{
	enum err err = load_expect(loader, node, YAML_TEXT, "a sentence");
	if (err)
		return err;
	struct place place = {loader->file->name, node->line,
			      node->column + node->quoted};
	return template_parse(loader->file->arena, node->text, place, out_part,
			      loader->note);
}

bool load_number(const struct yaml_node *node, double *out_number)
{
	return node && node->kind == YAML_TEXT && !node->quoted &&
	       str_to_double(node->text, -LOAD_NUMBER_LARGEST, LOAD_NUMBER_LARGEST,
			     out_number);
}

/* true or false; false where node is NULL. */
static enum err read_flag(const struct loader *loader, const struct yaml_node *node,
			  bool *out_flag)
{
	const char *text = yaml_text(node, "");
	if (node && !str_equal(text, "true") && !str_equal(text, "false"))
		return load_complain(loader, node, ERR_FORMAT, "neither true nor false",
				     "true or false");
	*out_flag = str_equal(text, "true");
	return OK;
}

/* A word of at most size - 1 bytes; "" where node is NULL. */
static enum err read_word(const struct loader *loader, const struct yaml_node *node,
			  size_t size, const char **out_word)
{
	if (!node)
		return load_text(loader, "", out_word);
	enum err err = load_expect(loader, node, YAML_TEXT, "a word");
	if (err)
		return err;
	if (strlen(node->text) >= size)
		return err_say(ERR_LIMIT, loader->note,
			       "%s:%u:%u: a word of %zu bytes; expected at most %zu",
			       loader->file->name, node->line, node->column,
			       strlen(node->text), size - 1);
	return load_text(loader, node->text, out_word);
}

/* --- blocks of sentences --- */

static enum err read_slots(const struct loader *loader, const struct yaml_node *node,
			   struct row *row)
{
	enum err err = load_expect(loader, node, YAML_MAP, "a map of slots");
	if (!err)
		err = load_check_count(loader, node, INTENT_SLOTS_MAX, "slots");
	if (!err)
		err = load_items(loader, node->count, sizeof(struct fixed_slot),
				 &row->slots);
	for (size_t i = 0; i < node->count && !err; i++) {
		const struct yaml_node *child = &node->children[i];
		struct fixed_slot *slot = &row->slots[i];
		err = load_expect(loader, child, YAML_TEXT, "text or a number");
		if (!err && !*child->key)
			err = load_complain(loader, child, ERR_FORMAT,
					    "a slot without a name", "a name");
		if (!err && (strlen(child->text) >= SLOT_VALUE_BYTES ||
			     strlen(child->key) >= SLOT_NAME_BYTES))
			err = load_complain(loader, child, ERR_LIMIT,
					    "a slot that is too long",
					    "a name of 31, a value of 255 bytes");
		if (!err)
			err = load_text(loader, child->key, &slot->name);
		if (!err)
			err = load_text(loader, child->text, &slot->value);
		slot->is_number = load_number(child, &slot->number);
	}
	if (!err)
		row->slot_count = node->count;
	return err;
}

static enum err read_context_values(const struct loader *loader,
				    const struct yaml_node *node,
				    struct context_rule *rule)
{
	size_t count = node->kind == YAML_LIST ? node->count : 1;
	/* No value at all would be read as any value. */
	if (!count)
		return load_complain(loader, node, ERR_FORMAT, "a list of nothing",
				     "a value, or {} for any");
	enum err err = load_items(loader, count, sizeof(const char *), &rule->values);
	for (size_t i = 0; i < count && !err; i++) {
		const struct yaml_node *value =
			node->kind == YAML_LIST ? &node->children[i] : node;
		err = load_expect(loader, value, YAML_TEXT, "text");
		if (!err)
			err = load_text(loader, value->text, &rule->values[i]);
	}
	if (!err)
		rule->value_count = count;
	return err;
}

/* One of: text, a list of texts, {slot: true}, {value: .., slot: true}; {} any value. */
static enum err read_context(const struct loader *loader, const struct yaml_node *node,
			     struct context_rule *rule)
{
	static const char *const KEYS[] = {"slot", "value"};
	enum err err = load_text(loader, node->key, &rule->key);
	/* It may have to become a slot. */
	if (!err && strlen(node->key) >= SLOT_NAME_BYTES)
		err = load_complain(loader, node, ERR_LIMIT,
				    "a context's name that is too long",
				    "at most 31 bytes");
	if (err)
		return err;
	if (node->kind != YAML_MAP)
		return read_context_values(loader, node, rule);
	err = load_check_keys(loader, node, KEYS, STR_COUNT(KEYS), "slot or value");
	if (err)
		return err;
	const struct yaml_node *value = yaml_get(node, "value");
	err = read_flag(loader, yaml_get(node, "slot"), &rule->to_slot);
	return err || !value ? err : read_context_values(loader, value, rule);
}

/* Adds the rules of requires_context or excludes_context (either may be NULL). */
static enum err read_both_contexts(const struct loader *loader,
				   const struct yaml_node *requires,
				   const struct yaml_node *excludes, struct row *row)
{
	const struct yaml_node *nodes[] = {requires, excludes};
	size_t total =
		(requires ? requires->count : 0) + (excludes ? excludes->count : 0);
	enum err err =
		load_items(loader, total, sizeof(struct context_rule), &row->contexts);
	for (size_t n = 0; n < STR_COUNT(nodes) && !err; n++) {
		if (!nodes[n])
			continue;
		err = load_expect(loader, nodes[n], YAML_MAP, "a map of context values");
		for (size_t i = 0; i < nodes[n]->count && !err; i++) {
			struct context_rule *rule = &row->contexts[row->context_count++];
			rule->excludes = n == 1;
			err = read_context(loader, &nodes[n]->children[i], rule);
		}
	}
	return err;
}

static enum err add_template(struct loader *loader, const struct yaml_node *node,
			     const struct row *row)
{
	struct sentence_file *file = loader->file;
	struct template template = {.row = row};
	template.place = (struct place){file->name, node->line, node->column};
	enum err err = load_template(loader, node, &template.part);
	if (err)
		return err;
	err = grow_room(&file->templates, &file->template_capacity,
			file->template_count + 1, sizeof(*file->templates),
			SENTENCES_MAX);
	if (err)
		return load_complain(loader, node, err, "too many sentences",
				     "at most 50000 in a file");
	file->templates[file->template_count++] = template;
	return OK;
}

static enum err read_row_parts(struct loader *loader, const struct yaml_node *node,
			       struct row *row)
{
	const struct yaml_node *slots = yaml_get(node, "slots");
	const struct yaml_node *lists = yaml_get(node, "lists");
	const struct yaml_node *rules = yaml_get(node, "expansion_rules");
	enum err err = load_text(loader, loader->intent, &row->intent);
	if (!err)
		err = read_word(loader, yaml_get(node, "response"),
				UNDERSTANDING_RESPONSE_BYTES, &row->response);
	if (!err && slots)
		err = read_slots(loader, slots, row);
	if (!err && lists)
		err = load_lists(loader, lists, &row->scope);
	if (!err && rules)
		err = load_rules(loader, rules, &row->scope);
	if (!err)
		err = read_both_contexts(loader, yaml_get(node, "requires_context"),
					 yaml_get(node, "excludes_context"), row);
	return err;
}

/* What a block can be asked by: sentences, a frame, or both. */
static enum err read_ways(struct loader *loader, const struct yaml_node *node,
			  const struct row *row)
{
	const struct yaml_node *sentences = yaml_get(node, "sentences");
	enum err err = OK;
	if (yaml_get(node, "frame") || yaml_get(node, "may") || yaml_get(node, "rest"))
		err = load_frame(loader, node, row);
	else if (!sentences)
		err = load_complain(loader, node, ERR_FORMAT, "a block without sentences",
				    "sentences: [..]");
	if (err || !sentences)
		return err;
	err = load_expect(loader, sentences, YAML_LIST, "a list of sentences");
	for (size_t i = 0; i < sentences->count && !err; i++)
		err = add_template(loader, &sentences->children[i], row);
	return err;
}

static enum err read_row(struct loader *loader, const struct yaml_node *node)
{
	static const char *const KEYS[] = {
		"combo",
		"excludes_context",
		"expansion_rules",
		"frame",
		"inferred_domain",
		"intent",
		"lists",
		"may",
		"metadata",
		"name_domains",
		"required_keywords",
		"requires_context",
		"response",
		"rest",
		"sentences",
		"settings",
		"slots",
	};
	struct row *row = NULL;
	enum err err = load_expect(loader, node, YAML_MAP, "a block with sentences");
	if (!err)
		err = load_check_keys(
			loader, node, KEYS, STR_COUNT(KEYS),
			"sentences, frame, may, rest, slots, requires_context, "
			"excludes_context, lists, expansion_rules or response");
	if (!err && ++loader->row_count > SENTENCES_ROWS_MAX)
		err = load_complain(loader, node, ERR_LIMIT, "too many blocks",
				    "at most 20000");
	if (!err)
		err = load_items(loader, 1, sizeof(*row), &row);
	if (!err)
		err = read_row_parts(loader, node, row);
	if (err)
		return err;
	return read_ways(loader, node, row);
}

static enum err take_intent(struct loader *loader, const struct yaml_node *node,
			    const char *name)
{
	if (!*name)
		return load_complain(loader, node, ERR_FORMAT, "an intent without a name",
				     "a name");
	if (strlen(name) >= INTENT_NAME_BYTES)
		return load_complain(loader, node, ERR_LIMIT,
				     "an intent's name that is too long",
				     "at most 63 bytes");
	loader->intent = name;
	return OK;
}

/* intents: Name: data: [ {sentences: ..}, .. ] */
static enum err read_intent(struct loader *loader, const struct yaml_node *node)
{
	enum err err = take_intent(loader, node, node->key);
	if (!err)
		err = load_expect(loader, node, YAML_MAP, "data: [..]");
	const struct yaml_node *data = yaml_get(node, "data");
	if (!err && !data)
		err = load_complain(loader, node, ERR_FORMAT, "an intent without data",
				    "data: [..]");
	must(err || data);
	if (!err)
		err = load_expect(loader, data, YAML_LIST, "a list of blocks");
	for (size_t i = 0; !err && i < data->count; i++)
		err = read_row(loader, &data->children[i]);
	return err;
}

static enum err read_intents(struct loader *loader, const struct yaml_node *node)
{
	enum err err = OK;
	if (node->kind == YAML_TEXT)
		return load_expect(loader, node, YAML_MAP, "a map or list of intents");
	for (size_t i = 0; i < node->count && !err; i++) {
		const struct yaml_node *child = &node->children[i];
		if (node->kind == YAML_MAP) {
			err = read_intent(loader, child);
			continue;
		}
		err = take_intent(loader, child,
				  yaml_text(yaml_get(child, "intent"), ""));
		if (!err)
			err = read_row(loader, child);
	}
	return err;
}

static enum err read_root(struct loader *loader, const struct yaml_node *root)
{
	static const char *const KEYS[] = {
		"decisive_words", "errors",    "expansion_rules", "filler_words",
		"intents",        "language",  "license",         "lists",
		"metadata",       "responses", "settings",        "skip_words",
		"source",         "tests",     "typed",
	};
	const struct yaml_node *lists = yaml_get(root, "lists");
	const struct yaml_node *rules = yaml_get(root, "expansion_rules");
	const struct yaml_node *skips = yaml_get(root, "skip_words");
	const struct yaml_node *fillers = yaml_get(root, "filler_words");
	const struct yaml_node *decisives = yaml_get(root, "decisive_words");
	const struct yaml_node *intents = yaml_get(root, "intents");
	enum err err = load_expect(loader, root, YAML_MAP,
				   "language, intents, lists, expansion_rules");
	if (!err)
		err = load_check_keys(
			loader, root, KEYS, STR_COUNT(KEYS),
			"language, intents, lists, expansion_rules, skip_words, "
			"filler_words or decisive_words");
	if (!err && !lists && !rules && !skips && !fillers && !decisives && !intents)
		err = load_complain(loader, root, ERR_FORMAT, "nothing to say",
				    "intents, lists, expansion_rules or skip_words");
	if (!err)
		err = read_word(loader, yaml_get(root, "language"),
				SENTENCES_LANGUAGE_BYTES, &loader->file->language);
	if (!err)
		err = read_flag(loader, yaml_get(root, "typed"), &loader->file->typed);
	if (!err && lists)
		err = load_lists(loader, lists, &loader->file->scope);
	if (!err && rules)
		err = load_rules(loader, rules, &loader->file->scope);
	if (!err && skips)
		err = load_phrases(loader, skips, &loader->file->skips);
	if (!err && fillers)
		err = load_phrases(loader, fillers, &loader->file->fillers);
	if (!err && decisives)
		err = load_phrases(loader, decisives, &loader->file->decisives);
	if (!err && intents)
		err = read_intents(loader, intents);
	return err;
}

enum err sentence_file_read(const char *name, const char *bytes, size_t size,
			    struct sentence_file **out_file, struct err_note *note)
{
	struct yaml *yaml = NULL;
	struct sentence_file *file = NULL;
	enum err err = OK;
	if (size > SENTENCES_FILE_BYTES_MAX)
		return err_say(ERR_LIMIT, note, "%s:1:1: %zu bytes; expected at most %d",
			       name, size, SENTENCES_FILE_BYTES_MAX);
	file = calloc(1, sizeof(*file));
	if (!file)
		return ERR_MEMORY;
	struct loader loader = {.file = file, .note = note};
	err = arena_create(SENTENCES_ARENA_BYTES, &file->arena);
	if (!err)
		err = load_text(&loader, name, &file->name);
	if (!err)
		err = yaml_parse(name, bytes, size, &yaml, note);
	if (!err)
		err = read_root(&loader, yaml_root(yaml));
	if (!err) {
		*out_file = file;
		file = NULL;
	}
	yaml_destroy(yaml);
	sentence_file_destroy(file);
	return err;
}

void sentence_file_destroy(struct sentence_file *file)
{
	if (!file)
		return;
	free(file->templates);
	free(file->frames);
	arena_destroy(file->arena);
	free(file);
}
