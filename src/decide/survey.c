/* SPDX-License-Identifier: Apache-2.0 */
/*
 * survey - what several devices tell, in one answer.
 *
 * A device that has told nothing, or cannot be reached, is neither open nor closed: it is
 * named beside the answer, and "all of them are" is never said over it. Knows which devices
 * tell of a thing by their kind and class; values are the devices' own.
 */
#include "decide/survey.h"

#include <math.h>

#include "base/str.h"
#include "decide/target.h"

#define BIT(domain) (UINT64_C(1) << (domain))

enum { CLASSES_MAX = 5 };
static const double BATTERY_LOW_PERCENT = 20;

/* What a question is about, and who can tell of it. */
struct subject {
	const char *about;
	uint64_t domains;
	const char *classes[CLASSES_MAX]; /* empty: any; of covers and sensors alone */
};

static const struct subject SUBJECTS[] = {
	{"battery", BIT(ENTITY_BINARY_SENSOR) | BIT(ENTITY_SENSOR), {"battery"}},
	{"cover", BIT(ENTITY_COVER), {"awning", "blind", "curtain", "shade", "shutter"}},
	{"door",
	 BIT(ENTITY_BINARY_SENSOR) | BIT(ENTITY_COVER),
	 {"door", "garage", "garage_door", "gate", "opening"}},
	{"everything",
	 BIT(ENTITY_FAN) | BIT(ENTITY_LIGHT) | BIT(ENTITY_MEDIA_PLAYER) |
		 BIT(ENTITY_SWITCH),
	 {""}},
	{"fan", BIT(ENTITY_FAN), {""}},
	{"humidity", BIT(ENTITY_SENSOR), {"humidity"}},
	{"leak", BIT(ENTITY_BINARY_SENSOR), {"moisture"}},
	{"light", BIT(ENTITY_LIGHT), {""}},
	{"lock", BIT(ENTITY_BINARY_SENSOR) | BIT(ENTITY_LOCK), {"lock"}},
	{"motion", BIT(ENTITY_BINARY_SENSOR), {"motion", "occupancy", "presence"}},
	{"smoke", BIT(ENTITY_BINARY_SENSOR), {"smoke", "gas", "carbon_monoxide"}},
	{"switch", BIT(ENTITY_SWITCH), {""}},
	{"temperature", BIT(ENTITY_CLIMATE) | BIT(ENTITY_SENSOR), {"temperature"}},
	{"window", BIT(ENTITY_BINARY_SENSOR) | BIT(ENTITY_COVER), {"window"}},
};

/* What a device says to the question. */
enum truth { TRUTH_NO, TRUTH_YES, TRUTH_SILENT };

/* Devices that were asked, by what they said. */
struct survey {
	size_t counts[TRUTH_SILENT + 1];
	struct saying names[TRUTH_SILENT + 1];
	size_t value_count; /* of readings */
	double smallest;
	double largest;
	const struct entity *only; /* that told one, while nothing else has */
};

static const struct subject *find_subject(const struct decide_input *input)
{
	const struct intent *intent = &input->understanding->intent;
	const bool is_heat = str_equal(intent->name, "HassClimateGetTemperature");
	const char *about = intent_value(intent, "about", is_heat ? "temperature" : "");

	for (size_t i = 0; i < STR_COUNT(SUBJECTS); i++)
		if (str_equal(SUBJECTS[i].about, about))
			return &SUBJECTS[i];
	return NULL;
}

/* A class counts for what is of many kinds; a lamp is a lamp. */
static bool has_class(const struct subject *subject, const struct entity *entity)
{
	const bool is_plain =
		entity->domain == ENTITY_CLIMATE || entity->domain == ENTITY_LOCK;

	if (subject->classes[0][0] == '\0' || is_plain)
		return true;
	for (size_t i = 0; i < CLASSES_MAX && subject->classes[i]; i++)
		if (str_equal(subject->classes[i], entity->device_class))
			return true;
	return false;
}

/* --- yes or no --- */

static bool is_open(const struct entity *entity)
{
	const struct entity_state *state = &entity->state;

	if (entity->domain != ENTITY_COVER)
		return state->on;
	if (state->position_percent >= 0)
		return state->position_percent > 0;
	return state->on || str_equal(state->text, "open") ||
	       str_equal(state->text, "opening");
}

