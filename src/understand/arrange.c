/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arrange - from the bytes of groups.yaml and routines.yaml to a struct arranged.
 *
 * What calls a routine is plain words: no template, so that what a household wrote is what
 * it has to say. Does not know the home: a line or a member that nobody has is found when
 * it is looked for. Invariant: what is refused leaves everything as it was.
 */
#include "understand/arrange.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/str.h"
#include "base/yaml.h"

enum { JSON_BYTES_MAX = 256 * 1024, FOUND_BYTES = 64 };

struct reading {
	const char *name;
	struct arranged *to;
	struct err_note *note;
};

static enum err complain(const struct reading *reading, const struct yaml_node *node,
			 enum err err, const char *found, const char *expected)
{
	return err_say(err, reading->note, "%s:%u:%u: %s; expected %s", reading->name,
		       node->line, node->column, found, expected);
}

static enum err expect_kind(const struct reading *reading, const struct yaml_node *node,
			    enum yaml_kind kind, const char *expected)
{
	static const char *const FOUND[] = {
		[YAML_TEXT] = "a text", [YAML_LIST] = "a list", [YAML_MAP] = "a map"};

	return node->kind == kind
		       ? OK
		       : complain(reading, node, ERR_FORMAT, FOUND[node->kind], expected);
}

static enum err expect_count(const struct reading *reading, const struct yaml_node *node,
			     size_t count_max, const char *what)
{
	char expected[FOUND_BYTES];

	(void)str_format(expected, sizeof(expected), "at least one and at most %zu %s",
			 count_max, what);
	if (node->count == 0)
		return complain(reading, node, ERR_FORMAT, "nothing", expected);
	return node->count <= count_max
		       ? OK
		       : complain(reading, node, ERR_LIMIT, "too many", expected);
}

/* Letters of any language, digits, spaces, apostrophes and hyphens. */
static bool is_plain(const char *text)
{
	for (const char *at = text; *at; at++) {
		const unsigned char letter = (unsigned char)*at;
		bool is_letter = (letter >= 'a' && letter <= 'z') ||
				 (letter >= 'A' && letter <= 'Z') ||
				 (letter >= '0' && letter <= '9') || letter >= 0x80;
		if (!is_letter && letter != ' ' && letter != '\'' && letter != '-')
			return false;
	}
	return true;
}

/* One text, trimmed; plain where it is a name or calls something. */
static enum err read_text(const struct reading *reading, const struct yaml_node *node,
			  bool plain, char *to, size_t size)
{
	enum err err = expect_kind(reading, node, YAML_TEXT, "a text");

	if (err)
		return err;
	if (!str_copy(to, size, node->text))
		return complain(reading, node, ERR_LIMIT, "a text that is too long",
				"a shorter one");
	str_trim(to);
	if (to[0] == '\0')
		return complain(reading, node, ERR_FORMAT, "an empty text", "words");
	if (plain && !is_plain(to))
		return complain(reading, node, ERR_FORMAT,
				"a character that nobody can say",
				"words alone: letters, digits, spaces, ' and -");
	return OK;
}

/* The name that is the key of a map's child. */
static enum err read_key(const struct reading *reading, const struct yaml_node *node,
			 char to[NAME_BYTES])
{
	const struct yaml_node key = {.kind = YAML_TEXT,
				      .text = node->key,
				      .line = node->line,
				      .column = node->column};

	return read_text(reading, &key, true, to, NAME_BYTES);
}

/* --- groups and floors --- */

static enum err read_group(const struct reading *reading, const struct yaml_node *node,
			   struct arranged_group *group)
{
	enum err err = read_key(reading, node, group->name);

	if (!err)
		err = expect_kind(reading, node, YAML_LIST, "a list of names");
	if (!err)
		err = expect_count(reading, node, ARRANGED_MEMBERS_MAX, "names");
	for (size_t i = 0; !err && i < node->count; i++)
		err = read_text(reading, &node->children[i], false, group->members[i],
				NAME_BYTES);
	group->member_count = err ? 0 : node->count;
	return err;
}

static enum err read_groups(const struct reading *reading, const struct yaml_node *node,
			    struct arranged_group *groups, size_t count_max,
			    size_t *count)
{
	enum err err = expect_kind(reading, node, YAML_MAP, "a map of names");

	if (!err)
		err = expect_count(reading, node, count_max, "names");
	for (size_t i = 0; !err && i < node->count; i++) {
		if (*count == count_max)
			return complain(reading, &node->children[i], ERR_LIMIT,
					"one too many", "fewer in all");
		err = read_group(reading, &node->children[i], &groups[*count]);
		for (size_t k = 0; !err && k < *count; k++)
			if (str_equal_folded(groups[k].name, groups[*count].name))
				err = complain(reading, &node->children[i], ERR_FORMAT,
					       "a name for the second time",
					       "each name once");
		if (!err)
			(*count)++;
	}
	return err;
}

