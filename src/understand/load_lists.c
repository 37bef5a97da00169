/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_lists - lists, rules and words to skip of a sentence file.
 *
 * Does not look at what a template names. Invariants: a scope's counts grow only once
 * all of it was read; its lists and rules are sorted by name, since a file of megabytes
 * may look up thousands of them thousands of times.
 */
#include "understand/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "domain/intent.h"

enum { PERCENT_LARGEST = 100 };

static enum err read_contexts(const struct loader *loader, const struct yaml_node *map,
			      struct list_value *value)
{
	enum err err = load_expect(loader, map, YAML_MAP, "a map of context values");
	if (!err)
		err = load_items(loader, map->count, sizeof(struct pair),
				 &value->contexts);
	for (size_t i = 0; i < map->count && !err; i++) {
		const struct yaml_node *child = &map->children[i];
		err = load_expect(loader, child, YAML_TEXT, "text");
		if (!err)
			err = load_text(loader, child->key, &value->contexts[i].key);
		if (!err)
			err = load_text(loader, child->text, &value->contexts[i].value);
	}
	if (!err)
		value->context_count = map->count;
	return err;
}

static enum err read_out(const struct loader *loader, const struct yaml_node *out,
			 struct list_value *value)
{
	/* Of several values that mean the same, the first. */
	if (out->kind == YAML_LIST && out->count)
		out = out->children;
	enum err err = load_expect(loader, out, YAML_TEXT, "text or a number");
	if (err)
		return err;
	if (strlen(out->text) >= SLOT_VALUE_BYTES)
		return load_complain(loader, out, ERR_LIMIT, "a value that is too long",
				     "at most 255 bytes");
	value->is_number = load_number(out, &value->number);
	return load_text(loader, out->text, &value->out);
}

