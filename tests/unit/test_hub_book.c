/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_hub_book - the hub's side of the house book: what is acknowledged is durable, what
 * failed is undone, time passes as it should, and rooms ring for what is due.
 *
 * The hub's own files, a keeper in memory, a clock that stands until it is moved, and rooms
 * whose links are real sockets to this test.
 */
#include "unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapter/link_unix.h"
#include "base/file.h"
#include "base/seal.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "fake/keep_fake.h"
#include "fake/rand_fake.h"
#include "fake/recogniser_fake.h"
#include "folder.h"
#include "hub/hub.h"
#include "own_phrases.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE, DAY = 24 * HOUR, ROOMS = 2 };

/* A room's other end. */
struct peer {
	struct house *house;
	struct link *link;
	unsigned rings;
	unsigned overs;
	bool sounds;
	struct wire_ring ring;
};

struct house {
	char folder[64];
	char socket[FILE_PATH_BYTES];
	struct clock_fake clock;
	struct rand_fake rand;
	uint64_t starts;
	struct recogniser_fake *recogniser;
	struct keep_fake *fake;
	struct link_server *server;
	struct hub hub;
	struct peer peers[ROOMS];
};

static const char *const NAMES[] = {"kitchen", "bedroom", NULL};
static struct house house;

/* --- the voice: these stand for the hub's own -------------------------------------------- */

struct speaking {
	unsigned count;
	char words[SAYING_SPOKEN_BYTES]; /* the newest */
	char room[NAME_BYTES];
	struct turn_id turn;
	struct event_id parent;
};

static struct speaking voice;

enum err speaking_create(struct hub *hub, struct speaking **out_speaking)
{
	(void)hub;
	(void)out_speaking;
	return ERR_UNSUPPORTED;
}

void speaking_destroy(struct speaking *speaking)
{
	(void)speaking;
}

bool speaking_add(struct speaking *speaking, const char *room, struct turn_id turn,
		  struct event_id parent, const char *text)
{
	speaking->count++;
	speaking->turn = turn;
	speaking->parent = parent;
	return str_copy(speaking->words, sizeof(speaking->words), text) &&
	       str_copy(speaking->room, sizeof(speaking->room), room);
}

/* --- the rooms -------------------------------------------------------------------------- */

static void on_ring(void *context, struct link *link, const struct wire_message *message)
{
	struct peer *peer = context;

	(void)link;
	if (message->type == WIRE_ring) {
		peer->ring = message->ring;
		peer->rings++;
		peer->sounds = true;
	} else if (message->type == WIRE_ring_over) {
		peer->overs++;
		peer->sounds = false;
	}
}

static void nothing(void *context, struct link *link)
{
	(void)context;
	(void)link;
}

static void closed(void *context, struct link *link, enum err err, const char *why)
{
	(void)link;
	(void)err;
	(void)why;
	((struct peer *)context)->link = NULL;
}

static void at_hub(void *context, struct link *link)
{
	struct hub_room *room = hub_room_find(&house.hub, link_peer(link));

	(void)context;
	assert_non_null(room);
	room->link = link;
}

static void at_hub_message(void *context, struct link *link,
			   const struct wire_message *message)
{
	(void)context;
	hub_room_message(hub_room_find(&house.hub, link_peer(link)), message);
}

static void at_hub_closed(void *context, struct link *link, enum err err, const char *why)
{
	(void)context;
	(void)err;
	hub_room_detach(hub_room_find(&house.hub, link_peer(link)), why);
}

static void pump(void)
{
	for (int i = 0; i < 20; i++)
		assert_int_equal(loop_run_once(house.hub.loop, 1), OK);
}

static void come(int number)
{
	struct peer *peer = &house.peers[number];
	const struct link_listener listener = {peer, nothing, on_ring, closed};

	*peer = (struct peer){.house = &house};
	assert_int_equal(link_connect(house.hub.loop, house.socket, WIRE_LINK_ROOM_HUB,
				      WIRE_PARTY_ROOM, NAMES[number], &listener,
				      &peer->link, NULL),
			 OK);
	pump();
	assert_non_null(hub_room_find(&house.hub, NAMES[number])->link);
	hub_ring_room_came(hub_room_find(&house.hub, NAMES[number]));
	pump();
	peer->overs = 0;
}

static void go(int number)
{
	link_close(house.peers[number].link);
	house.peers[number].link = NULL;
	pump();
	hub_book_tick(&house.hub);
	pump();
}

