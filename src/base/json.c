/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json - reads through jansson; json_write.c writes.
 *
 * The depth is counted over the raw bytes before jansson sees them, because its parser
 * recurses. A json_value is a json_t that nobody outside this file may know about.
 * Knows nothing of what the documents mean.
 */
#include "base/json.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

/* jansson spells some questions the way base/json.h does, as macros. */
#undef json_is_object
#undef json_is_array
#undef json_is_number

struct json {
	json_t *root;
};

static const json_t *inside(const struct json_value *value)
{
	return (const json_t *)(const void *)value;
}

static const struct json_value *outside(const json_t *value)
{
	return (const struct json_value *)(const void *)value;
}

/* Finds the place where brackets outside of strings nest too deep; size when nowhere. */
static size_t find_too_deep(const char *bytes, size_t size)
{
	unsigned depth = 0;
	bool in_text = false;

	for (size_t i = 0; i < size; i++) {
		char c = bytes[i];

		if (in_text && c == '\\')
			i++;
		else if (c == '"')
			in_text = !in_text;
		else if (!in_text && (c == '{' || c == '['))
			depth++;
		else if (!in_text && (c == '}' || c == ']') && depth > 0)
			depth--;
		if (depth > JSON_DEPTH_MAX)
			return i;
	}
	return size;
}

static enum err check_depth(const char *name, const char *bytes, size_t size,
			    struct err_note *note)
{
	size_t place = find_too_deep(bytes, size);
	unsigned line = 1;
	unsigned column = 1;

	if (place == size)
		return OK;
	for (size_t i = 0; i < place; i++) {
		column++;
		if (bytes[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return err_say(ERR_LIMIT, note, "%s:%u:%u: nested more than %d deep", name, line,
		       column, JSON_DEPTH_MAX);
}

static enum err complain(const char *name, const json_error_t *error,
			 struct err_note *note)
{
	enum err err = json_error_code(error) == json_error_out_of_memory ? ERR_MEMORY
									  : ERR_FORMAT;

	return err_say(err, note, "%s:%d:%d: %s", name, error->line > 0 ? error->line : 1,
		       error->column > 0 ? error->column : 1, error->text);
}

enum err json_parse(const char *name, const char *bytes, size_t size, size_t size_max,
		    struct json **out_json, struct err_note *note)
{
	json_error_t error;
	struct json *json = NULL;
	enum err err = OK;

	if (size > size_max)
		return err_say(ERR_LIMIT, note, "%s:1:1: %zu bytes; at most %zu are read",
			       name, size, size_max);
	err = check_depth(name, bytes, size, note);
	if (err)
		return err;
	json = calloc(1, sizeof(*json));
	if (!json)
		return ERR_MEMORY;
	json->root =
		json_loadb(bytes, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!json->root) {
		err = complain(name, &error, note);
		free(json);
		return err;
	}
	*out_json = json;
	return OK;
}

void json_destroy(struct json *json)
{
	if (!json)
		return;
	json_decref(json->root);
	free(json);
}

const struct json_value *json_root(const struct json *json)
{
	return json ? outside(json->root) : NULL;
}

const struct json_value *json_get(const struct json_value *object, const char *key)
{
	return object ? outside(json_object_get(inside(object), key)) : NULL;
}

size_t json_count(const struct json_value *array_or_object)
{
	const json_t *value = inside(array_or_object);

	if (!value)
		return 0;
	return json_typeof(value) == JSON_OBJECT ? json_object_size(value)
						 : json_array_size(value);
}

const struct json_value *json_at(const struct json_value *array, size_t index)
{
	return array ? outside(json_array_get(inside(array), index)) : NULL;
}

static bool is_type(const struct json_value *value, json_type type)
{
	return value && json_typeof(inside(value)) == type;
}

bool json_is_object(const struct json_value *value)
{
	return is_type(value, JSON_OBJECT);
}

bool json_is_array(const struct json_value *value)
{
	return is_type(value, JSON_ARRAY);
}

bool json_is_text(const struct json_value *value)
{
	return is_type(value, JSON_STRING);
}

bool json_is_number(const struct json_value *value)
{
	return is_type(value, JSON_INTEGER) || is_type(value, JSON_REAL);
}

bool json_is_bool(const struct json_value *value)
{
	return is_type(value, JSON_TRUE) || is_type(value, JSON_FALSE);
}

const char *json_text(const struct json_value *value, const char *fallback)
{
	return json_is_text(value) ? json_string_value(inside(value)) : fallback;
}

double json_number(const struct json_value *value, double fallback)
{
	return json_is_number(value) ? json_number_value(inside(value)) : fallback;
}

bool json_bool(const struct json_value *value, bool fallback)
{
	return json_is_bool(value) ? is_type(value, JSON_TRUE) : fallback;
}

/* jansson asks for a changeable object to walk over it, and changes nothing. */
static json_t *walkable(const struct json_value *object)
{
	union {
		const struct json_value *borrowed;
		json_t *walked;
	} same = {.borrowed = object};

	return same.walked;
}

const char *json_key_at(const struct json_value *object, size_t index,
			const struct json_value **out_value)
{
	json_t *walked = walkable(object);
	void *place = NULL;

	if (!json_is_object(object) || index >= json_object_size(walked))
		return NULL;
	place = json_object_iter(walked);
	for (size_t i = 0; i < index; i++)
		place = json_object_iter_next(walked, place);
	if (out_value)
		*out_value = outside(json_object_iter_value(place));
	return json_object_iter_key(place);
}
