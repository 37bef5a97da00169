/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml - reads YAML (and so JSON) into a tree of maps, lists and text.
 *
 * Does not resolve types, aliases, tags or merge keys: all but plain structure is
 * refused. Invariants: containers that are still open hold their finished children at
 * the end of one shared vector, the innermost last, so nesting costs a frame and no
 * recursion; a finished node never changes.
 */
#include "base/yaml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/arena.h"
#include "base/must.h"
#include "base/str.h"

enum {
	YAML_BYTES_MAX = 16 * 1024 * 1024,
	YAML_MEMORY_MAX = 256 * 1024 * 1024,
	YAML_VECTOR_FIRST = 256,
	UTF8_MARK_BYTES = 3, /* the byte order mark some editors put in front */
	ESCAPE_CHARS = 6,    /* \uD83D */
};

struct yaml {
	struct arena *arena;
	struct yaml_node root;
};

/* A map or list whose end has not been seen. */
struct frame {
	struct yaml_node node;
	size_t first_child; /* index into vector */
	const char *key;    /* the key that waits for its value */
	unsigned key_line;
	unsigned key_column;
};

struct reader {
	const char *name;
	struct yaml *yaml;
	struct err_note *note;
	struct yaml_node *vector;
	size_t vector_count;
	size_t vector_capacity;
	size_t node_count;
	size_t depth;
	struct frame frames[YAML_DEPTH_MAX];
	bool done;
};

static enum err complain(const struct reader *reader, enum err err, unsigned line,
			 unsigned column, const char *found, const char *expected)
{
	return err_say(err, reader->note, "%s:%u:%u: %s; expected %s", reader->name, line,
		       column, found, expected);
}

static unsigned mark_line(const yaml_mark_t *mark)
{
	return (unsigned)mark->line + 1;
}

static unsigned mark_column(const yaml_mark_t *mark)
{
	return (unsigned)mark->column + 1;
}

static enum err vector_add(struct reader *reader, const struct yaml_node *node)
{
	if (reader->vector_count == reader->vector_capacity) {
		size_t capacity = reader->vector_capacity ? 2 * reader->vector_capacity
							  : YAML_VECTOR_FIRST;
		struct yaml_node *vector =
			realloc(reader->vector, capacity * sizeof(*reader->vector));
		if (!vector)
			return ERR_MEMORY;
		reader->vector = vector;
		reader->vector_capacity = capacity;
	}
	reader->vector[reader->vector_count++] = *node;
	return OK;
}

static struct frame *top(struct reader *reader)
{
	return reader->depth ? &reader->frames[reader->depth - 1] : NULL;
}

/* Gives a node that begins here its place, line and key. */
static enum err begin_node(struct reader *reader, const yaml_event_t *event,
			   enum yaml_kind kind, struct yaml_node *out_node)
{
	unsigned line = mark_line(&event->start_mark);
	unsigned column = mark_column(&event->start_mark);
	struct frame *frame = top(reader);
	if (++reader->node_count > YAML_NODES_MAX)
		return complain(reader, ERR_LIMIT, line, column, "too many values",
				"at most 1000000 in one file");
	if (frame && frame->node.kind == YAML_MAP && !frame->key)
		return complain(reader, ERR_FORMAT, line, column, "a list or map as key",
				"text before the ':'");
	*out_node = (struct yaml_node){.kind = kind, .line = line, .column = column};
	if (frame && frame->key) {
		out_node->key = frame->key;
		frame->key = NULL;
	}
	return OK;
}

/* Puts a finished node into its container, or makes it the root. */
static enum err end_node(struct reader *reader, const struct yaml_node *node)
{
	if (reader->depth)
		return vector_add(reader, node);
	reader->yaml->root = *node;
	reader->done = true;
	return OK;
}

static enum err push(struct reader *reader, const yaml_event_t *event,
		     enum yaml_kind kind)
{
	if (reader->depth == YAML_DEPTH_MAX)
		return complain(reader, ERR_LIMIT, mark_line(&event->start_mark),
				mark_column(&event->start_mark), "values nested too deep",
				"at most 24 levels");
	struct yaml_node node;
	enum err err = begin_node(reader, event, kind, &node);
	if (err)
		return err;
	reader->frames[reader->depth++] =
		(struct frame){.node = node, .first_child = reader->vector_count};
	return OK;
}

static int compare_keys(const void *a, const void *b)
{
	const struct yaml_node *const *left = a;
	const struct yaml_node *const *right = b;
	int order = strcmp((*left)->key, (*right)->key);
	if (order)
		return order;
	return *left < *right ? -1 : 1;
}

/* Sorting keeps this affordable for a map of a million keys. */
static enum err check_keys(struct reader *reader, const struct yaml_node *map)
{
	if (map->count < 2)
		return OK;
	const struct yaml_node **sorted = calloc(map->count, sizeof(*sorted));
	if (!sorted)
		return ERR_MEMORY;
	for (size_t i = 0; i < map->count; i++)
		sorted[i] = &map->children[i];
	qsort(sorted, map->count, sizeof(*sorted), compare_keys);
	enum err err = OK;
	for (size_t i = 1; i < map->count && !err; i++) {
		if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
			err = err_say(
				ERR_FORMAT, reader->note,
				"%s:%u:%u: the key '%s' a second time; expected each key "
				"once (first in line %u)",
				reader->name, sorted[i]->line, sorted[i]->column,
				sorted[i]->key, sorted[i - 1]->line);
	}
	free(sorted);
	return err;
}

