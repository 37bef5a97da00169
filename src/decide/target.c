/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target - from slots to devices.
 *
 * Never guesses: a name is one device or a question; a room without such a device is
 * NO_DEVICE; "the lights" without a room is a question unless the speaker's room has
 * some; what is excepted is left out or, when nobody knows it, nothing is found at all;
 * of more than a request may move nothing is moved.
 * Only devices exposed to voice in the speaker's room are ever found.
 */
#include "decide/target.h"

#include "base/str.h"

#define BIT(domain) (UINT64_C(1) << (domain))

/* What "everything off" is about: neither heating nor what lets somebody in. */
static const uint64_t EVERYTHING = BIT(ENTITY_FAN) | BIT(ENTITY_HUMIDIFIER) |
				   BIT(ENTITY_INPUT_BOOLEAN) | BIT(ENTITY_LIGHT) |
				   BIT(ENTITY_MEDIA_PLAYER) | BIT(ENTITY_SWITCH);
/* What is switched when a group is. */
static const uint64_t SWITCHED =
	BIT(ENTITY_CLIMATE) | BIT(ENTITY_FAN) | BIT(ENTITY_HUMIDIFIER) |
	BIT(ENTITY_INPUT_BOOLEAN) | BIT(ENTITY_LIGHT) | BIT(ENTITY_MEDIA_PLAYER) |
	BIT(ENTITY_SIREN) | BIT(ENTITY_SWITCH) | BIT(ENTITY_VACUUM) | BIT(ENTITY_VALVE) |
	BIT(ENTITY_WATER_HEATER);

static const char *const AREA_SLOTS[TARGET_AREAS_MAX] = {"area", "area2", "area3"};

/* --- what fits --- */

static bool is_member(const struct arranged_group *group, const struct entity *entity)
{
	if (arranged_has_member(group, entity->name))
		return true;
	for (size_t i = 0; i < entity->alias_count; i++)
		if (arranged_has_member(group, entity->aliases[i]))
			return true;
	return false;
}

/* By what the home knows of the room, or what the household says of it. */
static bool is_on_floor(const struct decide_input *input, const char *name, int area)
{
	const struct home *home = input->home;
	const struct arranged_group *floor = arranged_floor(input->arranged, name);

	if (area < 0)
		return false;
	const struct area *room = &home->areas[area];
	if (room->floor >= 0 && str_equal_folded(home->floors[room->floor].name, name))
		return true;
	if (!floor)
		return false;
	for (size_t i = 0; i < room->alias_count; i++)
		if (arranged_has_member(floor, room->aliases[i]))
			return true;
	return arranged_has_member(floor, room->name);
}

static bool is_in_areas(const struct target_filter *filter, int area)
{
	for (size_t i = 0; i < filter->area_count; i++)
		if (filter->areas[i] == area)
			return true;
	return filter->area_count == 0;
}

static bool is_excepted(const struct target_filter *filter, const struct entity *entity)
{
	for (size_t i = 0; i < filter->except_count; i++)
		if (str_equal(filter->excepts[i], entity->id))
			return true;
	return (filter->except_domains & BIT(entity->domain)) ||
	       (filter->except_area >= 0 && filter->except_area == entity->area) ||
	       (filter->except_group && is_member(filter->except_group, entity));
}

bool target_is_exposed(const struct decide_input *input, const struct entity *entity)
{
	return day_exposes(&input->policy->day, entity->id, input->room, entity->exposed);
}

bool target_fits(const struct decide_input *input, const struct target_filter *filter,
		 const struct entity *entity)
{
	return target_is_exposed(input, entity) &&
	       (filter->domains & BIT(entity->domain)) &&
	       (filter->device_class[0] == '\0' ||
		str_equal(filter->device_class, entity->device_class)) &&
	       (!filter->group || is_member(filter->group, entity)) &&
	       is_in_areas(filter, entity->area) &&
	       (filter->floor[0] == '\0' ||
		is_on_floor(input, filter->floor, entity->area)) &&
	       !is_excepted(filter, entity);
}

static enum reason find_all(const struct decide_input *input,
			    const struct target_filter *filter,
			    struct targets *out_targets)
{
	const struct home *home = input->home;

	out_targets->count = 0;
	for (size_t i = 0; i < home->entity_count; i++) {
		if (!target_fits(input, filter, &home->entities[i]))
			continue;
		if (out_targets->count == DECISION_WARRANTS_MAX)
			return REASON_TOO_MANY;
		out_targets->entities[out_targets->count++] = &home->entities[i];
	}
	return out_targets->count > 0 ? REASON_NONE : REASON_NO_DEVICE;
}

/* --- what the slots say --- */

static bool knows_floor(const struct decide_input *input, const char *name)
{
	for (size_t i = 0; i < input->home->floor_count; i++)
		if (str_equal_folded(input->home->floors[i].name, name))
			return true;
	return arranged_floor(input->arranged, name) != NULL;
}

static uint64_t domains_of(const char *text, uint64_t otherwise)
{
	if (text[0] == '\0')
		return otherwise;
	return str_equal(text, "everything") ? EVERYTHING
					     : BIT(entity_domain_from_text(text));
}

static enum reason read_places(const struct decide_input *input,
			       struct target_filter *filter)
{
	const struct intent *intent = &input->understanding->intent;
	const char *group = intent_value(intent, "group", "");