static void tell_rang(int number, const char *cause)
{
	struct wire_rang rang = {.ring = house.peers[number].ring.ring};

	(void)str_copy(rang.cause, sizeof(rang.cause), cause);
	house.peers[number].sounds = false;
	assert_int_equal(link_send_rang(house.peers[number].link, &rang), OK);
	pump();
}

static void say_stop(int number)
{
	tell_rang(number, "stopped");
}

/* A reminder has sounded; its words follow, and are over. */
static void hear_reminder(int number, const char *words)
{
	const unsigned before = voice.count;

	assert_true(house.peers[number].sounds);
	assert_int_equal(house.peers[number].ring.pattern, RING_REMINDER);
	tell_rang(number, "time");
	assert_int_equal(voice.count, before + 1);
	assert_string_equal(voice.words, words);
	assert_string_equal(voice.room, NAMES[number]);
	hub_room_voice(&house.hub, voice.room, voice.turn, voice.parent,
		       (struct audio_span){NULL, 0});
}

/* --- the hub ---------------------------------------------------------------------------- */

static void step(void)
{
	keep_fake_settle_steps(house.fake);
	hub_book_tick(&house.hub);
	keep_fake_settle_steps(house.fake);
	pump();
}

static void pass(int64_t ms)
{
	clock_fake_pass(&house.clock, ms);
	step();
}

/* The wall clock alone: somebody sets it. */
static void set_clock(int64_t by_ms)
{
	house.clock.wall_ms += by_ms;
	step();
}

static void open_hub(void)
{
	memset(&house.hub, 0, sizeof(house.hub));
	assert_int_equal(loop_create(&house.hub.loop), OK);
	house.hub.clock = (struct clock){0};
	house.hub.keep = keep_fake_port(house.fake);
	keep_fake_listen(house.fake, hub_keep_listener(&house.hub));
	house.hub.recogniser = recogniser_fake_port(house.recogniser);
	assert_int_equal(late_create(&house.hub.keep, &house.hub.late), OK);
	house.hub.settings.listen_silence_ms = 500;
	house.hub.settings.listen_complete_ms = 200;
	house.hub.settings.house_ring_percent = 80;
	house.hub.phrasebook = (struct phrasebook *)(uintptr_t)own_phrasebook();
	house.hub.speaking = &voice;
	for (size_t i = 0; NAMES[i]; i++)
		assert_non_null(hub_room_find(&house.hub, NAMES[i]));
}

static void begin_hub(struct clock clock)
{
	const struct link_listener rooms = {NULL, at_hub, at_hub_message, at_hub_closed};

	open_hub();
	house.hub.clock = clock;
	house.hub.rand = rand_fake_init(&house.rand, ++house.starts); /* no id twice */
	assert_int_equal(hub_book_open(&house.hub), OK);
	assert_int_equal(link_listen(house.hub.loop, house.socket, WIRE_LINK_ROOM_HUB,
				     WIRE_PARTY_HUB, "hub", &rooms, &house.server, NULL),
			 OK);
	step();
	assert_true(house.hub.book.is_known);
}

static void end_hub(void)
{
	for (int i = 0; i < ROOMS; i++) {
		link_close(house.peers[i].link);
		house.peers[i].link = NULL;
	}
	link_server_destroy(house.server);
	hub_rooms_close(&house.hub);
	hub_book_close(&house.hub);
	late_destroy(house.hub.late);
	loop_destroy(house.hub.loop);
}

/* As after kill -9: what the keeper has is all there is. */
static void restart(void)
{
	const struct clock clock = house.hub.clock;

	end_hub();
	begin_hub(clock);
}

static int setup(void **state)
{
	struct clock clock;

	(void)state;
	memset(&house, 0, sizeof(house));
	memset(&voice, 0, sizeof(voice));
	assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
	tzset();
	(void)str_copy(house.folder, sizeof(house.folder), "/tmp/behest-book-XXXXXX");
	if (!mkdtemp(house.folder) || seal_init() || keep_fake_create(&house.fake) ||
	    recogniser_fake_create(&house.recogniser) ||
	    !file_join(house.socket, sizeof(house.socket), house.folder, "rooms.sock"))
		return -1;
	keep_fake_settle(house.fake, NAMES);
	clock = clock_fake_init(&house.clock);
	/* Saturday, 28 March 2026, noon in Berlin; clocks go forward in the night. */
	house.clock.wall_ms = INT64_C(1774695600000);
	begin_hub(clock);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	end_hub();
	keep_fake_destroy(house.fake);
	recogniser_fake_destroy(house.recogniser);
	(void)folder_remove(house.folder);
	return 0;
}

