/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub_keep - answers of the keeper and the bus, passed on to whoever asked.
 */
#include "domain/proposal.h"
#include "hub/hub.h"
#include "record/record.h"

static void keep_done(void *context, uint64_t token, enum err err, struct event_id event,
		      struct record_id record)
{
	struct hub *hub = context;

	if (!err && event.value > hub->newest.value)
		hub->newest = event;
	if (late_done(hub->late, token, err) || hub_inbox_done(hub, token, err) ||
	    hub_book_done(hub, token, err))
		return;
	for (size_t i = 0; i < hub->room_count; i++)
		turn_keep_done(hub->rooms[i].line, token, err, event, record);
}

static void keep_changed(void *context)
{
	struct hub *hub = context;

	if (!keep_is_up(&hub->keep))
		hub_dialogue_forget_pending(hub);
	late_flush(hub->late);
	hub_rooms_policy_changed(hub);
	hub_book_keeper_changed(hub);
	hub_skills_policy_changed(hub);
	if (hub->words)
		words_refresh(hub->words); /* the contacts */
}

/* What becomes of it later the devices tell, which were asked; the room hears a tone. */
static void keep_proposed(void *context, uint64_t token, const struct keep_news *news)
{
	struct hub *hub = context;
	enum proposal_state state;

	hub_dialogue_proposed(hub, news);
	if (token == 0) {
		if (news->action && proposal_state_from_text(news->state, &state))
			hub_room_tone(hub, news->action->room,
				      proposal_state_tone(state));
		return;
	}
	for (size_t i = 0; i < hub->room_count; i++)
		turn_proposed(hub->rooms[i].line, token, news->reason, news->id);
}

static void keep_letter(void *context, uint64_t token, const struct keep_letter *letter)
{
	hub_inbox_letter(context, token, letter);
}

static void keep_sound(void *context, uint64_t token, const uint8_t *opus, size_t size)
{
	hub_inbox_sound(context, token, opus, size);
}

static void keep_waiting(void *context, const char *room, size_t count)
{
	hub_inbox_waiting(context, room, count);
}

static void keep_book_told(void *context, uint64_t token, const struct keep_book_row *row)
{
	hub_book_row(context, token, row);
}

struct keep_listener hub_keep_listener(struct hub *hub)
{
	return (struct keep_listener){
		.context = hub,
		.done = keep_done,
		.changed = keep_changed,
		.proposed = keep_proposed,
		.letter = keep_letter,
		.sound = keep_sound,
		.waiting = keep_waiting,
		.book_row = keep_book_told,
	};
}

static void bus_done(void *context, uint64_t token, enum err err)
{
	struct hub *hub = context;

	for (size_t i = 0; i < hub->room_count; i++)
		turn_bus_done(hub->rooms[i].line, token, err);
}

static void bus_changed(void *context)
{
	struct hub *hub = context;

	if (hub->words)
		words_refresh(hub->words);
}

/* Not of a turn, and of no room. */
static void bus_refused(void *context, const char *topic, const char *why)
{
	struct hub *hub = context;
	struct event event;

	event_init(&event, EVENT_ANNOUNCEMENT_REFUSED, (struct turn_id){0}, "",
		   clock_wall_ms(&hub->clock));
	record_announcement_refused(&event, topic, why);
	late_push(hub->late, &event);
}

struct bus_listener hub_bus_listener(struct hub *hub)
{
	return (struct bus_listener){
		.context = hub,
		.done = bus_done,
		.changed = bus_changed,
		.refused = bus_refused,
	};
}
