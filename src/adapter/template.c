/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template - a scanner that tries one shape after the other.
 *
 * Not an evaluator: there are no variables, loops, filters (but lower) or nesting, so
 * nothing that a device sends can run long or reach anything. A template that parsed
 * is a fixed table: a path, up to two outcomes, or a list of cases.
 */
#include "adapter/template.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum template_kind { KIND_PATH, KIND_CHOICE, KIND_CASES, KIND_COMMAND };

/* value, or value_json and its steps. */
struct path {
	bool is_json;
	size_t step_count;
	char steps[TEMPLATE_STEPS_MAX][TEMPLATE_WORD_BYTES];
};

/* What a branch of if/else gives: a word, or what stands at a path. */
struct outcome {
	bool is_path;
	struct path path;
	char word[TEMPLATE_WORD_BYTES];
};

struct template_case {
	char from[TEMPLATE_WORD_BYTES];
	char to[TEMPLATE_WORD_BYTES];
};

struct choice {
	bool compares; /* against word; otherwise: is there and not empty, 0 or false */
	bool differs;  /* != */
	char word[TEMPLATE_WORD_BYTES];
	struct outcome then;
	struct outcome otherwise;
};

struct insert {
	size_t at; /* in text */
	char name[TEMPLATE_WORD_BYTES];
};

struct template
{
	enum template_kind kind;
	struct path path;
	bool lower;
	struct choice *choice; /* owned; KIND_CHOICE */
	size_t case_count;
	struct template_case *cases; /* owned; KIND_CASES */
	size_t insert_count;
	struct insert *inserts; /* owned; KIND_COMMAND */
	char *text; /* owned; KIND_COMMAND: the literal text without inserts */
};

/* The scanner: each take_ moves on when it finds what it looks for, else stays. */
struct scan {
	const char *at;
};

static void skip_space(struct scan *scan)
{
	while (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' ||
	       *scan->at == '\r')
		scan->at++;
}

