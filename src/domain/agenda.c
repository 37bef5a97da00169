/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agenda - an array kept in order by insertion.
 */
#include "domain/agenda.h"

#include <string.h>

#include "base/str.h"

void agenda_add(struct agenda *agenda, const struct agenda_entry *entry)
{
	size_t at = agenda->count;

	while (at > 0 && agenda->entries[at - 1].start_s > entry->start_s)
		at--;
	if (agenda->count == AGENDA_ENTRIES_MAX) {
		agenda->is_cut = true;
		if (at == AGENDA_ENTRIES_MAX)
			return;
		agenda->count--;
	}
	memmove(&agenda->entries[at + 1], &agenda->entries[at],
		(agenda->count - at) * sizeof(*entry));
	agenda->entries[at] = *entry;
	agenda->count++;
}

void agenda_drop(struct agenda *agenda, uint64_t series, int64_t start_s)
{
	size_t kept = 0;

	for (size_t i = 0; i < agenda->count; i++) {
		const struct agenda_entry *entry = &agenda->entries[i];

		if (entry->series == series && entry->start_s == start_s &&
		    !entry->is_exception)
			continue;
		if (kept != i)
			agenda->entries[kept] = *entry;
		kept++;
	}
	agenda->count = kept;
}

/* What takes no time is on when it begins. */
static bool is_on(const struct agenda_entry *entry, int64_t from_s, int64_t until_s)
{
	return entry->start_s < until_s &&
	       (entry->end_s > from_s || entry->start_s >= from_s);
}

const struct agenda_entry *agenda_on(const struct agenda *agenda, int64_t from_s,
				     int64_t until_s, size_t index)
{
	for (size_t i = 0; i < agenda->count; i++)
		if (is_on(&agenda->entries[i], from_s, until_s) && index-- == 0)
			return &agenda->entries[i];
	return NULL;
}

static bool has_words(const struct agenda_entry *entry, const char *words)
{
	char text[AGENDA_TEXT_BYTES];
	char wanted[AGENDA_TEXT_BYTES];

	if (!words[0] || !str_copy(wanted, sizeof(wanted), words))
		return false;
	(void)str_copy(text, sizeof(text), entry->text);
	str_fold(text);
	str_fold(wanted);
	return strstr(text, wanted) != NULL;
}

const struct agenda_entry *agenda_next(const struct agenda *agenda, const char *words,
				       int64_t now_s)
{
	for (size_t i = 0; i < agenda->count; i++)
		if (is_on(&agenda->entries[i], now_s, INT64_MAX) &&
		    has_words(&agenda->entries[i], words))
			return &agenda->entries[i];
	return NULL;
}
