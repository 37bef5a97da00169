/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fill - one function for each way in which the words' values become an action's: taken as
 * they are, worked out, or held against a limit. Steps become absolute here.
 *
 * Does not know which intent calls it (plan.c), nor what the action may be.
 */
#include "decide/fill.h"

#include <math.h>

#include "base/str.h"
#include "decide/book.h"
#include "decide/intercom.h"
#include "domain/music.h"
#include "domain/shop.h"
#include "domain/skill.h"
#include "domain/spelling.h"
#include "domain/sums.h"
#include "domain/units.h"

/* Into a text of the action; false: it is too long. */
#define PUT(field, text) str_copy(fill->action->field, sizeof(fill->action->field), text)

static const int BRIGHTNESS_UNKNOWN =
	50; /* where a step starts from when nothing is known */
static const double CELSIUS_UNKNOWN = 20;

static int clamp_percent(double percent)
{
	if (percent < 0)
		return 0;
	return percent > 100 ? 100 : (int)lround(percent);
}

enum reason fill_percent(const struct fill *fill)
{
	if (!fill->slot->is_number || fill->slot->number < 0 ||
	    fill->slot->number > 100) {
		*fill->said = saying_make(SAYING_REFUSED_PERCENT);
		return REASON_OUT_OF_RANGE;
	}
	fill->action->percent = clamp_percent(fill->slot->number);
	return REASON_NONE;
}

enum reason fill_brightness_step(const struct fill *fill)
{
	int from = fill->entity->state.known && !fill->entity->state.on
			   ? 0
			   : fill->entity->state.brightness_percent;

	if (from < 0)
		from = BRIGHTNESS_UNKNOWN;
	fill->action->percent = clamp_percent(from + fill->slot->number);
	return REASON_NONE;
}

enum reason fill_volume_step(const struct fill *fill)
{
	fill->action->percent =
		clamp_percent(fill->input->volume_percent + fill->slot->number);
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
enum reason fill_colour(const struct fill *fill)
{
	const bool can = fill->entity->features & ENTITY_CAN_COLOUR ||
			 (fill->entity->features & ENTITY_CAN_WHITE &&
			  is_white(fill->slot->value));

	if (!can)
		return REASON_DEVICE_CANNOT;
	return PUT(colour, fill->slot->value) ? REASON_NONE : REASON_NO_MATCH;
}

/* Inside of what it may be, in the tenths in which it is told. */
static double tenth_below(double value)
{
	return floor(value * 10.0 + 1e-6) / 10.0;
}

/* As near to what was asked for as the owner's limits and the device's let it; that it is
 * not what was asked for is told (turn/outcome.c). Between limits that leave nothing there
 * is nothing near. */
static enum reason set_celsius(const struct fill *fill, double celsius)
{
	const double smallest = 0.0 - tenth_below(-fmax(fill->input->policy->celsius_min,
							fill->entity->celsius_min));
	const double largest = tenth_below(
		fmin(fill->input->policy->celsius_max, fill->entity->celsius_max));

	if (isnan(celsius) || !(smallest <= largest)) {
		*fill->said = saying_make(SAYING_REFUSED_HEAT);
		saying_set_number(fill->said, SLOT_SMALLEST, smallest);
		saying_set_number(fill->said, SLOT_LARGEST, largest);
		return REASON_OUT_OF_RANGE;
	}
	fill->action->celsius = fmin(fmax(celsius, smallest), largest);
	fill->action->is_limited = celsius < smallest || celsius > largest;
	return REASON_NONE;
}

enum reason fill_celsius(const struct fill *fill)
{
	return set_celsius(fill, fill->slot->is_number ? fill->slot->number : NAN);
}

enum reason fill_celsius_step(const struct fill *fill)
{
	double from = fill->entity->state.target_celsius;

	if (isnan(from))
		from = fill->entity->state.measured_celsius;
	if (isnan(from))
		from = CELSIUS_UNKNOWN;
	return set_celsius(fill, from + fill->slot->number);
}

/* A percent that the device bounds: what is beyond is as near as it goes, as with heat. */
enum reason fill_humidity(const struct fill *fill)
{
	const enum reason reason = fill_percent(fill);
	const int asked = fill->action->percent;