static enum err pop(struct reader *reader)
{
	must(reader->depth > 0);
	struct frame *frame = top(reader);
	must(!frame->key);
	size_t count = reader->vector_count - frame->first_child;
	void *children = NULL;
	enum err err = arena_take_array(reader->yaml->arena, count,
					sizeof(struct yaml_node), &children);
	if (err)
		return err;
	if (count)
		memcpy(children, &reader->vector[frame->first_child],
		       count * sizeof(struct yaml_node));
	struct yaml_node node = frame->node;
	node.count = count;
	node.children = children;
	reader->vector_count = frame->first_child;
	reader->depth--;
	if (node.kind == YAML_MAP) {
		err = check_keys(reader, &node);
		if (err)
			return err;
	}
	return end_node(reader, &node);
}

static enum err take_scalar(struct reader *reader, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	unsigned line = mark_line(&event->start_mark);
	unsigned column = mark_column(&event->start_mark);
	if (event->data.scalar.tag)
		return complain(reader, ERR_FORMAT, line, column, "a tag", "no tags");
	if (strlen(text) != event->data.scalar.length)
		return complain(reader, ERR_FORMAT, line, column, "a NUL character",
				"text without it");
	char *copy = NULL;
	enum err err = arena_copy_text(reader->yaml->arena, text, &copy);
	if (err)
		return err;
	struct frame *frame = top(reader);
	if (frame && frame->node.kind == YAML_MAP && !frame->key) {
		frame->key = copy;
		return OK;
	}
	struct yaml_node node;
	err = begin_node(reader, event, YAML_TEXT, &node);
	if (err)
		return err;
	node.text = copy;
	node.quoted = event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
		      event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	return end_node(reader, &node);
}

static enum err take_start(struct reader *reader, const yaml_event_t *event)
{
	bool is_map = event->type == YAML_MAPPING_START_EVENT;
	const yaml_char_t *tag =
		is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
	if (tag)
		return complain(reader, ERR_FORMAT, mark_line(&event->start_mark),
				mark_column(&event->start_mark), "a tag", "no tags");
	return push(reader, event, is_map ? YAML_MAP : YAML_LIST);
}

static enum err take_event(struct reader *reader, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return OK;
	case YAML_DOCUMENT_START_EVENT:
		if (!reader->done)
			return OK;
		return complain(reader, ERR_FORMAT, mark_line(&event->start_mark),
				mark_column(&event->start_mark), "a second document",
				"one document in a file");
	case YAML_ALIAS_EVENT:
		return complain(reader, ERR_FORMAT, mark_line(&event->start_mark),
				mark_column(&event->start_mark), "an alias",
				"the value itself (aliases are not read)");
	case YAML_SCALAR_EVENT:
		return take_scalar(reader, event);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return take_start(reader, event);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return pop(reader);
	}
	must(false);
}

static unsigned line_of(const char *bytes, size_t offset)
{
	unsigned line = 1;
	for (size_t i = 0; i < offset; i++)
		line += bytes[i] == '\n';
	return line;
}

/* Where a line begins, counted from 0. */
static size_t line_at(const char *bytes, size_t size, size_t line)
{
	size_t at = 0;
	while (at < size && line > 0)
		line -= bytes[at++] == '\n';
	return at;
}

/* A tab in front of a line, which libyaml calls anything but a tab. */
static bool has_tab_in_front(const char *bytes, size_t size, size_t line)
{
	for (size_t at = line_at(bytes, size, line); at < size; at++) {
		if (bytes[at] != ' ')
			return bytes[at] == '\t';
	}
	return false;
}

static enum err parser_failed(const struct reader *reader, const yaml_parser_t *parser,
			      const char *bytes, size_t size)
{
	if (parser->error == YAML_MEMORY_ERROR)
		return ERR_MEMORY;
	/* What cannot even be read has no mark, only an offset. */
	if (parser->error == YAML_READER_ERROR && parser->problem_offset < size)
		return complain(reader, ERR_FORMAT,
				line_of(bytes, parser->problem_offset), 1,
				"a control character", "text without it");
	if (has_tab_in_front(bytes, size, parser->problem_mark.line))
		return complain(reader, ERR_FORMAT, mark_line(&parser->problem_mark),
				mark_column(&parser->problem_mark), "a tab",
				"spaces in front of a line");
	return err_say(ERR_FORMAT, reader->note,
		       "%s:%u:%u: %s%s%s; expected well-formed YAML or JSON",
		       reader->name, mark_line(&parser->problem_mark),
		       mark_column(&parser->problem_mark),
		       parser->context ? parser->context : "",
		       parser->context ? ", " : "",
		       parser->problem ? parser->problem : "something unreadable");
}

