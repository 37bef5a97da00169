/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub_ring - what of the house book is due, and which rooms ring for it.
 *
 * An entry rings in its own room, or, while that one is away, in each room that is there; so
 * long that somebody stops it, at most BOOK_RING_MS. Rings are no state of rooms: whether a
 * room rings follows at each look from the book and the rooms that are there, so that a hub,
 * a room or a keeper that starts again in the middle changes nothing.
 *
 * A reminder sounds once and says its words, and does so again after a while; in a room that
 * may not speak of lists, or is not its owner's, it says only that there is one. It waits
 * until it can be said: while somebody speaks there, or something else rings, no word is lost.
 *
 * Invariants: what sounds has the decision that set it as its parent; nothing rings before it
 * is due, or twice for one time; what rings and whether it fell silent is in the journal.
 */
#include <string.h>
#include <time.h>

#include "act/local.h"
#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "hub/hub.h"
#include "record/record.h"

enum {
	MS = 1000,
	LOOK_MS = 60 * 1000,      /* the zone is read again, and all is looked at */
	LATE_MS = 60 * 60 * 1000, /* what is later does not ring any more ... */
	LATE_REMINDER_MS = 24 * 60 * 60 * 1000, /* ... and this is still said */
	ROUND_MS = 60 * 1000, /* from one saying of a reminder to the next */
	ROUNDS = 3,
};

static void write_down(struct hub *hub, const struct book_entry *entry,
		       const struct event *event)
{
	struct event written = *event;

	written.turn = entry->turn;
	must(str_copy(written.room.text, sizeof(written.room.text), entry->room));
	late_push(hub->late, &written);
}

static struct event begin_event(struct hub *hub, enum event_kind kind)
{
	struct event event;

	event_init(&event, kind, (struct turn_id){0}, "", clock_wall_ms(&hub->clock));
	return event;
}

/* --- which rooms ------------------------------------------------------------------------ */

static struct hub_room *own_room(struct hub *hub, const struct book_entry *entry)
{
	for (size_t i = 0; i < hub->room_count; i++)
		if (str_equal_folded(hub->rooms[i].name, entry->room))
			return &hub->rooms[i];
	return NULL;
}

/* In its own, or where that is away in each that is there. */
static bool rings_in(struct hub *hub, const struct book_entry *entry,
		     const struct hub_room *room)
{
	const struct hub_room *own = own_room(hub, entry);

	if (entry->rang_ms == 0 || !room->link)
		return false;
	return own && own->link ? room == own : true;
}

static bool has_room(const struct hub *hub)
{
	for (size_t i = 0; i < hub->room_count; i++)
		if (hub->rooms[i].link)
			return true;
	return false;
}

/* A reminder that nobody was told yet, in no room. */
static bool is_untold(const struct hub *hub, const struct book_entry *entry)
{
	const struct hub_book *book = &hub->book;

	for (size_t i = 0; i < book->round_count; i++)
		if (book_id_equal(book->rounds[i].id, entry->id))
			return book->rounds[i].rounds == 0;
	return entry->kind == BOOK_REMINDER;
}

static int64_t left_ms(struct hub *hub, const struct book_entry *entry)
{
	const int64_t rings_ms = hub_book_now(hub) - entry->rang_ms;
	int64_t most_ms = BOOK_RING_MS;

	if (entry->kind == BOOK_REMINDER)
		most_ms = is_untold(hub, entry) ? LATE_REMINDER_MS : ROUNDS * ROUND_MS;
	return rings_ms < 0 ? most_ms : most_ms - rings_ms;
}

/* --- telling a room --------------------------------------------------------------------- */

static void send_ring(struct hub_room *room, const struct book_entry *entry,
		      enum ring_pattern pattern, int64_t for_ms)
{
	const struct wire_ring ring = {
		.ring = ++room->hub->book.rings,
		.parent = entry->because.value,
		.pattern = (uint8_t)pattern,
		.percent = (uint32_t)room->hub->settings.house_ring_percent,
		.left_ms = (uint32_t)(for_ms > 0 ? for_ms : 0),
	};

