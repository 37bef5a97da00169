/* SPDX-License-Identifier: Apache-2.0 */
/*
 * small_talk - sums, units, spelling, and what can be said here. Asks nobody and moves nothing.
 *
 * What was asked for has been held against its limits when it was planned; examples are
 * of devices that this house really has, this room's own first.
 */
#include <stdlib.h>
#include <string.h>

#include "act/actions.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/spelling.h"
#include "domain/sums.h"
#include "domain/units.h"

enum { EXAMPLE_KINDS = 3 };

void act_tell_sum(const struct action *action, const struct act_ports *ports,
		  uint64_t token, struct act_result *result)
{
	char *rest = NULL;
	const double first = strtod(action->words, &rest);
	const double second = strtod(rest, NULL);
	struct sum sum = {0};

	(void)ports;
	(void)token;
	if (sum_make(first, action->mode, second, &sum)) {
		result->reason = REASON_OUT_OF_RANGE;
		return;
	}
	result->said =
		saying_make(sum.is_exact ? SAYING_TOLD_SUM : SAYING_TOLD_SUM_ABOUT);
	saying_set_number(&result->said, SLOT_RESULT, sum.value);
}

void act_tell_units(const struct action *action, const struct act_ports *ports,
		    uint64_t token, struct act_result *result)
{
	char *rest = NULL;
	const double amount = strtod(action->words, &rest);
	const enum unit from = unit_from_text(rest + strspn(rest, " "));
	const enum unit to = unit_from_text(action->item);
	struct sum sum = {0};

	(void)ports;
	(void)token;
	if (from == UNIT_COUNT || to == UNIT_COUNT ||
	    unit_convert(amount, from, to, &sum)) {
		result->reason = REASON_OUT_OF_RANGE;
		return;
	}
	result->said =
		saying_make(sum.is_exact ? SAYING_TOLD_UNITS : SAYING_TOLD_UNITS_ABOUT);
	saying_set_number(&result->said, SLOT_AMOUNT, amount);
	saying_set_number(&result->said, SLOT_FROM, unit_form(from, amount));
	saying_set_number(&result->said, SLOT_RESULT, sum.value);
	saying_set_number(&result->said, SLOT_UNIT, unit_form(to, sum.value));
}

void act_tell_spelling(const struct action *action, const struct act_ports *ports,
		       uint64_t token, struct act_result *result)
{
	char letters[TEXT_BYTES];

	(void)ports;
	(void)token;
	if (!spelling_make(action->words, letters, sizeof(letters))) {
		result->reason = REASON_OUT_OF_RANGE;
		return;
	}
	result->said = saying_make(SAYING_TOLD_SPELLING);
	saying_set_text(&result->said, SLOT_NAME, action->words);
	saying_set_text(&result->said, SLOT_WORDS, letters);
}

static bool is_example(const struct entity *entity, enum entity_domain domain)
{
	return entity->domain == domain && entity->exposed && !entity->read_only &&
	       entity_domain_harmless(domain);
}

/* One of the room itself, else any. */
static const struct entity *find_example(const struct home *home, const char *room,
					 enum entity_domain domain)
{
	const struct entity *any = NULL;

	for (size_t i = 0; i < home->entity_count; i++) {
		const struct entity *entity = &home->entities[i];

		if (!is_example(entity, domain))
			continue;
		if (entity->area >= 0 &&
		    str_equal_folded(home->areas[entity->area].name, room))
			return entity;
		if (!any)
			any = entity;
	}
	return any;
}

/* "light kitchen light": the kind in front says which sentence the name is put into. */
void act_tell_examples(const struct action *action, const struct act_ports *ports,
		       uint64_t token, struct act_result *result)
{
	static const enum entity_domain kinds[EXAMPLE_KINDS] = {ENTITY_LIGHT,
								ENTITY_CLIMATE,
								ENTITY_COVER};
	const struct home *home = bus_home(ports->bus);

	(void)token;
	result->said = saying_make(SAYING_TOLD_EXAMPLES);
	for (size_t i = 0; i < EXAMPLE_KINDS; i++) {
		const struct entity *entity = find_example(home, action->room, kinds[i]);
		char text[NAME_BYTES];

		if (entity && str_format(text, sizeof(text), "%s %s",
					 entity_domain_text(kinds[i]), entity->name))
			saying_add_name(&result->said, SLOT_EXAMPLES, text);
	}
	saying_add_name(&result->said, SLOT_EXAMPLES, "unknown ");
}
