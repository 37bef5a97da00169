/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recorded - see the header. The visible kind of an entry says whether its body is opened,
 * so that most of a long journal is passed over.
 */
#include "keeper/recorded.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum { PAGE = STORE_RANGE_ROWS_MAX, FIRST_CAPACITY = 64 };

static void begin_walk(const struct desk *desk, struct recorded_set *set, uint64_t first)
{
	set->next = first;
	set->last = journal_size(desk->journal);
}

void recorded_begin(const struct desk *desk, const struct recorded_filter *filter,
		    struct recorded_set *out_set)
{
	*out_set = (struct recorded_set){.owner = filter->owner,
					 .from_ms = filter->from_ms,
					 .to_ms = filter->to_ms};
	if (filter->room)
		must(str_copy(out_set->room, sizeof(out_set->room), filter->room));
	begin_walk(desk, out_set, 1);
}

void recorded_begin_again(const struct desk *desk, struct recorded_set *set)
{
	set->is_settled = true;
	begin_walk(desk, set, set->last + 1);
}

void recorded_finish(struct recorded_set *set)
{
	free(set->list);
	free(set->gone);
	*set = (struct recorded_set){.next = 0};
}

/* --- one entry -------------------------------------------------------------------------- */

/* Room for one more; NULL stays what it was when there is none. */
static enum err grow(void **list, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = *capacity > 0 ? *capacity * 2 : FIRST_CAPACITY;
	void *larger;

	if (count < *capacity)
		return OK;
	larger = realloc(*list, wanted * size);
	if (!larger)
		return ERR_MEMORY;
	*list = larger;
	*capacity = wanted;
	return OK;
}

static bool is_wanted(const struct recorded_set *set, const struct event *event)
{
	return !set->is_settled && event->at_ms >= set->from_ms &&
	       event->at_ms <= set->to_ms &&
	       (set->room[0] == '\0' || str_equal_folded(set->room, event->room.text));
}

static enum err add_recorded(struct recorded_set *set, uint64_t place,
			     const struct event *event)
{
	struct recorded one = {.at_ms = event->at_ms, .place = place};
	void *list = set->list;
	enum err err;

	if (!is_wanted(set, event) ||
	    !id_from_text(one.record.bytes, event_value(event, "record")))
		return OK;
	if (set->count == RECORDED_MAX) {
		set->is_too_large = true;
		return OK;
	}
	err = grow(&list, set->count, &set->capacity, sizeof(*set->list));
	set->list = list;
	if (err == OK)
		set->list[set->count++] = one;
	return err;
}

static enum err add_gone(struct recorded_set *set, const struct event *event)
{
	struct record_id record;
	void *gone = set->gone;
	enum err err;

	if (!id_from_text(record.bytes, event_value(event, "record")))
		return OK;
	err = grow(&gone, set->gone_count, &set->gone_capacity, sizeof(*set->gone));
	set->gone = gone;
	if (err == OK)
		set->gone[set->gone_count++] = record;
	return err;
}

static enum err take_event(struct recorded_set *set, uint64_t place,
			   const struct event *event)
{
	struct owner_id owner;

	if (!id_from_text(owner.bytes, event_value(event, "owner")) ||
	    !id_equal(owner.bytes, set->owner.bytes))
		return OK;
	if (event->kind == EVENT_RECORDED)
		return add_recorded(set, place, event);
	if (event->kind == EVENT_DELETED)
		return add_gone(set, event);
	set->count = 0; /* ERASED: all before it */
	set->gone_count = 0;
	set->is_too_large = false;
	return OK;
}

static bool is_of_interest(const char *kind)
{
	enum event_kind known;

	return event_kind_from_text(kind, &known) &&
	       (known == EVENT_RECORDED || known == EVENT_DELETED ||
		known == EVENT_ERASED);
}

static enum err take_row(struct desk *desk, struct recorded_set *set,
			 const struct store_row *row)
{
	struct entry_visible visible;
	struct event event;
	uint64_t place = 0;

	if (!desk_number_of(&row->key, &place) ||
	    entry_peek(row->value, row->size, &visible) != OK) {
		set->unreadable++;
		return OK;
	}
	if (!is_of_interest(visible.kind))
		return OK;
	if (journal_read(desk->journal, place, row->value, row->size, &event) != OK) {
		set->unreadable++;
		return OK;
	}
	return take_event(set, place, &event);
}

/* --- the end of a walk ------------------------------------------------------------------ */

static int by_record(const void *one, const void *other)
{
	return memcmp(((const struct recorded *)one)->record.bytes,
		      ((const struct recorded *)other)->record.bytes, ID_BYTES);
}

static int by_id(const void *one, const void *other)
{
	return memcmp(one, other, ID_BYTES);
}

static int by_place(const void *one, const void *other)
{
	uint64_t a = ((const struct recorded *)one)->place;
	uint64_t b = ((const struct recorded *)other)->place;

	return a < b ? -1 : a > b;
}

/* Both lists in the order of their ids, side by side. */
static void take_out_gone(struct recorded_set *set)
{
	size_t kept = 0;
	size_t gone = 0;

	qsort(set->list, set->count, sizeof(*set->list), by_record);
	qsort(set->gone, set->gone_count, sizeof(*set->gone), by_id);
	for (size_t i = 0; i < set->count; i++) {
		const uint8_t *id = set->list[i].record.bytes;

		while (gone < set->gone_count &&
		       memcmp(set->gone[gone].bytes, id, ID_BYTES) < 0)
			gone++;
		if (gone == set->gone_count ||
		    memcmp(set->gone[gone].bytes, id, ID_BYTES) != 0)
			set->list[kept++] = set->list[i];
	}
	set->count = kept;
	set->gone_count = 0;
	qsort(set->list, set->count, sizeof(*set->list), by_place);
}

enum err recorded_take(struct desk *desk, struct recorded_set *set,
		       const struct store_rows *rows)
{
	enum err err = OK;

	for (size_t i = 0; err == OK && i < rows->count; i++)
		err = take_row(desk, set, &rows->rows[i]);
	return err;
}

enum err recorded_ask(struct desk *desk, struct job *job, struct recorded_set *set,
		      job_rows_fn *rows)
{
	struct store_range range = {.limit = PAGE};
	uint64_t end = set->next + PAGE - 1;

	if (set->next > set->last) {
		if (set->count > 0 && set->gone_count > 0)
			take_out_gone(set);
		return ERR_MISSING;
	}
	if (end > set->last)
		end = set->last;
	range.first = desk_key_number(desk, STORE_JOURNAL, set->next);
	range.last = desk_key_number(desk, STORE_JOURNAL, end);
	set->next = end + 1;
	return desk_job_range(desk, job, &range, rows);
}
