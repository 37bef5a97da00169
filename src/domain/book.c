/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book - see the header. The bytes of an entry are in docs/FORMATS.md.
 *
 * Invariant: what book_decode takes book_encode writes again, the same byte for byte.
 */
#include "domain/book.h"

#include <string.h>

#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"

enum { BODY_VERSION = 1, DAYS_OF_WEEK = 7, MS = 1000 };

enum { IS_SPAN = 1, IS_PAUSED = 2, IS_TICKED = 4, FLAGS_ALL = 7 };

/* Until the year 9999, and not before 1970. */
static const int64_t TIME_MAX_MS = INT64_C(253402300799000);

static const struct {
	const char *text;
	size_t max;
} KINDS[BOOK_KIND_COUNT] = {
	[BOOK_NOTHING] = {"nothing", 0},
	[BOOK_TIMER] = {"timer", BOOK_TIMERS_MAX},
	[BOOK_ALARM] = {"alarm", BOOK_ALARMS_MAX},
	[BOOK_REMINDER] = {"reminder", BOOK_REMINDERS_MAX},
	[BOOK_ITEM] = {"item", BOOK_ITEMS_MAX},
	[BOOK_CLEARED] = {"cleared", BOOK_CLEARED_MAX},
	[BOOK_RANG] = {"rang", BOOK_RANG_MAX},
};

static const char *const SHOPPING[] = {"shopping", "grocery", "groceries"};

_Static_assert(BOOK_TIMERS_MAX + BOOK_ALARMS_MAX + BOOK_REMINDERS_MAX + BOOK_ITEMS_MAX +
			       BOOK_CLEARED_MAX + BOOK_RANG_MAX <=
		       BOOK_ENTRIES_MAX,
	       "as many of each kind as there may be fit the book");

const char *book_kind_text(enum book_kind kind)
{
	must(kind < BOOK_KIND_COUNT);
	return KINDS[kind].text;
}

bool book_kind_from_text(const char *text, enum book_kind *out_kind)
{
	for (unsigned kind = BOOK_TIMER; kind < BOOK_KIND_COUNT; kind++) {
		if (!str_equal(KINDS[kind].text, text))
			continue;
		*out_kind = (enum book_kind)kind;
		return true;
	}
	return false;
}

size_t book_kind_max(enum book_kind kind)
{
	must(kind < BOOK_KIND_COUNT);
	return KINDS[kind].max;
}

bool book_kind_rings(enum book_kind kind)
{
	return kind == BOOK_TIMER || kind == BOOK_ALARM || kind == BOOK_REMINDER;
}

const char *book_list_name(const char *called)
{
	for (size_t i = 0; i < STR_COUNT(SHOPPING); i++)
		if (str_equal_folded(SHOPPING[i], called))
			return "";
	return called;
}

bool book_id_equal(struct book_id a, struct book_id b)
{
	return id_equal(a.bytes, b.bytes);
}

/* --- the entries ------------------------------------------------------------------------ */

struct book_entry *book_find(struct book *book, struct book_id id)
{
	for (size_t i = 0; i < book->count; i++)
		if (book_id_equal(book->entries[i].id, id))
			return &book->entries[i];
	return NULL;
}

const struct book_entry *book_look(const struct book *book, struct book_id id)
{
	for (size_t i = 0; i < book->count; i++)
		if (book_id_equal(book->entries[i].id, id))
			return &book->entries[i];
	return NULL;
}

size_t book_count(const struct book *book, enum book_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < book->count; i++)
		count += book->entries[i].kind == kind;
	return count;
}

enum err book_put(struct book *book, const struct book_entry *entry)
{
	struct book_entry *there = book_find(book, entry->id);

	if (!there && (book->count == BOOK_ENTRIES_MAX ||
		       book_count(book, entry->kind) >= book_kind_max(entry->kind)))
		return ERR_LIMIT;
	if (!there)
		there = &book->entries[book->count++];
	*there = *entry;
	return OK;
}

/* In the order in which they came. */
void book_drop(struct book *book, struct book_id id)
{
	struct book_entry *there = book_find(book, id);

	if (!there)
		return;
	const size_t at = (size_t)(there - book->entries);
	book->count--;
	memmove(there, there + 1, (book->count - at) * sizeof(*there));
	explicit_bzero(&book->entries[book->count], sizeof(*there));
}