/* Of a lock nothing but its own word counts: one that is jammed is not locked. */
static bool is_locked(const struct entity *entity)
{
	return entity->domain == ENTITY_LOCK ? str_equal(entity->state.text, "locked")
					     : !entity->state.on;
}

static enum truth battery_low(const struct entity *entity)
{
	double percent = NAN;

	if (entity->domain == ENTITY_BINARY_SENSOR)
		return entity->state.on ? TRUTH_YES : TRUTH_NO;
	if (!str_to_double(entity->state.text, 0, 100, &percent))
		return TRUTH_SILENT;
	return percent < BATTERY_LOW_PERCENT ? TRUTH_YES : TRUTH_NO;
}

static enum truth truth_of(const struct entity *entity, const char *state)
{
	bool is_so = entity->state.on; /* on, detected */

	if (!entity->state.known || !entity->state.available)
		return TRUTH_SILENT;
	if (str_equal(state, "low"))
		return battery_low(entity);
	if (str_equal(state, "off"))
		is_so = !entity->state.on;
	else if (str_equal(state, "open"))
		is_so = is_open(entity);
	else if (str_equal(state, "closed"))
		is_so = !is_open(entity);
	else if (str_equal(state, "locked"))
		is_so = is_locked(entity);
	else if (str_equal(state, "unlocked"))
		is_so = !is_locked(entity);
	return is_so ? TRUTH_YES : TRUTH_NO;
}

static void survey_begin(struct survey *survey)
{
	*survey = (struct survey){.smallest = INFINITY, .largest = -INFINITY};
	for (size_t i = 0; i < STR_COUNT(survey->names); i++)
		survey->names[i] = saying_make(SAYING_TOLD_WHICH);
	survey->names[TRUTH_SILENT] = saying_make(SAYING_TOLD_SILENT);
}

static void survey_count(struct survey *survey, const struct entity *entity,
			 enum truth truth)
{
	survey->counts[truth]++;
	saying_add_name(&survey->names[truth], SLOT_NAMES, entity->name);
	saying_set_number(&survey->names[truth], SLOT_COUNT_OF,
			  (double)survey->counts[truth]);
}

static struct saying with_state(struct saying said, const char *state)
{
	saying_set_text(&said, SLOT_STATE, state);
	return said;
}

/* The same names in another sentence. */
static struct saying renamed(const struct saying *from, enum saying_key key)
{
	struct saying said = *from;

	said.key = key;
	return said;
}

/* "Is the door locked", "are all windows closed": yes where all are, and else which not. */
static struct saying answer_all(const struct survey *survey, const char *state)
{
	struct saying said;

	if (survey->counts[TRUTH_NO] > 0)
		return with_state(renamed(&survey->names[TRUTH_NO], SAYING_TOLD_NOT),
				  state);
	if (survey->counts[TRUTH_SILENT] == 0)
		return with_state(renamed(&survey->names[TRUTH_YES], SAYING_TOLD_YES),
				  state);
	said = survey->names[TRUTH_YES]; /* as far as anybody knows */
	return survey->counts[TRUTH_YES] > 0 ? with_state(said, state)
					     : saying_make(SAYING_NONE);
}

/* "Which lights are on", "are any windows open". */
static struct saying answer_any(const struct survey *survey, const char *ask,
				const char *state)
{
	const bool is_which = str_equal(ask, "which");
	struct saying said;

	if (survey->counts[TRUTH_YES] > 0)
		return with_state(renamed(&survey->names[TRUTH_YES],
					  is_which ? SAYING_TOLD_WHICH : SAYING_TOLD_YES),
				  state);
	if (survey->counts[TRUTH_NO] == 0)
		return saying_make(SAYING_NONE);
	said = saying_make(SAYING_TOLD_NONE);
	saying_set_text(&said, SLOT_STATE, state);
	return said;
}

/* --- readings --- */

/* NAN: it has told none. */
static double reading_of(const struct entity *entity)
{
	double value = NAN;

	if (!entity->state.known || !entity->state.available)
		return NAN;
	/* A thermometer's own text may be in another unit. */
	if (entity->domain == ENTITY_CLIMATE || !isnan(entity->state.measured_celsius))
		return entity->state.measured_celsius;
	return str_to_double(entity->state.text, -1e6, 1e6, &value) ? value : NAN;
}