	for (size_t i = 0; i < TARGET_AREAS_MAX; i++) {
		const char *name = intent_value(intent, AREA_SLOTS[i], "");
		if (!name[0])
			continue;
		const int area = home_find_area(input->home, name);
		if (area < 0)
			return REASON_NO_DEVICE;
		filter->areas[filter->area_count++] = area;
	}
	filter->floor = intent_value(intent, "floor", "");
	if (filter->floor[0] && !knows_floor(input, filter->floor))
		return REASON_NO_DEVICE;
	filter->group = group[0] ? arranged_group(input->arranged, group) : NULL;
	return group[0] && !filter->group ? REASON_NO_DEVICE : REASON_NONE;
}

static enum reason read_excepts(const struct decide_input *input,
				struct target_filter *filter)
{
	const struct intent *intent = &input->understanding->intent;
	const char *area = intent_value(intent, "except_area", "");
	const char *group = intent_value(intent, "except_group", "");

	/* Of two names one goes by "entity", and the other by a slot of its own. */
	const char *entity = intent_value(intent, "entity", "");
	if (intent_slot(intent, "except"))
		filter->excepts[filter->except_count++] =
			intent_value(intent, "except_entity", entity);
	if (intent_slot(intent, "except2"))
		filter->excepts[filter->except_count++] =
			intent_value(intent, "except2_entity", entity);
	for (size_t i = 0; i < filter->except_count; i++)
		if (!home_find_const(input->home, filter->excepts[i]))
			return REASON_NO_DEVICE;
	filter->except_domains = domains_of(intent_value(intent, "except_domain", ""), 0);
	filter->except_area = area[0] ? home_find_area(input->home, area) : -1;
	filter->except_group = group[0] ? arranged_group(input->arranged, group) : NULL;
	return (area[0] && filter->except_area < 0) || (group[0] && !filter->except_group)
		       ? REASON_NO_DEVICE
		       : REASON_NONE;
}

enum reason target_filter(const struct decide_input *input, uint64_t domains,
			  struct target_filter *out_filter)
{
	const struct intent *intent = &input->understanding->intent;

	*out_filter = (struct target_filter){
		.domains = domains_of(intent_value(intent, "domain", ""), domains),
		.device_class = intent_value(intent, "device_class", ""),
		.floor = "",
		.except_area = -1,
	};
	enum reason reason = read_places(input, out_filter);
	return reason == REASON_NONE ? read_excepts(input, out_filter) : reason;
}

bool target_has_place(const struct intent *intent)
{
	return intent_value(intent, "area", "")[0] != '\0' ||
	       intent_value(intent, "floor", "")[0] != '\0' ||
	       intent_value(intent, "group", "")[0] != '\0' ||
	       str_equal(intent_value(intent, "where", ""), "house");
}

/* --- finding --- */

static enum reason target_one(const struct decide_input *input, const char *id,
			      struct targets *out_targets)
{
	const struct entity *entity = home_find_const(input->home, id);

	if (!entity || !target_is_exposed(input, entity))
		return REASON_NO_DEVICE;
	out_targets->count = 1;
	out_targets->entities[0] = entity;
	return REASON_NONE;
}

/* No place was said: the speaker's room, else the only one there is, else a question. */
static enum reason target_here(const struct decide_input *input,
			       struct target_filter *filter, struct targets *out_targets,
			       struct saying *out_said)
{
	const int here = home_find_area(input->home, input->room);

	filter->area_count = here >= 0;
	filter->areas[0] = here;
	enum reason reason =
		here >= 0 ? find_all(input, filter, out_targets) : REASON_NO_DEVICE;
	if (reason != REASON_NO_DEVICE)
		return reason;
	filter->area_count = 0;
	reason = find_all(input, filter, out_targets);
	if (reason == REASON_NONE && out_targets->count == 1)
		return REASON_NONE;
	if (reason == REASON_NO_DEVICE)
		return reason;
	*out_said = saying_make(SAYING_ASK_WHICH_ROOM);
	return REASON_AMBIGUOUS;
}

static bool has_entity(const struct home *home, const char *name)
{
	for (size_t i = 0; i < home->entity_count; i++) {
		const struct entity *entity = &home->entities[i];
		if (str_equal_folded(entity->name, name))
			return true;
		for (size_t k = 0; k < entity->alias_count; k++)
			if (str_equal_folded(entity->aliases[k], name))
				return true;
	}
	return false;
}

/* What a group names and nobody has: it is not passed over. */
static void find_gone(const struct decide_input *input,
		      const struct arranged_group *group, struct targets *targets)
{
	for (size_t i = 0; group && i < group->member_count; i++)
		if (targets->gone_count < TARGET_GONE_MAX &&
		    !has_entity(input->home, group->members[i]))
			targets->gone[targets->gone_count++] = group->members[i];
}

enum reason target_find(const struct decide_input *input, enum entity_domain domain,
			bool is_switched, struct targets *out_targets,
			struct saying *out_said)
{
	const struct intent *intent = &input->understanding->intent;
	const char *entity = intent_value(intent, "entity", "");
	struct target_filter filter;

	out_targets->count = 0;
	out_targets->gone_count = 0;
	if (entity[0] && !intent_slot(intent, "except"))
		return target_one(input, entity, out_targets);
	if (intent_slot(intent, "name"))
		return REASON_AMBIGUOUS;
	const enum reason reason = target_filter(input, BIT(domain), &filter);
	if (reason != REASON_NONE)
		return reason;
	if (filter.group && is_switched)
		filter.domains = SWITCHED;
	find_gone(input, filter.group, out_targets);
	return target_has_place(intent)
		       ? find_all(input, &filter, out_targets)
		       : target_here(input, &filter, out_targets, out_said);
}
