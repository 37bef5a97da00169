/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan - one row per intent: which action it is, on what, and how its numbers are filled.
 *
 * Adding something the house can do is a row here, a row in domain/actions.def and a
 * function in act/. Steps become absolute values here, and every value is held against
 * its limits before anything is permitted.
 */
#include "decide/plan.h"

#include <math.h>

#include "base/str.h"
#include "decide/book.h"
#include "decide/intercom.h"
#include "decide/survey.h"
#include "decide/target.h"
#include "domain/music.h"
#include "domain/shop.h"
#include "domain/skill.h"
#include "domain/spelling.h"
#include "domain/sums.h"
#include "domain/units.h"

static const int BRIGHTNESS_UNKNOWN =
	50; /* where a step starts from when nothing is known */
static const double CELSIUS_UNKNOWN = 20;

typedef enum reason plan_fill(const struct decide_input *input, const struct slot *slot,
			      const struct entity *entity, struct action *action,
			      struct saying *said);

struct plan_row {
	const char *intent;
	const char *slot; /* the row holds only with this slot; NULL: always */
	enum action_kind kind;
	enum entity_domain domain; /* UNKNOWN: the room itself, no device */
	unsigned features;         /* enum entity_feature the device needs */
	plan_fill *fill;           /* NULL: nothing to fill */
};

static int clamp_percent(double percent)
{
	if (percent < 0)
		return 0;
	return percent > 100 ? 100 : (int)lround(percent);
}

static enum reason fill_percent(const struct decide_input *input, const struct slot *slot,
				const struct entity *entity, struct action *action,
				struct saying *said)
{
	(void)input;
	(void)entity;
	if (!slot->is_number || slot->number < 0 || slot->number > 100) {
		*said = saying_make(SAYING_REFUSED_PERCENT);
		return REASON_OUT_OF_RANGE;
	}
	action->percent = clamp_percent(slot->number);
	return REASON_NONE;
}

static enum reason fill_brightness_step(const struct decide_input *input,
					const struct slot *slot,
					const struct entity *entity,
					struct action *action, struct saying *said)
{
	int from = entity->state.known && !entity->state.on
			   ? 0
			   : entity->state.brightness_percent;

	(void)input;
	(void)said;
	if (from < 0)
		from = BRIGHTNESS_UNKNOWN;
	action->percent = clamp_percent(from + slot->number);
	return REASON_NONE;
}

static enum reason fill_volume_step(const struct decide_input *input,
				    const struct slot *slot, const struct entity *entity,
				    struct action *action, struct saying *said)
{
	(void)entity;
	(void)said;
	action->percent = clamp_percent(input->volume_percent + slot->number);
	return REASON_NONE;
}

static bool is_white(const char *colour)
{
	static const char *const WHITES[] = {"coolwhite", "warmwhite", "white"};

	for (size_t i = 0; i < STR_COUNT(WHITES); i++)
		if (str_equal(WHITES[i], colour))
			return true;
	return false;
}

/* Whites are also what a lamp can show that has no colours. */
static enum reason fill_colour(const struct decide_input *input, const struct slot *slot,
			       const struct entity *entity, struct action *action,
			       struct saying *said)
{
	const bool can = entity->features & ENTITY_CAN_COLOUR ||
			 (entity->features & ENTITY_CAN_WHITE && is_white(slot->value));

	(void)input;
	(void)said;
	if (!can)
		return REASON_DEVICE_CANNOT;
	return str_copy(action->colour, sizeof(action->colour), slot->value)
		       ? REASON_NONE
		       : REASON_NO_MATCH;
}

/* Inside of what it may be, in the tenths in which it is told. */
static double tenth_below(double value)
{
	return floor(value * 10.0 + 1e-6) / 10.0;
}

/* As near to what was asked for as the owner's limits and the device's let it; that it is
 * not what was asked for is told (turn/outcome.c). Between limits that leave nothing there
 * is nothing near. */
static enum reason fill_celsius_checked(const struct decide_input *input,
					const struct entity *entity, double celsius,
					struct action *action, struct saying *said)
{
	const double smallest =
		0.0 - tenth_below(-fmax(input->policy->celsius_min, entity->celsius_min));
	const double largest =
		tenth_below(fmin(input->policy->celsius_max, entity->celsius_max));

	if (isnan(celsius) || !(smallest <= largest)) {
		*said = saying_make(SAYING_REFUSED_HEAT);
		saying_set_number(said, SLOT_SMALLEST, smallest);
		saying_set_number(said, SLOT_LARGEST, largest);
		return REASON_OUT_OF_RANGE;
	}
	action->celsius = fmin(fmax(celsius, smallest), largest);
	action->is_limited = celsius < smallest || celsius > largest;
	return REASON_NONE;
}

static enum reason fill_celsius(const struct decide_input *input, const struct slot *slot,
				const struct entity *entity, struct action *action,
				struct saying *said)
{
	return fill_celsius_checked(input, entity, slot->is_number ? slot->number : NAN,
				    action, said);
}

