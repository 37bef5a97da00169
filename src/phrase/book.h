/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book - what a phrasebook consists of: sections with fixed keys, and two lists of words
 * that devices bring along. Inside of phrase/ only.
 */
#ifndef PHRASE_BOOK_H
#define PHRASE_BOOK_H

#include "base/arena.h"
#include "domain/action.h"
#include "domain/forecast.h"
#include "domain/units.h"
#include "phrase/phrasebook.h"

enum phrase_part {
#define PART(name, key, slots, may_be_empty, description) PART_##name,
#include "phrase/parts.def"
#undef PART
	PART_COUNT
};

enum phrase_section {
	SECTION_ASKED_TO, /* by enum action_kind */
	SECTION_BECAUSE,  /* by enum reason */
	SECTION_DAYS,     /* by enum forecast_span; those that are answered */
	SECTION_KINDS,    /* by enum entity_domain */
	SECTION_MONTHS,
	SECTION_PARTS,   /* by enum phrase_part */
	SECTION_REFUSED, /* by enum reason; those that are spoken */
	SECTION_UNITS,   /* by the form of a unit's name */
	SECTION_WEATHER, /* by enum forecast_sky */
	SECTION_WEEKDAYS,
	SECTION_COUNT
};

enum { SECTION_KEYS_MAX = 128 };

/* A section has exactly the keys that are wanted of 0..count-1. */
struct section_row {
	const char *name;
	size_t count;
	const char *(*key)(size_t index);
	bool (*is_wanted)(size_t index); /* NULL: all */
};

const struct section_row *section_row(enum phrase_section section);
/* The names, with spaces between them, that stand in braces in a part's text. */
const char *part_slots(enum phrase_part part);
bool part_may_be_empty(enum phrase_part part);

/* A saying: `other`, or by a number of it `zero` (where there is one) and `one`. */
struct phrase_form {
	enum saying_slot by; /* SLOT_NONE: only `other` */
	const char *zero;
	const char *one;
	const char *other;
};

struct phrase_word {
	const char *from;
	const char *to;
};

struct phrase_words {
	size_t count;
	struct phrase_word *words;
};

struct phrasebook {
	struct arena *arena;
	struct phrase_form sayings[SAYING_COUNT];
	const char *texts[SECTION_COUNT][SECTION_KEYS_MAX];
	struct phrase_words states;
	struct phrase_words colours;
};

#endif