/* --- what is in the book ---------------------------------------------------------------- */

static struct hub_room *room_at(int number)
{
	return hub_room_find(&house.hub, NAMES[number]);
}

static struct book_entry make(enum book_kind kind, int number)
{
	struct book_entry entry = {.kind = kind,
				   .created_ms = hub_book_now(&house.hub),
				   .turn = {5},
				   .because = {3}};

	(void)str_copy(entry.room, sizeof(entry.room), NAMES[number]);
	if (kind == BOOK_REMINDER || kind == BOOK_ITEM)
		(void)str_copy(entry.text, sizeof(entry.text), "the dentist");
	return entry;
}

static struct book_entry timer(int number, int64_t span_ms)
{
	struct book_entry entry = make(BOOK_TIMER, number);

	entry.is_span = true;
	entry.span_ms = span_ms;
	entry.due_ms = hub_book_now(&house.hub) + span_ms;
	return entry;
}

static struct book_entry alarm_at(int number, int minute, unsigned days)
{
	struct book_entry entry = make(BOOK_ALARM, number);

	entry.date = (struct book_date){2026, 3, 28};
	entry.minute = minute;
	entry.days = days;
	return entry;
}

static enum err ask(const struct book_entry *entry, int number)
{
	return hub_book_parts.put(room_at(number), entry, 77);
}

static void put(struct book_entry entry, int number)
{
	assert_int_equal(ask(&entry, number), OK);
	step();
}

static size_t count(enum book_kind kind)
{
	return book_count(house.hub.book.now, kind);
}

static unsigned events(enum event_kind kind)
{
	unsigned found = 0;

	for (size_t i = 0; i < keep_fake_event_count(house.fake); i++)
		found += keep_fake_event(house.fake, i)->kind == kind;
	return found;
}

/* --- the tests -------------------------------------------------------------------------- */

static void nothing_is_there_before_it_is_durable(void **state)
{
	const struct book_entry entry = timer(0, MINUTE);

	(void)state;
	assert_int_equal(ask(&entry, 0), OK);
	assert_int_equal(count(BOOK_TIMER), 0);
	keep_fake_settle_steps(house.fake);
	assert_int_equal(count(BOOK_TIMER), 1);
	assert_int_equal(keep_fake_book_count(house.fake), 1);
	restart();
	assert_int_equal(count(BOOK_TIMER), 1);
}

/* Also when it was written all the same, and only the answer was lost. */
static void what_failed_is_not_kept(void **state)
{
	const struct book_entry entry = timer(0, MINUTE);

	(void)state;
	assert_int_equal(ask(&entry, 0), OK);
	keep_fake_time_out(house.fake, true);
	(void)keep_fake_step(house.fake);
	assert_int_equal(count(BOOK_TIMER), 0);
	step();
	assert_int_equal(keep_fake_book_count(house.fake), 0);
	keep_fake_fail_next(house.fake, 1, ERR_IO);
	assert_int_equal(ask(&entry, 0), OK);
	step();
	assert_int_equal(count(BOOK_TIMER), 0);
	keep_fake_set_up(house.fake, false);
	assert_int_equal(ask(&entry, 0), ERR_CLOSED);
	keep_fake_set_up(house.fake, true);
	step();
	restart();
	assert_int_equal(count(BOOK_TIMER), 0);
}

static void it_rings_in_its_room_until_it_is_stopped(void **state)
{
	(void)state;
	come(0);
	come(1);
	put(timer(0, 5 * MINUTE), 0);
	pass(5 * MINUTE - 1000);
	assert_false(house.peers[0].sounds);
	pass(1000);
	assert_true(house.peers[0].sounds);
	assert_false(house.peers[1].sounds);
	assert_int_equal(house.peers[0].ring.parent, 3);
	assert_int_equal(house.peers[0].ring.pattern, RING_TIMER);
	assert_int_equal(house.peers[0].ring.percent, 80);
	pass(MINUTE);
	assert_int_equal(house.peers[0].rings, 1);
	say_stop(0);
	step();
	assert_int_equal(count(BOOK_TIMER), 0);
	assert_int_equal(keep_fake_book_count(house.fake), 0);
	assert_int_equal(events(EVENT_RANG), 1);
	assert_int_equal(events(EVENT_RING_OVER), 1);
	pass(HOUR);
	assert_int_equal(house.peers[0].rings, 1);
}