static enum reason fill_celsius_step(const struct decide_input *input,
				     const struct slot *slot, const struct entity *entity,
				     struct action *action, struct saying *said)
{
	double from = entity->state.target_celsius;

	if (isnan(from))
		from = entity->state.measured_celsius;
	if (isnan(from))
		from = CELSIUS_UNKNOWN;
	return fill_celsius_checked(input, entity, from + slot->number, action, said);
}

/* A percent that the device bounds: what is beyond is as near as it goes, as with heat. */
static enum reason fill_humidity(const struct decide_input *input,
				 const struct slot *slot, const struct entity *entity,
				 struct action *action, struct saying *said)
{
	const enum reason reason = fill_percent(input, slot, entity, action, said);
	const int asked = action->percent;

	if (reason != REASON_NONE)
		return reason;
	if (entity->humidity_min > entity->humidity_max)
		return REASON_DEVICE_CANNOT;
	if (asked < entity->humidity_min)
		action->percent = entity->humidity_min;
	else if (asked > entity->humidity_max)
		action->percent = entity->humidity_max;
	action->is_limited = action->percent != asked;
	return REASON_NONE;
}

static enum reason fill_mode(const struct decide_input *input, const struct slot *slot,
			     const struct entity *entity, struct action *action,
			     struct saying *said)
{
	(void)input;
	(void)entity;
	(void)said;
	return str_copy(action->mode, sizeof(action->mode), slot->value)
		       ? REASON_NONE
		       : REASON_NO_MATCH;
}

/* Of no time that was named: of all. */
static enum reason fill_everything(const struct decide_input *input,
				   const struct slot *slot, const struct entity *entity,
				   struct action *action, struct saying *said)
{
	(void)input;
	(void)slot;
	(void)entity;
	(void)said;
	return str_copy(action->mode, sizeof(action->mode), "all") ? REASON_NONE
								   : REASON_NO_MATCH;
}

/* Asked of another place or day: to answer with what is here and now would be wrong. */
static enum reason fill_elsewhere(const struct decide_input *input,
				  const struct slot *slot, const struct entity *entity,
				  struct action *action, struct saying *said)
{
	(void)input;
	(void)slot;
	(void)entity;
	(void)action;
	*said = saying_make(SAYING_REFUSED_ELSEWHERE);
	return REASON_NO_ACTION;
}

/* Elsewhere the weather is another. */
static enum reason fill_weather_elsewhere(const struct decide_input *input,
					  const struct slot *slot,
					  const struct entity *entity,
					  struct action *action, struct saying *said)
{
	(void)input;
	(void)slot;
	(void)entity;
	(void)action;
	*said = saying_make(SAYING_REFUSED_WEATHER_ELSEWHERE);
	return REASON_NO_ACTION;
}

/* Of which time, and what of it; both as the sentences have them. */
static enum reason fill_weather(const struct decide_input *input, const struct slot *slot,
				const struct entity *entity, struct action *action,
				struct saying *said)
{
	const struct intent *intent = &input->understanding->intent;

	(void)slot;
	(void)entity;
	(void)said;
	return str_copy(action->words, sizeof(action->words),
			intent_value(intent, "day", "")) &&
			       str_copy(action->mode, sizeof(action->mode),
					intent_value(intent, "kind", ""))
		       ? REASON_NONE
		       : REASON_NO_MATCH;
}

/* From the owner's catalogue, at its price, or not at all. The keeper looks again. */
static enum reason fill_order(const struct decide_input *input, const struct slot *slot,
			      const struct entity *entity, struct action *action,
			      struct saying *said)
{
	const struct shop_policy *shop = &input->policy->day.shop;
	const struct shop_item *item = shop_item_find(shop, slot->value);

	(void)entity;
	(void)said;
	if (!shop->is_on)
		return REASON_SHOP_OFF;
	if (!item)
		return REASON_NOT_FOR_SALE;
	action->cents = item->cents;
	if (!str_copy(action->item, sizeof(action->item), item->name) ||
	    !str_copy(action->mode, sizeof(action->mode), shop_way_text(item->way)))
		return REASON_OUT_OF_RANGE;
	return shop_judge(shop, action);
}

/* What goes by the list is put on it: nobody buys anything, and nothing leaves the house. */
static enum reason fill_listed(const struct decide_input *input, const struct slot *slot,
			       const struct entity *entity, struct action *action,
			       struct saying *said)
{
	return input->policy->day.shop.is_on
		       ? book_fill_of_list(input, slot, entity, action, said)
		       : REASON_SHOP_OFF;
}

static bool is_listed(const struct decide_input *input, const struct intent *intent)
{
	const struct shop_item *item = shop_item_find(&input->policy->day.shop,
						      intent_value(intent, "item", ""));

	return item && item->way == SHOP_LIST;
}

