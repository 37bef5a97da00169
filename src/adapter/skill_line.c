/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skill_line - see the header. Every field is known and of its type, or the line is an
 * offence; what an answer says is judged elsewhere (domain/skill.h).
 */
#include "adapter/skill_line.h"

#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"

static bool is_number(const struct json_value *value, uint32_t *out_number)
{
	const double number = json_number(value, -1);

	if (!json_is_number(value) || !(number >= 1 && number <= UINT32_MAX) ||
	    number != (double)(uint32_t)number)
		return false;
	*out_number = (uint32_t)number;
	return true;
}

static enum skill_offence read_say(const struct json_value *value,
				   struct skill_line *line)
{
	if (!json_is_text(value))
		return SKILL_BAD_VALUE;
	return str_copy(line->words, sizeof(line->words), json_text(value, ""))
		       ? SKILL_FINE
		       : SKILL_TOO_LONG;
}

static enum skill_offence read_effect(const struct json_value *value,
				      struct skill_line *line)
{
	return json_is_text(value) && skill_effect_from_text(json_text(value, "?"),
							     &line->effect)
		       ? SKILL_FINE
		       : SKILL_BAD_VALUE;
}

/* What an address is written with: nothing that could end a line of a request. */
static bool is_url(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static enum skill_offence read_url(const struct json_value *value,
				   struct skill_line *line)
{
	return json_is_text(value) && is_url(json_text(value, "")) &&
			       str_copy(line->url, sizeof(line->url),
					json_text(value, ""))
		       ? SKILL_FINE
		       : SKILL_BAD_VALUE;
}

static enum skill_offence read_ask(const struct json_value *value,
				   struct skill_line *line)
{
	return is_number(value, &line->ask) ? SKILL_FINE : SKILL_BAD_VALUE;
}

/* Which fields a line may have; is_fetch: of which of the two kinds. */
static const struct {
	const char *key;
	bool is_fetch;
	enum skill_offence (*read)(const struct json_value *value,
				   struct skill_line *line);
} FIELDS[] = {
	{"answer", false, read_ask}, {"effect", false, read_effect},
	{"fetch", true, read_ask},   {"say", false, read_say},
	{"url", true, read_url},
};

static enum skill_offence read_field(const char *key, const struct json_value *value,
				     struct skill_line *line)
{
	for (size_t i = 0; i < STR_COUNT(FIELDS); i++)
		if (FIELDS[i].is_fetch == line->is_fetch && str_equal(FIELDS[i].key, key))
			return FIELDS[i].read(value, line);
	return SKILL_UNKNOWN_FIELD;
}

static enum skill_offence read_object(const struct json_value *root,
				      struct skill_line *line)
{
	enum skill_offence offence = SKILL_FINE;
	const struct json_value *value = NULL;
	const char *key;

	line->is_fetch = json_get(root, "fetch") != NULL;
	for (size_t i = 0;
	     offence == SKILL_FINE && (key = json_key_at(root, i, &value)) != NULL; i++)
		offence = read_field(key, value, line);
	if (offence != SKILL_FINE)
		return offence;
	if (line->ask == 0 || (line->is_fetch && line->url[0] == '\0'))
		return SKILL_BAD_VALUE;
	return !line->is_fetch && !json_get(root, "say") ? SKILL_EMPTY : SKILL_FINE;
}

enum skill_offence skill_line_read(const char *bytes, size_t size,
				   struct skill_line *out_line)
{
	struct skill_line line = {.ask = 0};
	struct json *json = NULL;
	enum skill_offence offence = SKILL_NOT_JSON;

	if (size >= SKILL_LINE_BYTES_MAX)
		return SKILL_LONG_LINE;
	if (json_parse("line", bytes, size, SKILL_LINE_BYTES_MAX, &json, NULL) == OK &&
	    json_is_object(json_root(json)))
		offence = read_object(json_root(json), &line);
	if (offence == SKILL_FINE)
		*out_line = line;
	json_destroy(json);
	return offence;
}

/* --- what we write ---------------------------------------------------------------------- */

static enum err end_line(struct json_write *write, struct buf *to)
{
	json_close(write, '}');
	const enum err err = json_write_finish(write);

	return err ? err : buf_add(to, "\n", 1);
}

static void copy_slots(struct json_write *write, const struct json_value *slots)
{
	const struct json_value *value = NULL;
	const char *key;

	json_open_object(write, "slots");
	for (size_t i = 0; (key = json_key_at(slots, i, &value)) != NULL; i++) {
		if (json_is_number(value))
			json_add_double(write, key, json_number(value, 0), 0);
		else
			json_add_text(write, key, json_text(value, ""));
	}
	json_close(write, '}');
}

enum err skill_line_ask(uint32_t ask, const char *intent, const char *slots,
			struct buf *to)
{
	struct json_write write;
	struct json *json = NULL;
	enum err err = json_parse("slots", slots, strlen(slots), SKILL_LINE_BYTES_MAX,
				  &json, NULL);

	if (!err && !json_is_object(json_root(json)))
		err = ERR_FORMAT;
	if (!err) {
		json_write_init(&write, to);
		json_open_object(&write, NULL);
		json_add_int(&write, "ask", ask);
		json_add_text(&write, "intent", intent);
		copy_slots(&write, json_root(json));
		err = end_line(&write, to);
	}
	json_destroy(json);
	return err;
}

/* As text: the writer ends at a NUL, which no page of text has. */
static enum err to_text(const void *body, size_t size, struct buf *to)
{
	enum err err = buf_add(to, body, size);

	for (size_t i = 0; !err && i < size; i++)
		if (to->bytes[i] == '\0')
			to->bytes[i] = ' ';
	return err ? err : buf_add(to, "", 1);
}

enum err skill_line_page(uint32_t ask, unsigned status, const void *body, size_t size,
			 struct buf *to)
{
	struct json_write write;
	struct buf text;
	enum err err;

	buf_init(&text, SKILL_BODY_BYTES_MAX + 1);
	err = to_text(body, size, &text);
	if (!err) {
		json_write_init(&write, to);
		json_open_object(&write, NULL);
		json_add_int(&write, "fetched", ask);
		json_add_int(&write, "status", status);
		json_add_text(&write, "body", (const char *)text.bytes);
		err = end_line(&write, to);
	}
	buf_finish(&text);
	return err;
}

enum err skill_line_no_page(uint32_t ask, const char *reason, struct buf *to)
{
	struct json_write write;

	json_write_init(&write, to);
	json_open_object(&write, NULL);
	json_add_int(&write, "fetched", ask);
	json_add_text(&write, "error", reason);
	return end_line(&write, to);
}

bool skill_line_host(const char *url, uint16_t port, char *to, size_t size)
{
	static const char SECURE[] = "https://";
	char test[64];
	size_t length;

	must(str_format(test, sizeof(test), "http://127.0.0.1:%u/", (unsigned)port));
	if (port != 0 && str_starts(url, test))
		return str_copy(to, size, "127.0.0.1");
	/* The gate asks as well, and takes nobody's word for what was asked before. */
	if (!str_starts(url, SECURE) || !is_url(url))
		return false;
	url += strlen(SECURE);
	/* No user, no port, no address in brackets: a host and nothing else. */
	length = strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "0123456789.-");
	if (length == 0 || (url[length] && !strchr("/?#", url[length])) ||
	    !str_copy_bytes(to, size, url, length))
		return false;
	str_fold(to);
	return true;
}
