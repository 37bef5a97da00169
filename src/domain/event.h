/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event - one row of the journal before it is sealed: what happened, with its evidence.
 *
 * Fields are short texts by name; the kinds and their sentences are domain/events.def.
 */
#ifndef DOMAIN_EVENT_H
#define DOMAIN_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/ids.h"

enum {
	EVENT_FIELDS_MAX = 16,
	EVENT_FIELD_NAME_BYTES = 16,
	EVENT_FIELD_VALUE_BYTES = 128,
	EVENT_SENTENCE_BYTES = 512,
	EVENT_SIGNATURE_BYTES = 64,
};

enum event_kind {
#define EVENT(name, text, key, sentence) EVENT_##name,
#include "domain/events.def"
#undef EVENT
	EVENT_KIND_COUNT
};

struct event_field {
	char name[EVENT_FIELD_NAME_BYTES];
	char value[EVENT_FIELD_VALUE_BYTES];
};

struct event {
	enum event_kind kind;
	struct turn_id turn;   /* none for events outside a turn */
	struct room_name room; /* "" outside a room */
	int64_t at_ms;         /* wall clock, ms since 1970, UTC */
	size_t field_count;
	struct event_field fields[EVENT_FIELDS_MAX];
	bool is_signed;    /* by its room's key: domain/evidence.h */
	uint64_t sequence; /* 0 unless is_signed; grows with each thing a room signs */
	uint8_t signature[EVENT_SIGNATURE_BYTES]; /* zeros unless is_signed */
};

void event_init(struct event *event, enum event_kind kind, struct turn_id turn,
		const char *room, int64_t at_ms);
/* Adds a field; values are cut at their limit. More than the maximum is a bug. */
void event_add(struct event *event, const char *name, const char *value);
void event_add_int(struct event *event, const char *name, int64_t value);
void event_add_number(struct event *event, const char *name,
		      double value); /* 2 decimals */
/* The value of a field, or "". */
const char *event_value(const struct event *event, const char *name);

const char *event_kind_text(enum event_kind kind);
bool event_kind_from_text(const char *text, enum event_kind *out_kind);
/* The row's sentence with its fields put in. */
void event_sentence(const struct event *event, char to[EVENT_SENTENCE_BYTES]);

#endif