/* Worked out once here, so that what has no result is refused and not begun. */
static enum reason fill_sum(const struct decide_input *input, const struct slot *slot,
			    const struct entity *entity, struct action *action,
			    struct saying *said)
{
	const struct intent *intent = &input->understanding->intent;
	const struct slot *first = intent_slot(intent, "first");
	const struct slot *second = intent_slot(intent, "second");
	struct sum sum;

	(void)entity;
	if (!first || !second || !first->is_number || !second->is_number)
		return REASON_NO_MATCH;
	if (sum_make(first->number, slot->value, second->number, &sum)) {
		*said = saying_make(SAYING_REFUSED_SUM);
		return REASON_OUT_OF_RANGE;
	}
	return str_copy(action->mode, sizeof(action->mode), slot->value) &&
			       str_format(action->words, sizeof(action->words),
					  "%.2f %.2f", first->number, second->number)
		       ? REASON_NONE
		       : REASON_NO_MATCH;
}

/* Of which day, or of what; both as the sentences have them. */
static enum reason fill_calendar(const struct decide_input *input,
				 const struct slot *slot, const struct entity *entity,
				 struct action *action, struct saying *said)
{
	const struct intent *intent = &input->understanding->intent;

	(void)slot;
	(void)entity;
	(void)said;
	return str_copy(action->words, sizeof(action->words),
			intent_value(intent, "day", "today")) &&
			       str_copy(action->item, sizeof(action->item),
					intent_value(intent, "what", ""))
		       ? REASON_NONE
		       : REASON_OUT_OF_RANGE;
}

/* Without an amount: of one. */
static enum reason fill_units(const struct decide_input *input, const struct slot *slot,
			      const struct entity *entity, struct action *action,
			      struct saying *said)
{
	const struct intent *intent = &input->understanding->intent;
	const struct slot *amount = intent_slot(intent, "amount");
	const enum unit from = unit_from_text(intent_value(intent, "from", ""));
	const enum unit to = unit_from_text(slot->value);
	const double number = amount && amount->is_number ? amount->number : 1;
	struct sum sum;

	(void)entity;
	if (from == UNIT_COUNT || to == UNIT_COUNT)
		return REASON_NO_MATCH;
	if (unit_convert(number, from, to, &sum)) {
		*said = saying_make(SAYING_REFUSED_UNITS);
		return REASON_OUT_OF_RANGE;
	}
	return str_format(action->words, sizeof(action->words), "%.3f %s", number,
			  unit_form_key(unit_form(from, number))) &&
			       str_copy(action->item, sizeof(action->item), slot->value)
		       ? REASON_NONE
		       : REASON_NO_MATCH;
}

static enum reason fill_spelling(const struct decide_input *input,
				 const struct slot *slot, const struct entity *entity,
				 struct action *action, struct saying *said)
{
	char letters[TEXT_BYTES];

	(void)input;
	(void)entity;
	(void)said;
	if (!spelling_make(slot->value, letters, sizeof(letters)))
		return REASON_OUT_OF_RANGE;
	return str_copy(action->words, sizeof(action->words), slot->value)
		       ? REASON_NONE
		       : REASON_NO_MATCH;
}

/* For whom an announcement is; a place is a room that no list of ours holds. */
static enum reason fill_place(const struct decide_input *input, const struct slot *slot,
			      const struct entity *entity, struct action *action,
			      struct saying *said)
{
	const struct intent *intent = &input->understanding->intent;

	(void)slot;
	(void)entity;
	(void)said;
	if (intent_slot(intent, "place"))
		return REASON_NO_ROOM;
	return intercom_place(input, intent_value(intent, "area", ""), action);
}

static enum reason fill_words(const struct decide_input *input, const struct slot *slot,
			      const struct entity *entity, struct action *action,
			      struct saying *said)
{
	if (!str_copy(action->words, sizeof(action->words), slot->value))
		return REASON_OUT_OF_RANGE;
	return fill_place(input, slot, entity, action, said);
}

/* What was delivered is taken back on a device: what is said here does not reach it. */
static enum reason fill_recall(const struct decide_input *input, const struct slot *slot,
			       const struct entity *entity, struct action *action,
			       struct saying *said)
{
	(void)slot;
	(void)entity;
	(void)action;
	(void)said;
	return input->can_call_off ? REASON_NONE : REASON_NO_ACTION;
}

/* The room that was named, or this one, and what it may or may not. A room is known by the
 * policy: what the home calls an area and nobody added is none. */
static enum reason fill_room(const struct decide_input *input, const struct slot *slot,
			     const struct entity *entity, struct action *action,
			     struct saying *said)
{
	const char *named =
		intent_value(&input->understanding->intent, "area", input->room);
	const struct room_policy *room = policy_room(input->policy, named);

