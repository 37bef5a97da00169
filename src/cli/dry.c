/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A house in memory for dry runs. Nothing here reaches a broker, a keeper or a disk.
 */
#include "cli/dry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "domain/policy.h"

enum { PERCENT_FULL = 100 };

enum answer_kind { ANSWER_BUS, ANSWER_APPEND, ANSWER_SEAL };

struct answer {
	enum answer_kind kind;
	uint64_t token;
};

struct dry {
	struct home first; /* as given */
	struct home home;
	struct policy policy;
	struct bus_listener bus;
	struct keep_listener keep;
	uint64_t events;
	size_t waiting;
	struct answer answers[DRY_WAITING_MAX];
};

static enum err wait_answer(struct dry *dry, enum answer_kind kind, uint64_t token)
{
	if (dry->waiting == DRY_WAITING_MAX)
		return ERR_LIMIT;
	dry->answers[dry->waiting++] = (struct answer){.kind = kind, .token = token};
	return OK;
}

/* What the device would show afterwards. */
static void obey(struct entity *entity, const struct action *action)
{
	struct entity_state *state = &entity->state;

	state->known = true;
	switch (action->kind) {
	case ACTION_TURN_ON:
	case ACTION_TURN_OFF:
		state->on = action->kind == ACTION_TURN_ON;
		(void)str_copy(state->text, sizeof(state->text),
			       state->on ? "on" : "off");
		break;
	case ACTION_LIGHT_DIM:
		state->on = action->percent > 0;
		state->brightness_percent = action->percent;
		break;
	case ACTION_LIGHT_COLOUR:
		state->on = true;
		break;
	case ACTION_OPEN_COVER:
	case ACTION_CLOSE_COVER:
		state->position_percent =
			action->kind == ACTION_OPEN_COVER ? PERCENT_FULL : 0;
		state->on = action->kind == ACTION_OPEN_COVER;
		(void)str_copy(state->text, sizeof(state->text),
			       state->on ? "open" : "closed");
		break;
	case ACTION_SET_POSITION:
		state->position_percent = action->percent;
		break;
	case ACTION_SET_TILT:
		state->tilt_percent = action->percent;
		break;
	case ACTION_SET_SPEED:
		state->speed_percent = action->percent;
		state->on = action->percent > 0;
		break;
	case ACTION_SET_HUMIDITY:
		state->humidity_percent = action->percent;
		break;
	case ACTION_SET_MODE:
		(void)str_copy(state->text, sizeof(state->text), action->mode);
		break;
	case ACTION_VACUUM_DOCK:
	case ACTION_VACUUM_START:
		state->on = action->kind == ACTION_VACUUM_START;
		(void)str_copy(state->text, sizeof(state->text),
			       state->on ? "cleaning" : "returning");
		break;
	case ACTION_SET_HEAT:
		state->target_celsius = action->celsius;
		break;
	case ACTION_LOCK:
	case ACTION_UNLOCK:
		(void)str_copy(state->text, sizeof(state->text),
			       action->kind == ACTION_LOCK ? "locked" : "unlocked");
		break;
	case ACTION_ARM_ALARM:
	case ACTION_DISARM_ALARM:
		(void)str_copy(state->text, sizeof(state->text),
			       action->kind == ACTION_ARM_ALARM ? "armed_away"
								: "disarmed");
		break;
	case ACTION_ANNOUNCE:
	case ACTION_LIST_ADD:
	case ACTION_LIST_CLEAR:
	case ACTION_LIST_RESTORE:
	case ACTION_LIST_TELL:
	case ACTION_LIST_TICK:
	case ACTION_MUSIC_NEXT:
	case ACTION_MUSIC_PAUSE:
	case ACTION_MUSIC_PLAY:
	case ACTION_MUSIC_PREVIOUS:
	case ACTION_MUSIC_RESUME:
	case ACTION_MUSIC_VOLUME:
	case ACTION_ORDER:
	case ACTION_PLAY_MESSAGES:
	case ACTION_PRESS:
	case ACTION_RECORD_ERASE:
	case ACTION_REMIND_CANCEL:
	case ACTION_REMIND_SET:
	case ACTION_REMIND_TELL:
	case ACTION_ROOM_ALLOW:
	case ACTION_ROOM_FORBID:
	case ACTION_RUN_ROUTINE:
	case ACTION_SEND_MESSAGE:
	case ACTION_SET_VOLUME:
	case ACTION_SKILL:
	case ACTION_STOP:
	case ACTION_STOP_COVER:
	case ACTION_TELL_CALENDAR:
	case ACTION_TELL_DATE:
	case ACTION_TELL_EXAMPLES:
	case ACTION_TELL_HEARD:
	case ACTION_TELL_HEAT:
	case ACTION_TELL_PLAYING:
	case ACTION_TELL_SPELLING:
	case ACTION_TELL_STATE:
	case ACTION_TELL_SUM:
	case ACTION_TELL_SURVEY:
	case ACTION_TELL_TIME:
	case ACTION_TELL_UNITS:
	case ACTION_TELL_WEATHER:
	case ACTION_TELL_WHY:
	case ACTION_TIMER_ADD:
	case ACTION_TIMER_CANCEL:
	case ACTION_TIMER_PAUSE:
	case ACTION_TIMER_RESUME:
	case ACTION_TIMER_SET:
	case ACTION_TIMER_TELL:
	case ACTION_WAKE_CANCEL:
	case ACTION_WAKE_SET:
	case ACTION_WAKE_TELL:
	case ACTION_KIND_COUNT:
		break;
	}
}

