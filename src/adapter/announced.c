/* SPDX-License-Identifier: Apache-2.0 */
/*
 * announced - lookups with abbreviations, and the checks of what is found.
 *
 * Wrong types are refused, never converted by guess; only numbers in text are taken,
 * because many devices announce them so. Knows no component.
 */
#include "adapter/announced.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/mqtt_device.h"
#include "base/str.h"

static const char *const ABBREVIATIONS[][2] = {
#define ABBREVIATION(key, shorter) {key, shorter},
#include "adapter/discovery_abbreviations.def"
#undef ABBREVIATION
};

/* What a device message may say once for all of its components. */
static const char *const SHARED[] = {
	"availability",       "availability_mode",     "availability_template",
	"availability_topic", "command_topic",         "device",
	"payload_available",  "payload_not_available", "state_topic",
};

static const char *abbreviation(const char *key)
{
	for (size_t i = 0; i < STR_COUNT(ABBREVIATIONS); i++)
		if (str_equal(ABBREVIATIONS[i][0], key))
			return ABBREVIATIONS[i][1];
	return NULL;
}

/* The value of a key or of its abbreviation; null counts as absent. */
const struct json_value *announced_get(const struct json_value *object, const char *key)
{
	const char *shorter = abbreviation(key);
	const struct json_value *value = json_get(object, key);

	if (!value && shorter)
		value = json_get(object, shorter);
	if (json_is_text(value) || json_is_number(value) || json_is_bool(value) ||
	    json_is_object(value) || json_is_array(value))
		return value;
	return NULL;
}

static bool is_shared(const char *key)
{
	for (size_t i = 0; i < STR_COUNT(SHARED); i++)
		if (str_equal(SHARED[i], key))
			return true;
	return false;
}

const struct json_value *announced_find(const struct announced *announced,
					const char *key)
{
	const struct json_value *value = announced_get(announced->own, key);

	if (!value && announced->shared && is_shared(key))
		value = announced_get(announced->shared, key);
	return value;
}

enum err announced_refuse(const struct announced *announced, const char *key,
			  const char *expected)
{
	return err_say(ERR_FORMAT, announced->note, "%s: %s: expected %s",
		       announced->topic, key, expected);
}

enum err announced_text(const struct announced *announced, const char *key,
			const char **out_text)
{
	const struct json_value *value = announced_find(announced, key);

	if (value && !json_is_text(value))
		return announced_refuse(announced, key, "text");
	*out_text = json_text(value, NULL);
	return OK;
}

enum err announced_bool(const struct announced *announced, const char *key, bool fallback,
			bool *out_value)
{
	const struct json_value *value = announced_find(announced, key);

	if (value && !json_is_bool(value))
		return announced_refuse(announced, key, "true or false");
	*out_value = json_bool(value, fallback);
	return OK;
}

/* Numbers are often announced as text. */
enum err announced_number(const struct announced *announced, const char *key,
			  double smallest, double largest, double fallback,
			  double *out_value)
{
	const struct json_value *value = announced_find(announced, key);
	double number = fallback;

	if (!value) {
		*out_value = fallback;
		return OK;
	}
	if (json_is_number(value))
		number = json_number(value, fallback);
	else if (!json_is_text(value) ||
		 !str_to_double(json_text(value, ""), smallest, largest, &number))
		return announced_refuse(announced, key, "a number within its limits");
	if (!(number >= smallest && number <= largest))
		return announced_refuse(announced, key, "a number within its limits");
	*out_value = number;
	return OK;
}

/* The length of the UTF-8 character at text; the text is well-formed. */
static size_t character_size(const char *text)
{
	uint8_t c = (uint8_t)*text;

	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Control characters, and those that hide or turn around what stands beside them. */
static bool is_unseen(const char *text, size_t size)
{
	static const char *const hidden[] = {
		"\xc2\xad",     "\xd8\x9c",     "\xe1\xa0\x8e", "\xe2\x80\x8b",
		"\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x80\x8e", "\xe2\x80\x8f",
		"\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaa", "\xe2\x80\xab",
		"\xe2\x80\xac", "\xe2\x80\xad", "\xe2\x80\xae", "\xe2\x81\xa0",
		"\xe2\x81\xa6", "\xe2\x81\xa7", "\xe2\x81\xa8", "\xe2\x81\xa9",
		"\xef\xbb\xbf",
	};
	uint8_t first = (uint8_t)text[0];

	if (first < 0x20 || first == 0x7f)
		return true;
	if (first == 0xc2 && (uint8_t)text[1] < 0xa0)
		return true;
	if (first == 0xf3) /* tags and private use */
		return true;
	for (size_t i = 0; i < STR_COUNT(hidden); i++)
		if (strlen(hidden[i]) == size && memcmp(hidden[i], text, size) == 0)
			return true;
	return false;
}

bool announced_is_visible(const char *text)
{
	while (*text) {
		size_t size = character_size(text);

		if (is_unseen(text, size))
			return false;
		text += size;
	}
	return true;
}

/* A word may be announced as text, number or boolean; it is compared as text. */
bool announced_word(const struct json_value *value, char to[ANNOUNCED_WORD_BYTES])
{
	if (json_is_bool(value))
		return str_copy(to, ANNOUNCED_WORD_BYTES,
				json_bool(value, false) ? "True" : "False");
	if (json_is_number(value))
		return str_format(to, ANNOUNCED_WORD_BYTES, "%.10g",
				  json_number(value, 0.0));
	return json_is_text(value) &&
	       str_copy(to, ANNOUNCED_WORD_BYTES, json_text(value, ""));
}

static bool is_plain_topic(const char *topic)
{
	size_t size = strlen(topic);

	return size > 0 && size < MQTT_TOPIC_BYTES && topic[0] != '$' &&
	       announced_is_visible(topic) && !strpbrk(topic, "+#");
}

/* Below the discovery prefix a device may only use its own part, and never announce. */
static bool is_own_topic(const struct announced *announced, const char *topic)
{
	size_t size = strlen(announced->prefix);

	if (strncmp(topic, announced->prefix, size) != 0 ||
	    (topic[size] != '/' && topic[size]))
		return true;
	return str_starts(topic, announced->part) && !str_ends(topic, "/config");
}

/* Replaces a "~" at either end by the base. */
static bool expand_topic(const struct announced *announced, const char *text, char *to,
			 size_t size)
{
	size_t length = strlen(text);

	if (announced->base && text[0] == '~')
		return str_format(to, size, "%s%s", announced->base, text + 1);
	if (announced->base && length > 0 && text[length - 1] == '~')
		return str_format(to, size, "%.*s%s", (int)(length - 1), text,
				  announced->base);
	return str_copy(to, size, text);
}

/* A checked copy of the topic text under key. */
enum err announced_topic(const struct announced *announced, const char *key,
			 const char *text, char **out_topic)
{
	char topic[MQTT_TOPIC_BYTES];

	if (!expand_topic(announced, text, topic, sizeof(topic)) ||
	    !is_plain_topic(topic))
		return announced_refuse(announced, key,
					"a topic of at most 255 bytes without wildcards");
	if (!is_own_topic(announced, topic))
		return announced_refuse(announced, key,
					"a topic outside of others' discovery");
	*out_topic = strdup(topic);
	return *out_topic ? OK : ERR_MEMORY;
}
