/* SPDX-License-Identifier: Apache-2.0 */
/*
 * day - finds in what an owner decided, and says whether it can stand. Pure.
 */
#include "domain/day.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

void day_init(struct day_policy *day)
{
	memset(day, 0, sizeof(*day));
}

static const char *const WAYS[] = {
#define SHOP_WAY(name, text) [SHOP_##name] = (text),
	SHOP_WAYS(SHOP_WAY)
#undef SHOP_WAY
};

const char *shop_way_text(enum shop_way way)
{
	must(way < SHOP_WAY_COUNT);
	return WAYS[way];
}

bool shop_way_from_text(const char *text, enum shop_way *out_way)
{
	for (size_t i = 0; i < STR_COUNT(WAYS); i++) {
		if (!str_equal(WAYS[i], text))
			continue;
		*out_way = (enum shop_way)i;
		return true;
	}
	return false;
}

const struct shop_item *shop_item_find(const struct shop_policy *shop, const char *name)
{
	for (size_t i = 0; i < shop->item_count; i++)
		if (str_equal_folded(shop->items[i].name, name))
			return &shop->items[i];
	return NULL;
}

const struct skill_policy *day_skill(const struct day_policy *day, const char *name)
{
	for (size_t i = 0; i < day->skill_count; i++)
		if (str_equal(day->skills[i].name, name))
			return &day->skills[i];
	return NULL;
}

uint32_t day_spend_cents(const struct day_policy *day, struct person_id person,
			 bool is_owner)
{
	for (size_t i = 0; i < day->spend_count; i++)
		if (id_equal(day->spends[i].person.bytes, person.bytes))
			return day->spends[i].day_cents;
	return is_owner ? day->shop.day_cents : 0;
}

/* A room's own word counts before that of the whole house. */
bool day_exposes(const struct day_policy *day, const char *entity, const char *room,
		 bool by_default)
{
	bool is_exposed = by_default;

	for (size_t i = 0; i < day->exposure_count; i++) {
		const struct exposure_policy *row = &day->exposures[i];

		if (!str_equal(row->entity, entity))
			continue;
		if (str_equal_folded(row->room.text, room))
			return row->is_exposed;
		if (row->room.text[0] == '\0')
			is_exposed = row->is_exposed;
	}
	return is_exposed;
}

/* --- can it stand? ---------------------------------------------------------------------- */

static bool is_line(const char *text)
{
	return str_is_line(text, strlen(text));
}

static bool is_name(const char *text)
{
	return text[0] != '\0' && is_line(text);
}

static bool place_is_sound(const struct place_policy *place)
{
	return is_line(place->name) && place->latitude >= -PLACE_LATITUDE_MAX &&
	       place->latitude <= PLACE_LATITUDE_MAX &&
	       place->longitude >= -PLACE_LONGITUDE_MAX &&
	       place->longitude <= PLACE_LONGITUDE_MAX;
}

static bool items_are_sound(const struct shop_policy *shop)
{
	if (shop->item_count > SHOP_ITEMS_MAX)
		return false;
	for (size_t i = 0; i < shop->item_count; i++) {
		const struct shop_item *item = &shop->items[i];

		if (!is_name(item->name) || item->way >= SHOP_WAY_COUNT ||
		    item->cents == 0 || item->cents > SHOP_CENTS_MAX ||
		    shop_item_find(shop, item->name) != item)
			return false;
	}
	return true;
}

static bool shop_is_sound(const struct shop_policy *shop)
{
	return is_line(shop->currency) && is_line(shop->webhook) && is_line(shop->mail) &&
	       shop->order_cents <= SHOP_CENTS_MAX && shop->day_cents <= SHOP_CENTS_MAX &&
	       items_are_sound(shop);
}

static bool spends_are_sound(const struct day_policy *day)
{
	if (day->spend_count > SHOP_SPENDS_MAX)
		return false;
	for (size_t i = 0; i < day->spend_count; i++)
		if (id_is_none(day->spends[i].person.bytes) ||
		    day->spends[i].day_cents > SHOP_CENTS_MAX)
			return false;
	return true;
}

static bool skill_is_sound(const struct skill_policy *skill)
{
	if (!is_name(skill->name) || skill->host_count > SKILL_HOSTS_MAX)
		return false;
	for (size_t i = 0; i < skill->host_count; i++)
		if (!is_name(skill->hosts[i]))
			return false;
	return true;
}

static bool skills_are_sound(const struct day_policy *day)
{
	if (day->skill_count > SKILLS_MAX)
		return false;
	for (size_t i = 0; i < day->skill_count; i++)
		if (!skill_is_sound(&day->skills[i]) ||
		    day_skill(day, day->skills[i].name) != &day->skills[i])
			return false;
	return true;
}

static bool exposures_are_sound(const struct day_policy *day)
{
	if (day->exposure_count > EXPOSURES_MAX)
		return false;
	for (size_t i = 0; i < day->exposure_count; i++)
		if (!is_name(day->exposures[i].entity) ||
		    !is_line(day->exposures[i].room.text))
			return false;
	return true;
}

bool day_is_sound(const struct day_policy *day)
{
	return place_is_sound(&day->place) && shop_is_sound(&day->shop) &&
	       spends_are_sound(day) && skills_are_sound(day) && exposures_are_sound(day);
}
