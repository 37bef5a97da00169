/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub_book - the house book as the hub knows it: told by the keeper once, kept there entry by
 * entry, and written to by the rooms' turns and by the clock.
 *
 * From then on what is here is the truth, for nobody else writes. A change that a turn asks
 * for is made here when the keeper has said that it is durable, and not before; one that
 * failed, or whose answer was lost, is undone there as soon as the keeper is back, so that
 * what was answered "that is not kept" is not kept. What follows from the clock is made at
 * once and written when it can be: an alarm rings also while the keeper is away.
 *
 * Invariants: nothing is acknowledged that is not durable; an entry that is named in
 * `unwritten` is written again, or removed, until the keeper has said that it is.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "hub/hub.h"

enum {
	TICK_MS = 500,
	SET_MS = 2000, /* the clock is off by more: somebody has set it */
};

static const uint64_t BOOK_TOKEN = 0xfd; /* no turn's token ends in this byte */

/* --- the clock -------------------------------------------------------------------------- */

static void set_clock(struct hub *hub)
{
	hub->book.wall_ms = clock_wall_ms(&hub->clock);
	hub->book.now_ms = clock_now_ms(&hub->clock);
	hub->book.has_clock = true;
}

int64_t hub_book_now(const struct hub *hub)
{
	const struct hub_book *book = &hub->book;

	if (!book->has_clock)
		return clock_wall_ms(&hub->clock);
	return book->wall_ms + clock_now_ms(&hub->clock) - book->now_ms;
}

/* What counts down, or rings, goes on as if nothing had happened. */
static void move_entries(struct hub *hub, int64_t by_ms)
{
	struct book *book = hub->book.now;

	for (size_t i = 0; i < book->count; i++) {
		struct book_entry *entry = &book->entries[i];
		const bool counts = entry->is_span && !entry->is_paused;

		if (!counts && entry->rang_ms == 0)
			continue;
		if (counts)
			entry->due_ms += by_ms;
		if (entry->rang_ms != 0)
			entry->rang_ms += by_ms;
		hub_book_write(hub, entry);
	}
}

static void look_at_clock(struct hub *hub)
{
	const int64_t by_ms = clock_wall_ms(&hub->clock) - hub_book_now(hub);

	if (by_ms <= SET_MS && by_ms >= -SET_MS)
		return;
	log_line("book: the clock was set by_ms=%lld", (long long)by_ms);
	set_clock(hub);
	move_entries(hub, by_ms);
	hub_ring_changed(hub);
}

/* --- what is not written ---------------------------------------------------------------- */

static void mark(struct hub *hub, struct book_id id)
{
	struct hub_book *book = &hub->book;

	for (size_t i = 0; i < book->unwritten_count; i++)
		if (book_id_equal(book->unwritten[i], id))
			return;
	if (book->unwritten_count == BOOK_ENTRIES_MAX) {
		log_line("book: too much waits for the keeper");
		return;
	}
	book->unwritten[book->unwritten_count++] = id;
}

static void unmark(struct hub *hub, struct book_id id)
{
	struct hub_book *book = &hub->book;

	for (size_t i = 0; i < book->unwritten_count; i++) {
		if (!book_id_equal(book->unwritten[i], id))
			continue;
		book->unwritten[i] = book->unwritten[--book->unwritten_count];
		return;
	}
}

static bool is_under_way(const struct hub *hub, struct book_id id)
{
	for (size_t i = 0; i < HUB_CHANGES_MAX; i++)
		if (hub->book.changes[i].token != 0 &&
		    book_id_equal(hub->book.changes[i].entry.id, id))
			return true;
	return false;
}

/* --- changes ---------------------------------------------------------------------------- */

static uint64_t next_token(struct hub *hub)
{
	return ++hub->book.tokens << 8 | BOOK_TOKEN;
}

static struct hub_change *free_change(struct hub *hub)
{
	for (size_t i = 0; i < HUB_CHANGES_MAX; i++)
		if (hub->book.changes[i].token == 0)
			return &hub->book.changes[i];
	return NULL;
}

