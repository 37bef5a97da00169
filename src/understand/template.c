/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template - reads one sentence of the template language.
 *
 * Does not look up lists or rules: a tree may name what nobody defined. Invariants: a
 * sequence is never empty; an optional has one child; brackets that are still open are
 * frames, so depth costs no recursion.
 */
#include "understand/template.h"

#include <stdbool.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum { NAME_BYTES_MAX = 64, RANGE_LARGEST = 1000000 };

/* A bracket that is still open; the outermost has none. */
struct open {
	char bracket;
	char separator; /* '|' or ';' once one was seen */
	bool has_empty; /* one alternative has no words: (light|) is [light] */
	struct part *group;
	struct part *sequence;
	unsigned line;
	unsigned column;
};

struct parser {
	struct arena *arena;
	const char *text;
	size_t at;
	unsigned line;
	unsigned column;
	const char *file;
	struct err_note *note;
	size_t depth;
	struct open opens[TEMPLATE_DEPTH_MAX + 1];
};

enum err place_say(enum err err, struct err_note *note, struct place place,
		   const char *found, const char *expected)
{
	return err_say(err, note, "%s:%u:%u: %s; expected %s", place.file, place.line,
		       place.column, found, expected);
}

static enum err complain(const struct parser *parser, enum err err, const char *found,
			 const char *expected)
{
	struct place place = {parser->file, parser->line, parser->column};
	return place_say(err, parser->note, place, found, expected);
}

static void advance(struct parser *parser, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char c = parser->text[parser->at++];
		if (c == '\n') {
			parser->line++;
			parser->column = 1;
		} else if (((unsigned char)c & 0xc0) != 0x80) {
			parser->column++;
		}
	}
}

static enum err make_part(struct parser *parser, enum part_kind kind,
			  struct part **out_part)
{
	void *memory = NULL;
	enum err err = arena_take(parser->arena, sizeof(struct part), &memory);
	if (err)
		return err;
	struct part *part = memory;
	part->kind = kind;
	part->line = parser->line;
	part->column = parser->column;
	*out_part = part;
	return OK;
}

static void add_child(struct part *parent, struct part *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->count++;
}

static struct open *innermost(struct parser *parser)
{
	return &parser->opens[parser->depth];
}

static enum err add_part(struct parser *parser, enum part_kind kind,
			 struct part **out_part)
{
	enum err err = make_part(parser, kind, out_part);
	if (!err)
		add_child(innermost(parser)->sequence, *out_part);
	return err;
}

static enum err begin_group(struct parser *parser, char bracket)
{
	struct open *open = innermost(parser);
	*open = (struct open){.bracket = bracket,
			      .line = parser->line,
			      .column = parser->column};
	enum err err = make_part(parser, PART_CHOICE, &open->group);
	if (!err)
		err = make_part(parser, PART_SEQUENCE, &open->sequence);
	return err;
}

/* Ends the alternative at the cursor and puts it into its group. */
static enum err end_alternative(struct parser *parser)
{
	struct open *open = innermost(parser);
	if (open->sequence->count) {
		add_child(open->group, open->sequence);
		return OK;
	}
	if (parser->depth && open->separator == '|') {
		open->has_empty = true;
		return OK;
	}
	return complain(parser, ERR_FORMAT,
			parser->depth || open->separator ? "an empty alternative"
							 : "an empty sentence",
			"words ([..] makes them optional)");
}

static enum err take_separator(struct parser *parser, char separator)
{
	struct open *open = innermost(parser);
	if (open->separator && open->separator != separator)
		return complain(parser, ERR_FORMAT, "'|' and ';' in one group",
				"brackets around one of them");
	open->separator = separator;
	enum err err = end_alternative(parser);
	advance(parser, 1);
	if (!err)
		err = make_part(parser, PART_SEQUENCE, &open->sequence);
	return err;
}

static enum err take_opening(struct parser *parser)
{
	char bracket = parser->text[parser->at];
	if (parser->depth == TEMPLATE_DEPTH_MAX)
		return complain(parser, ERR_LIMIT, "brackets nested too deep",
				"at most 32 levels");
	parser->depth++;
	enum err err = begin_group(parser, bracket);
	advance(parser, 1);
	return err;
}

