/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow - see the header. What can be followed up is a table; nothing is guessed: of a
 * question exactly one candidate fits the answer, or none does.
 *
 * Invariant: a contact never comes out of this.
 */
#include "understand/follow.h"

#include <string.h>

#include "base/str.h"

static const double FOLLOW_CONFIDENCE = 0.9;

/* What can be a bit more, and how a step of it is asked for. */
enum quality { QUALITY_NONE, QUALITY_HEAT, QUALITY_LIGHT, QUALITY_VOLUME, QUALITY_COUNT };

static const struct {
	const char *name;
	const char *intent;
	const char *slot;
	double step;
	const char *domain; /* to be named where nothing else names a target; "" none */
} QUALITIES[QUALITY_COUNT] = {
	[QUALITY_NONE] = {"", "", "", 0, ""},
	[QUALITY_HEAT] = {"heat", "HassClimateSetTemperature", "temperature_step", 1, ""},
	[QUALITY_LIGHT] = {"light", "HassLightSet", "brightness_step", 20, "light"},
	[QUALITY_VOLUME] = {"volume", "HassSetVolumeRelative", "volume_step", 10, ""},
};

/* What can be followed up: of what it is more, what it acts on where no device was named,
 * and whether it can be asked for elsewhere. */
static const struct row {
	const char *intent;
	enum quality quality;
	const char *domain;
	bool has_target;
} ROWS[] = {
	{"BehestClose", QUALITY_NONE, "cover", true},
	{"BehestLock", QUALITY_NONE, "lock", true},
	{"BehestOpen", QUALITY_NONE, "cover", true},
	{"HassClimateGetTemperature", QUALITY_HEAT, "climate", true},
	{"HassClimateSetTemperature", QUALITY_HEAT, "climate", true},
	{"HassGetState", QUALITY_NONE, "", true},
	{"HassLightSet", QUALITY_LIGHT, "light", true},
	{"HassSetPosition", QUALITY_NONE, "cover", true},
	{"HassSetVolume", QUALITY_VOLUME, "", false},
	{"HassSetVolumeRelative", QUALITY_VOLUME, "", false},
	{"HassTurnOff", QUALITY_LIGHT, "light", true},
	{"HassTurnOn", QUALITY_LIGHT, "light", true},
};

static const char *const TARGET_SLOTS[] = {"name", "entity", "domain", "device_class",
					   "area", "floor",  "where"};

/* "turn it off again": which intent that is, and of what kind of thing. */
static const struct {
	const char *state;
	const char *intent;
	const char *domain; /* "" any */
} AGAIN[] = {
	{"closed", "BehestClose", "cover"},
	{"off", "HassTurnOff", ""},
	{"on", "HassTurnOn", ""},
	{"open", "BehestOpen", "cover"},
};

static const struct row *find_row(const struct intent *intent)
{
	for (size_t i = 0; i < STR_COUNT(ROWS); i++)
		if (str_equal(ROWS[i].intent, intent->name))
			return &ROWS[i];
	return NULL;
}

static enum quality find_quality(const char *name)
{
	enum quality quality = QUALITY_COUNT;

	while (--quality > QUALITY_NONE)
		if (str_equal(QUALITIES[quality].name, name))
			break;
	return quality;
}

static bool is_target(const char *slot)
{
	for (size_t i = 0; i < STR_COUNT(TARGET_SLOTS); i++)
		if (str_equal(TARGET_SLOTS[i], slot))
			return true;
	return false;
}

static bool copy_slot(const struct slot *slot, struct intent *to)
{
	return slot->is_number ? intent_set_number(to, slot->name, slot->number)
			       : intent_set(to, slot->name, slot->value);
}

/* Copies the target, or all else. */
static bool copy_slots(const struct intent *from, bool targets, struct intent *to)
{
	bool fits = true;

	for (size_t i = 0; i < from->slot_count && fits; i++)
		if (is_target(from->slots[i].name) == targets)
			fits = copy_slot(&from->slots[i], to);
	return fits;
}

static struct intent named(const char *name)
{
	struct intent intent = {.slot_count = 0};

	(void)str_copy(intent.name, sizeof(intent.name), name);
	return intent;
}

/* The device that an intent names, or NULL. */
static const struct entity *device_of(const struct intent *intent,
				      const struct home *home)
{
	const char *id = intent_value(intent, "entity", "");

	return id[0] ? home_find_const(home, id) : NULL;
}

