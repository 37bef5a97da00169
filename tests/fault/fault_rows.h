/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_rows - rows as an intruder has them, of a keeper that is closed. One thread.
 */
#ifndef FAULT_FAULT_ROWS_H
#define FAULT_FAULT_ROWS_H

#include "fault/fault_world.h"

enum { FAULT_ROWS_MAX = 1024 };

struct fault_rows {
	size_t count;
	struct store_row rows[FAULT_ROWS_MAX]; /* values owned */
	size_t left;                           /* answers that are still to come */
};

/* All rows of these spaces, space after space, each in order. */
void fault_rows_take(struct fault_world *world, const enum store_space *spaces,
		     size_t count, struct fault_rows *to);
void fault_rows_free(struct fault_rows *rows);
size_t fault_rows_count(const struct fault_rows *rows, enum store_space space);
const struct store_row *fault_rows_find(const struct fault_rows *rows,
					const struct store_key *key);

#endif