static enum err send_change(struct hub *hub, const struct hub_change *change)
{
	uint8_t body[BOOK_BODY_BYTES_MAX];
	struct keep_book_row row = {.id = change->entry.id,
				    .kind = change->entry.kind,
				    .body = body};
	enum err err;

	if (change->is_remove)
		return keep_book_remove(&hub->keep, change->entry.id, change->token);
	err = book_encode(&change->entry, body, &row.size);
	if (!err)
		err = keep_book_put(&hub->keep, &row, change->token);
	explicit_bzero(body, sizeof(body));
	return err;
}

static enum err ask(struct hub *hub, const struct hub_change *wanted)
{
	struct hub_change *change = free_change(hub);
	enum err err = change ? OK : ERR_BUSY;

	if (err)
		return err;
	*change = *wanted;
	change->token = next_token(hub);
	err = send_change(hub, change);
	if (err)
		explicit_bzero(change, sizeof(*change));
	return err;
}

/* One after the other: what the keeper has said of an entry is said of its newest form. */
static void write_again(struct hub *hub)
{
	const struct hub_book *book = &hub->book;

	for (size_t i = 0; book->is_known && i < book->unwritten_count; i++) {
		const struct book_id id = book->unwritten[i];
		const struct book_entry *entry = book_look(book->now, id);
		struct hub_change change = {.is_remove = entry == NULL};

		if (is_under_way(hub, id))
			continue;
		if (entry)
			change.entry = *entry;
		change.entry.id = id;
		if (ask(hub, &change))
			return; /* later */
	}
}

void hub_book_write(struct hub *hub, const struct book_entry *entry)
{
	mark(hub, entry->id);
	write_again(hub);
}

void hub_book_forget(struct hub *hub, struct book_id id)
{
	book_drop(hub->book.now, id);
	mark(hub, id);
	write_again(hub);
}

static enum reason reason_of(enum err err)
{
	if (err == OK)
		return REASON_NONE;
	return err == ERR_LIMIT ? REASON_OUT_OF_RANGE : REASON_JOURNAL_UNAVAILABLE;
}

static bool is_same(const struct book_entry *a, const struct book_entry *b)
{
	uint8_t one[BOOK_BODY_BYTES_MAX];
	uint8_t other[BOOK_BODY_BYTES_MAX];
	size_t one_size = 0;
	size_t other_size = 0;

	return book_encode(a, one, &one_size) == OK &&
	       book_encode(b, other, &other_size) == OK && one_size == other_size &&
	       memcmp(one, other, one_size) == 0;
}

/* It rings, and behind that change it does not. */
static bool ends_ring(const struct book_entry *was, const struct hub_change *change)
{
	return was && was->rang_ms != 0 &&
	       (change->is_remove || change->entry.rang_ms == 0);
}

/* What a turn asked for is made here now, or undone there. */
static enum err settle_asked(struct hub *hub, const struct hub_change *change,
			     enum err err)
{
	const struct book_entry *was = book_look(hub->book.now, change->entry.id);

	if (err == OK && ends_ring(was, change))
		hub_ring_taken(hub, was);
	if (err == OK && change->is_remove)
		book_drop(hub->book.now, change->entry.id);
	else if (err == OK)
		err = book_put(hub->book.now, &change->entry);
	if (err != OK)
		mark(hub, change->entry.id);
	else
		unmark(hub, change->entry.id);
	hub_ring_changed(hub);
	return err;
}

/* By then it may have changed again. */
static void settle_quiet(struct hub *hub, const struct hub_change *change, enum err err)
{
	const struct book_entry *now = book_look(hub->book.now, change->entry.id);
	const bool is_newest =
		change->is_remove ? now == NULL : now && is_same(now, &change->entry);

	if (err == OK && is_newest)
		unmark(hub, change->entry.id);
}

static void settle(struct hub *hub, struct hub_change *place, enum err err)
{
	const struct hub_change change = *place;

	explicit_bzero(place, sizeof(*place));
	if (!change.room) {
		settle_quiet(hub, &change, err);
		return;
	}
	err = settle_asked(hub, &change, err);
	turn_act_done(change.room->line, change.asked, reason_of(err), NULL);
}

/* --- being told ------------------------------------------------------------------------- */

