/* SPDX-License-Identifier: Apache-2.0 */
/*
 * units - weights, lengths, volumes, temperatures and speeds, one in another. Pure.
 */
#ifndef DOMAIN_UNITS_H
#define DOMAIN_UNITS_H

#include "base/err.h"
#include "domain/sums.h"

enum unit {
#define UNIT(name, one, many, kind, factor, offset) UNIT_##name,
#include "domain/units.def"
#undef UNIT
	UNIT_COUNT
};

/* Forms of a unit's name, of one and of many: two for each. */
enum { UNIT_FORMS = 2 * UNIT_COUNT };

/* By either form of its name; UNIT_COUNT: none. */
enum unit unit_from_text(const char *name);
/* The form that goes with so many. */
unsigned unit_form(enum unit unit, double amount);
const char *unit_form_key(unsigned form); /* "gram", "grams" */

/* ERR_UNSUPPORTED: they measure different things. ERR_RANGE: out of bounds of sums.h, below
 * nothing, colder than can be, or so small that two decimals do not show it. */
MUST_CHECK enum err unit_convert(double amount, enum unit from, enum unit to,
				 struct sum *out_sum);

#endif