uint64_t book_next_number(const struct book *book)
{
	uint64_t last = 0;

	for (size_t i = 0; i < book->count; i++)
		if (book->entries[i].number > last)
			last = book->entries[i].number;
	return last + 1;
}

static bool was_cleared(const struct book *book, const struct book_entry *entry)
{
	for (size_t i = 0; i < book->count; i++)
		if (book->entries[i].kind == BOOK_CLEARED &&
		    str_equal_folded(book->entries[i].list, entry->list) &&
		    book->entries[i].number > entry->number)
			return true;
	return false;
}

bool book_is_on_list(const struct book *book, const struct book_entry *entry,
		     const char *list)
{
	return entry->kind == BOOK_ITEM && !entry->is_ticked &&
	       str_equal_folded(entry->list, list) && !was_cleared(book, entry);
}

/* --- when they are due ------------------------------------------------------------------ */

static int64_t utc_ms(const struct book_entry *entry, const struct book_zone *zone,
		      int64_t day_number)
{
	return book_utc_of(zone, book_date_of_day(day_number), entry->minute) * MS;
}

/* The first of its days behind that moment. A day more than a week: today's may be over. */
static int64_t next_of_days(const struct book_entry *entry, const struct book_zone *zone,
			    int64_t after_ms)
{
	const struct book_local now = book_local_of(zone, after_ms / MS);
	const int64_t begins = book_day_number(entry->date);
	int64_t day = book_day_number(now.date);

	if (day < begins)
		day = begins;
	for (int i = 0; i <= DAYS_OF_WEEK; i++, day++) {
		const int64_t due_ms = utc_ms(entry, zone, day);

		if ((entry->days & (1U << book_weekday_of_day(day))) && due_ms > after_ms)
			return due_ms;
	}
	return INT64_MAX;
}

int64_t book_due_ms(const struct book_entry *entry, const struct book_zone *zone,
		    int64_t after_ms)
{
	int64_t due_ms;

	if (!book_kind_rings(entry->kind) || entry->is_paused)
		return INT64_MAX;
	if (entry->is_span)
		return entry->due_ms;
	if (entry->days != 0)
		return next_of_days(entry, zone, after_ms);
	due_ms = utc_ms(entry, zone, book_day_number(entry->date));
	return due_ms > after_ms ? due_ms : INT64_MAX;
}

/* --- bytes ------------------------------------------------------------------------------ */

static bool is_time(int64_t ms)
{
	return ms >= 0 && ms <= TIME_MAX_MS;
}

/* Of what counts down; anything else has none of it. */
static bool is_span_whole(const struct book_entry *entry)
{
	if (!entry->is_span)
		return !entry->is_paused && entry->span_ms == 0 && entry->due_ms == 0 &&
		       entry->rest_ms == 0;
	return entry->span_ms > 0 && entry->span_ms <= (int64_t)BOOK_SPAN_MAX_S * MS &&
	       is_time(entry->due_ms) && entry->rest_ms >= 0 &&
	       entry->rest_ms <= entry->span_ms;
}

static bool is_date_whole(const struct book_entry *entry)
{
	const bool has_date = book_kind_rings(entry->kind) && !entry->is_span;
	const struct book_date *date = &entry->date;

	if (!has_date)
		return date->year == 0 && date->month == 0 && date->day == 0 &&
		       entry->minute == 0 && entry->days == 0;
	return date->year >= BOOK_YEAR_MIN && date->year <= BOOK_YEAR_MAX &&
	       date->month >= 1 && date->month <= 12 && date->day >= 1 &&
	       date->day <= 31 && entry->minute >= 0 &&
	       entry->minute < BOOK_MINUTES_OF_DAY && entry->days <= BOOK_EVERY_DAY;
}

/* A timer counts down, and what is to be remembered has words. */
static bool is_whole(const struct book_entry *entry)
{
	const bool has_text = entry->kind == BOOK_REMINDER || entry->kind == BOOK_ITEM;

	return entry->kind > BOOK_NOTHING && entry->kind < BOOK_KIND_COUNT &&
	       (entry->kind != BOOK_TIMER || entry->is_span) &&
	       (book_kind_rings(entry->kind) ||
		(!entry->is_span && entry->rang_ms == 0)) &&
	       (!has_text || entry->text[0] != '\0') && is_time(entry->created_ms) &&
	       is_time(entry->rang_ms) && is_time(entry->last_ms) &&
	       is_time(entry->ended_ms) && is_span_whole(entry) && is_date_whole(entry);
}