static enum err bus_do(void *self, const struct action *action, uint64_t token)
{
	struct dry *dry = self;
	struct entity *entity = home_find(&dry->home, action->entity);
	enum err err;

	if (!entity)
		return ERR_MISSING;
	err = wait_answer(dry, ANSWER_BUS, token);
	if (!err)
		obey(entity, action);
	return err;
}

static const struct home *bus_shows(void *self)
{
	const struct dry *dry = self;

	return &dry->home;
}

static bool always_up(void *self)
{
	must(self);
	return true;
}

static const char *no_trouble(void *self)
{
	must(self);
	return "";
}

static void close_nothing(void *self)
{
	must(self);
}

struct bus dry_bus(struct dry *dry)
{
	static const struct bus_ops ops = {bus_do, bus_shows, always_up, no_trouble,
					   close_nothing};

	return (struct bus){.ops = &ops, .self = dry};
}

static enum err keep_write(void *self, const struct event *event, uint64_t token)
{
	must(event->kind < EVENT_KIND_COUNT);
	return wait_answer(self, ANSWER_APPEND, token);
}

static enum err keep_forget(void *self, const struct keep_recording *recording,
			    uint64_t token)
{
	must(recording->room);
	return wait_answer(self, ANSWER_SEAL, token);
}

static const struct policy *keep_shows(void *self)
{
	const struct dry *dry = self;

	return &dry->policy;
}

struct keep dry_keep(struct dry *dry)
{
	/* Nothing is proposed: nobody could approve it. */
	static const struct keep_ops ops = {.append = keep_write,
					    .seal = keep_forget,
					    .policy = keep_shows,
					    .is_up = always_up,
					    .close = close_nothing};

	return (struct keep){.ops = &ops, .self = dry};
}

/* The home's contacts as a policy has them; what is beyond its limit is unknown. */
static void add_contacts(struct policy *policy, const struct home *home)
{
	for (size_t i = 0; i < home->person_count; i++) {
		struct contact *contact = &policy->contacts[policy->contact_count];

		if (!home->people[i].is_contact ||
		    policy->contact_count == POLICY_CONTACTS_MAX ||
		    !str_copy(contact->name, sizeof(contact->name), home->people[i].name))
			continue;
		contact->kind = CONTACT_HOUSE;
		contact->id.bytes[0] = (uint8_t)++policy->contact_count;
	}
}

/* Sold at a cent each, for nobody is there who could buy. */
static void add_goods(struct policy *policy, const struct home *home)
{
	struct shop_policy *shop = &policy->day.shop;

	shop->is_on = home->goods_count > 0;
	shop->order_cents = SHOP_CENTS_MAX;
	shop->day_cents = SHOP_CENTS_MAX;
	for (size_t i = 0; i < home->goods_count && i < SHOP_ITEMS_MAX; i++) {
		struct shop_item *item = &shop->items[shop->item_count++];

		*item = (struct shop_item){.cents = 1, .way = SHOP_WEBHOOK};
		(void)str_copy(item->name, sizeof(item->name), home->goods[i]);
	}
}

enum err dry_create(const struct home *home, const char *room, struct dry **out_dry)
{
	struct dry *dry = calloc(1, sizeof(*dry));
	enum err err = ERR_MEMORY;

	if (!dry)
		return ERR_MEMORY;
	home_init(&dry->first);
	home_init(&dry->home);
	policy_init(&dry->policy);
	dry->policy.has_owner = true;
	dry->policy.room_count = 1;
	dry->policy.rooms[0].capabilities = MAY_ALL;
	dry->policy.rooms[0].has_key = true; /* this machine itself */
	err = ERR_LIMIT;
	if (!str_copy(dry->policy.rooms[0].room.text, NAME_BYTES, room))
		goto out;
	add_contacts(&dry->policy, home);
	add_goods(&dry->policy, home);
	err = home_copy(home, &dry->first);
	if (!err)
		err = home_copy(home, &dry->home);
	if (err)
		goto out;
	*out_dry = dry;
	dry = NULL;
out:
	dry_destroy(dry);
	return err;
}

void dry_destroy(struct dry *dry)
{
	if (!dry)
		return;
	home_finish(&dry->first);
	home_finish(&dry->home);
	free(dry);
}

void dry_listen(struct dry *dry, const struct bus_listener *bus,
		const struct keep_listener *keep)
{
	dry->bus = *bus;
	dry->keep = *keep;
}

enum err dry_reset(struct dry *dry)
{
	struct home again;
	enum err err = home_copy(&dry->first, &again);

	if (err)
		return err;
	home_finish(&dry->home);
	dry->home = again;
	dry->waiting = 0;
	return OK;
}

struct event_id dry_newest(const struct dry *dry)
{
	return (struct event_id){dry->events};
}

bool dry_pump(struct dry *dry)
{
	static const struct record_id none;
	struct answer now[DRY_WAITING_MAX];
	size_t count = dry->waiting;

	memcpy(now, dry->answers, count * sizeof(now[0]));
	dry->waiting = 0;
	for (size_t i = 0; i < count; i++) {
		const struct answer *answer = &now[i];

		if (answer->kind == ANSWER_BUS)
			dry->bus.done(dry->bus.context, answer->token, OK);
		else if (answer->kind == ANSWER_APPEND)
			dry->keep.done(dry->keep.context, answer->token, OK,
				       (struct event_id){++dry->events}, none);
		else
			dry->keep.done(dry->keep.context, answer->token, ERR_DENIED,
				       (struct event_id){0}, none);
	}
	return count > 0;
}