	if (link_send_ring(room->link, &ring)) {
		log_line("ring: a room could not be told room=%s", room->name);
		return;
	}
	room->ring.ring = ring.ring;
	room->ring.pattern = pattern;
}

static void send_over(struct hub_room *room)
{
	const struct wire_ring_over over = {.ring = room->ring.ring};

	if (room->link && room->ring.ring != 0 && link_send_ring_over(room->link, &over))
		log_line("ring: a room could not be told room=%s", room->name);
	room->ring.ring = 0;
}

static enum ring_pattern pattern_of(const struct book_entry *entry)
{
	return entry->kind == BOOK_ALARM ? RING_ALARM : RING_TIMER;
}

/* The one that a room rings for: an alarm clock before a timer. */
static const struct book_entry *loudest(struct hub *hub, const struct hub_room *room)
{
	const struct book *book = hub->book.now;
	const struct book_entry *found = NULL;

	for (size_t i = 0; i < book->count; i++) {
		const struct book_entry *entry = &book->entries[i];

		if (entry->kind == BOOK_REMINDER || !rings_in(hub, entry, room))
			continue;
		if (!found || (entry->kind == BOOK_ALARM && found->kind != BOOK_ALARM))
			found = entry;
	}
	return found;
}

static void follow_room(struct hub *hub, struct hub_room *room)
{
	const struct book_entry *entry = loudest(hub, room);
	const bool is_reminder = !id_is_none(room->ring.reminder.bytes);

	if (entry && (room->ring.ring == 0 || is_reminder ||
		      room->ring.pattern != pattern_of(entry))) {
		room->ring.reminder = (struct book_id){{0}};
		room->ring.tells = false;
		send_ring(room, entry, pattern_of(entry), left_ms(hub, entry));
	} else if (!entry && room->ring.ring != 0 && !is_reminder) {
		send_over(room);
	}
}

/* --- reminders -------------------------------------------------------------------------- */

/* It is made where it is not there. NULL: too many are. */
static struct hub_round *round_of(struct hub *hub, struct book_id id)
{
	struct hub_book *book = &hub->book;

	for (size_t i = 0; i < book->round_count; i++)
		if (book_id_equal(book->rounds[i].id, id))
			return &book->rounds[i];
	if (book->round_count == BOOK_REMINDERS_MAX)
		return NULL;
	book->rounds[book->round_count] = (struct hub_round){.id = id};
	return &book->rounds[book->round_count++];
}

static void forget_round(struct hub *hub, struct book_id id)
{
	struct hub_book *book = &hub->book;

	for (size_t i = 0; i < book->round_count; i++)
		if (book_id_equal(book->rounds[i].id, id))
			book->rounds[i--] = book->rounds[--book->round_count];
}

/* Somebody speaks there, or we do. A muted room is told all the same. */
static bool is_engaged(const struct hub_room *room)
{
	return room->saying != 0 || room->speaks_for.value != 0 ||
	       room->turn.value != 0 || turn_line_busy(room->line) ||
	       hub_dialogue_is_open(room) || room->inbox.state != INBOX_IDLE ||
	       room->intercom.state != INTERCOM_IDLE;
}

/* And nothing else rings. */
static bool is_free(struct hub *hub, const struct hub_room *room)
{
	return !is_engaged(room) && room->ring.ring == 0 && !room->ring.tells &&
	       !loudest(hub, room);
}

/* Its minutes begin with the first time that it is said. */
static void begin_rounds(struct hub *hub, struct hub_round *round,
			 struct book_entry *entry)
{
	if (round->rounds++ > 0)
		return;
	entry->rang_ms = hub_book_now(hub);
	hub_book_write(hub, entry);
}

static void remind(struct hub *hub, struct book_entry *entry)
{
	struct hub_round *round = round_of(hub, entry->id);
	const int64_t since_ms = hub_book_now(hub) - entry->rang_ms;
	bool was_told = false;

	if (!round || since_ms < (int64_t)round->rounds * ROUND_MS)
		return;
	for (size_t i = 0; i < hub->room_count; i++) {
		struct hub_room *room = &hub->rooms[i];

		if (!rings_in(hub, entry, room) || !is_free(hub, room))
			continue;
		room->ring.reminder = entry->id;
		send_ring(room, entry, RING_REMINDER, RING_ONCE_MS);
		was_told = true;
	}
	if (was_told)
		begin_rounds(hub, round, entry);
}

