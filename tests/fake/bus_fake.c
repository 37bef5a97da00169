/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus_fake - a broker and its devices in one array.
 *
 * Open commands are those sent and not yet done. done() is called outside of any
 * iteration state that it could change, so a listener may send from inside it.
 */
#include "fake/bus_fake.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum { DEAD_MAX = 16 };

struct sent {
	struct action action;
	uint64_t token;
	int64_t sent_ms;
	bool open;
};

struct bus_fake {
	struct clock clock;
	struct bus_listener listener;
	struct home home;
	bool lets_bind;
	bool up;
	enum bus_fake_ack ack;
	size_t dead_count;
	char dead[DEAD_MAX][ENTITY_ID_BYTES];
	size_t sent_count;
	struct sent sent[BUS_FAKE_COMMANDS_MAX];
};

static int limit_percent(int percent)
{
	return percent < 0 ? 0 : percent > 100 ? 100 : percent;
}

static void obey_light(struct entity_state *state, const struct action *action)
{
	state->brightness_percent = limit_percent(action->percent);
	state->on = state->brightness_percent > 0;
}

static void obey_cover(struct entity_state *state, int percent)
{
	state->position_percent = limit_percent(percent);
	state->on = state->position_percent > 0;
	(void)str_copy(state->text, sizeof(state->text), state->on ? "open" : "closed");
}

static void obey_switch(struct entity_state *state, bool on)
{
	state->on = on;
	(void)str_copy(state->text, sizeof(state->text), on ? "on" : "off");
}

static void obey_word(struct entity_state *state, bool on, const char *word)
{
	state->on = on;
	(void)str_copy(state->text, sizeof(state->text), word);
}

static void obey_alarm(struct entity_state *state, const char *mode)
{
	char word[sizeof(state->text)];

	if (str_format(word, sizeof(word), "armed_%s", mode[0] ? mode : "away"))
		obey_word(state, true, word);
}

/* What a real device does on the command. */
static void obey(struct entity_state *state, const struct action *action)
{
	switch (action->kind) {
	case ACTION_TURN_ON:
		obey_switch(state, true);
		break;
	case ACTION_TURN_OFF:
		obey_switch(state, false);
		break;
	case ACTION_LIGHT_DIM:
		obey_light(state, action);
		break;
	case ACTION_LIGHT_COLOUR:
		state->on = true;
		break;
	case ACTION_SET_HEAT:
		state->target_celsius = action->celsius;
		break;
	case ACTION_OPEN_COVER:
		obey_cover(state, 100);
		break;
	case ACTION_CLOSE_COVER:
		obey_cover(state, 0);
		break;
	case ACTION_SET_POSITION:
		obey_cover(state, action->percent);
		break;
	case ACTION_SET_TILT:
		state->tilt_percent = action->percent;
		break;
	case ACTION_SET_SPEED:
		state->speed_percent = action->percent;
		break;
	case ACTION_SET_HUMIDITY:
		state->humidity_percent = action->percent;
		break;
	case ACTION_SET_MODE:
		obey_word(state, !str_equal(action->mode, "off"), action->mode);
		break;
	case ACTION_VACUUM_DOCK:
		obey_word(state, false, "returning");
		break;
	case ACTION_VACUUM_START:
		obey_word(state, true, "cleaning");
		break;
	case ACTION_LOCK:
		obey_word(state, false, "locked");
		break;
	case ACTION_ARM_ALARM:
		obey_alarm(state, action->mode);
		break;
	case ACTION_DISARM_ALARM:
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
	case ACTION_UNLOCK:
		obey_word(state, true, "unlocked");
		break;
	case ACTION_KIND_COUNT:
		break; /* never sent: see may_send */
	}
}

/* Like the real bus: class C and things that are no device have no way out of here. */
static bool may_send(enum action_kind kind)
{
	static const enum action_kind sent[] = {
		ACTION_ARM_ALARM,    ACTION_CLOSE_COVER,  ACTION_LIGHT_COLOUR,
		ACTION_LIGHT_DIM,    ACTION_LOCK,         ACTION_OPEN_COVER,
		ACTION_SET_HEAT,     ACTION_SET_HUMIDITY, ACTION_SET_MODE,
		ACTION_SET_POSITION, ACTION_SET_SPEED,    ACTION_SET_TILT,
		ACTION_STOP_COVER,   ACTION_TURN_OFF,     ACTION_TURN_ON,
		ACTION_VACUUM_DOCK,  ACTION_VACUUM_START,
	};

	for (size_t i = 0; i < STR_COUNT(sent); i++)
		if (sent[i] == kind)
			return true;
	return false;
}

