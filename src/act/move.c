/* SPDX-License-Identifier: Apache-2.0 */
/*
 * move - one command to one device, and the sentence for when the bus has confirmed it.
 */
#include "act/actions.h"
#include "base/must.h"
#include "base/str.h"

void act_spoken_name(const struct entity *entity, char *to, size_t size)
{
	bool has_article =
		str_starts(entity->name, "the ") || str_starts(entity->name, "The ");

	(void)str_format(to, size, "%s%s", has_article ? "" : "the ", entity->name);
}

/* What is said once it is done: the verb, then the device, then what it was set to. */
static const char *move_verb(enum action_kind kind)
{
	static const char *const VERBS[ACTION_KIND_COUNT] = {
		[ACTION_ARM_ALARM] = "Armed",     [ACTION_CLOSE_COVER] = "Closing",
		[ACTION_LIGHT_COLOUR] = "Set",    [ACTION_LIGHT_DIM] = "Set",
		[ACTION_LOCK] = "Locked",         [ACTION_OPEN_COVER] = "Opening",
		[ACTION_SET_HEAT] = "Set",        [ACTION_SET_POSITION] = "Moving",
		[ACTION_TURN_OFF] = "Turned off", [ACTION_TURN_ON] = "Turned on",
	};

	must(VERBS[kind]);
	return VERBS[kind];
}

static void move_say(const struct action *action, const struct entity *entity,
		     struct act_result *result)
{
	char name[NAME_BYTES + 4];
	char *said = result->said;
	size_t size = sizeof(result->said);

	act_spoken_name(entity, name, sizeof(name));
	(void)str_format(said, size, "%s %s", move_verb(action->kind), name);
	if (action->kind == ACTION_LIGHT_DIM || action->kind == ACTION_SET_POSITION)
		(void)str_append(said, size, " to %d percent", action->percent);
	if (action->kind == ACTION_LIGHT_COLOUR)
		(void)str_append(said, size, " to %s", action->colour);
	if (action->kind == ACTION_SET_HEAT)
		(void)str_append(said, size, " to %g degrees", action->celsius);
	(void)str_append(said, size, ".");
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
	move_say(action, entity, result);
	result->waits = true;
	enum err err = bus_command(ports->bus, action, token);
	if (err) {
		result->waits = false;
		result->reason = act_reason(action, err);
	}
}