static bool may_say(const struct hub_room *room, const struct book_entry *entry)
{
	const struct policy *policy = keep_policy(&room->hub->keep);
	const struct room_policy *here = policy_room(policy, room->name);

	return here && ((here->capabilities & MAY_LISTS) || here->is_private) &&
	       policy_may_say_of(policy, room->name, entry->room);
}

/* Somebody began to speak into its tone: it is said when they are done. */
static void put_off(struct hub_room *room)
{
	struct hub_round *round = round_of(room->hub, room->ring.reminder);

	if (round && round->rounds > 0)
		round->rounds--;
	room->ring.reminder = (struct book_id){{0}};
}

/* Its sound is over; now its words. */
static void say_reminder(struct hub_room *room)
{
	const struct book_entry *entry =
		book_look(room->hub->book.now, room->ring.reminder);
	struct saying said = saying_make(SAYING_TOLD_REMIND_ELSEWHERE);
	char words[SAYING_SPOKEN_BYTES];

	room->ring.ring = 0;
	if (!entry || entry->rang_ms == 0) {
		room->ring.reminder = (struct book_id){{0}};
		return;
	}
	if (is_engaged(room)) {
		put_off(room);
		return;
	}
	if (may_say(room, entry)) {
		said = saying_make(SAYING_TOLD_REMIND);
		saying_set_text(&said, SLOT_WORDS, entry->text);
	}
	phrasebook_say(room->hub->phrasebook, &said, words);
	room->ring.tells = true;
	hub_room_tell(room, entry->turn, entry->because, words);
	explicit_bzero(words, sizeof(words));
	explicit_bzero(&said, sizeof(said));
}

void hub_ring_said(struct hub_room *room, struct turn_id turn, int64_t sound_ms)
{
	const struct book_entry *entry =
		book_look(room->hub->book.now, room->ring.reminder);
	struct event event;

	if (!room->ring.tells)
		return;
	room->ring.tells = false;
	room->ring.reminder = (struct book_id){{0}};
	if (!entry || sound_ms <= 0 || turn.value != entry->turn.value)
		return; /* an answer took its place */
	event_init(&event, EVENT_SPOKEN, entry->turn, room->name,
		   clock_wall_ms(&room->hub->clock));
	record_spoken(&event, entry->because, sound_ms);
	late_push(room->hub->late, &event);
}

/* --- beginning and ending --------------------------------------------------------------- */

/* It comes again, or it is over. True: it is gone from the book. */
static bool leave(struct hub *hub, struct book_entry *entry)
{
	const bool comes_again = entry->days != 0;

	forget_round(hub, entry->id);
	entry->rang_ms = 0;
	hub->book.next_ms = 0; /* when it comes again is to be looked up */
	if (comes_again)
		hub_book_write(hub, entry);
	else
		hub_book_forget(hub, entry->id);
	return !comes_again;
}

/* It stands in the book, so that a hub that starts again tells of it as well. */
static void note_elsewhere(struct hub *hub, const struct book_entry *entry)
{
	const struct hub_room *own = own_room(hub, entry);
	struct book_entry rang = {
		.kind = BOOK_RANG,
		.created_ms = entry->created_ms,
		.turn = entry->turn,
		.because = entry->because,
		.number = book_next_number(hub->book.now),
		.last_ms = entry->rang_ms,
		.ended_ms = hub_book_now(hub),
	};

	if (own && own->link)
		return;
	rand_fill(&hub->rand, rang.id.bytes, ID_BYTES);
	must(str_copy(rang.room, sizeof(rang.room), entry->room));
	must(str_copy(rang.text, sizeof(rang.text), entry->text));
	if (book_put(hub->book.now, &rang) == OK)
		hub_book_write(hub, &rang);
	explicit_bzero(&rang, sizeof(rang));
}

