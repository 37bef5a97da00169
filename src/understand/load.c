/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load - one sentence file, YAML or JSON, into a sentence_file.
 *
 * Reads Home Assistant's custom sentences (intents is a map of names, each with data)
 * and the bundle form (intents is a list). Does not check that what a template names
 * exists: another file may define it. Invariant: nothing of a broken file survives.
 */
#include "understand/sentences.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "base/yaml.h"
#include "domain/intent.h"
#include "understand/grow.h"

enum { RANGE_LARGEST = 1000000, PERCENT_LARGEST = 100 };

struct loader {
	struct sentence_file *file;
	struct err_note *note;
	const char *intent; /* of the block being read */
	size_t row_count;
};

static enum err complain(const struct loader *loader, const struct yaml_node *node,
			 enum err err, const char *found, const char *expected)
{
	struct place place = {loader->file->name, node->line, node->column};
	return place_say(err, loader->note, place, found, expected);
}

static enum err expect(const struct loader *loader, const struct yaml_node *node,
		       enum yaml_kind kind, const char *expected)
{
	static const char *const FOUND[] = {
		[YAML_TEXT] = "text", [YAML_LIST] = "a list", [YAML_MAP] = "a map"};
	if (node->kind == kind)
		return OK;
	return complain(loader, node, ERR_FORMAT, FOUND[node->kind], expected);
}

static enum err check_count(const struct loader *loader, const struct yaml_node *node,
			    size_t count_max, const char *what)
{
	if (node->count <= count_max)
		return OK;
	return err_say(ERR_LIMIT, loader->note, "%s:%u:%u: %zu %s; expected at most %zu",
		       loader->file->name, node->line, node->column, node->count, what,
		       count_max);
}