static enum err read_value(const struct loader *loader, const struct yaml_node *node,
			   struct list_value *value)
{
	static const char *const KEYS[] = {"context", "in", "metadata", "out"};
	if (node->kind == YAML_TEXT) {
		enum err err = load_template(loader, node, &value->in);
		if (err || value->in->kind != PART_SEQUENCE || value->in->count != 1 ||
		    value->in->first->kind != PART_TEXT)
			return err;
		return read_out(loader, node, value);
	}
	enum err err = load_expect(loader, node, YAML_MAP, "text or {in: .., out: ..}");
	if (!err)
		err = load_check_keys(loader, node, KEYS, STR_COUNT(KEYS),
				      "in, out or context");
	if (err)
		return err;
	const struct yaml_node *in = yaml_get(node, "in");
	const struct yaml_node *out = yaml_get(node, "out");
	const struct yaml_node *context = yaml_get(node, "context");
	if (!in)
		return load_complain(loader, node, ERR_FORMAT, "a value without 'in'",
				     "{in: .., out: ..}");
	err = load_template(loader, in, &value->in);
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
	enum err err = load_expect(loader, node, YAML_LIST, "a list of values");
	if (!err && node->count > SENTENCES_VALUES_MAX)
		err = err_say(ERR_LIMIT, loader->note,
			      "%s:%u:%u: the list {%s} of %zu values; expected at most "
			      "%d",
			      loader->file->name, node->line, node->column, list->name,
			      node->count, SENTENCES_VALUES_MAX);
	if (!err)
		err = load_items(loader, node->count, sizeof(struct list_value),
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
	if (!node || load_number(node, out_number))
		return OK;
	return load_complain(loader, node, ERR_FORMAT, "no number", "a number");
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
		return load_complain(loader, node, ERR_FORMAT, "other fractions",
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
	enum err err = load_expect(loader, node, YAML_MAP, "{from: .., to: ..}");
	if (!err)
		err = load_check_keys(loader, node, KEYS, STR_COUNT(KEYS),
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
		err = load_complain(loader, node, ERR_RANGE, "an empty range",
				    "from <= to and step > 0");
	return err;
}

enum err load_phrases(const struct loader *loader, const struct yaml_node *node,
		      struct phrases *phrases)
{
	enum err err = load_expect(loader, node, YAML_LIST, "a list of words");
	if (!err)
		err = load_check_count(loader, node, SENTENCES_SKIP_MAX, "phrases");
	if (!err)
		err = load_items(loader, node->count, sizeof(const char *),
				 &phrases->texts);
	for (size_t i = 0; i < node->count && !err; i++) {
		err = load_expect(loader, &node->children[i], YAML_TEXT, "words");
		if (!err)
			err = load_text(loader, node->children[i].text,
					&phrases->texts[i]);
	}
	if (!err)
		phrases->count = node->count;
	return err;
}

static enum err read_list(const struct loader *loader, const struct yaml_node *node,
			  struct list *list)
{
	static const char *const KEYS[] = {"except", "metadata", "range", "values",
					   "wildcard"};
	list->place = (struct place){loader->file->name, node->line, node->column};
	enum err err = load_text(loader, node->key, &list->name);
	if (!err)
		err = load_expect(loader, node, YAML_MAP, "values, range or wildcard");
	if (!err)
		err = load_check_keys(loader, node, KEYS, STR_COUNT(KEYS),
				      "values, range or wildcard");
	if (err)
		return err;
	const struct yaml_node *values = yaml_get(node, "values");
	const struct yaml_node *range = yaml_get(node, "range");
	const struct yaml_node *excepts = yaml_get(node, "except");
	if (values && range)
		return load_complain(loader, range, ERR_FORMAT, "a range beside values",
				     "one of them");
	if (values)
		return read_values(loader, values, list);
	if (range)
		return read_range(loader, range, list);
	if (str_equal(yaml_text(yaml_get(node, "wildcard"), ""), "true")) {
		list->kind = LIST_WILDCARD;
		return excepts ? load_phrases(loader, excepts, &list->excepts) : OK;
	}
	return load_complain(loader, node, ERR_FORMAT, "a list of nothing",
			     "values, range or wildcard: true");
}

static int compare_lists(const void *a, const void *b)
{
	const struct list *left = a;
	const struct list *right = b;
	return strcmp(left->name, right->name);
}

static int compare_rules(const void *a, const void *b)
{
	const struct rule *left = a;
	const struct rule *right = b;
	return strcmp(left->name, right->name);
}

enum err load_lists(const struct loader *loader, const struct yaml_node *node,
		    struct scope *scope)
{
	enum err err = load_expect(loader, node, YAML_MAP, "a map of lists");
	if (!err)
		err = load_check_count(loader, node, SENTENCES_DEFINITIONS_MAX, "lists");
	if (!err)
		err = load_items(loader, node->count, sizeof(struct list), &scope->lists);
	for (size_t i = 0; i < node->count && !err; i++)
		err = read_list(loader, &node->children[i], &scope->lists[i]);
	if (err)
		return err;
	if (node->count)
		qsort(scope->lists, node->count, sizeof(*scope->lists), compare_lists);
	scope->list_count = node->count;
	return OK;
}

enum err load_rules(const struct loader *loader, const struct yaml_node *node,
		    struct scope *scope)
{
	enum err err = load_expect(loader, node, YAML_MAP, "a map of rules");
	if (!err)
		err = load_check_count(loader, node, SENTENCES_DEFINITIONS_MAX, "rules");
	if (!err)
		err = load_items(loader, node->count, sizeof(struct rule), &scope->rules);
	for (size_t i = 0; i < node->count && !err; i++) {
		const struct yaml_node *child = &node->children[i];
		struct rule *rule = &scope->rules[i];
		rule->place =
			(struct place){loader->file->name, child->line, child->column};
		err = load_text(loader, child->key, &rule->name);
		if (!err)
			err = load_template(loader, child, &rule->part);
	}
	if (err)
		return err;
	if (node->count)
		qsort(scope->rules, node->count, sizeof(*scope->rules), compare_rules);
	scope->rule_count = node->count;
	return OK;
}
