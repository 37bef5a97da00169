/* SPDX-License-Identifier: Apache-2.0 */
/*
 * move - one command to one device, and what is said when the bus has confirmed it.
 */
#include "act/actions.h"
#include "base/must.h"
#include "base/str.h"

/* What is said once it is done, with the device and what it was set to. */
static enum saying_key move_key(enum action_kind kind)
{
	static const enum saying_key KEYS[ACTION_KIND_COUNT] = {
		[ACTION_ARM_ALARM] = SAYING_DONE_ARMED,
		[ACTION_CLOSE_COVER] = SAYING_DONE_CLOSING,
		[ACTION_LIGHT_COLOUR] = SAYING_DONE_COLOUR,
		[ACTION_LIGHT_DIM] = SAYING_DONE_BRIGHTNESS,
		[ACTION_LOCK] = SAYING_DONE_LOCKED,
		[ACTION_OPEN_COVER] = SAYING_DONE_OPENING,
		[ACTION_SET_HEAT] = SAYING_DONE_HEAT,
		[ACTION_SET_HUMIDITY] = SAYING_DONE_HUMIDITY,
		[ACTION_SET_MODE] = SAYING_DONE_MODE,
		[ACTION_SET_POSITION] = SAYING_DONE_MOVING,
		[ACTION_SET_SPEED] = SAYING_DONE_SPEED,
		[ACTION_SET_TILT] = SAYING_DONE_TILTING,
		[ACTION_STOP_COVER] = SAYING_DONE_STOPPED,
		[ACTION_TURN_OFF] = SAYING_DONE_OFF,
		[ACTION_TURN_ON] = SAYING_DONE_ON,
		[ACTION_VACUUM_DOCK] = SAYING_DONE_DOCKING,
		[ACTION_VACUUM_START] = SAYING_DONE_CLEANING,
	};

	must(KEYS[kind] != SAYING_NONE);
	return KEYS[kind];
}

static bool sets_percent(enum action_kind kind)
{
	static const enum action_kind KINDS[] = {ACTION_LIGHT_DIM, ACTION_SET_HUMIDITY,
						 ACTION_SET_POSITION, ACTION_SET_SPEED,
						 ACTION_SET_TILT};

	for (size_t i = 0; i < STR_COUNT(KINDS); i++)
		if (KINDS[i] == kind)
			return true;
	return false;
}

static struct saying move_say(const struct action *action, const struct entity *entity)
{
	struct saying said = saying_make(move_key(action->kind));

	saying_set_text(&said, SLOT_DEVICE, entity->name);
	if (sets_percent(action->kind))
		saying_set_number(&said, SLOT_PERCENT, action->percent);
	if (action->kind == ACTION_LIGHT_COLOUR)
		saying_set_text(&said, SLOT_COLOUR, action->colour);
	if (action->kind == ACTION_SET_MODE)
		saying_set_text(&said, SLOT_STATE, action->mode);
	if (action->kind == ACTION_SET_HEAT)
		saying_set_number(&said, SLOT_DEGREES, action->celsius);
	return said;
}

void act_move(const struct action *action, const struct act_ports *ports, uint64_t token,
	      struct act_result *result)
{
	const struct entity *entity =
		home_find_const(bus_home(ports->bus), action->entity);

	if (!entity) {
		result->reason = REASON_NO_DEVICE;
		return;
	}
	result->said = move_say(action, entity);
	result->waits = true;
	enum err err = bus_command(ports->bus, action, token);
	if (err) {
		result->waits = false;
		result->reason = act_reason(action, err);
	}
}