static enum err check_keys(const struct loader *loader, const struct yaml_node *map,
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

static enum err take_items(const struct loader *loader, size_t count, size_t item_size,
			   void *out_items)
{
	void *memory = NULL;
	enum err err = arena_take_array(loader->file->arena, count, item_size, &memory);
	if (!err)
		memcpy(out_items, &memory, sizeof(memory));
	return err;
}

static enum err copy_text(const struct loader *loader, const char *text,
			  const char **out_text)
{
	char *copy = NULL;
	enum err err = arena_copy_text(loader->file->arena, text, &copy);
	if (!err)
		*out_text = copy;
	return err;
}

static enum err parse_template(const struct loader *loader, const struct yaml_node *node,
			       const struct part **out_part)
{
	enum err err = expect(loader, node, YAML_TEXT, "a sentence");
	if (err)
		return err;
	struct place place = {loader->file->name, node->line,
			      node->column + node->quoted};
	return template_parse(loader->file->arena, node->text, place, out_part,
			      loader->note);
}

static bool node_number(const struct yaml_node *node, double *out_number)
{
	return node && node->kind == YAML_TEXT && !node->quoted &&
	       str_to_double(node->text, -RANGE_LARGEST, RANGE_LARGEST, out_number);
}

/* --- lists and rules --- */

static enum err read_contexts(const struct loader *loader, const struct yaml_node *map,
			      struct list_value *value)
{
	enum err err = expect(loader, map, YAML_MAP, "a map of context values");
	if (!err)
		err = take_items(loader, map->count, sizeof(struct pair),
				 &value->contexts);
	for (size_t i = 0; i < map->count && !err; i++) {
		const struct yaml_node *child = &map->children[i];
		err = expect(loader, child, YAML_TEXT, "text");
		if (!err)
			err = copy_text(loader, child->key, &value->contexts[i].key);
		if (!err)
			err = copy_text(loader, child->text, &value->contexts[i].value);
	}
	if (!err)
		value->context_count = map->count;
	return err;
}

static enum err read_out(const struct loader *loader, const struct yaml_node *out,
			 struct list_value *value)
{
	enum err err = expect(loader, out, YAML_TEXT, "text or a number");
	if (err)
		return err;
	if (strlen(out->text) >= SLOT_VALUE_BYTES)
		return complain(loader, out, ERR_LIMIT, "a value that is too long",
				"at most 255 bytes");
	value->is_number = node_number(out, &value->number);
	return copy_text(loader, out->text, &value->out);
}

static enum err read_value(const struct loader *loader, const struct yaml_node *node,
			   struct list_value *value)
{
	static const char *const KEYS[] = {"context", "in", "metadata", "out"};
	if (node->kind == YAML_TEXT) {
		enum err err = parse_template(loader, node, &value->in);
		if (err || value->in->kind != PART_SEQUENCE || value->in->count != 1 ||
		    value->in->first->kind != PART_TEXT)
			return err;
		return read_out(loader, node, value);
	}
	enum err err = expect(loader, node, YAML_MAP, "text or {in: .., out: ..}");
	if (!err)
		err = check_keys(loader, node, KEYS, STR_COUNT(KEYS),
				 "in, out or context");
	if (err)
		return err;
	const struct yaml_node *in = yaml_get(node, "in");
	const struct yaml_node *out = yaml_get(node, "out");
	const struct yaml_node *context = yaml_get(node, "context");
	if (!in)
		return complain(loader, node, ERR_FORMAT, "a value without 'in'",
				"{in: .., out: ..}");
	err = parse_template(loader, in, &value->in);
	if (!err && out)
		err = read_out(loader, out, value);
	if (!err && context)
		err = read_contexts(loader, context, value);
	return err;
}

static enum err read_values(const struct loader *loader, const struct yaml_node *node,
			    struct list *list)
{
	list->kind = LIST_VALUES;
	enum err err = expect(loader, node, YAML_LIST, "a list of values");
	if (!err)
		err = check_count(loader, node, SENTENCES_VALUES_MAX, "values");
	if (!err)
		err = take_items(loader, node->count, sizeof(struct list_value),
				 &list->values);
	for (size_t i = 0; i < node->count && !err; i++)
		err = read_value(loader, &node->children[i], &list->values[i]);
	if (!err)
		list->value_count = node->count;
	return err;
}

static enum err read_number(const struct loader *loader, const struct yaml_node *map,
			    const char *key, double fallback, double *out_number)
{
	const struct yaml_node *node = yaml_get(map, key);
	*out_number = fallback;
	if (!node || node_number(node, out_number))
		return OK;
	return complain(loader, node, ERR_FORMAT, "no number", "a number");
}

static enum err read_fractions(const struct loader *loader, const struct yaml_node *node,
			       enum range_fractions *out_fractions)
{
	const char *text = yaml_text(node, "");
	*out_fractions = RANGE_WHOLE;
	if (!node)
		return OK;
	if (str_equal(text, "halves"))
		*out_fractions = RANGE_HALVES;
	else if (str_equal(text, "tenths"))
		*out_fractions = RANGE_TENTHS;
	else
		return complain(loader, node, ERR_FORMAT, "other fractions",
				"halves or tenths");
	return OK;
}

static enum err read_range(const struct loader *loader, const struct yaml_node *node,
			   struct list *list)
{
	static const char *const KEYS[] = {"digits", "fractions", "from", "multiplier",
					   "step",   "to",        "type", "words"};
	struct range *range = &list->range;
	list->kind = LIST_RANGE;
	enum err err = expect(loader, node, YAML_MAP, "{from: .., to: ..}");
	if (!err)
		err = check_keys(loader, node, KEYS, STR_COUNT(KEYS),
				 "from, to, step, fractions, multiplier or type");
	if (!err)
		err = read_number(loader, node, "from", 0, &range->from);
	if (!err)
		err = read_number(loader, node, "to", PERCENT_LARGEST, &range->to);
	if (!err)
		err = read_number(loader, node, "step", 1, &range->step);
	if (!err)
		err = read_number(loader, node, "multiplier", 1, &range->multiplier);
	if (!err)
		err = read_fractions(loader, yaml_get(node, "fractions"),
				     &range->fractions);
	if (!err && (range->from > range->to || range->step < 0.001))
		err = complain(loader, node, ERR_RANGE, "an empty range",
			       "from <= to and step > 0");
	return err;
}

static enum err read_list(const struct loader *loader, const struct yaml_node *node,
			  struct list *list)
{
	static const char *const KEYS[] = {"metadata", "range", "values", "wildcard"};
	list->place = (struct place){loader->file->name, node->line, node->column};
	enum err err = copy_text(loader, node->key, &list->name);
	if (!err)
		err = expect(loader, node, YAML_MAP, "values, range or wildcard");
	if (!err)
		err = check_keys(loader, node, KEYS, STR_COUNT(KEYS),
				 "values, range or wildcard");
	if (err)
		return err;
	const struct yaml_node *values = yaml_get(node, "values");
	const struct yaml_node *range = yaml_get(node, "range");
	if (values)
		return read_values(loader, values, list);
	if (range)
		return read_range(loader, range, list);
	if (str_equal(yaml_text(yaml_get(node, "wildcard"), ""), "true")) {
		list->kind = LIST_WILDCARD;
		return OK;
	}
	return complain(loader, node, ERR_FORMAT, "a list of nothing",
			"values, range or wildcard: true");
}

static enum err read_lists(const struct loader *loader, const struct yaml_node *node,
			   struct scope *scope)
{
	enum err err = expect(loader, node, YAML_MAP, "a map of lists");
	if (!err)
		err = check_count(loader, node, SENTENCES_DEFINITIONS_MAX, "lists");
	if (!err)
		err = take_items(loader, node->count, sizeof(struct list), &scope->lists);
	for (size_t i = 0; i < node->count && !err; i++)
		err = read_list(loader, &node->children[i], &scope->lists[i]);
	if (!err)
		scope->list_count = node->count;
	return err;
}

static enum err read_rules(const struct loader *loader, const struct yaml_node *node,
			   struct scope *scope)
{
	enum err err = expect(loader, node, YAML_MAP, "a map of rules");
	if (!err)
		err = check_count(loader, node, SENTENCES_DEFINITIONS_MAX, "rules");
	if (!err)
		err = take_items(loader, node->count, sizeof(struct rule), &scope->rules);
	for (size_t i = 0; i < node->count && !err; i++) {
		const struct yaml_node *child = &node->children[i];
		struct rule *rule = &scope->rules[i];
		rule->place =
			(struct place){loader->file->name, child->line, child->column};
		err = copy_text(loader, child->key, &rule->name);
		if (!err)
			err = parse_template(loader, child, &rule->part);
	}
	if (!err)
		scope->rule_count = node->count;
	return err;
}

static enum err read_skips(const struct loader *loader, const struct yaml_node *node)
{
	struct sentence_file *file = loader->file;
	enum err err = expect(loader, node, YAML_LIST, "a list of words to skip");
	if (!err)
		err = check_count(loader, node, SENTENCES_SKIP_MAX, "skip words");
	if (!err)
		err = take_items(loader, node->count, sizeof(const char *), &file->skips);
	for (size_t i = 0; i < node->count && !err; i++) {
		err = expect(loader, &node->children[i], YAML_TEXT, "words");
		if (!err)
			err = copy_text(loader, node->children[i].text, &file->skips[i]);
	}
	if (!err)
		file->skip_count = node->count;
	return err;
}

/* --- blocks of sentences --- */

static enum err read_slots(const struct loader *loader, const struct yaml_node *node,
			   struct row *row)
{
	enum err err = expect(loader, node, YAML_MAP, "a map of slots");
	if (!err)
		err = check_count(loader, node, INTENT_SLOTS_MAX, "slots");
	if (!err)
		err = take_items(loader, node->count, sizeof(struct fixed_slot),
				 &row->slots);
	for (size_t i = 0; i < node->count && !err; i++) {
		const struct yaml_node *child = &node->children[i];
		struct fixed_slot *slot = &row->slots[i];
		err = expect(loader, child, YAML_TEXT, "text or a number");
		if (!err && (strlen(child->text) >= SLOT_VALUE_BYTES ||
			     strlen(child->key) >= SLOT_NAME_BYTES))
			err = complain(loader, child, ERR_LIMIT,
				       "a slot that is too long",
				       "a name of 31, a value of 255 bytes");
		if (!err)
			err = copy_text(loader, child->key, &slot->name);
		if (!err)
			err = copy_text(loader, child->text, &slot->value);
		slot->is_number = node_number(child, &slot->number);
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
	enum err err = take_items(loader, count, sizeof(const char *), &rule->values);
	for (size_t i = 0; i < count && !err; i++) {
		const struct yaml_node *value =
			node->kind == YAML_LIST ? &node->children[i] : node;
		err = expect(loader, value, YAML_TEXT, "text");
		if (!err)
			err = copy_text(loader, value->text, &rule->values[i]);
	}
	if (!err)
		rule->value_count = count;
	return err;
}

/* One of: text, a list of texts, {slot: true}, {value: .., slot: true}. */
static enum err read_context(const struct loader *loader, const struct yaml_node *node,
			     struct context_rule *rule)
{
	static const char *const KEYS[] = {"slot", "value"};
	enum err err = copy_text(loader, node->key, &rule->key);
	if (err)
		return err;
	if (node->kind != YAML_MAP)
		return read_context_values(loader, node, rule);
	err = check_keys(loader, node, KEYS, STR_COUNT(KEYS), "slot or value");
	if (err)
		return err;
	rule->to_slot = str_equal(yaml_text(yaml_get(node, "slot"), ""), "true");
	const struct yaml_node *value = yaml_get(node, "value");
	return value ? read_context_values(loader, value, rule) : OK;
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
		take_items(loader, total, sizeof(struct context_rule), &row->contexts);
	for (size_t n = 0; n < STR_COUNT(nodes) && !err; n++) {
		if (!nodes[n])
			continue;
		err = expect(loader, nodes[n], YAML_MAP, "a map of context values");
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
	enum err err = parse_template(loader, node, &template.part);
	if (err)
		return err;
	err = grow_room(&file->templates, &file->template_capacity,
			file->template_count + 1, sizeof(*file->templates),
			SENTENCES_MAX);
	if (err)
		return complain(loader, node, err, "too many sentences",
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
	enum err err = copy_text(loader, loader->intent, &row->intent);
	if (!err)
		err = copy_text(loader, yaml_text(yaml_get(node, "response"), ""),
				&row->response);
	if (!err && slots)
		err = read_slots(loader, slots, row);
	if (!err && lists)
		err = read_lists(loader, lists, &row->scope);
	if (!err && rules)
		err = read_rules(loader, rules, &row->scope);
	if (!err)
		err = read_both_contexts(loader, yaml_get(node, "requires_context"),
					 yaml_get(node, "excludes_context"), row);
	return err;
}

static enum err read_row(struct loader *loader, const struct yaml_node *node)
{
	static const char *const KEYS[] = {
		"combo",
		"excludes_context",
		"expansion_rules",
		"inferred_domain",
		"intent",
		"lists",
		"metadata",
		"name_domains",
		"required_keywords",
		"requires_context",
		"response",
		"sentences",
		"settings",
		"slots",
	};
	struct row *row = NULL;
	enum err err = expect(loader, node, YAML_MAP, "a block with sentences");
	if (!err)
		err = check_keys(
			loader, node, KEYS, STR_COUNT(KEYS),
			"sentences, slots, requires_context, excludes_context, lists, "
			"expansion_rules or response");
	if (!err && ++loader->row_count > SENTENCES_ROWS_MAX)
		err = complain(loader, node, ERR_LIMIT, "too many blocks",
			       "at most 20000");
	if (!err)
		err = take_items(loader, 1, sizeof(*row), &row);
	if (!err)
		err = read_row_parts(loader, node, row);
	if (err)
		return err;
	const struct yaml_node *sentences = yaml_get(node, "sentences");
	if (!sentences)
		return complain(loader, node, ERR_FORMAT, "a block without sentences",
				"sentences: [..]");
	err = expect(loader, sentences, YAML_LIST, "a list of sentences");
	for (size_t i = 0; i < sentences->count && !err; i++)
		err = add_template(loader, &sentences->children[i], row);
	return err;
}

static enum err take_intent(struct loader *loader, const struct yaml_node *node,
			    const char *name)
{
	if (!*name)
		return complain(loader, node, ERR_FORMAT, "an intent without a name",
				"a name");
	if (strlen(name) >= INTENT_NAME_BYTES)
		return complain(loader, node, ERR_LIMIT,
				"an intent's name that is too long", "at most 63 bytes");
	loader->intent = name;
	return OK;
}

/* intents: Name: data: [ {sentences: ..}, .. ] */
static enum err read_intent(struct loader *loader, const struct yaml_node *node)
{
	enum err err = take_intent(loader, node, node->key);
	if (!err)
		err = expect(loader, node, YAML_MAP, "data: [..]");
	const struct yaml_node *data = yaml_get(node, "data");
	if (!err && !data)
		err = complain(loader, node, ERR_FORMAT, "an intent without data",
			       "data: [..]");
	if (!err)
		err = expect(loader, data, YAML_LIST, "a list of blocks");
	for (size_t i = 0; !err && i < data->count; i++)
		err = read_row(loader, &data->children[i]);
	return err;
}

static enum err read_intents(struct loader *loader, const struct yaml_node *node)
{
	enum err err = OK;
	if (node->kind == YAML_TEXT)
		return expect(loader, node, YAML_MAP, "a map or list of intents");
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
		"errors",   "expansion_rules", "intents",  "language",
		"license",  "lists",           "metadata", "responses",
		"settings", "skip_words",      "source",   "tests",
	};
	const struct yaml_node *lists = yaml_get(root, "lists");
	const struct yaml_node *rules = yaml_get(root, "expansion_rules");
	const struct yaml_node *skips = yaml_get(root, "skip_words");
	const struct yaml_node *intents = yaml_get(root, "intents");
	enum err err = expect(loader, root, YAML_MAP,
			      "language, intents, lists, expansion_rules");
	if (!err)
		err = check_keys(
			loader, root, KEYS, STR_COUNT(KEYS),
			"language, intents, lists, expansion_rules or skip_words");
	if (!err && !lists && !rules && !skips && !intents)
		err = complain(loader, root, ERR_FORMAT, "nothing to say",
			       "intents, lists, expansion_rules or skip_words");
	if (!err && lists)
		err = read_lists(loader, lists, &loader->file->scope);
	if (!err && rules)
		err = read_rules(loader, rules, &loader->file->scope);
	if (!err && skips)
		err = read_skips(loader, skips);
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
		err = copy_text(&loader, name, &file->name);
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
	arena_destroy(file->arena);
	free(file);
}
