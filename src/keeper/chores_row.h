/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chores_row - how far the keeper has come with what it does unasked, as rows of the space
 * retention: one of each owner, and one of the clock under a key of zeros.
 *
 * Not signed: a row that somebody changed makes the keeper look again at what it has seen,
 * or pass over it; what is destroyed is only what the journal says is old or erased. Pure.
 */
#ifndef KEEPER_CHORES_ROW_H
#define KEEPER_CHORES_ROW_H

#include "keeper/desk_inner.h"

enum { CHORES_ROW_BYTES = 42, CHORES_CLOCK_ROW_BYTES = 17 };

void chores_row_write(const struct desk_chores *chores, uint8_t to[CHORES_ROW_BYTES]);
/* size: of the journal, behind which nothing can be named. ERR_FORMAT, ERR_VERSION. */
MUST_CHECK enum err chores_row_read(const uint8_t *row, size_t row_size, uint64_t size,
				    struct desk_chores *out_chores);
void chores_row_write_clock(const struct desk_clock *watch,
			    uint8_t to[CHORES_CLOCK_ROW_BYTES]);
MUST_CHECK enum err chores_row_read_clock(const uint8_t *row, size_t row_size,
					  struct desk_clock *out_watch);

#endif