	(void)entity;
	(void)said;
	if (!room)
		return REASON_NO_DEVICE;
	return str_copy(action->entity, sizeof(action->entity), room->room.text) &&
			       str_copy(action->mode, sizeof(action->mode), slot->value)
		       ? REASON_NONE
		       : REASON_NO_MATCH;
}

/* Its lines are decided when it is their turn: this says no more than which it is. */
static enum reason fill_routine(const struct decide_input *input, const struct slot *slot,
				const struct entity *entity, struct action *action,
				struct saying *said)
{
	const struct routine *routine = arranged_routine(input->arranged, slot->value);

	(void)entity;
	(void)said;
	if (!routine)
		return REASON_NO_ACTION;
	return str_copy(action->entity, sizeof(action->entity), routine->name)
		       ? REASON_NONE
		       : REASON_NO_MATCH;
}

/* ---- music: its kind and name, and the rooms that were named ---- */

static enum reason add_music_room(const struct intent *intent, const char *slot,
				  struct action *action)
{
	const char *room = intent_value(intent, slot, "");

	if (room[0] == '\0' || str_append(action->words, sizeof(action->words), "%s%s",
					  action->words[0] ? "\n" : "", room))
		return REASON_NONE;
	return REASON_OUT_OF_RANGE;
}

static enum reason fill_music_rooms(const struct decide_input *input,
				    const struct slot *slot, const struct entity *entity,
				    struct action *action, struct saying *said)
{
	const struct intent *intent = &input->understanding->intent;
	enum reason reason = REASON_NONE;

	(void)slot;
	(void)entity;
	(void)said;
	if (intent_slot(intent, "where"))
		return str_copy(action->words, sizeof(action->words), "*")
			       ? REASON_NONE
			       : REASON_OUT_OF_RANGE;
	reason = add_music_room(intent, "area", action);
	return reason != REASON_NONE ? reason
				     : add_music_room(intent, "also_area", action);
}

/* A name by which no player could find anything is no music. */
static enum reason fill_music(const struct decide_input *input, const struct slot *slot,
			      const struct entity *entity, struct action *action,
			      struct saying *said)
{
	const char *kind = str_equal(slot->name, "search_query")
				   ? music_kind_text(MUSIC_SEARCH)
				   : slot->name;

	if (!str_copy(action->mode, sizeof(action->mode), kind) ||
	    !music_name_take(action->item, sizeof(action->item), slot->value))
		return REASON_NO_MUSIC;
	return fill_music_rooms(input, slot, entity, action, said);
}

static enum reason fill_music_percent(const struct decide_input *input,
				      const struct slot *slot,
				      const struct entity *entity, struct action *action,
				      struct saying *said)
{
	if (input->music_percent < 0)
		return REASON_DEVICE_CANNOT;
	return fill_percent(input, slot, entity, action, said);
}

static enum reason fill_music_step(const struct decide_input *input,
				   const struct slot *slot, const struct entity *entity,
				   struct action *action, struct saying *said)
{
	(void)entity;
	(void)said;
	if (input->music_percent < 0)
		return REASON_DEVICE_CANNOT;
	action->percent = clamp_percent(input->music_percent + slot->number);
	return REASON_NONE;
}

/* Only those of one contact: not yet told apart. */
static enum reason fill_not_of_one(const struct decide_input *input,
				   const struct slot *slot, const struct entity *entity,
				   struct action *action, struct saying *said)
{
	(void)input;
	(void)slot;
	(void)entity;
	(void)action;
	(void)said;
	return REASON_NO_ACTION;
}

/* A skill that an owner approved, its intent and its slots; nothing else of what was said. */
static enum reason fill_skill(const struct decide_input *input, const struct slot *slot,
			      const struct entity *entity, struct action *action,
			      struct saying *said)
{
	const struct intent *intent = &input->understanding->intent;
	struct skill_ask ask;

	(void)slot;
	(void)entity;
	(void)said;
	if (!skill_ask_read(intent->name, &ask) ||
	    !day_skill(&input->policy->day, ask.skill))
		return REASON_NO_ACTION;
	return str_copy(action->entity, sizeof(action->entity), ask.skill) &&
			       str_copy(action->item, sizeof(action->item), ask.intent) &&
			       str_copy(action->mode, sizeof(action->mode),
					ask.has_effect ? "effect" : "") &&
			       skill_slots(intent, action->words, sizeof(action->words))
		       ? REASON_NONE
		       : REASON_OUT_OF_RANGE;
}

static const struct plan_row SKILL_ROW = {"", NULL,      ACTION_SKILL, ENTITY_UNKNOWN,
					  0,  fill_skill};

static const struct plan_row LISTED_ROW = {
	"", NULL, ACTION_LIST_ADD, ENTITY_UNKNOWN, 0, fill_listed};