static void ten_minutes_and_no_longer_also_behind_a_restart(void **state)
{
	(void)state;
	come(0);
	put(timer(0, MINUTE), 0);
	pass(MINUTE);
	assert_true(house.peers[0].sounds);
	pass(4 * MINUTE);
	restart();
	come(0);
	assert_true(house.peers[0].sounds);
	assert_int_equal(house.peers[0].ring.left_ms, 6 * MINUTE);
	pass(6 * MINUTE);
	assert_false(house.peers[0].sounds);
	assert_int_equal(count(BOOK_TIMER), 0);
	assert_int_equal(events(EVENT_RANG), 1);
}

static void away_it_rings_in_every_room_and_then_in_its_own(void **state)
{
	(void)state;
	come(1);
	put(timer(0, MINUTE), 0);
	pass(MINUTE);
	assert_true(house.peers[1].sounds);
	come(0);
	assert_true(house.peers[0].sounds);
	step();
	assert_false(house.peers[1].sounds);
	go(0);
	assert_true(house.peers[1].sounds);
	say_stop(1);
	assert_int_equal(count(BOOK_TIMER), 0);
}

static void without_a_room_it_waits_an_hour_and_is_missed(void **state)
{
	(void)state;
	put(timer(0, MINUTE), 0);
	put(timer(0, 30 * MINUTE), 0);
	pass(50 * MINUTE);
	assert_int_equal(events(EVENT_RANG), 0);
	pass(12 * MINUTE);
	assert_int_equal(events(EVENT_RING_MISSED), 1);
	assert_int_equal(count(BOOK_TIMER), 1);
	come(0);
	assert_true(house.peers[0].sounds);
}

static void several_at_once_are_one_ring_and_one_stop(void **state)
{
	(void)state;
	come(0);
	put(timer(0, MINUTE), 0);
	put(timer(0, MINUTE), 0);
	put(alarm_at(0, 12 * 60 + 1, 0), 0);
	put(timer(0, HOUR), 0);
	pass(MINUTE);
	assert_int_equal(house.peers[0].ring.pattern, RING_ALARM);
	say_stop(0);
	step();
	assert_int_equal(count(BOOK_TIMER), 1);
	assert_int_equal(count(BOOK_ALARM), 0);
	assert_false(house.peers[0].sounds);
	assert_int_equal(events(EVENT_RING_OVER), 3);
}

/* Whatever is done to the clock: five minutes are five minutes. */
static void a_timer_counts_what_passes(void **state)
{
	(void)state;
	come(0);
	put(timer(0, 5 * MINUTE), 0);
	pass(MINUTE);
	set_clock(HOUR);
	assert_false(house.peers[0].sounds);
	pass(MINUTE);
	set_clock(-(int64_t)3 * HOUR);
	pass(2 * MINUTE);
	assert_false(house.peers[0].sounds);
	/* What is written down goes with it. */
	restart();
	come(0);
	pass(MINUTE - 1000);
	assert_false(house.peers[0].sounds);
	pass(1000);
	assert_true(house.peers[0].sounds);
}

/* Set back while the house was off, it is never longer than it was set. */
static void a_clock_set_back_while_off_makes_no_timer_longer(void **state)
{
	const struct clock clock = house.hub.clock;

	(void)state;
	put(timer(0, 5 * MINUTE), 0);
	end_hub();
	house.clock.wall_ms -= 10 * (int64_t)DAY;
	begin_hub(clock);
	come(0);
	pass(5 * MINUTE);
	assert_true(house.peers[0].sounds);
}

/* Half past two on each of three days, one of which has no such time; and a clock that is set
 * back behind it rings nothing twice. */