static void get(struct hub *hub)
{
	struct hub_book *book = &hub->book;

	if (book->is_known || book->is_asking || !keep_is_up(&hub->keep) ||
	    !keep_has_book(&hub->keep))
		return;
	book->get_token = next_token(hub);
	book->coming->count = 0;
	book->is_asking = keep_book_get(&hub->keep, book->get_token) == OK;
}

void hub_book_row(struct hub *hub, uint64_t token, const struct keep_book_row *row)
{
	struct hub_book *book = &hub->book;
	struct book_entry entry;

	if (!book->is_asking || token != book->get_token)
		return;
	/* Of a newer house, or damaged by it: it stays where it is. */
	if (book_decode(row->id, row->kind, row->body, row->size, &entry) ||
	    book_put(book->coming, &entry))
		log_line("book: an entry is not understood, and left alone");
}

/* A clock that was set back while the house was off makes nothing longer than it was set, and
 * no ring longer than one. */
static void bound_times(struct hub *hub)
{
	const int64_t now_ms = hub_book_now(hub);
	struct book *book = hub->book.now;

	for (size_t i = 0; i < book->count; i++) {
		struct book_entry *entry = &book->entries[i];

		const bool is_ahead = entry->rang_ms > now_ms;
		const bool is_long = entry->is_span && !entry->is_paused &&
				     entry->rang_ms == 0 &&
				     entry->due_ms > now_ms + entry->span_ms;

		if (is_ahead)
			entry->rang_ms = now_ms;
		if (is_long)
			entry->due_ms = now_ms + entry->span_ms;
		if (is_ahead || is_long)
			hub_book_write(hub, entry);
	}
}

static void got(struct hub *hub, enum err err)
{
	struct hub_book *book = &hub->book;
	struct book *told = book->coming;

	book->is_asking = false;
	if (err) {
		log_line("book: the keeper did not tell it: %s", err_words(err));
		return; /* the next tick asks again */
	}
	book->coming = book->now;
	book->now = told;
	book->is_known = true;
	set_clock(hub);
	log_line("book: known entries=%zu", told->count);
	bound_times(hub);
	hub_ring_changed(hub);
	hub_ring_due(hub);
}

bool hub_book_done(struct hub *hub, uint64_t token, enum err err)
{
	struct hub_book *book = &hub->book;

	if ((token & UINT8_MAX) != BOOK_TOKEN)
		return false;
	if (book->is_asking && token == book->get_token) {
		got(hub, err);
		return true;
	}
	for (size_t i = 0; i < HUB_CHANGES_MAX; i++)
		if (book->changes[i].token == token) {
			settle(hub, &book->changes[i], err);
			break;
		}
	return true;
}

void hub_book_keeper_changed(struct hub *hub)
{
	if (!keep_is_up(&hub->keep) || !hub->book.now)
		return;
	get(hub);
	write_again(hub);
}

/* --- for turns -------------------------------------------------------------------------- */

static const struct book *room_look(void *context)
{
	const struct hub_room *room = context;
	const struct hub_book *book = &room->hub->book;

	return book->is_known ? book->now : NULL;
}

static int64_t room_now(void *context)
{
	const struct hub_room *room = context;

	return hub_book_now(room->hub);
}

static enum err room_ask(struct hub_room *room, struct hub_change *change)
{
	if (!room->hub->book.is_known)
		return ERR_CLOSED;
	/* Two changes of one entry at once: the later one would overtake the other here. */
	if (is_under_way(room->hub, change->entry.id))
		return ERR_BUSY;
	change->room = room;
	return ask(room->hub, change);
}

static enum err room_put(void *context, const struct book_entry *entry, uint64_t token)
{
	struct hub_room *room = context;
	struct hub *hub = room->hub;
	struct hub_change change = {.asked = token, .entry = *entry};

	if (id_is_none(entry->id.bytes)) {
		if (book_count(hub->book.now, entry->kind) >= book_kind_max(entry->kind))
			return ERR_LIMIT;
		rand_fill(&hub->rand, change.entry.id.bytes, ID_BYTES);
		change.entry.number = book_next_number(hub->book.now);
	}
	return room_ask(room, &change);
}

