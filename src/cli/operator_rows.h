/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operator_rows - what somebody can do who runs a house and has its database, but no key: files
 * one owner's rows under another's name, exchanges rows, and looks for whose they are. For
 * drills, on a keeper's folder while that keeper does not run. One thread.
 */
#ifndef CLI_OPERATOR_ROWS_H
#define CLI_OPERATOR_ROWS_H

#include <stddef.h>

#include "base/err.h"
#include "cli/keeper_alone.h"
#include "port/store.h"

struct operator_rows {
	struct store store;
	struct household_id household;
	/* The answer to the last question: */
	enum err err;
	bool more;
	size_t count;
	struct store_row rows[STORE_RANGE_ROWS_MAX]; /* values owned */
};

MUST_CHECK enum err operator_rows_open(const struct keeper_alone *keeper,
				       struct operator_rows *out_operator,
				       struct err_note *note);
void operator_rows_close(struct operator_rows *rows);

/* The owner of that name, by their row. ERR_MISSING. */
MUST_CHECK enum err operator_rows_owner(struct operator_rows *rows, const char *name,
					struct owner_id *out_owner);
/* How many rows of that space have the owner's id in front: what a program of 2018 would have
 * put in their archive. */
MUST_CHECK enum err operator_rows_count(struct operator_rows *rows,
					enum store_space space, struct owner_id owner,
					size_t *out_count);
/* All rows of that space, copied to another name. */
MUST_CHECK enum err operator_rows_file_as(struct operator_rows *rows,
					  enum store_space space, struct owner_id from,
					  struct owner_id to);
/* Exchanges the values of the first row of each. */
MUST_CHECK enum err operator_rows_exchange(struct operator_rows *rows,
					   enum store_space space, struct owner_id one,
					   struct owner_id other);

#endif