static enum err read_events(struct reader *reader, const char *bytes, size_t size)
{
	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		return ERR_MEMORY;
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, size);
	enum err err = OK;
	bool ended = false;
	while (!err && !ended) {
		yaml_event_t event;
		if (!yaml_parser_parse(&parser, &event)) {
			err = parser_failed(reader, &parser, bytes, size);
			break;
		}
		err = take_event(reader, &event);
		ended = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	if (!err && !reader->done)
		err = complain(reader, ERR_FORMAT, 1, 1, "nothing",
			       "a YAML or JSON document");
	return err;
}

/* The number of a \uXXXX escape at text, or -1. */
static long escape_at(const char *text, size_t size)
{
	if (size < ESCAPE_CHARS || text[0] != '\\' || text[1] != 'u')
		return -1;
	long value = 0;
	for (size_t i = 2; i < ESCAPE_CHARS; i++) {
		static const char digits[] = "0123456789abcdef";
		char c = text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] - 'A' + 'a')
							  : text[i];
		const char *digit = c ? strchr(digits, c) : NULL;
		if (!digit)
			return -1;
		value = value * 16 + (digit - digits);
	}
	return value;
}

/* JSON writes characters beyond U+FFFF as two \u escapes, which libyaml refuses; here
 * each such pair becomes one \U escape. to has room for size bytes: it never grows. */
static size_t join_surrogates(char *to, const char *from, size_t size)
{
	size_t written = 0;
	for (size_t i = 0; i < size;) {
		long high = escape_at(from + i, size - i);
		long low = -1;
		if (high >= 0xd800 && high <= 0xdbff)
			low = escape_at(from + i + ESCAPE_CHARS, size - i - ESCAPE_CHARS);
		if (low >= 0xdc00 && low <= 0xdfff) {
			char joined[16];
			long code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
			must(str_format(joined, sizeof(joined), "\\U%08lX",
					(unsigned long)code));
			size_t length = strlen(joined);
			memcpy(to + written, joined, length);
			written += length;
			i += 2 * (size_t)ESCAPE_CHARS;
			continue;
		}
		/* An escaped character is copied with its backslash, so that "\\ud83d" is
		 * not taken for an escape. */
		size_t step = from[i] == '\\' && i + 1 < size ? 2 : 1;
		memcpy(to + written, from + i, step);
		written += step;
		i += step;
	}
	return written;
}

static bool looks_like_json(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!strchr(" \t\r\n", bytes[i]))
			return bytes[i] == '{' || bytes[i] == '[';
	}
	return false;
}

/* Where the first bytes that are not UTF-8 (or a NUL) stand. */
static void bad_bytes_at(const char *bytes, size_t size, unsigned *out_line)
{
	size_t start = 0;
	unsigned line = 1;
	for (size_t i = 0; i <= size; i++) {
		if (i < size && bytes[i] != '\n')
			continue;
		if (!str_is_utf8(bytes + start, i - start))
			break;
		start = i + 1;
		line++;
	}
	*out_line = line;
}

enum err yaml_parse(const char *name, const char *bytes, size_t size,
		    struct yaml **out_yaml, struct err_note *note)
{
	enum err err = OK;
	struct reader reader = {.name = name, .note = note};
	char *joined = NULL;
	if (size > YAML_BYTES_MAX)
		return err_say(ERR_LIMIT, note, "%s:1:1: %zu bytes; expected at most %d",
			       name, size, YAML_BYTES_MAX);
	if (!str_is_utf8(bytes, size)) {
		unsigned line = 0;
		bad_bytes_at(bytes, size, &line);
		return complain(&reader, ERR_FORMAT, line, 1,
				"bytes that are not UTF-8, or a NUL", "text in UTF-8");
	}
	if (size >= UTF8_MARK_BYTES &&
	    memcmp(bytes, "\xef\xbb\xbf", UTF8_MARK_BYTES) == 0) {
		bytes += UTF8_MARK_BYTES;
		size -= UTF8_MARK_BYTES;
	}
	if (looks_like_json(bytes, size)) {
		joined = malloc(size);
		if (!joined)
			return ERR_MEMORY;
		size = join_surrogates(joined, bytes, size);
		bytes = joined;
	}
	reader.yaml = calloc(1, sizeof(*reader.yaml));
	err = reader.yaml ? arena_create(YAML_MEMORY_MAX, &reader.yaml->arena)
			  : ERR_MEMORY;
	if (!err)
		err = read_events(&reader, bytes, size);
	if (!err) {
		*out_yaml = reader.yaml;
		reader.yaml = NULL;
	}
	yaml_destroy(reader.yaml);
	free(reader.vector);
	free(joined);
	return err;
}

void yaml_destroy(struct yaml *yaml)
{
	if (!yaml)
		return;
	arena_destroy(yaml->arena);
	free(yaml);
}

const struct yaml_node *yaml_root(const struct yaml *yaml)
{
	return &yaml->root;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++) {
		if (strcmp(map->children[i].key, key) == 0)
			return &map->children[i];
	}
	return NULL;
}

const char *yaml_text(const struct yaml_node *node, const char *fallback)
{
	return node && node->kind == YAML_TEXT ? node->text : fallback;
}
