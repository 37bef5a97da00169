/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alike_names - which new names somebody who hears or types them may take for another:
 * equal, one letter apart, or sounding the same.
 *
 * Pure but for memory and the sounds it is given.
 */
#ifndef CLI_ALIKE_NAMES_H
#define CLI_ALIKE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "domain/ids.h"
#include "understand/understand.h"

enum { ALIKE_NAMES_MAX = 1024 };

enum alike_how { ALIKE_NOT, ALIKE_EQUAL, ALIKE_LETTER, ALIKE_SOUND };

struct alike_name {
	const char *text;     /* borrowed */
	struct person_id who; /* whose name it is; none: nobody's of the house */
	bool is_contact; /* a person and the contact that is their inbox may be alike */
	bool is_new;
};

/* Indices; a is new, b stands there already or is new and stands before a. */
struct alike_pair {
	size_t a;
	size_t b;
	enum alike_how how;
};

/* Finishes "Ana and Anna ...". */
const char *alike_words(enum alike_how how);

/* Writes the first pairs_max of the pairs and how many there are. sounds.ops NULL: names
 * are compared by their letters alone. ERR_LIMIT: too many names. */
MUST_CHECK enum err alike_names_find(const struct alike_name *names, size_t count,
				     struct sounds sounds, struct alike_pair *pairs,
				     size_t pairs_max, size_t *out_count);

#endif
