/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capability - what rooms and people may do; the table is domain/capabilities.def. Pure.
 */
#ifndef DOMAIN_CAPABILITY_H
#define DOMAIN_CAPABILITY_H

#include <stdbool.h>
#include <stddef.h>

/* Bits; a set of them is an unsigned. */
enum capability {
#define CAPABILITY(name, bit, text, words) MAY_##name = (bit),
#include "domain/capabilities.def"
#undef CAPABILITY
};

#define CAPABILITY(name, bit, text, words) | (bit)
enum {
	MAY_ALL = 0
/* clang-format off */
#include "domain/capabilities.def"
	/* clang-format on */
};
#undef CAPABILITY

enum { CAPABILITIES_TEXT_BYTES = 64 };

/* What finishes "may": "send messages out of the house". One bit of the table, else a bug. */
const char *capability_words(enum capability capability);
/* "move,tell"; "nothing". */
void capabilities_to_text(unsigned set, char to[CAPABILITIES_TEXT_BYTES]);
/* False, and nothing written, for what is no such list. */
bool capabilities_from_text(const char *text, unsigned *out_set);

#endif
