/* SPDX-License-Identifier: Apache-2.0 */
/*
 * day_pack - what an owner decided about everyday things, as bytes: docs/FORMATS.md. Pure.
 */
#include "base/str.h"
#include "domain/day.h"

/* --- writing ---------------------------------------------------------------------------- */

static void pack_place(struct pack *pack, const struct place_policy *place)
{
	pack_u8(pack, place->is_set);
	pack_text(pack, place->name);
	pack_u32(pack, (uint32_t)place->latitude);
	pack_u32(pack, (uint32_t)place->longitude);
}

static void pack_shop(struct pack *pack, const struct shop_policy *shop)
{
	pack_u8(pack, shop->is_on);
	pack_text(pack, shop->currency);
	pack_u32(pack, shop->order_cents);
	pack_u32(pack, shop->day_cents);
	pack_text(pack, shop->webhook);
	pack_text(pack, shop->mail);
	pack_u32(pack, (uint32_t)shop->item_count);
	for (size_t i = 0; i < shop->item_count; i++) {
		pack_text(pack, shop->items[i].name);
		pack_u32(pack, shop->items[i].cents);
		pack_text(pack, shop_way_text(shop->items[i].way));
	}
}

static void pack_skill(struct pack *pack, const struct skill_policy *skill)
{
	pack_text(pack, skill->name);
	pack_bytes(pack, skill->hash, sizeof(skill->hash));
	pack_u32(pack, (uint32_t)skill->host_count);
	for (size_t i = 0; i < skill->host_count; i++)
		pack_text(pack, skill->hosts[i]);
}

void day_pack(struct pack *pack, const struct day_policy *day)
{
	pack_place(pack, &day->place);
	pack_shop(pack, &day->shop);
	pack_u32(pack, (uint32_t)day->spend_count);
	for (size_t i = 0; i < day->spend_count; i++) {
		pack_bytes(pack, day->spends[i].person.bytes, ID_BYTES);
		pack_u32(pack, day->spends[i].day_cents);
	}
	pack_u32(pack, (uint32_t)day->skill_count);
	for (size_t i = 0; i < day->skill_count; i++)
		pack_skill(pack, &day->skills[i]);
	pack_u32(pack, (uint32_t)day->exposure_count);
	for (size_t i = 0; i < day->exposure_count; i++) {
		pack_text(pack, day->exposures[i].entity);
		pack_text(pack, day->exposures[i].room.text);
		pack_u8(pack, day->exposures[i].is_exposed);
	}
}

/* --- reading ---------------------------------------------------------------------------- */

static bool unpack_bool(struct unpack *unpack)
{
	const uint8_t value = unpack_u8(unpack);

	if (value > 1)
		unpack->overrun = true;
	return value == 1;
}

static void unpack_place(struct unpack *unpack, struct place_policy *place)
{
	place->is_set = unpack_bool(unpack);
	unpack_text(unpack, place->name, sizeof(place->name));
	place->latitude = (int32_t)unpack_u32(unpack);
	place->longitude = (int32_t)unpack_u32(unpack);
}

static void unpack_item(struct unpack *unpack, struct shop_item *item)
{
	char way[NAME_BYTES];

	unpack_text(unpack, item->name, sizeof(item->name));
	item->cents = unpack_u32(unpack);
	unpack_text(unpack, way, sizeof(way));
	if (!shop_way_from_text(way, &item->way))
		unpack->overrun = true;
}

static void unpack_shop(struct unpack *unpack, struct shop_policy *shop)
{
	shop->is_on = unpack_bool(unpack);
	unpack_text(unpack, shop->currency, sizeof(shop->currency));
	shop->order_cents = unpack_u32(unpack);
	shop->day_cents = unpack_u32(unpack);
	unpack_text(unpack, shop->webhook, sizeof(shop->webhook));
	unpack_text(unpack, shop->mail, sizeof(shop->mail));
	shop->item_count = unpack_count(unpack, SHOP_ITEMS_MAX);
	for (size_t i = 0; i < shop->item_count; i++)
		unpack_item(unpack, &shop->items[i]);
}

static void unpack_skill(struct unpack *unpack, struct skill_policy *skill)
{
	unpack_text(unpack, skill->name, sizeof(skill->name));
	unpack_bytes(unpack, skill->hash, sizeof(skill->hash));
	skill->host_count = unpack_count(unpack, SKILL_HOSTS_MAX);
	for (size_t i = 0; i < skill->host_count; i++)
		unpack_text(unpack, skill->hosts[i], sizeof(skill->hosts[i]));
}

static void unpack_exposure(struct unpack *unpack, struct exposure_policy *exposure)
{
	unpack_text(unpack, exposure->entity, sizeof(exposure->entity));
	unpack_text(unpack, exposure->room.text, sizeof(exposure->room.text));
	exposure->is_exposed = unpack_bool(unpack);
}

void day_unpack(struct unpack *unpack, struct day_policy *day)
{
	day_init(day);
	unpack_place(unpack, &day->place);
	unpack_shop(unpack, &day->shop);
	day->spend_count = unpack_count(unpack, SHOP_SPENDS_MAX);
	for (size_t i = 0; i < day->spend_count; i++) {
		unpack_bytes(unpack, day->spends[i].person.bytes, ID_BYTES);
		day->spends[i].day_cents = unpack_u32(unpack);
	}
	day->skill_count = unpack_count(unpack, SKILLS_MAX);
	for (size_t i = 0; i < day->skill_count; i++)
		unpack_skill(unpack, &day->skills[i]);
	day->exposure_count = unpack_count(unpack, EXPOSURES_MAX);
	for (size_t i = 0; i < day->exposure_count; i++)
		unpack_exposure(unpack, &day->exposures[i]);
	if (!unpack->overrun && !day_is_sound(day))
		unpack->overrun = true;
}