static void an_alarm_rings_once_a_day_whatever_the_night_does(void **state)
{
	(void)state;
	come(0);
	put(alarm_at(0, 150, BOOK_EVERY_DAY), 0);
	pass((int64_t)14 * HOUR); /* 2026-03-29 03:00, which is the skip */
	assert_true(house.peers[0].sounds);
	say_stop(0);
	set_clock(-(int64_t)2 * HOUR);
	pass((int64_t)3 * HOUR);
	assert_int_equal(house.peers[0].rings, 1);
	assert_int_equal(count(BOOK_ALARM), 1);
	pass((int64_t)23 * HOUR); /* and 2026-03-30 02:30 is over */
	assert_int_equal(house.peers[0].rings, 2);
	say_stop(0);
	restart();
	come(0);
	pass(HOUR);
	assert_int_equal(house.peers[0].rings, 0);
	assert_int_equal(count(BOOK_ALARM), 1);
}

static void the_zone_moves_alarms(void **state)
{
	(void)state;
	come(0);
	put(alarm_at(0, 20 * 60, 0), 0);
	assert_int_equal(setenv("TZ", "UTC-4", 1), 0); /* three hours ahead of Berlin */
	pass((int64_t)5 * HOUR + MINUTE);
	assert_true(house.peers[0].sounds);
}

/* While the keeper is away it rings all the same, and is written down later. */
static void the_keeper_need_not_be_there(void **state)
{
	(void)state;
	come(0);
	put(timer(0, MINUTE), 0);
	keep_fake_set_up(house.fake, false);
	pass(MINUTE);
	assert_true(house.peers[0].sounds);
	say_stop(0);
	assert_int_equal(keep_fake_book_count(house.fake), 1);
	keep_fake_set_up(house.fake, true);
	step();
	late_flush(house.hub.late);
	step();
	assert_int_equal(keep_fake_book_count(house.fake), 0);
	assert_int_equal(house.hub.book.unwritten_count, 0);
}

static struct book_entry reminder(int number, int minute)
{
	struct book_entry entry = alarm_at(number, minute, 0);

	entry.kind = BOOK_REMINDER;
	(void)str_copy(entry.text, sizeof(entry.text), "the dentist");
	return entry;
}

static void a_reminder_is_said_three_times(void **state)
{
	(void)state;
	come(0);
	put(reminder(0, 12 * 60 + 1), 0);
	pass(MINUTE);
	for (int i = 0; i < 3; i++) {
		hear_reminder(0, "A reminder: the dentist.");
		step();
		assert_int_equal(house.peers[0].rings, i + 1);
		pass(MINUTE);
	}
	assert_int_equal(house.peers[0].rings, 3);
	assert_int_equal(count(BOOK_REMINDER), 0);
	assert_int_equal(events(EVENT_RING_OVER), 1);
}

/* Whoever stops the alarm clock has not heard what was to be said behind it. */
static void the_stop_of_something_else_loses_no_reminder(void **state)
{
	(void)state;
	come(0);
	put(reminder(0, 12 * 60 + 1), 0);
	put(alarm_at(0, 12 * 60 + 1, 0), 0);
	pass(MINUTE);
	assert_int_equal(house.peers[0].ring.pattern, RING_ALARM);
	say_stop(0);
	assert_int_equal(count(BOOK_ALARM), 0);
	assert_int_equal(count(BOOK_REMINDER), 1);
	step();
	hear_reminder(0, "A reminder: the dentist.");
	hub_ring_stop(&house.hub, room_at(0), "stopped");
	assert_int_equal(count(BOOK_REMINDER), 0);
}

/* The alarm rings its ten minutes; the reminder has all of its own behind it. */
static void a_reminder_waits_until_it_can_be_said(void **state)
{
	(void)state;
	come(0);
	put(reminder(0, 12 * 60 + 1), 0);
	put(alarm_at(0, 12 * 60 + 1, 0), 0);
	pass(MINUTE);
	pass(10 * MINUTE);
	assert_int_equal(count(BOOK_ALARM), 0);
	step();
	hear_reminder(0, "A reminder: the dentist.");
	pass(MINUTE);
	hear_reminder(0, "A reminder: the dentist.");
}

/* Somebody says the name while its tone sounds: they are listened to first. */
static void a_reminder_speaks_over_nobody(void **state)
{
	(void)state;
	come(0);
	put(reminder(0, 12 * 60 + 1), 0);
	pass(MINUTE);
	room_at(0)->turn.value = 9; /* a microphone is open there */
	tell_rang(0, "time");
	assert_int_equal(house.peers[0].rings, 1);
	step();
	assert_int_equal(voice.count, 0);
	room_at(0)->turn.value = 0;
	step();
	assert_int_equal(house.peers[0].rings, 2);
	hear_reminder(0, "A reminder: the dentist.");
}

