/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report - see the header. What ended alike, for the same reason, is one clause.
 *
 * Invariant: whatever was added is in the sentence, by name or counted among more; a
 * report in which anything was not done never says that all was.
 */
#include "turn/report.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

/* Clauses in the order in which they are said. */
struct clauses {
	size_t count;
	struct saying sayings[REPORT_CLAUSES_MAX];
};

void report_begin(struct report *report, const char *routine)
{
	memset(report, 0, sizeof(*report));
	(void)str_copy(report->routine, sizeof(report->routine), routine);
}

void report_add(struct report *report, const struct report_part *part)
{
	report->not_done++;
	if (part->end != REPORT_WAITS)
		report->failed++;
	if (report->part_count < REPORT_PARTS_MAX)
		report->parts[report->part_count++] = *part;
}

void report_tell(struct report *report, const struct saying *told)
{
	if (told->key != SAYING_NONE && report->told_count < REPORT_TOLD_MAX)
		report->told[report->told_count++] = *told;
}

/* [end][is_words] */
static const enum saying_key KEYS[][2] = {
	[REPORT_FAILED] = {SAYING_PART_FAILED, SAYING_PART_FAILED_LINES},
	[REPORT_WAITS] = {SAYING_PART_WAITS, SAYING_PART_WAITS_LINES},
	[REPORT_UNCLEAR] = {SAYING_PART_UNCLEAR, SAYING_PART_UNCLEAR},
};

static bool is_alike(const struct report_part *a, const struct report_part *b)
{
	return a->end == b->end && a->is_words == b->is_words &&
	       (a->end != REPORT_FAILED || a->reason == b->reason);
}

/* True where an earlier part has said it along. */
static bool is_said(const struct report *report, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (is_alike(&report->parts[i], &report->parts[at]))
			return true;
	return false;
}

static struct saying *clause_add(struct clauses *clauses, enum saying_key key)
{
	must(clauses->count < REPORT_CLAUSES_MAX);
	clauses->sayings[clauses->count] = saying_make(key);
	return &clauses->sayings[clauses->count++];
}

/* A part with all that ended alike. */
static void add_clause(const struct report *report, size_t at, struct clauses *clauses)
{
	const struct report_part *part = &report->parts[at];
	const bool is_words = part->is_words || part->end == REPORT_UNCLEAR;
	struct saying *said = clause_add(clauses, KEYS[part->end][part->is_words]);

	for (size_t i = at; i < report->part_count; i++)
		if (is_alike(&report->parts[i], part))
			saying_add_name(said, is_words ? SLOT_LINES : SLOT_NAMES,
					report->parts[i].name);
	if (part->end == REPORT_FAILED)
		saying_set_number(said, SLOT_BECAUSE, part->reason);
}

/* How much of it was done; nothing where only waiting is left to tell of devices. */
static void add_head(const struct report *report, struct clauses *clauses)
{
	const bool is_routine = report->routine[0] != '\0';
	struct saying *said;

	if (!is_routine && report->done == 0)
		return;
	said = clause_add(clauses,
			  is_routine ? SAYING_DONE_ROUTINE_SOME : SAYING_DONE_SOME);
	if (is_routine)
		saying_set_text(said, SLOT_NAME, report->routine);
	saying_set_number(said, SLOT_DONE, (double)report->done);
	saying_set_number(said, SLOT_ALL, (double)(report->done + report->not_done));
}

/* Of more kinds of end than there is room for, the last clause counts the rest. */
static void add_parts(const struct report *report, struct clauses *clauses)
{
	size_t named = 0;

	for (size_t i = 0; i < report->part_count; i++) {
		if (is_said(report, i))
			continue;
		if (clauses->count + 1 == REPORT_CLAUSES_MAX)
			break;
		add_clause(report, i, clauses);
		for (size_t k = i; k < report->part_count; k++)
			named += is_alike(&report->parts[k], &report->parts[i]);
	}
	if (named == report->not_done)
		return;
	struct saying *said = clause_add(clauses, SAYING_PART_MORE);
	saying_set_number(said, SLOT_COUNT_OF, (double)(report->not_done - named));
}

/* All of it was done. */
static void add_whole(const struct report *report, struct clauses *clauses)
{
	if (report->routine[0]) {
		saying_set_text(clause_add(clauses, SAYING_DONE_ROUTINE), SLOT_NAME,
				report->routine);
		return;
	}
	saying_set_number(clause_add(clauses, SAYING_DONE_ALL), SLOT_ALL,
			  (double)report->done);
}

static void say_told(const struct report *report, const struct phrasebook *phrasebook,
		     char to[SAYING_SPOKEN_BYTES])
{
	char text[SAYING_SPOKEN_BYTES];

	for (size_t i = 0; i < report->told_count; i++) {
		phrasebook_say(phrasebook, &report->told[i], text);
		(void)str_append(to, SAYING_SPOKEN_BYTES, "%s%s", to[0] ? " " : "", text);
	}
}

/* What was not done comes first: it is never what an answer that is too long loses. */
void report_say(const struct report *report, const struct phrasebook *phrasebook,
		char to[SAYING_SPOKEN_BYTES])
{
	struct clauses clauses = {.count = 0};

	if (report->not_done > 0) {
		add_head(report, &clauses);
		add_parts(report, &clauses);
	} else if (report->done > 0) {
		add_whole(report, &clauses);
	}
	to[0] = '\0';
	if (clauses.count > 0)
		phrasebook_join(phrasebook, clauses.sayings, clauses.count, to);
	say_told(report, phrasebook, to);
	str_clean(to);
}
