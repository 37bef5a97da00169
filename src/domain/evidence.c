/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence - writes the bytes that rooms sign. Holds no key and signs nothing.
 *
 * Invariant: different events (or the same with another number) give different bytes,
 * because every text has its length in front.
 */
#include "domain/evidence.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

static const char *const THENS[THEN_COUNT] = {
#define THEN(name, text) text,
	EVIDENCE_THENS(THEN)
#undef THEN
};

const char *evidence_then_text(enum evidence_then then)
{
	must(then < THEN_COUNT);
	return THENS[then];
}

bool evidence_then_from_text(const char *text, enum evidence_then *out_then)
{
	for (size_t i = 0; i < THEN_COUNT; i++) {
		if (!str_equal(THENS[i], text))
			continue;
		*out_then = (enum evidence_then)i;
		return true;
	}
	return false;
}

static const char *const VERDICTS[] = {"attested", "sequence", "signature"};

bool evidence_is_verdict(const char *field_name)
{
	for (size_t i = 0; i < STR_COUNT(VERDICTS); i++)
		if (str_equal(VERDICTS[i], field_name))
			return true;
	return false;
}

bool evidence_is_kind(enum event_kind kind)
{
	return kind == EVENT_LEASE_OPENED || kind == EVENT_LEASE_CLOSED ||
	       kind == EVENT_PROMPT_HEARD || kind == EVENT_MEMO;
}

void evidence_prompt_heard(struct event *event, enum evidence_then then, double level_db,
			   double correlation)
{
	event_add_number(event, "level_db", level_db);
	event_add_number(event, "correlation", correlation);
	event_add(event, "then", evidence_then_text(then));
}

void evidence_memo(struct event *event, int64_t sound_ms, size_t opus_bytes,
		   const uint8_t sha256[EVIDENCE_HASH_BYTES])
{
	char hex[2 * EVIDENCE_HASH_BYTES + 1];

	str_to_hex(hex, sha256, EVIDENCE_HASH_BYTES);
	event_add_int(event, "used_ms", sound_ms);
	event_add_int(event, "bytes", (int64_t)opus_bytes);
	event_add(event, "sha256", hex);
}

bool evidence_memo_hash(const struct event *event, uint8_t to[EVIDENCE_HASH_BYTES])
{
	const char *hex = event_value(event, "sha256");

	return event->kind == EVENT_MEMO && strlen(hex) == 2 * EVIDENCE_HASH_BYTES &&
	       str_from_hex(to, EVIDENCE_HASH_BYTES, hex);
}

void evidence_lease_opened(struct event *event, enum lease_reason reason)
{
	event_add(event, "lease", lease_reason_text(reason));
	event_add_int(event, "max_ms", lease_reason_max_ms(reason));
}

void evidence_lease_closed(struct event *event, int64_t used_ms, const char *cause)
{
	event_add_int(event, "used_ms", used_ms);
	event_add(event, "cause", cause);
}

void evidence_sound(struct event *event, uint32_t frames,
		    const uint8_t hash[EVIDENCE_HASH_BYTES])
{
	char hex[2 * EVIDENCE_HASH_BYTES + 1];

	str_to_hex(hex, hash, EVIDENCE_HASH_BYTES);
	event_add_int(event, "frames", frames);
	event_add(event, "sha256", hex);
}

bool evidence_sound_hash(const struct event *event, uint32_t *out_frames,
			 uint8_t to[EVIDENCE_HASH_BYTES])
{
	const char *hex = event_value(event, "sha256");
	int64_t frames = 0;

	if (event->kind != EVENT_LEASE_CLOSED || strlen(hex) != 2 * EVIDENCE_HASH_BYTES ||
	    !str_to_int(event_value(event, "frames"), 1, UINT32_MAX, &frames) ||
	    !str_from_hex(to, EVIDENCE_HASH_BYTES, hex))
		return false;
	*out_frames = (uint32_t)frames;
	return true;
}

static size_t put_number(uint8_t *to, uint64_t value)
{
	for (size_t i = 0; i < sizeof(value); i++)
		to[i] = (uint8_t)(value >> (8 * (sizeof(value) - 1 - i)));
	return sizeof(value);
}

/* The longest text of an event fits one byte of length. */
static size_t put_text(uint8_t *to, const char *text)
{
	const size_t size = strnlen(text, EVENT_FIELD_VALUE_BYTES);

	must(size < EVENT_FIELD_VALUE_BYTES);
	to[0] = (uint8_t)size;
	memcpy(to + 1, text, size);
	return 1 + size;
}

_Static_assert(8 + 8 + 2 * EVENT_FIELD_VALUE_BYTES + 1 +
			       EVENT_FIELDS_MAX * (EVENT_FIELD_NAME_BYTES +
						   EVENT_FIELD_VALUE_BYTES) <=
		       EVIDENCE_BYTES_MAX,
	       "the largest event fits");

static bool may_be_signed(const struct event *event)
{
	bool may = evidence_is_kind(event->kind) && event->turn.value != 0 &&
		   event->room.text[0] != '\0' &&
		   event->field_count <= EVIDENCE_FIELDS_MAX;

	for (size_t i = 0; may && i < event->field_count; i++)
		may = !evidence_is_verdict(event->fields[i].name);
	return may;
}

enum err evidence_bytes(const struct event *event, uint64_t sequence,
			uint8_t to[EVIDENCE_BYTES_MAX], size_t *out_size)
{
	size_t at = 0;

	if (!may_be_signed(event))
		return ERR_RANGE;
	at += put_number(to + at, sequence);
	at += put_number(to + at, event->turn.value);
	at += put_text(to + at, event_kind_text(event->kind));
	at += put_text(to + at, event->room.text);
	to[at++] = (uint8_t)event->field_count;
	for (size_t i = 0; i < event->field_count; i++) {
		at += put_text(to + at, event->fields[i].name);
		at += put_text(to + at, event->fields[i].value);
	}
	must(at <= EVIDENCE_BYTES_MAX);
	*out_size = at;
	return OK;
}

bool evidence_covers(const struct event *evidence, const struct event *event)
{
	bool covers = evidence->is_signed && evidence->kind == event->kind &&
		      evidence->turn.value == event->turn.value &&
		      str_equal_folded(evidence->room.text, event->room.text);

	for (size_t i = 0; covers && i < event->field_count; i++)
		covers = str_equal(event_value(evidence, event->fields[i].name),
				   event->fields[i].value);
	return covers;
}

size_t evidence_identity_bytes(const uint8_t nonce[EVIDENCE_NONCE_BYTES],
			       const char *room, uint8_t to[EVIDENCE_IDENTITY_BYTES_MAX])
{
	size_t at = EVIDENCE_NONCE_BYTES;

	must(strnlen(room, NAME_BYTES) < NAME_BYTES);
	memcpy(to, nonce, EVIDENCE_NONCE_BYTES);
	at += put_text(to + at, room);
	must(at <= EVIDENCE_IDENTITY_BYTES_MAX);
	return at;
}