static unsigned flags_of(const struct book_entry *entry)
{
	return (entry->is_span ? IS_SPAN : 0U) | (entry->is_paused ? IS_PAUSED : 0U) |
	       (entry->is_ticked ? IS_TICKED : 0U);
}

enum err book_encode(const struct book_entry *entry, uint8_t to[BOOK_BODY_BYTES_MAX],
		     size_t *out_size)
{
	struct pack pack;

	if (!is_whole(entry))
		return ERR_RANGE;
	pack_init(&pack, to, BOOK_BODY_BYTES_MAX);
	pack_u8(&pack, BODY_VERSION);
	pack_u8(&pack, (uint8_t)flags_of(entry));
	pack_text(&pack, entry->text);
	pack_text(&pack, entry->list);
	pack_text(&pack, entry->room);
	pack_i64(&pack, entry->created_ms);
	pack_u64(&pack, entry->turn.value);
	pack_u64(&pack, entry->because.value);
	pack_u64(&pack, entry->number);
	pack_i64(&pack, entry->span_ms);
	pack_i64(&pack, entry->due_ms);
	pack_i64(&pack, entry->rest_ms);
	pack_u32(&pack, (uint32_t)entry->date.year);
	pack_u8(&pack, (uint8_t)entry->date.month);
	pack_u8(&pack, (uint8_t)entry->date.day);
	pack_u32(&pack, (uint32_t)entry->minute);
	pack_u8(&pack, (uint8_t)entry->days);
	pack_i64(&pack, entry->rang_ms);
	pack_i64(&pack, entry->last_ms);
	pack_i64(&pack, entry->ended_ms);
	if (!pack_is_whole(&pack))
		return ERR_RANGE;
	*out_size = pack.size;
	return OK;
}

static int unpack_small(struct unpack *unpack)
{
	const uint32_t value = unpack_u32(unpack);

	if (value > BOOK_YEAR_MAX)
		unpack->overrun = true;
	return (int)value;
}

static void unpack_entry(struct unpack *unpack, struct book_entry *entry)
{
	const unsigned flags = unpack_u8(unpack);

	entry->is_span = (flags & IS_SPAN) != 0;
	entry->is_paused = (flags & IS_PAUSED) != 0;
	entry->is_ticked = (flags & IS_TICKED) != 0;
	if (flags > FLAGS_ALL)
		unpack->overrun = true;
	unpack_text(unpack, entry->text, sizeof(entry->text));
	unpack_text(unpack, entry->list, sizeof(entry->list));
	unpack_text(unpack, entry->room, sizeof(entry->room));
	entry->created_ms = unpack_i64(unpack);
	entry->turn.value = unpack_u64(unpack);
	entry->because.value = unpack_u64(unpack);
	entry->number = unpack_u64(unpack);
	entry->span_ms = unpack_i64(unpack);
	entry->due_ms = unpack_i64(unpack);
	entry->rest_ms = unpack_i64(unpack);
	entry->date.year = unpack_small(unpack);
	entry->date.month = unpack_u8(unpack);
	entry->date.day = unpack_u8(unpack);
	entry->minute = unpack_small(unpack);
	entry->days = unpack_u8(unpack);
	entry->rang_ms = unpack_i64(unpack);
	entry->last_ms = unpack_i64(unpack);
	entry->ended_ms = unpack_i64(unpack);
}

enum err book_decode(struct book_id id, enum book_kind kind, const uint8_t *bytes,
		     size_t size, struct book_entry *out_entry)
{
	struct book_entry entry = {.id = id, .kind = kind};
	struct unpack unpack;

	unpack_init(&unpack, bytes, size);
	if (unpack_u8(&unpack) != BODY_VERSION)
		return ERR_VERSION;
	unpack_entry(&unpack, &entry);
	if (!unpack_is_whole(&unpack) || !is_whole(&entry))
		return ERR_FORMAT;
	*out_entry = entry;
	return OK;
}