/* --- routines --- */

static enum err check_keys(const struct reading *reading, const struct yaml_node *map,
			   const char *const *known, size_t known_count,
			   const char *expected)
{
	for (size_t i = 0; i < map->count; i++) {
		bool is_known = false;

		for (size_t k = 0; k < known_count; k++)
			is_known = is_known || str_equal(map->children[i].key, known[k]);
		if (!is_known)
			return complain(reading, &map->children[i], ERR_FORMAT,
					"an unknown key", expected);
	}
	return OK;
}

/* Its name calls it as well. */
static enum err read_sentences(const struct reading *reading,
			       const struct yaml_node *node, struct routine *routine)
{
	enum err err = OK;

	must(str_copy(routine->sentences[0], ROUTINE_SENTENCE_BYTES, routine->name));
	routine->sentence_count = 1;
	if (!node)
		return OK;
	err = expect_kind(reading, node, YAML_LIST, "a list of sentences");
	if (!err)
		err = expect_count(reading, node, ROUTINE_SENTENCES_MAX - 1, "sentences");
	for (size_t i = 0; !err && i < node->count; i++)
		err = read_text(reading, &node->children[i], true,
				routine->sentences[routine->sentence_count++],
				ROUTINE_SENTENCE_BYTES);
	return err;
}

static enum err read_lines(const struct reading *reading, const struct yaml_node *node,
			   struct routine *routine)
{
	enum err err = expect_kind(reading, node, YAML_LIST, "a list of sentences");

	if (!err)
		err = expect_count(reading, node, ROUTINE_LINES_MAX, "sentences");
	for (size_t i = 0; !err && i < node->count; i++) {
		struct routine_line *line = &routine->lines[routine->line_count++];

		line->number = node->children[i].line;
		err = read_text(reading, &node->children[i], false, line->text,
				sizeof(line->text));
	}
	return err;
}

static bool calls(const struct routine *routine, const char *text)
{
	for (size_t i = 0; i < routine->sentence_count; i++)
		if (str_equal_folded(routine->sentences[i], text))
			return true;
	return false;
}

/* What is said calls one routine. */
static enum err check_sentences(const struct reading *reading,
				const struct yaml_node *node,
				const struct routine *routine)
{
	for (size_t i = 0; i < reading->to->routine_count; i++)
		for (size_t k = 0; k < routine->sentence_count; k++)
			if (calls(&reading->to->routines[i], routine->sentences[k]))
				return complain(reading, node, ERR_FORMAT,
						"what calls another routine as well",
						"each name and sentence once");
	return OK;
}

static enum err read_routine(const struct reading *reading, const struct yaml_node *node,
			     struct routine *routine)
{
	static const char *const KEYS[] = {"do", "name", "sentences"};
	const struct yaml_node *name = yaml_get(node, "name");
	const struct yaml_node *lines = yaml_get(node, "do");
	enum err err = expect_kind(reading, node, YAML_MAP, "a map with name and do");

	if (!err)
		err = check_keys(reading, node, KEYS, STR_COUNT(KEYS),
				 "name, sentences or do");
	if (!err && (!name || !lines))
		err = complain(reading, node, ERR_FORMAT, "no name, or nothing to do",
			       "name and do");
	if (!err)
		err = read_text(reading, name, true, routine->name,
				sizeof(routine->name));
	if (!err)
		err = read_sentences(reading, yaml_get(node, "sentences"), routine);
	if (!err)
		err = read_lines(reading, lines, routine);
	return err ? err : check_sentences(reading, node, routine);
}

static bool calls_any(const struct arranged *arranged, const char *text)
{
	for (size_t i = 0; i < arranged->routine_count; i++)
		if (calls(&arranged->routines[i], text))
			return true;
	return false;
}

/* Where a line stands: in this file, or in one that was read before it. */
static const struct yaml_node *place_of(const struct reading *reading,
					const struct yaml_node *list, size_t routine,
					size_t line)
{
	const size_t before = reading->to->routine_count - list->count;

	if (routine < before)
		return list;
	return &yaml_get(&list->children[routine - before], "do")->children[line];
}

/* No routine calls another, or itself: so each ends. */
static enum err check_calls(const struct reading *reading, const struct yaml_node *list)
{
	const struct arranged *arranged = reading->to;