static bool is_name_character(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* A sign or word, after space; a word must end there. */
static bool take(struct scan *scan, const char *sign)
{
	size_t size = strlen(sign);

	skip_space(scan);
	if (strncmp(scan->at, sign, size) != 0)
		return false;
	if (is_name_character(sign[size - 1]) && is_name_character(scan->at[size]))
		return false;
	scan->at += size;
	return true;
}

static bool take_ended(struct scan *scan)
{
	skip_space(scan);
	return *scan->at == 0;
}

static bool take_name(struct scan *scan, char to[TEMPLATE_WORD_BYTES])
{
	size_t size = 0;

	skip_space(scan);
	while (is_name_character(scan->at[size]))
		size++;
	if (size == 0 || !str_copy_bytes(to, TEMPLATE_WORD_BYTES, scan->at, size))
		return false;
	scan->at += size;
	return true;
}

static bool take_quoted(struct scan *scan, char to[TEMPLATE_WORD_BYTES])
{
	const char *end = NULL;
	char quote = 0;

	skip_space(scan);
	quote = *scan->at;
	if (quote != '"' && quote != '\'')
		return false;
	end = strchr(scan->at + 1, quote);
	if (!end || memchr(scan->at, '\\', (size_t)(end - scan->at)))
		return false;
	if (!str_copy_bytes(to, TEMPLATE_WORD_BYTES, scan->at + 1,
			    (size_t)(end - scan->at) - 1))
		return false;
	scan->at = end + 1;
	return true;
}

/* 'text', None, True, false, 12 or -1.5, as the text that Jinja prints for it. */
static bool take_literal(struct scan *scan, char to[TEMPLATE_WORD_BYTES])
{
	static const char *const words[][2] = {{"None", "None"},   {"none", "None"},
					       {"True", "True"},   {"true", "True"},
					       {"False", "False"}, {"false", "False"}};
	size_t size = 0;

	if (take_quoted(scan, to))
		return true;
	for (size_t i = 0; i < STR_COUNT(words); i++)
		if (take(scan, words[i][0]))
			return str_copy(to, TEMPLATE_WORD_BYTES, words[i][1]);
	while (isdigit((unsigned char)scan->at[size]) ||
	       (size == 0 && scan->at[0] == '-') || (size > 0 && scan->at[size] == '.'))
		size++;
	if (size == 0 || !str_copy_bytes(to, TEMPLATE_WORD_BYTES, scan->at, size))
		return false;
	scan->at += size;
	return true;
}

static bool take_step(struct scan *scan, struct path *path, bool *out_taken)
{
	char *to =
		path->steps[path->step_count < TEMPLATE_STEPS_MAX ? path->step_count : 0];
	bool dotted = *scan->at == '.';

	*out_taken = dotted || *scan->at == '[';
	if (!*out_taken)
		return true;
	if (path->step_count == TEMPLATE_STEPS_MAX)
		return false;
	scan->at++;
	if (dotted ? !take_name(scan, to) : !take_quoted(scan, to) || !take(scan, "]"))
		return false;
	path->step_count++;
	return true;
}

static bool take_path(struct scan *scan, struct path *path)
{
	bool taken = true;

	*path = (struct path){0};
	if (take(scan, "value"))
		return true;
	if (!take(scan, "value_json"))
		return false;
	path->is_json = true;
	while (taken)
		if (!take_step(scan, path, &taken))
			return false;
	return path->step_count > 0;
}

/* path | path == word | "key" in value_json and path; fills path and choice. */
static bool take_condition(struct scan *scan, struct path *path, struct choice *choice)
{
	char key[TEMPLATE_WORD_BYTES];

	if (take_quoted(scan, key) &&
	    (!take(scan, "in") || !take(scan, "value_json") || !take(scan, "and")))
		return false;
	if (!take_path(scan, path))
		return false;
	choice->differs = take(scan, "!=");
	choice->compares = choice->differs || take(scan, "==");
	return !choice->compares || take_literal(scan, choice->word);
}

/* The text or {{ path }} between two {% %}. */
static bool take_outcome_text(struct scan *scan, struct outcome *outcome)
{
	size_t size = 0;

	skip_space(scan);
	if (take(scan, "{{")) {
		outcome->is_path = true;
		return take_path(scan, &outcome->path) && take(scan, "}}");
	}
	while (scan->at[size] && scan->at[size] != '{' && scan->at[size] != '}')
		size++;
	if (!str_copy_bytes(outcome->word, TEMPLATE_WORD_BYTES, scan->at, size))
		return false;
	str_trim(outcome->word);
	scan->at += size;
	return true;
}

static bool take_outcome_value(struct scan *scan, struct outcome *outcome)
{
	if (take_literal(scan, outcome->word))
		return true;
	outcome->is_path = true;
	return take_path(scan, &outcome->path);
}

/* { 'a': 'b', ... } */
static bool take_cases(struct scan *scan, struct template *template)
{
	if (!take(scan, "{"))
		return false;
	do {
		struct template_case *row = &template->cases[template->case_count];

		if (template->case_count == TEMPLATE_CASES_MAX)
			return false;
		if (!take_literal(scan, row->from) || !take(scan, ":") ||
		    !take_literal(scan, row->to))
			return false;
		template->case_count++;
	} while (take(scan, ","));
	return take(scan, "}");
}

static bool scan_path(struct scan *scan, struct template *template)
{
	template->kind = KIND_PATH;
	if (!take(scan, "{{") || !take_path(scan, &template->path))
		return false;
	if (take(scan, "|")) {
		template->lower = true;
		if (!take(scan, "lower"))
			return false;
	}
	return take(scan, "}}") && take_ended(scan);
}

static bool scan_if_block(struct scan *scan, struct template *template)
{
	struct choice *choice = template->choice;

	template->kind = KIND_CHOICE;
	return take(scan, "{%") && take(scan, "if") &&
	       take_condition(scan, &template->path, choice) && take(scan, "%}") &&
	       take_outcome_text(scan, &choice->then) && take(scan, "{%") &&
	       take(scan, "else") && take(scan, "%}") &&
	       take_outcome_text(scan, &choice->otherwise) && take(scan, "{%") &&
	       take(scan, "endif") && take(scan, "%}") && take_ended(scan);
}

static bool scan_if_inline(struct scan *scan, struct template *template)
{
	struct choice *choice = template->choice;

	template->kind = KIND_CHOICE;
	return take(scan, "{{") && take_outcome_value(scan, &choice->then) &&
	       take(scan, "if") && take_condition(scan, &template->path, choice) &&
	       take(scan, "else") && take_outcome_value(scan, &choice->otherwise) &&
	       take(scan, "}}") && take_ended(scan);
}

static bool scan_cases_inline(struct scan *scan, struct template *template)
{
	template->kind = KIND_CASES;
	return take(scan, "{{") && take_cases(scan, template) && take(scan, "[") &&
	       take_path(scan, &template->path) && take(scan, "]") && take(scan, "}}") &&
	       take_ended(scan);
}

static bool scan_cases_set(struct scan *scan, struct template *template)
{
	char name[TEMPLATE_WORD_BYTES];

	template->kind = KIND_CASES;
	return take(scan, "{%") && take(scan, "set") && take_name(scan, name) &&
	       take(scan, "=") && take_cases(scan, template) && take(scan, "%}") &&
	       take(scan, "{{") && take(scan, name) && take(scan, "[") &&
	       take_path(scan, &template->path) && take(scan, "]") && take(scan, "}}") &&
	       take_ended(scan);
}

static enum err template_create(struct template **out_template)
{
	struct template *template = calloc(1, sizeof(*template));

	if (!template)
		return ERR_MEMORY;
	template->choice = calloc(1, sizeof(*template->choice));
	template->cases = calloc(TEMPLATE_CASES_MAX, sizeof(*template->cases));
	template->inserts = calloc(TEMPLATE_INSERTS_MAX, sizeof(*template->inserts));
	template->text = calloc(1, TEMPLATE_PAYLOAD_BYTES);
	if (!template->choice || !template->cases || !template->inserts ||
	    !template->text) {
		template_destroy(template);
		return ERR_MEMORY;
	}
	*out_template = template;
	return OK;
}

void template_destroy(struct template *template)
{
	if (!template)
		return;
	free(template->choice);
	free(template->cases);
	free(template->inserts);
	free(template->text);
	free(template);
}

/* Gives back the tables that its kind does not need: thousands of them live long. */
static void template_shrink(struct template *template)
{
	if (template->kind != KIND_CHOICE) {
		free(template->choice);
		template->choice = NULL;
	}
	if (template->kind != KIND_CASES) {
		free(template->cases);
		template->cases = NULL;
	}
	if (template->kind != KIND_COMMAND) {
		free(template->inserts);
		free(template->text);
		template->inserts = NULL;
		template->text = NULL;
	}
}

typedef bool scan_shape(struct scan *scan, struct template *template);

static enum err parse_shapes(const char *text, scan_shape *const *shapes, size_t count,
			     struct template **out_template)
{
	if (strlen(text) >= TEMPLATE_BYTES_MAX)
		return ERR_UNSUPPORTED;
	for (size_t i = 0; i < count; i++) {
		struct scan scan = {text};
		struct template *template = NULL;
		enum err err = template_create(&template);

		if (err)
			return err;
		if (shapes[i](&scan, template)) {
			template_shrink(template);
			*out_template = template;
			return OK;
		}
		template_destroy(template);
	}
	return ERR_UNSUPPORTED;
}

enum err template_parse_value(const char *text, struct template **out_template)
{
	static scan_shape *const shapes[] = {scan_path, scan_if_block, scan_if_inline,
					     scan_cases_inline, scan_cases_set};

	return parse_shapes(text, shapes, STR_COUNT(shapes), out_template);
}

/* Copies literal text up to the next {{ or the end. */
static bool scan_literal(struct scan *scan, char *to, size_t *size)
{
	while (*scan->at && strncmp(scan->at, "{{", 2) != 0) {
		if (strncmp(scan->at, "{%", 2) == 0 || strncmp(scan->at, "{#", 2) == 0 ||
		    *size + 1 >= TEMPLATE_PAYLOAD_BYTES)
			return false;
		to[(*size)++] = *scan->at++;
	}
	return true;
}

static bool scan_command(struct scan *scan, struct template *template)
{
	size_t size = 0;

	template->kind = KIND_COMMAND;
	while (scan_literal(scan, template->text, &size)) {
		struct insert *insert = &template->inserts[template->insert_count];

		if (!*scan->at)
			return template->insert_count > 0;
		if (template->insert_count == TEMPLATE_INSERTS_MAX)
			return false;
		insert->at = size;
		if (!take(scan, "{{") || !take_name(scan, insert->name) ||
		    !take(scan, "}}"))
			return false;
		template->insert_count++;
	}
	return false;
}

enum err template_parse_command(const char *text, struct template **out_template)
{
	static scan_shape *const shapes[] = {scan_command};

	return parse_shapes(text, shapes, STR_COUNT(shapes), out_template);
}

bool template_knows(const struct template *template, const char *const *names,
		    size_t count)
{
	for (size_t i = 0; i < template->insert_count; i++) {
		bool found = false;

		for (size_t j = 0; j < count; j++)
			found = found || str_equal(template->inserts[i].name, names[j]);
		if (!found)
			return false;
	}
	return true;
}

bool template_holds(const struct template *template, const char *folded_word)
{
	char text[TEMPLATE_PAYLOAD_BYTES];

	if (!template || template->kind != KIND_COMMAND)
		return false;
	(void)str_copy(text, sizeof(text), template->text);
	str_fold(text);
	return strstr(text, folded_word) != NULL;
}

/* A JSON value as Jinja prints it. False for null, objects and arrays. */
static bool print_value(const struct json_value *value, char *to, size_t size)
{
	double number = json_number(value, 0.0);

	if (json_is_text(value))
		return str_copy(to, size, json_text(value, ""));
	if (json_is_bool(value))
		return str_copy(to, size, json_bool(value, false) ? "True" : "False");
	if (!json_is_number(value))
		return false;
	if (fabs(number) < 1e15 && number >= floor(number) && number <= floor(number))
		return str_format(to, size, "%.0f", number);
	return str_format(to, size, "%.10g", number);
}

static bool read_path(const struct path *path, struct template_input input, char *to,
		      size_t size)
{
	const struct json_value *value = input.json;

	if (!path->is_json)
		return str_copy(to, size, input.text);
	for (size_t i = 0; i < path->step_count && value; i++)
		value = json_get(value, path->steps[i]);
	return print_value(value, to, size);
}

static bool is_true(const char *text)
{
	return !str_equal(text, "") && !str_equal(text, "0") &&
	       !str_equal(text, "False") && !str_equal(text, "None");
}

static bool read_choice(const struct template *template, struct template_input input,
			char *to, size_t size)
{
	const struct choice *choice = template->choice;
	char text[TEMPLATE_PAYLOAD_BYTES] = "";
	bool there = read_path(&template->path, input, text, sizeof(text));
	bool holds = there &&
		     (choice->compares ? str_equal(text, choice->word) : is_true(text));
	const struct outcome *outcome = &choice->otherwise;

	if (choice->differs)
		holds = there && !str_equal(text, choice->word);
	if (!there && choice->compares)
		return false;
	if (holds)
		outcome = &choice->then;
	if (outcome->is_path)
		return read_path(&outcome->path, input, to, size);
	return str_copy(to, size, outcome->word);
}

static bool read_cases(const struct template *template, struct template_input input,
		       char *to, size_t size)
{
	char text[TEMPLATE_PAYLOAD_BYTES] = "";

	if (!read_path(&template->path, input, text, sizeof(text)))
		return false;
	for (size_t i = 0; i < template->case_count; i++)
		if (str_equal(text, template->cases[i].from))
			return str_copy(to, size, template->cases[i].to);
	return false;
}

bool template_read(const struct template *template, struct template_input input, char *to,
		   size_t size)
{
	bool read = false;

	if (!template)
		return str_copy(to, size, input.text);
	switch (template->kind) {
	case KIND_PATH:
		read = read_path(&template->path, input, to, size);
		break;
	case KIND_CHOICE:
		read = read_choice(template, input, to, size);
		break;
	case KIND_CASES:
		read = read_cases(template, input, to, size);
		break;
	case KIND_COMMAND:
		break;
	}
	if (read && template->lower)
		str_fold(to);
	return read;
}

static const char *find_insert(const struct template_insert *inserts, size_t count,
			       const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(inserts[i].name, name))
			return inserts[i].text;
	return NULL;
}

bool template_write(const struct template *template,
		    const struct template_insert *inserts, size_t count, char *to,
		    size_t size)
{
	size_t at = 0;

	if (!template)
		return count > 0 && str_copy(to, size, inserts[0].text);
	if (template->kind != KIND_COMMAND || size == 0)
		return false;
	to[0] = 0;
	for (size_t i = 0; i < template->insert_count; i++) {
		const struct insert *insert = &template->inserts[i];
		const char *text = find_insert(inserts, count, insert->name);

		if (!text || !str_append(to, size, "%.*s%s", (int)(insert->at - at),
					 template->text + at, text))
			return false;
		at = insert->at;
	}
	return str_append(to, size, "%s", template->text + at);
}
