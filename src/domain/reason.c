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
	const char *explained;
	bool is_spoken;
} REASONS[REASON_COUNT] = {
#define SPOKEN true
#define SILENT false
#define REASON(name, speech, explained) [REASON_##name] = {#name, explained, speech},
#include "domain/reason.def"
#undef REASON
#undef SPOKEN
#undef SILENT
};

const char *reason_code(enum reason reason)
{
	must(reason < REASON_COUNT);
	return REASONS[reason].code;
}

bool reason_is_spoken(enum reason reason)
{
	must(reason < REASON_COUNT);
	return REASONS[reason].is_spoken;
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
