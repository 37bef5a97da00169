/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operator_rows - what somebody can do who runs a house and has a SQL prompt, but no key: files
 * one owner's rows under another's name, and exchanges rows. For drills, on a keeper's folder
 * while that keeper does not run. It takes the program sqlite3: nothing of ours but the
 * keeper opens a keeper's database.
 */
#ifndef CLI_OPERATOR_ROWS_H
#define CLI_OPERATOR_ROWS_H

#include <stddef.h>

#include "base/err.h"
#include "cli/keeper_alone.h"

/* Owners go by their names, tables by those of the spaces (port/store.def). ERR_MISSING: there
 * is no sqlite3 here.
 *
 * How many rows have the owner's number in front: what a program or a clerk of 2018 would have
 * put in their archive. */
MUST_CHECK enum err operator_rows_count(const struct keeper_alone *keeper,
					const char *table, const char *owner,
					size_t *out_count, struct err_note *note);
/* All of them, copied to another's number. */
MUST_CHECK enum err operator_rows_file_as(const struct keeper_alone *keeper,
					  const char *table, const char *from,
					  const char *to, struct err_note *note);
/* Exchanges the values of the first row of each. */
MUST_CHECK enum err operator_rows_exchange(const struct keeper_alone *keeper,
					   const char *table, const char *one,
					   const char *other, struct err_note *note);

#endif
