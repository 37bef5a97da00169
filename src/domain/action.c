/* SPDX-License-Identifier: Apache-2.0 */
/*
 * action - the rows of actions.def, and an action as bytes. Pure.
 */
#include "domain/action.h"

#include <math.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum { CELSIUS_UNITS = 1000, CELSIUS_UNITS_MAX = 1000 * CELSIUS_UNITS };

/* The lines of the canonical form. */
enum {
	LINE_FORM,
	LINE_KIND,
	LINE_ENTITY,
	LINE_ROOM,
	LINE_PERCENT,
	LINE_CELSIUS,
	LINE_COLOUR,
	LINE_MODE,
	LINE_BODY,
	FORM_LINES_PLAIN,
	LINE_ITEM = FORM_LINES_PLAIN, /* these only where there is one */
	LINE_CENTS,
	FORM_LINES,
};

static const struct {
	const char *name;
	const char *sentence;
	enum action_class class_of;
	enum action_factor factor;
	enum capability capability;
	unsigned per_hour;
} ACTIONS[ACTION_KIND_COUNT] = {
#define ACTION(kind, class_letter, factor, capability, per_hour, text, words)            \
	[ACTION_##kind] = {                                                              \
		text,    words, CLASS_##class_letter, FACTOR_##factor, MAY_##capability, \
		per_hour},
#include "domain/actions.def"
#undef ACTION
};

const char *action_name(enum action_kind kind)
{
	must(kind < ACTION_KIND_COUNT);
	return ACTIONS[kind].name;
}

const char *action_sentence(enum action_kind kind)
{
	must(kind < ACTION_KIND_COUNT);
	return ACTIONS[kind].sentence;
}

enum action_class action_class(enum action_kind kind)
{
	must(kind < ACTION_KIND_COUNT);
	return ACTIONS[kind].class_of;
}

const char *action_class_text(enum action_class class_of)
{
	static const char *const TEXTS[] = {"A", "B", "C"};

	must(class_of <= CLASS_C);
	return TEXTS[class_of];
}

enum action_factor action_factor(enum action_kind kind)
{
	must(kind < ACTION_KIND_COUNT);
	return ACTIONS[kind].factor;
}

enum capability action_capability(enum action_kind kind)
{
	must(kind < ACTION_KIND_COUNT);
	return ACTIONS[kind].capability;
}

unsigned action_per_hour(enum action_kind kind)
{
	must(kind < ACTION_KIND_COUNT);
	return ACTIONS[kind].per_hour;
}

/* ---- the canonical form ---- */

static const char FORM[] = "behest-action-v2";
static const char FORM_ITEM[] = "behest-action-v3";

static bool is_one_line(const char *text)
{
	return str_is_line(text, strlen(text));
}

/* In thousandths, the nearest: most of them are no binary fraction. */
static bool celsius_units(double celsius, long long *out_units)
{
	const double units = round(celsius * CELSIUS_UNITS);

	if (!(units >= -CELSIUS_UNITS_MAX && units <= CELSIUS_UNITS_MAX)) /* nor NAN */
		return false;
	*out_units = (long long)units;
	return true;
}

static bool has_item(const struct action *action)
{
	return action->item[0] != '\0' || action->cents != 0;
}

/* The body goes in hexadecimal digits. */
enum err action_bytes(const struct action *action, char to[ACTION_BYTES_MAX],
		      size_t *out_size)
{
	char body[2 * ACTION_BODY_BYTES + 1];
	long long celsius = 0;

	if (action->words[0] != '\0' || action->book.kind != BOOK_NOTHING ||
	    !is_one_line(action->entity) || !is_one_line(action->room) ||
	    !is_one_line(action->colour) || !is_one_line(action->mode) ||
	    !is_one_line(action->item) || !celsius_units(action->celsius, &celsius))
		return ERR_RANGE;
	str_to_hex(body, action->body, sizeof(action->body));
	must(str_format(to, ACTION_BYTES_MAX, "%s\n%s\n%s\n%s\n%d\n%lld\n%s\n%s\n%s\n",
			has_item(action) ? FORM_ITEM : FORM, action_name(action->kind),
			action->entity, action->room, action->percent, celsius,
			action->colour, action->mode, body));
	if (has_item(action))
		must(str_append(to, ACTION_BYTES_MAX, "%s\n%lld\n", action->item,
				(long long)action->cents));
	*out_size = strlen(to);
	return OK;
}

static bool kind_from_name(const char *name, enum action_kind *out_kind)
{
	for (size_t i = 0; i < ACTION_KIND_COUNT; i++) {
		if (!str_equal(ACTIONS[i].name, name))
			continue;
		*out_kind = (enum action_kind)i;
		return true;
	}
	return false;
}

/* Cuts the form into its lines, in place; those that it has not are "" and "0". */
static bool cut_lines(char *bytes, char *lines[FORM_LINES])
{
	static char nothing[] = "";
	static char zero[] = "0";
	char *rest = bytes;
	const bool is_plain = str_starts(bytes, FORM);
	const size_t count = is_plain ? FORM_LINES_PLAIN : FORM_LINES;

	lines[LINE_ITEM] = nothing;
	lines[LINE_CENTS] = zero;
	for (size_t i = 0; i < count; i++) {
		lines[i] = strsep(&rest, "\n");
		if (!rest)
			return false;
	}
	return rest[0] == '\0' &&
	       str_equal(lines[LINE_FORM], is_plain ? FORM : FORM_ITEM);
}

static bool read_lines(char *lines[FORM_LINES], struct action *action)
{
	int64_t percent = 0;
	int64_t celsius = 0;

	if (!kind_from_name(lines[LINE_KIND], &action->kind) ||
	    !str_copy(action->entity, sizeof(action->entity), lines[LINE_ENTITY]) ||
	    !str_copy(action->room, sizeof(action->room), lines[LINE_ROOM]) ||
	    !str_to_int(lines[LINE_PERCENT], INT32_MIN, INT32_MAX, &percent) ||
	    !str_to_int(lines[LINE_CELSIUS], -CELSIUS_UNITS_MAX, CELSIUS_UNITS_MAX,
			&celsius) ||
	    !str_copy(action->colour, sizeof(action->colour), lines[LINE_COLOUR]) ||
	    !str_copy(action->mode, sizeof(action->mode), lines[LINE_MODE]) ||
	    !str_from_hex(action->body, sizeof(action->body), lines[LINE_BODY]) ||
	    !str_copy(action->item, sizeof(action->item), lines[LINE_ITEM]) ||
	    !str_to_int(lines[LINE_CENTS], INT64_MIN, INT64_MAX, &action->cents))
		return false;
	action->percent = (int)percent;
	action->celsius = (double)celsius / CELSIUS_UNITS;
	return true;
}

/* Written again it must give the same bytes: so there is one form of each action, and no
 * second way to spell a number. */
enum err action_read(const char *bytes, size_t size, struct action *out_action)
{
	struct action action = {.percent = 0};
	char *lines[FORM_LINES];
	char copy[ACTION_BYTES_MAX];
	char again[ACTION_BYTES_MAX];
	size_t again_size = 0;

	if (!str_copy_bytes(copy, sizeof(copy), bytes, size) || strlen(copy) != size ||
	    !cut_lines(copy, lines) || !read_lines(lines, &action))
		return ERR_FORMAT;
	if (action_bytes(&action, again, &again_size) != OK || again_size != size ||
	    memcmp(again, bytes, size) != 0)
		return ERR_FORMAT;
	*out_action = action;
	return OK;
}
