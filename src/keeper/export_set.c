/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_set - lists that are filled in the journal's order and sorted once. Reads no rows
 * and opens nothing.
 *
 * Invariant: after settling, records holds each id once, and none that the journal says is
 * deleted; those of before everything was erased are marked.
 */
#include "keeper/export_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { FIRST_CAPACITY = 256 };

enum err export_set_init(struct export_set *set, struct owner_id owner, bool by_room)
{
	*set = (struct export_set){.owner = owner, .by_room = by_room};
	set->rooms = calloc(EXPORT_ROOMS_MAX, sizeof(*set->rooms));
	return set->rooms ? OK : ERR_MEMORY;
}

static void forget_words(struct export_record *record)
{
	if (!record->words)
		return;
	seal_wipe(record->words, strlen(record->words));
	free(record->words);
	record->words = NULL;
}

void export_set_finish(struct export_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		forget_words(&set->records[i]);
	free(set->records);
	free(set->turns);
	free(set->ended);
	free(set->rooms);
	*set = (struct export_set){.count = 0};
}

/* Room for one more in a list; nothing in it is secret yet. */
static enum err grow(void **list, size_t count, size_t *capacity, size_t item_bytes)
{
	size_t next = *capacity > 0 ? 2 * *capacity : FIRST_CAPACITY;
	void *larger;

	if (count < *capacity)
		return OK;
	if (count >= EXPORT_RECORDINGS_MAX)
		return ERR_LIMIT;
	larger = realloc(*list, next * item_bytes);
	if (!larger)
		return ERR_MEMORY;
	*list = larger;
	*capacity = next;
	return OK;
}

uint16_t export_set_room(struct export_set *set, const char *room)
{
	size_t at = 0;

	while (at < set->room_count && !str_equal(set->rooms[at], room))
		at++;
	if (at == set->room_count && at < EXPORT_ROOMS_MAX) {
		(void)str_copy(set->rooms[at], NAME_BYTES, room);
		set->room_count++;
	}
	return (uint16_t)at;
}

const char *export_set_room_name(const struct export_set *set,
				 const struct export_record *record)
{
	return record->room < set->room_count ? set->rooms[record->room] : "";
}

enum export_meaning export_meaning(enum event_kind kind)
{
	if (kind == EVENT_RECORDED)
		return EXPORT_MEANS_RECORDED;
	if (kind == EVENT_DELETED)
		return EXPORT_MEANS_DELETED;
	return kind == EVENT_ERASED ? EXPORT_MEANS_ERASED : EXPORT_MEANS_NOTHING;
}

/* --- the journal ------------------------------------------------------------------------ */

static bool is_theirs(const struct export_set *set, const struct event *event)
{
	struct owner_id owner;

	return id_from_text(owner.bytes, event_value(event, "owner")) &&
	       id_equal(owner.bytes, set->owner.bytes);
}

static enum err add_turn(struct export_set *set, struct turn_id turn, bool is_private)
{
	void *list = set->turns;
	enum err err =
		grow(&list, set->turn_count, &set->turn_capacity, sizeof(*set->turns));

	set->turns = list;
	if (err == OK)
		set->turns[set->turn_count++] = (struct export_turn){turn, is_private};
	return err;
}

static enum err read_sealed(const struct event *event, struct export_record *record)
{
	const char *sealed = event_value(event, "sealed");

	record->has_sealed = sealed[0] != '\0';
	return !record->has_sealed || str_from_hex(record->sealed, sizeof(record->sealed),
						   sealed)
		       ? OK
		       : ERR_FORMAT;
}

static enum err take_recorded(struct export_set *set, uint64_t place,
			      const struct event *event)
{
	struct export_record record = {.place = place, .turn = event->turn};
	void *list = set->records;
	enum err err;

	if (!id_from_text(record.record.bytes, event_value(event, "record")) ||
	    !str_copy(record.by, sizeof(record.by), event_value(event, "by")))
		return ERR_FORMAT;
	record.is_private = str_equal(record.by, "room");
	record.room = export_set_room(set, event->room.text);
	err = read_sealed(event, &record);
	if (err == OK)
		err = grow(&list, set->count, &set->capacity, sizeof(*set->records));
	set->records = list;
	if (err != OK)
		return err;
	set->records[set->count++] = record;
	return add_turn(set, event->turn, record.is_private);
}

static enum err take_deleted(struct export_set *set, const struct event *event)
{
	struct record_id record;
	void *list = set->ended;
	enum err err;

	if (!id_from_text(record.bytes, event_value(event, "record")))
		return ERR_FORMAT;
	err = grow(&list, set->ended_count, &set->ended_capacity, sizeof(*set->ended));
	set->ended = list;
	if (err == OK)
		set->ended[set->ended_count++] = record;
	return err;
}

