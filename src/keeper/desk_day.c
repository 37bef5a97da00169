/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_day - what owners decide about everyday things: where the weather is asked for, what
 * may be ordered, which skills run, what a voice may name. Changes the value and tells it;
 * desk_policy.c signs it and writes it down.
 *
 * Invariant: nothing is left behind an edit that day_is_sound does not hold for.
 */
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "keeper/desk_edit.h"
#include "keeper/desk_inner.h"

enum { COORDINATE_ROUND = 10 }; /* tenths of a degree are enough for the weather */

/* The last look at every change. */
static bool stands(struct edit *edit, const struct policy *policy)
{
	return day_is_sound(&policy->day) ? true
					  : edit_refuse(edit, DESK_REFUSE_OUT_OF_RANGE);
}

/* --- the place -------------------------------------------------------------------------- */

static int32_t rounded(int64_t hundredths)
{
	const int64_t half =
		hundredths < 0 ? -COORDINATE_ROUND / 2 : COORDINATE_ROUND / 2;

	return (int32_t)((hundredths + half) / COORDINATE_ROUND * COORDINATE_ROUND);
}

static bool edit_place(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_place_set *set = fields;
	struct place_policy *place = &policy->day.place;

	edit->what = "where the weather is asked for";
	*place = (struct place_policy){.is_set = set->on != 0};
	if (!place->is_set)
		return true;
	if (!edit_read_name(place->name, sizeof(place->name), set->name) ||
	    set->latitude < -PLACE_LATITUDE_MAX || set->latitude > PLACE_LATITUDE_MAX ||
	    set->longitude < -PLACE_LONGITUDE_MAX || set->longitude > PLACE_LONGITUDE_MAX)
		return edit_refuse(edit, DESK_REFUSE_OUT_OF_RANGE);
	place->latitude = rounded(set->latitude);
	place->longitude = rounded(set->longitude);
	return stands(edit, policy);
}

/* --- the shop --------------------------------------------------------------------------- */

static bool edit_shop(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_shop_set *set = fields;
	struct shop_policy *shop = &policy->day.shop;

	edit->what = "what may be ordered, and for how much";
	shop->is_on = set->on != 0;
	shop->order_cents = set->order_cents;
	shop->day_cents = set->day_cents;
	must(str_copy(shop->webhook, sizeof(shop->webhook), set->webhook));
	must(str_copy(shop->mail, sizeof(shop->mail), set->mail));
	return str_copy(shop->currency, sizeof(shop->currency), set->currency)
		       ? stands(edit, policy)
		       : edit_refuse(edit, DESK_REFUSE_OUT_OF_RANGE);
}

/* The row of that name; item_count where there is none. */
static size_t item_at(const struct shop_policy *shop, const char *name)
{
	const struct shop_item *item = shop_item_find(shop, name);

	return item ? (size_t)(item - shop->items) : shop->item_count;
}

static bool edit_item(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_shop_item *set = fields;
	struct shop_policy *shop = &policy->day.shop;
	struct shop_item item = {.cents = set->cents};

	edit->what = set->is_gone ? "what may be ordered: one thing less"
				  : "what may be ordered: one thing";
	if (!edit_read_name(item.name, sizeof(item.name), set->name))
		return edit_refuse(edit, DESK_REFUSE_OUT_OF_RANGE);
	const size_t at = item_at(shop, item.name);
	if (set->is_gone && at == shop->item_count)
		return edit_refuse(edit, DESK_REFUSE_UNKNOWN_ITEM);
	if (set->is_gone) {
		shop->items[at] = shop->items[--shop->item_count];
		return true;
	}
	if (at == SHOP_ITEMS_MAX)
		return edit_refuse(edit, DESK_REFUSE_ITEM_LIMIT);
	if (!shop_way_from_text(set->way, &item.way))
		return edit_refuse(edit, DESK_REFUSE_OUT_OF_RANGE);
	shop->items[at] = item;
	if (at == shop->item_count)
		shop->item_count++;
	return stands(edit, policy);
}