/* What kind of thing was acted on. */
static const char *domain_of(const struct intent *done, const struct home *home)
{
	const struct entity *device = device_of(done, home);
	const struct row *row = find_row(done);

	if (device)
		return entity_domain_text(device->domain);
	return intent_value(done, "domain", row ? row->domain : "");
}

/* --- "warmer", "a bit more" --------------------------------------------------------------- */

/* Which way it went: what is more of "darker" is darker. */
static double direction(const struct intent *done)
{
	for (size_t i = 0; i < done->slot_count; i++) {
		const char *name = done->slots[i].name;
		const size_t size = strlen(name);

		if (size > 5 && str_equal(name + size - 5, "_step") &&
		    done->slots[i].number < 0)
			return -1;
	}
	return 1;
}

static bool more(const struct follow *on, const struct intent *said, struct intent *out)
{
	const struct row *row = find_row(&on->intent);
	const struct slot *amount = intent_slot(said, "amount");
	enum quality quality = find_quality(intent_value(said, "of", ""));
	double step = amount ? amount->number : 0;

	if (quality == QUALITY_NONE && row) {
		quality = row->quality;
		step *= direction(&on->intent);
	}
	if (quality == QUALITY_NONE || !amount)
		return false;
	*out = named(QUALITIES[quality].intent);
	/* Of another thing than what was done it is what is meant here. */
	if (row && row->quality == quality && row->has_target) {
		if (!copy_slots(&on->intent, true, out))
			return false;
	} else if (QUALITIES[quality].domain[0] &&
		   !intent_set(out, "domain", QUALITIES[quality].domain)) {
		return false;
	}
	return intent_set_number(out, QUALITIES[quality].slot,
				 step * QUALITIES[quality].step);
}

/* --- "turn it off again" ------------------------------------------------------------------ */

static bool again(const struct follow *on, const struct home *home,
		  const struct intent *said, struct intent *out)
{
	const char *state = intent_value(said, "state", "");
	const char *domain = domain_of(&on->intent, home);
	const struct row *row = find_row(&on->intent);
	size_t at = 0;

	while (at < STR_COUNT(AGAIN) && !str_equal(AGAIN[at].state, state))
		at++;
	if (at == STR_COUNT(AGAIN) || !row || !row->has_target || !domain[0] ||
	    (AGAIN[at].domain[0] && !str_equal(AGAIN[at].domain, domain)))
		return false;
	*out = named(AGAIN[at].intent);
	return copy_slots(&on->intent, true, out) &&
	       (intent_slot(out, "name") || intent_set(out, "domain", domain));
}

/* --- "and in the bedroom", "and the lamp" ------------------------------------------------- */

/* Of one device elsewhere: what is of its kind there. */
static bool set_kind(const struct intent *done, const struct home *home,
		     struct intent *out)
{
	const struct entity *device = device_of(done, home);
	const char *class_of = device && device->domain == ENTITY_COVER
				       ? device->device_class
				       : intent_value(done, "device_class", "");
	const char *domain = domain_of(done, home);

	return (!domain[0] || intent_set(out, "domain", domain)) &&
	       (!class_of[0] || intent_set(out, "device_class", class_of));
}

static bool also(const struct follow *on, const struct home *home,
		 const struct intent *said, struct intent *out)
{
	const struct row *row = find_row(&on->intent);
	const bool has_name = intent_slot(said, "name") != NULL;

	if (!row || !row->has_target)
		return false;
	/* "Is it on?" is asked of a device, not of a room. */
	if (!has_name && str_equal(on->intent.name, "HassGetState"))
		return false;
	*out = named(on->intent.name);
	return copy_slots(&on->intent, false, out) &&
	       (has_name || set_kind(&on->intent, home, out)) &&
	       copy_slots(said, true, out);
}

/* --- "the kitchen one" -------------------------------------------------------------------- */

static bool has_name(const struct entity *entity, const char *name)
{
	bool has = str_equal_folded(entity->name, name);

	for (size_t i = 0; i < entity->alias_count && !has; i++)
		has = str_equal_folded(entity->aliases[i], name);
	return has;
}

/* Is it what was asked about, and what was answered? */
static bool is_candidate(const struct home *home, const struct entity *entity,
			 const struct intent *asked, const struct intent *said)
{
	const char *id = intent_value(said, "entity", entity->id);
	const char *area = intent_value(said, "area", "");
	const char *domain = intent_value(said, "domain", "");

	return entity->exposed && has_name(entity, intent_value(asked, "name", "")) &&
	       str_equal(entity->id, id) &&
	       (!area[0] ||
		(entity->area >= 0 && entity->area == home_find_area(home, area))) &&
	       (!domain[0] || str_equal(entity_domain_text(entity->domain), domain));
}

