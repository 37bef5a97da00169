/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_write - the writing half of base/json.h, on its own: the keeper tells its status
 * in JSON and may not hold a parser of it.
 */
#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/must.h"

enum { NUMBER_BYTES = 352, DECIMALS_MAX = 17 };

static void put(struct json_write *write, const void *bytes, size_t size)
{
	if (!write->err)
		write->err = buf_add(write->to, bytes, size);
}

static void put_text(struct json_write *write, const char *text)
{
	put(write, text, strlen(text));
}

/* The size of the well-formed UTF-8 character at text, or 0. */
static size_t utf8_size(const uint8_t *text)
{
	uint8_t c = text[0];
	size_t size = c < 0x80   ? 1
		      : c < 0xc2 ? 0
		      : c < 0xe0 ? 2
		      : c < 0xf0 ? 3
		      : c < 0xf5 ? 4
				 : 0;

	for (size_t i = 1; i < size; i++)
		if ((text[i] & 0xc0) != 0x80) /* also stops at the ending NUL */
			return 0;
	if (c == 0xe0 && text[1] < 0xa0)
		return 0; /* overlong */
	if (c == 0xed && text[1] > 0x9f)
		return 0; /* surrogate */
	if (c == 0xf0 && text[1] < 0x90)
		return 0; /* overlong */
	if (c == 0xf4 && text[1] > 0x8f)
		return 0; /* behind the last character */
	return size;
}

static const char *short_escape(uint8_t c)
{
	switch (c) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		return NULL;
	}
}

static void put_character(struct json_write *write, const uint8_t *text, size_t size)
{
	const char *escape = short_escape(text[0]);
	char code[8];

	if (size == 0) {
		put_text(write, "\xef\xbf\xbd");
	} else if (escape) {
		put_text(write, escape);
	} else if (text[0] < 0x20 || text[0] == 0x7f) {
		(void)snprintf(code, sizeof(code), "\\u%04x", text[0]);
		put_text(write, code);
	} else {
		put(write, text, size);
	}
}

/* How many bytes from there on stand for themselves: most of a text does. */
static size_t plain_run(const uint8_t *text)
{
	size_t size = 0;

	while (text[size] >= 0x20 && text[size] < 0x7f && text[size] != '"' &&
	       text[size] != '\\')
		size++;
	return size;
}

static void put_quoted(struct json_write *write, const char *text)
{
	const uint8_t *at = (const uint8_t *)text;

	put_text(write, "\"");
	while (*at) {
		const size_t plain = plain_run(at);
		const size_t size = plain > 0 ? plain : utf8_size(at);

		if (plain > 0)
			put(write, at, plain);
		else
			put_character(write, at, size);
		at += size ? size : 1;
	}
	put_text(write, "\"");
}

/* What stands in front of a value: the comma, and the key inside objects. */
static void put_place(struct json_write *write, const char *key)
{
	bool in_object = write->depth > 0 && write->closing[write->depth] == '}';

	must(in_object == (key != NULL));
	must(write->depth > 0 || !write->comma[0]); /* one value at the top */
	if (write->comma[write->depth])
		put_text(write, ",");
	write->comma[write->depth] = true;
	if (key) {
		put_quoted(write, key);
		put_text(write, ":");
	}
}

static void open_bracket(struct json_write *write, const char *key, const char *bracket,
			 char closing)
{
	put_place(write, key);
	put_text(write, bracket);
	must(write->depth < JSON_WRITE_DEPTH_MAX);
	write->depth++;
	write->comma[write->depth] = false;
	write->closing[write->depth] = closing;
}

void json_write_init(struct json_write *write, struct buf *to)
{
	*write = (struct json_write){.to = to};
}

void json_open_object(struct json_write *write, const char *key)
{
	open_bracket(write, key, "{", '}');
}

void json_open_array(struct json_write *write, const char *key)
{
	open_bracket(write, key, "[", ']');
}

void json_close(struct json_write *write, char bracket)
{
	must(write->depth > 0 && write->closing[write->depth] == bracket);
	write->depth--;
	put(write, &bracket, 1);
}

void json_add_null(struct json_write *write, const char *key)
{
	put_place(write, key);
	put_text(write, "null");
}

void json_add_text(struct json_write *write, const char *key, const char *text)
{
	if (!text) {
		json_add_null(write, key);
		return;
	}
	put_place(write, key);
	put_quoted(write, text);
}

void json_add_int(struct json_write *write, const char *key, int64_t value)
{
	char text[NUMBER_BYTES];

	put_place(write, key);
	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	put_text(write, text);
}

void json_add_double(struct json_write *write, const char *key, double value,
		     int decimals)
{
	char text[NUMBER_BYTES];

	must(decimals >= 0 && decimals <= DECIMALS_MAX);
	if (!isfinite(value)) {
		json_add_null(write, key);
		return;
	}
	put_place(write, key);
	(void)snprintf(text, sizeof(text), "%.*f", decimals, value);
	for (char *c = text; *c; c++)
		if (*c == ',') /* the decimal sign of another locale */
			*c = '.';
	put_text(write, text);
}

void json_add_bool(struct json_write *write, const char *key, bool value)
{
	put_place(write, key);
	put_text(write, value ? "true" : "false");
}

enum err json_write_finish(struct json_write *write)
{
	must(write->depth == 0 && write->comma[0]);
	return write->err;
}