	for (size_t i = 0; i < arranged->routine_count; i++)
		for (size_t k = 0; k < arranged->routines[i].line_count; k++)
			if (calls_any(arranged, arranged->routines[i].lines[k].text))
				return complain(reading, place_of(reading, list, i, k),
						ERR_FORMAT, "a line that calls a routine",
						"what is done itself");
	return OK;
}

static enum err read_routines(const struct reading *reading, const struct yaml_node *node)
{
	struct arranged *arranged = reading->to;
	enum err err = expect_kind(reading, node, YAML_LIST, "a list of routines");

	if (!err)
		err = expect_count(reading, node, ROUTINES_MAX, "routines");
	for (size_t i = 0; !err && i < node->count; i++) {
		if (arranged->routine_count == ROUTINES_MAX)
			return complain(reading, &node->children[i], ERR_LIMIT,
					"one routine too many", "fewer in all");
		struct routine *routine = &arranged->routines[arranged->routine_count];
		memset(routine, 0, sizeof(*routine));
		err = read_routine(reading, &node->children[i], routine);
		if (!err)
			arranged->routine_count++;
	}
	return err ? err : check_calls(reading, node);
}

/* --- the file --- */

static enum err read_root(const struct reading *reading, const struct yaml_node *root)
{
	static const char *const KEYS[] = {"floors", "groups", "routines"};
	const struct yaml_node *floors = yaml_get(root, "floors");
	const struct yaml_node *groups = yaml_get(root, "groups");
	const struct yaml_node *routines = yaml_get(root, "routines");
	struct arranged *to = reading->to;
	enum err err = expect_kind(reading, root, YAML_MAP, "floors, groups or routines");

	if (!err)
		err = check_keys(reading, root, KEYS, STR_COUNT(KEYS),
				 "floors, groups or routines");
	if (!err && floors)
		err = read_groups(reading, floors, to->floors, HOME_FLOORS_MAX,
				  &to->floor_count);
	if (!err && groups)
		err = read_groups(reading, groups, to->groups, GROUPS_MAX,
				  &to->group_count);
	if (!err && routines)
		err = read_routines(reading, routines);
	return err;
}

enum err arrange_read(const char *name, const char *bytes, size_t size,
		      struct arranged *arranged, struct err_note *note)
{
	struct arranged *read = NULL;
	struct yaml *yaml = NULL;
	enum err err;

	if (size > ARRANGED_FILE_BYTES_MAX)
		return err_say(ERR_LIMIT, note, "%s: %zu bytes; expected at most %d",
			       name, size, ARRANGED_FILE_BYTES_MAX);
	read = malloc(sizeof(*read));
	if (!read)
		return ERR_MEMORY;
	*read = *arranged;
	err = yaml_parse(name, bytes, size, &yaml, note);
	if (!err)
		err = read_root(&(struct reading){name, read, note}, yaml_root(yaml));
	if (!err)
		*arranged = *read;
	yaml_destroy(yaml);
	free(read);
	return err;
}

/* --- what calls them --- */

static enum err add(struct buf *json, const char *text)
{
	return buf_add(json, text, strlen(text));
}

/* Plain words need no escape. */
static enum err add_quoted(struct buf *json, const char *before, const char *text)
{
	enum err err = add(json, before);

	if (!err)
		err = add(json, "\"");
	if (!err)
		err = add(json, text);
	return err ? err : add(json, "\"");
}

static enum err add_routine(struct buf *json, const struct routine *routine, bool first)
{
	enum err err = add(json, first ? "{\"sentences\": [" : ",{\"sentences\": [");

	for (size_t i = 0; !err && i < routine->sentence_count; i++)
		err = add_quoted(json, i ? "," : "", routine->sentences[i]);
	if (!err)
		err = add_quoted(json, "], \"slots\": {\"routine\": ", routine->name);
	return err ? err : add(json, "}}");
}

enum err arrange_sentences(const struct arranged *arranged, struct sentences *sentences,
			   struct err_note *note)
{
	const char *language = sentences_language(sentences);
	struct buf json;
	enum err err;

	if (arranged->routine_count == 0)
		return OK;
	buf_init(&json, JSON_BYTES_MAX);
	err = add_quoted(&json, "{\"language\": ", language[0] ? language : "en");
	if (!err)
		err = add(&json, ", \"intents\": {\"BehestRunRoutine\": {\"data\": [");
	for (size_t i = 0; !err && i < arranged->routine_count; i++)
		err = add_routine(&json, &arranged->routines[i], i == 0);
	if (!err)
		err = add(&json, "]}}}");
	if (!err)
		err = sentences_add(sentences, "routines.yaml", (const char *)json.bytes,
				    json.size, note);
	buf_finish(&json);
	return err;
}
