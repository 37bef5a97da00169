/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report - what became of several things that were asked for together, and how that is
 * said in one sentence: what was not done, and why; what waits for a tap; what was not
 * understood. Everything by name.
 *
 * Still without words of its own: those are the phrasebook's. Used by turn/ only.
 */
#ifndef TURN_REPORT_H
#define TURN_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "domain/arranged.h"
#include "domain/reason.h"
#include "domain/saying.h"
#include "phrase/phrasebook.h"

enum {
	REPORT_PARTS_MAX = 64,                   /* that are named; more are counted */
	REPORT_TOLD_MAX = 2 * ROUTINE_LINES_MAX, /* and what some add */
	REPORT_CLAUSES_MAX = 12,
};

enum report_end {
	REPORT_FAILED,
	REPORT_WAITS,  /* for a tap */
	REPORT_UNCLEAR /* the words were not understood */
};

struct report_part {
	enum report_end end;
	enum reason reason; /* of REPORT_FAILED */
	bool is_words;      /* the name is a line's words, not a device's */
	char name[NAME_BYTES];
};

struct report {
	char routine[NAME_BYTES]; /* "" several devices, and no routine */
	size_t done;
	size_t not_done; /* of whatever end */
	size_t failed;   /* of those, what neither waits nor was done */
	size_t part_count;
	struct report_part parts[REPORT_PARTS_MAX];
	size_t told_count;
	struct saying told[REPORT_TOLD_MAX];
};

void report_begin(struct report *report, const char *routine);
void report_add(struct report *report, const struct report_part *part);
void report_tell(struct report *report, const struct saying *told);
/* Into words; never empty. */
void report_say(const struct report *report, const struct phrasebook *phrasebook,
		char to[SAYING_SPOKEN_BYTES]);

#endif