static void write_over(struct hub *hub, const struct book_entry *entry, const char *cause)
{
	struct event event = begin_event(hub, EVENT_RING_OVER);
	const int64_t rang_ms = hub_book_now(hub) - entry->rang_ms;

	record_ring_over(&event, rang_ms > 0 ? rang_ms : 0, cause);
	write_down(hub, entry, &event);
}

void hub_ring_taken(struct hub *hub, const struct book_entry *entry)
{
	write_over(hub, entry, "asked for");
	forget_round(hub, entry->id);
}

/* As leave(). */
static bool end_ring(struct hub *hub, struct book_entry *entry, const char *cause)
{
	write_over(hub, entry, cause);
	note_elsewhere(hub, entry);
	return leave(hub, entry);
}

static void begin_ring(struct hub *hub, struct book_entry *entry)
{
	struct event event = begin_event(hub, EVENT_RANG);

	record_rang(&event, book_kind_text(entry->kind), entry->because);
	write_down(hub, entry, &event);
	entry->rang_ms = hub_book_now(hub);
	hub_book_write(hub, entry);
}

static bool miss(struct hub *hub, struct book_entry *entry, const char *cause)
{
	struct event event = begin_event(hub, EVENT_RING_MISSED);

	record_ring_missed(&event, book_kind_text(entry->kind), cause);
	write_down(hub, entry, &event);
	return leave(hub, entry);
}

/* --- what is due ------------------------------------------------------------------------ */

static int64_t late_ms(const struct book_entry *entry)
{
	return entry->kind == BOOK_REMINDER ? LATE_REMINDER_MS : LATE_MS;
}

/* What comes again is due behind the time that it was due last. Where the clock was set back
 * by more than a day that time is no use any more. */
static int64_t due_of(const struct book_entry *entry, int64_t now_ms)
{
	const struct book_zone zone = act_zone();
	int64_t after_ms = 0;

	if (entry->days != 0)
		after_ms = entry->last_ms > 0 ? entry->last_ms : entry->created_ms;
	if (after_ms > now_ms + BOOK_UNDO_MS)
		after_ms = now_ms;
	return book_due_ms(entry, &zone, after_ms);
}

static bool come_due(struct hub *hub, struct book_entry *entry, int64_t due_ms,
		     int64_t now_ms)
{
	const bool is_late = now_ms - due_ms > late_ms(entry);

	if (!is_late && !has_room(hub)) {
		hub->book.next_ms = now_ms; /* a room may come */
		return false;
	}
	if (entry->days != 0)
		entry->last_ms = is_late ? now_ms - late_ms(entry) : due_ms;
	if (is_late)
		return miss(hub, entry, "the house or its rooms were off");
	begin_ring(hub, entry);
	return false;
}

static bool time_is_over(struct hub *hub, struct book_entry *entry)
{
	return entry->kind == BOOK_REMINDER && is_untold(hub, entry)
		       ? miss(hub, entry, "there was never a moment to say it")
		       : end_ring(hub, entry, "time");
}

/* True: it is gone from the book. */
static bool look_at(struct hub *hub, struct book_entry *entry, int64_t now_ms)
{
	const int64_t due_ms = entry->rang_ms != 0 ? INT64_MAX : due_of(entry, now_ms);

	if (entry->rang_ms != 0 && left_ms(hub, entry) <= 0)
		return time_is_over(hub, entry);
	if (due_ms <= now_ms)
		return come_due(hub, entry, due_ms, now_ms);
	if (due_ms < hub->book.next_ms)
		hub->book.next_ms = due_ms;
	return false;
}

static void look_at_all(struct hub *hub, int64_t now_ms)
{
	struct book *book = hub->book.now;
	size_t at = 0;

	hub->book.next_ms = INT64_MAX;
	hub->book.looked_ms = now_ms;
	tzset(); /* somebody may have moved the house */
	while (at < book->count)
		if (!look_at(hub, &book->entries[at], now_ms))
			at++;
}

static bool anything_rings(const struct hub *hub)
{
	for (size_t i = 0; i < hub->book.now->count; i++)
		if (hub->book.now->entries[i].rang_ms != 0)
			return true;
	return false;
}

