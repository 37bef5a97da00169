/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason - the stable codes that explain every decision (domain/reason.def).
 */
#ifndef DOMAIN_REASON_H
#define DOMAIN_REASON_H

#include <stdbool.h>

enum reason {
#define REASON(name, speech, explained) REASON_##name,
#include "domain/reason.def"
#undef REASON
	REASON_COUNT
};

const char *reason_code(enum reason reason);      /* "NEEDS_TAP" */
bool reason_is_spoken(enum reason reason);        /* else it is silence */
const char *reason_explained(enum reason reason); /* finishes "because ..." */
bool reason_from_code(const char *code, enum reason *out_reason);

#endif