static enum err room_remove(void *context, struct book_id id, uint64_t token)
{
	struct hub_change change = {.asked = token,
				    .is_remove = true,
				    .entry = {.id = id}};

	return room_ask(context, &change);
}

static void room_stop(void *context, bool everywhere)
{
	struct hub_room *room = context;

	hub_ring_stop(room->hub, everywhere ? NULL : room, "stopped");
}

const struct act_book hub_book_parts = {
	.look = room_look,
	.now_ms = room_now,
	.put = room_put,
	.remove = room_remove,
	.stop = room_stop,
};

enum err hub_book_add_item(struct hub_room *room, struct turn_id turn,
			   struct event_id because, const char *list, const char *text,
			   uint64_t token)
{
	struct book_entry entry = {
		.kind = BOOK_ITEM,
		.created_ms = hub_book_now(room->hub),
		.turn = turn,
		.because = because,
	};

	if (!str_copy(entry.text, sizeof(entry.text), text) ||
	    !str_copy(entry.list, sizeof(entry.list), list) ||
	    !str_copy(entry.room, sizeof(entry.room), room->name))
		return ERR_LIMIT;
	return text[0] == '\0' ? ERR_FORMAT : room_put(room, &entry, token);
}

/* --- time passes ------------------------------------------------------------------------ */

static bool is_cleared_by(const struct book_entry *entry, const struct book_entry *mark)
{
	return entry->kind == BOOK_ITEM && entry->number < mark->number &&
	       str_equal_folded(entry->list, mark->list);
}

/* The things first, and until they are gone there as well: without its mark one of them would
 * be back on the list. */
static void sweep_cleared(struct hub *hub, const struct book_entry *mark)
{
	const struct book *book = hub->book.now;

	for (size_t i = 0; i < book->count; i++) {
		if (!is_cleared_by(&book->entries[i], mark))
			continue;
		hub_book_forget(hub, book->entries[i].id);
		return;
	}
	if (hub->book.unwritten_count == 0)
		hub_book_forget(hub, mark->id);
}

/* What is off its list for a day, one at a time. */
static void sweep(struct hub *hub)
{
	const int64_t before_ms = hub_book_now(hub) - BOOK_UNDO_MS;
	const struct book *book = hub->book.now;

	for (size_t i = 0; i < book->count; i++) {
		const struct book_entry *entry = &book->entries[i];

		if (entry->ended_ms == 0 || entry->ended_ms > before_ms)
			continue;
		if (entry->kind == BOOK_CLEARED) {
			const struct book_entry cleared = *entry;

			sweep_cleared(hub, &cleared);
			return;
		}
		if (entry->is_ticked || entry->kind == BOOK_RANG) {
			hub_book_forget(hub, entry->id);
			return;
		}
	}
}

void hub_book_tick(struct hub *hub)
{
	get(hub);
	if (!hub->book.is_known)
		return;
	look_at_clock(hub);
	hub_ring_due(hub);
	sweep(hub);
	if (keep_is_up(&hub->keep))
		write_again(hub);
}

static void tick(void *context)
{
	struct hub *hub = context;

	hub_book_tick(hub);
	if (loop_after(hub->loop, TICK_MS, tick, hub, &hub->book.timer))
		log_line("book: cannot set a timer");
}

enum err hub_book_open(struct hub *hub)
{
	struct hub_book *book = &hub->book;

	book->now = calloc(1, sizeof(*book->now));
	book->coming = calloc(1, sizeof(*book->coming));
	if (!book->now || !book->coming)
		return ERR_MEMORY;
	tzset(); /* while the zone's file can be read */
	set_clock(hub);
	return loop_after(hub->loop, TICK_MS, tick, hub, &book->timer);
}

static void close_book(struct book *book)
{
	if (book)
		explicit_bzero(book, sizeof(*book));
	free(book);
}

void hub_book_close(struct hub *hub)
{
	if (hub->loop)
		loop_cancel(hub->loop, hub->book.timer);
	close_book(hub->book.now);
	close_book(hub->book.coming);
	explicit_bzero(&hub->book, sizeof(hub->book));
}