/* A group of one alternative is that alternative. */
static struct part *group_part(const struct open *open)
{
	if (open->group->count == 1)
		return open->group->first;
	if (open->separator == ';')
		open->group->kind = PART_PERMUTE;
	return open->group;
}

static enum err check_group(const struct parser *parser, const struct open *open)
{
	if (open->group->count == 0)
		return complain(parser, ERR_FORMAT, "a group of nothing",
				"words in at least one alternative");
	if (open->separator == ';' && open->group->count > TEMPLATE_PERMUTED_MAX)
		return complain(parser, ERR_LIMIT, "too many parts in any order",
				"at most 5 in one (a;b)");
	return OK;
}

static enum err take_closing(struct parser *parser)
{
	char bracket = parser->text[parser->at];
	struct open *open = innermost(parser);
	if (!parser->depth || open->bracket != (bracket == ')' ? '(' : '['))
		return complain(parser, ERR_FORMAT,
				bracket == ')' ? "')' without '('" : "']' without '['",
				parser->depth
					? "the bracket that is open to be closed first"
					: "a bracket that opens before it");
	enum err err = end_alternative(parser);
	if (!err)
		err = check_group(parser, open);
	if (err)
		return err;
	struct part *part = group_part(open);
	bool is_optional = bracket == ']' || open->has_empty;
	parser->depth--;
	advance(parser, 1);
	if (!is_optional) {
		add_child(innermost(parser)->sequence, part);
		return OK;
	}
	struct part *optional = NULL;
	err = add_part(parser, PART_OPTIONAL, &optional);
	if (!err)
		add_child(optional, part);
	return err;
}

static enum err copy_piece(struct parser *parser, const char *from, size_t length,
			   const char **out_copy)
{
	void *memory = NULL;
	enum err err = arena_take(parser->arena, length + 1, &memory);
	if (err)
		return err;
	char *copy = memory;
	memcpy(copy, from, length);
	copy[length] = '\0';
	str_trim(copy);
	*out_copy = copy;
	return OK;
}

static bool is_name(const char *name)
{
	size_t length = strlen(name);
	return length > 0 && length <= NAME_BYTES_MAX && !strpbrk(name, "{}<>()[]|;\\\n");
}

/* "from..to" or "from..to,step". */
static enum err read_range(struct parser *parser, const char *text,
			   const struct range **out_range)
{
	char copy[NAME_BYTES_MAX];
	void *memory = NULL;
	enum err err = arena_take(parser->arena, sizeof(struct range), &memory);
	if (err)
		return err;
	struct range *range = memory;
	*range = (struct range){.step = 1, .multiplier = 1};
	bool good = str_copy(copy, sizeof(copy), text);
	char *dots = good ? strstr(copy, "..") : NULL;
	char *comma = dots ? strchr(dots, ',') : NULL;
	if (comma)
		*comma++ = '\0';
	if (dots)
		*dots = '\0';
	if (!dots || !str_to_double(copy, -RANGE_LARGEST, RANGE_LARGEST, &range->from) ||
	    !str_to_double(dots + 2, -RANGE_LARGEST, RANGE_LARGEST, &range->to) ||
	    (comma && !str_to_double(comma, 0.001, RANGE_LARGEST, &range->step)) ||
	    range->from > range->to)
		return complain(parser, ERR_FORMAT, "a range that is none",
				"{from..to} or {from..to,step} with from <= to");
	*out_range = range;
	return OK;
}

