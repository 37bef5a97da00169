/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_confirm - whether a device has done what it was told, by its own word.
 *
 * The broker's word is not enough: it acknowledges what its access list refuses, and what
 * nobody hears. One table row per kind of action says which of the device's topics would
 * show it and what they would have to say. A device without such a topic can only be
 * there or not. Pure.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/mqtt_device.h"
#include "base/str.h"

static const double CELSIUS_NEAR = 0.6; /* devices round to half a degree */
enum { PERCENT_NEAR = 2, SPEED_NEAR = 34 };

bool mqtt_device_is_offline(const struct mqtt_device *device)
{
	size_t online = 0;
	size_t offline = 0;

	for (size_t i = 0; i < device->availability_count; i++) {
		const struct mqtt_availability *row = &device->availability[i];

		online += row->said && row->is_online ? 1 : 0;
		offline += row->said && !row->is_online ? 1 : 0;
	}
	switch (device->availability_mode) {
	case MQTT_LATEST:
		return offline > 0 && !device->entity.state.available;
	case MQTT_ALL:
		return offline > 0;
	case MQTT_ANY:
		return online == 0 && offline == device->availability_count &&
		       offline > 0;
	}
	return false;
}

struct mqtt_mark mqtt_device_mark(const struct mqtt_device *device)
{
	return (struct mqtt_mark){
		.states_heard = device->states_heard,
		.position_percent = device->entity.state.position_percent,
	};
}

/* ---- what each action would show ---- */

typedef bool shows_fn(const struct entity_state *state, const struct action *action,
		      const struct mqtt_mark *mark);

static bool shows_on(const struct entity_state *state, const struct action *action,
		     const struct mqtt_mark *mark)
{
	(void)action;
	(void)mark;
	return state->on;
}

static bool shows_off(const struct entity_state *state, const struct action *action,
		      const struct mqtt_mark *mark)
{
	(void)action;
	(void)mark;
	return !state->on;
}

static bool shows_brightness(const struct entity_state *state,
			     const struct action *action, const struct mqtt_mark *mark)
{
	(void)mark;
	if (action->percent == 0 || state->brightness_percent < 0)
		return state->on == (action->percent > 0);
	return state->on &&
	       abs(state->brightness_percent - action->percent) <= PERCENT_NEAR;
}

static bool shows_heat(const struct entity_state *state, const struct action *action,
		       const struct mqtt_mark *mark)
{
	(void)mark;
	return fabs(state->target_celsius - action->celsius) <= CELSIUS_NEAR;
}

static bool shows_locked(const struct entity_state *state, const struct action *action,
			 const struct mqtt_mark *mark)
{
	(void)action;
	(void)mark;
	return str_equal(state->text, "locked") || str_equal(state->text, "locking");
}

static bool shows_unlocked(const struct entity_state *state, const struct action *action,
			   const struct mqtt_mark *mark)
{
	(void)action;
	(void)mark;
	return str_equal(state->text, "unlocked") || str_equal(state->text, "unlocking");
}

static bool shows_disarmed(const struct entity_state *state, const struct action *action,
			   const struct mqtt_mark *mark)
{
	(void)action;
	(void)mark;
	return str_equal(state->text, "disarmed");
}

static bool shows_armed(const struct entity_state *state, const struct action *action,
			const struct mqtt_mark *mark)
{
	const char *mode = action->mode[0] ? action->mode : "away";

	(void)mark;
	return str_equal(state->text, "arming") || str_equal(state->text, "pending") ||
	       (str_starts(state->text, "armed_") && str_equal(state->text + 6, mode));
}

/* A cover needs its time: moving the right way is enough. */
static bool moves_to(const struct entity_state *state, int target_percent,
		     const struct mqtt_mark *mark)
{
	const int now = state->position_percent;
	const int before = mark->position_percent;

	if (now < 0)
		return false;
	return abs(now - target_percent) <= PERCENT_NEAR ||
	       (before >= 0 && now > before && target_percent > before) ||
	       (before >= 0 && now < before && target_percent < before);
}

static bool shows_open(const struct entity_state *state, const struct action *action,
		       const struct mqtt_mark *mark)
{
	(void)action;
	return str_equal(state->text, "opening") || moves_to(state, 100, mark) ||
	       (state->position_percent < 0 && str_equal(state->text, "open"));
}

static bool shows_closed(const struct entity_state *state, const struct action *action,
			 const struct mqtt_mark *mark)
{
	(void)action;
	return str_equal(state->text, "closing") || str_equal(state->text, "closed") ||
	       moves_to(state, 0, mark);
}

static bool shows_position(const struct entity_state *state, const struct action *action,
			   const struct mqtt_mark *mark)
{
	return str_equal(state->text, "opening") || str_equal(state->text, "closing") ||
	       moves_to(state, action->percent, mark);
}