static void finish(struct bus_fake *fake, struct sent *sent, enum err err)
{
	struct entity *entity = home_find(&fake->home, sent->action.entity);

	sent->open = false;
	if (!err && entity)
		obey(&entity->state, &sent->action);
	if (fake->listener.done)
		fake->listener.done(fake->listener.context, sent->token, err);
}

static void finish_open(struct bus_fake *fake, int64_t sent_before_ms, enum err err)
{
	size_t count = fake->sent_count; /* what done() sends is not part of this round */

	for (size_t i = 0; i < count; i++)
		if (fake->sent[i].open && fake->sent[i].sent_ms <= sent_before_ms)
			finish(fake, &fake->sent[i], err);
}

/* What the gate's bus sends besides. */
static bool may_bind(const struct bus_fake *fake, enum action_kind kind)
{
	return fake->lets_bind && action_class(kind) == CLASS_C;
}

static size_t find_dead(const struct bus_fake *fake, const char *id)
{
	size_t i = 0;

	while (i < fake->dead_count && !str_equal(fake->dead[i], id))
		i++;
	return i;
}

static enum err fake_command(void *self, const struct action *action, uint64_t token)
{
	struct bus_fake *fake = self;
	const struct entity *entity = home_find_const(&fake->home, action->entity);
	struct sent *sent = NULL;

	if (!fake->up)
		return ERR_CLOSED;
	if (!entity)
		return ERR_MISSING;
	if (find_dead(fake, entity->id) < fake->dead_count)
		return ERR_CLOSED;
	if (entity->read_only ||
	    !(may_send(action->kind) || may_bind(fake, action->kind)))
		return ERR_UNSUPPORTED;
	must(fake->sent_count < BUS_FAKE_COMMANDS_MAX);
	sent = &fake->sent[fake->sent_count++];
	*sent = (struct sent){.action = *action,
			      .token = token,
			      .sent_ms = clock_now_ms(&fake->clock),
			      .open = true};
	if (fake->ack == BUS_FAKE_ACK_NOW)
		finish(fake, sent, OK);
	return OK;
}

void bus_fake_let_bind(struct bus_fake *fake)
{
	fake->lets_bind = true;
}

static const struct home *fake_home(void *self)
{
	struct bus_fake *fake = self;

	return &fake->home;
}

static bool fake_is_up(void *self)
{
	const struct bus_fake *fake = self;

	return fake->up;
}

static const char *fake_trouble(void *self)
{
	return fake_is_up(self) ? "" : "the broker does not answer";
}

static void fake_close(void *self)
{
	finish_open(self, INT64_MAX, ERR_CLOSED);
}

static const struct bus_ops fake_ops = {
	.command = fake_command,
	.home = fake_home,
	.is_up = fake_is_up,
	.trouble = fake_trouble,
	.close = fake_close,
};

enum err bus_fake_create(struct clock clock, struct bus_listener listener,
			 struct bus_fake **out_fake)
{
	struct bus_fake *fake = calloc(1, sizeof(*fake));

	if (!fake)
		return ERR_MEMORY;
	fake->clock = clock;
	fake->listener = listener;
	fake->up = true;
	fake->ack = BUS_FAKE_ACK_NOW;
	home_init(&fake->home);
	*out_fake = fake;
	return OK;
}

void bus_fake_destroy(struct bus_fake *fake)
{
	if (!fake)
		return;
	home_finish(&fake->home);
	free(fake);
}

struct bus bus_fake_bus(struct bus_fake *fake)
{
	return (struct bus){.ops = &fake_ops, .self = fake};
}

struct home *bus_fake_home(struct bus_fake *fake)
{
	return &fake->home;
}

void bus_fake_changed(struct bus_fake *fake)
{
	if (fake->listener.changed)
		fake->listener.changed(fake->listener.context);
}