	if (reason != REASON_NONE)
		return reason;
	if (fill->entity->humidity_min > fill->entity->humidity_max)
		return REASON_DEVICE_CANNOT;
	if (asked < fill->entity->humidity_min)
		fill->action->percent = fill->entity->humidity_min;
	else if (asked > fill->entity->humidity_max)
		fill->action->percent = fill->entity->humidity_max;
	fill->action->is_limited = fill->action->percent != asked;
	return REASON_NONE;
}

enum reason fill_mode(const struct fill *fill)
{
	return PUT(mode, fill->slot->value) ? REASON_NONE : REASON_NO_MATCH;
}

/* Of no time that was named: of all. */
enum reason fill_everything(const struct fill *fill)
{
	return PUT(mode, "all") ? REASON_NONE : REASON_NO_MATCH;
}

/* Asked of another place or day: to answer with what is here and now would be wrong. */
enum reason fill_elsewhere(const struct fill *fill)
{
	*fill->said = saying_make(SAYING_REFUSED_ELSEWHERE);
	return REASON_NO_ACTION;
}

/* Elsewhere the weather is another. */
enum reason fill_weather_elsewhere(const struct fill *fill)
{
	*fill->said = saying_make(SAYING_REFUSED_WEATHER_ELSEWHERE);
	return REASON_NO_ACTION;
}

/* Of which time, and what of it; both as the sentences have them. */
enum reason fill_weather(const struct fill *fill)
{
	const struct intent *intent = &fill->input->understanding->intent;

	return PUT(words, intent_value(intent, "day", "")) &&
			       PUT(mode, intent_value(intent, "kind", ""))
		       ? REASON_NONE
		       : REASON_NO_MATCH;
}

/* From the owner's catalogue, at its price, or not at all. The keeper looks again. */
enum reason fill_order(const struct fill *fill)
{
	const struct shop_policy *shop = &fill->input->policy->day.shop;
	const struct shop_item *item = shop_item_find(shop, fill->slot->value);

	if (!shop->is_on)
		return REASON_SHOP_OFF;
	if (!item)
		return REASON_NOT_FOR_SALE;
	fill->action->cents = item->cents;
	if (!PUT(item, item->name) || !PUT(mode, shop_way_text(item->way)))
		return REASON_OUT_OF_RANGE;
	return shop_judge(shop, fill->action);
}

/* What goes by the list is put on it: nobody buys anything, and nothing leaves the house. */
enum reason fill_listed(const struct fill *fill)
{
	return fill->input->policy->day.shop.is_on
		       ? book_fill_of_list(fill->input, fill->slot, fill->entity,
					   fill->action, fill->said)
		       : REASON_SHOP_OFF;
}

/* Worked out once here, so that what has no result is refused and not begun. */
enum reason fill_sum(const struct fill *fill)
{
	const struct intent *intent = &fill->input->understanding->intent;
	const struct slot *first = intent_slot(intent, "first");
	const struct slot *second = intent_slot(intent, "second");
	struct sum sum;

	if (!first || !second || !first->is_number || !second->is_number)
		return REASON_NO_MATCH;
	if (sum_make(first->number, fill->slot->value, second->number, &sum)) {
		*fill->said = saying_make(SAYING_REFUSED_SUM);
		return REASON_OUT_OF_RANGE;
	}
	return PUT(mode, fill->slot->value) &&
			       str_format(fill->action->words,
					  sizeof(fill->action->words), "%.2f %.2f",
					  first->number, second->number)
		       ? REASON_NONE
		       : REASON_NO_MATCH;
}

/* Of which day, or of what; both as the sentences have them. */
enum reason fill_calendar(const struct fill *fill)
{
	const struct intent *intent = &fill->input->understanding->intent;

	return PUT(words, intent_value(intent, "day", "today")) &&
			       PUT(item, intent_value(intent, "what", ""))
		       ? REASON_NONE
		       : REASON_OUT_OF_RANGE;
}

/* Without an amount: of one. */
enum reason fill_units(const struct fill *fill)
{
	const struct intent *intent = &fill->input->understanding->intent;
	const struct slot *amount = intent_slot(intent, "amount");
	const enum unit from = unit_from_text(intent_value(intent, "from", ""));
	const enum unit to = unit_from_text(fill->slot->value);
	const double number = amount && amount->is_number ? amount->number : 1;
	struct sum sum;

	if (from == UNIT_COUNT || to == UNIT_COUNT)
		return REASON_NO_MATCH;
	if (unit_convert(number, from, to, &sum)) {
		*fill->said = saying_make(SAYING_REFUSED_UNITS);
		return REASON_OUT_OF_RANGE;
	}
	return str_format(fill->action->words, sizeof(fill->action->words), "%.3f %s",
			  number, unit_form_key(unit_form(from, number))) &&
			       PUT(item, fill->slot->value)
		       ? REASON_NONE
		       : REASON_NO_MATCH;
}

enum reason fill_spelling(const struct fill *fill)
{
	char letters[TEXT_BYTES];

