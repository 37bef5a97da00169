/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template - one sentence of the template language as a tree.
 *
 * The language is that of Home Assistant's intents (hassil): `[optional]`, `(a|b)`,
 * `(a;b)` in any order, `{list}`, `{list:slot}`, `{1..100,5:slot}`, `<rule>`, and `\`
 * before a character that means itself. Pure but for the arena.
 */
#ifndef UNDERSTAND_TEMPLATE_H
#define UNDERSTAND_TEMPLATE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

enum {
	TEMPLATE_BYTES_MAX = 4096,
	TEMPLATE_DEPTH_MAX = 32,  /* brackets inside brackets */
	TEMPLATE_PERMUTED_MAX = 5 /* parts of one (a;b;c) */
};

enum part_kind {
	PART_TEXT,     /* text as written */
	PART_SEQUENCE, /* children one after the other */
	PART_CHOICE,   /* one of the children */
	PART_PERMUTE,  /* the children in any order */
	PART_OPTIONAL, /* its one child or nothing */
	PART_LIST,     /* a value of the list `text` into `slot` */
	PART_RANGE,    /* a number of `range` into `slot` */
	PART_RULE      /* what the rule `text` says */
};

enum range_fractions { RANGE_WHOLE, RANGE_HALVES, RANGE_TENTHS };

struct range {
	double from;
	double to;
	double step;
	double multiplier;
	enum range_fractions fractions;
};

struct part {
	enum part_kind kind;
	const char *text;
	const char *slot;
	const struct range *range;
	struct part *first; /* children, in order, linked by next */
	struct part *last;
	struct part *next;
	size_t count; /* of children */
	unsigned line;
	unsigned column;
};

/* Where a template stands, for the note. */
struct place {
	const char *file;
	unsigned line;
	unsigned column;
};

/* Says "file:line:column: found; expected ..." and returns err. */
enum err place_say(enum err err, struct err_note *note, struct place place,
		   const char *found, const char *expected);

/* Parses text, which begins at place; the tree lives as long as the arena. */
MUST_CHECK enum err template_parse(struct arena *arena, const char *text,
				   struct place place, const struct part **out_part,
				   struct err_note *note);

#endif