/* {list}, {list:slot}, {1..100:slot} or <rule>; the cursor is on the bracket. */
static enum err take_reference(struct parser *parser)
{
	bool is_rule = parser->text[parser->at] == '<';
	const char *start = parser->text + parser->at + 1;
	size_t length = strcspn(start, is_rule ? ">" : "}");
	if (!start[length])
		return complain(parser, ERR_FORMAT,
				is_rule ? "'<' without '>'" : "'{' without '}'",
				is_rule ? "<rule>" : "{list} or {list:slot}");
	const char *colon = is_rule ? NULL : memchr(start, ':', length);
	size_t name_length = colon ? (size_t)(colon - start) : length;
	const char *name = NULL;
	const char *slot = NULL;
	enum err err = copy_piece(parser, start, name_length, &name);
	if (!err && colon)
		err = copy_piece(parser, colon + 1, length - name_length - 1, &slot);
	if (err)
		return err;
	if (!is_name(name) || (slot && !is_name(slot)))
		return complain(parser, ERR_FORMAT,
				is_rule ? "a rule without a name"
					: "a list without a name",
				is_rule ? "<rule>" : "{list} or {list:slot}");
	bool is_range = !is_rule && strstr(name, "..");
	struct part *part = NULL;
	err = add_part(parser,
		       is_rule    ? PART_RULE
		       : is_range ? PART_RANGE
				  : PART_LIST,
		       &part);
	if (!err && is_range)
		err = read_range(parser, name, &part->range);
	if (err)
		return err;
	part->text = name;
	part->slot = slot ? slot : is_range ? "" : name;
	advance(parser, length + 2);
	return OK;
}

static bool is_special(char c)
{
	return strchr("()[]{}<>|;", c);
}

/* The bytes of plain text at the cursor, escapes included. */
static size_t plain_length(const struct parser *parser)
{
	const char *text = parser->text + parser->at;
	size_t length = 0;
	while (text[length] && !is_special(text[length]))
		length += text[length] == '\\' && text[length + 1] ? 2 : 1;
	return length;
}

/* Plain text up to the next character that means something. */
static enum err take_text(struct parser *parser)
{
	struct part *part = NULL;
	void *memory = NULL;
	size_t room = plain_length(parser) + 1;
	enum err err = add_part(parser, PART_TEXT, &part);
	if (!err)
		err = arena_take(parser->arena, room, &memory);
	if (err)
		return err;
	char *text = memory;
	size_t count = 0;
	while (!is_special(parser->text[parser->at])) {
		if (parser->text[parser->at] == '\\') {
			if (!parser->text[parser->at + 1])
				return complain(parser, ERR_FORMAT, "'\\' at the end",
						"a character after it");
			advance(parser, 1);
		}
		must(count + 1 < room);
		text[count++] = parser->text[parser->at];
		advance(parser, 1);
	}
	part->text = text;
	return OK;
}

static enum err take_next(struct parser *parser)
{
	switch (parser->text[parser->at]) {
	case '(':
	case '[':
		return take_opening(parser);
	case ')':
	case ']':
		return take_closing(parser);
	case '|':
	case ';':
		return take_separator(parser, parser->text[parser->at]);
	case '{':
	case '<':
		return take_reference(parser);
	case '}':
		return complain(parser, ERR_FORMAT, "'}' without '{'",
				"{list} or {list:slot}");
	case '>':
		return complain(parser, ERR_FORMAT, "'>' without '<'", "<rule>");
	default:
		return take_text(parser);
	}
}

enum err template_parse(struct arena *arena, const char *text, struct place place,
			const struct part **out_part, struct err_note *note)
{
	struct parser parser = {.arena = arena,
				.text = text,
				.line = place.line,
				.column = place.column,
				.file = place.file,
				.note = note};
	if (strlen(text) > TEMPLATE_BYTES_MAX)
		return place_say(ERR_LIMIT, note, place, "a sentence that is too long",
				 "at most 4096 bytes");
	enum err err = begin_group(&parser, '\0');
	while (!err && text[parser.at])
		err = take_next(&parser);
	if (err)
		return err;
	if (parser.depth) {
		const struct open *open = innermost(&parser);
		place.line = open->line;
		place.column = open->column;
		return place_say(ERR_FORMAT, note, place,
				 open->bracket == '(' ? "'(' that is never closed"
						      : "'[' that is never closed",
				 open->bracket == '(' ? "')'" : "']'");
	}
	err = end_alternative(&parser);
	if (!err)
		err = check_group(&parser, innermost(&parser));
	if (!err)
		*out_part = group_part(innermost(&parser));
	return err;
}