/* Its room is away, and another owner's rings for it. */
static void its_words_are_said_to_nobody_else(void **state)
{
	struct policy policy = *keep_policy(&house.hub.keep);

	(void)state;
	policy.rooms[1].private_owner.bytes[0] ^= 1;
	policy.rooms[1].capabilities |= MAY_LISTS;
	keep_fake_set_policy(house.fake, &policy);
	step();
	come(1);
	put(reminder(0, 12 * 60 + 1), 0);
	pass(MINUTE);
	hear_reminder(1, "There is a reminder for you.");
	come(0);
	pass(MINUTE);
	hear_reminder(0, "A reminder: the dentist.");
}

/* The hub that rang is not the one to which the room comes back. */
static void what_rang_elsewhere_is_told_behind_a_restart(void **state)
{
	struct book_entry pizza = timer(0, MINUTE);

	(void)state;
	(void)str_copy(pizza.text, sizeof(pizza.text), "pizza");
	come(1);
	put(pizza, 0);
	pass(MINUTE);
	say_stop(1);
	step();
	assert_int_equal(count(BOOK_RANG), 1);
	restart();
	come(1);
	pass(HOUR);
	assert_int_equal(voice.count, 0);
	come(0);
	step();
	assert_int_equal(voice.count, 1);
	assert_string_equal(voice.words,
			    "While this room was away: pizza, at 12 oh 1 P M.");
	assert_string_equal(voice.room, NAMES[0]);
	assert_int_equal(voice.parent.value, 3);
	step();
	assert_int_equal(keep_fake_book_count(house.fake), 0);
	assert_int_equal(events(EVENT_RANG), 1);
}

static void what_rang_elsewhere_is_told_for_a_day(void **state)
{
	(void)state;
	come(1);
	put(timer(0, MINUTE), 0);
	pass(MINUTE);
	say_stop(1);
	pass(DAY - HOUR);
	assert_int_equal(count(BOOK_RANG), 1);
	pass(2 * HOUR);
	step();
	assert_int_equal(count(BOOK_RANG), 0);
	assert_int_equal(keep_fake_book_count(house.fake), 0);
}

/* The machine starts with a clock that is a day behind, in the middle of a ring. */
static void no_ring_is_longer_than_one_whatever_the_clock_was(void **state)
{
	const struct clock clock = house.hub.clock;

	(void)state;
	come(0);
	put(timer(0, MINUTE), 0);
	pass(MINUTE);
	assert_true(house.peers[0].sounds);
	end_hub();
	house.clock.wall_ms -= DAY;
	begin_hub(clock);
	come(0);
	assert_true(house.peers[0].sounds);
	pass(MINUTE);
	set_clock(DAY); /* and is set right */
	pass(9 * MINUTE);
	assert_false(house.peers[0].sounds);
	assert_int_equal(count(BOOK_TIMER), 0);
}

/* Cancelled while they ring, more often than there may be reminders at once: the next one is
 * still said, and the journal has the end of each. */
static void what_is_cancelled_while_it_rings_is_over(void **state)
{
	(void)state;
	come(0);
	for (int i = 0; i < BOOK_REMINDERS_MAX + 2; i++) {
		const int64_t rang = house.peers[0].rings;

		put(reminder(0, 12 * 60 + 1 + i), 0);
		pass(MINUTE);
		assert_int_equal(house.peers[0].rings, rang + 1);
		assert_int_equal(hub_book_parts.remove(room_at(0),
						       house.hub.book.now->entries[0].id,
						       1),
				 OK);
		tell_rang(0, "time");
		hub_room_voice(&house.hub, voice.room, voice.turn, voice.parent,
			       (struct audio_span){NULL, 0});
		step();
		assert_int_equal(count(BOOK_REMINDER), 0);
		assert_int_equal(events(EVENT_RING_OVER), i + 1);
	}
}

/* As many as there may be, in one request. */
static void all_of_a_kind_go_at_once(void **state)
{
	(void)state;
	for (int i = 0; i < BOOK_TIMERS_MAX; i++)
		put(timer(0, HOUR), 0);
	assert_int_equal(count(BOOK_TIMER), BOOK_TIMERS_MAX);
	for (size_t i = 0; i < BOOK_TIMERS_MAX; i++)
		assert_int_equal(hub_book_parts.remove(room_at(0),
						       house.hub.book.now->entries[i].id,
						       i),
				 OK);
	step();
	assert_int_equal(count(BOOK_TIMER), 0);
	assert_int_equal(keep_fake_book_count(house.fake), 0);
}