	if (!spelling_make(fill->slot->value, letters, sizeof(letters)))
		return REASON_OUT_OF_RANGE;
	return PUT(words, fill->slot->value) ? REASON_NONE : REASON_NO_MATCH;
}

/* For whom an announcement is; a place is a room that no list of ours holds. */
enum reason fill_place(const struct fill *fill)
{
	const struct intent *intent = &fill->input->understanding->intent;

	if (intent_slot(intent, "place"))
		return REASON_NO_ROOM;
	return intercom_place(fill->input, intent_value(intent, "area", ""),
			      fill->action);
}

enum reason fill_words(const struct fill *fill)
{
	if (!PUT(words, fill->slot->value))
		return REASON_OUT_OF_RANGE;
	return fill_place(fill);
}

/* What was delivered is taken back on a device: what is said here does not reach it. */
enum reason fill_recall(const struct fill *fill)
{
	return fill->input->can_call_off ? REASON_NONE : REASON_NO_ACTION;
}

/* The room that was named, or this one, and what it may or may not. A room is known by the
 * policy: what the home calls an area and nobody added is none. */
enum reason fill_room(const struct fill *fill)
{
	const char *named = intent_value(&fill->input->understanding->intent, "area",
					 fill->input->room);
	const struct room_policy *room = policy_room(fill->input->policy, named);

	if (!room)
		return REASON_NO_DEVICE;
	return PUT(entity, room->room.text) && PUT(mode, fill->slot->value)
		       ? REASON_NONE
		       : REASON_NO_MATCH;
}

/* Its lines are decided when it is their turn: this says no more than which it is. */
enum reason fill_routine(const struct fill *fill)
{
	const struct routine *routine =
		arranged_routine(fill->input->arranged, fill->slot->value);

	if (!routine)
		return REASON_NO_ACTION;
	return PUT(entity, routine->name) ? REASON_NONE : REASON_NO_MATCH;
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

enum reason fill_music_rooms(const struct fill *fill)
{
	const struct intent *intent = &fill->input->understanding->intent;
	enum reason reason = REASON_NONE;

	if (intent_slot(intent, "where"))
		return PUT(words, "*") ? REASON_NONE : REASON_OUT_OF_RANGE;
	reason = add_music_room(intent, "area", fill->action);
	return reason != REASON_NONE ? reason
				     : add_music_room(intent, "also_area", fill->action);
}

/* A name by which no player could find anything is no music. */
enum reason fill_music(const struct fill *fill)
{
	const char *kind = str_equal(fill->slot->name, "search_query")
				   ? music_kind_text(MUSIC_SEARCH)
				   : fill->slot->name;

	if (!PUT(mode, kind) ||
	    !music_name_take(fill->action->item, sizeof(fill->action->item),
			     fill->slot->value))
		return REASON_NO_MUSIC;
	return fill_music_rooms(fill);
}

enum reason fill_music_percent(const struct fill *fill)
{
	if (fill->input->music_percent < 0)
		return REASON_DEVICE_CANNOT;
	return fill_percent(fill);
}

enum reason fill_music_step(const struct fill *fill)
{
	if (fill->input->music_percent < 0)
		return REASON_DEVICE_CANNOT;
	fill->action->percent =
		clamp_percent(fill->input->music_percent + fill->slot->number);
	return REASON_NONE;
}

/* Only those of one contact: not yet told apart. */
enum reason fill_not_of_one(const struct fill *fill)
{
	(void)fill;
	return REASON_NO_ACTION;
}

/* A skill that an owner approved, its intent and its slots; nothing else of what was said. */
enum reason fill_skill(const struct fill *fill)
{
	const struct intent *intent = &fill->input->understanding->intent;
	struct skill_ask ask;

	if (!skill_ask_read(intent->name, &ask) ||
	    !day_skill(&fill->input->policy->day, ask.skill))
		return REASON_NO_ACTION;
	return PUT(entity, ask.skill) && PUT(item, ask.intent) &&
			       PUT(mode, ask.has_effect ? "effect" : "") &&
			       skill_slots(intent, fill->action->words,
					   sizeof(fill->action->words))
		       ? REASON_NONE
		       : REASON_OUT_OF_RANGE;
}
