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
/* The event of a row, if it is whole and of a known kind. */
bool looking_back_event(struct desk *desk, const struct store_row *row,
			uint64_t *out_place, struct event *out_event);
/* Whether the signed-in owner may see what happened in that room: a room that another
 * owner declared private is theirs. */
bool looking_back_may_see(const struct desk *desk, const struct desk_link *link,
			  const char *room);

#endif