static bool shows_tilt(const struct entity_state *state, const struct action *action,
		       const struct mqtt_mark *mark)
{
	(void)mark;
	return state->tilt_percent >= 0 &&
	       abs(state->tilt_percent - action->percent) <= PERCENT_NEAR;
}

/* What has few speeds tells the nearest. */
static bool shows_speed(const struct entity_state *state, const struct action *action,
			const struct mqtt_mark *mark)
{
	(void)mark;
	if (action->percent == 0)
		return !state->on || state->speed_percent == 0;
	return state->speed_percent > 0 &&
	       abs(state->speed_percent - action->percent) <= SPEED_NEAR;
}

static bool shows_humidity(const struct entity_state *state, const struct action *action,
			   const struct mqtt_mark *mark)
{
	(void)mark;
	return state->humidity_percent >= 0 &&
	       abs(state->humidity_percent - action->percent) <= PERCENT_NEAR;
}

static bool shows_mode(const struct entity_state *state, const struct action *action,
		       const struct mqtt_mark *mark)
{
	(void)mark;
	return str_equal(state->text, action->mode);
}

static bool shows_stopped(const struct entity_state *state, const struct action *action,
			  const struct mqtt_mark *mark)
{
	(void)action;
	(void)mark;
	return !str_equal(state->text, "opening") && !str_equal(state->text, "closing");
}

static bool shows_docking(const struct entity_state *state, const struct action *action,
			  const struct mqtt_mark *mark)
{
	(void)action;
	(void)mark;
	return str_equal(state->text, "returning") || str_equal(state->text, "docked");
}

static const struct {
	enum action_kind kind;
	shows_fn *shows;
	bool afresh; /* the state holds too little to believe what was there before */
	enum mqtt_role roles[2]; /* either would tell; the same twice is one */
} ROWS[] = {
	{ACTION_ARM_ALARM, shows_armed, false, {MQTT_STATE, MQTT_STATE}},
	{ACTION_CLOSE_COVER, shows_closed, false, {MQTT_STATE, MQTT_POSITION_STATE}},
	{ACTION_DISARM_ALARM, shows_disarmed, false, {MQTT_STATE, MQTT_STATE}},
	{ACTION_LIGHT_COLOUR, shows_on, true, {MQTT_STATE, MQTT_STATE}},
	{ACTION_LIGHT_DIM, shows_brightness, false, {MQTT_STATE, MQTT_BRIGHTNESS_STATE}},
	{ACTION_LOCK, shows_locked, false, {MQTT_STATE, MQTT_STATE}},
	{ACTION_OPEN_COVER, shows_open, false, {MQTT_STATE, MQTT_POSITION_STATE}},
	{ACTION_SET_HEAT, shows_heat, false, {MQTT_TARGET_STATE, MQTT_TARGET_STATE}},
	{ACTION_SET_POSITION,
	 shows_position,
	 false,
	 {MQTT_POSITION_STATE, MQTT_POSITION_STATE}},
	{ACTION_SET_HUMIDITY,
	 shows_humidity,
	 false,
	 {MQTT_HUMIDITY_STATE, MQTT_HUMIDITY_STATE}},
	{ACTION_SET_MODE, shows_mode, false, {MQTT_MODE_STATE, MQTT_MODE_STATE}},
	{ACTION_SET_SPEED, shows_speed, false, {MQTT_SPEED_STATE, MQTT_SPEED_STATE}},
	{ACTION_SET_TILT, shows_tilt, false, {MQTT_TILT_STATE, MQTT_TILT_STATE}},
	{ACTION_STOP_COVER, shows_stopped, false, {MQTT_STATE, MQTT_POSITION_STATE}},
	{ACTION_TURN_OFF, shows_off, false, {MQTT_STATE, MQTT_MODE_STATE}},
	{ACTION_TURN_ON, shows_on, false, {MQTT_STATE, MQTT_MODE_STATE}},
	{ACTION_UNLOCK, shows_unlocked, false, {MQTT_STATE, MQTT_STATE}},
	{ACTION_VACUUM_DOCK, shows_docking, false, {MQTT_STATE, MQTT_STATE}},
	{ACTION_VACUUM_START, shows_on, false, {MQTT_STATE, MQTT_STATE}},
};

bool mqtt_device_confirms(const struct mqtt_device *device, const struct action *action,
			  const struct mqtt_mark *mark)
{
	const struct entity_state *state = &device->entity.state;
	const bool afresh = device->states_heard != mark->states_heard;

	if (!state->available)
		return false;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++) {
		if (ROWS[i].kind != action->kind ||
		    (!device->channels[ROWS[i].roles[0]].topic &&
		     !device->channels[ROWS[i].roles[1]].topic))
			continue;
		/* What the broker kept of a device that may be gone is no answer. */
		if (!afresh && (ROWS[i].afresh || device->availability_count == 0))
			return false;
		return state->known && ROWS[i].shows(state, action, mark);
	}
	return true;
}