static void say_elsewhere(struct hub_room *room, const struct book_entry *rang)
{
	const struct book_zone zone = act_zone();
	const bool has_name = rang->text[0] != '\0' && may_say(room, rang);
	const int64_t rang_s = rang->last_ms / MS;
	struct saying said = saying_make(SAYING_TOLD_RANG);
	char words[SAYING_SPOKEN_BYTES];

	saying_set_text(&said, SLOT_NAME, has_name ? rang->text : rang->room);
	saying_set_number(&said, SLOT_TIME, book_local_of(&zone, rang_s).minute);
	phrasebook_say(room->hub->phrasebook, &said, words);
	hub_room_tell(room, rang->turn, rang->because, words);
	explicit_bzero(words, sizeof(words));
	explicit_bzero(&said, sizeof(said));
}

/* To its room, once that is back and nobody is in the middle of something there, and not in
 * the quiet hours: it can wait, as what rings cannot. */
static void tell_elsewhere(struct hub *hub, const struct book_entry *rang)
{
	const struct book_entry told = *rang;
	struct hub_room *room = own_room(hub, rang);

	if (!room || !room->link || !is_free(hub, room) || hub_is_quiet(hub))
		return;
	hub_book_forget(hub, told.id);
	say_elsewhere(room, &told);
}

void hub_ring_due(struct hub *hub)
{
	const int64_t now_ms = hub_book_now(hub);
	struct book *book = hub->book.now;

	if (!hub->book.is_known)
		return;
	if (now_ms >= hub->book.next_ms || now_ms - hub->book.looked_ms >= LOOK_MS ||
	    now_ms < hub->book.looked_ms || anything_rings(hub))
		look_at_all(hub, now_ms);
	for (size_t i = 0; i < hub->room_count; i++)
		follow_room(hub, &hub->rooms[i]);
	for (size_t i = 0; i < book->count; i++)
		if (book->entries[i].kind == BOOK_REMINDER &&
		    book->entries[i].rang_ms != 0)
			remind(hub, &book->entries[i]);
	/* Backwards: one that was told is gone. */
	for (size_t i = book->count; i-- > 0;)
		if (book->entries[i].kind == BOOK_RANG)
			tell_elsewhere(hub, &book->entries[i]);
}

void hub_ring_changed(struct hub *hub)
{
	hub->book.next_ms = 0;
	if (hub->book.is_known)
		hub_ring_due(hub);
}

/* --- what rooms tell -------------------------------------------------------------------- */

void hub_ring_room_came(struct hub_room *room)
{
	room->ring = (struct hub_room_ring){.ring = 0};
	if (room->link &&
	    link_send_ring_over(room->link, &(struct wire_ring_over){.ring = 0}))
		log_line("ring: a room could not be told room=%s", room->name);
	if (room->hub->book.now)
		hub_ring_changed(room->hub);
}

void hub_ring_stop(struct hub *hub, const struct hub_room *room, const char *cause)
{
	struct book *book = hub->book.now;
	size_t at = 0;

	while (book && at < book->count) {
		struct book_entry *entry = &book->entries[at];
		const bool is_meant =
			entry->rang_ms != 0 && (!room || rings_in(hub, entry, room)) &&
			!(entry->kind == BOOK_REMINDER && is_untold(hub, entry));

		if (!is_meant || !end_ring(hub, entry, cause))
			at++;
	}
	if (book)
		hub_ring_changed(hub);
}

void hub_ring_told(struct hub_room *room, const struct wire_rang *rang)
{
	const bool is_now = rang->ring == room->ring.ring && rang->ring != 0;
	const bool is_reminder = !id_is_none(room->ring.reminder.bytes);

	if (!is_now)
		return;
	if (str_equal(rang->cause, "stopped")) {
		room->ring = (struct hub_room_ring){.ring = 0};
		hub_ring_stop(room->hub, room, "stopped");
	} else if (is_reminder) {
		say_reminder(room);
	} else {
		room->ring.ring = 0; /* the next look knows whether it goes on */
	}
}
