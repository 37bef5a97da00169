/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan - one row per intent: which action it is, on what, and who fills in its values.
 *
 * Adding something the house can do is a row here, a row in domain/actions.def and a
 * function in act/. Every value is held against its limits (fill.c, book.c) before
 * anything is permitted.
 */
#include "decide/plan.h"

#include "base/str.h"
#include "decide/book.h"
#include "decide/fill.h"
#include "decide/survey.h"
#include "decide/target.h"
#include "domain/shop.h"
#include "domain/skill.h"

struct plan_row {
	const char *intent;
	const char *slot; /* the row holds only with this slot; NULL: always */
	enum action_kind kind;
	enum entity_domain domain; /* UNKNOWN: the room itself, no device */
	unsigned features;         /* enum entity_feature the device needs */
	fill_fn *fill;             /* one of these, or both NULL: nothing to fill */
	book_fill *book;
};

#define DEVICE(intent, slot, kind, domain, features, fill)                         \
	{                                                                          \
		intent, slot, ACTION_##kind, ENTITY_##domain, features, fill, NULL \
	}
#define ROOM(intent, slot, kind, fill)                                     \
	{                                                                  \
		intent, slot, ACTION_##kind, ENTITY_UNKNOWN, 0, fill, NULL \
	}
#define BOOK(intent, slot, kind, fill)                                                 \
	{                                                                              \
		intent, slot, ACTION_##kind, ENTITY_UNKNOWN, 0, NULL, book_fill_##fill \
	}

static const struct plan_row SKILL_ROW = ROOM("", NULL, SKILL, fill_skill);
static const struct plan_row LISTED_ROW = ROOM("", NULL, LIST_ADD, fill_listed);

