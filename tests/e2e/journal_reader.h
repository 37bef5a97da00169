/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal_reader - the whole journal of a house whose keeper does not run, read from its
 * folder with the keeper's own key, row by row.
 *
 * For tests that compare what was done with what was written. Anything that does not open
 * fails the test. One thread.
 */
#ifndef E2E_JOURNAL_READER_H
#define E2E_JOURNAL_READER_H

#include <stddef.h>
#include <stdint.h>

#include "domain/event.h"

struct journal_copy {
	size_t count;
	size_t capacity;
	struct event *events; /* owned; events[i] has place i + 1 */
};

/* folder: the keeper's, with keeper.db and keeper.key. */
void journal_copy_read(struct journal_copy *copy, const char *folder);
void journal_copy_finish(struct journal_copy *copy);

/* The place of the turn's first event of that kind, or 0. */
uint64_t journal_copy_find(const struct journal_copy *copy, uint64_t turn,
			   enum event_kind kind);
/* How many there are of the kind; turn 0: in any turn. */
size_t journal_copy_count(const struct journal_copy *copy, uint64_t turn,
			  enum event_kind kind);
/* The event at a place. */
const struct event *journal_copy_at(const struct journal_copy *copy, uint64_t place);

#endif