enum err export_set_take(struct export_set *set, uint64_t place,
			 const struct event *event)
{
	switch (export_meaning(event->kind)) {
	case EXPORT_MEANS_RECORDED:
		return is_theirs(set, event) ? take_recorded(set, place, event) : OK;
	case EXPORT_MEANS_DELETED:
		return is_theirs(set, event) ? take_deleted(set, event) : OK;
	case EXPORT_MEANS_ERASED:
		if (is_theirs(set, event))
			set->erased_place = place;
		return OK;
	case EXPORT_MEANS_NOTHING:
		break;
	}
	return OK;
}

/* --- settling --------------------------------------------------------------------------- */

static int by_record(const void *one, const void *other)
{
	const struct export_record *a = one;
	const struct export_record *b = other;

	return memcmp(a->record.bytes, b->record.bytes, ID_BYTES);
}

static int by_turn(const void *one, const void *other)
{
	const struct export_turn *a = one;
	const struct export_turn *b = other;

	return (a->turn.value > b->turn.value) - (a->turn.value < b->turn.value);
}

static void drop_gone(struct export_set *set)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->count; i++) {
		struct export_record *record = &set->records[i];

		record->is_dead = record->place < set->erased_place;
		if (!record->is_gone)
			set->records[kept++] = *record;
	}
	set->count = kept;
}

enum err export_set_settle(struct export_set *set)
{
	if (set->count > 0)
		qsort(set->records, set->count, sizeof(*set->records), by_record);
	if (set->turn_count > 0)
		qsort(set->turns, set->turn_count, sizeof(*set->turns), by_turn);
	for (size_t i = 1; i < set->count; i++) {
		if (by_record(&set->records[i - 1], &set->records[i]) == 0)
			return ERR_FORMAT;
	}
	for (size_t i = 0; i < set->ended_count; i++) {
		struct export_record *record = export_set_find(set, set->ended[i]);

		if (record)
			record->is_gone = true;
	}
	drop_gone(set);
	return OK;
}

static void no_doubt_about(struct export_set *set, struct record_id record)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->later_count; i++) {
		if (!id_equal(set->later[i].bytes, record.bytes))
			set->later[kept++] = set->later[i];
	}
	set->later_count = kept;
}

enum err export_set_take_later(struct export_set *set, const struct event *event)
{
	enum export_meaning meaning = export_meaning(event->kind);
	struct export_record *known;
	struct record_id record;

	if (meaning == EXPORT_MEANS_NOTHING || !is_theirs(set, event))
		return OK;
	if (meaning == EXPORT_MEANS_ERASED) {
		for (size_t i = 0; i < set->count; i++)
			set->records[i].is_gone = true;
		set->later_count = 0; /* whatever is left of rows is dead, and swept */
		return OK;
	}
	if (!id_from_text(record.bytes, event_value(event, "record")))
		return ERR_FORMAT;
	known = export_set_find(set, record);
	if (meaning == EXPORT_MEANS_DELETED && known)
		known->is_gone = true;
	no_doubt_about(set, record);
	return OK;
}

/* --- asking ----------------------------------------------------------------------------- */

struct export_record *export_set_find(struct export_set *set, struct record_id record)
{
	const struct export_record key = {.record = record};

	return set->count > 0 ? bsearch(&key, set->records, set->count,
					sizeof(*set->records), by_record)
			      : NULL;
}

bool export_set_doubt(struct export_set *set, struct record_id record)
{
	for (size_t i = 0; i < set->later_count; i++) {
		if (id_equal(set->later[i].bytes, record.bytes))
			return true;
	}
	if (set->later_count == EXPORT_LATER_MAX)
		return false;
	set->later[set->later_count++] = record;
	return true;
}

bool export_set_wants(const struct export_set *set, const struct export_record *record)
{
	return !record->is_dead && (set->by_room || !record->is_private);
}

bool export_set_wants_turn(const struct export_set *set, struct turn_id turn)
{
	const struct export_turn key = {.turn = turn};
	const struct export_turn *found =
		set->turn_count > 0 ? bsearch(&key, set->turns, set->turn_count,
					      sizeof(*set->turns), by_turn)
				    : NULL;

	return found && (set->by_room || !found->is_private);
}

size_t export_set_wanted(const struct export_set *set)
{
	size_t wanted = 0;

	for (size_t i = 0; i < set->count; i++)
		wanted += export_set_wants(set, &set->records[i]);
	return wanted;
}

void export_set_begin_pass(struct export_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		set->records[i].seen = 0;
	set->later_count = 0;
}

const struct export_record *export_set_missing(const struct export_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct export_record *record = &set->records[i];

		if (record->seen != EXPORT_BOTH && !record->is_gone && !record->is_dead)
			return record;
	}
	return NULL;
}

enum err export_set_keep_words(struct export_set *set, struct export_record *record,
			       const char *words, size_t size)
{
	if (set->words_bytes + size > EXPORT_WORDS_BYTES_MAX)
		return ERR_LIMIT;
	forget_words(record);
	record->words = malloc(size + 1);
	if (!record->words)
		return ERR_MEMORY;
	memcpy(record->words, words, size);
	record->words[size] = '\0';
	set->words_bytes += size;
	return OK;
}