static void survey_read(struct survey *survey, const struct entity *entity)
{
	const double value = reading_of(entity);

	if (isnan(value)) {
		survey_count(survey, entity, TRUTH_SILENT);
		return;
	}
	survey->value_count++;
	survey->smallest = fmin(survey->smallest, value);
	survey->largest = fmax(survey->largest, value);
	survey->only = survey->value_count == 1 ? entity : NULL;
}

static double tenths(double value)
{
	return round(value * 10) / 10;
}

/* One value is told as it is; of several, between which they are. */
static struct saying answer_reading(const struct survey *survey, bool is_heat)
{
	struct saying said;

	if (survey->value_count == 0)
		return saying_make(SAYING_NONE);
	if (survey->only && !isnan(survey->only->state.target_celsius)) {
		said = saying_make(SAYING_TOLD_HEAT_SET);
		saying_set_number(&said, SLOT_MEASURED, tenths(survey->smallest));
		saying_set_number(&said, SLOT_TARGET,
				  tenths(survey->only->state.target_celsius));
		return said;
	}
	if (tenths(survey->smallest) == tenths(survey->largest)) {
		said = saying_make(is_heat ? SAYING_TOLD_HEAT : SAYING_TOLD_HUMIDITY);
		saying_set_number(&said, SLOT_MEASURED, tenths(survey->smallest));
		return said;
	}
	said = saying_make(is_heat ? SAYING_TOLD_HEAT_BETWEEN
				   : SAYING_TOLD_HUMIDITY_BETWEEN);
	saying_set_number(&said, SLOT_SMALLEST, tenths(survey->smallest));
	saying_set_number(&said, SLOT_LARGEST, tenths(survey->largest));
	return said;
}

/* --- the question --- */

static void ask_devices(const struct decide_input *input, const struct subject *subject,
			const struct target_filter *filter, const char *state,
			struct survey *survey)
{
	const struct home *home = input->home;

	survey_begin(survey);
	for (size_t i = 0; i < home->entity_count; i++) {
		const struct entity *entity = &home->entities[i];
		if (!target_fits(input, filter, entity) || !has_class(subject, entity))
			continue;
		if (state[0])
			survey_count(survey, entity, truth_of(entity, state));
		else
			survey_read(survey, entity);
	}
}

static size_t all_of(const struct survey *survey)
{
	return survey->counts[TRUTH_NO] + survey->counts[TRUTH_YES] +
	       survey->counts[TRUTH_SILENT] + survey->value_count;
}

/* "The door" and the warmth are meant here, where here has one; all else everywhere. */
static bool asks_here(const struct decide_input *input, const char *ask)
{
	if (intent_slot(&input->understanding->intent, "near"))
		return true;
	return !target_has_place(&input->understanding->intent) &&
	       (ask[0] == '\0' || str_equal(ask, "is"));
}

static struct saying answer(const struct survey *survey, const struct subject *subject,
			    const char *ask, const char *state)
{
	if (state[0] == '\0')
		return answer_reading(survey, str_equal(subject->about, "temperature"));
	return str_equal(ask, "is") || str_equal(ask, "all")
		       ? answer_all(survey, state)
		       : answer_any(survey, ask, state);
}

enum reason survey_answer(const struct decide_input *input, struct plan *plan)
{
	const struct intent *intent = &input->understanding->intent;
	const struct subject *subject = find_subject(input);
	const char *ask = intent_value(intent, "ask", "");
	const char *state = intent_value(intent, "state", "");
	struct target_filter filter;
	struct survey survey;

	if (!subject) /* a household's own sentence may say anything */
		return REASON_NO_ACTION;
	enum reason reason = target_filter(input, subject->domains, &filter);
	if (reason != REASON_NONE)
		return reason;
	const int here = home_find_area(input->home, input->room);
	const bool is_here = asks_here(input, ask) && here >= 0;
	filter.area_count = is_here ? 1 : filter.area_count;
	filter.areas[0] = is_here ? here : filter.areas[0];
	ask_devices(input, subject, &filter, state, &survey);
	if (all_of(&survey) == 0 && is_here && !intent_slot(intent, "near")) {
		filter.area_count = 0;
		ask_devices(input, subject, &filter, state, &survey);
	}
	if (all_of(&survey) == 0)
		return REASON_NO_DEVICE;
	plan->said = answer(&survey, subject, ask, state);
	if (survey.counts[TRUTH_SILENT] == 0)
		return REASON_NONE;
	*(plan->said.key == SAYING_NONE ? &plan->said : &plan->adds) =
		survey.names[TRUTH_SILENT];
	return REASON_NONE;
}
