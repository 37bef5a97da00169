/* SPDX-License-Identifier: Apache-2.0 */
/*
 * units - a table of factors, and one formula.
 *
 * Invariant: what is called exact differs from two decimals by less than a binary number
 * can tell.
 */
#include "domain/units.h"

#include <math.h>
#include <stddef.h>

#include "base/must.h"
#include "base/str.h"

enum unit_kind { LENGTH, SPEED, VOLUME, WARMTH, WEIGHT };

static const double COLDEST = -273.15;
static const double HUNDRED = 100.0;
static const double NEAR = 1e-9; /* relative */

static const struct {
	const char *forms[2]; /* of one, of many */
	enum unit_kind kind;
	double factor;
	double offset;
} UNITS[UNIT_COUNT] = {
#define UNIT(name, one, many, kind, factor, offset) \
	[UNIT_##name] = {{one, many}, kind, factor, offset},
#include "domain/units.def"
#undef UNIT
};

enum unit unit_from_text(const char *name)
{
	for (size_t i = 0; i < UNIT_COUNT; i++)
		if (str_equal(UNITS[i].forms[0], name) ||
		    str_equal(UNITS[i].forms[1], name))
			return (enum unit)i;
	return UNIT_COUNT;
}

unsigned unit_form(enum unit unit, double amount)
{
	must(unit < UNIT_COUNT);
	return 2 * (unsigned)unit + (fabs(amount - 1.0) < NEAR ? 0 : 1);
}

const char *unit_form_key(unsigned form)
{
	must(form < UNIT_FORMS);
	return UNITS[form / 2].forms[form % 2];
}

enum err unit_convert(double amount, enum unit from, enum unit to, struct sum *out_sum)
{
	double base;
	double value;
	double rounded;

	must(from < UNIT_COUNT && to < UNIT_COUNT);
	if (UNITS[from].kind != UNITS[to].kind)
		return ERR_UNSUPPORTED;
	if (!(fabs(amount) <= SUMS_LARGEST))
		return ERR_RANGE;
	base = amount * UNITS[from].factor + UNITS[from].offset;
	if (base < (UNITS[from].kind == WARMTH ? COLDEST : 0.0))
		return ERR_RANGE;
	value = (base - UNITS[to].offset) / UNITS[to].factor;
	rounded = round(value * HUNDRED) / HUNDRED;
	if (fabs(rounded) > SUMS_RESULT_LARGEST ||
	    (fabs(rounded) < 1.0 / HUNDRED && fabs(value) > NEAR))
		return ERR_RANGE;
	*out_sum = (struct sum){.value = rounded,
				.is_exact = fabs(value - rounded) <=
					    NEAR * fmax(1.0, fabs(value))};
	return OK;
}
