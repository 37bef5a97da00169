/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near - words of no sentence, read as others that are written nearly so: one letter
 * wrong, missing, too many or changed over (two in long words), or two words written as
 * one, or one as two.
 *
 * Inside of understand/ only. What comes of it is asked for, never done.
 */
#ifndef UNDERSTAND_NEAR_H
#define UNDERSTAND_NEAR_H

#include "understand/resolve.h"

enum {
	NEAR_UNKNOWN_MAX = 2, /* words of a request that may be read otherwise */
	NEAR_TRIED_MAX = 8,   /* words that are looked for among all words */
	NEAR_READINGS_MAX = 4 /* of one word, the nearest first */
};

struct near;

/* ERR_MISSING: nothing can be read another way. ERR_MEMORY. Borrows the request. */
MUST_CHECK enum err near_create(const struct request *request,
				const struct wording *wording, struct near **out_near);
void near_destroy(struct near *near); /* NULL is fine */

/* The next way to read it; false behind the last. */
bool near_next(struct near *near, struct wording *out_wording);

#endif