/* The first row that fits holds, so rows that need a slot come before those that do not. */
static const struct plan_row ROWS[] = {
	ROOM("BehestAllow", "capability", ROOM_ALLOW, fill_room),
	ROOM("BehestAnnounce", NULL, ANNOUNCE, fill_place),
	DEVICE("BehestArm", "mode", ARM_ALARM, ALARM, 0, fill_mode),
	DEVICE("BehestArm", NULL, ARM_ALARM, ALARM, 0, NULL),
	BOOK("BehestCancelAlarm", NULL, WAKE_CANCEL, of_alarm),
	BOOK("BehestCancelReminder", NULL, REMIND_CANCEL, of_reminder),
	BOOK("BehestClearShoppingList", NULL, LIST_CLEAR, list),
	DEVICE("BehestClose", NULL, CLOSE_COVER, COVER, 0, NULL),
	ROOM("BehestConvert", "to", TELL_UNITS, fill_units),
	ROOM("BehestDeleteRecordings", "period", RECORD_ERASE, fill_mode),
	ROOM("BehestDeleteRecordings", NULL, RECORD_ERASE, fill_everything),
	DEVICE("BehestDisarm", NULL, DISARM_ALARM, ALARM, 0, NULL),
	ROOM("BehestForbid", "capability", ROOM_FORBID, fill_room),
	ROOM("BehestGetCalendar", NULL, TELL_CALENDAR, fill_calendar),
	BOOK("BehestGetAlarms", NULL, WAKE_TELL, of_alarms),
	BOOK("BehestGetReminders", NULL, REMIND_TELL, of_reminders),
	BOOK("BehestGetShoppingList", "item", LIST_TELL, of_list),
	BOOK("BehestGetShoppingList", NULL, LIST_TELL, list),
	DEVICE("BehestLock", NULL, LOCK, LOCK, 0, NULL),
	ROOM("BehestMusicVolume", "volume_level", MUSIC_VOLUME, fill_music_percent),
	ROOM("BehestMusicVolume", "volume_step", MUSIC_VOLUME, fill_music_step),
	DEVICE("BehestOpen", NULL, OPEN_COVER, COVER, 0, NULL),
	ROOM("BehestOrder", "item", ORDER, fill_order),
	ROOM("BehestPlayMessages", "contact", PLAY_MESSAGES, fill_not_of_one),
	ROOM("BehestPlayMessages", NULL, PLAY_MESSAGES, NULL),
	ROOM("BehestPlayMusic", "album", MUSIC_PLAY, fill_music),
	ROOM("BehestPlayMusic", "artist", MUSIC_PLAY, fill_music),
	ROOM("BehestPlayMusic", "genre", MUSIC_PLAY, fill_music),
	ROOM("BehestPlayMusic", "playlist", MUSIC_PLAY, fill_music),
	ROOM("BehestPlayMusic", "station", MUSIC_PLAY, fill_music),
	ROOM("BehestPlayMusic", NULL, MUSIC_PLAY, fill_music_rooms),
	DEVICE("BehestPress", NULL, PRESS, BUTTON, 0, NULL),
	ROOM("BehestRecallMessage", NULL, STOP, fill_recall),
	BOOK("BehestRestoreList", NULL, LIST_RESTORE, list),
	ROOM("BehestRunRoutine", "routine", RUN_ROUTINE, fill_routine),
	ROOM("BehestSendMessage", NULL, SEND_MESSAGE, NULL),
	DEVICE("BehestSetMode", "mode", SET_MODE, CLIMATE, ENTITY_CAN_MODE, fill_mode),
	BOOK("BehestSetAlarm", NULL, WAKE_SET, alarm),
	BOOK("BehestSetReminder", NULL, REMIND_SET, reminder),
	ROOM("BehestSpell", "word", TELL_SPELLING, fill_spelling),
	ROOM("BehestSum", "operation", TELL_SUM, fill_sum),
	DEVICE("BehestUnlock", NULL, UNLOCK, LOCK, 0, NULL),
	ROOM("BehestWhatCanISay", NULL, TELL_EXAMPLES, NULL),
	ROOM("BehestWhatHeard", NULL, TELL_HEARD, NULL),
	ROOM("BehestWhatPlays", NULL, TELL_PLAYING, NULL),
	ROOM("BehestWhy", NULL, TELL_WHY, NULL),
	ROOM("HassBroadcast", "message", ANNOUNCE, fill_words),
	BOOK("HassCancelAllTimers", NULL, TIMER_CANCEL, of_timer),
	BOOK("HassCancelTimer", NULL, TIMER_CANCEL, of_timer),
	DEVICE("HassClimateGetTemperature", "entity", TELL_HEAT, CLIMATE, 0, NULL),
	ROOM("HassClimateGetTemperature", NULL, TELL_SURVEY, NULL),
	DEVICE("HassClimateSetTemperature", "temperature", SET_HEAT, CLIMATE,
	       ENTITY_CAN_SET_HEAT, fill_celsius),
	DEVICE("HassClimateSetTemperature", "temperature_step", SET_HEAT, CLIMATE,
	       ENTITY_CAN_SET_HEAT, fill_celsius_step),
	DEVICE("HassFanSetSpeed", "percentage", SET_SPEED, FAN, ENTITY_CAN_SPEED,
	       fill_percent),
	BOOK("HassDecreaseTimer", NULL, TIMER_ADD, fewer),
	ROOM("HassGetCurrentDate", "day", TELL_DATE, fill_elsewhere),
	ROOM("HassGetCurrentDate", "what", TELL_DATE, fill_elsewhere),
	ROOM("HassGetCurrentDate", NULL, TELL_DATE, NULL),
	ROOM("HassGetCurrentTime", "place", TELL_TIME, fill_elsewhere),
	ROOM("HassGetCurrentTime", NULL, TELL_TIME, NULL),
	ROOM("HassGetState", "about", TELL_SURVEY, NULL),
	DEVICE("HassGetState", NULL, TELL_STATE, LIGHT, 0, NULL),
	DEVICE("HassHumidifierSetpoint", "humidity", SET_HUMIDITY, HUMIDIFIER,
	       ENTITY_CAN_HUMIDITY, fill_humidity),
	BOOK("HassIncreaseTimer", NULL, TIMER_ADD, more),
	ROOM("HassGetWeather", "place", TELL_WEATHER, fill_weather_elsewhere),
	ROOM("HassGetWeather", NULL, TELL_WEATHER, fill_weather),
	DEVICE("HassLightSet", "brightness", LIGHT_DIM, LIGHT, ENTITY_CAN_DIM,
	       fill_percent),
	DEVICE("HassLightSet", "brightness_step", LIGHT_DIM, LIGHT, ENTITY_CAN_DIM,
	       fill_brightness_step),
	DEVICE("HassLightSet", "color", LIGHT_COLOUR, LIGHT, ENTITY_CAN_SWITCH,
	       fill_colour),
	ROOM("HassMediaNext", NULL, MUSIC_NEXT, NULL),
	ROOM("HassMediaPause", NULL, MUSIC_PAUSE, fill_music_rooms),
	ROOM("HassMediaPrevious", NULL, MUSIC_PREVIOUS, NULL),
	ROOM("HassMediaSearchAndPlay", "search_query", MUSIC_PLAY, fill_music),
	ROOM("HassMediaSearchAndPlay", NULL, MUSIC_PLAY, fill_music_rooms),
	ROOM("HassMediaUnpause", NULL, MUSIC_RESUME, fill_music_rooms),
	ROOM("HassNevermind", NULL, STOP, NULL),
	BOOK("HassPauseTimer", NULL, TIMER_PAUSE, of_timer),
	DEVICE("HassSetPosition", "position", SET_POSITION, COVER, ENTITY_CAN_POSITION,
	       fill_percent),
	DEVICE("HassSetPosition", "tilt", SET_TILT, COVER, ENTITY_CAN_TILT, fill_percent),
	ROOM("HassSetVolume", "volume_level", SET_VOLUME, fill_percent),
	ROOM("HassSetVolumeRelative", "volume_step", SET_VOLUME, fill_volume_step),
	DEVICE("HassStopMoving", NULL, STOP_COVER, COVER, 0, NULL),
	DEVICE("HassTurnOff", NULL, TURN_OFF, LIGHT, ENTITY_CAN_SWITCH, NULL),
	DEVICE("HassTurnOn", NULL, TURN_ON, LIGHT, ENTITY_CAN_SWITCH, NULL),
	DEVICE("HassVacuumReturnToBase", NULL, VACUUM_DOCK, VACUUM, 0, NULL),
	DEVICE("HassVacuumStart", NULL, VACUUM_START, VACUUM, 0, NULL),
	BOOK("HassShoppingListAddItem", "item", LIST_ADD, of_list),
	BOOK("HassShoppingListCompleteItem", "item", LIST_TICK, of_list),
	BOOK("HassStartTimer", NULL, TIMER_SET, timer),
	BOOK("HassTimerStatus", NULL, TIMER_TELL, of_timers),
	BOOK("HassUnpauseTimer", NULL, TIMER_RESUME, of_timer),
};