/* The first row that fits holds, so rows that need a slot come before those that do not. */
static const struct plan_row ROWS[] = {
	{"BehestAllow", "capability", ACTION_ROOM_ALLOW, ENTITY_UNKNOWN, 0, fill_room},
	{"BehestAnnounce", NULL, ACTION_ANNOUNCE, ENTITY_UNKNOWN, 0, fill_place},
	{"BehestArm", "mode", ACTION_ARM_ALARM, ENTITY_ALARM, 0, fill_mode},
	{"BehestArm", NULL, ACTION_ARM_ALARM, ENTITY_ALARM, 0, NULL},
	{"BehestCancelAlarm", NULL, ACTION_WAKE_CANCEL, ENTITY_UNKNOWN, 0,
	 book_fill_of_alarm},
	{"BehestCancelReminder", NULL, ACTION_REMIND_CANCEL, ENTITY_UNKNOWN, 0,
	 book_fill_of_reminder},
	{"BehestClearShoppingList", NULL, ACTION_LIST_CLEAR, ENTITY_UNKNOWN, 0,
	 book_fill_list},
	{"BehestClose", NULL, ACTION_CLOSE_COVER, ENTITY_COVER, 0, NULL},
	{"BehestConvert", "to", ACTION_TELL_UNITS, ENTITY_UNKNOWN, 0, fill_units},
	{"BehestDeleteRecordings", "period", ACTION_RECORD_ERASE, ENTITY_UNKNOWN, 0,
	 fill_mode},
	{"BehestDeleteRecordings", NULL, ACTION_RECORD_ERASE, ENTITY_UNKNOWN, 0,
	 fill_everything},
	{"BehestDisarm", NULL, ACTION_DISARM_ALARM, ENTITY_ALARM, 0, NULL},
	{"BehestForbid", "capability", ACTION_ROOM_FORBID, ENTITY_UNKNOWN, 0, fill_room},
	{"BehestGetCalendar", NULL, ACTION_TELL_CALENDAR, ENTITY_UNKNOWN, 0,
	 fill_calendar},
	{"BehestGetAlarms", NULL, ACTION_WAKE_TELL, ENTITY_UNKNOWN, 0,
	 book_fill_of_alarms},
	{"BehestGetReminders", NULL, ACTION_REMIND_TELL, ENTITY_UNKNOWN, 0,
	 book_fill_of_reminders},
	{"BehestGetShoppingList", "item", ACTION_LIST_TELL, ENTITY_UNKNOWN, 0,
	 book_fill_of_list},
	{"BehestGetShoppingList", NULL, ACTION_LIST_TELL, ENTITY_UNKNOWN, 0,
	 book_fill_list},
	{"BehestLock", NULL, ACTION_LOCK, ENTITY_LOCK, 0, NULL},
	{"BehestMusicVolume", "volume_level", ACTION_MUSIC_VOLUME, ENTITY_UNKNOWN, 0,
	 fill_music_percent},
	{"BehestMusicVolume", "volume_step", ACTION_MUSIC_VOLUME, ENTITY_UNKNOWN, 0,
	 fill_music_step},
	{"BehestOpen", NULL, ACTION_OPEN_COVER, ENTITY_COVER, 0, NULL},
	{"BehestOrder", "item", ACTION_ORDER, ENTITY_UNKNOWN, 0, fill_order},
	{"BehestPlayMessages", "contact", ACTION_PLAY_MESSAGES, ENTITY_UNKNOWN, 0,
	 fill_not_of_one},
	{"BehestPlayMessages", NULL, ACTION_PLAY_MESSAGES, ENTITY_UNKNOWN, 0, NULL},
	{"BehestPlayMusic", "album", ACTION_MUSIC_PLAY, ENTITY_UNKNOWN, 0, fill_music},
	{"BehestPlayMusic", "artist", ACTION_MUSIC_PLAY, ENTITY_UNKNOWN, 0, fill_music},
	{"BehestPlayMusic", "genre", ACTION_MUSIC_PLAY, ENTITY_UNKNOWN, 0, fill_music},
	{"BehestPlayMusic", "playlist", ACTION_MUSIC_PLAY, ENTITY_UNKNOWN, 0, fill_music},
	{"BehestPlayMusic", "station", ACTION_MUSIC_PLAY, ENTITY_UNKNOWN, 0, fill_music},
	{"BehestPlayMusic", NULL, ACTION_MUSIC_PLAY, ENTITY_UNKNOWN, 0, fill_music_rooms},
	{"BehestPress", NULL, ACTION_PRESS, ENTITY_BUTTON, 0, NULL},
	{"BehestRecallMessage", NULL, ACTION_STOP, ENTITY_UNKNOWN, 0, fill_recall},
	{"BehestRestoreList", NULL, ACTION_LIST_RESTORE, ENTITY_UNKNOWN, 0,
	 book_fill_list},
	{"BehestRunRoutine", "routine", ACTION_RUN_ROUTINE, ENTITY_UNKNOWN, 0,
	 fill_routine},
	{"BehestSendMessage", NULL, ACTION_SEND_MESSAGE, ENTITY_UNKNOWN, 0, NULL},
	{"BehestSetMode", "mode", ACTION_SET_MODE, ENTITY_CLIMATE, ENTITY_CAN_MODE,
	 fill_mode},
	{"BehestSetAlarm", NULL, ACTION_WAKE_SET, ENTITY_UNKNOWN, 0, book_fill_alarm},
	{"BehestSetReminder", NULL, ACTION_REMIND_SET, ENTITY_UNKNOWN, 0,
	 book_fill_reminder},
	{"BehestSpell", "word", ACTION_TELL_SPELLING, ENTITY_UNKNOWN, 0, fill_spelling},
	{"BehestSum", "operation", ACTION_TELL_SUM, ENTITY_UNKNOWN, 0, fill_sum},
	{"BehestUnlock", NULL, ACTION_UNLOCK, ENTITY_LOCK, 0, NULL},
	{"BehestWhatCanISay", NULL, ACTION_TELL_EXAMPLES, ENTITY_UNKNOWN, 0, NULL},
	{"BehestWhatHeard", NULL, ACTION_TELL_HEARD, ENTITY_UNKNOWN, 0, NULL},
	{"BehestWhatPlays", NULL, ACTION_TELL_PLAYING, ENTITY_UNKNOWN, 0, NULL},
	{"BehestWhy", NULL, ACTION_TELL_WHY, ENTITY_UNKNOWN, 0, NULL},
	{"HassBroadcast", "message", ACTION_ANNOUNCE, ENTITY_UNKNOWN, 0, fill_words},
	{"HassCancelAllTimers", NULL, ACTION_TIMER_CANCEL, ENTITY_UNKNOWN, 0,
	 book_fill_of_timer},
	{"HassCancelTimer", NULL, ACTION_TIMER_CANCEL, ENTITY_UNKNOWN, 0,
	 book_fill_of_timer},
	{"HassClimateGetTemperature", "entity", ACTION_TELL_HEAT, ENTITY_CLIMATE, 0,
	 NULL},
	{"HassClimateGetTemperature", NULL, ACTION_TELL_SURVEY, ENTITY_UNKNOWN, 0, NULL},
	{"HassClimateSetTemperature", "temperature", ACTION_SET_HEAT, ENTITY_CLIMATE,
	 ENTITY_CAN_SET_HEAT, fill_celsius},
	{"HassClimateSetTemperature", "temperature_step", ACTION_SET_HEAT, ENTITY_CLIMATE,
	 ENTITY_CAN_SET_HEAT, fill_celsius_step},
	{"HassFanSetSpeed", "percentage", ACTION_SET_SPEED, ENTITY_FAN, ENTITY_CAN_SPEED,
	 fill_percent},
	{"HassDecreaseTimer", NULL, ACTION_TIMER_ADD, ENTITY_UNKNOWN, 0, book_fill_fewer},
	{"HassGetCurrentDate", "day", ACTION_TELL_DATE, ENTITY_UNKNOWN, 0,
	 fill_elsewhere},
	{"HassGetCurrentDate", "what", ACTION_TELL_DATE, ENTITY_UNKNOWN, 0,
	 fill_elsewhere},
	{"HassGetCurrentDate", NULL, ACTION_TELL_DATE, ENTITY_UNKNOWN, 0, NULL},
	{"HassGetCurrentTime", "place", ACTION_TELL_TIME, ENTITY_UNKNOWN, 0,
	 fill_elsewhere},
	{"HassGetCurrentTime", NULL, ACTION_TELL_TIME, ENTITY_UNKNOWN, 0, NULL},
	{"HassGetState", "about", ACTION_TELL_SURVEY, ENTITY_UNKNOWN, 0, NULL},
	{"HassGetState", NULL, ACTION_TELL_STATE, ENTITY_LIGHT, 0, NULL},
	{"HassHumidifierSetpoint", "humidity", ACTION_SET_HUMIDITY, ENTITY_HUMIDIFIER,
	 ENTITY_CAN_HUMIDITY, fill_humidity},
	{"HassIncreaseTimer", NULL, ACTION_TIMER_ADD, ENTITY_UNKNOWN, 0, book_fill_more},
	{"HassGetWeather", "place", ACTION_TELL_WEATHER, ENTITY_UNKNOWN, 0,
	 fill_weather_elsewhere},
	{"HassGetWeather", NULL, ACTION_TELL_WEATHER, ENTITY_UNKNOWN, 0, fill_weather},
	{"HassLightSet", "brightness", ACTION_LIGHT_DIM, ENTITY_LIGHT, ENTITY_CAN_DIM,
	 fill_percent},
	{"HassLightSet", "brightness_step", ACTION_LIGHT_DIM, ENTITY_LIGHT,
	 ENTITY_CAN_DIM, fill_brightness_step},
	{"HassLightSet", "color", ACTION_LIGHT_COLOUR, ENTITY_LIGHT, ENTITY_CAN_SWITCH,
	 fill_colour},
	{"HassMediaNext", NULL, ACTION_MUSIC_NEXT, ENTITY_UNKNOWN, 0, NULL},
	{"HassMediaPause", NULL, ACTION_MUSIC_PAUSE, ENTITY_UNKNOWN, 0, fill_music_rooms},
	{"HassMediaPrevious", NULL, ACTION_MUSIC_PREVIOUS, ENTITY_UNKNOWN, 0, NULL},
	{"HassMediaSearchAndPlay", "search_query", ACTION_MUSIC_PLAY, ENTITY_UNKNOWN, 0,
	 fill_music},
	{"HassMediaSearchAndPlay", NULL, ACTION_MUSIC_PLAY, ENTITY_UNKNOWN, 0,
	 fill_music_rooms},
	{"HassMediaUnpause", NULL, ACTION_MUSIC_RESUME, ENTITY_UNKNOWN, 0,
	 fill_music_rooms},
	{"HassNevermind", NULL, ACTION_STOP, ENTITY_UNKNOWN, 0, NULL},
	{"HassPauseTimer", NULL, ACTION_TIMER_PAUSE, ENTITY_UNKNOWN, 0,
	 book_fill_of_timer},
	{"HassSetPosition", "position", ACTION_SET_POSITION, ENTITY_COVER,
	 ENTITY_CAN_POSITION, fill_percent},
	{"HassSetPosition", "tilt", ACTION_SET_TILT, ENTITY_COVER, ENTITY_CAN_TILT,
	 fill_percent},
	{"HassSetVolume", "volume_level", ACTION_SET_VOLUME, ENTITY_UNKNOWN, 0,
	 fill_percent},
	{"HassSetVolumeRelative", "volume_step", ACTION_SET_VOLUME, ENTITY_UNKNOWN, 0,
	 fill_volume_step},
	{"HassStopMoving", NULL, ACTION_STOP_COVER, ENTITY_COVER, 0, NULL},
	{"HassTurnOff", NULL, ACTION_TURN_OFF, ENTITY_LIGHT, ENTITY_CAN_SWITCH, NULL},
	{"HassTurnOn", NULL, ACTION_TURN_ON, ENTITY_LIGHT, ENTITY_CAN_SWITCH, NULL},
	{"HassVacuumReturnToBase", NULL, ACTION_VACUUM_DOCK, ENTITY_VACUUM, 0, NULL},
	{"HassVacuumStart", NULL, ACTION_VACUUM_START, ENTITY_VACUUM, 0, NULL},
	{"HassShoppingListAddItem", "item", ACTION_LIST_ADD, ENTITY_UNKNOWN, 0,
	 book_fill_of_list},
	{"HassShoppingListCompleteItem", "item", ACTION_LIST_TICK, ENTITY_UNKNOWN, 0,
	 book_fill_of_list},
	{"HassStartTimer", NULL, ACTION_TIMER_SET, ENTITY_UNKNOWN, 0, book_fill_timer},
	{"HassTimerStatus", NULL, ACTION_TIMER_TELL, ENTITY_UNKNOWN, 0,
	 book_fill_of_timers},
	{"HassUnpauseTimer", NULL, ACTION_TIMER_RESUME, ENTITY_UNKNOWN, 0,
	 book_fill_of_timer},
};

