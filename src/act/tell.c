/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell - answers from what anybody in the room may know. Moves nothing.
 *
 * The time is the house's own (TZ); "what did you hear" and "why" reach back only over
 * this room's last turns, in memory.
 */
#include <math.h>
#include <time.h>

#include "act/actions.h"
#include "base/must.h"
#include "base/str.h"

static struct tm local_time(const struct act_ports *ports)
{
	time_t seconds = (time_t)(clock_wall_ms(ports->clock) / 1000);
	struct tm local;

	must(localtime_r(&seconds, &local));
	return local;
}

void act_tell_time(const struct action *action, const struct act_ports *ports,
		   uint64_t token, struct act_result *result)
{
	struct tm now = local_time(ports);
	int hour = now.tm_hour % 12 == 0 ? 12 : now.tm_hour % 12;

	(void)action;
	(void)token;
	if (now.tm_min == 0)
		(void)str_format(result->said, sizeof(result->said),
				 "It is %d o'clock %s.", hour,
				 now.tm_hour < 12 ? "A M" : "P M");
	else
		(void)str_format(result->said, sizeof(result->said), "It is %d %s%d %s.",
				 hour, now.tm_min < 10 ? "oh " : "", now.tm_min,
				 now.tm_hour < 12 ? "A M" : "P M");
}

void act_tell_date(const struct action *action, const struct act_ports *ports,
		   uint64_t token, struct act_result *result)
{
	static const char *const DAYS[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
					   "Thursday", "Friday", "Saturday"};
	static const char *const MONTHS[] = {"January", "February", "March",
					     "April",   "May",      "June",
					     "July",    "August",   "September",
					     "October", "November", "December"};
	struct tm now = local_time(ports);

	(void)action;
	(void)token;
	(void)str_format(result->said, sizeof(result->said), "It is %s, %s %d, %d.",
			 DAYS[now.tm_wday], MONTHS[now.tm_mon], now.tm_mday,
			 now.tm_year + 1900);
}

void act_tell_heat(const struct action *action, const struct act_ports *ports,
		   uint64_t token, struct act_result *result)
{
	const struct entity *entity =
		home_find_const(bus_home(ports->bus), action->entity);

	(void)token;
	if (!entity) {
		result->reason = REASON_NO_DEVICE;
		return;
	}
	if (isnan(entity->state.measured_celsius)) {
		(void)str_copy(result->said, sizeof(result->said),
			       "The thermostat has not told me yet.");
		return;
	}
	(void)str_format(result->said, sizeof(result->said), "It is %.3g degrees",
			 entity->state.measured_celsius);
	if (!isnan(entity->state.target_celsius))
		(void)str_append(result->said, sizeof(result->said), ", set to %.3g",
				 entity->state.target_celsius);
	(void)str_append(result->said, sizeof(result->said), ".");
}

/* The state in a word: "on", "40 percent open", "locked". "" when nothing is known. */
static void state_words(const struct entity *entity, char *to, size_t size)
{
	to[0] = '\0';
	if (!entity->state.known)
		return;
	if (!entity->state.available)
		(void)str_copy(to, size, "not reachable");
	else if (entity->domain == ENTITY_COVER && entity->state.position_percent > 0)
		(void)str_format(to, size, "%d percent open",
				 entity->state.position_percent);
	else if (entity->domain == ENTITY_COVER && entity->state.position_percent == 0)
		(void)str_copy(to, size, "closed");
	else if (entity->state.text[0])
		(void)str_copy(to, size, entity->state.text);
	else
		(void)str_copy(to, size, entity->state.on ? "on" : "off");
	for (char *letter = to; *letter; letter++)
		if (*letter == '_')
			*letter = ' ';
}

void act_tell_state(const struct action *action, const struct act_ports *ports,
		    uint64_t token, struct act_result *result)
{
	const struct entity *entity =
		home_find_const(bus_home(ports->bus), action->entity);
	char name[NAME_BYTES + 4];
	char state[64];

	(void)token;
	if (!entity) {
		result->reason = REASON_NO_DEVICE;
		return;
	}
	act_spoken_name(entity, name, sizeof(name));
	name[0] = 'T';
	state_words(entity, state, sizeof(state));
	if (state[0])
		(void)str_format(result->said, sizeof(result->said), "%s is %s.", name,
				 state);
	else
		(void)str_format(result->said, sizeof(result->said),
				 "%s has not told me yet.", name);
}

void act_tell_heard(const struct action *action, const struct act_ports *ports,
		    uint64_t token, struct act_result *result)
{
	const struct recent_turn *last =
		recent_newest(ports->recent, clock_now_ms(ports->clock));

	(void)action;
	(void)token;
	if (last && last->text[0])
		(void)str_format(result->said, sizeof(result->said), "I heard: %s.",
				 last->text);
	else
		(void)str_copy(result->said, sizeof(result->said),
			       "I heard nothing in the last ten minutes.");
}

void act_tell_why(const struct action *action, const struct act_ports *ports,
		  uint64_t token, struct act_result *result)
{
	const struct recent_turn *last =
		recent_newest(ports->recent, clock_now_ms(ports->clock));

	(void)action;
	(void)token;
	if (!last) {
		(void)str_copy(result->said, sizeof(result->said),
			       "I did nothing in the last ten minutes.");
		return;
	}
	if (last->decision == DECISION_ACT && last->reason == REASON_NONE)
		(void)str_format(result->said, sizeof(result->said),
				 "Because I heard: %s, and was asked to %s.", last->text,
				 action_sentence(last->action));
	else
		(void)str_format(result->said, sizeof(result->said),
				 "I did not do it, because %s.",
				 reason_explained(last->reason));
}

void act_stop(const struct action *action, const struct act_ports *ports, uint64_t token,
	      struct act_result *result)
{
	(void)action;
	(void)ports;
	(void)token;
	(void)result; /* silence is the answer */
}