/* The one device that fits, or NULL. */
static const struct entity *find_candidate(const struct home *home,
					   const struct intent *asked,
					   const struct intent *said)
{
	const struct entity *found = NULL;

	for (size_t i = 0; i < home->entity_count; i++) {
		if (!is_candidate(home, &home->entities[i], asked, said))
			continue;
		if (found)
			return NULL;
		found = &home->entities[i];
	}
	return found;
}

/* Of namesakes the one that was meant. */
static bool choose(const struct home *home, const struct intent *asked,
		   const struct intent *said, struct intent *out)
{
	const struct entity *entity = find_candidate(home, asked, said);

	*out = *asked;
	return entity && intent_set(out, "name", entity->name) &&
	       intent_set(out, "entity", entity->id);
}

/* "Which room?" takes a place, or one device of the kind that was asked about. */
static bool place(const struct home *home, const struct intent *asked,
		  const struct intent *said, struct intent *out)
{
	const struct entity *device = device_of(said, home);
	const char *domain = domain_of(asked, home);

	*out = named(asked->name);
	if (device)
		return domain[0] && device->domain == entity_domain_from_text(domain) &&
		       copy_slots(asked, false, out) && copy_slots(said, true, out);
	*out = *asked;
	return !intent_slot(said, "name") && copy_slots(said, true, out);
}

static bool that(const struct follow *on, const struct home *home,
		 const struct intent *said, struct intent *out)
{
	if (on->intent.name[0] == '\0' || intent_slot(&on->intent, "contact"))
		return false;
	return intent_slot(&on->intent, "name") ? choose(home, &on->intent, said, out)
						: place(home, &on->intent, said, out);
}

/* --- all of them -------------------------------------------------------------------------- */

enum leaning { LEANS_NOT, LEANS_MORE, LEANS_AGAIN, LEANS_ALSO, LEANS_THAT };

static enum leaning leaning_of(const struct intent *intent)
{
	static const char *const NAMES[] = {
		[LEANS_NOT] = "",
		[LEANS_MORE] = "BehestMore",
		[LEANS_AGAIN] = "BehestAgain",
		[LEANS_ALSO] = "BehestAlso",
		[LEANS_THAT] = "BehestThat",
	};

	for (enum leaning i = LEANS_MORE; i <= LEANS_THAT; i++)
		if (str_equal(NAMES[i], intent->name))
			return i;
	return LEANS_NOT;
}

bool understand_can_follow(const struct intent *done)
{
	static const char *const NOT_WITH[] = {"area2",         "ask",
					       "except",        "except_area",
					       "except_domain", "except_group",
					       "group"};

	for (size_t i = 0; i < STR_COUNT(NOT_WITH); i++)
		if (intent_slot(done, NOT_WITH[i]))
			return false; /* more than a target that another can stand for */
	return find_row(done) &&
	       !str_equal(intent_value(done, "domain", ""), "everything");
}

bool understand_leans(const struct understanding *understanding)
{
	return leaning_of(&understanding->intent) != LEANS_NOT;
}

static bool make_whole(const struct follow *on, const struct home *home,
		       const struct intent *said, struct intent *out)
{
	const enum leaning leaning = leaning_of(said);

	if (on->kind != (leaning == LEANS_THAT ? FOLLOW_QUESTION : FOLLOW_DONE))
		return false;
	switch (leaning) {
	case LEANS_NOT:
		return false;
	case LEANS_MORE:
		return more(on, said, out);
	case LEANS_AGAIN:
		return again(on, home, said, out);
	case LEANS_ALSO:
		return also(on, home, said, out);
	case LEANS_THAT:
		return that(on, home, said, out);
	}
	return false;
}

void understand_follow(const struct follow *on, const struct home *home,
		       struct understanding *understanding)
{
	struct intent whole = {.slot_count = 0};

	if (!understand_leans(understanding))
		return;
	/* A name that several have names nothing that was asked about before. */
	if (make_whole(on, home, &understanding->intent, &whole)) {
		understanding->intent = whole;
		understanding->leans = true;
		understanding->confidence = FOLLOW_CONFIDENCE;
		return;
	}
	*understanding = (struct understanding){.reason = REASON_NO_MATCH};
}