static bool edit_spend(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_spend_set *set = fields;
	struct day_policy *day = &policy->day;
	struct spend_policy spend = {.day_cents = set->day_cents};
	size_t at = 0;

	edit->what = "what a person's devices may approve in a day";
	memcpy(spend.person.bytes, set->person.bytes, ID_BYTES);
	while (at < day->spend_count &&
	       !id_equal(day->spends[at].person.bytes, spend.person.bytes))
		at++;
	if (set->is_gone) {
		if (at < day->spend_count)
			day->spends[at] = day->spends[--day->spend_count];
		return true;
	}
	if (!policy_person(policy, spend.person))
		return edit_refuse(edit, DESK_REFUSE_UNKNOWN_PERSON);
	if (at == SHOP_SPENDS_MAX)
		return edit_refuse(edit, DESK_REFUSE_PERSON_LIMIT);
	day->spends[at] = spend;
	if (at == day->spend_count)
		day->spend_count++;
	return stands(edit, policy);
}

/* --- skills ----------------------------------------------------------------------------- */

/* "one.example two.example", as they are kept. */
static bool read_hosts(const char *text, struct skill_policy *skill)
{
	while (*text) {
		const size_t size = strcspn(text, " ");

		if (skill->host_count == SKILL_HOSTS_MAX ||
		    !str_copy_bytes(skill->hosts[skill->host_count], SKILL_HOST_BYTES,
				    text, size))
			return false;
		skill->host_count++;
		text += size;
		text += *text == ' ';
	}
	return true;
}

static bool edit_skill(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_skill_set *set = fields;
	struct day_policy *day = &policy->day;
	struct skill_policy skill = {.host_count = 0};
	size_t at = 0;

	edit->what =
		set->is_gone ? "the skills: one is gone" : "the skills: one was reviewed";
	while (at < day->skill_count && !str_equal(day->skills[at].name, set->name))
		at++;
	if (set->is_gone && at == day->skill_count)
		return edit_refuse(edit, DESK_REFUSE_UNKNOWN_SKILL);
	if (set->is_gone) {
		day->skills[at] = day->skills[--day->skill_count];
		return true;
	}
	if (at == SKILLS_MAX)
		return edit_refuse(edit, DESK_REFUSE_SKILL_LIMIT);
	if (!edit_read_name(skill.name, sizeof(skill.name), set->name) ||
	    set->hash.size != SKILL_HASH_BYTES || !read_hosts(set->hosts, &skill))
		return edit_refuse(edit, DESK_REFUSE_OUT_OF_RANGE);
	memcpy(skill.hash, set->hash.bytes, SKILL_HASH_BYTES);
	day->skills[at] = skill;
	if (at == day->skill_count)
		day->skill_count++;
	return stands(edit, policy);
}

/* --- what a voice may name -------------------------------------------------------------- */

static bool edit_exposure(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_expose_set *set = fields;
	struct day_policy *day = &policy->day;
	struct exposure_policy row = {.is_exposed = set->on != 0};
	size_t at = 0;

	edit->what = "which devices a voice may name";
	if (set->entity[0] == '\0')
		return edit_refuse(edit, DESK_REFUSE_UNKNOWN_ENTITY);
	if (set->room[0] != '\0' && !policy_room(policy, set->room))
		return edit_refuse(edit, DESK_REFUSE_UNKNOWN_ROOM);
	must(str_copy(row.entity, sizeof(row.entity), set->entity));
	must(str_copy(row.room.text, sizeof(row.room.text), set->room));
	while (at < day->exposure_count &&
	       (!str_equal(day->exposures[at].entity, row.entity) ||
		!str_equal_folded(day->exposures[at].room.text, row.room.text)))
		at++;
	if (set->is_gone) {
		if (at < day->exposure_count)
			day->exposures[at] = day->exposures[--day->exposure_count];
		return true;
	}
	if (at == EXPOSURES_MAX)
		return edit_refuse(edit, DESK_REFUSE_OUT_OF_RANGE);
	day->exposures[at] = row;
	if (at == day->exposure_count)
		day->exposure_count++;
	return stands(edit, policy);
}