static unsigned usual_features(enum entity_domain domain)
{
	static const struct {
		enum entity_domain domain;
		unsigned features;
	} rows[] = {
		{ENTITY_CLIMATE, ENTITY_CAN_SET_HEAT | ENTITY_CAN_MODE},
		{ENTITY_COVER, ENTITY_CAN_POSITION | ENTITY_CAN_TILT},
		{ENTITY_FAN, ENTITY_CAN_SWITCH | ENTITY_CAN_SPEED},
		{ENTITY_HUMIDIFIER, ENTITY_CAN_SWITCH | ENTITY_CAN_HUMIDITY},
		{ENTITY_LIGHT, ENTITY_CAN_SWITCH | ENTITY_CAN_DIM | ENTITY_CAN_COLOUR},
		{ENTITY_MEDIA_PLAYER, ENTITY_CAN_SWITCH},
		{ENTITY_SIREN, ENTITY_CAN_SWITCH},
		{ENTITY_SWITCH, ENTITY_CAN_SWITCH},
		{ENTITY_VACUUM, ENTITY_CAN_SWITCH},
		{ENTITY_VALVE, ENTITY_CAN_SWITCH},
	};

	for (size_t i = 0; i < STR_COUNT(rows); i++)
		if (rows[i].domain == domain)
			return rows[i].features;
	return 0;
}

static void set_usual_state(struct entity *entity)
{
	entity->state.known = true;
	entity->state.available = true;
	if (entity->features & ENTITY_CAN_DIM)
		entity->state.brightness_percent = 0;
	if (entity->domain == ENTITY_CLIMATE) {
		entity->celsius_min = 5.0;
		entity->celsius_max = 30.0;
		entity->state.target_celsius = 19.0;
		entity->state.measured_celsius = 18.5;
	}
	if (entity->domain == ENTITY_COVER)
		obey_cover(&entity->state, 0);
	if (entity->domain == ENTITY_LOCK)
		obey_word(&entity->state, false, "locked");
	if (entity->domain == ENTITY_ALARM)
		obey_word(&entity->state, false, "disarmed");
}

enum err bus_fake_add(struct bus_fake *fake, enum entity_domain domain, const char *name,
		      const char *area, struct entity **out_entity)
{
	struct entity entity = entity_blank();

	if (!str_copy(entity.name, sizeof(entity.name), name) ||
	    !str_format(entity.id, sizeof(entity.id), "%s.%s", entity_domain_text(domain),
			name))
		return ERR_LIMIT;
	for (char *c = entity.id; *c; c++)
		if (*c == ' ')
			*c = '_';
	entity.domain = domain;
	entity.area = area[0] ? home_area(&fake->home, area) : -1;
	entity.features = usual_features(domain);
	entity.exposed = true;
	set_usual_state(&entity);
	return home_add_entity(&fake->home, &entity, out_entity);
}

void bus_fake_set_up(struct bus_fake *fake, bool up)
{
	if (fake->up == up)
		return;
	fake->up = up;
	if (!up)
		finish_open(fake, INT64_MAX, ERR_CLOSED);
	bus_fake_changed(fake);
}

void bus_fake_set_ack(struct bus_fake *fake, enum bus_fake_ack ack)
{
	fake->ack = ack;
}

void bus_fake_set_dead(struct bus_fake *fake, const char *id, bool is_dead)
{
	const size_t at = find_dead(fake, id);

	if (is_dead && at == fake->dead_count) {
		must(fake->dead_count < DEAD_MAX);
		must(str_copy(fake->dead[fake->dead_count++], ENTITY_ID_BYTES, id));
	} else if (!is_dead && at < fake->dead_count) {
		fake->dead_count--;
		memmove(fake->dead[at], fake->dead[fake->dead_count], ENTITY_ID_BYTES);
	}
}

void bus_fake_remove(struct bus_fake *fake, const char *id)
{
	home_remove_entity(&fake->home, id);
}

void bus_fake_acknowledge(struct bus_fake *fake)
{
	finish_open(fake, INT64_MAX, OK);
}

void bus_fake_pass(struct bus_fake *fake)
{
	const int64_t now_ms = clock_now_ms(&fake->clock);

	if (fake->ack == BUS_FAKE_ACK_ALONE)
		finish_open(fake, now_ms - BUS_CONFIRM_MS, ERR_BUSY);
	else
		finish_open(fake, now_ms - BUS_ACK_MS, ERR_TIMEOUT);
}

size_t bus_fake_command_count(const struct bus_fake *fake)
{
	return fake->sent_count;
}

const struct action *bus_fake_command(const struct bus_fake *fake, size_t index)
{
	must(index < fake->sent_count);
	return &fake->sent[index].action;
}
