/* SPDX-License-Identifier: Apache-2.0 */
/*
 * id_prefix - finds one of several by the first digits of its id, as a person gives them.
 *
 * Pure; any thread.
 */
#ifndef CLI_ID_PREFIX_H
#define CLI_ID_PREFIX_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/ids.h"

enum { ID_PREFIX_LETTERS_MIN = 4 }; /* fewer are a slip, or a number */

/* What is looked through; borrowed for the call. */
struct id_prefix_list {
	const char *lists; /* the command that shows the ids: "behest approve" */
	const char *none;  /* the words for when none does: "no message begins so" */
	const void *context;
	size_t count;
	const uint8_t *(*id_at)(const void *context, size_t at); /* ID_BYTES */
};

/* In capitals or not. ERR_RANGE (no such digits, or too few), ERR_MISSING, ERR_EXISTS
 * (several begin so), each with a note. */
MUST_CHECK enum err id_prefix_find(const struct id_prefix_list *list, const char *digits,
				   size_t *out_at, struct err_note *note);

#endif