static const struct plan_row *plan_find_row(const struct decide_input *input,
					    const struct intent *intent)
{
	if (skill_ask_is(intent->name))
		return &SKILL_ROW;
	if (str_equal(intent->name, "BehestOrder") && is_listed(input, intent))
		return &LISTED_ROW;
	for (size_t i = 0; i < STR_COUNT(ROWS); i++)
		if (str_equal(ROWS[i].intent, intent->name) &&
		    (!ROWS[i].slot || intent_slot(intent, ROWS[i].slot)))
			return &ROWS[i];
	return NULL;
}

/* An owner knows what hangs on a switch. A siren, a valve or a script stays what it is. */
static bool marked_harmless(const struct policy *policy, const struct entity *entity)
{
	if (entity->domain != ENTITY_SWITCH && entity->domain != ENTITY_INPUT_BOOLEAN)
		return false;
	for (size_t i = 0; i < policy->harmless_count; i++)
		if (str_equal(policy->harmless[i], entity->id))
			return true;
	return false;
}

/* Openings that let somebody in. */
static bool is_entrance(const struct entity *entity)
{
	static const char *const CLASSES[] = {"door", "garage", "gate", "window"};

	if (entity->domain != ENTITY_COVER)
		return false;
	for (size_t i = 0; i < STR_COUNT(CLASSES); i++)
		if (str_equal(entity->device_class, CLASSES[i]))
			return true;
	return false;
}

