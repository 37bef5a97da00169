/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book - the table of sections, and which keys each has. Pure.
 */
#include "phrase/book.h"

#include <assert.h>

#include "base/must.h"
#include "base/str.h"

static const struct {
	const char *key;
	const char *slots;
	bool may_be_empty;
} PARTS[PART_COUNT] = {
#define PART(name, key, slots, may_be_empty, description) \
	[PART_##name] = {key, slots, may_be_empty},
#include "phrase/parts.def"
#undef PART
};

static const char *const MONTHS[] = {"january",   "february", "march",    "april",
				     "may",       "june",     "july",     "august",
				     "september", "october",  "november", "december"};
static const char *const WEEKDAYS[] = {"sunday",   "monday", "tuesday", "wednesday",
				       "thursday", "friday", "saturday"};

static const char *action_key(size_t index)
{
	return action_name((enum action_kind)index);
}

static const char *day_key(size_t index)
{
	return forecast_span_key((enum forecast_span)index);
}

/* What is now is said without a word for it; what is too far ahead is not said. */
static bool day_wanted(size_t index)
{
	return index != SPAN_NOW && index != SPAN_LATER;
}

static const char *kind_key(size_t index)
{
	return entity_domain_text((enum entity_domain)index);
}

static const char *month_key(size_t index)
{
	return MONTHS[index];
}

static const char *part_key(size_t index)
{
	return PARTS[index].key;
}

static const char *reason_key(size_t index)
{
	return reason_code((enum reason)index);
}

static bool reason_wanted(size_t index)
{
	return reason_is_spoken((enum reason)index);
}

static const char *sky_key(size_t index)
{
	return forecast_sky_key((enum forecast_sky)index);
}

static const char *unit_key(size_t index)
{
	return unit_form_key((unsigned)index);
}

static const char *weekday_key(size_t index)
{
	return WEEKDAYS[index];
}

static const struct section_row SECTIONS[SECTION_COUNT] = {
	[SECTION_ASKED_TO] = {"asked_to", ACTION_KIND_COUNT, action_key, NULL},
	[SECTION_BECAUSE] = {"because", REASON_COUNT, reason_key, NULL},
	[SECTION_DAYS] = {"days", SPAN_COUNT, day_key, day_wanted},
	[SECTION_KINDS] = {"kinds", ENTITY_DOMAIN_COUNT, kind_key, NULL},
	[SECTION_MONTHS] = {"months", STR_COUNT(MONTHS), month_key, NULL},
	[SECTION_PARTS] = {"parts", PART_COUNT, part_key, NULL},
	[SECTION_REFUSED] = {"refused", REASON_COUNT, reason_key, reason_wanted},
	[SECTION_UNITS] = {"units", UNIT_FORMS, unit_key, NULL},
	[SECTION_WEATHER] = {"weather", SKY_COUNT, sky_key, NULL},
	[SECTION_WEEKDAYS] = {"weekdays", STR_COUNT(WEEKDAYS), weekday_key, NULL},
};
static_assert(ACTION_KIND_COUNT <= (int)SECTION_KEYS_MAX, "actions fit a section");
static_assert(REASON_COUNT <= (int)SECTION_KEYS_MAX, "reasons fit a section");
static_assert(ENTITY_DOMAIN_COUNT <= (int)SECTION_KEYS_MAX, "kinds fit a section");
static_assert(SPAN_COUNT <= (int)SECTION_KEYS_MAX, "days fit a section");
static_assert(SKY_COUNT <= (int)SECTION_KEYS_MAX, "kinds of weather fit a section");
static_assert(UNIT_FORMS <= (int)SECTION_KEYS_MAX, "units fit a section");
static_assert(PART_COUNT <= (int)SECTION_KEYS_MAX, "parts fit a section");

const struct section_row *section_row(enum phrase_section section)
{
	must(section < SECTION_COUNT);
	return &SECTIONS[section];
}

const char *part_slots(enum phrase_part part)
{
	must(part < PART_COUNT);
	return PARTS[part].slots;
}

bool part_may_be_empty(enum phrase_part part)
{
	must(part < PART_COUNT);
	return PARTS[part].may_be_empty;
}
