/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event - filling a journal row and turning it into its sentence. Pure.
 */
#include "domain/event.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

static const struct {
	const char *text;
	const char *sentence;
} KINDS[EVENT_KIND_COUNT] = {
#define EVENT(name, text, key, sentence) [EVENT_##name] = {text, sentence},
#include "domain/events.def"
#undef EVENT
};

void event_init(struct event *event, enum event_kind kind, struct turn_id turn,
		const char *room, int64_t at_ms)
{
	must(kind < EVENT_KIND_COUNT);
	memset(event, 0, sizeof(*event));
	event->kind = kind;
	event->turn = turn;
	event->at_ms = at_ms;
	(void)str_copy(event->room.text, sizeof(event->room.text), room);
}

void event_add(struct event *event, const char *name, const char *value)
{
	must(event->field_count < EVENT_FIELDS_MAX);
	struct event_field *field = &event->fields[event->field_count++];
	must(str_copy(field->name, sizeof(field->name), name));
	(void)str_format(field->value, sizeof(field->value), "%s", value);
}

void event_add_int(struct event *event, const char *name, int64_t value)
{
	char text[EVENT_FIELD_VALUE_BYTES];
	(void)str_format(text, sizeof(text), "%lld", (long long)value);
	event_add(event, name, text);
}

void event_add_number(struct event *event, const char *name, double value)
{
	char text[EVENT_FIELD_VALUE_BYTES];
	(void)str_format(text, sizeof(text), "%.2f", value);
	event_add(event, name, text);
}

const char *event_value(const struct event *event, const char *name)
{
	for (size_t i = 0; i < event->field_count; i++)
		if (str_equal(event->fields[i].name, name))
			return event->fields[i].value;
	return "";
}

const char *event_kind_text(enum event_kind kind)
{
	must(kind < EVENT_KIND_COUNT);
	return KINDS[kind].text;
}

bool event_kind_from_text(const char *text, enum event_kind *out_kind)
{
	for (size_t i = 0; i < EVENT_KIND_COUNT; i++) {
		if (str_equal(KINDS[i].text, text)) {
			*out_kind = (enum event_kind)i;
			return true;
		}
	}
	return false;
}

/* Copies the field named between the braces at *template; moves behind them. */
static void sentence_add_field(const struct event *event, const char **template,
			       char to[EVENT_SENTENCE_BYTES])
{
	char name[EVENT_FIELD_NAME_BYTES];
	const char *end = strchr(*template, '}');

	must(end); /* events.def is ours */
	must(str_copy_bytes(name, sizeof(name), *template + 1,
			    (size_t)(end - *template) - 1));
	(void)str_append(to, EVENT_SENTENCE_BYTES, "%s", event_value(event, name));
	*template = end + 1;
}

void event_sentence(const struct event *event, char to[EVENT_SENTENCE_BYTES])
{
	const char *template = KINDS[event->kind].sentence;

	to[0] = '\0';
	while (*template) {
		size_t plain = strcspn(template, "{");
		(void)str_append(to, EVENT_SENTENCE_BYTES, "%.*s", (int)plain, template);
		template += plain;
		if (*template == '{')
			sentence_add_field(event, &template, to);
	}
}