/* A row's class holds for devices whose effect its action fixes. What only switches or
 * moves "something" is as dangerous as the thing is unknown. */
static enum action_class plan_class(const struct decide_input *input,
				    enum action_kind kind, const struct entity *entity)
{
	enum action_class class_of = action_class(kind);

	if (class_of != CLASS_B || kind == ACTION_LOCK || kind == ACTION_ARM_ALARM)
		return class_of;
	if (is_entrance(entity))
		return kind == ACTION_CLOSE_COVER ? CLASS_B : CLASS_C;
	if (entity_domain_harmless(entity->domain) ||
	    marked_harmless(input->policy, entity))
		return CLASS_B;
	return CLASS_C;
}

/* Adds the action on one device, or says why it cannot be. */
static enum reason plan_add(const struct decide_input *input, const struct plan_row *row,
			    const struct slot *slot, const struct entity *entity,
			    struct plan *plan)
{
	struct action action = {.kind = row->kind};
	bool commands = action_class(row->kind) != CLASS_A;

	(void)str_copy(action.room, sizeof(action.room), input->room);
	(void)str_copy(action.entity, sizeof(action.entity), entity->id);
	if (commands && entity->read_only)
		return REASON_READ_ONLY;
	if ((entity->features & row->features) != row->features)
		return REASON_DEVICE_CANNOT;
	if (row->fill) {
		enum reason reason = row->fill(input, slot, entity, &action, &plan->said);
		if (reason != REASON_NONE)
			return reason;
	}
	enum action_class class_of = plan_class(input, row->kind, entity);
	if (class_of > plan->class_of)
		plan->class_of = class_of;
	plan->classes[plan->action_count] = class_of;
	plan->actions[plan->action_count++] = action;
	return REASON_NONE;
}

