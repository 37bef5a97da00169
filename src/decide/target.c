/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target - from slots to devices.
 *
 * Never guesses: a name is one device or a question; a room without such a device is
 * NO_DEVICE; "the lights" without a room is a question unless the speaker's room has
 * some. Only devices exposed to voice in the speaker's room are ever found.
 */
#include "decide/target.h"

#include "base/str.h"

/* What to look for; empty texts and -1 match everything. */
struct target_filter {
	const struct decide_input *input; /* who is asked, and where */
	enum entity_domain domain;
	const char *device_class;
	int area;
	int floor;
};

/* By what the device announces itself as, unless an owner said otherwise. */
static bool is_exposed(const struct decide_input *input, const struct entity *entity)
{
	return day_exposes(&input->policy->day, entity->id, input->room, entity->exposed);
}

static bool filter_fits(const struct target_filter *filter, const struct home *home,
			const struct entity *entity)
{
	int floor = entity->area >= 0 ? home->areas[entity->area].floor : -1;

	return is_exposed(filter->input, entity) && entity->domain == filter->domain &&
	       (filter->device_class[0] == '\0' ||
		str_equal(filter->device_class, entity->device_class)) &&
	       (filter->area < 0 || entity->area == filter->area) &&
	       (filter->floor < 0 || floor == filter->floor);
}

static enum reason filter_apply(const struct target_filter *filter,
				const struct home *home, struct targets *out_targets)
{
	out_targets->count = 0;
	for (size_t i = 0; i < home->entity_count; i++) {
		if (!filter_fits(filter, home, &home->entities[i]))
			continue;
		if (out_targets->count == DECISION_WARRANTS_MAX)
			return REASON_AMBIGUOUS;
		out_targets->entities[out_targets->count++] = &home->entities[i];
	}
	return out_targets->count > 0 ? REASON_NONE : REASON_NO_DEVICE;
}

static int find_floor(const struct home *home, const char *name)
{
	for (size_t i = 0; i < home->floor_count; i++)
		if (str_equal_folded(home->floors[i].name, name))
			return (int)i;
	return -1;
}

static enum reason target_one(const struct decide_input *input, const char *id,
			      struct targets *out_targets)
{
	const struct entity *entity = home_find_const(input->home, id);

	if (!entity || !is_exposed(input, entity))
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
	filter->area = home_find_area(input->home, input->room);
	if (filter->area >= 0 &&
	    filter_apply(filter, input->home, out_targets) == REASON_NONE)
		return REASON_NONE;
	filter->area = -1;
	enum reason reason = filter_apply(filter, input->home, out_targets);
	if (reason == REASON_NONE && out_targets->count == 1)
		return REASON_NONE;
	if (reason == REASON_NO_DEVICE)
		return reason;
	*out_said = saying_make(SAYING_ASK_WHICH_ROOM);
	return REASON_AMBIGUOUS;
}

enum reason target_find(const struct decide_input *input, enum entity_domain domain,
			struct targets *out_targets, struct saying *out_said)
{
	const struct intent *intent = &input->understanding->intent;
	const char *entity = intent_value(intent, "entity", "");
	const char *area = intent_value(intent, "area", "");
	const char *floor = intent_value(intent, "floor", "");
	struct target_filter filter = {
		.input = input,
		.domain = entity_domain_from_text(
			intent_value(intent, "domain", entity_domain_text(domain))),
		.device_class = intent_value(intent, "device_class", ""),
		.area = -1,
		.floor = -1,
	};

	out_targets->count = 0;
	if (entity[0])
		return target_one(input, entity, out_targets);
	if (intent_slot(intent, "name"))
		return REASON_AMBIGUOUS;
	if (area[0]) {
		filter.area = home_find_area(input->home, area);
		if (filter.area < 0)
			return REASON_NO_DEVICE;
	} else if (floor[0]) {
		filter.floor = find_floor(input->home, floor);
		if (filter.floor < 0)
			return REASON_NO_DEVICE;
	} else if (!str_equal(intent_value(intent, "where", ""), "house")) {
		return target_here(input, &filter, out_targets, out_said);
	}
	return filter_apply(&filter, input->home, out_targets);
}
