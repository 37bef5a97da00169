/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason - the rows of reason.def as text. Pure.
 */
#include "domain/reason.h"

#include <stddef.h>

#include "base/must.h"
#include "base/str.h"

static const struct {
	const char *code;
	const char *said;
	const char *explained;
} REASONS[REASON_COUNT] = {
#define REASON(name, said, explained) [REASON_##name] = {#name, said, explained},
#include "domain/reason.def"
#undef REASON
};

const char *reason_code(enum reason reason)
{
	must(reason < REASON_COUNT);
	return REASONS[reason].code;
}

const char *reason_said(enum reason reason)
{
	must(reason < REASON_COUNT);
	return REASONS[reason].said;
}

const char *reason_explained(enum reason reason)
{
	must(reason < REASON_COUNT);
	return REASONS[reason].explained;
}

bool reason_from_code(const char *code, enum reason *out_reason)
{
	for (size_t i = 0; i < REASON_COUNT; i++) {
		if (str_equal(REASONS[i].code, code)) {
			*out_reason = (enum reason)i;
			return true;
		}
	}
	return false;
}
