/* SPDX-License-Identifier: Apache-2.0 */
/*
 * looking_back - the journal read from its end, page by page, for jobs of the desk.
 */
#ifndef KEEPER_LOOKING_BACK_H
#define KEEPER_LOOKING_BACK_H

#include <stdbool.h>

#include "keeper/desk_inner.h"

/* Asks for the page of places below *below, and moves that to the page's first place, so
 * that asking again goes on. ERR_MISSING: there is nothing below. */
MUST_CHECK enum err looking_back_ask(struct desk *desk, struct job *job, uint64_t *below,
				     job_rows_fn *rows);
/* The first place that was written at a time or later, by halving: low is 1 and high one
 * behind the last place at first; between the two it lies. Where clocks were set back it is
 * near there. */
struct looking_back_finding {
	uint64_t low;
	uint64_t high;
	int64_t at_ms;
};
/* Takes the answer to what it asked last (NULL at first), and asks anew. ERR_MISSING: found,
 * it is low. ERR_FORMAT: a row that cannot be one. */
MUST_CHECK enum err looking_back_find(struct desk *desk, struct job *job,
				      struct looking_back_finding *finding,
				      const struct store_rows *rows, job_rows_fn *next);
/* The event of a row, if it is whole and of a known kind. */
bool looking_back_event(struct desk *desk, const struct store_row *row,
			uint64_t *out_place, struct event *out_event);
/* Whether the signed-in owner may see what happened in that room: a room that another
 * owner declared private is theirs. */
bool looking_back_may_see(const struct desk *desk, const struct desk_link *link,
			  const char *room);

#endif