static bool is_listed(const struct decide_input *input, const struct intent *intent)
{
	const struct shop_item *item = shop_item_find(&input->policy->day.shop,
						      intent_value(intent, "item", ""));

	return item && item->way == SHOP_LIST;
}

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

static enum reason row_fill(const struct plan_row *row, const struct fill *fill)
{
	if (row->book)
		return row->book(fill->input, fill->slot, fill->entity, fill->action,
				 fill->said);
	return row->fill ? row->fill(fill) : REASON_NONE;
}

/* Adds the action on one device, or says why it cannot be. */
static enum reason plan_add(const struct decide_input *input, const struct plan_row *row,
			    const struct slot *slot, const struct entity *entity,
			    struct plan *plan)
{
	struct action action = {.kind = row->kind};
	const struct fill fill = {input, slot, entity, &action, &plan->said};
	bool commands = action_class(row->kind) != CLASS_A;

	(void)str_copy(action.room, sizeof(action.room), input->room);
	(void)str_copy(action.entity, sizeof(action.entity), entity->id);
	if (commands && entity->read_only)
		return REASON_READ_ONLY;
	if ((entity->features & row->features) != row->features)
		return REASON_DEVICE_CANNOT;
	const enum reason reason = row_fill(row, &fill);
	if (reason != REASON_NONE)
		return reason;
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
	const struct fill fill = {input, slot, NULL, action, &plan->said};
	enum reason reason = REASON_NONE;

	*action = (struct action){.kind = row->kind};
	(void)str_copy(action->room, sizeof(action->room), input->room);
	if (row->kind == ACTION_TELL_SURVEY)
		reason = survey_answer(input, plan);
	if (reason == REASON_NONE)
		reason = row_fill(row, &fill);
	if (reason != REASON_NONE)
		return reason;
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
