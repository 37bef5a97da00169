/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agenda - what is on: single occurrences in order of their beginning, of a bounded number.
 *
 * Knows no file and no rule of repetition (adapter/calendar_ical.h). Pure but for memory.
 */
#ifndef DOMAIN_AGENDA_H
#define DOMAIN_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AGENDA_ENTRIES_MAX = 512, AGENDA_TEXT_BYTES = 96 };

struct agenda_entry {
	int64_t start_s; /* since 1970; of a whole day: where it begins here */
	int64_t end_s;   /* never before start_s */
	bool all_day;
	uint64_t series;   /* what it is an occurrence of */
	bool is_exception; /* stands in the place of another occurrence of it */
	char text[AGENDA_TEXT_BYTES];
};

struct agenda {
	size_t count;
	bool is_cut; /* what is later than the last was left out */
	struct agenda_entry entries[AGENDA_ENTRIES_MAX];
};

/* Keeps the order. Of more than AGENDA_ENTRIES_MAX the latest is left out. */
void agenda_add(struct agenda *agenda, const struct agenda_entry *entry);
/* The ordinary occurrence of the series that begins then is not there after all. */
void agenda_drop(struct agenda *agenda, uint64_t series, int64_t start_s);
/* The index-th that is on at some time of [from_s, until_s); NULL behind the last. */
const struct agenda_entry *agenda_on(const struct agenda *agenda, int64_t from_s,
				     int64_t until_s, size_t index);
/* The first that is not over at now_s and whose text has the words; NULL: none. */
const struct agenda_entry *agenda_next(const struct agenda *agenda, const char *words,
				       int64_t now_s);

#endif
