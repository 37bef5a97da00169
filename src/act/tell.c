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

enum { MINUTES_OF_HOUR = 60, YEAR_ZERO = 1900 };

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

	(void)action;
	(void)token;
	result->said = saying_make(SAYING_TOLD_TIME);
	saying_set_number(&result->said, SLOT_TIME,
			  now.tm_hour * MINUTES_OF_HOUR + now.tm_min);
}

void act_tell_date(const struct action *action, const struct act_ports *ports,
		   uint64_t token, struct act_result *result)
{
	struct tm now = local_time(ports);
	const struct saying_date date = {
		.year = now.tm_year + YEAR_ZERO,
		.month = now.tm_mon,
		.day = now.tm_mday,
		.weekday = now.tm_wday,
	};

	(void)action;
	(void)token;
	result->said = saying_make(SAYING_TOLD_DATE);
	saying_set_date(&result->said, SLOT_DATE, &date);
}

/* What is measured is told in tenths. */
static double tenths(double celsius)
{
	return round(celsius * 10) / 10;
}

static struct saying heat_say(const struct entity_state *state)
{
	bool has_target = !isnan(state->target_celsius);
	struct saying said;

	if (isnan(state->measured_celsius))
		return saying_make(SAYING_TOLD_HEAT_UNKNOWN);
	said = saying_make(has_target ? SAYING_TOLD_HEAT_SET : SAYING_TOLD_HEAT);
	saying_set_number(&said, SLOT_MEASURED, tenths(state->measured_celsius));
	if (has_target)
		saying_set_number(&said, SLOT_TARGET, tenths(state->target_celsius));
	return said;
}

void act_tell_heat(const struct action *action, const struct act_ports *ports,
		   uint64_t token, struct act_result *result)
{
	const struct entity *entity =
		home_find_const(bus_home(ports->bus), action->entity);

	(void)token;
	if (entity)
		result->said = heat_say(&entity->state);
	else
		result->reason = REASON_NO_DEVICE;
}

/* A state in words, for a device that has told one. */
static struct saying state_say(const struct entity *entity)
{
	const struct entity_state *state = &entity->state;
	bool is_cover = entity->domain == ENTITY_COVER;
	struct saying said;

	if (is_cover && state->position_percent > 0) {
		said = saying_make(SAYING_TOLD_OPEN);
		saying_set_number(&said, SLOT_PERCENT, state->position_percent);
		return said;
	}
	said = saying_make(SAYING_TOLD_STATE);
	if (is_cover && state->position_percent == 0)
		saying_set_text(&said, SLOT_STATE, "closed");
	else if (state->text[0])
		saying_set_text(&said, SLOT_STATE, state->text);
	else
		saying_set_text(&said, SLOT_STATE, state->on ? "on" : "off");
	return said;
}

void act_tell_state(const struct action *action, const struct act_ports *ports,
		    uint64_t token, struct act_result *result)
{
	const struct entity *entity =
		home_find_const(bus_home(ports->bus), action->entity);

	(void)token;
	if (!entity) {
		result->reason = REASON_NO_DEVICE;
		return;
	}
	if (!entity->state.known)
		result->said = saying_make(SAYING_TOLD_STATE_UNKNOWN);
	else if (!entity->state.available)
		result->said = saying_make(SAYING_TOLD_UNREACHABLE);
	else
		result->said = state_say(entity);
	saying_set_text(&result->said, SLOT_DEVICE, entity->name);
}

void act_tell_heard(const struct action *action, const struct act_ports *ports,
		    uint64_t token, struct act_result *result)
{
	const struct recent_turn *last =
		recent_newest(ports->recent, clock_now_ms(ports->clock));

	(void)action;
	(void)token;
	if (!last || !last->text[0]) {
		result->said = saying_make(SAYING_TOLD_HEARD_NOTHING);
		return;
	}
	result->said = saying_make(SAYING_TOLD_HEARD);
	saying_set_text(&result->said, SLOT_WORDS, last->text);
}

static struct saying why_say(const struct recent_turn *last)
{
	struct saying said;

	if (last->decision == DECISION_ACT && last->reason == REASON_NONE &&
	    last->text[0] == '\0') { /* what the room told made it go on */
		said = saying_make(SAYING_TOLD_WHY_RECORDED);
		saying_set_number(&said, SLOT_ACTION, last->action);
		return said;
	}
	if (last->decision == DECISION_ACT && last->reason == REASON_NONE) {
		said = saying_make(SAYING_TOLD_WHY);
		saying_set_text(&said, SLOT_WORDS, last->text);
		saying_set_number(&said, SLOT_ACTION, last->action);
		return said;
	}
	said = saying_make(SAYING_TOLD_WHY_NOT);
	saying_set_number(&said, SLOT_BECAUSE, last->reason);
	return said;
}

void act_tell_why(const struct action *action, const struct act_ports *ports,
		  uint64_t token, struct act_result *result)
{
	const struct recent_turn *last =
		recent_newest(ports->recent, clock_now_ms(ports->clock));

	(void)action;
	(void)token;
	result->said = last ? why_say(last) : saying_make(SAYING_TOLD_NOTHING_DONE);
}

/* What there is to tell was put together when it was decided, from the same home. */
void act_tell_survey(const struct action *action, const struct act_ports *ports,
		     uint64_t token, struct act_result *result)
{
	(void)action;
	(void)ports;
	(void)token;
	(void)result;
}

void act_stop(const struct action *action, const struct act_ports *ports, uint64_t token,
	      struct act_result *result)
{
	(void)action;
	(void)ports;
	(void)token;
	(void)result; /* silence is the answer */
}