edit_fn *desk_day_edit(enum wire_type type)
{
	static const struct edit_row edits[] = {
		{WIRE_expose_set, edit_exposure}, {WIRE_place_set, edit_place},
		{WIRE_shop_item, edit_item},      {WIRE_shop_set, edit_shop},
		{WIRE_skill_set, edit_skill},     {WIRE_spend_set, edit_spend},
	};

	for (size_t i = 0; i < STR_COUNT(edits); i++)
		if (edits[i].type == type)
			return edits[i].apply;
	return NULL;
}

/* --- what is there ---------------------------------------------------------------------- */

static void say_place(const struct place_policy *place, struct desk_link *link)
{
	struct wire_place_set row = {
		.on = place->is_set,
		.latitude = place->latitude,
		.longitude = place->longitude,
	};

	must(str_copy(row.name, sizeof(row.name), place->name));
	desk_say(link, WIRE_place_set, &row);
}

static void say_shop(const struct shop_policy *shop, struct desk_link *link)
{
	struct wire_shop_set row = {
		.on = shop->is_on,
		.order_cents = shop->order_cents,
		.day_cents = shop->day_cents,
	};

	must(str_copy(row.currency, sizeof(row.currency), shop->currency));
	must(str_copy(row.webhook, sizeof(row.webhook), shop->webhook));
	must(str_copy(row.mail, sizeof(row.mail), shop->mail));
	desk_say(link, WIRE_shop_set, &row);
	for (size_t i = 0; i < shop->item_count; i++) {
		struct wire_shop_item item = {.cents = shop->items[i].cents};

		must(str_copy(item.name, sizeof(item.name), shop->items[i].name));
		must(str_copy(item.way, sizeof(item.way),
			      shop_way_text(shop->items[i].way)));
		desk_say(link, WIRE_shop_item, &item);
	}
}

static void say_spends(const struct day_policy *day, struct desk_link *link)
{
	for (size_t i = 0; i < day->spend_count; i++) {
		struct wire_spend_set row = {.day_cents = day->spends[i].day_cents};

		memcpy(row.person.bytes, day->spends[i].person.bytes, ID_BYTES);
		desk_say(link, WIRE_spend_set, &row);
	}
}

static void say_skills(const struct day_policy *day, struct desk_link *link)
{
	for (size_t i = 0; i < day->skill_count; i++) {
		const struct skill_policy *skill = &day->skills[i];
		struct wire_skill_set row = {.hash = {skill->hash, sizeof(skill->hash)}};

		must(str_copy(row.name, sizeof(row.name), skill->name));
		for (size_t j = 0; j < skill->host_count; j++)
			must(str_append(row.hosts, sizeof(row.hosts), "%s%s",
					j ? " " : "", skill->hosts[j]));
		desk_say(link, WIRE_skill_set, &row);
	}
}

static void say_exposures(const struct day_policy *day, struct desk_link *link)
{
	for (size_t i = 0; i < day->exposure_count; i++) {
		struct wire_expose_set row = {.on = day->exposures[i].is_exposed};

		must(str_copy(row.entity, sizeof(row.entity), day->exposures[i].entity));
		must(str_copy(row.room, sizeof(row.room), day->exposures[i].room.text));
		desk_say(link, WIRE_expose_set, &row);
	}
}

void desk_day_list(struct desk *desk, struct desk_link *link)
{
	const struct day_policy *day = &desk->policy.day;

	say_place(&day->place, link);
	say_shop(&day->shop, link);
	say_spends(day, link);
	say_skills(day, link);
	say_exposures(day, link);
	desk_say(link, WIRE_end, &(struct wire_end){.err = OK});
}