static void what_was_ticked_or_cleared_goes_after_a_day(void **state)
{
	struct book_entry ticked = make(BOOK_ITEM, 0);
	struct book_entry cleared = make(BOOK_CLEARED, 0);

	(void)state;
	put(make(BOOK_ITEM, 0), 0);
	ticked.is_ticked = true;
	ticked.ended_ms = cleared.ended_ms = hub_book_now(&house.hub);
	put(ticked, 0);
	put(cleared, 0);
	put(make(BOOK_ITEM, 0), 0);
	pass(DAY - MINUTE);
	assert_int_equal(keep_fake_book_count(house.fake), 4);
	pass(2 * MINUTE);
	for (int i = 0; i < 8; i++)
		pass(1000);
	assert_int_equal(keep_fake_book_count(house.fake), 1);
	assert_true(
		book_is_on_list(house.hub.book.now, &house.hub.book.now->entries[0], ""));
}

/* Whatever fails or restarts in whatever order: what was acknowledged is there, and what was
 * not is not. */
static void nothing_acknowledged_is_ever_lost(void **state)
{
	size_t expected = 0;
	unsigned luck = 20260328;

	(void)state;
	for (int i = 0; i < 400; i++) {
		const size_t before = count(BOOK_ITEM);
		const struct book_entry entry = make(BOOK_ITEM, 0);

		luck = luck * 1103515245U + 12345U;
		switch (luck >> 16 & 7) {
		case 0:
			keep_fake_fail_next(house.fake, 1, ERR_IO);
			break;
		case 1:
			restart();
			assert_int_equal(count(BOOK_ITEM), expected);
			break;
		case 2:
			keep_fake_set_up(house.fake, (luck >> 20 & 1) != 0);
			(void)keep_fake_step(house.fake);
			break;
		default:
			break;
		}
		if (ask(&entry, 0) != OK) {
			keep_fake_set_up(house.fake, true);
			step();
			continue;
		}
		if ((luck >> 24 & 7) == 0)
			keep_fake_time_out(house.fake, (luck >> 27 & 1) != 0);
		(void)keep_fake_step(house.fake);
		step();
		step(); /* what undoes it may fail once, too */
		expected += count(BOOK_ITEM) > before;
		assert_int_equal(count(BOOK_ITEM), expected);
		assert_int_equal(keep_fake_book_count(house.fake), expected);
	}
	assert_in_range(expected, 100, 400);
}

int main(void)
{
#define HOUSED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		HOUSED(nothing_is_there_before_it_is_durable),
		HOUSED(what_failed_is_not_kept),
		HOUSED(it_rings_in_its_room_until_it_is_stopped),
		HOUSED(ten_minutes_and_no_longer_also_behind_a_restart),
		HOUSED(away_it_rings_in_every_room_and_then_in_its_own),
		HOUSED(without_a_room_it_waits_an_hour_and_is_missed),
		HOUSED(several_at_once_are_one_ring_and_one_stop),
		HOUSED(a_timer_counts_what_passes),
		HOUSED(a_clock_set_back_while_off_makes_no_timer_longer),
		HOUSED(an_alarm_rings_once_a_day_whatever_the_night_does),
		HOUSED(the_zone_moves_alarms),
		HOUSED(the_keeper_need_not_be_there),
		HOUSED(a_reminder_is_said_three_times),
		HOUSED(the_stop_of_something_else_loses_no_reminder),
		HOUSED(a_reminder_waits_until_it_can_be_said),
		HOUSED(a_reminder_speaks_over_nobody),
		HOUSED(its_words_are_said_to_nobody_else),
		HOUSED(what_rang_elsewhere_is_told_behind_a_restart),
		HOUSED(what_rang_elsewhere_is_told_for_a_day),
		HOUSED(no_ring_is_longer_than_one_whatever_the_clock_was),
		HOUSED(what_is_cancelled_while_it_rings_is_over),
		HOUSED(all_of_a_kind_go_at_once),
		HOUSED(what_was_ticked_or_cleared_goes_after_a_day),
		HOUSED(nothing_acknowledged_is_ever_lost),
	};
#undef HOUSED

	return cmocka_run_group_tests(tests, NULL, NULL);
}
