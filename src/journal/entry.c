/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entry - see the header. Knows nothing of chains and stores.
 *
 * Invariant: the visible bytes and the household are the associated data of the body, so
 * that a body moved, or a visible byte changed, does not open.
 */
#include "journal/entry.h"

#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"

enum {
	ENTRY_VERSION = 1,
	BODY_BYTES_MAX = 1 + EVENT_FIELDS_MAX * (2 + EVENT_FIELD_NAME_BYTES +
						 EVENT_FIELD_VALUE_BYTES),
	HEAD_BYTES_MAX = 1 + 8 + 8 + 8 + ENTRY_KIND_BYTES + NAME_BYTES + 1,
	BOUND_BYTES = 256,
};
_Static_assert((int)HEAD_BYTES_MAX + BODY_BYTES_MAX + SEAL_LOCK_EXTRA_BYTES <=
		       ENTRY_BYTES_MAX,
	       "the largest event fits");

static const char LABEL[] = "behest journal entry v1";

static struct seal_part bound_of(struct household_id household, const uint8_t *visible,
				 size_t visible_size, uint8_t to[BOUND_BYTES])
{
	struct pack pack;

	pack_init(&pack, to, BOUND_BYTES);
	pack_text(&pack, LABEL);
	pack_bytes(&pack, household.bytes, ID_BYTES);
	pack_bytes(&pack, visible, visible_size);
	must(pack_is_whole(&pack));
	return (struct seal_part){to, pack.size};
}

static void pack_body(struct pack *pack, const struct event *event)
{
	pack_u8(pack, (uint8_t)event->field_count);
	for (size_t i = 0; i < event->field_count; i++) {
		pack_text(pack, event->fields[i].name);
		pack_text(pack, event->fields[i].value);
	}
	must(pack_is_whole(pack));
}

void entry_seal(struct household_id household, const uint8_t house_key[SEAL_KEY_BYTES],
		uint64_t place, const struct event *event, uint8_t to[ENTRY_BYTES_MAX],
		size_t *out_size)
{
	uint8_t body[BODY_BYTES_MAX];
	uint8_t bound[BOUND_BYTES];
	struct pack pack;
	struct pack inner;

	must(event->field_count <= EVENT_FIELDS_MAX && event->kind < EVENT_KIND_COUNT);
	pack_init(&pack, to, ENTRY_BYTES_MAX);
	pack_u8(&pack, ENTRY_VERSION);
	pack_u64(&pack, place);
	pack_i64(&pack, event->at_ms);
	pack_u64(&pack, event->turn.value);
	pack_text(&pack, event_kind_text(event->kind));
	pack_text(&pack, event->room.text);
	pack_u8(&pack, ENTRY_KEY_HOUSE);
	must(pack_is_whole(&pack));
	pack_init(&inner, body, sizeof(body));
	pack_body(&inner, event);
	must(inner.size + SEAL_LOCK_EXTRA_BYTES <= pack.capacity - pack.size);
	seal_lock(house_key, bound_of(household, to, pack.size, bound), body, inner.size,
		  to + pack.size);
	*out_size = pack.size + inner.size + SEAL_LOCK_EXTRA_BYTES;
}

/* Reads the visible part; *out_at is where the body begins. */
static enum err read_visible(const uint8_t *bytes, size_t size,
			     struct entry_visible *visible, size_t *out_at)
{
	struct unpack unpack;
	uint8_t key;

	unpack_init(&unpack, bytes, size);
	if (unpack_u8(&unpack) != ENTRY_VERSION)
		return ERR_VERSION;
	visible->place = unpack_u64(&unpack);
	visible->at_ms = unpack_i64(&unpack);
	visible->turn.value = unpack_u64(&unpack);
	unpack_text(&unpack, visible->kind, sizeof(visible->kind));
	unpack_text(&unpack, visible->room.text, sizeof(visible->room.text));
	key = unpack_u8(&unpack);
	if (unpack.overrun || key != ENTRY_KEY_HOUSE || size > ENTRY_BYTES_MAX ||
	    unpack_left(&unpack) < SEAL_LOCK_EXTRA_BYTES)
		return ERR_FORMAT;
	*out_at = unpack.at;
	return OK;
}

enum err entry_peek(const uint8_t *bytes, size_t size, struct entry_visible *out_visible)
{
	struct entry_visible visible = {.place = 0};
	size_t at;
	enum err err = read_visible(bytes, size, &visible, &at);

	if (err == OK)
		*out_visible = visible;
	return err;
}

static enum err unpack_body(const uint8_t *body, size_t size, struct event *event)
{
	struct unpack unpack;

	unpack_init(&unpack, body, size);
	event->field_count = unpack_u8(&unpack);
	if (event->field_count > EVENT_FIELDS_MAX)
		return ERR_FORMAT;
	for (size_t i = 0; i < event->field_count; i++) {
		unpack_text(&unpack, event->fields[i].name,
			    sizeof(event->fields[i].name));
		unpack_text(&unpack, event->fields[i].value,
			    sizeof(event->fields[i].value));
	}
	return unpack_is_whole(&unpack) ? OK : ERR_FORMAT;
}

enum err entry_open(struct household_id household,
		    const uint8_t house_key[SEAL_KEY_BYTES], uint64_t place,
		    const uint8_t *bytes, size_t size, struct event *out_event)
{
	uint8_t body[ENTRY_BYTES_MAX];
	uint8_t bound[BOUND_BYTES];
	struct event event = {.field_count = 0};
	struct entry_visible visible = {.place = 0};
	size_t at;
	enum err err = read_visible(bytes, size, &visible, &at);

	if (err != OK || visible.place != place)
		return ERR_AUTH;
	err = seal_unlock(house_key, bound_of(household, bytes, at, bound), bytes + at,
			  size - at, body);
	if (err == OK)
		err = unpack_body(body, size - at - SEAL_LOCK_EXTRA_BYTES, &event);
	if (err != OK)
		return ERR_AUTH;
	event.at_ms = visible.at_ms;
	event.turn = visible.turn;
	event.room = visible.room;
	event.kind = EVENT_KIND_COUNT;
	if (!event_kind_from_text(visible.kind, &event.kind))
		err = ERR_UNSUPPORTED;
	*out_event = event;
	return err;
}
