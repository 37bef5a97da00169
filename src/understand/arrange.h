/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arrange - reads the household's own files: routines.yaml, and groups.yaml with floors
 * and groups (docs/routines.md). Pure: bytes in, values out.
 */
#ifndef UNDERSTAND_ARRANGE_H
#define UNDERSTAND_ARRANGE_H

#include "base/err.h"
#include "domain/arranged.h"
#include "understand/understand.h"

/* Adds the contents of one file; which it is its keys say. Taken whole or not at all. The
 * note reads "name:line:column: what was found; what was expected", and never holds a
 * name or sentence of the household. ERR_FORMAT, ERR_LIMIT or ERR_MEMORY. */
MUST_CHECK enum err arrange_read(const char *name, const char *bytes, size_t size,
				 struct arranged *arranged, struct err_note *note);

/* Adds the sentences that call the routines. */
MUST_CHECK enum err arrange_sentences(const struct arranged *arranged,
				      struct sentences *sentences, struct err_note *note);

#endif