/* What may only be read, or is gone, is named; what a thing cannot do, nobody expects of
 * it. */
static void plan_leave(const char *entity, enum reason reason, struct plan *plan)
{
	if (reason != REASON_READ_ONLY && reason != REASON_NO_DEVICE)
		return;
	if (plan->left_count == DECISION_LEFT_MAX)
		return;
	struct decision_left *left = &plan->left[plan->left_count++];
	left->reason = reason;
	(void)str_copy(left->entity, sizeof(left->entity), entity);
}

/* Of several devices, those that cannot do it are left out; of one, it is the answer. */
static enum reason plan_add_all(const struct decide_input *input,
				const struct plan_row *row, const struct slot *slot,
				const struct targets *targets, struct plan *plan)
{
	enum reason first = REASON_NONE;

	for (size_t i = 0; i < targets->count; i++) {
		enum reason reason =
			plan_add(input, row, slot, targets->entities[i], plan);
		if (first == REASON_NONE)
			first = reason;
		plan_leave(targets->entities[i]->id, reason, plan);
	}
	for (size_t i = 0; i < targets->gone_count; i++)
		plan_leave(targets->gone[i], REASON_NO_DEVICE, plan);
	return plan->action_count > 0 ? REASON_NONE : first;
}

static enum reason plan_room(const struct decide_input *input, const struct plan_row *row,
			     const struct slot *slot, struct plan *plan)
{
	struct action *action = &plan->actions[0];

	*action = (struct action){.kind = row->kind};
	(void)str_copy(action->room, sizeof(action->room), input->room);
	if (row->kind == ACTION_TELL_SURVEY) {
		enum reason reason = survey_answer(input, plan);
		if (reason != REASON_NONE)
			return reason;
	}
	if (row->fill) {
		enum reason reason = row->fill(input, slot, NULL, action, &plan->said);
		if (reason != REASON_NONE)
			return reason;
	}
	plan->classes[0] = plan->class_of;
	plan->action_count = 1;
	if (action->book.is_all && action_class(row->kind) != CLASS_A)
		return book_plan_all(input, plan);
	return REASON_NONE;
}

static bool is_switching(enum action_kind kind)
{
	return kind == ACTION_TURN_ON || kind == ACTION_TURN_OFF;
}

enum reason plan_make(const struct decide_input *input, struct plan *out_plan)
{
	const struct intent *intent = &input->understanding->intent;
	const struct plan_row *row = plan_find_row(input, intent);
	struct targets targets;

	out_plan->action_count = 0;
	out_plan->left_count = 0;
	out_plan->said = saying_make(SAYING_NONE);
	out_plan->adds = saying_make(SAYING_NONE);
	out_plan->class_of = CLASS_A;
	if (!row)
		return REASON_NO_ACTION;
	out_plan->kind = row->kind;
	out_plan->class_of = action_class(row->kind);
	const struct slot *slot = row->slot ? intent_slot(intent, row->slot) : NULL;
	if (row->domain == ENTITY_UNKNOWN)
		return plan_room(input, row, slot, out_plan);
	enum reason reason = target_find(input, row->domain, is_switching(row->kind),
					 &targets, &out_plan->said);
	if (reason != REASON_NONE)
		return reason;
	return plan_add_all(input, row, slot, &targets, out_plan);
}
