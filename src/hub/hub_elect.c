/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub_elect - keeps the sound of rooms that heard the same request until it is decided
 * which one answers, and tells the others.
 *
 * The rule itself is listen/election.c. Invariants: sound of a room that was left out is wiped
 * unread; a room that stands is decided by the timer at the latest.
 */
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "hub/hub.h"

enum { WAITING_BYTES = HUB_WAITING_MS * (AUDIO_HZ / 1000) * (int)sizeof(int16_t) };

static const char ANOTHER_ROOM[] = "another room answers";

static void forget_sound(struct hub_room *room)
{
	if (room->waiting.bytes)
		explicit_bzero(room->waiting.bytes, room->waiting.size);
	buf_finish(&room->waiting);
	buf_init(&room->waiting, WAITING_BYTES);
	room->stands = false;
}

/* Rooms whose microphones are open. */
static size_t count_listening(const struct hub *hub)
{
	size_t count = 0;

	for (size_t i = 0; i < hub->room_count; i++) {
		const struct hub_room *room = &hub->rooms[i];

		count += room->link && !room->muted && !str_equal(room->light, "deaf") &&
					 !str_equal(room->light, "off")
				 ? 1
				 : 0;
	}
	return count;
}

static struct hub_room *room_of(struct hub *hub, const struct election_wake *wake)
{
	must(wake->room < hub->room_count);
	return &hub->rooms[wake->room];
}

static void lose(struct hub_room *room)
{
	struct event event;

	event_init(&event, EVENT_WAKE_LOST, room->turn, room->name,
		   clock_wall_ms(&room->hub->clock));
	event_add(&event, "cause", ANOTHER_ROOM);
	event_add_number(&event, "level_db", room->level_db);
	event_add_number(&event, "score", room->wake_score);
	late_push(room->hub->late, &event);
	forget_sound(room);
	hub_room_leave(room, ANOTHER_ROOM, "none");
}

static void win(struct hub_room *room)
{
	const bool is_over = room->lease_is_over;
	struct buf sound = room->waiting;

	buf_init(&room->waiting, WAITING_BYTES);
	room->stands = false;
	hub_room_listen(room);
	if (sound.size > 0 && room->hub->hears == room)
		hub_room_feed(room, (struct wire_slice){sound.bytes, sound.size});
	if (sound.bytes)
		explicit_bzero(sound.bytes, sound.size);
	buf_finish(&sound);
	if (is_over && room->hub->hears == room)
		hub_room_sound_over(room);
}

static void decide(struct hub *hub)
{
	struct election_wake winner;
	struct election_wake losers[ELECTION_ROOMS_MAX];
	size_t count = election_decide(&hub->election, &winner, losers);

	loop_cancel(hub->loop, hub->election_timer);
	hub->election_timer = 0;
	for (size_t i = 0; i < count; i++)
		lose(room_of(hub, &losers[i]));
	win(room_of(hub, &winner));
}

static void on_time(void *context)
{
	struct hub *hub = context;

	hub->election_timer = 0;
	if (hub->election.count > 0)
		decide(hub);
}

/* Now, or when the window is over. */
static void decide_in_time(struct hub *hub)
{
	const int64_t now_ms = loop_now_ms();

	if (election_is_due(&hub->election, count_listening(hub), now_ms)) {
		decide(hub);
		return;
	}
	if (hub->election_timer == 0 && hub->election.count > 0 &&
	    loop_after(hub->loop, hub->election.ends_ms - now_ms, on_time, hub,
		       &hub->election_timer))
		decide(hub); /* without a timer: who came, came */
}

void hub_elect_stand(struct hub_room *room, uint32_t lead_ms)
{
	struct hub *hub = room->hub;
	const struct election_wake wake = {
		.room = (uint32_t)(room - hub->rooms),
		.turn = room->turn.value,
		.level_db = room->level_db,
		.heard_ms = room->woke_ms,
	};

	forget_sound(room);
	room->lead_ms = lead_ms;
	room->lease_is_over = false;
	if (election_add(&hub->election, &wake, loop_now_ms()) == ELECTION_LOST) {
		lose(room);
		return;
	}
	if (hub->hears || turn_line_busy(room->line)) {
		election_drop(&hub->election, wake.room);
		hub_room_leave(room, "busy", "refused");
		return;
	}
	room->stands = true;
	decide_in_time(hub);
}

void hub_elect_sound(struct hub_room *room, struct wire_slice pcm)
{
	if (buf_add(&room->waiting, pcm.bytes, pcm.size))
		log_line("room: sent more than fits while it waited room=%s", room->name);
}

void hub_elect_drop(struct hub_room *room)
{
	struct hub *hub = room->hub;

	election_drop(&hub->election, (uint32_t)(room - hub->rooms));
	forget_sound(room);
	if (hub->election.count > 0)
		decide_in_time(hub);
}
